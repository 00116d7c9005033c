"""Loops: for any trip, or written out trip by trip where a container needs it."""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable, Iterator
from typing import Any

from srcgrad import runtime
from srcgrad.frontend import runtime_lists
from srcgrad.frontend.activations import NeedStatic, NeedUnroll
from srcgrad.frontend.attempts import Place
from srcgrad.frontend.branches import Run, as_stop, branch, gone, possible, run_block, truth
from srcgrad.frontend.carried import loop
from srcgrad.frontend.context import CONTINUE, RAISED, Context
from srcgrad.frontend.generators import consume
from srcgrad.frontend.objects import is_object
from srcgrad.frontend.promotion import from_items
from srcgrad.frontend.trips import VIEWS, Trips, trips_of
from srcgrad.frontend.values import (
    Abstract,
    Box,
    Const,
    Generator,
    Iteration,
    RangeOf,
    Ref,
    Sym,
)
from srcgrad.ir.core import (
    BREAK,
    EXHAUSTED,
    GO,
    RETURN,
    Operand,
    Range,
    Value,
)
from srcgrad.ir.types import Num, Opaque

MAX_UNROLLED = 1_000
MAX_GUARDED = 24  # each of these is nested in the one before


def for_statement(ctx: Context, node: Any) -> Operand:
    """``for target in iterable``, with ``else``."""
    iterable = ctx.settle(ctx.expr(node.iter))
    ctx.at(node)
    if is_object(iterable):
        iterable = ctx.settle(ctx.call(Const(iter), [iterable], {}))
    if isinstance(iterable, RangeOf):
        return for_range(ctx, node, iterable)
    if isinstance(iterable, Generator):
        return for_generator(ctx, node, iterable)
    trips = at_run_time(ctx, trips_of(ctx, iterable))
    container = iterable.items[0] if isinstance(iterable, Iteration) and iterable.kind in VIEWS else iterable
    if isinstance(container, (Box, Ref)):
        with walking(ctx, container):
            return for_items(ctx, node, trips)
    return for_items(ctx, node, trips)


def at_run_time(ctx: Context, trips: Trips) -> Trips:
    """Many numbers that are known are walked as a list of numbers, like those that are not."""
    if trips.length is None or trips.length <= MAX_GUARDED:
        return trips
    items = [trips.item(Const(k)) for k in range(trips.length)]
    kinds = {type(item.value) if isinstance(item, Const) else None for item in items}
    if kinds not in ({float}, {int}):
        return trips
    numbers = from_items(ctx, items)
    return Trips(None, lambda: len(items), lambda k: runtime_lists.read(ctx, numbers, k), limit=len(items))


@contextlib.contextmanager
def walking(ctx: Context, container: Box | Ref) -> Iterator[None]:
    """While a loop walks a list, its length stays."""
    numbers = [container.number] if isinstance(container, Box) else []
    storages = [container.storage] if isinstance(container, Ref) else []
    before = ctx.walked, ctx.walked_lists
    ctx.walked, ctx.walked_lists = [*ctx.walked, *numbers], [*ctx.walked_lists, *storages]
    try:
        yield
    finally:
        ctx.walked, ctx.walked_lists = before


def for_items(ctx: Context, node: Any, trips: Trips) -> Operand:
    """A loop over anything but a range or generator."""
    if trips.length is not None:
        return unrolled(ctx, node, [Const(k) for k in range(trips.length)], trips.item)
    stop = trips.stop()
    counted = RangeOf(Const(0), Sym(stop) if isinstance(stop, Value) else Const(stop), Const(1))
    limit = trips.limit
    if limit is None or limit > MAX_UNROLLED:
        return symbolic(ctx, node, counted, trips.item)
    try:
        return symbolic(ctx, node, counted, trips.item, unrolls=True)
    except (NeedStatic, NeedUnroll):
        ctx.emit(runtime.check_trips, stop, limit, must=True, type_=Opaque("check"))
        return unrolled(ctx, node, [Const(k) for k in range(limit)], trips.item)


