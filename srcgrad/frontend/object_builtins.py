"""Builtins on objects: `super`, `getattr`, `isinstance`, `dataclasses.replace`, `copy.copy`, ..."""

from __future__ import annotations

import builtins
import dataclasses
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad.errors import UnsupportedError
from srcgrad.frontend import iterating
from srcgrad.frontend.builtins import example_of
from srcgrad.frontend.construction import construct, dataclass_init, is_generated
from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.objects import (
    MISSING,
    class_of,
    find,
    from_class,
    new_box,
    put_attribute,
    set_attribute,
)
from srcgrad.frontend.promotion import list_type
from srcgrad.frontend.values import Abstract, Bound, Box, Chosen, Const, Outside, Ref, Special, Sym, TupleOf
from srcgrad.ir.types import Num

Args = list[Abstract]
Kwargs = dict[str, Abstract]
NONE = Const(None)


@dataclass(frozen=True, eq=False)
class Super(Special):
    """``super()``: an object seen from above a class."""

    above: type
    owner: Abstract

    def attribute(self, ctx: Context, name: str) -> Abstract:
        """The next class that has the name."""
        cls = self.owner.value if isinstance(self.owner, Const) and isinstance(self.owner.value, type) else None
        of = cls or class_of(self.owner)
        assert of is not None
        mro = of.__mro__
        for base in mro[mro.index(self.above) + 1 :]:
            if name in base.__dict__:
                return self.found(ctx, of, base, name)
        raise ctx.unsupported(f"'super' object has no attribute '{name}'", "")

    def found(self, ctx: Context, of: type, base: type, name: str) -> Abstract:
        """The attribute of one of the classes above."""
        found = base.__dict__[name]
        if base is object and name == "__init__":
            return Const(no_init)
        if is_generated(base) and name == "__init__":
            return Bound(Const(dataclass_init), (self.owner, Const(base)), {})
        if issubclass(base, BaseException) and name == "__init__" and not hasattr(found, "__code__"):
            return Bound(Const(found), (self.owner,), {})
        if base is object and name == "__setattr__":
            return Bound(Const(object.__setattr__), (self.owner,), {})
        return from_class(ctx, self.owner, of, name, found)


def no_init() -> None:
    """What ``object.__init__`` does."""


