"""Operators and builtins on objects of the user's classes: the special methods of the class say what they do."""

from __future__ import annotations

import builtins
import copy
import dataclasses
import operator
from collections.abc import Callable
from typing import Any

from srcgrad.frontend import construction, iterating, object_builtins, objects
from srcgrad.frontend.branches import truth
from srcgrad.frontend.classes import is_users
from srcgrad.frontend.containers import attribute
from srcgrad.frontend.context import Context
from srcgrad.frontend.objects import MISSING, class_of, find, holder_of, in_class, is_object, type_of_object
from srcgrad.frontend.values import Abstract, Const, Outside, TupleOf

Args = list[Abstract]
Kwargs = dict[str, Abstract]

TWO: dict[Any, tuple[str, str]] = {
    operator.add: ("__add__", "__radd__"), operator.sub: ("__sub__", "__rsub__"), operator.mul: ("__mul__", "__rmul__"),
    operator.truediv: ("__truediv__", "__rtruediv__"), operator.floordiv: ("__floordiv__", "__rfloordiv__"),
    operator.mod: ("__mod__", "__rmod__"), operator.pow: ("__pow__", "__rpow__"),
    operator.matmul: ("__matmul__", "__rmatmul__"),
    operator.lt: ("__lt__", "__gt__"), operator.gt: ("__gt__", "__lt__"),
    operator.le: ("__le__", "__ge__"), operator.ge: ("__ge__", "__le__"), operator.eq: ("__eq__", "__eq__"),
    operator.ne: ("__ne__", "__ne__"), operator.and_: ("__and__", "__rand__"), operator.or_: ("__or__", "__ror__"),
    operator.xor: ("__xor__", "__rxor__"),
}  # fmt: skip
ONE: dict[Any, str] = {
    operator.neg: "__neg__", operator.pos: "__pos__", operator.invert: "__invert__", builtins.abs: "__abs__",
    builtins.len: "__len__", builtins.float: "__float__", builtins.int: "__int__", builtins.round: "__round__",
}  # fmt: skip
IN_PLACE: dict[Any, tuple[str, Any]] = {
    operator.iadd: ("__iadd__", operator.add), operator.isub: ("__isub__", operator.sub),
    operator.imul: ("__imul__", operator.mul), operator.itruediv: ("__itruediv__", operator.truediv),
    operator.imatmul: ("__imatmul__", operator.matmul), operator.ipow: ("__ipow__", operator.pow),
    operator.ifloordiv: ("__ifloordiv__", operator.floordiv), operator.imod: ("__imod__", operator.mod),
}  # fmt: skip
ITEMS: dict[Any, str] = {operator.getitem: "__getitem__", operator.setitem: "__setitem__",
                         operator.delitem: "__delitem__", operator.contains: "__contains__"}  # fmt: skip


def special(ctx: Context, thing: Abstract, name: str) -> Any:
    """The special method of an object's class, `MISSING` where it has none that the user wrote."""
    cls = class_of(thing)
    if cls is None:
        return MISSING
    owner = next((base for base in cls.__mro__ if name in base.__dict__), object)
    if not is_users(owner):
        return MISSING
    found = find(cls, name)
    ctx.guard(in_class(owner, name), found)  # methods may be replaced
    if owner is not cls:
        ctx.guard(holder_of(cls, name), owner)
    if isinstance(thing, Outside):
        ctx.guard(type_of_object(thing.value), cls)
    return found


def operate(ctx: Context, fn: Any, args: Args) -> Any:
    """An operator on objects; NotImplemented where none takes part."""
    if fn in IN_PLACE:
        return augmented(ctx, fn, args)
    if fn is operator.contains and is_object(args[0]) and special(ctx, args[0], "__contains__") is MISSING:
        return ctx.call(Const(iterating.has_member), args, {})
    if fn in ITEMS:
        return invoke(ctx, args[0], ITEMS[fn], args[1:]) if is_object(args[0]) else NotImplemented
    if fn in ONE and len(args) == 1:
        method = special(ctx, args[0], ONE[fn])
        return NotImplemented if method is MISSING else ctx.call(Const(method), args, {})
    if fn not in TWO or len(args) != 2 or (class_of(args[0]) is None and class_of(args[1]) is None):
        return NotImplemented
    return two(ctx, fn, args[0], args[1])


