"""Objects of the user's classes: made inside the function, passed in, or of the surrounding program."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.frontend.boxes import replace_content
from srcgrad.frontend.classes import is_users
from srcgrad.frontend.context import Context
from srcgrad.frontend.surroundings import Slot, attribute_of, origin
from srcgrad.frontend.values import Abstract, Bound, Box, Closure, Const, Outside, TupleOf

Args = list[Abstract]
Kwargs = dict[str, Abstract]
NONE = Const(None)
MISSING: Any = object()


@dataclass(frozen=True, eq=False)
class LocalMethod:
    """A method of a class that was made in the function: stands in the class for a function made in place."""

    thing: Closure

    def __call__(self) -> None:
        """Never called by Python; there so that it counts as a function."""


def class_of(thing: Abstract) -> type | None:
    """The user's class of an object, None for anything else."""
    match thing:
        case Box(kind="object", cls=cls) | TupleOf(cls=cls):
            return cls
        case Outside(value):
            return type(value) if is_users(type(value)) else None
    return None


def is_object(thing: Abstract) -> bool:
    """An object of a user's class, not a named tuple."""
    return class_of(thing) is not None and not isinstance(thing, TupleOf)


def find(cls: type, name: str) -> Any:
    """What a class has under a name, unbound; `MISSING` where it has nothing."""
    return inspect.getattr_static(cls, name, MISSING)


# --- reading ------------------------------------------------------------------------------------------------


def from_class(ctx: Context, owner: Abstract, cls: type, name: str, found: Any) -> Abstract:
    """What an attribute of the class is to an object: a bound method, a property's value, or a plain value."""
    base = holder(cls, name)
    if base is not cls:
        ctx.guard(holder_of(cls, name), base)  # a class on the way may get one of its own
    if not isinstance(found, (bool, int, float, complex, np.generic, np.ndarray)):
        ctx.plain(found, f"{cls.__name__}.{name}", in_class(base, name))  # a guard: methods may be replaced
    match found:
        case types.FunctionType() | LocalMethod():
            return Bound(Const(found), (owner,), {})
        case property():
            return ctx.call(Const(found.fget), [owner], {})
        case staticmethod():
            return Const(found.__func__)
        case classmethod():
            return Bound(Const(found.__func__), (Const(cls),), {})
    if hasattr(type(found), "__get__") and not isinstance(found, type) and not is_slot(found):
        raise ctx.unsupported(f"cannot read the attribute `{name}`: its class computes it with a descriptor",
                              "Use a property or a method.")  # fmt: skip
    if is_slot(found):
        raise ctx.unsupported(f"`{cls.__name__}` object has no attribute `{name}` yet", "Set it first.")
    return ctx.plain(found, f"{cls.__name__}.{name}", in_class(base, name))


def holder(cls: type, name: str) -> type:
    """The class that a name is taken from."""
    return next((base for base in cls.__mro__ if name in base.__dict__), cls)


def holder_of(cls: type, name: str) -> Callable[[], Any]:
    """The reader of that class."""
    return lambda: holder(cls, name)


def type_of_object(value: Any) -> Callable[[], Any]:
    """The reader of an object's class, which may be replaced."""
    return lambda: type(value)


def own_attribute(value: Any, name: str) -> Callable[[], Any]:
    """Whether an object has an attribute of its own, which hides a method of its class."""
    return lambda: name in getattr(value, "__dict__", ())


def in_class(cls: type, name: str) -> Callable[[], Any]:
    """The reader of what a class itself has under a name."""
    return lambda: cls.__dict__.get(name)


def is_slot(found: Any) -> bool:
    """An entry of ``__slots__``."""
    return isinstance(found, (types.MemberDescriptorType, types.GetSetDescriptorType))


def object_attribute(ctx: Context, box: Box, name: str) -> Abstract:
    """An attribute of an object of known structure."""
    content, cls = ctx.items(box), box.cls
    assert cls is not None
    found = find(cls, name)
    if isinstance(found, property):
        return from_class(ctx, box, cls, name, found)
    if name in content:
        thing: Abstract = content[name]
        return ctx.settle(thing)
    if name == "__class__":
        return Const(cls)
    if name == "__dict__" and hasattr(cls, "__dict__"):  # the attributes themselves: both see a write
        return Box("dict", box.number, protected=box.protected)
    if isinstance(found, functools.cached_property):
        ctx.guard(in_class(holder(cls, name), name), found)
        made = ctx.call(Const(found.func), [box], {})
        replace_content(ctx, box, {**ctx.items(box), name: made})
        return made
    if found is MISSING and find(cls, "__getattr__") is not MISSING:
        return ctx.call(from_class(ctx, box, cls, "__getattr__", find(cls, "__getattr__")), [Const(name)], {})
    if found is MISSING:
        raise ctx.unsupported(f"`{cls.__name__}` object has no attribute `{name}`", "")
    return from_class(ctx, box, cls, name, found)


