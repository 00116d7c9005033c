"""What can be done with lists whose length is known only at run time: read, write, append, pop, join, repeat."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.errors import AliasError
from srcgrad.frontend.activations import NeedStatic
from srcgrad.frontend.branches import branch
from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.moving import Place, depth_of, detach, place_of, rewrite
from srcgrad.frontend.poisons import alias_complaint, poison_holders, poison_sharers
from srcgrad.frontend.promotion import draw, from_items, hold, list_type, stored, with_item
from srcgrad.frontend.values import (
    Abstract,
    Box,
    Const,
    Generator,
    Iteration,
    Poison,
    RangeOf,
    Ref,
    Storage,
    Sym,
    TupleOf,
)
from srcgrad.ir.core import GO, Operand, Value
from srcgrad.ir.types import ABSENT_T, PY_INT, AnyType, Arr, ListOf, Num, Opaque, Tup, Type

Args = list[Abstract]
Kwargs = dict[str, Abstract]

NONE = Const(None)


def read(ctx: Context, xs: Ref, index: Abstract) -> Abstract:
    """``xs[index]``: a number as it is now, an array or list as a path, a slice as a new list."""
    kind = list_type(ctx, xs)
    if kind is None:
        ctx.operand(xs)  # tells what made it unknown
        raise ctx.unsupported("cannot index this", "Index an array, a list, a tuple or a dict.")
    key = ctx.operand(index)
    if isinstance(key, slice):
        made = ctx.wrap(ctx.emit(operator.getitem, ctx.operand(xs), key, type_=kind))
        draw(ctx, xs.storage, made)
        return made
    if isinstance(key, tuple) or not isinstance(operand_type(key), Num):
        raise ctx.unsupported("list indices must be integers or slices", "")
    if isinstance(kind.item, (Arr, ListOf)):
        return ctx.tried(Ref(xs.storage, (*xs.steps, (operator.getitem, (key,)))))
    made = ctx.wrap(fetched(ctx, xs, key, kind.item))
    if isinstance(kind.item, (Tup, AnyType)):
        draw(ctx, xs.storage, made)
    return made


def fetched(ctx: Context, xs: Ref, key: Operand, kind: Type) -> Value:
    """The read of an item, in one act however deep the list is."""
    current = ctx.contents(xs.storage)
    if xs.steps:
        return ctx.emit(runtime.get_item, current, key, xs.steps, type_=kind)
    return ctx.emit(operator.getitem, current, key, type_=kind)


# --- writing --------------------------------------------------------------------------------------------------------


def write(ctx: Context, xs: Ref, index: Abstract, thing: Abstract) -> None:
    """``xs[index] = thing``."""
    key = ctx.operand(index)
    if isinstance(key, slice):
        raise ctx.unsupported("cannot assign to this part of a list", "Assign to one item.")
    place = (*place_of(ctx, xs), key)
    if isinstance(thing, Ref) and thing.storage is xs.storage and thing.steps and place_of(ctx, thing) == place:
        return  # the item itself is put back
    check_single(ctx, xs)
    value = stored(ctx, thing)
    displaced = detach(ctx, xs, (key,))
    args = (ctx.contents(xs.storage), key, value, *((xs.steps,) if xs.steps else ()))
    kind = None if xs.steps else with_item(ctx, list_type(ctx, xs), thing)
    replace(ctx, xs, ctx.emit_call(runtime.list_set, args, {}, hint_of(ctx, xs), type_=kind))
    take_in(ctx, xs, place, thing, displaced)


def take_in(ctx: Context, xs: Ref, place: Place, thing: Abstract, displaced: dict[Place, Ref]) -> None:
    """Note that a list holds what was put at a place; the second half of an exchange leaves every item single."""
    begun = ctx.swapping.pop(xs.storage, None)
    if begun is not None and isinstance(thing, Ref) and begun == (thing.storage, thing.steps, place):
        return
    if begun is not None:
        ctx.repeated.add(xs.storage)
    if isinstance(thing, Ref) and thing.storage is xs.storage:
        old = displaced.get(place)
        if old is None:
            ctx.repeated.add(xs.storage)
        else:
            ctx.swapping[xs.storage] = (old.storage, (), place_of(ctx, thing))
        return
    hold(ctx, xs.storage, thing)


def check_single(ctx: Context, xs: Ref) -> None:
    """Before a write into an item: it must not be at another place of the list, too."""
    if xs.steps and (xs.storage in ctx.repeated or xs.storage in ctx.swapping):
        name = f"`{xs.storage.hint}`" if xs.storage.hint else "a list"
        raise AliasError(f"cannot tell which items of {name} are changed here: one thing may be in it twice",
                         span=ctx.span, repair="Put a copy into the list.")  # fmt: skip


def add(ctx: Context, xs: Ref, index: Abstract, value: Operand) -> None:
    """``xs[index] += value`` of a number."""
    check_single(ctx, xs)
    args = (ctx.contents(xs.storage), ctx.operand(index), value, *((xs.steps,) if xs.steps else ()))
    replace(ctx, xs, ctx.emit_call(runtime.list_add, args, {}, hint_of(ctx, xs)))


def write_inside(ctx: Context, item: Ref, fn: Callable[..., Any], index: Operand, value: Operand) -> None:
    """A write into an array that a list holds: the array is changed, and put back."""
    check_single(ctx, item)
    depth = depth_of(ctx, item)
    whole = ctx.seen(ctx.contents(item.storage), item.steps[:depth])
    args = (whole, index, value, *((item.steps[depth:],) if item.steps[depth:] else ()))
    changed = ctx.emit_call(fn, args, {}, type_=whole.type)
    place, key = item.steps[: depth - 1], item.steps[depth - 1][1][0]
    target = (ctx.contents(item.storage), key, changed, *((place,) if place else ()))
    replace(ctx, item, ctx.emit_call(runtime.list_set, target, {}, hint_of(ctx, item)))


def hint_of(ctx: Context, xs: Ref) -> str:
    """The name of the list."""
    return getattr(ctx.state.memory.get(xs.storage), "hint", "")


def replace(ctx: Context, xs: Ref, value: Operand) -> None:
    """Make the next version of a list."""
    if xs.storage.captured:
        raise ctx.unsupported(f"cannot write into `{xs.storage.hint}`: it belongs to the surrounding program", "")
    ctx.state.memory[xs.storage] = value
    if xs.steps:
        poison_sharers(ctx, xs.storage)
    else:
        poison_holders(ctx, xs.storage)


def resized(ctx: Context, xs: Ref) -> Operand:
    """The list as it is before its length changes: what paths lead into it is read now."""
    if xs.storage in ctx.walked_lists:
        raise ctx.unsupported("cannot change the length of a container while a loop walks it",
                              "Walk a copy: for item in list(items).")  # fmt: skip
    check_single(ctx, xs)
    detach(ctx, xs)
    return ctx.contents(xs.storage, xs.steps)


def put_back(ctx: Context, xs: Ref, value: Operand) -> None:
    """Make the next version of a list; of one inside a list, put it in its place there."""
    if not xs.steps:
        replace(ctx, xs, value)
        return
    place, key = xs.steps[:-1], xs.steps[-1][1][0]
    args = (ctx.contents(xs.storage), key, value, place, ctx.contents(xs.storage, xs.steps))
    replace(ctx, xs, ctx.emit_call(runtime.list_set, args, {}, hint_of(ctx, xs)))


# --- methods --------------------------------------------------------------------------------------------------------


def append(ctx: Context, xs: Ref, args: Args, kwargs: Kwargs) -> Abstract:
    """``xs.append(item)``."""
    limit = ctx.limits.get(xs.storage) if not xs.steps else None
    if limit is not None:
        make_room(ctx, xs, limit)
    value = stored(ctx, args[0])
    current = resized(ctx, xs)
    kind, taken = with_item(ctx, list_type(ctx, xs), args[0]), new_memory(ctx, args[0])
    place = ctx.emit(builtins.len, current, type_=PY_INT) if taken is not None and ctx.span in ctx.by_path else None
    put_back(ctx, xs, ctx.emit(runtime.list_append, current, value, hint=hint_of(ctx, xs), type_=kind))
    after = list_type(ctx, xs)
    if taken is None or place is None or after is None or not isinstance(after.item, (Arr, ListOf)):
        hold(ctx, xs.storage, args[0])
        if taken is not None:
            ctx.held_from[taken] = ctx.span
        return NONE
    lead_into(ctx, taken, Ref(xs.storage, (*xs.steps, (operator.getitem, (place,)))))
    return NONE


def new_memory(ctx: Context, thing: Abstract) -> Storage | None:
    """The memory of an array or a list that was made in the program, and that nothing shares yet."""
    thing = ctx.settle(thing)
    if not isinstance(thing, Ref) or thing.steps or ctx.shares.get(thing.storage):
        return None
    return None if thing.storage.captured or thing.storage in ctx.not_ours else thing.storage


def lead_into(ctx: Context, storage: Storage, item: Ref) -> None:
    """From here on, what is reached by names of a piece of memory is reached as an item of a list."""

    def led(ref: Ref) -> Abstract:
        return Ref(item.storage, (*item.steps, *ref.steps)) if ref.storage is storage else ref

    rewrite(ctx, led)
    for number, content in list(ctx.state.boxes.items()):
        if isinstance(content, Ref):
            ctx.state.boxes[number] = led(content)
    ctx.state.memory[storage] = Poison(alias_complaint(storage, item.storage, ctx.span))  # for half-evaluated uses


def make_room(ctx: Context, xs: Ref, limit: Operand) -> None:
    """A `deque` that is as long as it may be loses its first item."""
    full = ctx.emit(operator.ge, length(ctx, xs), limit, type_=Num("bool"))

    def lose() -> tuple[Operand, None]:
        pop(ctx, xs, [Const(0)], {})
        return GO, None

    branch(ctx, full, lose, lambda: (GO, None))


def refuse_limited(ctx: Context, xs: Ref) -> None:
    """Only `append` knows what a `deque` of a greatest length loses."""
    if xs.storage in ctx.limits:
        raise ctx.unsupported("cannot tell what a deque with a `maxlen` loses here", "Append item by item.")


def insert(ctx: Context, xs: Ref, args: Args, kwargs: Kwargs) -> Abstract:
    """``xs.insert(k, item)``."""
    key = ctx.static(args[0], "where to insert")
    if not isinstance(key, int) or key < 0:
        raise ctx.unsupported("cannot insert counted from the end of a list of unknown length", "Count from its start.")
    insert_at(ctx, xs, key, args[1])
    return NONE


def insert_at(ctx: Context, xs: Ref, key: Operand, thing: Abstract) -> None:
    """A new item at a place counted from the start."""
    refuse_limited(ctx, xs)
    value = stored(ctx, thing)
    current = resized(ctx, xs)
    kind = with_item(ctx, list_type(ctx, xs), thing)
    put_back(ctx, xs, ctx.emit(runtime.list_insert, current, key, value, hint=hint_of(ctx, xs), type_=kind))
    hold(ctx, xs.storage, thing)


def pop(ctx: Context, xs: Ref, args: Args, kwargs: Kwargs) -> Abstract:
    """``xs.pop()``, ``xs.pop(0)``."""
    key = ctx.static(args[0], "the index to pop") if args else -1
    kind = list_type(ctx, xs)
    assert kind is not None
    current = resized(ctx, xs)
    item = ctx.wrap(ctx.emit(operator.getitem, current, key, type_=kind.item, must=True))
    gone = ctx.operand(item)
    put_back(ctx, xs, ctx.emit(runtime.list_remove, current, key, gone, hint=hint_of(ctx, xs)))
    draw(ctx, xs.storage, item)
    return item


def extend(ctx: Context, xs: Ref, args: Args, kwargs: Kwargs) -> Abstract:
    """``xs.extend(items)``."""
    refuse_limited(ctx, xs)
    more = as_list(ctx, args[0])
    current = resized(ctx, xs)
    put_back(ctx, xs, ctx.emit(runtime.list_join, current, ctx.operand(more), hint=hint_of(ctx, xs)))
    hold(ctx, xs.storage, more)
    return NONE


def clear(ctx: Context, xs: Ref, args: Args, kwargs: Kwargs) -> Abstract:
    """``xs.clear()``."""
    resized(ctx, xs)
    put_back(ctx, xs, ctx.emit(builtins.list, type_=ListOf(ABSENT_T), hint=hint_of(ctx, xs)))
    return NONE


def reverse(ctx: Context, xs: Ref, args: Args, kwargs: Kwargs) -> Abstract:
    """``xs.reverse()``."""
    put_back(ctx, xs, ctx.emit(runtime.reversed_list, resized(ctx, xs), hint=hint_of(ctx, xs)))
    return NONE


def copied(ctx: Context, xs: Ref, args: Args, kwargs: Kwargs) -> Abstract:
    """``xs.copy()``, ``list(xs)``."""
    made = ctx.wrap(ctx.emit(builtins.list, ctx.operand(xs), type_=list_type(ctx, xs)))
    draw(ctx, xs.storage, made)
    return made


def sort(ctx: Context, xs: Ref, args: Args, kwargs: Kwargs) -> Abstract:
    """``xs.sort()`` of numbers."""
    made = ctx.call(Const(builtins.sorted), [xs], kwargs)
    put_back(ctx, xs, ctx.emit(builtins.list, resized_by(ctx, xs, made), type_=list_type(ctx, xs)))
    return NONE


def resized_by(ctx: Context, xs: Ref, made: Abstract) -> Operand:
    """A list that takes the place of another as a whole."""
    resized(ctx, xs)
    return ctx.operand(made)


def found(fn: Callable[..., Any]) -> Callable[[Context, Ref, Args, Kwargs], Abstract]:
    """``xs.index(value)`` and ``xs.count(value)`` of numbers."""

    def method(ctx: Context, xs: Ref, args: Args, kwargs: Kwargs) -> Abstract:
        kind = list_type(ctx, xs)
        if kind is None or not isinstance(kind.item, Num) or not isinstance(args[0], (Const, Sym)) or len(args) > 1:
            raise ctx.unsupported("cannot look for this in a list", "Look for a number, in a list of numbers.")
        return Sym(ctx.emit(fn, ctx.operand(xs), ctx.operand(args[0]), must=True, type_=PY_INT))

    return method


def append_left(ctx: Context, xs: Ref, args: Args, kwargs: Kwargs) -> Abstract:
    """``queue.appendleft(item)``."""
    return insert(ctx, xs, [Const(0), *args], kwargs)


def pop_left(ctx: Context, xs: Ref, args: Args, kwargs: Kwargs) -> Abstract:
    """``queue.popleft()``."""
    return pop(ctx, xs, [Const(0)], kwargs)


LIST_METHODS: dict[str, Callable[[Context, Ref, Args, Kwargs], Abstract]] = {
    "append": append, "insert": insert, "pop": pop, "extend": extend, "clear": clear, "reverse": reverse,
    "copy": copied, "sort": sort, "index": found(operator.indexOf), "count": found(operator.countOf),
    "appendleft": append_left, "popleft": pop_left,
}  # fmt: skip


def list_method(ctx: Context, xs: Ref, name: str, args: Args, kwargs: Kwargs) -> Abstract:
    """A method of a run-time list."""
    method = LIST_METHODS.get(name)
    if method is None:
        raise ctx.unsupported(f"cannot call the method `{name}` of a list whose length is known only at run time",
                              "Use an array.")  # fmt: skip
    return method(ctx, xs, args, kwargs)


# --- lists from other things ----------------------------------------------------------------------------------------


def as_list(ctx: Context, thing: Abstract) -> Ref:
    """Anything that can be walked as a run-time list."""
    thing = ctx.settle(thing)
    if list_type(ctx, thing) is not None:
        assert isinstance(thing, Ref)
        return thing
    if isinstance(thing, Box) and thing.kind == "list":
        return from_items(ctx, list(ctx.items(thing)))
    if isinstance(thing, TupleOf):
        return from_items(ctx, list(thing.items))
    if isinstance(thing, Ref):
        made = ctx.wrap(ctx.emit(builtins.list, ctx.operand(thing)))
        draw(ctx, thing.storage, made)
        assert isinstance(made, Ref)
        return made
    if isinstance(thing, (Generator, Iteration, RangeOf)):
        return as_list(ctx, ctx.call(Const(builtins.list), [thing], {}))
    raise ctx.unsupported("cannot make a list of this at run time", "Append in a loop.")


def as_array(ctx: Context, thing: Abstract) -> Abstract:
    """A run-time list as NumPy sees it, anything else as it is."""
    if list_type(ctx, thing) is None:
        return thing
    return ctx.wrap(ctx.emit(np.array, ctx.operand(thing)))


def joined(ctx: Context, left: Abstract, right: Abstract) -> Abstract:
    """``xs + ys`` where one of them is a run-time list."""
    first, second = as_list(ctx, left), as_list(ctx, right)
    made = ctx.wrap(ctx.emit(runtime.list_join, ctx.operand(first), ctx.operand(second)))
    assert isinstance(made, Ref)
    hold(ctx, made.storage, first)
    hold(ctx, made.storage, second)
    return made


def repeated(ctx: Context, items: list[Abstract] | None, xs: Abstract, count: Abstract) -> Abstract:
    """``xs * n`` where the length of the result is known only at run time."""
    source = from_items(ctx, items) if items is not None else as_list(ctx, xs)
    kind = list_type(ctx, source)
    single = kind is not None and isinstance(kind.item, (Num, Tup, AnyType, Opaque))
    if kind is None or not (single or items is None or ctx.is_undecided(count)):
        if isinstance(count, Sym):
            raise NeedStatic(count.value, "how often a list of arrays or lists is repeated", ctx.span)
        raise ctx.unsupported("cannot repeat a list of arrays or lists", "Build it in a loop.")
    literal = ctx.calls[ctx.operand(source)].args[0] if items is not None and items else ctx.operand(source)
    made = ctx.wrap(ctx.emit(runtime.list_repeat, literal, ctx.operand(count), type_=kind))
    if not single and isinstance(made, Ref):  # the same arrays, again and again
        hold(ctx, made.storage, source)
        ctx.repeated.add(made.storage)
    return made


def length(ctx: Context, xs: Abstract) -> Operand:
    """``len(xs)``."""
    return ctx.emit(builtins.len, ctx.operand(xs), type_=PY_INT)
