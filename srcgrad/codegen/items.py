"""Reads and writes of items as a person would write them: once, and plainly."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.shapes import dims_of, type_of
from srcgrad.codegen.clues import Clues
from srcgrad.frontend.context import result_type
from srcgrad.ir.core import Call, Operand, Value
from srcgrad.ir.same import same_operand
from srcgrad.ir.types import Arr, Num

__all__ = ["add_to_nothing", "plain_index", "plain_read", "same_again", "stopped", "store_once"]


def stopped(call: Call, facts: Clues) -> Operand | None:
    """What no derivative passes through is itself where there is none to pass."""
    x = call.args[0]
    return x if isinstance(x, Value) and isinstance(x.type, (Arr, Num)) and not call.kwargs else None


def plain_read(call: Call, facts: Clues) -> Operand | None:
    """All of an item of an array is that item, where it is an array; what a mask selects has one axis."""
    if call.fn is runtime.get_item and len(call.args) == 3 and call.args[1] is Ellipsis:
        x, steps = call.args[0], call.args[2]
        dims = dims_of(x) or ()
        if len(steps) == 1 and steps[0][0] is operator.getitem and len(dims) > 1 and _is_count(steps[0][1][0]):
            call.fn, call.args, call.style = operator.getitem, (x, steps[0][1][0]), ""
            call.out.type = Arr(x.type.dtype, dims[1:])
    if call.fn is operator.getitem and isinstance(call.args[1], Value) and isinstance(call.args[0], Value):
        x, mask = (arg.type for arg in call.args)
        masks = isinstance(mask, Arr) and isinstance(x, Arr) and mask.dtype == bool and mask.ndim == x.ndim
        if masks and x.dims and call.out.type == Arr(x.dtype):
            call.out.type = Arr(x.dtype, (None,))
    return None


def same_again(call: Call, facts: Clues) -> Operand | None:
    """``x[:, 0][:, None]`` is x where the shape is the same, for then the axis that goes and comes has one item."""
    made = facts.call(call.args[0], operator.getitem)
    if made is None or made.must or not _is_everything(call.args[1]):
        return None
    x, index = made.args
    parts = index if isinstance(index, tuple) else (index,)
    rest = tuple(part for part in parts if not (type(part) is int and part == 0))
    same = isinstance(x, Value) and x.type == call.out.type and facts.same(dims_of(x), dims_of(call.out))
    return x if same and len(rest) < len(parts) and _is_everything(rest) else None


def plain_index(call: Call, facts: Clues) -> Operand | None:
    """``x[(i,)]`` of an array is x[i]."""
    x, index = call.args[:2]
    if type(index) is not tuple or len(index) != 1 or len(call.args) > 3 or not isinstance(type_of(x), Arr):
        return None
    if isinstance(index[0], slice) or _is_count(index[0]):
        call.args = (x, index[0], *call.args[2:])
    return None


def _is_count(part: Operand) -> bool:
    return type(part) is int or (isinstance(part, Value) and isinstance(part.type, Num))


def store_once(call: Call, facts: Clues) -> Operand | None:
    """``x[i] = 0; x[i] += v`` is x[i] = v, where `i` names no item twice."""
    made = facts.call(call.args[0], runtime.set_item) if call.fn is runtime.add_item else None
    if made is None or not facts.once(call.args[0]) or made.must or not _is_zero(made.args[2]):
        return None
    place, other = _place(call), _place(made)
    same = place is not None and other is not None and same_operand(place, other)
    if same and _dtype(call.args[2]) == _dtype(call.out) is not None:
        call.fn, call.args = runtime.set_item, (made.args[0], made.args[1], call.args[2], *made.args[3:])
    return None


def _place(call: Call) -> Operand | None:
    """The indices of a write, one after the other, if none may name an item twice."""
    index, steps = call.args[1], call.args[3] if len(call.args) > 3 else ()
    if any(fn is not operator.getitem for fn, _ in steps):
        return None
    indices = tuple(i for i in (*(args[0] for _, args in steps), index) if i is not Ellipsis)
    return indices if all(_names_once(index) for index in indices) else None


def _names_once(index: Operand) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    masks = [isinstance(part, Value) and isinstance(part.type, Arr) and part.type.dtype == bool for part in parts]
    return all(mask or _is_count(part) or isinstance(part, slice) or part is None or part is Ellipsis
               for part, mask in zip(parts, masks, strict=True))  # fmt: skip


def _is_zero(operand: Operand) -> bool:
    return type(operand) in (int, float) and operand == 0


def add_to_nothing(call: Call, facts: Clues) -> Operand | None:
    """What is added to all of an array of zeros is the sum."""
    if call.fn is not runtime.add_item or len(call.args) > 3 or not _is_everything(call.args[1]):
        return None
    zeros, value = call.args[0], call.args[2]
    made = facts.call(zeros, np.zeros_like)
    if made is not None and _has_new_axes(call.args[1]):
        _without_new_axes(call, facts)
        return None
    if made is None or not isinstance(value, Value) or not isinstance(value.type, Arr) or value.type != zeros.type:
        return None
    return value if facts.same(dims_of(value), dims_of(zeros)) else None


def _is_everything(index: Operand) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    return all(part is None or part is Ellipsis or (isinstance(part, slice) and part == slice(None)) for part in parts)


def _has_new_axes(index: Operand) -> bool:
    return index is None or (isinstance(index, tuple) and None in index)


def _without_new_axes(call: Call, facts: Clues) -> None:
    """``zeros[:, None] += v`` is v[:, 0], where `v` has the shape of what it is added to."""
    zeros, index, value = call.args
    place = result_type(operator.getitem, (zeros, index), {})
    parts = index if isinstance(index, tuple) else (index,)
    if isinstance(value, Value) and value.type == place and facts.same(dims_of(value), dims_of(place)):
        call.fn, call.args = operator.getitem, (value, tuple(0 if part is None else part for part in parts))


def _dtype(operand: Operand) -> np.dtype[Any] | None:
    type_ = type_of(operand)
    return type_.dtype if isinstance(type_, (Arr, Num)) else None
