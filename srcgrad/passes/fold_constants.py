"""Calls of which all operands are constants, made at compile time."""

from __future__ import annotations

import cmath
import math
import operator
from typing import Any

import numpy as np

from srcgrad.analysis.effects import has_effect
from srcgrad.ir.core import Call, Func, Operand
from srcgrad.passes.folding import Known
from srcgrad.rules.core import lookup

__all__ = ["evaluate"]

BUILTINS = {abs, min, max, len, int, float, bool, complex, round, pow, sum, divmod, tuple}
GROWING = {math.factorial, math.comb, math.perm, operator.lshift}  # small operands, huge results
ERRORS = (ArithmeticError, ValueError, TypeError, LookupError, AttributeError)
NUMBERS = (bool, int, float, complex)
MAX_EXPONENT = 64


def evaluate(call: Call) -> Known | None:
    """What a call of constants gives; None where it has to stay: it raises, or its result cannot be written down."""
    fn, operands = call.fn, (*call.args, *call.kwargs.values())
    if isinstance(fn, Func) or not operands or not all(map(is_constant, operands)) or not _may_evaluate(call):
        return None
    try:
        with np.errstate(all="raise"):  # a warning belongs to the run
            result = fn(*call.args, **call.kwargs)
    except ERRORS:
        return None
    return Known(result) if is_result(result) else None


def is_constant(operand: Operand) -> bool:
    """A number, or a tuple or slice of numbers: what never changes."""
    if type(operand) is tuple:
        return all(map(is_constant, operand))
    return operand is None or type(operand) in NUMBERS or _is_numpy_number(operand)


def is_result(value: Any) -> bool:
    """A finite number or a tuple of them: what can be written down and read."""
    if type(value) is tuple:
        return all(map(is_result, value))
    if type(value) in (bool, int):
        return bool(abs(value) < 1 << 64)
    return (type(value) in (float, complex) or _is_numpy_number(value)) and bool(cmath.isfinite(value))


def _is_numpy_number(value: Any) -> bool:
    return isinstance(value, (np.bool_, np.number))


def _may_evaluate(call: Call) -> bool:
    fn = call.fn
    if fn in GROWING or has_effect(call) or _is_large(call):
        return False
    if isinstance(fn, np.ufunc) or fn in BUILTINS or getattr(fn, "__module__", "") in ("math", "cmath", "_operator"):
        return True
    rule = lookup(fn)
    return rule is not None and rule.kind == "constant"


def _is_large(call: Call) -> bool:
    """May it be a power of thousands of digits, or a long tuple?"""
    if call.fn in (operator.pow, pow):
        return any(isinstance(arg, int) and abs(arg) > MAX_EXPONENT for arg in call.args[1:])
    return call.fn is operator.mul and any(isinstance(arg, tuple) for arg in call.args)
