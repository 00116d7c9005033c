"""Derivatives that do not exist: refused at the line of the call, before anything is derived."""

from __future__ import annotations

from srcgrad.autodiff.activity import varied
from srcgrad.autodiff.apply import bind, name_of
from srcgrad.errors import UnsupportedError
from srcgrad.ir.core import Call, Func, Op, Operand, Value, values_in
from srcgrad.ir.types import may_vary
from srcgrad.ir.walk import callees, walk
from srcgrad.rules.core import Rule, lookup

__all__ = ["refuse_active"]


def refuse_active(func: Func, inputs: list[Value]) -> None:
    """Raise where a value that varies with the inputs is given for what a rule has no derivative by."""
    if not any(rule_that_refuses(op) for op in walk(func.block)):
        return
    active = varied(func.block, inputs)
    inner = {id(op) for each in callees(func.block) if each is not func for op in walk(each.block)}
    for op in walk(func.block):
        rule = rule_that_refuses(op)
        if rule is not None and isinstance(op, Call):
            check(rule, op, None if id(op) in inner else active)


def rule_that_refuses(op: Op) -> Rule | None:
    """The rule of a call, if there is something that it refuses."""
    rule = lookup(op.fn) if isinstance(op, Call) else None
    return rule if rule is not None and rule.refuses else None


def check(rule: Rule, call: Call, active: set[Value] | None) -> None:
    """Raise if one of the arguments that are refused varies; within a function that calls itself, if it may."""
    for name, why in rule.refuses:
        given: Operand = (call.args, tuple(call.kwargs.values())) if name == "*" else bind(rule, call).get(name)
        if any(may_vary(value.type) if active is None else value in active for value in values_in(given)):
            by = "" if name == "*" else f" by its argument `{name}`"
            raise UnsupportedError(f"cannot differentiate `{name_of(call.fn)}`{by}", span=call.span, reason=why)
