"""Loops: what is carried is found by interpreting the body until nothing new differs."""

from __future__ import annotations

import builtins
import contextlib
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from srcgrad import runtime
from srcgrad.frontend.branches import Run, as_stop, branch, gone, possible, run_block, truth
from srcgrad.frontend.context import CONTINUE, RAISED, Arm, Context, NeedStatic, NeedUnroll, Raises
from srcgrad.frontend.generators import consume
from srcgrad.frontend.merge import Merger, Side, live_filter
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
    State,
    Sym,
    TupleOf,
    substitute,
    substitute_box,
)
from srcgrad.ir.core import (
    BREAK,
    EXHAUSTED,
    GO,
    RETURN,
    Block,
    Loop,
    Operand,
    Range,
    Source,
    Value,
)
from srcgrad.ir.types import PY_INT, Num, Opaque, join

MAX_ROUNDS = 12
MAX_UNROLLED = 1_000


@dataclass
class Trips:
    """How a `for` walks: how many items, if that is known, and the thing for item number `k`."""

    length: int | None  # known while compiling
    stop: Callable[[], Operand]
    item: Callable[[Abstract], Abstract]
    endless: bool = False
    limit: int | None = None  # what the number of items cannot exceed, where one side of a `zip` is known


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
    trips = trips_of(ctx, iterable)
    container = iterable.items[0] if isinstance(iterable, Iteration) and iterable.kind in VIEWS else iterable
    if isinstance(container, (Box, Ref)):
        with walking(ctx, container):
            return for_items(ctx, node, trips)
    return for_items(ctx, node, trips)


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
    return range(*(ctx.static(part, need.why) for part in (counted.start, counted.stop, counted.step)))


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

    start = ctx.state.copy()
    try:
        stop, kinds = loop(ctx, node, [], [], body)
    except NeedStatic as need:
        ctx.state = start
        return static_while(ctx, node, need, 0)
    return after_loop(ctx, node, stop, kinds, EXHAUSTED)


def static_while(ctx: Context, node: Any, need: NeedStatic, trips: int) -> Operand:
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


def loop(ctx: Context, node: Any, sources: list[Source], items: list[Value], body: Run,
         unrolls: bool = False) -> tuple[Operand, set[int]]:  # fmt: skip
    """Emit a `Loop`. Gives its stop kind and which kinds that may be."""
    start = ctx.state
    live = live_filter(ctx, ctx.frame.liveness.head.get(id(node)))
    head = start.copy()
    previous: Merger | None = None
    for _ in range(MAX_ROUNDS):
        outer = Side(start.copy(), Block())
        arm = run_from(ctx, head, body)
        merger = Merger(ctx, outer, Side(arm.state, arm.block), may_unroll=unrolls)
        merged = merger.merge(live)
        if previous is not None and matches(previous, merger):
            return close(ctx, node, sources, items, previous, merger, arm, outer.block)
        if previous is not None:
            widen(previous, merger)
        previous, head = merger, merged
    raise ctx.unsupported("the kinds of the values this loop carries do not settle",
                          "Give each variable its final kind (float, array rank) before the loop.")  # fmt: skip


def run_from(ctx: Context, head: State, body: Run) -> Arm:
    """Interpret the body from the state at the loop's head."""
    outer = ctx.state
    ctx.state = head
    try:
        return ctx.arm(body)
    finally:
        ctx.state = outer


def matches(previous: Merger, current: Merger) -> bool:
    """Did this round find exactly what the round before assumed?"""
    if len(previous.slots) != len(current.slots):
        return False
    pairs = zip(previous.slots, current.slots, strict=True)
    same = all(join(p[0].type, c[0].type) == p[0].type and _same_operand(p[1], c[1]) for p, c in pairs)
    return same and _sharing(previous) >= _sharing(current)


def _same_operand(x: Operand, y: Operand) -> bool:
    return x is y or not isinstance(x, Value) or not isinstance(y, Value) or x.hint == y.hint


def _sharing(merger: Merger) -> int:
    fresh = list(dict.fromkeys(merger.merged.values()))
    return sum(b in merger.ctx.shares.get(a, ()) for k, a in enumerate(fresh) for b in fresh[:k])


def widen(previous: Merger, current: Merger) -> None:
    """Types only ever grow from round to round."""
    if len(previous.slots) == len(current.slots):
        for (old, _, _), (new, _, _) in zip(previous.slots, current.slots, strict=True):
            new.type = join(old.type, new.type)


def close(ctx: Context, node: Any, sources: list[Source], items: list[Value], head: Merger, found: Merger, arm: Arm,
          prelude: Block) -> tuple[Operand, set[int]]:  # fmt: skip
    """Build the op from the last round, and go on with the state after the loop."""
    ctx.block.ops += prelude.ops
    params = [slot[0] for slot in head.slots]
    stop = as_stop(ctx, arm.block, arm.status)
    kinds = possible(ctx, arm.block, stop)
    arm.block.params = [*items, *params]
    arm.block.yields = [stop, *(slot[2] for slot in found.slots)]
    stop_out = Value(Num("int"), "stop")
    ctx.stop_kinds[stop_out] = kinds if sources == [] else kinds | {GO}
    outs = [Value(p.type, p.hint) for p in params]
    ctx.append(Loop(sources, [slot[1] for slot in found.slots], arm.block, [stop_out, *outs], span=ctx.span))
    ctx.state = rename(head.state, dict(zip(params, outs, strict=True)))
    return stop_out, kinds


def rename(state: State, mapping: dict[Value, Operand]) -> State:
    """The state with the carried parameters replaced by the loop's results."""
    new = State()
    new.variables = {key: substitute(thing, mapping) for key, thing in state.variables.items()}
    for storage, value in state.memory.items():
        new.memory[storage] = mapping.get(value, value) if isinstance(value, Value) else value
    for number, content in state.boxes.items():
        structured = isinstance(content, (tuple, dict))
        new.boxes[number] = substitute_box(content, mapping) if structured else content
    return new


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


def trips_of(ctx: Context, iterable: Abstract) -> Trips:
    """How to walk any iterable but a range that is iterated directly."""
    if is_object(iterable):
        return trips_of(ctx, ctx.call(Const(iter), [iterable], {}))
    match iterable:
        case TupleOf(items):
            return known(ctx, list(items))
        case Box(kind="list"):
            return walked(ctx, lambda: ctx.items(iterable))
        case Box(kind="dict"):
            return known(ctx, [Const(key) for key in ctx.items(iterable)])
        case Box(kind="set"):
            return known(ctx, [Const(key) for key in set(ctx.items(iterable))])
        case Generator(frame, bound) if frame.node.name in ("count", "repeat_forever") and frame.silent:
            return endless(ctx, frame.node.name, bound)
        case Generator():
            return trips_of(ctx, listed(ctx, iterable))
        case Const(value) if isinstance(value, (str, tuple, list, dict, range)):
            return known(ctx, [Const(item) for item in value])
        case RangeOf():
            return range_trips(ctx, iterable)
        case Ref():
            read = Const(operator.getitem)
            return Trips(None, lambda: length(ctx, iterable), lambda k: ctx.call(read, [iterable, k], {}))
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
