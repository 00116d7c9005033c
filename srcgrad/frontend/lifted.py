"""Statements as a function of the names that they read: what is traced where they cannot be interpreted."""

from __future__ import annotations

import ast
import types
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from srcgrad.frontend.activations import Frame
from srcgrad.frontend.bytecode import future_flags, nested
from srcgrad.frontend.context import Context
from srcgrad.frontend.liveness import writes
from srcgrad.frontend.scopes import collect, declared
from srcgrad.frontend.values import UNDEFINED, Closure, Key, Maybe

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
LOOPS = (ast.For, ast.While, ast.AsyncFor)


@dataclass
class Lifted:
    """A function of some statements.

    Attributes
    ----------
    fn : takes the inputs, gives a tuple of the outputs
    inputs : the variables it takes, by name
    outputs : the names it binds that matter afterwards; empty for a `return`
    count : how many statements it is
    """

    fn: types.FunctionType
    inputs: dict[str, Key]
    outputs: list[str]
    count: int
    returns: bool


def lift(ctx: Context, statements: Sequence[Any]) -> Lifted | None:
    """The first statement, with as many after it as need the functions and classes that it makes."""
    scopes = declared(ctx.frame.node)
    for count in range(1, len(statements) + 1):
        group = list(statements[:count])
        if not stands_alone(group):
            return None
        live = ctx.frame.liveness.after.get(id(group[-1]))
        bound = {name for part in group for name in writes(part)} | {n for part in group for n in made_in(part)}
        returns = isinstance(group[-1], ast.Return)
        if any(scopes.get(name) == "Global" for name in bound):
            return None
        outputs = [] if returns else sorted(n for n in bound if live is None or n in live or n in scopes)
        if not any(name in outputs for part in group for name in made_in(part)):
            return function_of(ctx, group, outputs)
    return None


def stands_alone(group: list[Any]) -> bool:
    """Can the statements be a function of their own?"""
    found: dict[str, str] = {}
    for part in group:
        collect(part, found)
    inner = group[:-1] if isinstance(group[-1], ast.Return) else group
    return not found and not any(leaves(part, False) for part in inner) and not any(map(touches_scope, group))


def leaves(node: Any, in_loop: bool) -> bool:
    """Does it leave the statement it is in: by `return`, `yield`, or a `break` of a loop around it?"""
    if isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom, ast.Await, ast.Delete, ast.AsyncFor, ast.AsyncWith)):
        return True
    if isinstance(node, (ast.Break, ast.Continue)):
        return not in_loop
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return False
    loop = in_loop or isinstance(node, LOOPS)
    return any(leaves(child, loop) for child in ast.iter_child_nodes(node))


def touches_scope(node: Any) -> bool:
    """Does it ask for the scope it is in?"""
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    private = {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)} | names
    if any(name.startswith("__") and not name.endswith("__") for name in private):
        return True  # within a class they mean others
    return bool(names & {"super", "__class__", "locals", "globals", "eval", "exec", "vars", "dir"})


def made_in(node: Any) -> list[str]:
    """The names of the functions, classes and modules that a statement makes."""
    found = []
    for part in ast.walk(node):
        if isinstance(part, (ast.Import, ast.ImportFrom)):
            found += [(alias.asname or alias.name).partition(".")[0] for alias in part.names]
        elif isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.append(part.name)
    return found


def function_of(ctx: Context, group: list[Any], outputs: list[str]) -> Lifted | None:
    """The function of these statements."""
    frame = ctx.frame
    needed = [*names_in(group), *outputs]
    prelude: list[Any] = []
    inputs: dict[str, Key] = {}
    while needed:
        name = needed.pop()
        key = variable(ctx, frame, name)
        if key is None or name in inputs:
            continue
        held = ctx.state.variables.get(key, UNDEFINED)
        held = held.held if isinstance(held, Maybe) else held
        if isinstance(held, Closure):
            if name in {part.name for part in prelude if isinstance(part, ast.FunctionDef)}:
                continue
            if not is_simple(held, frame, name):
                return None
            prelude.append(held.node)
            needed += names_in([held.node])
        elif held is not UNDEFINED:
            inputs[name] = key
    fn = compiled(frame, [*prelude, *group], list(inputs), outputs)
    return None if fn is None else Lifted(fn, inputs, outputs, len(group), isinstance(group[-1], ast.Return))


def is_simple(held: Closure, frame: Frame, name: str) -> bool:
    """Can a nested function be made again where the statements are?"""
    node = held.node
    outer: dict[str, str] = {}
    for part in node.body if isinstance(node.body, list) else ():
        collect(part, outer)
    plain = isinstance(node, ast.FunctionDef) and node.name == name and not node.decorator_list
    return plain and held.frame is frame and not outer and not held.defaults and not held.kw_defaults


def names_in(group: list[Any]) -> list[str]:
    """The names that are read anywhere in it, and those changed in place."""
    found: dict[str, None] = {}
    for part in (each for node in group for each in ast.walk(node)):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            found[part.id] = None
        elif isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
            found[part.target.id] = None
    return list(found)


def variable(ctx: Context, frame: Frame | None, name: str) -> Key | None:
    """Which variable of the activations around a name is; None for a cell, a global or a builtin."""
    while frame is not None:
        if name in ctx.locals_of(frame):
            return frame.number, name
        frame = frame.parent
    return None


def compiled(frame: Frame, body: list[Any], inputs: list[str], outputs: list[str]) -> types.FunctionType | None:
    """The function, with the lines of the user's file, its globals, and its cells."""
    source = frame.source
    last = body[-1]
    if isinstance(last, ast.Return):
        body = [*body[:-1], ast.copy_location(ast.Return(tuple_of([last.value or ast.Constant(None)])), last)]
    else:
        body = [*body, ast.copy_location(ast.Return(tuple_of([held(name) for name in outputs])), last)]
    free = [name for name in source.cells if name not in inputs]
    inner = definition(f"{source.fn.__name__}_part", inputs, body)
    maker = definition("maker", free, [inner])
    tree = ast.fix_missing_locations(ast.Module([maker], []))
    try:
        made = compile(tree, source.file, "exec", future_flags(source.fn.__code__), dont_inherit=True)
    except SyntaxError:
        return None
    code = next(each for each in nested(made) if each.co_name == inner.name)
    closure = tuple(source.cells[name] for name in code.co_freevars)
    return types.FunctionType(code, source.globals, inner.name, None, closure)


def tuple_of(items: list[Any]) -> ast.Tuple:
    """A tuple."""
    return ast.Tuple(items, ast.Load())


def held(name: str) -> ast.Call:
    """What a variable holds, None where it has no value."""
    scope = ast.Call(ast.Name("locals", ast.Load()), [], [])
    return ast.Call(ast.Attribute(scope, "get", ast.Load()), [ast.Constant(name)], [])


def definition(name: str, parameters: list[str], body: list[Any]) -> ast.FunctionDef:
    """A ``def``."""
    args = ast.arguments([], [ast.arg(p) for p in parameters], None, [], [], None, [])
    made = ast.parse("def f(): pass").body[0]
    assert isinstance(made, ast.FunctionDef)
    made.name, made.args, made.body = name, args, body
    return made
