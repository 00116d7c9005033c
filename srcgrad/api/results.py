"""What a function must return to have a gradient: one real number. Errors that say what it returned instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.api.arguments import label_of
from srcgrad.errors import NonScalarError, Span
from srcgrad.ir.core import Call, Func, Operand, Value
from srcgrad.ir.types import ANY, AnyType, Arr, Dim, ListOf, Num, Tup, Type, dtype_kind, of_constant

ARTICLES = {"int": "an int", "bool": "a bool", "complex": "a complex number"}


def check_result(
    func: Func, fn: Callable[..., Any], values: tuple[Any, ...] | None, *, has_aux: bool, holomorphic: bool
) -> None:
    """Raise where it is clear before running that the function does not give one real number."""
    if always_raises(func):
        return
    result = func.block.yields[0]
    if has_aux:
        result = first_of_pair(result, fn)
    problem = complaint(result, holomorphic, func, values)
    if problem is not None:
        raise non_scalar(problem, fn)


def always_raises(func: Func) -> bool:
    """Does the program end in an exception on every path? Then that is what a call gives."""
    last = func.block.ops[-1] if func.block.ops else None
    return isinstance(last, Call) and last.fn in (runtime.raise_error, runtime.raise_from)


def check_pair(func: Func, fn: Callable[..., Any]) -> None:
    """Raise unless the function gives a pair, as ``has_aux`` asks."""
    first_of_pair(func.block.yields[0], fn)


def first_of_pair(result: Operand, fn: Callable[..., Any]) -> Operand:
    """The value of ``(value, aux)``."""
    if isinstance(result, Value):
        kind = result.type
        if isinstance(kind, Tup) and len(kind.items) == 2:
            return Value(kind.items[0])
        if isinstance(kind, AnyType):
            return Value(ANY)
        given = word_for(kind) or str(kind)
    elif isinstance(result, tuple):
        if len(result) == 2:
            return result[0]
        given = f"a tuple of {len(result)}"
    else:
        given = word_of(result) or "one number"
    raise NonScalarError(
        f"{label_of(fn)} returned {given}: with has_aux=True it must return (value, aux)",
        span=span_of(fn),
        repair="Return a tuple of two, or leave has_aux out.",
    )


def non_scalar(problem: str, fn: Callable[..., Any]) -> NonScalarError:
    """The error for a result that is not one real number."""
    complex_ = problem.startswith("a complex")
    repair = (
        "Take its real part or its absolute value, or pass holomorphic=True."
        if complex_
        else "Use srcgrad.jacobian for all derivatives of an array, or srcgrad.vjp for one combination of them."
    )
    return NonScalarError(
        f"{label_of(fn)} returned {problem}: the gradient needs one real number.", span=span_of(fn), repair=repair
    )


def complaint(result: Operand, holomorphic: bool, func: Func, values: tuple[Any, ...] | None) -> str | None:
    """What is wrong with a result, None where it may do."""
    if not isinstance(result, Value):
        return word_of(result) or by_type(of_constant(result), holomorphic)
    kind = result.type
    if isinstance(kind, Arr) and kind.dims is not None and values is not None:
        shape = shape_of(kind, func, values)
        if shape is not None and any(n != 1 for n in shape):
            return f"an array of shape {shape}"
    return by_type(kind, holomorphic)


def word_of(result: Operand) -> str | None:
    """The word for a result that is no number at all."""
    if result is None:
        return "None"
    if isinstance(result, (tuple, list, dict, str)):
        return f"a {type(result).__name__}"
    return None


def by_type(kind: Type, holomorphic: bool) -> str | None:
    """What is wrong with a type, None where it may do, or is checked when the program runs."""
    match kind:
        case AnyType():
            return None
        case Num(word):
            number = word
        case Arr(dtype, dims):
            if dims is not None and any(isinstance(d, int) and d != 1 for d in dims):
                return f"an array of shape ({', '.join(map(str, dims))})"
            number = None if dtype is None else dtype_kind(dtype)
        case _:
            return word_for(kind)
    if number in ("int", "bool") or (number == "complex" and not holomorphic):
        return ARTICLES[number]
    return None


def word_for(kind: Type) -> str | None:
    """The word for a type that is no number."""
    if isinstance(kind, Tup):
        return "a tuple"
    return "a list" if isinstance(kind, ListOf) else f"a {getattr(kind, 'name', kind)}"


def shape_of(kind: Arr, func: Func, values: tuple[Any, ...]) -> tuple[int, ...] | None:
    """The shape in numbers, where it follows from those of the arguments."""
    sizes: dict[str, int] = {}
    for leaf in func.leaves:
        known = leaf.value.type
        array = value_at(values, (leaf.param, *leaf.path))
        if isinstance(known, Arr) and known.dims is not None and isinstance(array, np.ndarray):
            for dim, n in zip(known.dims, array.shape, strict=True):
                if isinstance(dim, Dim) and sizes.setdefault(dim.symbol, n) != n:
                    return None
    found: list[int] = []
    for dim in kind.dims or ():
        if isinstance(dim, Dim) and dim.symbol in sizes:
            found.append(max(0, sizes[dim.symbol] - dim.minus))
        elif isinstance(dim, int):
            found.append(dim)
        else:
            return None
    return tuple(found)


def value_at(values: tuple[Any, ...], place: tuple[Any, ...]) -> Any:
    """The argument at a place."""
    found: Any = values
    for key in place:
        found = found[key] if isinstance(found, (dict, list, tuple)) else getattr(found, key)
    return found


def span_of(fn: Any) -> Span | None:
    """Where a function starts."""
    fn = getattr(fn, "__wrapped__", getattr(fn, "func", fn))
    code = getattr(fn, "__code__", None)
    return None if code is None else Span(code.co_filename, code.co_firstlineno)


__all__ = ["check_pair", "check_result", "non_scalar", "span_of"]
