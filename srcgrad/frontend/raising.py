"""`raise` in all its forms: to a handler where a `try` takes it, else out of the program."""

from __future__ import annotations

import ast
from typing import Any

from srcgrad import runtime
from srcgrad.frontend.context import RAISED, Context
from srcgrad.frontend.exceptions import is_exception, spelled
from srcgrad.frontend.values import Abstract, Box, Const, Sym
from srcgrad.ir.core import RETURN, Operand, Value
from srcgrad.ir.types import Num, Opaque

Args = list[Abstract]
Kwargs = dict[str, Abstract]


def raise_(ctx: Context, node: Any) -> Operand:
    """``raise Error(message)``, ``raise error``, ``raise``, and each of them ``from cause``."""
    if node.exc is None:
        if not ctx.handling:
            raise ctx.unsupported("cannot re-raise here", "Raise an exception of your own.")
        return raise_again(ctx, ctx.handling[-1], [])
    if isinstance(node.exc, ast.Call):
        fn, args, kwargs = ctx.expressions["<call>"](ctx, node.exc)
        if isinstance(fn, Const) and is_exception(fn.value):
            return raise_call(ctx, fn.value, args, kwargs, cause_of(ctx, node))
        error = ctx.settle(ctx.call(fn, args, kwargs))
    else:
        error = ctx.settle(ctx.expr(node.exc))
    return raise_again(ctx, error, cause_of(ctx, node))


def cause_of(ctx: Context, node: Any) -> Args:
    """What stands behind ``from``, if anything does."""
    return [] if node.cause is None else [ctx.settle(ctx.expr(node.cause))]


def raise_call(ctx: Context, cls: Any, args: Args, kwargs: Kwargs, cause: Args | None = None) -> Operand:
    """``raise cls(*args, **kwargs)``."""
    if ctx.thrown(cls, args, kwargs) is not None:
        return RETURN
    return leave(ctx, cause or [], cls, args, kwargs)


def raise_again(ctx: Context, error: Abstract, cause: Args) -> Operand:
    """Raise a class, or an exception that there is."""
    match error:
        case Const(value) if is_exception(value):
            return raise_call(ctx, value, [], {}, cause)
        case Box(kind="object", cls=cls) if is_exception(cls):
            return raise_object(ctx, error, cause)
        case Sym(value) if value.type == Opaque("exception"):
            return raise_value(ctx, value, cause)
    raise ctx.unsupported("cannot tell which exception this raises", "Name its class.")


def raise_object(ctx: Context, error: Box, cause: Args) -> Operand:
    """Raise an exception that the program has made."""
    for attempt in reversed(ctx.attempts):
        number = attempt.handler(error.cls)
        if number:
            attempt.take(ctx, number, error)
            return RETURN
    return leave(ctx, cause, *spelled(ctx, error))


def raise_value(ctx: Context, error: Value, cause: Args) -> Operand:
    """Raise an exception that an operation has raised: its class is known when it runs."""
    for attempt in reversed(ctx.attempts):
        number = ctx.emit(runtime.handler_of, tuple(attempt.classes), error, type_=Num("int"))
        numbers = list(range(1, len(attempt.classes) + 1))
        attempt.leave(ctx, number, Sym(number), numbers, lambda: error)
    return leave(ctx, cause, error, [], {})


def leave(ctx: Context, cause: Args, error: Any, args: Args, kwargs: Kwargs) -> Operand:
    """The exception leaves the program."""
    ctx.leave_places()
    operands = [ctx.operand(arg) for arg in args]
    named = {key: ctx.operand(thing) for key, thing in kwargs.items()}
    first = (runtime.raise_from, ctx.operand(cause[0])) if cause else (runtime.raise_error,)
    ctx.emit_call(first[0], (*first[1:], error, *operands), named, must=True, type_=Opaque("never"))
    return RAISED
