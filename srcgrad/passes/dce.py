"""Removes what nobody reads.

Before: any function. `dce` marks what the results, the effects and the exceptions need, and drops the rest. After: the
same results, effects and exceptions, from no more ops.
"""

from __future__ import annotations

import operator
from collections.abc import Hashable, Iterable
from typing import TypeAlias, TypeVar

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.bounds import Bounds
from srcgrad.analysis.effects import has_effect, is_truth, only_shapes
from srcgrad.analysis.shapes import Dims, Pair, Shapes, dims_of, same_dims, type_of
from srcgrad.ir.core import (
    GO,
    PLAIN,
    Block,
    Call,
    Func,
    If,
    Items,
    Loop,
    Op,
    Operand,
    Range,
    Source,
    Value,
    values_in,
)
from srcgrad.ir.same import same_operand
from srcgrad.ir.types import Arr, Opaque
from srcgrad.passes.cse import operand_key

__all__ = ["dce"]

T = TypeVar("T")
INDEXED = (operator.getitem, runtime.get_item, runtime.set_item, runtime.add_item)
Kinds: TypeAlias = frozenset["Value | Dims"]


def dce(func: Func) -> Func:
    """Remove, in place, what neither the results nor the effects of a function need.

    What goes: calls without effect (see `srcgrad.analysis.effects`; a primal call that must run stays), outs of an
    `If` and carried and collected values of a `Loop` that are not read, and an `If` or a `Loop` of which nothing is
    left. A loop that would never end counts as one that ends. The sources of a loop that stays say how often it runs,
    so they stay too, but for an unread list next to a source that is proved to be as long.

    A primal read or write goes too where its indices are proved within bounds: a range of the array's own length. A
    primal call that can fail through its shapes only goes where another call broadcasts the same operands. Where none
    does, ``np.broadcast`` takes its place: the same exception, and no arithmetic. A read goes where an array of the
    same shape is read or written at the same place.

    Returns
    -------
    Func
        `func` itself.
    """
    marker = _Marker(func)
    marker.mark()
    sweeper = _Sweeper(marker)
    sweeper.block(func.block)
    func.edits += sweeper.changed
    return func


