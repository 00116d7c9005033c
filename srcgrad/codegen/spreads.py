"""Shapes as a person would see to them: no broadcasting that the operation does, or does not need."""

from __future__ import annotations

import operator

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.shapes import dims_of, is_elementwise, type_of
from srcgrad.codegen.clues import Clues, is_numpy
from srcgrad.ir.core import Call, Operand, Value
from srcgrad.ir.types import Arr

__all__ = ["new_axis", "size_of_another", "spread", "stored_spread"]


def spread(call: Call, facts: Clues) -> Operand | None:
    """What is broadcast to the shape of another operand is broadcast by the operation itself."""
    if call.kwargs or not (is_elementwise(call.fn) or call.fn is np.where) or len(call.args) < 2:
        return None
    for k, arg in enumerate(call.args):
        made = facts.call(arg, np.broadcast_to)
        if made is None or len(made.args) != 2 or made.kwargs or not _keeps_dtype(made.args[0], made.out):
            continue
        if any(_has_shape(other, made, facts) for other in call.args[:k] + call.args[k + 1 :]):
            new = _without_leading_axis(made.args[0], facts)
            call.args = (*call.args[:k], new, *call.args[k + 1 :])
    return None


def _keeps_dtype(x: Operand, out: Value) -> bool:
    """Python's numbers are weak: only NumPy's, or those of double precision, count like arrays of them."""
    if is_numpy(x):
        return True
    doubles = isinstance(out.type, Arr) and out.type.dtype in (np.dtype(float), np.dtype(complex))
    return doubles and type(x) in (float, complex)


def _has_shape(other: Operand, made: Call, facts: Clues) -> bool:
    """Has another operand of the same operation, itself not broadcast, the shape of the result of `made`?"""
    if not isinstance(other, Value) or facts.call(other, np.broadcast_to) is not None:
        return False
    if not isinstance(made.args[0], Value) and not _is_double(other):
        return False
    shape = facts.call(made.args[1], np.shape)
    like = shape.args[0] if shape is not None and isinstance(shape.args[0], Value) else None
    if like is not None and facts.shapes.representative(like) is facts.shapes.representative(other):
        return True
    return facts.same(dims_of(other), dims_of(made.out))


def _is_double(operand: Operand) -> bool:
    type_ = type_of(operand)
    return isinstance(type_, Arr) and type_.dtype in (np.dtype(float), np.dtype(complex), np.dtype(bool))


def _without_leading_axis(x: Operand, facts: Clues) -> Operand:
    """Broadcasting adds axes in front by itself."""
    made = facts.call(x, operator.getitem)
    if made is None or made.args[1] != (None,) or not dims_of(made.args[0]):
        return x
    return made.args[0]


def stored_spread(call: Call, facts: Clues) -> Operand | None:
    """What is broadcast in order to be stored is broadcast by the store itself."""
    if call.fn not in (runtime.add_item, runtime.set_item):
        return None
    made = facts.call(call.args[2], np.broadcast_to)
    if made is not None and len(made.args) == 2 and not made.kwargs:
        call.args = (*call.args[:2], _without_leading_axis(made.args[0], facts), *call.args[3:])
    return None


def new_axis(call: Call, facts: Clues) -> Operand | None:
    """``np.expand_dims(x, 1)`` is ``x[:, None]``."""
    if call.fn is not np.expand_dims or call.kwargs or len(call.args) != 2 or not isinstance(call.args[0], Value):
        return None
    dims, axis = dims_of(call.args[0]), call.args[1]
    if not dims or type(axis) is not int or not isinstance(call.args[0].type, Arr):
        return None
    axis += (len(dims) + 1) * (axis < 0)
    if not 0 <= axis <= 3:
        return None
    call.fn, call.args = operator.getitem, (call.args[0], (*[slice(None)] * axis, None))
    return None


def size_of_another(call: Call, facts: Clues) -> Operand | None:
    """The size of something without a name is that of a named array of the same shape."""
    x = call.args[0] if call.fn in (np.size, np.shape, len) and len(call.args) == 1 else None
    if isinstance(x, Value) and x in facts.copies:
        call.args = (facts.copies[x],)
        return None
    if isinstance(x, Value) and not x.hint and x in facts.made:
        other = next((value for value in facts.named if facts.same(dims_of(value), dims_of(x))), None)
        call.args = call.args if other is None else (other,)
    return None
