"""Histories: arrays that a loop fills, of which a place that was read or written keeps its value to the end."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from srcgrad import runtime
from srcgrad.analysis.affine import Affine, Interval, Renaming, symbols_of
from srcgrad.analysis.bounds import Bounds
from srcgrad.analysis.shapes import same_dims
from srcgrad.ir.core import Block, Call, If, Loop, Op, Operand, Value
from srcgrad.ir.types import Arr, Num
from srcgrad.ir.walk import defined_in

__all__ = ["Histories", "Place"]

Selected = list[Interval | None]  # axis by axis; None where it is not known

WRITES = (runtime.set_item, runtime.add_item)
READS = (operator.getitem, runtime.get_item)


class Place(NamedTuple):
    """A part of an array."""

    array: Value
    index: Operand


class Chain(NamedTuple):
    """The writes between two versions of an array in one block, with what stands in its regions.

    `source` is the version before them, made outside the block or by something else than a write; `versions` are the
    ones on the way. A version made in an arm is there if the arm is taken, and then it is on the way.
    """

    source: Value
    writes: frozenset[Call]
    versions: frozenset[Value]


class Histories:
    """Where a value still stands in memory after the loops that read or wrote it there.

    Parameters
    ----------
    forward : Block
        The program; its values have value semantics, so what is read from the last version is what was read from an
        older one if no write between the two touched the place.
    home : dict
        The block in which each value is defined.
    made : dict
        The op that made each value, or the block whose parameter it is.
    bounds : Bounds
        Has entered the whole program.
    """

    def __init__(self, forward: Block, home: dict[Value, Block], made: dict[Value, Op | Block], bounds: Bounds) -> None:
        self.home, self.made, self.top = home, made, forward
        self.affine = Affine(bounds, symbols_of(forward.params))
        self.around: dict[Op, Block] = {}
        self.owner: dict[Block, Op] = {}
        self.stored: dict[Value, list[Call]] = {}
        self.inside: dict[Loop, frozenset[Value]] = {}
        self._enter(forward)

    def _enter(self, block: Block) -> None:
        for op in block.ops:
            self.around[op] = block
            if isinstance(op, Call):
                if op.fn in WRITES and len(op.args) == 3 and isinstance(op.args[2], Value):
                    self.stored.setdefault(op.args[2], []).append(op)
            elif isinstance(op, Loop):
                self.affine.enter_loop(op)
            for inner in op.blocks:
                self.owner[inner] = op
                self._enter(inner)

    # where a value stands

    def find(self, value: Value) -> Place | None:
        """A later version of an array, and where in it the value stands; None where there is none."""
        for call, place in self._places(value):
            last = self._last(call, place)
            if last is not None and last is not place.array:
                return Place(last, place.index)
        return None

    def _places(self, value: Value) -> Iterator[tuple[Call, Place]]:
        """Where the value was read, or stored."""
        made = self.made.get(value)
        if isinstance(made, Call):
            place = self._read(made)
            if place is not None:
                yield made, place
        for call in self.stored.get(value, []):
            always = self.around[call] is self.home[value]  # stored whenever it is computed
            if always and call.fn is runtime.set_item and _holds(call.out, call.args[1], value):
                yield call, Place(call.out, call.args[1])

    def _read(self, call: Call) -> Place | None:
        """The place that a call reads; of ``h[t][i]``, that in `h`."""
        if call.fn not in READS or call.kwargs or len(call.args) != 2:
            return None
        x, index = call.args
        if not isinstance(x, Value) or not isinstance(x.type, Arr):
            return None
        row = self.made.get(x)
        outer = self._read(row) if isinstance(row, Call) else None
        basic = all(_is_int(part) or isinstance(part, slice) for part in _parts(index))
        if outer is None or not basic or not all(map(_is_int, _parts(outer.index))):
            return Place(x, index)
        return Place(outer.array, (*_parts(outer.index), *_parts(index)))

    def _last(self, call: Call, place: Place) -> Value | None:
        """The last version of the array that has the place as it is when the call reads or has written it."""
        version, done, passed = place.array, frozenset[Call](), list[Loop]()
        selected = self._selected(place)
        for loop in self._loops(self.around[call]):
            before = self._to_start(version, loop.body)
            if before.source in loop.carried:
                k = loop.carried.index(before.source)
                trip = self._whole(loop, k)
                if trip is None or version not in trip.versions:
                    return None
                same = trip.writes - before.writes - done
                if not self._leave(same, selected, passed) or not self._leave_later(trip.writes, selected, loop):
                    return None
                version, done = loop.carried_outs[k], trip.writes
            elif self._is_within(self.home[version], loop.body):  # it is another array in each trip
                break
            passed.append(loop)
        return self._follow(version, selected, passed)

    def _leave(self, writes: Iterable[Call], place: Selected, passed: list[Loop]) -> bool:
        """Do writes, later or earlier, leave a place alone? Not for sure in other trips of a loop around the place."""
        return all(
            self._is_apart(place, write, None) and not any(self._is_in(write, loop) for loop in passed)
            for write in writes
        )

    def _leave_later(self, writes: Iterable[Call], place: Selected, loop: Loop) -> bool:
        """Do the writes of later trips leave a place alone?"""
        if loop not in self.inside:
            self.inside[loop] = frozenset(defined_in(loop.body))
        renaming = Renaming(loop, self.inside[loop])
        return all(self._is_apart(place, write, renaming) for write in writes)

    def _follow(self, version: Value, place: Selected, passed: list[Loop]) -> Value:
        """The version after further writes in the same block that leave the place alone."""
        while True:
            after = self._next(version, place, passed)
            if after is None:
                return version
            version = after

    def _next(self, version: Value, place: Selected, passed: list[Loop]) -> Value | None:
        takers = [op for op in self.home[version].ops if _takes(op, version)]
        op = takers[0] if len(takers) == 1 else None
        if isinstance(op, Call):
            return op.out if self._leave([op], place, passed) else None
        if not isinstance(op, Loop):
            return None
        k = next(k for k, init in enumerate(op.inits) if init is version)
        trip = self._whole(op, k)
        return op.carried_outs[k] if trip is not None and self._leave(trip.writes, place, passed) else None

    # chains of versions

    def _to_start(self, version: Value, body: Block) -> Chain:
        """All writes of one trip that led to a version."""
        writes, versions = frozenset[Call](), frozenset[Value]()
        while True:
            block = self.home[version]
            chain = self.chain(version, block)
            if chain is None:
                return Chain(version, writes, versions)
            writes, versions = writes | chain.writes, versions | chain.versions
            if block is body or self.home[chain.source] is block or not self._is_within(block, body):
                return Chain(chain.source, writes, versions)
            version = chain.source

    def _whole(self, loop: Loop, k: int) -> Chain | None:
        """The writes of one trip to what a loop carries; None where it is not simply written on."""
        chain = self.chain(loop.carried_yields[k], loop.body)
        return chain if chain is not None and chain.source is loop.carried[k] else None

    def chain(self, operand: Operand, block: Block) -> Chain | None:
        """The writes in a block, back to its start or to where the array is made."""
        writes, versions = set[Call](), set[Value]()
        while isinstance(operand, Value):
            versions.add(operand)
            op = self.made.get(operand)
            if self.home.get(operand) is not block or isinstance(op, Block):
                return Chain(operand, frozenset(writes), frozenset(versions))
            match op:
                case Call() if op.fn in WRITES:
                    writes.add(op)
                    before: Operand = op.args[0]
                case If():
                    arms = self._arms(op, op.outs.index(operand))
                    if arms is None:
                        return None
                    writes |= arms.writes
                    versions |= arms.versions
                    before = arms.source
                case Loop() if operand in op.carried_outs:
                    k = op.carried_outs.index(operand)
                    trip = self._whole(op, k)
                    if trip is None:
                        return None
                    writes |= trip.writes
                    before = op.inits[k]
                case _:
                    return Chain(operand, frozenset(writes), frozenset(versions))
            operand = before
        return None

    def _arms(self, op: If, k: int) -> Chain | None:
        """The writes of both arms, if both write on the same version."""
        arms = [self.chain(arm.yields[k], arm) for arm in op.blocks]
        first, second = arms
        if first is None or second is None or first.source is not second.source:
            return None
        if any(self.home[first.source] is arm for arm in op.blocks):
            return None
        return Chain(first.source, first.writes | second.writes, first.versions | second.versions)

    # places

    def _selected(self, place: Place) -> Selected:
        """What an index selects, axis by axis, as far as it is simple."""
        found: Selected = []
        for axis, part in enumerate(_parts(place.index)):
            if not isinstance(part, slice) and not _is_int(part):
                break
            found.append(self.affine.interval(part, place.array, axis))
        return found

    def _is_apart(self, place: Selected, write: Call, renaming: Renaming | None) -> bool:
        """Does a write, in a later trip or the same, not touch a place?"""
        if len(write.args) != 3 or write.kwargs:
            return False
        return self.affine.are_apart(place, self._selected(Place(write.args[0], write.args[1])), renaming)

    # blocks

    def _loops(self, block: Block) -> Iterator[Loop]:
        """The loops around, the innermost first."""
        while block is not self.top:
            op = self.owner[block]
            if isinstance(op, Loop):
                yield op
            block = self.around[op]

    def _is_in(self, call: Call, loop: Loop) -> bool:
        return self._is_within(self.around[call], loop.body)

    def _is_within(self, block: Block, outer: Block) -> bool:
        while block is not outer:
            if block is self.top:
                return False
            block = self.around[self.owner[block]]
        return True


def _takes(op: Op, version: Value) -> bool:
    """Does an op, at its own level, write a version on?"""
    if isinstance(op, Call):
        return op.fn in WRITES and op.args[0] is version
    return isinstance(op, Loop) and any(init is version for init in op.inits)


def _parts(index: Operand) -> tuple[Operand, ...]:
    return index if isinstance(index, tuple) else (index,)


def _is_int(part: Operand) -> bool:
    if isinstance(part, Value):
        return isinstance(part.type, Num) and part.type.kind == "int"
    return type(part) is int


def _holds(array: Value, index: Operand, value: Value) -> bool:
    """Does the place hold just the value that was stored: of the same dtype and shape?"""
    kind, parts = array.type, _parts(index)
    if not isinstance(kind, Arr) or kind.dims is None or kind.dtype is None or not all(map(_is_int, parts)):
        return False
    if len(parts) == len(kind.dims):
        return isinstance(value.type, Num) and value.type.dtype == kind.dtype
    own = value.type
    return isinstance(own, Arr) and own.dtype == kind.dtype and same_dims(own.dims, kind.dims[len(parts) :])
