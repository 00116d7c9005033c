"""How things are walked: how many items there are, and the thing for item number `k`."""

from __future__ import annotations

import builtins
import collections
import enum
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from srcgrad.frontend.activations import NeedStatic, Raises
from srcgrad.frontend.context import RAISED, Context
from srcgrad.frontend.generators import consume
from srcgrad.frontend.objects import is_object
from srcgrad.frontend.promotion import from_items
from srcgrad.frontend.values import (
    Abstract,
    Box,
    Const,
    Generator,
    Iteration,
    Method,
    RangeOf,
    Ref,
    Sym,
    Table,
    TupleOf,
    map_parts,
)
from srcgrad.ir.core import GO, Operand, Value
from srcgrad.ir.types import PY_INT

WALKED = (str, tuple, list, dict, range, set, frozenset, collections.deque)
ENDLESS = ("count", "repeat_forever")  # generators that are walked beside what ends


@dataclass
class Trips:
    """How a `for` walks: how many items, if that is known, and the thing for item number `k`."""

    length: int | None  # known while compiling
    stop: Callable[[], Operand]
    item: Callable[[Abstract], Abstract]
    endless: bool = False
    limit: int | None = None  # what the number of items cannot exceed, where one side of a `zip` is known


def listed(ctx: Context, items: Generator) -> Abstract:
    """The items of a generator as a list."""
    box = Box("list")
    ctx.state.boxes[box.number] = ()

    def each(item: Abstract) -> Operand:
        ctx.call(Method(box, "append"), [item], {})
        return GO

    if consume(ctx, items, each).status == RAISED:
        raise Raises
    return ctx.settle(box)


def held(ctx: Context, thing: Abstract) -> Abstract:
    """What is to be looked at more than once: each generator in it is walked now, once, and its items are kept."""
    thing = ctx.settle(thing)
    if isinstance(thing, Generator):
        endless_one = thing.frame.silent and thing.frame.node.name in ENDLESS
        return thing if endless_one else listed(ctx, thing)
    return map_parts(lambda part: held(ctx, part), thing) if isinstance(thing, Iteration) else thing


def trips_of(ctx: Context, iterable: Abstract) -> Trips:
    """How to walk any iterable but a range that is iterated directly."""
    if is_object(iterable):
        return trips_of(ctx, ctx.call(Const(iter), [iterable], {}))
    match iterable:
        case TupleOf(items):
            return known(ctx, list(items))
        case Box(kind="list"):
            return walked(ctx, lambda: ctx.items(iterable))
        case Box(kind="dict") if isinstance(table := ctx.state.boxes.get(iterable.number), Table):
            return trips_of(ctx, table.keys)
        case Box(kind="dict"):
            return known(ctx, [Const(key) for key in ctx.items(iterable)])
        case Box(kind="set"):
            return known(ctx, [Const(key) for key in set(ctx.items(iterable))])
        case Generator(frame, bound) if frame.node.name in ENDLESS and frame.silent:
            return endless(ctx, frame.node.name, bound)
        case Generator():
            return trips_of(ctx, listed(ctx, iterable))
        case Const(value) if isinstance(value, (*WALKED, enum.EnumMeta)):
            return known(ctx, [Const(item) for item in value])
        case RangeOf():
            return range_trips(ctx, iterable)
        case Ref():
            read = Const(operator.getitem)
            return Trips(None, lambda: length(ctx, iterable), lambda k: ctx.call(read, [iterable, k], {}))
        case Iteration(kind=kind, items=(Box() as viewed,)) if kind in VIEWS and isinstance(
            ctx.state.boxes.get(viewed.number), Table
        ):
            return trips_of(ctx, ctx.call(Method(viewed, kind), [], {}))
        case Iteration(kind=kind, items=(Box() as viewed,)) if kind in VIEWS:
            return walked(ctx, lambda: VIEWS[kind](ctx.items(viewed)))
        case Iteration(kind="zip", items=parts):
            return zipped(ctx, [trips_of(ctx, ctx.settle(part)) for part in parts])
        case Iteration(kind="enumerate", items=(part, first)):
            inner = trips_of(ctx, part)
            return Trips(inner.length, inner.stop, lambda k: TupleOf((plus(ctx, first, k), inner.item(k))),
                         limit=inner.limit)  # fmt: skip
        case Iteration(kind="reversed", items=(part,)):
            return reversed_trips(ctx, trips_of(ctx, part))
    raise ctx.unsupported("cannot iterate over this", "Loop over a range, an array, a list or a tuple.")


def known(ctx: Context, items: list[Abstract]) -> Trips:
    """A walk over things that are known one by one; beside an array, numbers are walked as a run-time list."""
    return walked(ctx, lambda: items)