def two(ctx: Context, fn: Any, left: Abstract, right: Abstract) -> Any:
    """Left, then right, as Python asks them."""
    forward, backward = TWO[fn]
    for owner, other, name in ((left, right, forward), (right, left, backward)):
        method = special(ctx, owner, name)
        if method is not MISSING and not is_generated_method(method):
            result = ctx.call(Const(method), [owner, other], {})
            if not (isinstance(result, Const) and result.value is NotImplemented):
                return result
    return by_default(ctx, fn, left, right)


def is_generated_method(method: Any) -> bool:
    """A method that has no source of its own: `dataclasses` wrote it."""
    return getattr(getattr(method, "__code__", None), "co_filename", "") == "<string>"


def by_default(ctx: Context, fn: Any, left: Abstract, right: Abstract) -> Any:
    """What Python does where no class says anything."""
    if isinstance(left, TupleOf) or isinstance(right, TupleOf):
        return NotImplemented
    cls: Any = class_of(left)
    if fn in (operator.eq, operator.ne):
        if hasattr(cls, "__dataclass_fields__") and special(ctx, left, "__eq__") is not MISSING:
            raise ctx.unsupported(f"cannot compare two `{cls.__name__}` as a whole", "Compare their fields.")
        same = left is right or (isinstance(left, Outside) and isinstance(right, Outside) and left.value is right.value)
        return Const(same is (fn is operator.eq))
    name = getattr(cls or class_of(right), "__name__", "object")
    raise ctx.unsupported(f"unsupported operand for {fn.__name__}: `{name}`", f"Give it a `{TWO[fn][0]}`.")


def augmented(ctx: Context, fn: Any, args: Args) -> Abstract:
    """``obj op= thing``: in place where the class says so, else as ``obj op thing``."""
    name, plain = IN_PLACE[fn]
    method = special(ctx, args[0], name)
    return ctx.call(Const(plain) if method is MISSING else Const(method), args, {})


def invoke(ctx: Context, owner: Abstract, name: str, args: Args, kwargs: Kwargs | None = None) -> Abstract:
    """A special method that has to be there."""
    method = special(ctx, owner, name)
    if method is MISSING:
        cls = class_of(owner)
        raise ctx.unsupported(f"`{getattr(cls, '__name__', 'object')}` has no `{name}`", f"Give it a `{name}`.")
    return ctx.call(Const(method), [owner, *args], kwargs or {})


def bool_(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """The truth of an object: what its class says, else true."""
    if not is_object(args[0]):
        return NotImplemented
    for name in ("__bool__", "__len__"):
        if special(ctx, args[0], name) is not MISSING:
            test = truth(ctx, invoke(ctx, args[0], name, []))
            return Const(test) if isinstance(test, bool) else ctx.wrap(test)
    return Const(True)


def iter_(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """What an object gives to a loop; NotImplemented for anything else."""
    if not is_object(args[0]):
        return NotImplemented
    if special(ctx, args[0], "__iter__") is not MISSING:
        return invoke(ctx, args[0], "__iter__", [])
    count = ctx.static(invoke(ctx, args[0], "__len__", []), "the length of an object")
    return TupleOf(tuple(invoke(ctx, args[0], "__getitem__", [Const(k)]) for k in range(count)))


OBJECTS: dict[Any, Callable[[Context, Args, Kwargs], Any]] = {
    builtins.bool: bool_,
    builtins.iter: iter_,
    builtins.super: object_builtins.super_,
    builtins.hasattr: object_builtins.hasattr_,
    builtins.getattr: object_builtins.getattr_(attribute),
    builtins.isinstance: object_builtins.isinstance_,
    builtins.type: object_builtins.type_,
    builtins.setattr: object_builtins.setattr_,
    object.__setattr__: object_builtins.object_setattr,
    dataclasses.replace: object_builtins.replaced,
    builtins.vars: object_builtins.vars_,
    copy.copy: object_builtins.copied(False),
    copy.deepcopy: object_builtins.copied(True),
    objects.replace_fields: objects.tuple_replace,
    objects.as_dict: objects.tuple_as_dict,
    construction.dataclass_init: construction.init_dataclass,
}

DUNDERS = {*TWO, *ONE, *IN_PLACE, *ITEMS}

__all__ = ["DUNDERS", "OBJECTS", "invoke", "operate"]
