"""Shapes as a person would see to them: no broadcasting nor summing that the operation does, or does not need."""

from __future__ import annotations

import operator

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.shapes import dims_of, is_elementwise, type_of
from srcgrad.codegen.clues import Clues, is_float, is_numpy
from srcgrad.ir.core import Call, Operand, Value
from srcgrad.ir.same import same_operand
from srcgrad.ir.types import Arr, Num, dtype_kind

__all__ = ["needless_sum", "new_axis", "size_of_another", "spread", "stored_spread", "sum_of_number"]

MAX_DEPTH = 6  # of the expressions that two equal shapes are found through


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
    if not dims or type(axis) is not int or not 0 <= axis <= 3 or not isinstance(call.args[0].type, Arr):
        return None
    call.fn, call.args = operator.getitem, (call.args[0], (*[slice(None)] * axis, None))
    return None


def needless_sum(call: Call, facts: Clues) -> Operand | None:
    """Summing to the shape that something has is needless; so is the real part of what is real."""
    x = call.args[0] if call.args else None
    if not isinstance(x, Value) or not isinstance(x.type, Arr) or x.type.dtype is None or call.kwargs:
        return None
    if call.fn is np.real and dtype_kind(x.type.dtype) == "float":
        return x
    if call.fn is runtime.sum_to and _same_shape(x, _shape_owner(call.args[1], facts), facts):
        return x
    return None


def _shape_owner(shape: Operand, facts: Clues) -> Operand:
    """The array whose shape an operand is."""
    made = facts.call(shape, np.shape)
    if made is not None:
        return made.args[0]
    items = [facts.call(item, operator.getitem) for item in shape] if type(shape) is tuple and shape else []
    owners = {facts.call(item.args[0], np.shape) for item in items if item is not None}
    owner = next(iter(owners)) if len(owners) == 1 else None
    if owner is None or [item.args[1] for item in items if item is not None] != list(range(len(items))):
        return None
    return owner.args[0] if len(dims_of(owner.args[0]) or ()) == len(items) else None


def _same_shape(a: Operand, b: Operand, facts: Clues, depth: int = MAX_DEPTH) -> bool:
    """Have two arrays surely the same shape: the same items of arrays of one shape, or made item by item of such?"""
    if not isinstance(a, Value) or not isinstance(b, Value) or depth == 0:
        return False
    if facts.shapes.representative(a) is facts.shapes.representative(b) or facts.same(dims_of(a), dims_of(b)):
        return True
    first, second = (facts.made.get(value) for value in (a, b))
    if first is not None and first.fn in (operator.mul, operator.add, operator.sub, operator.neg):
        arrays = [arg for arg in first.args if dims_of(arg) != ()]
        if arrays and all(_same_shape(arg, b, facts, depth - 1) for arg in arrays):
            return True
    if second is not None and first is not None and first.fn is operator.getitem and second.fn is operator.getitem:
        both_arrays = isinstance(first.args[0], Value) and isinstance(first.args[0].type, Arr)
        alike = same_operand(first.args[1], second.args[1])
        return both_arrays and alike and _same_shape(first.args[0], second.args[0], facts, depth - 1)
    return False


def sum_of_number(call: Call, facts: Clues) -> Operand | None:
    """The sum of a NumPy number is itself."""
    x = call.args[0] if call.fn is np.sum and len(call.args) == 1 and not call.kwargs else None
    is_number = isinstance(x, Value) and isinstance(x.type, Num) and x.type.dtype is not None
    return x if is_number and is_float(x) else None


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
