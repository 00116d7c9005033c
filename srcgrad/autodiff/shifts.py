"""Maxima that are subtracted for the sake of range alone: what does not depend on them has no derivative along them.

``log(sum(exp(x - m))) + m`` and ``exp(x - m) / sum(exp(x - m))`` are the same for every m. What differentiation would
find along m are terms that cancel, at the price of a search for the maximum and with rounding for a result.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.shapes import dims_of
from srcgrad.autodiff.activity import varied
from srcgrad.ir.core import Call, Func, Operand, Value, operands_of, values_in
from srcgrad.ir.names import Guess
from srcgrad.ir.types import Arr, Num, dtype_kind, is_one, may_vary
from srcgrad.ir.walk import blocks_of, replace_values, walk

__all__ = ["stop_shifts"]

MAXIMA = (np.max, max, np.maximum)


@dataclass(frozen=True)
class Part:
    """How a value depends on a shift m.

    It is its value at m = 0 plus `degree` times m; or, where it is a `factor`, times exp(`degree` times m). Of each of
    its axes, `axes` says along which of m it runs; None where m is the same all along.
    """

    degree: int
    factor: bool
    axes: tuple[int | None, ...]


NOTHING = None  # does not depend on it


class _Lost(Exception):
    """It depends on the shift in another way."""


def stop_shifts(func: Func, inputs: Iterable[Value]) -> None:
    """Let no derivative pass, in place, through maxima on which nothing depends that follows from them."""
    calls = [op for op in walk(func.block) if isinstance(op, Call)]
    maxima = [call for call in calls if any(call.fn is fn for fn in MAXIMA) and _is_real(call.out)]
    active = varied(func.block, inputs) if maxima else set()
    for call in maxima:
        if call.out in active and _cancels(func, call.out, calls):
            _stop(func, call)


def _is_real(value: Value) -> bool:
    if isinstance(value.type, Num):
        return value.type.kind == "float"
    if not isinstance(value.type, Arr) or value.type.dims is None or value.type.dtype is None:
        return False
    return dtype_kind(value.type.dtype) == "float"


def _stop(func: Func, maximum: Call) -> None:
    """Read a maximum through `stop_gradient`; its name was for several uses, of which one may be left."""
    m = maximum.out
    stopped = Value(m.type, Guess(m.hint), m.span)
    replace_values(func.block, {m: stopped})
    block = next(block for block in blocks_of(func.block) if maximum in block.ops)
    m.hint = Guess(m.hint)
    call = Call(runtime.stop_gradient, (m,), {}, stopped, maximum.span)
    block.ops.insert(block.ops.index(maximum) + 1, call)
    func.edits += 1


def _cancels(func: Func, m: Value, calls: list[Call]) -> bool:
    """Is all that follows from a value the same for every m that is added to it?"""
    dims = dims_of(m) or ()
    axes = tuple(None if is_one(dim) is True else k for k, dim in enumerate(dims))
    parts: dict[Value, Part] = {m: Part(1, False, axes)}
    try:
        for call in calls:
            found = _part(call, parts) if may_vary(call.out.type) and _reads(call, parts) else NOTHING
            if found is not NOTHING and found.degree:
                parts[call.out] = found
    except _Lost:
        return False
    return len(parts) > 1 and not any(value in parts for value in _handed_on(func))


def _reads(call: Call, parts: dict[Value, Part]) -> bool:
    return any(value in parts for value in values_in(operands_of(call)))


def _handed_on(func: Func) -> Iterable[Value]:
    """What branches, loops and the end of a block read."""
    for block in blocks_of(func.block):
        yield from values_in(block.yields)
        for op in block.ops:
            if not isinstance(op, Call):
                yield from values_in(operands_of(op))


def _part(call: Call, parts: dict[Value, Part]) -> Part | None:
    """How the result of a call depends on the shift; the call reads something that does."""
    rule = RULES.get(call.fn) if isinstance(call.fn, Hashable) else None
    if rule is None:
        raise _Lost
    return rule(call, parts)


def _of(operand: Operand, parts: dict[Value, Part]) -> Part | None:
    """How an operand depends on it; a tuple of such is none."""
    if isinstance(operand, Value):
        return parts.get(operand)
    if any(value in parts for value in values_in(operand)):
        raise _Lost
    return NOTHING


def _spread(call: Call, found: Part) -> tuple[int | None, ...]:
    """The axes of a result that an operand is broadcast to."""
    dims = dims_of(call.out)
    if dims is None or len(dims) < len(found.axes):
        raise _Lost
    return (None,) * (len(dims) - len(found.axes)) + found.axes


def _two(call: Call, parts: dict[Value, Part]) -> tuple[Part | None, Part | None, tuple[int | None, ...]]:
    """The parts of two operands, and the axes of the result, on which both have to agree."""
    if call.kwargs or len(call.args) != 2:
        raise _Lost
    a, b = (_of(arg, parts) for arg in call.args)
    axes = {_spread(call, part) for part in (a, b) if part is not NOTHING}
    if len(axes) != 1:
        raise _Lost
    return a, b, axes.pop()


def _sum(sign: int) -> Callable[[Call, dict[Value, Part]], Part]:
    def rule(call: Call, parts: dict[Value, Part]) -> Part:
        a, b, axes = _two(call, parts)
        if (a is not NOTHING and a.factor) or (b is not NOTHING and b.factor):  # of two that have one factor
            if a is NOTHING or b is NOTHING or (a.degree, a.factor) != (b.degree, b.factor):
                raise _Lost
            return Part(a.degree, True, axes)
        return Part((a.degree if a else 0) + sign * (b.degree if b else 0), False, axes)

    return rule


def _product(sign: int) -> Callable[[Call, dict[Value, Part]], Part]:
    def rule(call: Call, parts: dict[Value, Part]) -> Part:
        a, b, axes = _two(call, parts)
        if not all(part is NOTHING or part.factor for part in (a, b)):
            raise _Lost
        return Part((a.degree if a else 0) + sign * (b.degree if b else 0), True, axes)

    return rule


def _one(before: bool, after: bool, sign: int = 1) -> Callable[[Call, dict[Value, Part]], Part]:
    """A function of one operand, which is a factor `before` or not, and `after` or not."""

    def rule(call: Call, parts: dict[Value, Part]) -> Part:
        found = _of(call.args[0], parts) if len(call.args) == 1 and not call.kwargs else NOTHING
        if found is NOTHING or found.factor is not before:
            raise _Lost
        return Part(sign * found.degree, after, _spread(call, found))

    return rule


def _negative(call: Call, parts: dict[Value, Part]) -> Part:
    found = _of(call.args[0], parts)
    if found is NOTHING:
        raise _Lost
    return found if found.factor else Part(-found.degree, False, found.axes)


def _total(call: Call, parts: dict[Value, Part]) -> Part:
    """A sum of what has a factor, along axes where that is one factor."""
    found = _of(call.args[0], parts)
    names = ("axis", "keepdims")
    if found is NOTHING or not found.factor or len(call.args) > 2 or any(name not in names for name in call.kwargs):
        raise _Lost
    axis = call.args[1] if len(call.args) > 1 else call.kwargs.get("axis")
    keepdims = call.kwargs.get("keepdims", False)
    rank = len(found.axes)
    gone = range(rank) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if type(keepdims) is not bool or not all(type(k) is int and -rank <= k < rank for k in gone):
        raise _Lost
    places = {k % rank for k in gone}
    if any(found.axes[k] is not None for k in places):
        raise _Lost
    axes = tuple(axis for k, axis in enumerate(found.axes) if keepdims or k not in places)
    return Part(found.degree, True, axes)


def _item(call: Call, parts: dict[Value, Part]) -> Part:
    """New axes, and items of axes along which the shift is the same."""
    found = _of(call.args[0], parts)
    if found is NOTHING or len(call.args) != 2 or dims_of(call.args[0]) is None:
        raise _Lost
    index = call.args[1] if isinstance(call.args[1], tuple) else (call.args[1],)
    rest = list(found.axes)
    axes: list[int | None] = []
    for part in index:
        if part is None:
            axes.append(None)
        elif not rest or not (type(part) is int or (isinstance(part, slice) and part == slice(None))):
            raise _Lost
        else:
            axis = rest.pop(0)
            if isinstance(part, slice):
                axes.append(axis)
            elif axis is not None:
                raise _Lost
    return Part(found.degree, found.factor, (*axes, *rest))


def _reshaped(call: Call, parts: dict[Value, Part]) -> Part:
    """``expand_dims`` and ``squeeze`` of axes along which the shift is the same."""
    found = _of(call.args[0], parts)
    axis = call.args[1] if len(call.args) > 1 else call.kwargs.get("axis")
    if found is NOTHING or type(axis) is not int or len(call.args) + len(call.kwargs) != 2:
        raise _Lost
    axes = list(found.axes)
    if call.fn is np.expand_dims:
        axes.insert(axis % (len(axes) + 1), None)
    elif not -len(axes) <= axis < len(axes) or axes.pop(axis) is not None:
        raise _Lost
    return Part(found.degree, found.factor, tuple(axes))


RULES: dict[Any, Callable[[Call, dict[Value, Part]], Part | None]] = {
    operator.add: _sum(1), np.add: _sum(1), operator.sub: _sum(-1), np.subtract: _sum(-1),
    operator.mul: _product(1), np.multiply: _product(1), operator.truediv: _product(-1), np.divide: _product(-1),
    operator.neg: _negative, np.negative: _negative, np.exp: _one(False, True), np.log: _one(True, False),
    np.sum: _total, np.mean: _total, operator.getitem: _item, np.expand_dims: _reshaped, np.squeeze: _reshaped,
}  # fmt: skip
