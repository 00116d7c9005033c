"""Calls of functions with source, which are interpreted at the place of the call."""

from __future__ import annotations

import functools
import operator
import types
from typing import Any

from srcgrad.errors import SourceError, UnsupportedError
from srcgrad.frontend.activations import Frame
from srcgrad.frontend.binding import bind_arguments
from srcgrad.frontend.branches import branch, possible, run_block
from srcgrad.frontend.classes import is_users
from srcgrad.frontend.construction import construct
from srcgrad.frontend.context import RAISED, Context
from srcgrad.frontend.derivatives import made_derivative
from srcgrad.frontend.exceptions import is_exception, made_exception
from srcgrad.frontend.generators import generator, is_generator
from srcgrad.frontend.islands import as_island
from srcgrad.frontend.liveness import analyse
from srcgrad.frontend.objects import find
from srcgrad.frontend.source import Source, locate
from srcgrad.frontend.statements import RESULT
from srcgrad.frontend.values import Abstract, Closure, Const, Maybe
from srcgrad.ir.core import GO, Operand, Value
from srcgrad.ir.types import Num

MAX_DEPTH = 60


def inline_object(ctx: Context, fn: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """Interpret the source of a Python function at the place of the call."""
    if is_numpys(fn):
        name = f"{fn.__module__}.{fn.__name__}".replace("numpy", "np", 1)
        raise ctx.unsupported(f"cannot differentiate a call of `{name}`: it has no rule",
                              "Declare a rule for it, or write it in terms of functions that have one.")  # fmt: skip
    derivative = made_derivative(fn)
    if derivative is not None:
        return ctx.call(derivative, args, kwargs)
    if is_exception(fn):
        return made_exception(ctx, fn, args, kwargs)
    if is_users(fn) or (isinstance(fn, type) and issubclass(fn, tuple) and hasattr(fn, "_fields")):
        return construct(ctx, fn, args, kwargs)
    if isinstance(fn, type) or not callable(fn):
        raise ctx.unsupported(f"cannot call `{getattr(fn, '__name__', type(fn).__name__)}` here",
                              "Build arrays, tuples, lists or dicts instead.")  # fmt: skip
    if (getattr(fn, "__module__", None) or "").split(".")[0] == "logging":
        if fn.__name__ == "getLogger":  # of one name always the same
            return Const(fn(*(ctx.static(arg, "the name of a logger") for arg in args)))
        raise ctx.unsupported("cannot tell what a call of `logging` does", "Print, or log outside of the function.")
    try:
        source = rule_source(fn) if ctx.fixed_span and isinstance(fn, types.FunctionType) else locate(fn)
    except SourceError as error:
        label = getattr(fn, "__qualname__", repr(fn))
        message = f"cannot differentiate a call of `{label}`: it has no rule and no source"
        repair = "Declare a rule for it, or replace it by NumPy functions."
        return as_island(ctx, fn, args, kwargs, ctx.unsupported(message, repair, str(error)))
    refuge = ctx.refuge()
    try:
        return inline_source(ctx, fn, source, args, kwargs)
    except UnsupportedError as error:
        if refuge is None:
            raise
        refuge.back(ctx, error)
        return as_island(ctx, fn, args, kwargs, error)


def inline_source(ctx: Context, fn: Any, source: Source, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """Interpret the source of a function."""
    guard_call(ctx, fn)
    bound = [ctx.fixed(v, f"argument_{k}") for k, v in enumerate(source.bound_args)]
    named = {key: ctx.fixed(v, key) for key, v in source.bound_kwargs.items()}
    frame = ctx.activation(source.node, source, None)
    defaults = [_default(ctx, source, k) for k in range(len(source.fn.__defaults__ or ()))]
    kw_defaults = {key: _kw_default(ctx, source, key) for key in (source.fn.__kwdefaults__ or {})}
    return inline(ctx, frame, [*bound, *args], {**named, **kwargs}, defaults, kw_defaults)


def guard_call(ctx: Context, fn: Any) -> None:
    """What a call of an object runs is decided by its class, whose method may be replaced."""
    if is_users(type(fn)):
        cls = type(fn)
        ctx.guard(lambda: (type(fn), find(type(fn), "__call__")) == (cls, method), True)
        method = find(cls, "__call__")


def is_numpys(fn: Any) -> bool:
    """Is it a function of NumPy's own? Its source is not a program that users can change."""
    module = getattr(fn, "__module__", None) or ""
    return module.split(".")[0] == "numpy" and hasattr(fn, "__name__") and not isinstance(fn, type)


@functools.lru_cache(maxsize=2048)
def rule_source(fn: types.FunctionType) -> Source:
    """The source of a rule, or of what a rule calls: of the same function always the same."""
    return locate(fn)


def _default(ctx: Context, source: Source, k: int) -> Abstract:
    label = f"{source.fn.__name__}.defaults[{k}]"
    if source.fn.__module__.startswith("srcgrad.frontend."):  # ours, and never changed
        return Const((source.fn.__defaults__ or ())[k])
    return ctx.plain((source.fn.__defaults__ or ())[k], label, lambda: (source.fn.__defaults__ or ())[k])


def _kw_default(ctx: Context, source: Source, key: str) -> Abstract:
    label = f"{source.fn.__name__}.{key}"
    return ctx.plain((source.fn.__kwdefaults__ or {})[key], label, lambda: (source.fn.__kwdefaults__ or {})[key])


def inline_closure(ctx: Context, fn: Closure, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """Interpret a nested function or lambda at the place of the call."""
    frame = ctx.activation(fn.node, fn.frame.source, fn.frame)
    return inline(ctx, frame, args, kwargs, list(fn.defaults), fn.kw_defaults)


def inline(ctx: Context, frame: Frame, args: list[Abstract], kwargs: dict[str, Abstract], defaults: list[Abstract],
           kw_defaults: dict[str, Abstract]) -> Abstract:  # fmt: skip
    """Run a function's body in an activation of its own."""
    bound = bind_arguments(ctx, frame.node, args, kwargs, defaults, kw_defaults)
    if is_generator(frame.node):
        return generator(ctx, frame, bound)
    if ctx.recursion is None:
        return activate(ctx, frame, bound)
    result: Abstract = ctx.recursion.through(frame, bound, lambda: activate(ctx, frame, bound))
    return result


def activate(ctx: Context, frame: Frame, bound: dict[str, Abstract]) -> Abstract:
    """Run a function's body on its parameters."""
    if sum(f.node is frame.node for f in ctx.frames) > MAX_DEPTH:
        raise ctx.unsupported("the recursion does not end while its arguments are known", "")
    for name, thing in bound.items():
        ctx.state.variables[(frame.number, name)] = thing
    span = ctx.span
    ctx.frames.append(frame)
    try:
        result = run_function(ctx, frame)
    finally:
        ctx.frames.pop()
        ctx.span = span
    ctx.forget(frame)
    return result


def run_function(ctx: Context, frame: Frame) -> Abstract:
    """Interpret the body of the innermost activation; its result."""
    node = frame.node
    if not isinstance(node.body, list):
        return ctx.settle(ctx.expr(node.body))
    status = run_block(ctx, node.body)
    if status == RAISED and ctx.recursion is not None:
        ctx.recursion.dead_end()
    return function_result(ctx, frame, status)


def function_result(ctx: Context, frame: Frame, status: Operand) -> Abstract:
    """What a function returns, None where it falls off its end."""
    key = (frame.number, RESULT)
    ctx.pass_on()
    if isinstance(status, Value) and GO in possible(ctx, ctx.block, status):
        fell = ctx.emit(operator.eq, status, GO, type_=Num("bool"), must=False)

        def none() -> tuple[Operand, None]:
            ctx.state.variables[key] = Const(None)
            return GO, None

        branch(ctx, fell, none, lambda: (GO, None))
    if status in (GO, RAISED):
        return Const(None)
    result = ctx.state.variables.get(key, Const(None))
    return result.held if isinstance(result, Maybe) else ctx.settle(result)


@functools.lru_cache(maxsize=512)
def liveness_of(node: Any) -> Any:
    """The liveness of a function, once."""
    return analyse(node)
