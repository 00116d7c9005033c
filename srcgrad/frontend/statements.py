"""Statements other than `if` and loops."""

from __future__ import annotations

import ast
import functools
import operator
from collections.abc import Callable
from typing import Any

from srcgrad import runtime
from srcgrad.frontend.attempts import try_statement
from srcgrad.frontend.branches import branch, truth
from srcgrad.frontend.containers import new_list
from srcgrad.frontend.context import CONTINUE, Context
from srcgrad.frontend.generators import yield_, yield_from
from srcgrad.frontend.islands import unpacked
from srcgrad.frontend.local_classes import class_statement
from srcgrad.frontend.loops import for_statement, while_statement
from srcgrad.frontend.matching import match_statement
from srcgrad.frontend.moving import Aside
from srcgrad.frontend.objects import is_object
from srcgrad.frontend.raising import raise_, raise_call
from srcgrad.frontend.scopes import assign_name
from srcgrad.frontend.spreading import around_star, has_spread, items_or_spread
from srcgrad.frontend.surrounded import delete, import_, import_from, with_statement
from srcgrad.frontend.trips import held, trips_of
from srcgrad.frontend.values import Abstract, Box, Closure, Const, Generator, Iteration, RangeOf, Ref, TupleOf
from srcgrad.frontend.writes import (
    augment_attribute,
    augment_item,
    augment_name,
    name_it,
    write_attribute,
    write_item,
)
from srcgrad.ir.core import BREAK, GO, RETURN, Operand
from srcgrad.ir.types import Opaque

RESULT = "<result>"

BINARY = {
    "Add": operator.add, "Sub": operator.sub, "Mult": operator.mul, "Div": operator.truediv, "Mod": operator.mod,
    "FloorDiv": operator.floordiv, "Pow": operator.pow, "MatMult": operator.matmul, "BitAnd": operator.and_,
    "BitOr": operator.or_, "BitXor": operator.xor, "LShift": operator.lshift, "RShift": operator.rshift,
}  # fmt: skip


def bind(ctx: Context, target: Any, thing: Abstract) -> None:
    """Assign to a name, an item, or a tuple of targets."""
    match type(target).__name__:
        case "Name":
            assign_name(ctx, target.id, name_it(ctx, thing, target.id))
        case "Tuple" | "List":
            unpack(ctx, target, thing)
        case "Subscript":
            aside = Aside(ctx, thing, ctx.settle(ctx.expr(target.value)))
            index = ctx.expr(target.slice)
            ctx.at(target)
            thing, container = aside.take()
            write_item(ctx, container, index, thing)
        case "Attribute":
            write_attribute(ctx, ctx.settle(ctx.expr(target.value)), target.attr, thing)


def unpack(ctx: Context, target: Any, thing: Abstract) -> None:
    """``a, b = thing``."""
    starred = [k for k, element in enumerate(target.elts) if type(element).__name__ == "Starred"]
    if starred:
        unpack_starred(ctx, target, ctx.settle(thing), starred[0])
        return
    items = items_of(ctx, ctx.settle(thing), len(target.elts))
    if len(items) != len(target.elts):
        raise ctx.unsupported(f"cannot unpack {len(items)} values into {len(target.elts)} names", "")
    aside = Aside(ctx, *items)
    for element in target.elts:
        bind(ctx, element, aside.next())


def unpack_starred(ctx: Context, target: Any, thing: Abstract, at: int) -> None:
    """``a, *b, c = thing``: the starred name takes a list of what the others leave."""
    after = len(target.elts) - at - 1
    found = items_or_spread(ctx, ctx.call(Const(iter), [thing], {}) if is_object(thing) else thing)
    things = around_star(ctx, found[0], at, after) if has_spread(found) else parted(ctx, found, at, after)
    aside = Aside(ctx, *things)
    for element in target.elts:
        bind(ctx, element.value if type(element).__name__ == "Starred" else element, aside.next())


def parted(ctx: Context, items: list[Abstract], at: int, after: int) -> list[Abstract]:
    """Items that are known one by one, those for the starred name as a list."""
    if len(items) < at + after:
        raise ctx.unsupported(f"cannot unpack {len(items)} values into {at + after} names", "")
    rest = new_list(ctx, tuple(items[at : len(items) - after]))
    return [*items[:at], rest, *items[len(items) - after :]]


def items_of(ctx: Context, thing: Abstract, count: int) -> list[Abstract]:
    """The items of something that is unpacked into `count` names."""
    if is_object(thing):
        return items_of(ctx, ctx.call(Const(iter), [thing], {}), count)
    match thing:
        case TupleOf(items):
            return list(items)
        case Box(kind="list"):
            return list(ctx.items(thing))
        case Box(kind="dict"):
            return [Const(key) for key in ctx.items(thing)]
        case Const(value) if isinstance(value, (tuple, list, str, range)):
            return [Const(item) for item in value]
        case Iteration() | Generator() | RangeOf() | Box():
            thing = held(ctx, thing)
            if not isinstance(thing, (Iteration, RangeOf)) and not (isinstance(thing, Box) and thing.kind == "set"):
                return items_of(ctx, thing, count)
            trips = trips_of(ctx, thing)
            if trips.length is not None:
                return [trips.item(Const(k)) for k in range(trips.length)]
            return items_of(ctx, ctx.call(Const(list), [thing], {}), count)
        case Ref():
            given = unpacked(ctx, thing, count)
            if given is not None:
                return given
            ctx.emit(runtime.check_length, ctx.operand(thing), count, must=True, type_=Opaque("check"))
            return [ctx.call(Const(operator.getitem), [thing, Const(k)], {}) for k in range(count)]
    raise ctx.unsupported("cannot unpack this", "Unpack a tuple, a list or an array.")


