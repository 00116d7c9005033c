"""Masks as a person would write them: counted as ones and zeros, and of a range around zero in one comparison."""

from __future__ import annotations

import operator

import numpy as np

from srcgrad.analysis.shapes import type_of
from srcgrad.codegen.clues import Clues
from srcgrad.ir.core import Call, Operand
from srcgrad.ir.types import Arr
from srcgrad.passes.folding import DERIVED

__all__ = ["plain_mask", "symmetric"]


def plain_mask(call: Call, facts: Clues) -> Operand | None:
    """``x + np.where(mask, 1.0, 0)`` is x + mask in a reverse sweep, where `x` is an array of doubles."""
    if call.sweep not in DERIVED:
        return None
    for k, arg in enumerate(call.args):
        made = facts.call(arg, np.where)
        other = call.args[1 - k]
        if made is None or not facts.once(arg) or not _is_array(other, np.float64) or len(made.args) != 3:
            continue
        mask, *ends = made.args
        numbers = all(type(end) in (int, float) for end in ends)
        if numbers and ends == [1, 0] and _is_array(mask, np.bool_):
            call.args = (mask, other) if k == 0 else (other, mask)
    return None


def _is_array(operand: Operand, dtype: type[np.generic]) -> bool:
    type_ = type_of(operand)
    return isinstance(type_, Arr) and type_.dtype == dtype


def symmetric(call: Call, facts: Clues) -> Operand | None:
    """``(x >= -c) and (x <= c)`` is abs(x) <= c in a reverse sweep."""
    if call.sweep not in DERIVED or call.kwargs or len(call.args) != 2:
        return None
    low, high = facts.call(call.args[0], operator.ge), facts.call(call.args[1], operator.le)
    if low is None or high is None or not all(facts.once(arg) for arg in call.args):
        return None
    (x, lower), (other, upper) = low.args, high.args
    numbers = type(lower) in (int, float) and type(upper) in (int, float)
    if not numbers or lower != -upper or x is not other or not _is_array(x, np.float64):
        return None
    low.fn, low.args, low.out.type = abs, (x,), x.type
    call.fn, call.args = operator.le, (low.out, upper)
    return None
