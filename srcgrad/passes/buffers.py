"""Makes every write possible in place: inserts the copies that value semantics still needs, and no others.

A write ``y = set_item(x, ...)`` may happen in `x` itself where the memory is the function's own and nothing that may
share it is read afterwards. Where it may not, something is copied: a view or an element of a list that is read later is
copied where it is made, an array that a loop carries is copied before the loop, anything else just before the write.
What a function returns is made its own as well: no view of an argument, no memory twice.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.aliases import Aliases
from srcgrad.analysis.liveness import OUTSIDE, Liveness
from srcgrad.analysis.memory import Memory
from srcgrad.analysis.sharing import is_container, is_immutable, is_view
from srcgrad.ir.core import Block, Call, Func, If, Loop, Op, Operand, Value, map_operand, values_in
from srcgrad.ir.types import ABSENT, AnyType, Arr, ListOf, Opaque, Type
from srcgrad.ir.walk import blocks_of, replace_values
from srcgrad.passes.reads import read_first

__all__ = ["own_buffers"]

CREATORS = (np.zeros, np.ones, np.zeros_like, np.ones_like, np.empty, np.empty_like)

MAX_ROUNDS = 100  # each round makes at least one copy more; far more than any program needs


def own_buffers(func: Func) -> set[Call]:
    """Insert copies, in place, until every write may happen in place.

    Parameters
    ----------
    func : Func
        Its loops collect no lists: they are made by `list.append`. It is changed.

    Returns
    -------
    set of Call
        Updates such as ``a + b`` that may be done in place on their first operand, too.
    """
    _swap_updates(func)
    done: set[tuple[Op, object]] = set()
    for _ in range(MAX_ROUNDS):
        live = Liveness(func)
        aliases = Aliases(func, live)
        fixes = _Fixes(func, live, aliases, done)
        moved = [read_first(fixes.home[call], call, live) for call in aliases.clashes]
        if any(moved):
            continue
        for call, clash in aliases.clashes.items():
            fixes.resolve(call, clash)
        for call, clash in aliases.updates.items():
            fixes.accumulate(call, clash)
        if not aliases.clashes:
            fixes.own_results()
        if not fixes.apply():
            return {call for call, clash in aliases.updates.items() if not clash and fixes.names_one_thing(call)}
    raise AssertionError("the copies for writes in place do not settle")


def _swap_updates(func: Func) -> None:
    """Put what is accumulated first: ``t + x_bar`` becomes ``x_bar + t`` where that is called `x_bar` again."""
    for block in blocks_of(func.block):
        for op in block.ops:
            if isinstance(op, Call) and op.fn is operator.add and _adds_to_second(op):
                op.args = op.args[::-1]


def _adds_to_second(call: Call) -> bool:
    """Is the second operand, and not the first, an array of the name of the result?"""
    first, second = call.args
    named = [
        isinstance(operand, Value) and operand.hint == call.out.hint and bool(operand.hint)
        for operand in (first, second)
    ]
    return named == [False, True] and isinstance(call.out.type, Arr) and call.out.type == second.type


def _copy(operand: Operand, type_: Type, target: bool, maker: object = None, absent: bool = False) -> Call:
    """A copy of an operand, which may be `absent`; made the way it was made itself where that is as cheap.

    Where it is the `target` of a write, a copy of the list itself, not of its items.
    """
    hint = operand.hint if isinstance(operand, Value) else ""
    if isinstance(maker, Call) and maker.fn in CREATORS:
        return Call(maker.fn, maker.args, dict(maker.kwargs), Value(type_, hint), style=maker.style)
    fn: Any = np.ndarray.copy if (isinstance(type_, Arr) and not absent) or target else runtime.fresh
    if target and is_container(type_):
        flat = not isinstance(type_, ListOf) or not isinstance(type_.item, (ListOf, AnyType))
        fn = list.copy if flat else runtime.fresh
    return Call(fn, (operand,), {}, Value(type_, hint), style="method" if fn is not runtime.fresh else "")


class _Fixes:
    """The copies of one round."""

    def __init__(self, func: Func, live: Liveness, aliases: Aliases, done: set[tuple[Op, object]]) -> None:
        self.func, self.live, self.aliases, self.done = func, live, aliases, done
        self._memory: Memory | None = None
        self.home: dict[Op, Block] = {}
        self.maker: dict[Value, Op | tuple[Loop, int]] = {}
        self.appends: dict[Value, list[Call]] = {}
        for block in blocks_of(func.block):
            for op in block.ops:
                self._survey(op, block)
        self.views: dict[Value, None] = {}
        self.inits: dict[tuple[Loop, int], None] = {}
        self.held: dict[tuple[Call, Value], None] = {}
        self.targets: dict[Call, None] = {}
        self.results: dict[tuple[Block, int], None] = {}

    def _survey(self, op: Op, block: Block) -> None:
        self.home[op] = block
        self.maker.update((out, op) for out in op.outs)
        if isinstance(op, Loop):
            self.maker.update((param, (op, k)) for k, param in enumerate(op.carried))
        elif isinstance(op, Call) and op.fn is list.append and isinstance(op.args[0], Value):
            self.appends.setdefault(op.args[0], []).append(op)

    # Which copies

    def resolve(self, call: Call, clash: int) -> None:
        """Choose what to copy so that a write may happen in place."""
        target = call.args[0]
        if not isinstance(target, Value):
            self.targets[call] = None
            return
        others = self.live.members(clash)
        if not clash & OUTSIDE and target not in others:
            found = [self._at_birth(other, target) for other in others]
            if all(found):
                for fixes in found:
                    self._take(fixes)
                return
        entry = self._entry(target, clash)
        if entry:
            for key in entry:
                self.inits[key] = None
                self.done.add(key)
        else:
            self.targets[call] = None

    def accumulate(self, call: Call, clash: int) -> None:
        """Let a loop accumulate in place, where a copy before the loop is all that it takes."""
        target = call.args[0]
        if clash and isinstance(target, Value) and self._goes_round(call):
            for key in self._entry(target, clash):
                self.inits[key] = None
                self.done.add(key)

    def _goes_round(self, call: Call) -> bool:
        """Is the result what a loop carries on in place of the first operand?"""
        maker = self.maker.get(call.args[0])
        return isinstance(maker, tuple) and maker[0].carried_yields[maker[1]] is call.out

    def memory(self) -> Memory:
        """Who may ever share memory with whom, what lists hold not counted."""
        if self._memory is None:
            self._memory = Memory(self.func, tapes=False)
        return self._memory

    def _take(self, fixes: list[Value] | list[tuple[Call, Value]]) -> None:
        for fix in fixes:
            if isinstance(fix, Value):
                self.views[fix] = None
            else:
                self.held[fix] = None

    def _at_birth(self, other: Value, target: Value) -> list[Value] | list[tuple[Call, Value]]:
        """How to make another value independent of the target where it is made: a view, or items of a list."""
        maker = self.maker.get(other)
        if isinstance(maker, Call) and is_view(maker) and (maker, "view") not in self.done:
            return [other]
        group = self.memory().group(target)
        held = [
            (call, value)
            for call in self.appends.get(other, [])
            for value in dict.fromkeys(values_in(call.args[1]))
            if not is_immutable(value.type) and self.memory().group(value) is group
        ]
        return [fix for fix in held if (fix[0], fix[1]) not in self.done]

    def _entry(self, target: Value, clash: int) -> list[tuple[Loop, int]]:
        """The initial values to copy before a loop, so that what it carries is its own."""
        maker = self.maker.get(target)
        if not isinstance(maker, tuple):
            return []
        loop, k = maker
        inside = clash & ~self.live.defined[loop.body]
        own = self._outermost(loop, k, clash)
        if own is not None:
            return [own]
        group = self.memory().group(target)
        return [
            (loop, j)
            for j, param in enumerate(loop.carried)
            if self.memory().group(param) is group
            and self.aliases.entries[loop, j] & inside
            and (loop, j) not in self.done
        ]

    def _outermost(self, loop: Loop, k: int, clash: int) -> tuple[Loop, int] | None:
        """The outermost loop that carries the value from outside, if its initial value is what clashes."""
        init = loop.inits[k]
        cause = clash & ~self.live.defined[loop.body] | self._shared_inits(loop, k, clash)
        if not self.aliases.entries[loop, k] & cause:
            return None
        maker = self.maker.get(init) if isinstance(init, Value) else None
        if isinstance(maker, tuple):
            outer = self._outermost(*maker, clash)
            if outer is not None:
                return outer
        return None if (loop, k) in self.done else (loop, k)

    def _shared_inits(self, loop: Loop, k: int, clash: int) -> int:
        """The initial values of the other carried values in a clash."""
        mask = 0
        for j, init in enumerate(loop.inits):
            if j != k and clash & self.live.bits[loop.carried[j]]:
                mask |= self.aliases.own(init)
        return mask

    # Results

    def own_results(self) -> None:
        """Choose what to copy so that each result is fresh."""
        block = self.func.block
        slots = [(leaf, (block, n)) for n, leaf in enumerate(_leaves(block.yields))]
        self._results(block, slots, self.aliases.related)

    def _results(self, block: Block, slots: list[tuple[Operand, tuple[Block, int]]], related: list[int]) -> None:
        last = block.ops[-1] if block.ops else None
        firsts = {id(leaf): slot for leaf, slot in reversed(slots)}
        repeated = [slot for leaf, slot in slots if firsts[id(leaf)] != slot and self.aliases.own(leaf)]
        self.results.update(dict.fromkeys(repeated))
        slots = [(leaf, slot) for leaf, slot in slots if slot not in repeated]
        if isinstance(last, If) and any(leaf in last.outs for leaf, _ in slots):
            for arm in last.blocks:
                self._results(arm, list(_through(last, arm, slots)), self.aliases.ends[arm])
            return
        seen = OUTSIDE
        # What holds much comes first, so that it is the single array beside it that is copied.
        for leaf, slot in sorted(slots, key=lambda item: not _holds_others(item[0])):
            own = self.aliases.own(leaf)
            if isinstance(leaf, Value) and isinstance(leaf.type, Opaque):
                continue
            reach = self.aliases.reach(own, related)
            if reach & seen or (isinstance(leaf, Value) and self._is_view(leaf, set())):
                self.results[slot] = None
            seen |= reach

    def _is_view(self, value: Value, seen: set[Value]) -> bool:
        """May the value be a view of a larger array, or in another order than C?"""
        if value in seen or is_immutable(value.type):
            return False
        seen.add(value)
        maker = self.maker.get(value)
        match maker:
            case Call():
                if maker.fn is operator.getitem and self._is_result(maker.args[0]):
                    return False
                return is_view(maker) and not is_immutable(value.type)
            case If():
                k = maker.outs.index(value)
                return any(self._is_view(v, seen) for arm in maker.blocks for v in values_in(arm.yields[k]))
            case Loop():
                return self._is_view(maker.carried[maker.outs.index(value) - 1], seen)
            case (loop, k):
                return any(self._is_view(v, seen) for v in values_in([loop.inits[k], loop.carried_yields[k]]))
        return False

    def _is_result(self, operand: Operand) -> bool:
        """Is it what a function of the program returned, whose items are its own?"""
        box = self._maker(operand)
        return isinstance(box, Call) and isinstance(box.fn, Func)

    def names_one_thing(self, call: Call) -> bool:
        """Is an update in place what a person would write: the same name, or a value on its way round a loop?"""
        target = call.args[0]
        alike = (bool(call.out.hint) and call.out.hint == target.hint) or self._goes_round(call)
        return alike and not self._is_view(target, set())

    # Applying

    def apply(self) -> bool:
        """Insert the copies; is there any?"""
        for slot, n in self.results:
            self._copy_result(slot, n)
        for call, value in self.held:
            self._copy_held(call, value)
        for call in self.targets:
            self._copy_target(call)
        for loop, k in self.inits:
            self._copy_init(loop, k)
        self._copy_views()
        return bool(self.results or self.held or self.targets or self.inits or self.views)

    def _insert(self, op: Op, copy: Call, after: bool = False) -> Value:
        if isinstance(op, Call):
            copy.span, copy.sweep = op.span, op.sweep
        ops = self.home[op].ops
        ops.insert(ops.index(op) + after, copy)
        return copy.out

    def _may_be_absent(self, operand: Operand, seen: frozenset[Value] = frozenset()) -> bool:
        """May the operand be `ABSENT` when the program runs?"""
        if not isinstance(operand, Value) or operand in seen:
            return operand is ABSENT
        seen |= {operand}
        match self.maker.get(operand):
            case If() as op:
                k = op.outs.index(operand)
                return any(self._may_be_absent(arm.yields[k], seen) for arm in op.blocks)
            case Loop() as loop:
                return self._may_be_absent(loop.carried[loop.outs.index(operand) - 1], seen)
            case (Loop() as loop, int() as k):
                return any(self._may_be_absent(item, seen) for item in (loop.inits[k], loop.carried_yields[k]))
        return False

    def _maker(self, operand: Operand) -> object:
        return self.maker.get(operand) if isinstance(operand, Value) else None

    def _copy_target(self, call: Call) -> None:
        target, again = call.args[0], (call, "target") in self.done
        self.done.add((call, "target"))
        # A second copy is one of all that the list holds: what may be the list is then surely another.
        copy = _copy(target, call.out.type, target=not again, maker=self._maker(target), absent=again)
        copy.out.hint = call.out.hint or copy.out.hint
        call.args = (self._insert(call, copy), *call.args[1:])

    def _copy_init(self, loop: Loop, k: int) -> None:
        init = loop.inits[k]
        absent = self._may_be_absent(init)
        copy = _copy(init, loop.carried[k].type, target=False, maker=self._maker(init), absent=absent)
        copy.out.hint = loop.carried[k].hint or copy.out.hint
        loop.inits[k] = self._insert(loop, copy)

    def _copy_held(self, call: Call, value: Value) -> None:
        new = self._insert(call, _copy(value, value.type, target=False, absent=self._may_be_absent(value)))
        new.hint = ""
        call.args = (call.args[0], map_operand(lambda v: new if v is value else v, call.args[1]))
        self.done.add((call, new))

    def _copy_views(self) -> None:
        copies = {}
        for view in self.views:
            maker = self.maker[view]
            assert isinstance(maker, Call)
            copies[view] = _copy(view, view.type, target=False)
            self.done.add((maker, "view"))
        replace_values(self.func.block, {view: copy.out for view, copy in copies.items()})
        for view, copy in copies.items():
            maker = self.maker[view]
            assert isinstance(maker, Call)
            self._insert(maker, copy, after=True)
            view.hint = ""

    def _copy_result(self, block: Block, n: int) -> None:
        leaf = list(_leaves(block.yields))[n]
        type_ = leaf.type if isinstance(leaf, Value) else Arr()
        copy = _copy(leaf, type_, target=False, maker=self._maker(leaf), absent=self._may_be_absent(leaf))
        copy.out.hint = ""
        block.ops.append(copy)
        counter = iter(range(n + 1))
        block.yields = [_replace_leaf(item, counter, n, copy.out) for item in block.yields]


def _holds_others(leaf: Operand) -> bool:
    return isinstance(leaf, Value) and is_container(leaf.type)


def _leaves(operand: Operand) -> Iterator[Operand]:
    """The values and constant arrays in an operand."""
    if isinstance(operand, (tuple, list)):
        for item in operand:
            yield from _leaves(item)
    elif isinstance(operand, dict):
        yield from _leaves(list(operand.values()))
    elif isinstance(operand, (Value, np.ndarray)):
        yield operand


def _replace_leaf(operand: Operand, counter: Iterator[int], n: int, new: Value) -> Operand:
    if isinstance(operand, (tuple, list)):
        items = [_replace_leaf(item, counter, n, new) for item in operand]
        if isinstance(operand, list):
            return items
        return type(operand)(*items) if hasattr(operand, "_fields") else tuple(items)
    if isinstance(operand, dict):
        return {key: _replace_leaf(item, counter, n, new) for key, item in operand.items()}
    if isinstance(operand, (Value, np.ndarray)):
        return new if next(counter, None) == n else operand
    return operand


def _through(
    op: If, arm: Block, slots: list[tuple[Operand, tuple[Block, int]]]
) -> Iterator[tuple[Operand, tuple[Block, int]]]:
    """The results as one arm gives them."""
    starts = [0]
    for item in arm.yields:
        starts.append(starts[-1] + len(list(_leaves(item))))
    for leaf, slot in slots:
        if isinstance(leaf, Value) and leaf in op.outs:
            k = op.outs.index(leaf)
            for n, inner in enumerate(_leaves(arm.yields[k])):
                yield inner, (arm, starts[k] + n)
        else:
            yield leaf, slot