def walked(ctx: Context, now: Callable[[], Sequence[Abstract]]) -> Trips:
    """A walk over the items of a container as they are when their turn comes."""
    items, held = now(), list[Ref]()

    def stop() -> Operand:
        if items and all(map(is_numbers, items)):
            held.append(from_items(ctx, list(items)))
        return len(items)

    def item(k: Abstract) -> Abstract:
        if isinstance(k, Const):
            return now()[int(k.value)]
        assert isinstance(k, Sym)
        if held and now() is items:
            return ctx.call(Const(operator.getitem), [held[-1], k], {})
        raise NeedStatic(k.value, "the index into a list or tuple", None)

    return Trips(len(items), stop, item)


VIEWS: dict[str, Callable[[dict[Any, Abstract]], list[Abstract]]] = {
    "keys": lambda content: [Const(key) for key in content],
    "values": lambda content: list(content.values()),
    "items": lambda content: [TupleOf((Const(key), thing)) for key, thing in content.items()],
}


def is_numbers(thing: Abstract) -> bool:
    """A number, or a tuple of numbers."""
    if isinstance(thing, TupleOf):
        return all(map(is_numbers, thing.items))
    return isinstance(thing, Sym) or (isinstance(thing, Const) and isinstance(thing.value, (int, float, complex)))


def endless(ctx: Context, name: str, bound: dict[str, Abstract]) -> Trips:
    """``itertools.count`` and ``itertools.repeat`` beside what ends."""

    def never() -> Operand:
        raise ctx.unsupported("this loop does not end", "Use `while`.")

    if name == "count":
        return Trips(None, never, lambda k: plus(ctx, bound["start"], times(ctx, k, bound["step"])), endless=True)
    return Trips(None, never, lambda k: bound["item"], endless=True)


def range_trips(ctx: Context, counted: RangeOf) -> Trips:
    """A walk over a range that is zipped or enumerated."""
    parts = (counted.start, counted.stop, counted.step)
    if all(isinstance(part, Const) for part in parts):
        numbers = range(*(ctx.static(part, "") for part in parts))
        return Trips(None, lambda: len(numbers), lambda k: plus(ctx, counted.start, times(ctx, k, counted.step)))

    def stop() -> Operand:
        return ctx.emit(builtins.len, ctx.operand(counted), type_=PY_INT)

    return Trips(None, stop, lambda k: plus(ctx, counted.start, times(ctx, k, counted.step)))


def zipped(ctx: Context, parts: list[Trips]) -> Trips:
    """Side by side, until the shortest ends."""
    ending = [p for p in parts if not p.endless]
    lengths = [p.length for p in ending if p.length is not None]
    if ending and len(lengths) == len(ending):
        return Trips(min(lengths, default=0), lambda: min(lengths, default=0),
                     lambda k: TupleOf(tuple(p.item(k) for p in parts)))  # fmt: skip

    def stop() -> Operand:
        stops = list(dict.fromkeys(p.stop() for p in parts if not p.endless))
        return stops[0] if len(stops) == 1 else ctx.emit(builtins.min, *stops, type_=PY_INT, must=False)

    limits = [p.limit for p in ending if p.limit is not None]
    limit = min((*lengths, *limits), default=None)
    return Trips(None, stop, lambda k: TupleOf(tuple(p.item(k) for p in parts)), limit=limit)


def reversed_trips(ctx: Context, inner: Trips) -> Trips:
    """From the end."""
    length_ = inner.length
    if length_ is not None:
        return Trips(length_, inner.stop, lambda k: inner.item(plus(ctx, Const(length_ - 1), times(ctx, k, Const(-1)))))
    last: list[Operand] = []

    def stop() -> Operand:
        last.append(inner.stop())
        return last[-1]

    def item(k: Abstract) -> Abstract:
        end = last[-1]
        bound: Abstract = Sym(end) if isinstance(end, Value) else Const(end)
        return inner.item(plus(ctx, plus(ctx, bound, Const(-1)), times(ctx, k, Const(-1))))

    return Trips(None, stop, item)


def plus(ctx: Context, a: Abstract, b: Abstract) -> Abstract:
    """``a + b`` of integers."""
    if isinstance(a, Const) and a.value == 0:
        return b
    if isinstance(b, Const) and isinstance(b.value, int) and b.value < 0:
        return ctx.call(Const(operator.sub), [a, Const(-b.value)], {})
    return ctx.call(Const(operator.add), [a, b], {})


def times(ctx: Context, a: Abstract, b: Abstract) -> Abstract:
    """``a * b`` of integers."""
    if isinstance(b, Const) and b.value == 1:
        return a
    return ctx.call(Const(operator.mul), [a, b], {})


def length(ctx: Context, array: Ref) -> Operand:
    """The length of an array's first axis."""
    return ctx.emit(builtins.len, ctx.operand(array), type_=PY_INT)