def for_generator(ctx: Context, node: Any, items: Generator) -> Operand:
    """A loop over a generator: the loop's body runs where the generator yields."""

    def each(item: Abstract) -> Operand:
        ctx.statements["<bind>"](ctx, node.target, item)
        return run_block(ctx, node.body)

    ending = consume(ctx, items, each)
    if ending.status == RAISED:
        return RAISED
    if isinstance(ending.stop, Value):
        ctx.stop_kinds[ending.stop] = ending.kinds | {GO}
        return after_loop(ctx, node, ending.stop, ending.kinds, GO)
    return after_unrolled(ctx, node, ending.stop)


def for_range(ctx: Context, node: Any, counted: RangeOf) -> Operand:
    """A loop over a range: symbolic, or unrolled where its index has to be known."""
    try:
        return symbolic(ctx, node, counted, lambda k: k)
    except NeedUnroll:
        numbers = range(*(ctx.static(part, "") for part in (counted.start, counted.stop, counted.step)))
        return unrolled(ctx, node, [Const(k) for k in numbers], lambda k: k)
    except NeedStatic as need:
        items = static_range(ctx, counted, need)
        if len(items) > MAX_UNROLLED:
            raise ctx.unsupported(f"{need.why} must be known, and the loop has {len(items)} trips",
                                  "Use an array instead of a list.") from None  # fmt: skip
        return unrolled(ctx, node, [Const(k) for k in items], lambda k: k)


def static_range(ctx: Context, counted: RangeOf, need: NeedStatic) -> range:
    """The range itself; asks for its bounds' values where they are not known."""
    if getattr(need, "settled", False):
        raise need
    try:
        return range(*(ctx.static(part, need.why) for part in (counted.start, counted.stop, counted.step)))
    except NeedStatic as bound:
        bound.origin = need.origin
        raise


def symbolic(ctx: Context, node: Any, counted: RangeOf, item: Callable[[Abstract], Abstract],
             unrolls: bool = False) -> Operand:  # fmt: skip
    """A loop whose body is interpreted for any trip."""
    bounds = [ctx.operand(part) for part in (counted.start, counted.stop, counted.step)]
    index = Value(Num("int"), _index_name(node.target))
    saved = ctx.state.copy()

    def body() -> tuple[Operand, None]:
        assign = ctx.statements["<bind>"]
        assign(ctx, node.target, item(Sym(index)))
        return run_block(ctx, node.body), None

    try:
        stop, kinds = loop(ctx, node, [Range(*bounds)], [index], body, unrolls or may_unroll(bounds))
    except (NeedStatic, NeedUnroll) as need:
        ctx.state = saved
        raise need
    return after_loop(ctx, node, stop, kinds, GO)


def may_unroll(bounds: list[Operand]) -> bool:
    """Are the trips of a range known, and not too many to be written out?"""
    return all(type(bound) is int for bound in bounds) and len(range(*bounds)) <= MAX_UNROLLED


def _index_name(target: Any) -> str:
    if type(target).__name__ == "Name":
        return str(target.id)
    elements = getattr(target, "elts", None)
    first = elements[0] if elements else None
    return str(first.id) if type(first).__name__ == "Name" and first is not None else "i"


def unrolled(ctx: Context, node: Any, keys: list[Abstract], item: Callable[[Abstract], Abstract]) -> Operand:
    """One copy of the body per item."""
    return after_unrolled(ctx, node, run_trips(ctx, node, keys, item))


def run_trips(ctx: Context, node: Any, keys: list[Abstract], item: Callable[[Abstract], Abstract]) -> Operand:
    """The remaining trips; those after one that may leave the loop are guarded."""
    for k, key in enumerate(keys):
        ctx.statements["<bind>"](ctx, node.target, item(key))
        status = run_block(ctx, node.body)
        if isinstance(status, Value):
            return guarded_trips(ctx, node, status, keys[k + 1 :], item)
        if status not in (GO, CONTINUE):
            return status
    return GO


