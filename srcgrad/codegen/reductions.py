"""Reductions and their operands as a person would spell them."""

from __future__ import annotations

import operator

import numpy as np

from srcgrad.analysis.shapes import dims_of, is_elementwise, type_of
from srcgrad.codegen.clues import Clues
from srcgrad.codegen.products import DIVISIONS
from srcgrad.frontend.context import result_type
from srcgrad.ir.core import Call, Operand, Value
from srcgrad.ir.types import Arr, Num

__all__ = ["count", "leading_axis", "plain_axes"]

REDUCTIONS = (np.sum, np.mean, np.max, np.min, np.prod, np.any, np.all)


def plain_axes(call: Call, facts: Clues) -> Operand | None:
    """``axis=(1,)`` is axis=1, and axes are not kept by default."""
    if call.kwargs and any(call.fn is fn for fn in REDUCTIONS):
        axis = call.kwargs.get("axis")
        if type(axis) is tuple and len(axis) == 1:
            call.kwargs["axis"] = axis[0]
        if call.kwargs.get("keepdims") is False:
            del call.kwargs["keepdims"]
    return None


def count(call: Call, facts: Clues) -> Operand | None:
    """What doubles are divided by may as well be counted in integers."""
    if not any(call.fn is fn for fn in DIVISIONS) or call.must or not _is_double(call.args[0]):
        return None
    made = facts.call(call.args[1], np.sum)
    if made is None or not facts.once(call.args[1]) or made.kwargs.get("dtype") != np.float64:
        return None
    marks = type_of(made.args[0])
    if isinstance(marks, Arr) and marks.dtype == np.bool_:
        del made.kwargs["dtype"]
        made.out.type = result_type(made.fn, made.args, made.kwargs)
    return None


def _is_double(operand: Operand) -> bool:
    type_ = type_of(operand)
    if isinstance(type_, Num) and type_.dtype is None:
        return type_.kind == "float"
    return isinstance(type_, (Num, Arr)) and type_.dtype is not None and type_.dtype == np.float64


def leading_axis(call: Call, facts: Clues) -> Operand | None:
    """Broadcasting adds axes in front by itself, where another operand has as many."""
    if call.kwargs or not (is_elementwise(call.fn) or call.fn is np.where) or len(call.args) < 2:
        return None
    ranks = [len(dims_of(arg) or ()) for arg in call.args]
    for k, arg in enumerate(call.args):
        made = facts.call(arg, operator.getitem)
        if made is None or not is_new_axis(made.args[1]) or not dims_of(made.args[0]) or not isinstance(arg, Value):
            continue
        if max(ranks[:k] + ranks[k + 1 :]) >= ranks[k]:
            call.args = (*call.args[:k], made.args[0], *call.args[k + 1 :])
    return None


def is_new_axis(index: Operand) -> bool:
    """``x[None,]``: one axis in front."""
    return isinstance(index, tuple) and len(index) == 1 and index[0] is None
