"""Which values of the forward sweep are taped, and which are computed again from those: decided for all at once.

Each value that the reverse sweep reads has to be taped or computed again, and so has what that takes. The cheapest
choice is a minimum cut: a value is two nodes, the edge between them costs what taping it costs, and the edge to its
first node what it costs to compute it again.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from srcgrad import runtime
from srcgrad.analysis.bounds import Bounds
from srcgrad.analysis.cut import INFINITE, Network
from srcgrad.analysis.effects import has_effect, is_truth, only_shapes
from srcgrad.analysis.history import Histories, Place
from srcgrad.analysis.shapes import Shapes
from srcgrad.analysis.sharing import is_view
from srcgrad.analysis.versions import overwritten
from srcgrad.autodiff.recall_cost import again_cost, tape_cost
from srcgrad.autodiff.reverse import Mirror
from srcgrad.ir.core import GO, Block, Call, Func, Loop, Op, Operand, Range, Source, Value, operands_of, values_in
from srcgrad.ir.types import PY_INT, Num
from srcgrad.ir.walk import walk

__all__ = ["Forward", "Recipe", "may_stop", "plan"]

TRIPS = 8.0  # a guess at how often a loop runs: what is outside of it counts so much less
MOVED = 0.01  # the cost of computing in the reverse loop what is then no longer computed in the forward loop

Recipe = Source | Place | Call  # walk the same source again; read a later version; compute it again


def may_stop(loop: Loop) -> bool:
    """May the body end the loop before its sources do?"""
    stop = loop.body.yields[0]
    return not loop.sources or isinstance(stop, Value) or stop != GO


class Forward:
    """Facts about the values of a forward sweep."""

    def __init__(self, top: Block) -> None:
        self.top = top
        self.home: dict[Value, Block] = {}
        self.made: dict[Value, Op | Block] = {}
        self.depth: dict[Block, int] = {}
        self.loop: dict[Block, Loop | None] = {}  # the innermost around
        self.items: dict[Value, Loop] = {}
        self.block: dict[Op, Block] = {}  # in which a region stands
        self.overwritten = overwritten(top)
        self._enter(top, 0, None)

    def _enter(self, block: Block, depth: int, loop: Loop | None) -> None:
        self.depth[block], self.loop[block] = depth, loop
        self.settle(block.params, block, block)
        for op in block.ops:
            self.settle(op.outs, op, block)
            if isinstance(op, Loop):
                self.items.update(dict.fromkeys(op.items, op))
            for inner in op.blocks:
                self.block[op] = block
                self._enter(inner, depth + isinstance(op, Loop), op if isinstance(op, Loop) else loop)

    def settle(self, values: Iterable[Value], op: Op | Block, block: Block) -> None:
        """Note where values live, and what makes them."""
        for value in values:
            self.home[value], self.made[value] = block, op

    def is_there(self, value: Value) -> bool:
        """Is it at hand in the reverse sweep, at no cost?"""
        home = self.home.get(value)
        return home is None or (home is self.top and value not in self.overwritten)

    @functools.cached_property
    def bounds(self) -> Bounds:
        """Which indices are surely within bounds."""
        bounds = Bounds(Shapes(Func("", Block(self.top.params, self.top.ops, []))))
        for op in walk(self.top):
            if isinstance(op, Call):
                bounds.shapes.enter(op)
                bounds.enter(op)
            elif isinstance(op, Loop):
                bounds.enter_loop(op)
        return bounds

    def must_run(self, op: Call) -> bool:
        """May the call fail, as far as is known?"""
        return op.must and not self.bounds.are_kept(op)

    def tape_cost(self, value: Value) -> float:
        """The cost of remembering a value."""
        depth, made = self.depth[self.home[value]], self.made[value]
        copied = isinstance(made, Call) and is_view(made) and not all(map(self.is_there, values_in(made.args)))
        return TRIPS**depth * tape_cost(value, looped=depth > 0, copied=copied, written=value in self.overwritten)


def demanded(ops: list[Op], mirrors: dict[int, Mirror]) -> Iterator[Value]:
    """What reverse ops read, and the items that say how often their loops run."""
    for op in ops:
        yield from values_in(operands_of(op))
        for block in op.blocks:
            mirror = mirrors.get(id(block))
            yield from demanded(block.ops, mirrors)
            yield from values_in(block.yields)
            forward = mirror.forward_op if mirror is not None else None
            if isinstance(op, Loop) and not op.sources and isinstance(forward, Loop) and not may_stop(forward):
                yield forward.items[0]


@dataclass(frozen=True)
class Way:
    """How a value is computed again: by which recipe, from what, and at what cost for each trip."""

    recipe: Recipe
    needs: tuple[Value, ...]
    cost: float


class Planner:
    """Looks for the cheapest choice."""

    def __init__(self, forward: Forward, wanted: Iterable[Value]) -> None:
        self.forward = forward
        self.wanted = dict.fromkeys(v for v in wanted if forward.home.get(v, forward.top) is not forward.top)
        self.moved: list[Loop] = []
        self._histories: Histories | None = None
        self._ways: dict[Value, Way | None] = {}
        writes = [op for op in walk(forward.top) if isinstance(op, Call) and op.fn is runtime.set_item]
        self._stored = {value for op in writes for value in values_in(op.args[2])}

    def choose(self) -> dict[Value, Recipe]:
        """What is computed again, and how; what else the reverse sweep needs is taped."""
        idler = Idle(self.forward)
        idle = idler.loops()
        while True:
            moved = {out: loop for loop in idle for op in walk(loop.body) for out in op.outs}
            taped, again = self.solve(moved)
            busy = {loop for loop in idle if not idler.is_moved(loop, taped, again)}
            decided = self.decided(taped, again)
            if not busy and not decided:
                self.moved = [loop for loop in idle if any(moved.get(value) is loop for value in again)]
                return again
            idle = [loop for loop in idle if loop not in busy]
            self._ways.update(dict.fromkeys(decided))

    def decided(self, taped: set[Value], again: dict[Value, Recipe]) -> list[Value]:
        """The conditions that a loop which tapes anyway tapes too: so a trip without adjoint needs no record."""
        loops = {self.forward.loop[self.forward.home[value]] for value in taped}
        conditions = (value for value, recipe in again.items() if isinstance(recipe, Call) and is_condition(value))
        return [value for value in conditions if self.forward.loop[self.forward.home[value]] in loops]

    def solve(self, moved: dict[Value, Loop]) -> tuple[set[Value], dict[Value, Recipe]]:
        """The cheapest choice where computing again what is `moved` costs nothing."""
        taped = {value for value in self.wanted if self.way(value, moved) is None}
        reached = self.reach([value for value in self.wanted if value not in taped], taped, moved)
        network = Network()
        for value, way in reached.items():
            weight = TRIPS ** self.forward.depth[self.forward.home[value]]
            network.edge("forward", ("made", value), INFINITE if way is None else weight * way.cost)
            network.edge(("made", value), ("had", value), self.forward.tape_cost(value))
            for need in way.needs if way is not None else ():
                if need in reached:
                    network.edge(("had", need), ("made", value), INFINITE)
            if value in self.wanted:
                network.edge(("had", value), "reverse", INFINITE)
        side = network.cut("forward", "reverse")
        again: dict[Value, Recipe] = {}
        for value, way in reached.items():
            if ("had", value) not in side and ("made", value) in side:
                taped.add(value)
            elif way is not None and ("made", value) not in side:
                again[value] = way.recipe
        return taped, again

    def reach(self, wanted: list[Value], taped: set[Value], moved: dict[Value, Loop]) -> dict[Value, Way | None]:
        """All that it may take to compute what is wanted; what is taped anyway is at hand."""
        found: dict[Value, Way | None] = {}
        pending = wanted
        while pending:
            value = pending.pop()
            if value not in found and value not in taped and not self.forward.is_there(value):
                found[value] = way = self.way(value, moved)
                pending += way.needs if way is not None else ()
        return found

    def way(self, value: Value, moved: dict[Value, Loop]) -> Way | None:
        """How to compute a value again."""
        if value in moved:
            return self._again(value, MOVED)
        if value not in self._ways:
            self._ways[value] = self._find(value)
        return self._ways[value]

    def _find(self, value: Value) -> Way | None:
        forward = self.forward
        if forward.home[value] is forward.top:
            return None
        loop = forward.items.get(value)
        if loop is not None:
            source = loop.sources[loop.items.index(value)]
            return None if may_stop(loop) else Way(source, tuple(values_in(_parts(source))), MOVED)
        return self._counter(value) or self._place(value) or self._again(value)

    def _counter(self, value: Value) -> Way | None:
        """A number that each trip counts on by the same step: the trips of a range that ends where it has ended."""
        loop = self.forward.loop[self.forward.home[value]]
        if loop is None or loop.reverse or value.type != PY_INT or value not in loop.carried or may_stop(loop):
            return None
        k = loop.carried.index(value)
        step = self._step(value, loop.carried_yields[k])
        start, stop = loop.inits[k], loop.carried_outs[k]
        if not step or any(map(self._is_out_of_reach, values_in((start, stop)))):
            return None
        return Way(Range(start, stop, step), tuple(values_in((start, stop))), MOVED)

    def _step(self, value: Value, after: Operand) -> int:
        """The constant by which a number becomes the next; 0 where it does not."""
        made = self.forward.made.get(after) if isinstance(after, Value) else None
        if not isinstance(made, Call) or made.fn not in (operator.add, operator.sub) or made.kwargs:
            return 0
        x, step = made.args
        if x is not value and made.fn is operator.add:
            x, step = step, x
        if x is not value or type(step) is not int:
            return 0
        return step if made.fn is operator.add else -step

    def _again(self, value: Value, cost: float | None = None) -> Way | None:
        op = self.forward.made[value]
        if not isinstance(op, Call):
            return None
        cost = again_cost(op) if cost is None else cost
        needs = tuple(values_in((op.args, op.kwargs)))
        return None if cost == INFINITE or any(map(self._is_out_of_reach, needs)) else Way(op, needs, cost)

    def _is_out_of_reach(self, value: Value) -> bool:
        """Is it something that only the forward sweep has?"""
        return self.forward.home.get(value) is self.forward.top and not self.forward.is_there(value)

    def _place(self, value: Value) -> Way | None:
        if not self._may_stand_somewhere(value):
            return None
        if self._histories is None:
            forward = self.forward
            self._histories = Histories(forward.top, forward.home, forward.made, forward.bounds)
        place = self._histories.find(value)
        if place is None or place.array in self.forward.overwritten:
            return None
        return Way(place, tuple(values_in(tuple(place))), 1.0)

    def _may_stand_somewhere(self, value: Value) -> bool:
        """Is it worth a look: in a loop, read from what may be written, or stored?"""
        forward = self.forward
        if forward.depth[forward.home[value]] == 0:
            return False
        made: Any = forward.made[value]
        if isinstance(made, Call) and made.fn in (operator.getitem, runtime.get_item):
            return not all(map(forward.is_there, values_in(made.args[0])))
        return value in self._stored


def is_condition(value: Value) -> bool:
    """Is it true or false?"""
    return isinstance(value.type, Num) and value.type.kind == "bool"


class Idle:
    """Finds the loops that do nothing but for what is taped of them: they are not needed once nothing is.

    What they check of shapes may be checked in the reverse sweep, if nothing that fails otherwise comes between.
    """

    def __init__(self, forward: Forward) -> None:
        self.forward = forward

    def loops(self) -> list[Loop]:
        """Those of the program, the last first."""
        found: list[Loop] = []
        checked = True
        for op in reversed(self.forward.top.ops):
            if isinstance(op, Loop) and self._is_idle(op, checked):
                found.append(op)
            else:
                checked = checked and self._is_quiet(op, checked=False)
        return found

    def _is_idle(self, loop: Loop, checked: bool) -> bool:
        """Does a loop nothing, but perhaps check shapes?"""
        if loop.inits or loop.collected_outs or may_stop(loop):
            return False
        return all(self._is_quiet(op, checked) for op in loop.body.ops)

    def _is_quiet(self, op: Op, checked: bool) -> bool:
        """Has an op no effects, and raises nothing but for shapes where they are `checked` later?"""
        if isinstance(op, Call):
            return not has_effect(op) and (not self.forward.must_run(op) or (checked and only_shapes(op)))
        if isinstance(op, Loop):
            return self._is_idle(op, checked)
        return is_truth(op.cond) and all(self._is_quiet(inner, False) for block in op.blocks for inner in block.ops)

    def is_moved(self, loop: Loop, taped: set[Value], again: dict[Value, Recipe]) -> bool:
        """Is nothing of a loop taped, and all that it checks done again?"""
        ops = list(walk(loop.body))
        if any(out in taped for op in ops for out in op.outs):
            return False
        return all(op.out in again for op in ops if isinstance(op, Call) and self.forward.must_run(op))


def _parts(source: Source) -> tuple[Operand, ...]:
    return (source.start, source.stop, source.step) if isinstance(source, Range) else (source.value,)


def plan(forward: Forward, ops: list[Op], mirrors: dict[int, Mirror]) -> dict[Value, Recipe]:
    """How each value that is not taped is computed again, given the ops of the reverse sweep."""
    planner = Planner(forward, demanded(ops, mirrors))
    again = planner.choose()
    for loop in planner.moved:
        move_checks(loop, again)
    return again


def move_checks(loop: Loop, again: dict[Value, Recipe]) -> None:
    """Have shapes checked where they are used: the loop itself goes."""
    for op in walk(loop.body):
        if isinstance(op, Call) and op.must and op.out in again:
            again[op.out] = replace(op)
            op.must = False
