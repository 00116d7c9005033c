"""Rewrites of sums and spreads of cotangents, and of what two terms have in common.

What they change is the rounding of a cotangent or tangent, and the sign of a zero: none of them is for a primal.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.shapes import dims_of, type_of
from srcgrad.ir.core import Call, Operand, Value
from srcgrad.ir.same import same_operand
from srcgrad.ir.types import Arr
from srcgrad.passes.fold_algebra import without_sign
from srcgrad.passes.folding import DERIVED, Facts, Known, Rewrite, become

__all__ = ["SUMS"]

MAX_DEPTH = 4  # of a product in which a common factor is looked for


def sum_of_negative(call: Call, facts: Facts) -> Known | bool:
    """``np.sum(-x)`` is -np.sum(x): one number changes its sign, not an array."""
    if call.sweep not in DERIVED or not facts.once(call.args[0]) or not set(call.kwargs) <= {"axis", "keepdims"}:
        return False
    positive = without_sign(call.args[0], call, facts)
    if positive is None:
        return False
    out = facts.emit(call, call.fn, positive, *call.args[1:])
    facts.made[out].kwargs = dict(call.kwargs)
    return become(call, operator.neg, out)


def sum_of_mean(call: Call, facts: Facts) -> Known | bool:
    """``np.sum(np.broadcast_to(a / x.size, x.shape))`` is a; the mean of nothing is NaN, whatever its derivative."""
    spread = facts.call(call.args[0], np.broadcast_to)
    if call.sweep not in DERIVED or len(call.args) > 1 or call.kwargs or spread is None or len(spread.args) != 2:
        return False
    share, shape = spread.args[0], facts.call(spread.args[1], np.shape)
    made = facts.call(share, np.divide) or facts.call(share, operator.truediv)
    size = facts.call(made.args[1], np.size) if made is not None else None
    if made is None or size is None or shape is None or len(size.args) != 1:
        return False
    whole = dims_of(made.args[0]) == () and size.args[0] is shape.args[0]
    return Known(made.args[0]) if whole else False


def product_of_spread(call: Call, facts: Facts) -> Known | bool:
    """A number that is broadcast and then multiplied by a number is multiplied before."""
    for a, b in (call.args, call.args[::-1]):
        made = facts.call(a, np.broadcast_to)
        if call.sweep not in DERIVED or made is None or len(made.args) != 2 or made.sweep not in DERIVED:
            continue
        if dims_of(made.args[0]) == () == dims_of(b) and _is_double(call.out) and _is_double(made.out):
            scalar = Value(type_of(made.args[0]), "", call.out.span)
            facts.new.append(Call(operator.mul, (made.args[0], b), {}, scalar, call.span, "", False, call.sweep))
            facts.enter(facts.new[-1])
            facts.uses[scalar] += 1
            return become(call, np.broadcast_to, scalar, made.args[1])
    return False


def _is_double(operand: Operand) -> bool:
    type_ = type_of(operand)
    return isinstance(type_, Arr) and type_.dtype == np.dtype(float)


def common_factor(call: Call, facts: Facts) -> Known | bool:
    """``s * a - s * b`` is s * (a - b), where `s` is a number and the others are arrays."""
    a, b = call.args
    if call.sweep not in DERIVED or not isinstance(call.out.type, Arr) or a is b:
        return False
    theirs = set(_factors(b, facts, MAX_DEPTH))
    factor = next((x for x in _factors(a, facts, MAX_DEPTH) if x in theirs), None) if theirs else None
    if factor is None or type_of(a) != type_of(b) or type_of(a) != call.out.type:
        return False
    inner = facts.emit(call, call.fn, _without(a, factor, facts), _without(b, factor, facts))
    inner.hint = ""
    return become(call, operator.mul, factor, inner)


def _factors(operand: Operand, facts: Facts, depth: int) -> Iterator[Value]:
    """The numbers in a product of arrays that could as well be left out: no type changes."""
    made = facts.made.get(operand) if isinstance(operand, Value) else None
    if made is None or depth == 0 or made.must or made.sweep not in DERIVED or not facts.once(operand):
        return
    if made.fn is operator.mul:
        for factor, rest in (made.args, made.args[::-1]):
            if isinstance(factor, Value) and dims_of(factor) == () and type_of(rest) == made.out.type:
                yield factor
            if type_of(factor) == made.out.type:
                yield from _factors(factor, facts, depth - 1)
    elif made.fn is operator.truediv and type_of(made.args[0]) == made.out.type:
        yield from _factors(made.args[0], facts, depth - 1)


def _without(operand: Operand, factor: Value, facts: Facts) -> Operand:
    """A product without one of its factors."""
    made = facts.made[operand]
    for k, arg in enumerate(made.args):
        if arg is factor:
            return made.args[1 - k]
        if factor in set(_factors(arg, facts, MAX_DEPTH)):
            rest = _without(arg, factor, facts)
            return facts.emit(made, made.fn, *made.args[:k], rest, *made.args[k + 1 :])
    raise AssertionError("the factor is not where it was found")


def repeated_term(call: Call, facts: Facts) -> Known | bool:
    """``(a + b) + b`` is a + 2 * b, and ``(a - b) - b`` is a - 2 * b."""
    a, b = call.args
    made = facts.call(a, call.fn)
    if call.sweep not in DERIVED or made is None or made.sweep not in DERIVED or not facts.once(a) or made.must:
        return False
    if made.args[1] is not b or not isinstance(b, Value) or facts.uses[b] != 2:
        return False
    double = facts.emit(call, operator.mul, 2, b)
    double.type, double.hint = b.type, ""
    return become(call, call.fn, made.args[0], double)


def shared_term(call: Call, facts: Facts) -> Known | bool:
    """``x - (a + x * b)`` is x * (1 - b) - a, of arrays of one shape."""
    x, rest = call.args
    made = facts.call(rest, operator.add)
    if call.sweep not in DERIVED or made is None or made.must or not facts.once(rest) or not _is_double(call.out):
        return False
    for a, product in (made.args, made.args[::-1]):
        times = facts.call(product, operator.mul)
        if times is None or times.must or not facts.once(product) or not any(arg is x for arg in times.args):
            continue
        b = times.args[1] if times.args[0] is x else times.args[0]
        if all(type_of(each) == call.out.type for each in (x, a, b)):
            scaled = facts.emit(call, operator.mul, x, facts.emit(call, operator.sub, 1, b))
            scaled.hint = ""
            return become(call, operator.sub, scaled, a)
    return False


def merge_constants(call: Call, facts: Facts) -> Known | bool:
    """``a * (2 * x)`` is (2 * a) * x, where `a` is a number written down."""
    for number, product in (call.args, call.args[::-1]):
        made = facts.call(product, operator.mul)
        if call.sweep not in DERIVED or made is None or made.must or made.sweep not in DERIVED:
            continue
        for other, rest in (made.args, made.args[::-1]):
            if _is_number(number) and _is_number(other) and facts.once(product) and type_of(rest) == call.out.type:
                return become(call, operator.mul, number * other, rest)
    return False


def _is_number(operand: Operand) -> bool:
    return type(operand) in (int, float)


def transposed_product(call: Call, facts: Facts) -> Known | bool:
    """``(a.T @ b).T`` is b.T @ a, of matrices."""
    made = facts.call(call.args[0], operator.matmul)
    if call.sweep not in DERIVED or len(call.args) > 1 or made is None or made.must or not facts.once(call.args[0]):
        return False
    a, b = made.args
    inner, kind = facts.call(a, np.transpose), type_of(b)
    matrices = isinstance(kind, Arr) and kind.ndim == 2 and len(dims_of(a) or ()) == 2
    if inner is None or len(inner.args) > 1 or not isinstance(kind, Arr) or not matrices:
        return False
    turned = facts.emit(call, np.transpose, b)
    turned.type, turned.hint = Arr(kind.dtype, (kind.dims or ())[::-1]), ""
    return become(call, operator.matmul, turned, inner.args[0])


def flatten(call: Call, facts: Facts) -> Known | bool:
    """``a - (b + c)`` is a - b - c, and ``a - (b - c)`` is a - b + c, of numbers."""
    a, b = call.args
    made = facts.call(b, operator.add) or facts.call(b, operator.sub)
    if call.sweep not in DERIVED or made is None or made.sweep not in DERIVED or made.must or not facts.once(b):
        return False
    if any(dims_of(operand) != () for operand in (a, *made.args)):
        return False
    first = facts.emit(call, operator.sub, a, made.args[0])
    first.hint = ""
    return become(call, operator.sub if made.fn is operator.add else operator.add, first, made.args[1])


def add_to_zeroed(call: Call, facts: Facts) -> Known | bool:
    """Adding to the item of a list that has just been made zero is writing it."""
    made = facts.call(call.args[0], runtime.list_set)
    if made is None or len(call.args) != 3 or not facts.once(call.args[0]):
        return False
    zero, value = facts.call(made.args[2], np.zeros_like), call.args[2]
    if zero is None or any(made.args[3:]) or not same_operand(made.args[1], call.args[1]):
        return False
    if not isinstance(value, Value) or value.type != zero.out.type or not isinstance(value.type, Arr):
        return False
    return become(call, runtime.list_set, made.args[0], call.args[1], value)


SUMS: dict[Any, tuple[Rewrite, ...]] = {
    np.sum: (sum_of_mean, sum_of_negative),
    np.transpose: (transposed_product,),
    operator.mul: (product_of_spread, merge_constants),
    operator.add: (common_factor, repeated_term),
    operator.sub: (common_factor, repeated_term, flatten, shared_term),
    runtime.list_add: (add_to_zeroed,),
}