def guarded_trips(ctx: Context, node: Any, status: Value, keys: list[Abstract],
                  item: Callable[[Abstract], Abstract]) -> Operand:  # fmt: skip
    """The rest of an unrolled loop that some paths have left."""
    status = as_stop(ctx, ctx.block, status)
    if not keys:
        return status
    if len(keys) > MAX_GUARDED:
        raise ctx.unsupported(
            "cannot write out a loop of so many trips that may end early, where something differs from trip to trip",
            "Use an array instead of a list, and no variable that is of another kind from trip to trip.",
        )
    going = ctx.emit(operator.eq, status, GO, type_=Num("bool"), must=False)
    left = gone(ctx, status)
    live = ctx.frame.liveness.head.get(id(node))
    return branch(ctx, going, lambda: (run_trips(ctx, node, keys, item), None), lambda: (left, None), live)[0]


def after_unrolled(ctx: Context, node: Any, status: Operand) -> Operand:
    """`else`, and what the loop's end means for the block around it."""
    if not isinstance(status, Value):
        if status == GO:
            return run_block(ctx, node.orelse)
        return RETURN if status == RETURN else GO if status == BREAK else status
    return after_loop(ctx, node, status, possible(ctx, ctx.block, status), GO)


def while_statement(ctx: Context, node: Any) -> Operand:
    """``while test``, with ``else``."""

    def body() -> tuple[Operand, None]:
        test = truth(ctx, ctx.expr(node.test))
        if isinstance(test, bool):
            return (run_block(ctx, node.body) if test else EXHAUSTED), None
        live = ctx.frame.liveness.head.get(id(node))
        status, _ = branch(ctx, test, lambda: (run_block(ctx, node.body), None), lambda: (EXHAUSTED, None), live)
        return status, None

    start = Place.here(ctx)
    try:
        stop, kinds = loop(ctx, node, [], [], body, unrolls=True)
    except NeedStatic as need:
        start.back(ctx)
        return static_while(ctx, node, need, 0)
    except NeedUnroll:
        start.back(ctx)
        return unrolled_while(ctx, node, start, body)
    return after_loop(ctx, node, stop, kinds, EXHAUSTED)


def unrolled_while(ctx: Context, node: Any, start: Place, body: Run) -> Operand:
    """A `while` of known tests, whose containers can be followed only trip by trip; else as any other."""
    try:
        return static_while(ctx, node, NeedUnroll(), 0)
    except (NeedUnroll, NeedStatic):
        start.back(ctx)
    try:
        stop, kinds = loop(ctx, node, [], [], body)
    except NeedStatic as need:
        start.back(ctx)
        return static_while(ctx, node, need, 0)
    return after_loop(ctx, node, stop, kinds, EXHAUSTED)


def static_while(ctx: Context, node: Any, need: NeedStatic | NeedUnroll, trips: int) -> Operand:
    """A `while` whose condition is known trip by trip."""
    while True:
        test = truth(ctx, ctx.expr(node.test))
        if not isinstance(test, bool) or trips > MAX_UNROLLED:
            raise need
        if not test:
            return run_block(ctx, node.orelse)
        status = run_block(ctx, node.body)
        trips += 1
        if isinstance(status, Value):
            raise need
        if status not in (GO, CONTINUE):
            return GO if status == BREAK else status


def after_loop(ctx: Context, node: Any, stop: Operand, kinds: set[int], ended: int) -> Operand:
    """`else`, and what the loop's end means for the block around it: nothing, or `return`."""
    may_return = RETURN in kinds
    if not node.orelse and not may_return:
        return GO
    live = ctx.frame.liveness.after.get(id(node))
    status: Operand = stop if may_return else GO
    if node.orelse:
        if not kinds & {BREAK, RETURN}:
            return run_block(ctx, node.orelse)
        done = ctx.emit(operator.eq, stop, ended, type_=Num("bool"), must=False)
        left = RETURN if kinds & {BREAK, RETURN} == {RETURN} else _returned(ctx, stop, kinds) if may_return else GO
        return branch(ctx, done, lambda: (run_block(ctx, node.orelse), None), lambda: (left, None), live)[0]
    return _returned(ctx, status, kinds)


def _returned(ctx: Context, stop: Operand, kinds: set[int]) -> Operand:
    """`RETURN` where the loop was left by `return`, else go on."""
    if kinds <= {GO, RETURN}:
        return stop
    left = ctx.emit(operator.eq, stop, RETURN, type_=Num("bool"), must=False)
    return branch(ctx, left, lambda: (RETURN, None), lambda: (GO, None))[0]
