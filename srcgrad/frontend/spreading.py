"""``f(*items)`` and ``[*items]`` where only the running program knows how many items there are."""

from __future__ import annotations

import builtins
import operator
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.frontend import runtime_lists
from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.lists import spread
from srcgrad.frontend.promotion import list_type
from srcgrad.frontend.trips import held, trips_of
from srcgrad.frontend.values import Abstract, Const, Generator, Iteration, Ref, Special, TupleOf
from srcgrad.ir.types import Arr, ListOf, Opaque

EXTREMES = (builtins.max, builtins.min)


@dataclass(frozen=True, eq=False)
class Spread(Special):
    """All items of a run-time list or array, as arguments of a call."""

    held: Ref


def items_or_spread(ctx: Context, thing: Abstract) -> list[Abstract]:
    """The items of what is spread, one by one where their number is known."""
    thing = held(ctx, thing)
    if isinstance(thing, (Iteration, Generator)):
        thing = ctx.settle(ctx.call(Const(builtins.list), [thing], {})) if is_open(ctx, thing) else thing
    kind = operand_type(ctx.operand(thing)) if isinstance(thing, Ref) else None
    if isinstance(kind, Arr) and kind.dims and isinstance(kind.dims[0], int):
        return [ctx.call(Const(operator.getitem), [thing, Const(k)], {}) for k in range(kind.dims[0])]
    if isinstance(thing, Ref) and isinstance(kind, (ListOf, Arr)):
        return [Spread(thing)]
    return spread(ctx, thing)


def is_open(ctx: Context, thing: Abstract) -> bool:
    """Is the number of items not known?"""
    if isinstance(thing, Generator):
        return True
    return trips_of(ctx, thing).length is None


def has_spread(things: list[Abstract]) -> bool:
    """Is there one among these?"""
    return any(isinstance(thing, Spread) for thing in things)


def joined(ctx: Context, things: list[Abstract]) -> Abstract:
    """The list ``[a, *items, b]``."""
    pieces: list[Abstract] = []
    for thing in things:
        items: Abstract = thing.held if isinstance(thing, Spread) else TupleOf((thing,))
        pieces.append(runtime_lists.as_list(ctx, items))
    made = pieces[0]
    for piece in pieces[1:]:
        made = runtime_lists.joined(ctx, made, piece)
    return made if len(pieces) > 1 else runtime_lists.copied(ctx, runtime_lists.as_list(ctx, made), [], {})


def as_list(ctx: Context, spread_: Spread) -> Ref:
    """The items as a list."""
    return runtime_lists.as_list(ctx, spread_.held)


def expanded(ctx: Context, things: list[Abstract], count: int) -> list[Abstract]:
    """Exactly `count` things: the spread ones have to make up for what is missing, or the call raises."""
    places = [k for k, thing in enumerate(things) if isinstance(thing, Spread)]
    missing = count - (len(things) - 1)
    if len(places) != 1 or missing < 0:
        raise ctx.unsupported("cannot put items whose number is not known into this call", "Index them.")
    at = places[0]
    return [*things[:at], *first_items(ctx, things[at], missing), *things[at + 1 :]]


def first_items(ctx: Context, thing: Abstract, count: int, more: bool = False) -> list[Abstract]:
    """The first `count` items; there must be no others unless `more` may come."""
    held = thing.held if isinstance(thing, Spread) else thing
    checked = (True,) if more else ()
    ctx.emit(runtime.check_length, ctx.operand(held), count, *checked, must=True, type_=Opaque("check"))
    return [ctx.call(Const(operator.getitem), [held, Const(k)], {}) for k in range(count)]


def rest_of(ctx: Context, thing: Abstract, start: int, stop: int | None = None) -> Abstract:
    """The items between as a new list."""
    held = thing.held if isinstance(thing, Spread) else thing
    part = ctx.call(Const(operator.getitem), [held, Const(slice(start, stop))], {})
    return part if list_type(ctx, part) is not None else ctx.call(Const(builtins.list), [part], {})


def around_star(ctx: Context, thing: Abstract, at: int, after: int) -> list[Abstract]:
    """What ``a, *b, c = items`` binds: the starred name takes a list of what the others leave."""
    held = thing.held if isinstance(thing, Spread) else thing
    first = first_items(ctx, held, at + after, more=True)[:at]
    rest = rest_of(ctx, held, at, -after if after else None)
    last = [ctx.call(Const(operator.getitem), [held, Const(k)], {}) for k in range(-after, 0)]
    return [*first, rest, *last]


def bound_spread(ctx: Context, args: list[Abstract], count: int, open_end: bool) -> tuple[list[Abstract], Abstract]:
    """Arguments for `count` parameters, and what is left of them for ``*rest``, which there may be."""
    if not open_end:
        return expanded(ctx, args, count), TupleOf(())
    at = next(k for k, thing in enumerate(args) if isinstance(thing, Spread))
    missing = max(0, count - at)
    first = first_items(ctx, args[at], missing, more=True) if missing else []
    rest = rest_of(ctx, args[at], missing)
    assert isinstance(rest, Ref)
    return [*args[:at], *first][:count], joined(ctx, [*args[count:at], Spread(rest), *args[at + 1 :]])


def call_spread(ctx: Context, fn: Abstract, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """``f(a, *items)`` of anything but a function of the user's, which takes them as they are."""
    value = fn.value if isinstance(fn, Const) else None
    if value is builtins.zip and len(args) == 1 and not kwargs:
        return transposed(ctx, as_list(ctx, args[0]) if isinstance(args[0], Spread) else args[0])
    if value in EXTREMES and not kwargs:
        return ctx.call(fn, [joined(ctx, args)], {})
    if isinstance(value, np.ufunc):
        return ctx.call(fn, expanded(ctx, args, value.nin), kwargs)
    raise ctx.unsupported("cannot put items whose number is not known into this call", "Index them, or use a loop.")


def transposed(ctx: Context, rows: Abstract) -> Abstract:
    """The columns of a list of tuples; of anything else only the running program knows how many there are."""
    kind = list_type(ctx, rows)
    items: Any = getattr(getattr(kind, "item", None), "items", None)
    if items is None:
        raise ctx.unsupported("cannot tell how many items `zip` gives here", "Make it a list of tuples, or an array.")
    ctx.emit(runtime.check_length, ctx.operand(rows), 1, True, must=True, type_=Opaque("check"))
    return TupleOf(tuple(column(ctx, rows, k) for k in range(len(items))))


def column(ctx: Context, rows: Abstract, k: int) -> Abstract:
    """Item `k` of every tuple."""
    return ctx.call(Const(columns), [rows, Const(k)], {})


def columns(rows: Any, k: int) -> Any:
    """Interpreted in place."""
    return [row[k] for row in rows]
