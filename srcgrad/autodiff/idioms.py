"""Calls whose derivative is better known than by what they call: the root of a sum of squares is a norm.

At zero the derivative of the root is infinite and that of the squares is zero, but a norm has the subgradient zero
there. The partial of the root is kept finite, so that what the squares multiply it with makes it zero. And a quotient
of which not both operands are Python's own does not raise where the divisor is zero; then its partials must not either.
"""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from srcgrad.analysis.effects import sure_numpy
from srcgrad.analysis.pythons import Pythons
from srcgrad.analysis.signs import is_positive
from srcgrad.frontend.context import operand_type
from srcgrad.ir.core import Call, Op, Operand, Value
from srcgrad.ir.types import Arr, Num, Type, dtype_kind
from srcgrad.rules.core import Rule
from srcgrad.rules.elementwise import power_of_norm, root_of_norm, true_divide

ROOTS = {np.sqrt, math.sqrt}
POWERS = {operator.pow, builtins.pow, np.power, math.pow}
PRODUCTS = {operator.mul, np.multiply}
INNER_PRODUCTS = {operator.matmul, np.matmul, np.dot, np.inner, np.vdot, np.vecdot}
ABSOLUTES = {np.absolute, builtins.abs, operator.abs, np.fabs, math.fabs}
# What leaves a sum of squares one: sums, and changes of shape.
KEEPING = {np.sum, np.mean, np.cumsum, np.reshape, np.ravel, np.transpose, np.expand_dims, np.squeeze, np.trace,
           np.diagonal, operator.getitem}  # fmt: skip
MAX_DEPTH = 8

Made = Mapping[Value, Op]


def partials_of(rule: Rule, call: Call, made: Made, pythons: Pythons) -> Callable[..., Any]:
    """The partials of an elementwise call."""
    assert rule.vjp is not None
    args = call.args
    if call.fn is operator.truediv and only_warns(args[0], args[1], made, pythons):
        return true_divide
    if call.fn in ROOTS and len(args) == 1 and not call.kwargs and is_sum_of_squares(args[0], made):
        return root_of_norm
    is_root = call.fn in POWERS and len(args) == 2 and not call.kwargs and is_constant(args[1], 0.5)
    return power_of_norm if is_root and is_sum_of_squares(args[0], made) else rule.vjp


def only_warns(x: Operand, y: Operand, made: Made, pythons: Pythons) -> bool:
    """May the divisor be a Python zero by which `x` is divided with no more than a warning?"""
    if not isinstance(y, Value) or sure_numpy(y.type):
        return False

    def maker(value: Value) -> Call | None:
        op = made.get(value)
        return op if isinstance(op, Call) else None

    return not is_positive(y, maker) and not (pythons.surely(x) and pythons.surely(y))


def is_constant(operand: Operand, number: float) -> bool:
    """Is it this number, written in the code?"""
    return type(operand) in (int, float) and bool(operand == number)


def is_sum_of_squares(x: Operand, made: Made, depth: int = MAX_DEPTH) -> bool:
    """Is it, by the calls that made it, a sum of squares of real numbers?"""
    call = made.get(x) if isinstance(x, Value) else None
    if not isinstance(call, Call) or depth == 0:
        return False
    if is_square(call, made):
        return True
    if call.fn in KEEPING:
        return "initial" not in call.kwargs and is_sum_of_squares(call.args[0], made, depth - 1)
    if call.fn in (operator.add, np.add) and not call.kwargs:
        return all(is_sum_of_squares(arg, made, depth - 1) for arg in call.args)
    return False


def is_square(call: Call, made: Made) -> bool:
    """Is it a square, or an inner product with itself, of real numbers?"""
    args = call.args
    if call.kwargs or not args or not is_real(args[0], made):
        return False
    if call.fn in POWERS:
        return len(args) == 2 and is_constant(args[1], 2)
    if call.fn in PRODUCTS or (call.fn in INNER_PRODUCTS and rank(args[0]) == 1):
        return len(args) == 2 and args[0] is args[1]
    return call.fn is np.square


def is_real(x: Operand, made: Made) -> bool:
    """Is it real, by its type or as an absolute value?"""
    call = made.get(x) if isinstance(x, Value) else None
    return (isinstance(call, Call) and call.fn in ABSOLUTES) or number_kind(operand_type(x)) == "float"


def number_kind(type_: Type) -> str | None:
    """The kind of a number, or of the numbers in an array."""
    if isinstance(type_, Num):
        return type_.kind
    return dtype_kind(type_.dtype) if isinstance(type_, Arr) and type_.dtype is not None else None


def rank(x: Operand) -> int | None:
    """The number of axes; None where it is not known."""
    type_ = operand_type(x)
    return type_.ndim if isinstance(type_, Arr) else 0 if isinstance(type_, Num) else None
