"""Lists whose length is known only at run time: how a known list becomes one.

Such a list is a piece of memory like an array: names reach it by a `Ref`, its items by a path. A container whose
structure differs on two paths, or from trip to trip, becomes one; its `Box` then leads to the `Ref`.
"""

from __future__ import annotations

import builtins
import enum
from typing import Any

import numpy as np

from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.values import Abstract, Box, Chosen, Const, Ref, Storage, Sym, Table, TupleOf
from srcgrad.ir.core import Operand
from srcgrad.ir.types import ABSENT_T, AnyType, ListOf, Num, Opaque, Tup, Type, join_all

KEYS = (bool, int, float, str, tuple, np.integer)  # what may be a key of a dict
TEXTS = (Opaque("str"),)
UNROLLED = 8  # a loop over a list of so many numbers is written out trip by trip


def list_type(ctx: Context, thing: Abstract) -> ListOf | None:
    """The type of a run-time list; None of anything else."""
    if not isinstance(thing, Ref):
        return None
    current = ctx.state.memory.get(thing.storage)
    if current is None or not isinstance(operand_type(current), ListOf):
        return None
    found = path_type(operand_type(current), len(thing.steps))
    return found if isinstance(found, ListOf) else None


def path_type(kind: Type, depth: int) -> Type | None:
    """The type of what is `depth` items deep."""
    for _ in range(depth):
        if not isinstance(kind, ListOf):
            return None
        kind = kind.item
    return kind


def storable(ctx: Context, thing: Abstract, records: bool = False) -> bool:
    """May a run-time list hold it? With `records` also dicts and objects, which cannot be changed from then on."""
    match thing:
        case Const(value):
            return isinstance(value, (bool, int, float, complex, np.generic, type(None), str, enum.Enum))
        case Sym(value):
            return isinstance(value.type, (Num, AnyType)) or value.type in TEXTS or is_member(value.type)
        case Chosen(options=options):
            return all(isinstance(option, Const) and isinstance(option.value, enum.Enum) for option in options)
        case Ref():
            return True
        case TupleOf(items):
            return all(storable(ctx, item, records) for item in items)
        case Box(kind="list"):
            content = ctx.state.boxes.get(thing.number)
            if not isinstance(content, tuple):
                return isinstance(content, Ref)
            own = not thing.protected or numbers_entered(ctx, thing, content)
            return own and all(storable(ctx, item, records) for item in content)
        case Box(kind="dict" | "object"):
            content = ctx.state.boxes.get(thing.number)
            if not records or not isinstance(content, dict) or thing.protected or thing.number in ctx.factories:
                return False
            return all(storable(ctx, item, True) for item in content.values())
    return False


def is_member(kind: Type) -> bool:
    """The type of a member of an `enum.Enum`, of which a number says which it is."""
    return isinstance(kind, Opaque) and kind.name.startswith("enum ")


def numbers_entered(ctx: Context, box: Box, content: tuple[Abstract, ...]) -> bool:
    """A list among the arguments that holds numbers only: it is filled anew at the end."""
    return ctx.is_entered(box.number) and all(isinstance(item, (Const, Sym)) for item in content)


def promote(ctx: Context, box: Box) -> Ref:
    """Turn a list of known structure into a run-time list, wherever it is reached from."""
    content = ctx.state.boxes[box.number]
    if isinstance(content, Ref):
        return content
    made = from_items(ctx, list(content), name_of(ctx, box))
    if box.number in ctx.limits:
        ctx.limits[made.storage] = ctx.limits[box.number]
    ctx.state.boxes[box.number] = made
    return made


def long_numbers(ctx: Context, box: Box, index: Abstract) -> bool:
    """Is it a list of many numbers that is reached by an index known only at run time?"""
    content = ctx.state.boxes.get(box.number)
    if box.kind != "list" or box.protected or isinstance(index, Const) or not isinstance(content, tuple):
        return False
    many = len(content) > UNROLLED or ctx.promotes
    return many and all(isinstance(item, (Const, Sym)) and storable(ctx, item) for item in content)


def alike_items(ctx: Context, thing: Box | TupleOf, index: Abstract) -> list[Abstract] | None:
    """The items of a list or tuple that is read by an index known only at run time, where a list may hold them.

    Numbers of the caller's list always; anything else once nothing else is left.
    """
    content = thing.items if isinstance(thing, TupleOf) else ctx.state.boxes.get(thing.number)
    if not isinstance(index, Sym) or not isinstance(content, tuple) or not content:
        return None
    if not ctx.promotes and len(content) <= UNROLLED:
        return None
    numbers = all(isinstance(item, (Const, Sym)) for item in content)
    return list(content) if (numbers or ctx.promotes) and all(storable(ctx, item) for item in content) else None


def name_of(ctx: Context, box: Box) -> str:
    """The variable that holds a container."""
    for (_, name), held in ctx.state.variables.items():
        if isinstance(held, Box) and held.number == box.number and name.isidentifier():
            return name
    return ""


