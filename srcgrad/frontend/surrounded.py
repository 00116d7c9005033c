"""`with`, `del` and `import` in a function."""

from __future__ import annotations

import ast
import contextlib
import functools
import importlib
import threading
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.frontend.attempts import Last, finished
from srcgrad.frontend.branches import run_block
from srcgrad.frontend.context import RAISED, Context
from srcgrad.frontend.generators import consume
from srcgrad.frontend.lists import change
from srcgrad.frontend.source import locate
from srcgrad.frontend.values import UNDEFINED, Abstract, Bound, Box, Const, Generator, Sym
from srcgrad.ir.core import GO, Operand
from srcgrad.ir.types import Opaque

LOCKS = {"Lock": type(threading.Lock()), "RLock": type(threading.RLock())}
MODES = ("ignore", "warn", "raise", "print")
KINDS = {"all", "divide", "over", "under", "invalid"}


def with_statement(ctx: Context, node: Any) -> Operand:
    """``with manager as name: body``; several managers are nested."""
    return within(ctx, node, node.items)


def within(ctx: Context, node: Any, items: list[Any]) -> Operand:
    """The managers that remain, and the body."""
    if not items:
        return run_block(ctx, node.body)
    call = items[0].context_expr
    fn = ctx.settle(ctx.expr(call.func)) if type(call).__name__ == "Call" else None
    if isinstance(fn, Const) and fn.value is np.errstate:
        return with_errors(ctx, node, items, call)
    if isinstance(fn, Const) and fn.value is contextlib.nullcontext:
        given = [ctx.settle(ctx.expr(arg)) for arg in call.args]
        return entered(ctx, node, items, given[0] if given else Const(None))
    if isinstance(fn, Const) and fn.value is contextlib.suppress:
        return run_block(ctx, [suppressed(node, len(items))])
    if isinstance(fn, Const) and getattr(fn.value, "__code__", None) is MANAGED:
        return generated(ctx, node, items, Const(fn.value.__wrapped__), call)
    manager = ctx.settle(ctx.expr(call))
    lock = class_of_lock(manager)
    if lock is not None:
        return with_lock(ctx, node, items, manager, lock)
    value = ctx.call(method(ctx, manager, "__enter__"), [], {})
    leave = method(ctx, manager, "__exit__")
    return finished(ctx, lambda: entered(ctx, node, items, value), ending(ctx, leave))


def class_of_lock(manager: Abstract) -> Any:
    """The class of a lock, None of anything else."""
    if isinstance(manager, Sym) and isinstance(manager.value.type, Opaque):
        return LOCKS.get(manager.value.type.name)
    cls = type(manager.value) if isinstance(manager, Const) else None
    return cls if cls in LOCKS.values() else None


def with_lock(ctx: Context, node: Any, items: list[Any], manager: Abstract, cls: Any) -> Operand:
    """A manager of compiled code that is known to act only, and to keep no exception."""
    as_method = {"<style>": Const("method")}
    value = ctx.call(Const(cls.__enter__), [manager], dict(as_method))

    def leave() -> Operand:
        ctx.call(Const(cls.__exit__), [manager, *[Const(None)] * 3], dict(as_method))
        return GO

    return finished(ctx, lambda: entered(ctx, node, items, value), Last(leave, lambda error: None, short=True))


def ending(ctx: Context, leave: Abstract) -> Last:
    """What a context manager does at the end: it may keep an exception."""

    def run() -> Operand:
        ctx.call(leave, [Const(None)] * 3, {})
        return GO

    def take(error: Abstract) -> Abstract:
        kind: Abstract = Const(error.cls) if isinstance(error, Box) else Sym(
            ctx.emit(type, ctx.operand(error), type_=Opaque("type")))  # fmt: skip
        return ctx.settle(ctx.call(leave, [kind, error, Const(None)], {}))

    return Last(run, take, short=True, always=looks(leave))


def looks(leave: Abstract) -> bool:
    """Does an ``__exit__`` look at the exception, or give something that may keep it?"""
    function = leave.fn.value if isinstance(leave, Bound) and isinstance(leave.fn, Const) else None
    code = getattr(function, "__code__", None)
    if code is None or function is None:
        return True
    node = locate(function).node
    own = {arg.arg for arg in (*node.args.args[1:], *([node.args.vararg] if node.args.vararg else []))}
    reads = any(isinstance(part, ast.Name) and part.id in own for part in ast.walk(node))
    gives = [part.value for part in ast.walk(node) if isinstance(part, ast.Return) and part.value is not None]
    return reads or any(not (isinstance(value, ast.Constant) and not value.value) for value in gives)


@functools.lru_cache(maxsize=512)
def suppressed(node: Any, count: int) -> ast.Try:
    """``with suppress(*classes): body`` is ``try: body`` with a handler that does nothing."""
    items = node.items[len(node.items) - count :]
    body = [ast.With(items[1:], node.body)] if count > 1 else node.body
    handler = ast.ExceptHandler(ast.Tuple(items[0].context_expr.args, ast.Load()), None, [ast.Pass()])
    made = ast.Try(body, [handler], [], [])
    for part in (made, handler, *handler.body, handler.type, *(body if count > 1 else ())):
        ast.copy_location(part, node)
    return made


