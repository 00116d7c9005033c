"""Sums of cotangents as a person would write them: none where nothing was stretched, and one where one does."""

from __future__ import annotations

import operator

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.shapes import dims_of
from srcgrad.codegen.clues import Clues, is_float
from srcgrad.frontend.context import result_type
from srcgrad.ir.core import Call, Operand, Value
from srcgrad.ir.same import same_operand
from srcgrad.ir.types import Arr, Num, dtype_kind
from srcgrad.passes.folding import DERIVED

__all__ = ["inner_sum", "needless_sum", "sum_of_number"]

MAX_DEPTH = 6  # of the expressions that two equal shapes, or an inner sum, are found through


def needless_sum(call: Call, facts: Clues) -> Operand | None:
    """Summing to the shape that something has is needless; so is the real part of what is real."""
    x = call.args[0] if call.args else None
    if not isinstance(x, Value) or not isinstance(x.type, Arr) or x.type.dtype is None or call.kwargs:
        return None
    if call.fn is np.real and dtype_kind(x.type.dtype) == "float":
        return x
    if call.fn is runtime.sum_to and _same_shape(x, facts.shapes.owner(call.args[1]), facts):
        return x
    return None


def inner_sum(call: Call, facts: Clues) -> Operand | None:
    """``sum_to(-sum_to(x, a.shape), b.shape)`` is sum_to(-x, b.shape), where `x` is a cotangent."""
    if call.fn is not runtime.sum_to or call.sweep not in DERIVED:
        return None
    x = call.args[0]
    for _ in range(MAX_DEPTH):
        made = facts.made.get(x) if isinstance(x, Value) and facts.once(x) else None
        if made is None or made.must or made.sweep not in DERIVED:
            return None
        if made.fn is runtime.sum_to:
            _drop_sum(call, made, facts)
            return None
        numbers = [arg for arg in made.args if dims_of(arg) == ()]
        if made.fn not in (operator.neg, operator.mul) or len(made.args) - len(numbers) != 1:
            return None
        x = next(arg for arg in made.args if dims_of(arg) != ())
    return None


def _drop_sum(call: Call, inner: Call, facts: Clues) -> None:
    """Have what an inner sum is of summed by the outer one alone."""
    x, path = call.args[0], [call]
    while x is not inner.out:
        made = facts.made[x]
        path.append(made)
        x = next(arg for arg in made.args if dims_of(arg) != ())
    last = path[-1]
    if last is not call:
        facts.uses[inner.out] -= 1
    last.args = tuple(inner.args[0] if arg is inner.out else arg for arg in last.args)
    for made in path[1:]:
        made.out.type = result_type(made.fn, made.args, made.kwargs)


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
