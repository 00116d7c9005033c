"""Result types found by trial, and those that are what the first argument was.

The function runs on zeros whose unknown lengths are distinct numbers, twice with different numbers in opposite order
and once with ones where a length may be 1. An axis of the result whose length follows an axis of an operand in all runs
has the dim of that axis; where the runs disagree on the rank nothing is known. A function that refuses distinct lengths
is tried with lengths that are all the same, which tells the rank and the dtype.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from srcgrad.ir.types import ANY, Arr, Axis, Dim, ListOf, Num, Tup, Type, is_one, join_all, of_constant
from srcgrad.rules.results import ResultFn, fresh_dim, type_of

RISING = (11, 13, 17, 19, 23, 29, 31, 37, 41, 43)
LARGEST_TRIAL = 2_000_000
REFUSALS = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)


class Unknown(Exception):
    """Something in the arguments is not known well enough."""


class Lengths:
    """The numbers that stand for symbolic lengths in one run."""

    def __init__(self, run: str, integers: bool, alike: bool = False) -> None:
        self.order: dict[str, int] = {}
        self.run, self.integers, self.alike = run, integers, alike

    def of_symbol(self, symbol: str) -> int:
        """The number for a symbol: rising with its place, or falling."""
        place = 0 if self.alike else self.order.setdefault(symbol, len(self.order))
        if place >= len(RISING):
            raise Unknown
        return RISING[place] if self.run != "falling" else 2 * RISING[-1] + 1 - RISING[place]

    def of_axis(self, axis: Axis) -> int:
        """The length of an axis."""
        if isinstance(axis, int):
            return axis
        if self.run == "ones" and is_one(axis) is None:
            return 1
        return self.of_symbol("?") if axis is None else self.of_symbol(axis.symbol) - axis.minus

    def example(self, operand: Any) -> Any:
        """A value of the type of an operand; constants stand for themselves."""
        if isinstance(operand, (tuple, list)):
            return type(operand)(self.example(item) for item in operand)
        if isinstance(operand, Tup):
            return tuple(self.example(item) for item in operand.items)
        if isinstance(operand, Arr) and operand.dims is not None:
            shape = tuple(map(self.of_axis, operand.dims))
            if math.prod(shape) > LARGEST_TRIAL:
                raise Unknown
            return np.zeros(shape, operand.dtype)
        if isinstance(operand, Num):
            return self.number(operand)
        if isinstance(operand, ListOf):
            return [self.example(operand.item) for _ in range(self.of_axis(Dim("items of a list")))]
        if isinstance(operand, Type):
            raise Unknown
        return operand

    def number(self, operand: Num) -> Any:
        """A number; an integer may be a length, which differs from run to run."""
        if operand.kind == "int" and self.integers:
            return 1 if self.run == "ones" else self.of_symbol(f"int{len(self.order)}")
        if operand.kind in (None, "int"):
            raise Unknown
        example = {"bool": True, "float": 1.0, "complex": 1j}[operand.kind]
        return example if operand.dtype is None else operand.dtype.type(example)


def axes_in(operand: Any) -> Iterator[Dim]:
    """Every symbolic dim among the operands."""
    if isinstance(operand, (tuple, list)):
        for item in operand:
            yield from axes_in(item)
    elif isinstance(operand, Tup):
        yield from axes_in(operand.items)
    elif isinstance(operand, Arr) and operand.dims is not None:
        yield from (dim for dim in operand.dims if isinstance(dim, Dim))


def vague_dtype(operand: Any) -> bool:
    """Is the dtype of an array among the operands unknown?"""
    if isinstance(operand, (tuple, list)):
        return any(map(vague_dtype, operand))
    if isinstance(operand, Tup):
        return any(map(vague_dtype, operand.items))
    return isinstance(operand, Arr) and operand.dtype is None


def by_trial(fn: Callable[..., Any], integers: bool = False) -> ResultFn:
    """The result type of `fn`, found by running it; `integers`: int arguments are lengths and counts, never axes."""

    def result(*args: Any, **kwargs: Any) -> Type:
        operands = [*args, *kwargs.values()]
        dims = list(dict.fromkeys(axes_in(operands)))
        for alike in (False, True) if len(dims) > 1 else (False,):
            runs = [Lengths(run, integers, alike) for run in ("rising", "falling", "ones")]
            try:
                outs = [_run(fn, args, kwargs, run) for run in runs]
            except REFUSALS:
                continue
            except Unknown:
                break
            return _follow(outs, runs, [] if alike else dims, vague_dtype(operands))
        return ANY

    return result


def _run(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], run: Lengths) -> Any:
    values = [run.example(arg) for arg in args]
    named = {name: run.example(arg) for name, arg in kwargs.items()}
    with np.errstate(all="ignore"):
        return fn(*values, **named)


def _follow(outs: list[Any], runs: list[Lengths], dims: list[Dim], vague: bool) -> Type:
    """The type of a result from what it was in three runs."""
    first = outs[0]
    if isinstance(first, (tuple, list)):
        if any(len(out) != len(first) for out in outs):
            return ANY
        items = tuple(_follow(list(parts), runs, dims, vague) for parts in zip(*outs, strict=True))
        return Tup(items) if isinstance(first, tuple) else ListOf(join_all(items)) if items else ANY
    if any(type(out) is not type(first) or np.ndim(out) != np.ndim(first) for out in outs):
        return ANY
    if not isinstance(first, np.ndarray):
        return Num(None) if vague else of_constant(first)
    if any(out.dtype != first.dtype for out in outs):
        return Arr(None, None)
    lengths = zip(*(out.shape for out in outs), strict=True)
    return Arr(None if vague else first.dtype, tuple(_same_axis(found, runs, dims) for found in lengths))


def _same_axis(found: tuple[int, ...], runs: list[Lengths], dims: list[Dim]) -> Axis:
    """The axis that had the lengths `found` in the runs."""
    for dim in dims:
        if found == tuple(run.of_axis(dim) for run in runs):
            return dim
    if len(set(found)) == 1 and found[0] < RISING[0] - 1:
        return found[0]
    return fresh_dim("n")


def trials(*fns: Callable[..., Any]) -> Iterator[ResultFn]:
    """`by_trial` of each."""
    return (by_trial(fn) for fn in fns)


def same(x: Any, *args: Any, **kwargs: Any) -> Type:
    """The type of the first argument, where it is an array of rank 1 or more (of rank 0, numbers may come out)."""
    found = type_of(x)
    return found if isinstance(found, Arr) and found.dims != () and found.dims is not None else ANY