MANAGED = contextlib.contextmanager(lambda: iter(())).__code__  # the code of what `contextmanager` makes of a function


def method(ctx: Context, manager: Abstract, name: str) -> Abstract:
    """A method of a context manager of the user's own."""
    if not isinstance(manager, Box):
        raise ctx.unsupported("cannot tell what this context manager does", "Put the `with` around the call.")
    found: Abstract = ctx.expressions["<attribute>"](ctx, manager, name)
    return found


def entered(ctx: Context, node: Any, items: list[Any], value: Abstract) -> Operand:
    """Bind what the manager gives, and go on inside."""
    if items[0].optional_vars is not None:
        ctx.statements["<bind>"](ctx, items[0].optional_vars, value)
    return within(ctx, node, items[1:])


def with_errors(ctx: Context, node: Any, items: list[Any], call: Any) -> Operand:
    """``with np.errstate(...)``: the forward sweep computes under the same settings."""
    modes = {keyword.arg: ctx.static(ctx.settle(ctx.expr(keyword.value)), "what happens on a floating-point error")
             for keyword in call.keywords}  # fmt: skip
    if call.args or not all(mode in MODES for mode in modes.values()) or not modes.keys() <= KINDS:
        raise ctx.unsupported("cannot tell what NumPy does on floating-point errors here",
                              'Write np.errstate(divide="ignore", ...).')  # fmt: skip
    before = ctx.emit_call(runtime.set_errors, (), modes, hint="before", must=True)
    outer = ctx.errors
    ctx.errors = [*outer, (before, "raise" in modes.values())]
    try:
        status = entered(ctx, node, items, Const(None))
    finally:
        ctx.errors = outer
    if status != RAISED:
        ctx.emit(runtime.restore_errors, before, must=True)
    return status


def generated(ctx: Context, node: Any, items: list[Any], function: Abstract, call: Any) -> Operand:
    """A generator under ``contextlib.contextmanager``: the body runs where it yields."""
    args = [ctx.settle(ctx.expr(arg)) for arg in call.args]
    named = {keyword.arg: ctx.settle(ctx.expr(keyword.value)) for keyword in call.keywords}
    source = ctx.call(function, args, named)
    assert isinstance(source, Generator)
    ending = consume(ctx, source, lambda value: entered(ctx, node, items, value), once=True)
    if ending.status == RAISED:
        return RAISED
    return ending.stop


def delete(ctx: Context, node: Any) -> Operand:
    """``del name``, ``del d[key]``, ``del xs[k]``."""
    for target in node.targets:
        match type(target).__name__:
            case "Name":
                ctx.state.variables[(ctx.frame.number, target.id)] = UNDEFINED
            case "Subscript":
                delete_item(ctx, ctx.settle(ctx.expr(target.value)), ctx.settle(ctx.expr(target.slice)))
            case "Tuple" | "List":
                delete(ctx, type(node)(targets=target.elts))
            case _:
                raise ctx.unsupported("cannot delete an attribute", "Leave the `del` out.")
    return GO


def delete_item(ctx: Context, container: Abstract, index: Abstract) -> None:
    """``del container[index]``."""
    if not isinstance(container, Box):
        ctx.call(ctx.expressions["<attribute>"](ctx, container, "pop"), [index], {})
        return
    key, content = ctx.static(index, "the key to delete"), ctx.items(container)
    if isinstance(content, dict):
        if key not in content:
            raise ctx.raises(KeyError, key)
        change(ctx, container, {k: thing for k, thing in content.items() if k != key})
        return
    items = list(content)
    if not isinstance(key, slice) and not -len(items) <= key < len(items):
        raise ctx.raises(IndexError, "list assignment index out of range")
    del items[key]
    change(ctx, container, tuple(items))


def import_(ctx: Context, node: Any) -> Operand:
    """``import a.b as c`` of a module that can be imported while compiling."""
    for alias in node.names:
        module = importlib.import_module(alias.name)
        bound = module if alias.asname else importlib.import_module(alias.name.partition(".")[0])
        bind_module(ctx, alias.asname or alias.name.partition(".")[0], bound)
    return GO


def import_from(ctx: Context, node: Any) -> Operand:
    """``from a import b as c``."""
    package = ctx.frame.source.globals.get("__package__")
    module = importlib.import_module("." * node.level + (node.module or ""), package)
    for alias in node.names:
        if not hasattr(module, alias.name):
            importlib.import_module(f"{module.__name__}.{alias.name}")
        bind_module(ctx, alias.asname or alias.name, getattr(module, alias.name))
    return GO


def bind_module(ctx: Context, name: str, value: Any) -> None:
    """Bind what was imported."""
    ctx.state.variables[(ctx.frame.number, name)] = ctx.fixed(value, f"{getattr(value, '__name__', name)}")
