"""What is known of the signs of values: that they are above zero, not below it, or not above it.

Rounding counts as in exact arithmetic, but for underflow: an exponential is taken for positive, as the primal that
divides by it, or takes its logarithm, takes it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.ir.core import Call, Operand, Value

__all__ = ["is_bounded_above", "is_nonnegative", "is_positive"]

Maker = Callable[[Value], Call | None]

MAX_DEPTH = 8  # of the calls that are looked through
EXPONENTIALS = (np.exp, np.exp2)
SUMS = (operator.add, np.add)
PRODUCTS = (operator.mul, np.multiply)
QUOTIENTS = (operator.truediv, np.divide)
POWERS = (operator.pow, np.power)
# The sign of the result is that of the operand.
KEPT: tuple[Any, ...] = (
    np.sum, np.mean, np.max, np.min, np.prod, np.cumsum, np.sqrt, np.copy, np.reshape, np.ravel, np.transpose,
    np.expand_dims, np.squeeze, np.broadcast_to, np.moveaxis, np.swapaxes, operator.getitem, runtime.get_item,
    operator.pos, runtime.stop_gradient,
)  # fmt: skip
NOT_BELOW: tuple[Any, ...] = (np.abs, np.absolute, np.square, operator.abs, np.size, len)


def is_positive(operand: Operand, maker: Maker, depth: int = MAX_DEPTH) -> bool:
    """Is every number of it above zero?"""
    made = _made(operand, maker, depth)
    if made is None:
        return _is_number(operand) and operand > 0
    if _any(made.fn, EXPONENTIALS):
        return True
    if _any(made.fn, SUMS):
        first, second = (is_positive(arg, maker, depth - 1) for arg in made.args[:2])
        return (first and is_nonnegative(made.args[1], maker, depth - 1)) or (
            second and is_nonnegative(made.args[0], maker, depth - 1)
        )
    if _any(made.fn, PRODUCTS) or _any(made.fn, QUOTIENTS):
        return all(is_positive(arg, maker, depth - 1) for arg in made.args[:2])
    return _any(made.fn, KEPT) and is_positive(made.args[0], maker, depth - 1)


def is_nonnegative(operand: Operand, maker: Maker, depth: int = MAX_DEPTH) -> bool:
    """Is no number of it below zero?"""
    made = _made(operand, maker, depth)
    if made is None:
        return _is_number(operand) and operand >= 0
    if _any(made.fn, NOT_BELOW) or _any(made.fn, EXPONENTIALS) or _is_square(made):
        return True
    if _any(made.fn, (*SUMS, *PRODUCTS, *QUOTIENTS)):
        return all(is_nonnegative(arg, maker, depth - 1) for arg in made.args[:2])
    return _any(made.fn, KEPT) and is_nonnegative(made.args[0], maker, depth - 1)


def is_bounded_above(operand: Operand, maker: Maker, depth: int = MAX_DEPTH) -> bool:
    """Is no number of it above zero: minus what is not below zero, or less its own largest item?"""
    made = _made(operand, maker, depth)
    if made is None:
        return _is_number(operand) and operand <= 0
    if made.fn in (operator.neg, np.negative):
        return is_nonnegative(made.args[0], maker, depth - 1)
    if made.fn in (operator.sub, np.subtract):
        return _is_maximum_of(made.args[1], made.args[0], maker, depth - 1)
    if _any(made.fn, PRODUCTS):
        x, y = made.args[:2]
        return any(
            is_bounded_above(a, maker, depth - 1) and is_nonnegative(b, maker, depth - 1) for a, b in ((x, y), (y, x))
        )
    return False


def _is_maximum_of(operand: Operand, whole: Operand, maker: Maker, depth: int) -> bool:
    made = _made(operand, maker, depth)
    if made is None:
        return False
    if made.fn in (np.max, np.amax):
        return made.args[0] is whole
    return _any(made.fn, (np.expand_dims, np.reshape, operator.getitem, runtime.stop_gradient)) and _is_maximum_of(
        made.args[0], whole, maker, depth - 1
    )


def _is_square(made: Call) -> bool:
    if _any(made.fn, PRODUCTS):
        return made.args[0] is made.args[1]
    exponent = made.args[1] if _any(made.fn, POWERS) and len(made.args) > 1 else None
    return isinstance(exponent, int) and not isinstance(exponent, bool) and exponent % 2 == 0


def _made(operand: Operand, maker: Maker, depth: int) -> Call | None:
    return maker(operand) if isinstance(operand, Value) and depth > 0 else None


def _is_number(operand: Operand) -> bool:
    return isinstance(operand, (int, float)) and not isinstance(operand, bool)


def _any(fn: Any, fns: tuple[Any, ...]) -> bool:
    return any(fn is one for one in fns)
