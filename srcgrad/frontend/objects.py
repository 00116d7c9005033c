"""Objects of the user's classes: made inside the function, passed in, or of the surrounding program."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.errors import UnsupportedError
from srcgrad.frontend.boxes import replace_content
from srcgrad.frontend.context import Context
from srcgrad.frontend.classes import is_users
from srcgrad.frontend.surroundings import Slot, attribute_of, origin
from srcgrad.frontend.values import Abstract, Bound, Box, Const, Outside, Special, TupleOf

Args = list[Abstract]
Kwargs = dict[str, Abstract]
NONE = Const(None)
MISSING: Any = object()
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
    match found:
        case types.FunctionType():
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
    return ctx.plain(found, f"{cls.__name__}.{name}", functools.partial(getattr, cls, name))


def is_slot(found: Any) -> bool:
    """An entry of ``__slots__``."""
    return isinstance(found, (types.MemberDescriptorType, types.GetSetDescriptorType))


def object_attribute(ctx: Context, box: Box, name: str) -> Abstract:
    """An attribute of an object of known structure."""
    content, cls = ctx.items(box), box.cls
    assert cls is not None
    found = find(cls, name)
    if isinstance(found, property):
        return ctx.call(Const(found.fget), [box], {})
    if name in content:
        thing: Abstract = content[name]
        return ctx.settle(thing)
    if name == "__class__":
        return Const(cls)
    if isinstance(found, functools.cached_property):
        made = ctx.call(Const(found.func), [box], {})
        replace_content(ctx, box, {**ctx.items(box), name: made})
        return made
    if found is MISSING:
        raise ctx.unsupported(f"`{cls.__name__}` object has no attribute `{name}`", "")
    return from_class(ctx, box, cls, name, found)


def outside_attribute(ctx: Context, owner: Outside, name: str) -> Abstract:
    """An attribute of an object of the surrounding program: its properties are interpreted, as its methods are."""
    value = owner.value
    found = find(type(value), name) if is_users(type(value)) else MISSING
    if isinstance(found, property):
        return ctx.call(Const(found.fget), [owner], {})
    if isinstance(found, types.FunctionType) and name not in getattr(value, "__dict__", ()):
        return Bound(Const(found), (owner,), {})
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
    own = cls.__setattr__
    if is_frozen(cls):
        raise ctx.unsupported(f"cannot assign to field `{name}`: `{cls.__name__}` is frozen", "Use dataclasses.replace.")
    if own is not object.__setattr__:
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


# --- making -------------------------------------------------------------------------------------------------


def new_box(ctx: Context, kind: str, content: Any, cls: type | None = None) -> Box:
    """A new container."""
    box = Box(kind, cls=cls)
    ctx.state.boxes[box.number] = content
    return box


def construct(ctx: Context, cls: type, args: Args, kwargs: Kwargs) -> Abstract:
    """``cls(*args, **kwargs)``."""
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        given = bound(ctx, cls, args, kwargs)
        return TupleOf(tuple(given[name] for name in cls._fields), cls)
    refuse_exotic(ctx, cls)
    box = new_box(ctx, "object", {}, cls)
    init = cls.__init__
    if is_generated(cls):
        fill_fields(ctx, box, cls, args, kwargs)
    elif init is not object.__init__:
        ctx.call(Const(init), [box, *args], kwargs)
    elif args or kwargs:
        raise ctx.unsupported(f"{cls.__name__}() takes no arguments", "")
    return box


def refuse_exotic(ctx: Context, cls: type) -> None:
    """Classes that make or read their objects in a way of their own."""
    own = [name for name in ("__new__", "__getattribute__", "__getattr__") if find(cls, name) is not find(object, name)]
    builtin = [base for base in cls.__mro__[:-1] if not is_users(base) and base.__module__ not in ("abc", "typing")]
    if "__new__" in own and any(base.__name__ in ("Generic", "Protocol") for base in cls.__mro__):
        own.remove("__new__")
    if own or builtin:
        what = f"has its own `{own[0]}`" if own else f"is a `{builtin[0].__name__}`"
        raise ctx.unsupported(f"cannot make a `{cls.__name__}` here: it {what}", "Make it outside, or use a plain class.")


def is_generated(cls: type) -> bool:
    """Did `dataclasses` write the constructor?"""
    owner = next((base for base in cls.__mro__ if "__init__" in base.__dict__), object)
    params = owner.__dict__.get("__dataclass_params__")
    return params is not None and params.init


def bound(ctx: Context, fn: Any, args: Args, kwargs: Kwargs) -> dict[str, Any]:
    """The arguments of a constructor by name, defaults included."""
    try:
        found = inspect.signature(fn).bind(*args, **kwargs)
    except TypeError as error:
        raise ctx.unsupported(f"{fn.__name__}() {error}", "") from None
    found.apply_defaults()
    label = fn.__name__
    return {key: v if isinstance(v, Abstract) else ctx.fixed(v, f"{label}.{key}") for key, v in found.arguments.items()}


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


# --- super() ------------------------------------------------------------------------------------------------


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
        if base is object and name == "__setattr__":
            return Bound(Const(object.__setattr__), (self.owner,), {})
        return from_class(ctx, self.owner, of, name, found)


def no_init() -> None:
    """What ``object.__init__`` does."""


def dataclass_init(self: Any, cls: type, *args: Any, **kwargs: Any) -> None:
    """Stands for the generated constructor of a dataclass."""


def super_(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``super()`` in a method, and ``super(Class, self)``."""
    if args:
        return Super(ctx.static(args[0], "the class"), ctx.settle(args[1]))
    frame = ctx.frame
    cell = frame.source.cells.get("__class__")
    spec = frame.node.args
    first = [*spec.posonlyargs, *spec.args]
    if cell is None or not first:
        raise ctx.unsupported("cannot tell what `super()` is about", "Write super(Class, self).")
    name = getattr(first[0], "arg", None) or first[0].id
    return Super(cell.cell_contents, ctx.settle(ctx.state.variables[(frame.number, name)]))


# --- builtins -----------------------------------------------------------------------------------------------


def has(ctx: Context, thing: Abstract, name: str) -> bool:
    """``hasattr``, where it is known."""
    match thing:
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
    if cls is None or not dataclasses.is_dataclass(cls):
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
        return copy_of(ctx, args[0], deep)

    return handler


def copy_of(ctx: Context, thing: Abstract, deep: bool) -> Abstract:
    """A copy; what is in it is copied too where `deep`."""
    match thing:
        case Box(kind=kind, cls=cls):
            content = ctx.items(thing)
            part = (lambda item: copy_of(ctx, item, True)) if deep else (lambda item: item)
            new = {key: part(v) for key, v in content.items()} if isinstance(content, dict) else tuple(map(part, content))
            return new_box(ctx, kind, new, cls)
        case TupleOf(items, cls) if deep:
            return TupleOf(tuple(copy_of(ctx, item, True) for item in items), cls)
        case Outside():
            raise ctx.unsupported("cannot copy an object of the surrounding program here", "Copy it before the call.")
    if not isinstance(thing, (Const, TupleOf)) and type(thing).__name__ == "Ref":
        return ctx.call(Const(np.copy), [thing], {})
    return thing


def init_dataclass(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``super().__init__(...)`` of a dataclass."""
    box, cls = args[0], ctx.static(args[1], "the class")
    assert isinstance(box, Box)
    fill_fields(ctx, box, cls, args[2:], kwargs)
    return NONE
