"""`try`: exceptions that the program raises itself are exits of their own; those of an operation cannot be caught yet.

Which handler takes a ``raise`` is known while compiling. Where it is raised, a variable notes the handler, and the
block is left as by ``return``; behind the body an `If` on that variable runs the handler.
"""

from __future__ import annotations

import builtins
import operator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.frontend.branches import branch, run_block
from srcgrad.frontend.context import Context, Frame, operand_type
from srcgrad.frontend.values import Const
from srcgrad.ir.core import GO, Block, Call, Loop, Operand, Value
from srcgrad.ir.types import Num
from srcgrad.ir.walk import walk
from srcgrad.rules.core import lookup

THROWN = "<thrown>"  # which handler of a `try` is to run; 0 for none
CAUGHT = "<caught>"  # the arguments of the exception


@dataclass(eq=False)
class Attempt:
    """A `try` whose body is interpreted: the activation it is in, and which exceptions its handlers take."""

    frame: Frame
    classes: list[tuple[type[BaseException], ...]]
    token: int
    seen: set[int] = field(default_factory=set)

    def handler(self, cls: type[BaseException]) -> int:
        """The number of the handler that takes an exception, from 1; 0 where none does."""
        return next((k + 1 for k, taken in enumerate(self.classes) if issubclass(cls, taken)), 0)

    def key(self, name: str) -> tuple[int, str]:
        """A variable of this `try`."""
        return self.frame.number, f"{name}{self.token}"


def try_statement(ctx: Context, node: Any) -> Operand:
    """``try``, ``except``, ``else``, ``finally``."""
    status = attempted(ctx, node) if node.handlers else run_block(ctx, node.body)
    if not node.finalbody:
        return status
    last = run_block(ctx, node.finalbody)
    return status if isinstance(last, int) and last == GO else last


def attempted(ctx: Context, node: Any) -> Operand:
    """The body and its handlers."""
    attempt = Attempt(ctx.frame, [classes_of(ctx, handler) for handler in node.handlers], len(ctx.attempts))
    thrown = attempt.key(THROWN)
    ctx.state.variables[thrown] = Const(0)
    ctx.state.variables[attempt.key(CAUGHT)] = Const(None)
    ctx.attempts.append(attempt)
    start = len(ctx.block.ops)
    try:
        status = run_block(ctx, node.body)
    finally:
        ctx.attempts.pop()
    check_body(ctx, node, attempt, ctx.block.ops[start:])
    which = ctx.operand(ctx.state.variables.pop(thrown))
    return after_body(ctx, node, attempt, status, which, sorted(attempt.seen))


def after_body(ctx: Context, node: Any, attempt: Attempt, status: Operand, which: Operand, seen: list[int]) -> Operand:
    """Run the handler that was noted, `else`, or nothing."""
    if not isinstance(which, Value):
        if which:
            return handled(ctx, node, attempt, int(which))
        return run_block(ctx, node.orelse) if not isinstance(status, Value) and status == GO else status
    test = ctx.emit(operator.eq, which, seen[0], type_=Num("bool"), must=False)

    def rest() -> tuple[Operand, None]:
        if len(seen) > 1:
            return after_body(ctx, node, attempt, status, which, seen[1:]), None
        return otherwise(ctx, node, status), None

    return branch(ctx, test, lambda: (handled(ctx, node, attempt, seen[0]), None), rest)[0]


def otherwise(ctx: Context, node: Any, status: Operand) -> Operand:
    """The body was left in another way than by an exception."""
    if isinstance(status, Value) and node.orelse:
        done = ctx.emit(operator.eq, status, GO, type_=Num("bool"), must=False)
        return branch(ctx, done, lambda: (run_block(ctx, node.orelse), None), lambda: (status, None))[0]
    return run_block(ctx, node.orelse) if not isinstance(status, Value) and status == GO else status


def handled(ctx: Context, node: Any, attempt: Attempt, number: int) -> Operand:
    """The handler's body, with the exception's name bound."""
    handler = node.handlers[number - 1]
    if handler.name is not None:
        caught = ctx.state.variables.get(attempt.key(CAUGHT), Const(None))
        ctx.state.variables[(ctx.frame.number, handler.name)] = caught
    return run_block(ctx, handler.body)


def classes_of(ctx: Context, handler: Any) -> tuple[type[BaseException], ...]:
    """The exceptions that a handler takes."""
    if handler.type is None:
        return (BaseException,)
    known = ctx.static(ctx.settle(ctx.expr(handler.type)), "which exceptions are caught")
    return known if isinstance(known, tuple) else (known,)


def check_body(ctx: Context, node: Any, attempt: Attempt, ops: list[Any]) -> None:
    """Refuse a body in which an operation may raise what a handler takes."""
    for op in walk(Block(ops=ops)):
        if isinstance(op, Loop) or not isinstance(op, Call) or op.fn is runtime.raise_error:
            continue
        for cls in may_raise(op):
            if attempt.handler(cls):
                name = getattr(op.fn, "__name__", "this")
                ctx.span = op.span or ctx.span
                raise ctx.unsupported(f"cannot tell whether `{name}` raises {cls.__name__} here",
                                      "Test for the exceptional case with `if` before it arises.",
                                      "which statements of a `try` ran would be known only at run time")  # fmt: skip


def may_raise(call: Call) -> tuple[type[BaseException], ...]:
    """The exceptions that an operation may raise on arguments of the right kinds."""
    numbers = all(isinstance(operand_type(arg), Num) for arg in call.args)
    fn = call.fn
    if getattr(fn, "__module__", "") == "math":
        return (ValueError, OverflowError)
    if fn in (operator.truediv, operator.floordiv, operator.mod, operator.pow) and numbers:
        return (ZeroDivisionError, OverflowError)
    if fn in (operator.getitem, runtime.get_item, runtime.set_item, runtime.add_item, runtime.list_remove,
              runtime.list_set, runtime.list_add):  # fmt: skip
        return (IndexError,) if not isinstance(call.args[1], slice) else ()
    if numbers or fn in (builtins.len, np.shape, np.size, np.ndim, builtins.list, builtins.print, runtime.list_append):
        return ()
    if (getattr(fn, "__module__", None) or "").startswith("numpy.linalg"):
        return (np.linalg.LinAlgError, ValueError)
    rule = lookup(fn)
    return (ValueError,) if rule is not None and rule.kind != "constant" else (Exception,)