def may_be_table(ctx: Context, content: Any) -> bool:
    """Are all keys plain, and may a run-time list hold all values?"""
    return isinstance(content, dict) and all(isinstance(key, KEYS) and storable(ctx, ctx.settle(thing))
                                             for key, thing in content.items())  # fmt: skip


def tabled(ctx: Context, kind: str, content: dict[Any, Abstract]) -> Table:
    """The lists of keys and values."""
    types = [operand_type(key) for key in content]
    made = ctx.emit(builtins.list, *([list(content)] if content else []),
                    type_=ListOf(join_all(types) if types else ABSENT_T))  # fmt: skip
    keys = ctx.new_array(made, "keys")
    values = from_items(ctx, [ctx.settle(thing) for thing in content.values()]) if kind == "dict" else None
    return Table(keys, values)


def from_items(ctx: Context, items: list[Abstract], name: str = "") -> Ref:
    """A new run-time list of known items."""
    operands = [stored(ctx, item) for item in items]
    kind = ListOf(join_all([item_type(ctx, item) for item in items]) if operands else ABSENT_T)
    made = ctx.emit(builtins.list, *([operands] if operands else []), hint=name, type_=kind)
    ref = ctx.new_array(made, name)
    for item in items:
        hold(ctx, ref.storage, item)
    return ref


def stored(ctx: Context, thing: Abstract) -> Operand:
    """The operand of what is put into a run-time list; a list that is put there becomes one itself."""
    thing = ctx.settle(thing)
    if not storable(ctx, thing, records=True):
        raise ctx.unsupported("cannot keep this in a list whose length is known only at run time",
                              "Keep numbers, arrays, or tuples and lists of them.")  # fmt: skip
    if isinstance(thing, Box) and thing.kind != "list":
        ctx.borrowed.add(thing.number)
        return tuple(stored(ctx, item) for item in ctx.items(thing).values())
    if isinstance(thing, Box):
        thing = promote(ctx, thing)
    if isinstance(thing, TupleOf):
        return tuple(stored(ctx, item) for item in thing.items)
    return ctx.operand(thing)


def item_type(ctx: Context, thing: Abstract) -> Type:
    """The type of what was put into a run-time list."""
    thing = ctx.settle(thing)
    if isinstance(thing, TupleOf):
        form = None if thing.cls is None else ("tuple", thing.cls)
        return Tup(tuple(item_type(ctx, item) for item in thing.items), form)
    if isinstance(thing, Box) and thing.kind != "list":
        content = ctx.items(thing)
        return Tup(tuple(item_type(ctx, item) for item in content.values()), (thing.kind, thing.cls, tuple(content)))
    return operand_type(ctx.operand(thing))


def with_item(ctx: Context, kind: ListOf | None, thing: Abstract) -> Type | None:
    """The type of a list after something was put into it; None where its operands say it as well."""
    found = item_type(ctx, thing)
    if kind is None or not has_form(found):
        return None
    return ListOf(join_all([kind.item, found]))


def has_form(kind: Type) -> bool:
    """Is there a named tuple, a dict or an object in it?"""
    return isinstance(kind, Tup) and (kind.form is not None or any(map(has_form, kind.items)))


def hold(ctx: Context, owner: Storage, thing: Abstract) -> None:
    """A list takes in arrays and lists: it shares their memory, with all that may be the same."""
    thing = ctx.settle(thing)
    if isinstance(thing, TupleOf):
        for item in thing.items:
            hold(ctx, owner, item)
    elif isinstance(thing, Box) and thing.kind != "list":
        for item in ctx.items(thing).values():
            hold(ctx, owner, item)
    elif isinstance(thing, Ref):
        if thing.storage is owner or thing.storage in ctx.shares.get(owner, ()):
            ctx.repeated.add(owner)
        join_sharers(ctx, owner, thing.storage)


def draw(ctx: Context, owner: Storage, thing: Abstract) -> None:
    """Arrays and lists are read from a list: each may be any that the list holds."""
    if isinstance(thing, TupleOf):
        for item in thing.items:
            draw(ctx, owner, item)
    elif isinstance(thing, Box) and thing.kind != "list":
        for item in ctx.items(thing).values():
            draw(ctx, owner, item)
    elif isinstance(thing, Ref) and has_memory(operand_type(ctx.operand(thing))):
        join_sharers(ctx, thing.storage, owner)
        if owner in ctx.repeated:
            ctx.repeated.add(thing.storage)


def has_memory(kind: Type) -> bool:
    """May what was read from a list be, or hold, memory that the list holds, too?"""
    if isinstance(kind, Tup):
        return any(map(has_memory, kind.items))
    return not isinstance(kind, Num) and not (isinstance(kind, ListOf) and isinstance(kind.item, (Num, Opaque)))


def join_sharers(ctx: Context, new: Storage, known: Storage) -> None:
    """`new` may share memory with `known`, and with all that does."""
    for other in {known, *ctx.shares.get(known, ())} - {new}:
        ctx.shares.setdefault(new, set()).add(other)
        ctx.shares.setdefault(other, set()).add(new)
