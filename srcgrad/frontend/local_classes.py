"""``class`` in a function: a class is made while compiling, whose methods are read in place like nested functions."""

from __future__ import annotations

import ast
import dataclasses
import functools
from typing import Any

from srcgrad.frontend.context import Context
from srcgrad.frontend.objects import LocalMethod
from srcgrad.frontend.values import Abstract, Closure, Const
from srcgrad.ir.core import GO, Operand

WRAPPERS = {property: property, staticmethod: staticmethod, classmethod: classmethod,
            functools.cached_property: functools.cached_property}  # fmt: skip
DATACLASS = dataclasses.dataclass


def class_statement(ctx: Context, node: Any) -> Operand:
    """``class Name(bases): body``."""
    if node.keywords:
        raise ctx.unsupported("cannot read a class in a function that has keywords", "Move it out of the function.")
    bases = tuple(base_of(ctx, base) for base in node.bases)
    names: dict[str, Any] = {"__module__": ctx.frame.source.fn.__module__, "__qualname__": node.name}
    for statement in node.body:
        ctx.at(statement)
        enter(ctx, statement, names)
    key = (id(node), ctx.frame.number)
    known = ctx.local_classes.get(key)
    if known is None or not same_members(known[1], names, bases, known[0].__bases__):
        known = ctx.local_classes[key] = made(ctx, node, bases, names), names
    for method in known[1].values():
        if isinstance(method, LocalMethod):
            ctx.class_of_method[id(method.thing.node)] = known[0]
    ctx.state.variables[(ctx.frame.number, node.name)] = Const(known[0])
    return GO


def base_of(ctx: Context, node: Any) -> type:
    """A base class, which has to be known."""
    thing = ctx.settle(ctx.expr(node))
    if not isinstance(thing, Const) or not isinstance(thing.value, type):
        raise ctx.unsupported("cannot tell what this class inherits from", "Move the class out of the function.")
    return thing.value


def made(ctx: Context, node: Any, bases: tuple[type, ...], names: dict[str, Any]) -> type:
    """The class, passed through its decorators."""
    cls = type(node.name, bases, dict(names))
    for decorator in reversed(node.decorator_list):
        thing = decorated_by(ctx, decorator)
        if thing is None:
            raise ctx.unsupported("cannot read a class in a function with this decorator",
                                  "Move it out of the function.")  # fmt: skip
        cls = thing(cls)
    return cls


def decorated_by(ctx: Context, node: Any) -> Any:
    """``@dataclass`` with its settings; None of anything else."""
    fn = ctx.settle(ctx.expr(node.func if isinstance(node, ast.Call) else node))
    if not isinstance(fn, Const) or fn.value is not DATACLASS:
        return None
    keywords = node.keywords if isinstance(node, ast.Call) else []
    settings = {str(k.arg): ctx.static(ctx.settle(ctx.expr(k.value)), "a setting of the dataclass") for k in keywords}
    return DATACLASS(**settings)


def same_members(first: dict[str, Any], second: dict[str, Any], *bases: tuple[type, ...]) -> bool:
    """Is it the class that this statement made before, in another round around a loop?"""
    if list(first) != list(second) or bases[0] not in (bases[1], ()):
        return False
    return all(same_member(x, second[name]) for name, x in first.items())


def same_member(x: Any, y: Any) -> bool:
    """The same constant, or the same method."""
    if isinstance(x, LocalMethod):
        return isinstance(y, LocalMethod) and x.thing.node is y.thing.node
    for wrapper, part in ((property, "fget"), (functools.cached_property, "func"), (object, "__func__")):
        if type(x) is type(y) and isinstance(x, wrapper) and hasattr(x, part):
            return same_member(getattr(x, part), getattr(y, part))
    return x is y or (type(x) is type(y) and isinstance(x, (int, float, str, dict)) and x == y)


def enter(ctx: Context, node: Any, names: dict[str, Any]) -> None:
    """One statement of a class body."""
    match node:
        case ast.FunctionDef():
            names[node.name] = method(ctx, node, names)
        case ast.Assign(targets=[ast.Name(id=name)]):
            known = aliased(node.value, names)
            names[name] = value(ctx, node.value) if known is None else known
        case ast.AnnAssign(target=ast.Name(id=name)):
            names.setdefault("__annotations__", {})[name] = ast.unparse(node.annotation)
            if node.value is not None:
                names[name] = value(ctx, node.value)
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return
        case _:
            raise ctx.unsupported("cannot read this in the body of a class in a function", "Move the class out of it.")


def aliased(node: Any, names: dict[str, Any]) -> Any:
    """``__rmul__ = __mul__``: what the class has under the other name, None where that is not one of its names."""
    return names.get(node.id) if isinstance(node, ast.Name) else None


def value(ctx: Context, node: Any) -> Any:
    """A class attribute, or the default of a field."""
    if isinstance(node, ast.Call):
        fn = ctx.settle(ctx.expr(node.func))
        if isinstance(fn, Const) and fn.value is dataclasses.field:
            return dataclasses.field(**{str(k.arg): value(ctx, k.value) for k in node.keywords})
    thing = ctx.settle(ctx.expr(node))
    if isinstance(thing, Closure):
        return LocalMethod(thing)
    if not isinstance(thing, Const):
        raise ctx.unsupported("cannot keep what only the running program knows in a class", "Keep it in the object.")
    return thing.value


def method(ctx: Context, node: Any, names: dict[str, Any]) -> Any:
    """A method, property, static or class method."""
    found: Any = LocalMethod(closure_of(ctx, node))
    for decorator in reversed(node.decorator_list):
        found = wrapped(ctx, decorator, found, names)
    return found


def closure_of(ctx: Context, node: Any) -> Closure:
    """The function itself."""
    made_: Abstract = ctx.statements["<closure>"](ctx, node)
    assert isinstance(made_, Closure)
    return made_


def wrapped(ctx: Context, decorator: Any, found: Any, names: dict[str, Any]) -> Any:
    """What a decorator makes of a method."""
    own = aliased(decorator.value, names) if isinstance(decorator, ast.Attribute) else None
    if isinstance(own, property) and decorator.attr == "setter":
        return own.setter(found)
    thing = ctx.settle(ctx.expr(decorator))
    wrapper = WRAPPERS.get(thing.value) if isinstance(thing, Const) else None
    if wrapper is None:
        raise ctx.unsupported("cannot read a method of a class in a function with this decorator",
                              "Move the class out of the function.")  # fmt: skip
    return wrapper(found)