def assign(ctx: Context, node: Any) -> Operand:
    """``a = b = value``."""
    thing = ctx.expr(node.value)
    *before, last = node.targets
    for target in before:
        aside = Aside(ctx, thing)
        bind(ctx, target, thing)
        thing = aside.next()
    bind(ctx, last, thing)
    return GO


def annotated(ctx: Context, node: Any) -> Operand:
    """``a: type = value``."""
    if node.value is not None:
        bind(ctx, node.target, ctx.expr(node.value))
    return GO


def augmented(ctx: Context, node: Any) -> Operand:
    """``a += value``: CPython's order is container, index, read, right side, store."""
    fn = BINARY[type(node.op).__name__]
    target = node.target
    if type(target).__name__ == "Subscript":
        aside = Aside(ctx, ctx.settle(ctx.expr(target.value)))
        index = ctx.expr(target.slice)
        augment_item(ctx, aside.next(), index, fn, lambda: ctx.expr(node.value))
    elif type(target).__name__ == "Name":
        aside = Aside(ctx, ctx.settle(ctx.expressions["<variable>"](ctx, target.id), target.id))
        right = ctx.expr(node.value)
        thing = augment_name(ctx, aside.next(), fn, right)
        assign_name(ctx, target.id, name_it(ctx, thing, target.id))
    else:
        augment_attribute(ctx, ctx.settle(ctx.expr(target.value)), target.attr, fn, lambda: ctx.expr(node.value))
    return GO


def expression(ctx: Context, node: Any) -> Operand:
    """A call for its effect, or a `yield`."""
    kind = type(node.value).__name__
    if kind == "Yield":
        return yield_(ctx, node.value)
    if kind == "YieldFrom":
        return yield_from(ctx, node.value)
    if type(node.value).__name__ != "Constant":
        ctx.expr(node.value)
    return GO


def return_(ctx: Context, node: Any) -> Operand:
    """``return value``: kept in a variable of its own until the block is left."""
    thing = Const(None) if node.value is None else ctx.expr(node.value)
    ctx.state.variables[(ctx.frame.number, RESULT)] = ctx.settle(thing)
    return RETURN


def assert_(ctx: Context, node: Any) -> Operand:
    """``assert test, message``."""
    test = truth(ctx, ctx.expr(node.test))

    def fail() -> tuple[Operand, None]:
        message = [] if node.msg is None else [ctx.settle(ctx.expr(node.msg))]
        return raise_call(ctx, AssertionError, message, {}), None

    if isinstance(test, bool):
        return GO if test else fail()[0]
    return branch(ctx, test, lambda: (GO, None), fail, ctx.frame.liveness.after.get(id(node)))[0]


def function(ctx: Context, node: Any) -> Operand:
    """A nested ``def``."""
    decorators = [found for each in node.decorator_list if (found := decorator(ctx, each)) is not None]
    made: Abstract = closure(ctx, node)
    for wrap in reversed(decorators):
        made = ctx.settle(ctx.call(wrap, [made], {}))
    ctx.state.variables[(ctx.frame.number, node.name)] = made
    return GO


def decorator(ctx: Context, node: Any) -> Abstract | None:
    """What a function is passed through; None where that only copies its name and text."""
    if isinstance(node, ast.Call):
        fn = ctx.settle(ctx.expr(node.func))
        if isinstance(fn, Const) and fn.value is functools.wraps:
            return None
    found = ctx.settle(ctx.expr(node))
    if isinstance(found, Const) and found.value in (functools.cache, functools.lru_cache):
        raise ctx.unsupported("cannot read a nested function that keeps its results", "Leave the cache out.")
    return found


def closure(ctx: Context, node: Any) -> Closure:
    """The function a ``def`` or ``lambda`` makes: its defaults are evaluated now."""
    defaults = tuple(ctx.expr(d) for d in node.args.defaults)
    named = [getattr(arg, "id", getattr(arg, "arg", "")) for arg in node.args.kwonlyargs]
    pairs = zip(named, node.args.kw_defaults, strict=True)
    return Closure(node, ctx.frame, defaults, {name: ctx.expr(d) for name, d in pairs if d is not None})


STATEMENTS: dict[str, Callable[..., Any]] = {
    "<bind>": bind,
    "Assign": assign,
    "AnnAssign": annotated,
    "AugAssign": augmented,
    "Expr": expression,
    "Return": return_,
    "Assert": assert_,
    "Raise": raise_,
    "FunctionDef": function,
    "ClassDef": class_statement,
    "<closure>": closure,
    "Try": try_statement,
    "With": with_statement,
    "Match": match_statement,
    "Delete": delete,
    "Import": import_,
    "ImportFrom": import_from,
    "For": for_statement,
    "While": while_statement,
    "Global": lambda ctx, node: GO,
    "Nonlocal": lambda ctx, node: GO,
    "Pass": lambda ctx, node: GO,
    "Break": lambda ctx, node: BREAK,
    "Continue": lambda ctx, node: CONTINUE,
}
