"""Where floating-point warnings are off: in a reverse sweep that may meet a zero or an infinity the primal did not."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.codegen.operators import known
from srcgrad.codegen.statements import Define, Move, Statement, Store, inner
from srcgrad.ir.core import Call, Func, Operand, Value, values_in
from srcgrad.ir.types import Num, Type
from srcgrad.ir.walk import callees, walk

__all__ = ["calls_in", "quiet_part", "stays_quiet"]

QUOTIENTS = dict.fromkeys((operator.truediv, np.divide))
WHOLE_QUOTIENTS = dict.fromkeys((operator.floordiv, operator.mod, np.floor_divide, np.mod))
POWERS = dict.fromkeys((operator.pow, np.power, np.float_power))
SINGULAR: dict[Any, None] = dict.fromkeys((
    np.sqrt, np.log, np.log2, np.log10, np.log1p, np.reciprocal, np.arcsin, np.arccos, np.arctanh, np.arccosh,
    np.exp, np.exp2, np.expm1, np.sinh, np.cosh, np.logaddexp, np.logaddexp2, np.nan_to_num,
    runtime.norm_weights, runtime.cofactor, runtime.cofactor_step,
))  # fmt: skip
# What never warns of finite numbers unless they, or their sum, are next to the largest there is.
MOVES: dict[Any, None] = dict.fromkeys((
    operator.add, operator.sub, np.add, np.subtract, np.maximum, np.minimum, np.abs, np.where, np.sign,
    operator.getitem, operator.neg, operator.pos, operator.not_, operator.is_, operator.is_not, operator.eq,
    operator.ne, operator.lt, operator.le, operator.gt, operator.ge, operator.and_, operator.or_, operator.invert,
    np.shape, np.size, np.ndim, len, np.transpose, np.reshape, np.ravel, np.expand_dims, np.squeeze, np.swapaxes,
    np.moveaxis, np.broadcast_to, np.real, np.imag, np.conj, np.copy, np.zeros, np.zeros_like, np.ones, np.ones_like,
    np.negative, np.logical_and, np.logical_or, np.logical_not, np.isnan, np.isfinite, np.argsort, np.argmax,
    np.argmin, np.sum, np.max, np.min, np.cumsum, np.clip, runtime.get_item,
))  # fmt: skip


def quiet_part(func: Func, statements: list[Statement]) -> set[Statement]:
    """The statements of the reverse sweep, if floating-point warnings have to be off in it; else none."""
    first = next((k for k, statement in enumerate(statements) if _is_reverse(statement)), len(statements))
    while 0 < first < len(statements) and isinstance(statements[first - 1], Move):
        first -= 1  # a loop's initial values belong to it
    calls = [call for statement in statements[first:] for call in calls_in(statement)]
    safe = _divisors(func)
    return set(statements[first:]) if any(_may_warn(call, safe) for call in calls) else set()


def _divisors(func: Func) -> set[Value]:
    """What the forward sweep always divides by: where that is zero, the primal has warned."""
    if any(isinstance(op, Call) and op.fn is runtime.set_errors for op in walk(func.block)):
        return set()
    ops = (op for op in func.block.ops if isinstance(op, Call) and known(op.fn, QUOTIENTS) and op.sweep != "reverse")
    return {value for op in ops for value in values_in(op.args[1])}


def _is_reverse(statement: Statement) -> bool:
    """Is the first call that says so of the reverse sweep?"""
    return next((call.sweep for call in calls_in(statement) if call.sweep), "") == "reverse"


def calls_in(statement: Statement) -> list[Call]:
    """The calls of a statement, and of those inside it."""
    if isinstance(statement, (Define, Store)):
        return [statement.call]
    return [call for inside in inner(statement) for one in inside for call in calls_in(one)]


def _may_warn(call: Call, safe: set[Value]) -> bool:
    """May an operation of the reverse sweep warn, or what it calls?"""
    if isinstance(call.fn, Func):
        reached = [call.fn, *callees(call.fn.block)]
        return any(_is_singular(op, set()) for func in reached for op in walk(func.block) if isinstance(op, Call))
    return _is_singular(call, safe)


def _is_singular(call: Call, safe: set[Value]) -> bool:
    """May the result be infinite or undefined where the operands are plain numbers?"""
    if call.sweep != "reverse" or isinstance(call.fn, Func):
        return False
    if known(call.fn, QUOTIENTS) and isinstance(call.args[1], Value) and call.args[1] in safe:
        return False
    if known(call.fn, QUOTIENTS) or known(call.fn, WHOLE_QUOTIENTS):
        return not _is_safe_divisor(call.args[1]) and not _is_pythons(call)
    if known(call.fn, POWERS):
        return not _is_natural(call.args[1]) and not _is_pythons(call)
    return known(call.fn, SINGULAR)


def _is_safe_divisor(operand: Operand) -> bool:
    """Is it a constant that is not zero, or a count? Of nothing there is no mean, and the primal says so."""
    if isinstance(operand, Value):
        return isinstance(operand.type, Num) and operand.type.kind == "int"
    return bool(operand)


def _is_natural(operand: Operand) -> bool:
    return not isinstance(operand, Value) and operand >= 1


def _is_pythons(call: Call) -> bool:
    """Is it arithmetic of Python's own numbers, which raises and never warns?"""
    return getattr(call.fn, "__module__", "") == "_operator" and all(
        _is_python_number(operand.type) if isinstance(operand, Value) else True for operand in call.args
    )


def _is_python_number(type_: Type) -> bool:
    return isinstance(type_, Num) and type_.kind is not None and type_.dtype is None


def stays_quiet(call: Call) -> bool:
    """May the call stand where warnings are off, for it is of the reverse sweep or never warns?"""
    fn: Any = call.fn
    is_integer = isinstance(call.out.type, Num) and call.out.type.kind in ("int", "bool")
    return call.sweep == "reverse" or is_integer or known(fn, MOVES) or _is_pythons(call)
