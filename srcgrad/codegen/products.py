"""Arithmetic of cotangents as a person would write it: constant factors first, and none that cancel."""

from __future__ import annotations

import math
import operator

import numpy as np

from srcgrad.analysis.shapes import type_of
from srcgrad.codegen.clues import Clues, is_float, is_numpy
from srcgrad.ir.core import Call, Operand, Value
from srcgrad.passes.folding import DERIVED

__all__ = ["cancel", "divide", "factor_first", "twice"]

DIVISIONS = (operator.truediv, np.divide)
MAX_DEPTH = 6  # of a product in which constant factors are looked for


def twice(call: Call, facts: Clues) -> Operand | None:
    """``a + a`` is 2 * a in a reverse sweep."""
    if call.fn is operator.add and call.sweep in DERIVED and call.args[0] is call.args[1] and is_float(call.args[0]):
        call.fn, call.args = operator.mul, (2, call.args[0])
    return None


def factor_first(call: Call, facts: Clues) -> Operand | None:
    """``x * 2`` is 2 * x in a reverse sweep."""
    if call.fn is operator.mul and call.sweep in DERIVED:
        a, b = call.args
        if isinstance(a, Value) and type(b) in (int, float) and is_float(a):
            call.args = b, a
    return None


def cancel(call: Call, facts: Clues) -> Operand | None:
    """``0.5 * (2 * x)`` is x in a reverse sweep, and ``a * (0.5 / b) * (2 * x)`` is a / b * x."""
    if call.fn is not operator.mul or call.sweep not in DERIVED:
        return None
    factors = _constant_factors(call, facts, MAX_DEPTH)
    for k, (one, i) in enumerate(factors):
        for other, j in factors[:k]:
            if one is not other and one.args[i] * other.args[j] == 1 and _is_power_of_two(one.args[i]):
                return _cancelled(call, facts, (one, i), (other, j))
    return None


def _constant_factors(call: Call, facts: Clues, depth: int) -> list[tuple[Call, int]]:
    """The calls of a product that have a constant factor, and where."""
    found = []
    for k, arg in enumerate(call.args):
        if call.fn in DIVISIONS and k == 1:
            continue
        if type(arg) in (int, float):
            found.append((call, k))
        inner = facts.made.get(arg) if isinstance(arg, Value) and facts.once(arg) else None
        if inner is not None and _is_product(inner) and depth:
            found += _constant_factors(inner, facts, depth - 1)
    return found


def _is_product(call: Call) -> bool:
    return call.fn in (operator.mul, *DIVISIONS) and call.sweep in DERIVED and not call.must and not call.kwargs


def _is_power_of_two(number: float) -> bool:
    return abs(math.frexp(number)[0]) == 0.5


def _cancelled(call: Call, facts: Clues, *places: tuple[Call, int]) -> Operand | None:
    if not all((one.fn is np.divide or is_float(one.args[1 - i])) and is_float(one.out) for one, i in places):
        return None
    result: Operand | None = None
    if any(one.fn is operator.truediv and _is_python(one.args[1]) for one, _ in places):
        return None
    for one, i in sorted(places, key=lambda place: place[0] is call):  # what stands for the call itself comes last
        rest = one.args[1 - i]
        if one.fn in DIVISIONS or not _same_type(rest, one.out):
            one.args = 1.0, rest
            _divide_inside(call, facts)
        elif one is call:
            result = rest
        else:
            _replace_argument(call, facts, one.out, rest)
    return result


def _replace_argument(call: Call, facts: Clues, old: Value, new: Operand) -> None:
    """Read `new` for `old` in a product, however deep."""
    if any(arg is old for arg in call.args):
        call.args = tuple(new if arg is old else arg for arg in call.args)
        return
    for arg in call.args:
        inner = facts.made.get(arg) if isinstance(arg, Value) else None
        if inner is not None and _is_product(inner) and facts.once(arg):
            _replace_argument(inner, facts, old, new)


def _divide_inside(call: Call, facts: Clues) -> None:
    """Divide by what a factor of a product is the reciprocal of, however deep."""
    for arg in call.args:
        inner = facts.made.get(arg) if isinstance(arg, Value) and facts.once(arg) else None
        if inner is not None and _is_product(inner):
            _divide_inside(inner, facts)
    divide(call, facts)


def _is_python(operand: Operand) -> bool:
    return not is_numpy(operand)


def _same_type(a: Operand, b: Operand) -> bool:
    return type_of(a) == type_of(b)


def divide(call: Call, facts: Clues) -> Operand | None:
    """``a * (1 / b)`` is a / b in a reverse sweep, where `b` is NumPy's."""
    if call.fn is not operator.mul or call.sweep not in DERIVED:
        return None
    for a, b in (call.args, call.args[::-1]):
        made = facts.call(b, operator.truediv) or facts.call(b, np.divide)
        if made is None or made.must or made.kwargs or not facts.once(b) or type(made.args[0]) not in (int, float):
            continue
        if made.args[0] == 1 and (is_numpy(made.args[1]) or (is_numpy(a) and is_float(a))):
            call.fn, call.args = operator.truediv, (a, made.args[1])
            return None
    return None
