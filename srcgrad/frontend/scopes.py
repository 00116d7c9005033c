"""Assignment to names: local, of an enclosing function (``nonlocal``), or of the module (``global``)."""

from __future__ import annotations

import ast
import functools
from typing import Any

from srcgrad import runtime
from srcgrad.frontend.activations import Frame
from srcgrad.frontend.context import Context
from srcgrad.frontend.surroundings import Slot, cell_of, global_of, origin
from srcgrad.frontend.values import Abstract


@functools.lru_cache(maxsize=2048)
def declared(node: Any) -> dict[str, str]:
    """The names that a function's own body declares to be of another scope."""
    found: dict[str, str] = {}
    if isinstance(node.body, list):
        for statement in node.body:
            collect(statement, found)
    return found


def collect(node: Any, found: dict[str, str]) -> None:
    """The declarations in a statement, those of nested functions not counted."""
    kind = type(node).__name__
    if kind in ("Global", "Nonlocal"):
        found.update(dict.fromkeys(node.names, kind))
    if kind not in ("FunctionDef", "Lambda", "ClassDef"):
        for child in ast.iter_child_nodes(node):
            collect(child, found)


def assign_name(ctx: Context, name: str, thing: Abstract) -> None:
    """``name = thing`` in the innermost activation."""
    scope = declared(ctx.frame.node).get(name)
    if scope is None:
        ctx.state.variables[(ctx.frame.number, name)] = thing
    elif scope == "Global":
        assign_global(ctx, name, thing)
    else:
        assign_nonlocal(ctx, name, thing)


def assign_global(ctx: Context, name: str, thing: Abstract) -> None:
    """A global takes a new thing."""
    scope = ctx.frame.source.globals
    read = global_of(scope, name)
    ctx.rebind(Slot(origin(read), name, read, runtime.leave_item, runtime.Outside(scope), name), thing)


def assign_nonlocal(ctx: Context, name: str, thing: Abstract) -> None:
    """A variable of the nearest enclosing function that has it."""
    frame: Frame | None = ctx.frame.parent
    source = ctx.frame.source
    while frame is not None:
        if name in ctx.locals_of(frame):
            ctx.state.variables[(frame.number, name)] = thing
            return
        source, frame = frame.source, frame.parent
    cell = source.cells[name]
    read = cell_of(cell)
    ctx.rebind(Slot(origin(read), name, read, runtime.leave_cell, cell, name), thing)
