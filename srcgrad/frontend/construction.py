"""Constructors of the user's classes, read in place: the object is known structure, and vanishes."""

from __future__ import annotations

import dataclasses
from typing import Any

from srcgrad.frontend.binding import by_name
from srcgrad.frontend.boxes import replace_content
from srcgrad.frontend.classes import is_users
from srcgrad.frontend.context import Context
from srcgrad.frontend.objects import find, holder, in_class, new_box
from srcgrad.frontend.values import Abstract, Box, Const, TupleOf

Args = list[Abstract]
Kwargs = dict[str, Abstract]
NONE = Const(None)


def construct(ctx: Context, cls: type, args: Args, kwargs: Kwargs) -> Abstract:
    """``cls(*args, **kwargs)``."""
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        given = bound(ctx, cls, args, kwargs)
        return TupleOf(tuple(given[name] for name in cls._fields), cls)
    refuse_exotic(ctx, cls)
    box = new_box(ctx, "object", {}, cls)
    init: Any = find(cls, "__init__")
    ctx.guard(in_class(holder(cls, "__init__"), "__init__"), init)
    if is_generated(cls):
        fill_fields(ctx, box, cls, args, kwargs)
    elif init is not find(object, "__init__"):
        ctx.call(Const(init), [box, *args], kwargs)
    elif args or kwargs:
        raise ctx.unsupported(f"{cls.__name__}() takes no arguments", "")
    return box


def refuse_exotic(ctx: Context, cls: type) -> None:
    """Classes that make or read their objects in a way of their own."""
    own = [name for name in ("__new__", "__getattribute__") if find(cls, name) is not find(object, name)]
    builtin = [base for base in cls.__mro__[:-1] if not is_users(base) and base.__module__ not in ("abc", "typing")]
    if "__new__" in own and any(base.__name__ in ("Generic", "Protocol") for base in cls.__mro__):
        own.remove("__new__")
    if own or builtin:
        what = f"has its own `{own[0]}`" if own else f"is a `{builtin[0].__name__}`"
        message = f"cannot make a `{cls.__name__}` here: it {what}"
        raise ctx.unsupported(message, "Make it outside, or use a plain class.")


def is_generated(cls: type) -> bool:
    """Did `dataclasses` write the constructor?"""
    owner = next((base for base in cls.__mro__ if "__init__" in base.__dict__), object)
    params = owner.__dict__.get("__dataclass_params__")
    return params is not None and params.init


def bound(ctx: Context, fn: Any, args: Args, kwargs: Kwargs) -> dict[str, Any]:
    """The arguments of a constructor by name, defaults included."""
    label, found = fn.__name__, by_name(ctx, fn, args, kwargs)
    return {key: v if isinstance(v, Abstract) else ctx.fixed(v, f"{label}.{key}") for key, v in found.items()}


def fill_fields(ctx: Context, box: Box, cls: Any, args: Args, kwargs: Kwargs) -> None:
    """What the constructor of a dataclass does."""
    given = bound(ctx, cls, args, kwargs)
    extra = []
    for field in cls.__dataclass_fields__.values():
        thing = given.get(field.name) if field.init else None
        if thing is None or is_factory(thing):
            if field.default_factory is not dataclasses.MISSING:
                thing = ctx.call(Const(field.default_factory), [], {})
            elif field.default is not dataclasses.MISSING:
                thing = ctx.fixed(field.default, f"{cls.__name__}.{field.name}")
        if getattr(field._field_type, "name", "") == "_FIELD_INITVAR":
            extra.append(thing)
        elif getattr(field._field_type, "name", "") == "_FIELD" and thing is not None:
            replace_content(ctx, box, {**ctx.items(box), field.name: ctx.settle(thing)})
    if hasattr(cls, "__post_init__"):
        ctx.call(Const(cls.__post_init__), [box, *(thing for thing in extra if thing is not None)], {})


def is_factory(thing: Abstract) -> bool:
    """The mark for a default that is made anew."""
    return isinstance(thing, Const) and type(thing.value).__name__ == "_HAS_DEFAULT_FACTORY_CLASS"


def dataclass_init(self: Any, cls: type, *args: Any, **kwargs: Any) -> None:
    """Stands for the generated constructor of a dataclass."""


def init_dataclass(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``super().__init__(...)`` of a dataclass."""
    box, cls = args[0], ctx.static(args[1], "the class")
    assert isinstance(box, Box)
    fill_fields(ctx, box, cls, args[2:], kwargs)
    return NONE