class _Marker:
    """Finds the live values and the ops that are needed, from the results and the effects backwards."""

    def __init__(self, func: Func) -> None:
        self.func = func
        self.live: set[Value] = set()
        self.needed: dict[Op, None] = {}
        self.around: dict[Op, Op | None] = {}  # the region an op stands in
        self.path: dict[Op, tuple[Block, ...]] = {}  # the blocks an op stands in, the innermost last
        self.reads: dict[Value, tuple[Operand, ...]] = {}  # what a value is made of
        self.maker: dict[Value, Op] = {}
        self.taker: dict[Value, Loop] = {}  # the loop whose item a value is
        self.groups: dict[Loop, list[list[int]]] = {}  # the sources of a loop that are equally long
        self.roots: list[Op] = []
        self.doubtful: list[Call] = []  # primal calls that can fail through their shapes only
        self.lookups: list[Call] = []  # and those that can fail through their index only
        self.checks: dict[Op, Call] = {}  # what stands in the place of a call that goes
        self.order: dict[Value, int] = {}
        self.pending: list[Operand] = []
        self.shapes = Shapes(func)
        self.bounds = Bounds(self.shapes)

    def mark(self) -> None:
        """Find all that is live and needed."""
        self.enter(self.func.block, None, ())
        self.pending += [*self.func.block.yields, *(leaf.value for leaf in self.func.leaves)]
        for op in self.roots:
            self.need(op)
        self.follow()
        if self.lookups:
            _Lookups(self).settle()
        if self.doubtful:
            _Doubts(self).settle()
        self.drain()

    # what there is

    def enter(self, block: Block, region: Op | None, path: tuple[Block, ...]) -> None:
        """Note what there is in a block, and in the regions in it."""
        path = (*path, block)
        self.number(block.params)
        for op in block.ops:
            self.around[op], self.path[op] = region, path
            if isinstance(op, Call):
                self.enter_call(op)
                self.maker[op.out] = op
                self.order[op.out] = len(self.order)
                continue
            if isinstance(op, If):
                self.enter_if(op)
            else:
                self.enter_loop(op)
            for inner in op.blocks:
                self.enter(inner, op, path)
            self.maker.update(dict.fromkeys(op.outs, op))
            self.number(op.outs)

    def number(self, values: list[Value]) -> None:
        """Note the order in which values are made."""
        for value in values:
            self.order[value] = len(self.order)

    def enter_call(self, op: Call) -> None:
        """Note what a call reads, and whether it has to stay for what it does or checks."""
        self.reads[op.out] = (*op.args, op.kwargs) if op.kwargs else op.args
        self.shapes.enter(op)
        self.bounds.enter(op)
        if op.must and self.bounds.are_kept(op):
            return
        if op.must and only_shapes(op):
            self.doubtful.append(op)
        elif op.must and op.fn is operator.getitem and isinstance(type_of(op.args[0]), Arr):
            self.lookups.append(op)
        elif op.must or has_effect(op):
            self.roots.append(op)

    def enter_if(self, op: If) -> None:
        """Note what the results of a branch are made of."""
        for out, *arms in zip(op.outs, op.then.yields, op.orelse.yields, strict=True):
            self.reads[out] = tuple(arms)
        if not is_truth(op.cond):
            self.roots.append(op)

    def enter_loop(self, op: Loop) -> None:
        """Note what the values of a loop are made of, and what it walks over."""
        for param, out, *parts in zip(op.carried, op.carried_outs, op.inits, op.carried_yields, strict=True):
            self.reads[param] = self.reads[out] = tuple(parts)
        for out, item in zip(op.collected_outs, op.collected_yields, strict=True):
            self.reads[out] = (item,)
        for param, source in zip(op.items, op.sources, strict=True):
            self.reads[param], self.taker[param] = _parts(source), op
        # While a reverse sweep is made, it names values of loops that are over: these loops have to stay.
        self.maker.update(dict.fromkeys(op.body.params, op))
        self.groups[op] = self.equally_long(op)
        self.bounds.enter_loop(op)

    def equally_long(self, op: Loop) -> list[list[int]]:
        """The sources in groups: one of each group tells as much of the number of trips as all of it."""
        groups: list[list[int]] = []
        for i, source in enumerate(op.sources):
            for group in groups:
                if self.are_as_long(source, op.sources[group[0]]):
                    group.append(i)
                    break
            else:
                groups.append([i])
        return groups

    def are_as_long(self, a: Source, b: Source) -> bool:
        """Are two sources surely equally long? They are when one loop made, or walked, both."""
        if isinstance(a, Range) and isinstance(b, Range):
            return False
        made = [self.collector(source.value) if isinstance(source, Items) else None for source in (a, b)]
        if made[0] is not None and made[1] is not None:
            return made[0] == made[1]
        loop, *_ = made[0] or made[1] or (None,)
        return loop is not None and any(isinstance(source, Range) and _walks(loop, source) for source in (a, b))

    def collector(self, operand: Operand) -> tuple[Loop, ...] | None:
        """The loop that made a list; behind it, for a list out of a list, the loops that took it from there."""
        if not isinstance(operand, Value):
            return None
        maker, taker = self.maker.get(operand), self.taker.get(operand)
        if isinstance(maker, Loop) and operand in maker.collected_outs:
            return (maker,)
        source = taker.sources[taker.items.index(operand)] if taker is not None else None
        if taker is None or not isinstance(source, Items) or not isinstance(source.value, Value):
            return None
        outer = self.collector(source.value)
        if outer is None or len(outer) > 1:
            return None
        inner = self.collector(outer[0].body.yields[outer[0].outs.index(source.value)])
        return (*inner, outer[0], taker) if inner is not None else None

    # what is needed

    def drain(self) -> None:
        """Follow what was marked to its end."""
        self.follow()
        while self.choose_drivers():
            self.follow()

    def follow(self) -> None:
        """Mark all that the marked values are made of."""
        while self.pending:
            value = self.pending.pop()
            if type(value) is not Value:
                if type(value) not in PLAIN:
                    self.pending += values_in(value)
            elif value not in self.live:
                self.live.add(value)
                maker = self.maker.get(value)
                if type(maker) is not Call:
                    self.pending += self.reads.get(value, ())
                self.need(maker)

    def need(self, op: Op | None) -> None:
        """The op runs: so does all that is around it."""
        while op is not None and op not in self.needed:
            self.needed[op] = None
            self.pending += self.heads(op)
            op = self.around[op]

    def heads(self, op: Op) -> Iterable[Operand]:
        """What an op reads for itself."""
        match op:
            case Call():
                return self.reads[op.out]
            case If():
                return (op.cond,)
            case Loop():
                ranges = [source for source in op.sources if isinstance(source, Range)]
                return (op.body.yields[0], *map(_parts, ranges))

    def choose_drivers(self) -> bool:
        """See to it that one source of each group stays. Is anything new live?"""
        before = len(self.pending)
        for op in self.needed:
            if isinstance(op, Loop):
                for group in self.groups[op]:
                    if not any(self.stays(op, i) for i in group):
                        self.live.add(op.items[group[0]])
                        self.pending += _parts(op.sources[group[0]])
        return len(self.pending) > before

    def stays(self, op: Loop, i: int) -> bool:
        """Does source `i` of a loop stay? A range costs nothing."""
        return isinstance(op.sources[i], Range) or op.items[i] in self.live


def _parts(source: Source) -> tuple[Operand, ...]:
    return (source.start, source.stop, source.step) if isinstance(source, Range) else (source.value,)


def _walks(loop: Loop, range_: Range) -> bool:
    """Does the loop make one trip for each number of the range, neither more nor less?"""
    stop = loop.body.yields[0]
    ends = type(stop) is int and stop == GO and len(loop.sources) == 1
    return ends and isinstance(loop.sources[0], Range) and same_operand(_parts(loop.sources[0]), _parts(range_))


