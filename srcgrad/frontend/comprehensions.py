"""Comprehensions and generator expressions: each is a small generator function, whose items are collected."""

from __future__ import annotations

import ast
import functools
from typing import Any

from srcgrad.frontend import tables
from srcgrad.frontend.activations import Raises
from srcgrad.frontend.containers import new_list
from srcgrad.frontend.context import RAISED, Context
from srcgrad.frontend.generators import consume, generator
from srcgrad.frontend.lists import add_member, append, new_dict, new_set
from srcgrad.frontend.tables import is_open_key, table_of
from srcgrad.frontend.values import Abstract, Generator, TupleOf
from srcgrad.ir.core import GO, Operand

FIRST = "<items>"  # the parameter that takes the first iterable, which is evaluated outside
NAME = "<comprehension>"


def list_comprehension(ctx: Context, node: Any) -> Abstract:
    """``[f(x) for x in xs if c]``."""
    made = new_list(ctx, ())

    def each(item: Abstract) -> Operand:
        append(ctx, made, item)
        return GO

    run(ctx, node, each)
    return ctx.settle(made)


def set_comprehension(ctx: Context, node: Any) -> Abstract:
    """``{f(x) for x in xs}``."""
    made = new_set(ctx, ())

    def each(item: Abstract) -> Operand:
        add_member(ctx, made, item)
        return GO

    run(ctx, node, each)
    return made


def dict_comprehension(ctx: Context, node: Any) -> Abstract:
    """``{k: f(x) for k, x in items}``."""
    made = new_dict(ctx, {})

    def each(item: Abstract) -> Operand:
        assert isinstance(item, TupleOf)
        key, thing = item.items
        if table_of(ctx, made) is not None or is_open_key(ctx, key):
            tables.write(ctx, made, key, thing)
            return GO
        ctx.state.boxes[made.number] = {**ctx.items(made), ctx.static(key, "a key"): thing}
        return GO

    run(ctx, node, each)
    return made


def run(ctx: Context, node: Any, each: Any) -> None:
    """Walk a comprehension; it cannot be left before its end."""
    if consume(ctx, generator_expression(ctx, node), each).status == RAISED:
        raise Raises


def generator_expression(ctx: Context, node: Any) -> Generator:
    """``(f(x) for x in xs)``: the first iterable is evaluated now, the rest when it is walked."""
    function = as_function(node)
    frame = ctx.activation(function, ctx.frame.source, ctx.frame)
    return generator(ctx, frame, {FIRST: ctx.settle(ctx.expr(node.generators[0].iter))})


@functools.lru_cache(maxsize=2048)
def as_function(node: Any) -> ast.FunctionDef:
    """The generator function that a comprehension stands for."""
    item = ast.Tuple([node.key, node.value], ast.Load()) if isinstance(node, ast.DictComp) else node.elt
    body: ast.stmt = ast.Expr(ast.Yield(item))
    for k, part in reversed(list(enumerate(node.generators))):
        for test in reversed(part.ifs):
            body = ast.copy_location(ast.If(test, [ast.copy_location(body, test)], []), test)
        walked = part.iter if k else ast.Name(FIRST, ast.Load())
        body = ast.For(part.target, walked, [ast.copy_location(body, node)], [], None)
    parameters = ast.arguments(posonlyargs=[], args=[ast.arg(arg=FIRST)], kwonlyargs=[], kw_defaults=[], defaults=[])
    made = ast.FunctionDef(name=NAME, args=parameters, body=[body], decorator_list=[])
    return located(made, node)


def located(made: ast.FunctionDef, node: Any) -> ast.FunctionDef:
    """Give what is new the place of the comprehension."""
    for part in ast.walk(made):
        if "lineno" in part._attributes and not hasattr(part, "lineno"):
            ast.copy_location(part, node)
    return made


def walrus(ctx: Context, node: Any) -> Abstract:
    """``name := value``: binds in the function around a comprehension, not in the comprehension."""
    thing = ctx.settle(ctx.expr(node.value))
    frame = ctx.frame
    while getattr(frame.node, "name", "") == NAME and frame.parent is not None:
        frame = frame.parent
    ctx.frames.append(frame)
    try:
        ctx.statements["<bind>"](ctx, node.target, thing)
    finally:
        ctx.frames.pop()
    return ctx.settle(thing)