def outside_attribute(ctx: Context, owner: Outside, name: str) -> Abstract:
    """An attribute of an object of the surrounding program: its properties are interpreted, as its methods are."""
    value = owner.value
    found = find(type(value), name) if is_users(type(value)) else MISSING
    if isinstance(found, property) or (
        isinstance(found, types.FunctionType) and name not in getattr(value, "__dict__", ())
    ):
        ctx.guard(type_of_object(value), type(value))
        if not isinstance(found, property):
            ctx.guard(own_attribute(value, name), False)
        return from_class(ctx, owner, type(value), name, found)
    return ctx.outside_value(f"{owner.label}.{name}", attribute_of(owner, name))


def tuple_attribute(ctx: Context, owner: TupleOf, name: str) -> Abstract:
    """An attribute of a named tuple."""
    cls = owner.cls
    fields: tuple[str, ...] = getattr(cls, "_fields", ())
    if cls is None or not hasattr(cls, name):
        raise ctx.unsupported(f"cannot read the attribute `{name}` here", "")
    if name in fields:
        return owner.items[fields.index(name)]
    if name in ("_replace", "_asdict"):
        return Bound(Const(TUPLE_METHODS[name]), (owner,), {})
    found = find(cls, name)
    return Const(getattr(cls, name)) if name in ("_make", "_fields") else from_class(ctx, owner, cls, name, found)


def tuple_replace(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``point._replace(x=1.0)``."""
    owner = args[0]
    assert isinstance(owner, TupleOf)
    fields: tuple[str, ...] = getattr(owner.cls, "_fields", ())
    wrong = [name for name in kwargs if name not in fields]
    if wrong:
        raise ctx.unsupported(f"got an unexpected field name: {wrong[0]!r}", f"The fields are {list(fields)}.")
    items = zip(fields, owner.items, strict=True)
    return TupleOf(tuple(kwargs.get(name, item) for name, item in items), owner.cls)


def tuple_as_dict(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``point._asdict()``."""
    owner = args[0]
    assert isinstance(owner, TupleOf)
    return new_box(ctx, "dict", dict(zip(getattr(owner.cls, "_fields", ()), owner.items, strict=True)))


def replace_fields(self: Any, **changes: Any) -> Any:
    """Stands for ``_replace`` of a named tuple."""


def as_dict(self: Any) -> Any:
    """Stands for ``_asdict`` of a named tuple."""


TUPLE_METHODS: dict[str, Callable[..., Any]] = {"_replace": replace_fields, "_asdict": as_dict}


# --- writing ------------------------------------------------------------------------------------------------


def set_attribute(ctx: Context, owner: Abstract, name: str, thing: Abstract) -> None:
    """``owner.name = thing``, as the class has it."""
    cls = class_of(owner)
    if cls is None:
        raise ctx.unsupported(f"cannot assign to the attribute `{name}` of this", "Keep it in a local variable.")
    found = find(cls, name)
    if isinstance(found, property):
        if found.fset is None:
            raise ctx.unsupported(f"property `{name}` of `{cls.__name__}` has no setter", "")
        ctx.call(Const(found.fset), [owner, thing], {})
        return
    if is_frozen(cls):
        message = f"cannot assign to field `{name}`: `{cls.__name__}` is frozen"
        raise ctx.unsupported(message, "Use dataclasses.replace.")
    plain = (object, BaseException, types.SimpleNamespace)
    if find(cls, "__setattr__") not in [find(base, "__setattr__") for base in plain]:
        raise ctx.unsupported(f"cannot assign to `{name}`: `{cls.__name__}` has a `__setattr__` of its own", "")
    put_attribute(ctx, owner, name, thing)


def is_frozen(cls: type) -> bool:
    """A frozen dataclass, or a named tuple."""
    params = getattr(cls, "__dataclass_params__", None)
    return bool(params is not None and params.frozen) or issubclass(cls, tuple)


def put_attribute(ctx: Context, owner: Abstract, name: str, thing: Abstract) -> None:
    """``object.__setattr__(owner, name, thing)``."""
    match owner:
        case Box():
            replace_content(ctx, owner, {**ctx.items(owner), name: ctx.settle(thing)})
        case Outside(value, label):
            read = attribute_of(owner, name)
            ctx.rebind(Slot(origin(read), f"{label}.{name}", read, runtime.leave_attribute, value, name), thing)
        case _:
            raise ctx.unsupported(f"cannot assign to the attribute `{name}` of this", "Keep it in a local variable.")


def new_box(ctx: Context, kind: str, content: Any, cls: type | None = None) -> Box:
    """A new container."""
    box = Box(kind, cls=cls)
    ctx.state.boxes[box.number] = content
    return box