class _Lookups:
    """Decides about dead primal reads that would have checked an index."""

    def __init__(self, marker: _Marker) -> None:
        self.marker = marker
        self.checked: dict[Hashable, list[tuple[Block, ...]]] = {}

    def settle(self) -> None:
        """Keep the reads of which the place is not looked up otherwise, wherever they would have been."""
        marker = self.marker
        dead = [call for call in marker.lookups if call not in marker.needed]
        for op in marker.needed if dead else ():
            if isinstance(op, Call) and op.fn in INDEXED and op.sweep != "reverse":
                self.note(op)
        for call in dead:
            path = marker.path[call]
            if not any(path[: len(other)] == other for other in self.checked.get(self.place(call), ())):
                self.note(call)
                marker.need(call)
                marker.follow()

    def note(self, call: Call) -> None:
        """Note where an index is looked up."""
        if len(call.args) < 4 and not (call.fn is runtime.get_item and len(call.args) > 2):
            self.checked.setdefault(self.place(call), []).append(self.marker.path[call])

    def place(self, call: Call) -> Hashable:
        """The shape that is indexed, and the index."""
        x, index = call.args[:2]
        dims = dims_of(x)
        shape = dims if same_dims(dims, dims) or not isinstance(x, Value) else self.marker.shapes.representative(x)
        return shape, operand_key(index)


class _Doubts:
    """Decides about dead primal calls that would have checked shapes."""

    def __init__(self, marker: _Marker) -> None:
        self.marker = marker
        self.checked: dict[Kinds, list[tuple[Block, ...]]] = {}

    def settle(self) -> None:
        """Check the shapes that the dead calls would have checked, where nothing else does."""
        marker = self.marker
        dead = [call for call in marker.doubtful if call not in marker.needed]
        doubts = [(call, pairs) for call in dead if (pairs := marker.shapes.checks(call))]
        for op in marker.needed if doubts else ():
            if isinstance(op, Call):
                self.note(marker.shapes.checks(op), marker.path[op])
        for call, pairs in doubts:
            if call not in marker.needed:
                self.decide(call, pairs)

    def note(self, pairs: Iterable[Pair], path: tuple[Block, ...]) -> None:
        """Note where shapes are checked."""
        for pair in pairs:
            self.checked.setdefault(_kinds(pair), []).append(path)

    def decide(self, call: Call, checks: set[Pair]) -> None:
        """Put the check of the shapes in the place of a call, where nothing else checks them."""
        marker, path = self.marker, self.marker.path[call]
        pairs = [pair for pair in checks if not self.is_checked(pair, path)]
        if pairs:
            bases = sorted(frozenset[Value]().union(*pairs), key=marker.order.__getitem__)
            out = Value(Opaque("broadcast"), "", call.out.span)
            marker.checks[call] = Call(np.broadcast, tuple(bases), {}, out, call.span, "", True, call.sweep)
            self.note(pairs, path)
            marker.pending += bases
            marker.need(marker.around[call])
            marker.follow()

    def is_checked(self, pair: Pair, path: tuple[Block, ...]) -> bool:
        """Does something in the same block, or in one around it, check the pair?"""
        return any(path[: len(other)] == other for other in self.checked.get(_kinds(pair), ()))


def _kinds(pair: Pair) -> Kinds:
    """The two shapes themselves, as far as they are known: what else has them is checked along with the pair."""
    return frozenset(dims if same_dims(dims := dims_of(value), dims) else value for value in pair)


class _Sweeper:
    """Drops what is not marked."""

    def __init__(self, marker: _Marker) -> None:
        self.marker = marker
        self.changed = bool(marker.checks)

    def block(self, block: Block) -> None:
        """Drop the ops of a block that are not needed."""
        needed, checks, before = self.marker.needed, self.marker.checks, len(block.ops)
        block.ops = [op if op in needed else checks[op] for op in block.ops if op in needed or op in checks]
        self.changed |= len(block.ops) != before
        for op in block.ops:
            if isinstance(op, Call):
                continue
            if isinstance(op, If):
                self.branch(op)
            else:
                self.loop(op)
            for inner in op.blocks:
                self.block(inner)

    def branch(self, op: If) -> None:
        """Drop the results of a branch that nobody reads."""
        keep = [out in self.marker.live for out in op.outs]
        self.changed |= not all(keep)
        op.outs = _kept(op.outs, keep)
        for arm in op.blocks:
            arm.yields = _kept(arm.yields, keep)

    def loop(self, op: Loop) -> None:
        """Drop what a loop carries, collects and walks over for nobody."""
        live = self.marker.live
        carry = [param in live or out in live for param, out in zip(op.carried, op.carried_outs, strict=True)]
        keep = [True, *carry, *(out in live for out in op.collected_outs)]
        sources = [self.marker.stays(op, i) for i in range(len(op.sources))]
        self.changed |= not (all(keep) and all(sources))
        op.body.params = _kept(op.body.params, [*sources, *carry])
        op.sources = _kept(op.sources, sources)
        op.inits = _kept(op.inits, carry)
        op.outs = _kept(op.outs, keep)
        op.body.yields = _kept(op.body.yields, keep)


def _kept(items: list[T], keep: list[bool]) -> list[T]:
    return [item for item, stays in zip(items, keep, strict=True) if stays]
