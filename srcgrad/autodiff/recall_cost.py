"""What it costs to compute a value again, and what to tape it.

The unit is about ten nanoseconds of a loop in plain Python. Time is not all: what is computed again takes no memory
and no line of the forward sweep, so a scalar operation counts for less than it takes.
"""

from __future__ import annotations

import builtins
import operator

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.cut import INFINITE
from srcgrad.ir.core import Call, Operand, Value, values_in
from srcgrad.ir.types import Arr, ListOf, Num, Tup, Type
from srcgrad.rules.core import lookup

__all__ = ["again_cost", "again_is_cheap", "tape_cost"]

INTEGER_ACTS = {operator.add, operator.sub, operator.mul, operator.neg, operator.mod, operator.floordiv}
SHAPE_ACTS = {np.shape, np.size, np.ndim, builtins.len}
ACTS = {operator.add, operator.sub, operator.mul, operator.neg, operator.truediv, operator.pos}
COMPARISONS = {operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne, operator.not_}
CASTS = {np.ndarray.astype, runtime.as_type, np.broadcast_to, builtins.float, builtins.int}

VIEW, SCALAR, ELEMENTWISE, CAST = 0.6, 2.0, 6.0, 4.0
POWER = 1.5  # times as much as a product
TAPE, TAPE_ARRAY, COPY, NAME = 10.0, 14.0, 20.0, 1.0
WHOLE = 200.0  # an array that is written in each trip, copied in each


def again_is_cheap(op: Call) -> bool:
    """Views, reads, shapes and integer arithmetic."""
    if op.fn in SHAPE_ACTS or op.fn is getattr:
        return True
    if op.fn in INTEGER_ACTS:
        return isinstance(op.out.type, Num) and op.out.type.kind == "int"
    if op.fn is operator.getitem:
        return not any(isinstance(v.type, ListOf) for v in values_in(op.args))
    rule = lookup(op.fn)
    return rule is not None and rule.view is True and not op.must


def again_cost(op: Call) -> float:
    """The cost of one more execution; infinite for what is never done again."""
    if again_is_cheap(op):
        return VIEW
    if op.kwargs and op.fn not in CASTS:
        return INFINITE
    kind = op.out.type
    if op.fn in ACTS:
        return _act_cost(op, kind)
    if op.fn is operator.pow:
        return POWER * _act_cost(op, kind) if is_small_power(op.args[1]) else INFINITE
    if op.fn in COMPARISONS or op.fn is builtins.abs:
        return SCALAR if _are_scalars(op) else INFINITE
    return CAST if op.fn in CASTS and not op.must else INFINITE


def _act_cost(op: Call, kind: Type) -> float:
    if isinstance(kind, Arr):
        return ELEMENTWISE
    return SCALAR if _are_scalars(op) else INFINITE


def _are_scalars(op: Call) -> bool:
    kinds = [op.out.type, *(value.type for value in values_in(op.args))]
    return all(isinstance(kind, Num) for kind in kinds)


def is_small_power(exponent: Operand) -> bool:
    """Squares and cubes: powers that cost about as much as a product."""
    return type(exponent) in (int, float) and exponent in (2, 3)


def tape_cost(value: Value, *, looped: bool, copied: bool, written: bool) -> float:
    """The cost of remembering a value: in a name where it is not `looped`, else in a list.

    `copied`: as a view of memory that is written later; `written`: as an array that a loop carries and writes.
    """
    if not looped:
        return NAME
    if isinstance(value.type, Num):
        return TAPE
    if written:
        return WHOLE
    if isinstance(value.type, (ListOf, Tup)):
        return TAPE_ARRAY
    return TAPE_ARRAY + (COPY if copied else 0.0)
