"""Rewrites of arithmetic that change no bit of the result; the reciprocal of a cotangent is the one exception.

``0 * x`` is x where x is not finite, and ``x + 0.0`` turns -0.0 into 0.0: neither is here.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.effects import sure_numpy
from srcgrad.analysis.shapes import dims_of, same_dims, type_of
from srcgrad.ir.core import Call, Operand, Value
from srcgrad.ir.types import Arr, Num, Type
from srcgrad.passes.folding import DERIVED, Facts, Known, Rewrite, become, has_signed_zero, real_kind

__all__ = ["ALGEBRA", "without_sign"]

MAX_FACTORS = 6  # of a product in which a sign is looked for


def is_number(operand: Operand, number: int) -> bool:
    """Is the operand this number, as a Python int or float?"""
    return type(operand) in (int, float) and operand == number


def is_neutral(one: Operand, x: Operand, call: Call) -> bool:
    """Is ``x * one`` x itself, to the dtype? An int times 1.0 is a float."""
    kind = real_kind(x, call)
    return is_number(one, 1) and (kind == "float" or (kind == "int" and type(one) is int))


def mul_by_one(call: Call, facts: Facts) -> Known | bool:
    """``x * 1`` is x, and so is ``1 * x``."""
    a, b = call.args
    if is_neutral(b, a, call):
        return Known(a)
    return Known(b) if is_neutral(a, b, call) else False


def mul_by_minus_one(call: Call, facts: Facts) -> Known | bool:
    """``-1.0 * x`` is -x."""
    for one, x in (call.args, call.args[::-1]):
        if is_number(one, -1) and real_kind(x, call) == "float":
            return become(call, operator.neg, x)
    return False


def negation(operand: Operand, call: Call, facts: Facts) -> Call | None:
    """The negation that made an operand; of an int it does not count: the negative of 0 is 0, and not -0.0."""
    made = facts.call(operand, operator.neg)
    return made if made is not None and has_signed_zero(made.args[0], call) else None


def mul_signs(call: Call, facts: Facts) -> Known | bool:
    """``-a * -b`` is a * b, and ``2.0 * -b`` is -2.0 * b."""
    a, b = (negation(arg, call, facts) for arg in call.args)
    if a is not None and b is not None:
        return become(call, operator.mul, a.args[0], b.args[0])
    if b is not None and type(call.args[0]) is float:
        return become(call, operator.mul, -call.args[0], b.args[0])
    if a is not None and type(call.args[1]) is float:
        return become(call, operator.mul, -call.args[1], a.args[0])
    return False


def mul_by_reciprocal(call: Call, facts: Facts) -> Known | bool:
    """``a * (1 / b)`` is a / b in a reverse sweep: the last bit may differ, so not in what the user wrote."""
    if call.sweep not in DERIVED:
        return False
    for a, b in (call.args, call.args[::-1]):
        reciprocal = facts.call(b, operator.truediv) or facts.call(b, np.divide)
        if reciprocal is None or reciprocal.must or reciprocal.kwargs or not facts.once(b):
            continue
        if is_number(reciprocal.args[0], 1):
            # Where Python's numbers would raise, the rule has asked NumPy to divide.
            numpy = sure_numpy(type_of(a)) or reciprocal.fn is operator.truediv
            return become(call, operator.truediv if numpy else np.divide, a, reciprocal.args[1])
        turned = turned_difference(a, facts) if is_number(reciprocal.args[0], -1) else None
        if turned is not None:
            return become(call, operator.truediv, turned, reciprocal.args[1])
    return False


def turned_difference(operand: Operand, facts: Facts) -> Operand | None:
    """The negative of a difference of arrays that nobody else reads: the difference the other way round."""
    made = facts.call(operand, operator.sub)
    if made is None or made.must or not facts.once(operand) or not isinstance(type_of(operand), Arr):
        return None
    return facts.emit(made, operator.sub, *made.args[::-1])


def without_sign(operand: Operand, call: Call, facts: Facts) -> Operand | None:
    """What an operand is the negative of: of a negation, or of a product of one that nobody else reads."""
    negated = negation(operand, call, facts)
    if negated is not None:
        return negated.args[0]
    return _unsigned_product(operand, call, facts, MAX_FACTORS)


def _unsigned_product(operand: Operand, call: Call, facts: Facts, depth: int) -> Operand | None:
    """The product, or quotient, without the sign of one of its factors; made anew."""
    made = facts.made.get(operand) if isinstance(operand, Value) else None
    if made is None or depth == 0 or not facts.once(operand):
        return None
    for k in _signed(made, call):
        bare = _unsigned_factor(made.args[k], call, facts, depth - 1)
        if bare is not None:
            out = facts.emit(made, made.fn, *made.args[:k], bare, *made.args[k + 1 :])
            facts.made[out].kwargs = dict(made.kwargs)
            return out
    return None


def _signed(made: Call, call: Call) -> tuple[int, ...]:
    """The operands that a call hands its sign on from."""
    if made.fn is operator.mul or made.fn is operator.truediv:
        return (0, 1)
    if made.fn is np.divide and not made.kwargs:
        return (0,) if isinstance(made.args[0], Value) else ()
    if made.fn is np.where and call.sweep in DERIVED and len(made.args) == 3:  # but for the sign of its zeros
        return tuple(k for k, other in ((1, 2), (2, 1)) if is_number(made.args[other], 0))
    moves = made.fn is np.broadcast_to or made.fn is np.expand_dims
    return (0,) if moves and not made.must else ()


def _unsigned_factor(factor: Operand, call: Call, facts: Facts, depth: int) -> Operand | None:
    if type(factor) is float:
        return -factor if factor < 0 else None
    negated = negation(factor, call, facts)
    return negated.args[0] if negated is not None else _unsigned_product(factor, call, facts, depth)


def add_negative(call: Call, facts: Facts) -> Known | bool:
    """``a + -b`` is a - b, ``-a + b`` is b - a."""
    a, b = call.args
    positive = without_sign(b, call, facts)
    if positive is not None:
        return become(call, operator.sub, a, positive)
    positive = without_sign(a, call, facts)
    return positive is not None and become(call, operator.sub, b, positive)


def sub_negative(call: Call, facts: Facts) -> Known | bool:
    """``a - -b`` is a + b."""
    positive = without_sign(call.args[1], call, facts)
    return positive is not None and become(call, operator.add, call.args[0], positive)


def sub_zero(call: Call, facts: Facts) -> Known | bool:
    """``x - 0`` is x, also where x is -0.0."""
    x, zero = call.args
    kind = real_kind(x, call)
    same = is_number(zero, 0) and (kind == "float" or (kind == "int" and type(zero) is int))
    # Minus -0.0 is plus 0.0.
    return Known(x) if same and str(zero)[0] != "-" else False


def neg_of_neg(call: Call, facts: Facts) -> Known | bool:
    """``--x`` is x."""
    inner = facts.call(call.args[0], operator.neg)
    return Known(inner.args[0]) if inner is not None and real_kind(inner.args[0], call) is not None else False


def neg_of_signed(call: Call, facts: Facts) -> Known | bool:
    """``-(-a * b)`` is a * b."""
    product = _unsigned_product(call.args[0], call, facts, MAX_FACTORS)
    return Known(product) if product is not None else False


def add_signed_item(call: Call, facts: Facts) -> Known | bool:
    """``x[i] += -a * b`` is x[i] += -(a * b), which is printed as a subtraction."""
    product = _unsigned_product(call.args[2], call, facts, MAX_FACTORS) if len(call.args) > 2 else None
    if product is None:
        return False
    negative = facts.emit(facts.made[call.args[2]], operator.neg, product)
    return become(call, call.fn, *call.args[:2], negative, *call.args[3:])


def neg_of_product(call: Call, facts: Facts) -> Known | bool:
    """``-(2.0 * x)`` is -2.0 * x, ``-(2.0 / x)`` is -2.0 / x."""
    for fn in (operator.mul, operator.truediv, np.divide):
        inner = facts.call(call.args[0], fn)
        if inner is None or inner.must or inner.kwargs or not facts.once(call.args[0]):
            continue
        number, quotient = inner.args[0], fn is not operator.mul
        if type(number) is float or (type(number) is int and quotient and has_signed_zero(inner.out, call)):
            return become(call, fn, -number, inner.args[1])
    return False


def div_by_one(call: Call, facts: Facts) -> Known | bool:
    """``x / 1`` is x, for floats: of ints it makes floats."""
    x, one = call.args
    return Known(x) if is_number(one, 1) and real_kind(x, call) == "float" else False


def pow_one(call: Call, facts: Facts) -> Known | bool:
    """``x ** 1`` is x."""
    x, one = call.args
    return Known(x) if is_neutral(one, x, call) else False


def spread(call: Call, facts: Facts) -> Known | bool:
    """A number that was broadcast to the shape of the other operand is as good as it is."""
    for i, other in ((0, call.args[1]), (1, call.args[0])):
        made = facts.call(call.args[i], np.broadcast_to)
        if made is not None and _spreads(made, other, facts):
            args = (made.args[0], other) if i == 0 else (other, made.args[0])
            return become(call, call.fn, *args)
    return False


def _spreads(made: Call, other: Operand, facts: Facts) -> bool:
    """Does arithmetic with `other` broadcast the number by itself, and to the same dtype?"""
    if len(made.args) != 2 or made.kwargs or dims_of(made.args[0]) != () or not isinstance(other, Value):
        return False
    shape = facts.call(made.args[1], np.shape)
    like = shape.args[0] if shape is not None and isinstance(shape.args[0], Value) else None
    same = like is not None and facts.shapes.representative(like) is facts.shapes.representative(other)
    return (same or same_dims(dims_of(other), dims_of(made.out))) and _same_dtype(type_of(made.args[0]), other.type)


def _same_dtype(number: Type, array: Type) -> bool:
    """Python's numbers are weak, arrays made of them are not: float32 times an array of 2.0 is float64."""
    if isinstance(number, Arr):
        return number.dtype is not None
    if not isinstance(number, Num) or not isinstance(array, Arr) or array.dtype is None:
        return False
    strong = array.dtype == np.complex128 or (array.dtype == np.float64 and number.kind in ("bool", "int", "float"))
    return number.dtype is not None or (strong and number.kind is not None)


ALGEBRA: dict[Any, tuple[Rewrite, ...]] = {
    operator.add: (add_negative, spread),
    operator.sub: (sub_zero, sub_negative, spread),
    operator.mul: (mul_by_one, mul_by_minus_one, mul_signs, mul_by_reciprocal, spread),
    operator.truediv: (div_by_one, spread),
    operator.neg: (neg_of_neg, neg_of_signed, neg_of_product),
    operator.pow: (pow_one,),
    runtime.add_item: (add_signed_item,),
}