def super_(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``super()`` in a method, and ``super(Class, self)``."""
    if args:
        return Super(ctx.static(args[0], "the class"), ctx.settle(args[1]))
    frame = ctx.frame
    local = ctx.class_of_method.get(id(frame.node))
    cell = types.CellType(local) if local is not None else frame.source.cells.get("__class__")
    spec = frame.node.args
    first = [*spec.posonlyargs, *spec.args]
    if cell is None or not first:
        raise ctx.unsupported("cannot tell what `super()` is about", "Write super(Class, self).")
    name = getattr(first[0], "arg", None) or first[0].id
    return Super(cell.cell_contents, ctx.settle(ctx.state.variables[(frame.number, name)]))


def has(ctx: Context, thing: Abstract, name: str) -> bool:
    """``hasattr``, where it is known."""
    match thing:
        case Chosen():
            raise ctx.unsupported("cannot tell which object this asks", "Ask in each branch.")
        case Box(kind="object", cls=cls) if find(cls or object, "__getattr__") is not MISSING:
            if name not in ctx.items(thing) and find(cls or object, name) is MISSING:
                raise ctx.unsupported("cannot tell what `__getattr__` says to `hasattr`", "Ask for it in a `try`.")
            return True
        case Box(kind="object", cls=cls):
            return name in ctx.items(thing) or find(cls or object, name) is not MISSING
        case Outside() | Const():
            return hasattr(thing.value, name)
        case TupleOf(cls=cls):
            return hasattr(cls or tuple, name)
        case Box(kind="list"):
            return hasattr([], name)
        case Box(kind="dict"):
            return hasattr({}, name)
    if isinstance(thing, Sym) and isinstance(operand_type(thing.value), Num):
        example = example_of(ctx, thing)
        return hasattr(0.0 if example is NotImplemented else example, name)
    try:
        ctx.call(Const(getattr), [thing, Const(name)], {})
    except UnsupportedError:
        return hasattr(np.ndarray, name)
    return True


def hasattr_(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``hasattr``."""
    return Const(has(ctx, args[0], ctx.static(args[1], "the name of an attribute")))


def getattr_(read: Callable[[Context, Abstract, str], Abstract]) -> Callable[[Context, Args, Kwargs], Abstract]:
    """``getattr`` with a name that is known."""

    def handler(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
        name = ctx.static(args[1], "the name of an attribute")
        if len(args) == 3 and not has(ctx, args[0], name):
            return args[2]
        return read(ctx, args[0], name)

    return handler


def isinstance_(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``isinstance`` of an object."""
    if not isinstance(args[0], Box) or args[0].kind != "object":
        return NotImplemented
    return Const(issubclass(args[0].cls or object, ctx.static(args[1], "the class")))


def type_(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``type`` of an object."""
    cls = class_of(args[0]) if len(args) == 1 else None
    return NotImplemented if cls is None else Const(cls)


def object_setattr(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``object.__setattr__(owner, name, thing)``, also of frozen dataclasses."""
    put_attribute(ctx, args[0], ctx.static(args[1], "the name of an attribute"), args[2])
    return NONE


def setattr_(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``setattr`` with a name that is known."""
    set_attribute(ctx, args[0], ctx.static(args[1], "the name of an attribute"), args[2])
    return NONE


def replaced(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``dataclasses.replace``."""
    cls: Any = class_of(args[0])
    if not hasattr(cls, "__dataclass_fields__"):
        return NotImplemented
    read = {f.name: kwargs.get(f.name) or ctx.call(Const(getattr), [args[0], Const(f.name)], {})
            for f in dataclasses.fields(cls) if f.init}  # fmt: skip
    return construct(ctx, cls, [], {**read, **kwargs})


def vars_(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``vars`` of an object that was made here, as a new dict."""
    if len(args) != 1 or not isinstance(args[0], Box) or args[0].kind != "object":
        return NotImplemented
    return new_box(ctx, "dict", dict(ctx.items(args[0])))


def copied(deep: bool) -> Callable[[Context, Args, Kwargs], Any]:
    """``copy.copy`` and ``copy.deepcopy``."""

    def handler(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
        return deep_copy(ctx, args[0], {}) if deep else shallow_copy(ctx, args[0])

    return handler


def shallow_copy(ctx: Context, thing: Abstract) -> Abstract:
    """``copy.copy``."""
    match ctx.settle(thing):
        case Box(kind=kind, cls=cls) as box:
            return new_box(ctx, kind, ctx.items(box), cls)
        case Ref() as ref:
            fn = builtins.list if list_type(ctx, ref) is not None else np.copy
            return ctx.call(Const(fn), [ref], {})
        case Outside():
            raise ctx.unsupported("cannot copy an object of the surrounding program here", "Copy it before the call.")
    return thing


def deep_copy(ctx: Context, thing: Abstract, made: dict[Any, Abstract]) -> Abstract:
    """``copy.deepcopy``: what is reached twice is copied once."""
    thing = ctx.settle(thing)
    key = thing.number if isinstance(thing, Box) else thing.storage if isinstance(thing, Ref) else None
    if key in made:
        return made[key]
    match thing:
        case Box(kind=kind, cls=cls):
            copied_box = made[key] = new_box(ctx, kind, (), cls)
            content = ctx.items(thing)
            if isinstance(content, dict):
                new: Any = {name: deep_copy(ctx, item, made) for name, item in content.items()}
            else:
                new = tuple(deep_copy(ctx, item, made) for item in content)
            ctx.state.boxes[copied_box.number] = new
            return copied_box
        case Ref(steps=steps) if not steps:
            made[key] = copy_of_memory(ctx, thing)
            return made[key]
        case Ref():
            return copy_of_memory(ctx, thing)
        case TupleOf(items, cls):
            return TupleOf(tuple(deep_copy(ctx, item, made) for item in items), cls)
    return shallow_copy(ctx, thing)


def copy_of_memory(ctx: Context, thing: Ref) -> Abstract:
    """A deep copy of an array or a run-time list."""
    kind = list_type(ctx, thing)
    if kind is None:
        return ctx.call(Const(np.copy), [thing], {})
    if isinstance(kind.item, Num):
        return ctx.call(Const(builtins.list), [thing], {})
    if thing.storage in ctx.repeated:
        raise ctx.unsupported("cannot copy a list that may hold one thing twice", "Copy its items in a loop.")
    return ctx.call(Const(iterating.deep_copies), [thing], {})
