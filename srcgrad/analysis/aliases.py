"""Which live values may share memory at each point: what a write in place would disturb."""

from __future__ import annotations

import operator

import numpy as np

from srcgrad.analysis.lists import Lists
from srcgrad.analysis.liveness import OUTSIDE, Liveness
from srcgrad.analysis.sharing import WRITES, is_container, is_immutable, sharing, stored_in
from srcgrad.ir.core import Block, Call, Func, If, Items, Loop, Operand, Value
from srcgrad.ir.types import AnyType, Arr, Type

__all__ = ["Aliases", "same_layout"]

Path = tuple[list[Operand], list[int]]  # operands, and what each is related to

UPDATES = (operator.add, operator.sub, operator.mul, operator.truediv)


def same_layout(a: Type, b: Type) -> bool:
    """Are both arrays of one dtype and shape, for sure?"""
    return isinstance(a, Arr) and a == b and a.dtype is not None and a.dims is not None and None not in a.dims


class Aliases:
    """A walk along the program with a relation: these two values may share memory now.

    The relation is symmetric; a value that a loop defines anew starts unrelated. A write in place needs that no value
    related to its target is read later; after it, the new version is related to nothing that is.

    Attributes
    ----------
    clashes : dict
        For each write, the values (and `OUTSIDE`) that forbid to do it in place; only where there are some.
    updates : dict
        For each update such as ``a + b`` that has the dtype and shape of `a`, what forbids to do it in place.
    entries : dict
        For each loop and number of a carried value, what the initial value is related to.
    ends : dict
        For each arm of an `If`, the relation at its end.
    """

    def __init__(self, func: Func, live: Liveness) -> None:
        self.live = live
        self.clashes: dict[Call, int] = {}
        self.updates: dict[Call, int] = {}
        self.entries: dict[tuple[Loop, int], int] = {}
        self.ends: dict[Block, list[int]] = {}
        self.related = [0] * len(live.values)
        self._repeating = 0  # lists of which two items may share memory
        self._index = {value: i for i, value in enumerate(live.values) if value is not None}
        self._fixed = sum(bit for value, bit in live.bits.items() if is_immutable(value.type))
        self.given = set(func.params)
        self.lists = Lists(func)
        for param in func.params:
            self.related[self._index[param]] = OUTSIDE
        self._block(func.block)

    def own(self, operand: Operand) -> int:
        """The values in an operand that a write may change; `OUTSIDE` for an array that is a constant."""
        if isinstance(operand, Value):
            return self.live.bits[operand] & ~self._fixed
        if isinstance(operand, (tuple, list)):
            mask = 0
            for item in operand:
                mask |= self.own(item)
            return mask
        if isinstance(operand, dict):
            return self.own(tuple(operand.values()))
        return OUTSIDE if isinstance(operand, np.ndarray) else 0

    def reach(self, mask: int, related: list[int] | None = None) -> int:
        """The values of a mask, and those related to them."""
        related = self.related if related is None else related
        rest = mask & ~OUTSIDE
        while rest:
            low = rest & -rest
            mask |= related[low.bit_length() - 1]
            rest ^= low
        return mask

    def _relate(self, value: Value, mask: int) -> None:
        i = self._index[value]
        bit = 1 << i
        mask = 0 if bit & self._fixed else mask & ~self._fixed
        self.related[i] = mask & ~bit
        rest = mask & ~OUTSIDE
        while rest:
            low = rest & -rest
            self.related[low.bit_length() - 1] |= bit
            rest ^= low

    def _block(self, block: Block) -> None:
        for op in block.ops:
            match op:
                case Call():
                    self._call(op)
                case If():
                    self._if(op)
                case Loop():
                    self._loop(op)

    # Calls

    def _call(self, call: Call) -> None:
        if call.fn in WRITES:
            self._write(call)
        elif call.fn is list.append:
            self._append(call)
        else:
            shared = sharing(call)
            mask = OUTSIDE if shared.locked else 0
            for value in shared.values:
                mask |= self.own(value)
            self._relate(call.out, self.reach(mask))
            if call.fn in UPDATES:
                self._update(call)

    def _write(self, call: Call) -> None:
        target = call.args[0]
        mask = self.reach(self.own(target)) if isinstance(target, Value) else OUTSIDE
        is_list = isinstance(target, Value) and is_container(target.type)
        clash = mask & (self.live.after[call] | OUTSIDE)
        inside = len(call.args) > 3 and bool(call.args[3])
        if isinstance(target, Value) and is_list and not inside:  # does not disturb an array that the list holds
            same = sum(self.live.bits[v] for v in self.live.members(clash) if self.lists.may_be(v, target))
            clash = same | (clash & OUTSIDE if self._given(mask) else 0)
        elif not is_list:  # the other items of a list it is in are still to be read
            clash |= mask & self._repeating
        self.clashes.pop(call, None)
        if clash:
            self.clashes[call] = clash
        self._relate(call.out, mask | self.reach(self.own(stored_in(call))) if is_list else 0)

    def _given(self, mask: int) -> bool:
        """May a list among these values belong to somebody outside, and not only what it holds?"""
        return any(v in self.given and _may_be_list(v.type) for v in self.live.members(mask))

    def _append(self, call: Call) -> None:
        """The list shares with its new item, and so does what may be, or hold, the list; its other items do not."""
        new, tape = self.reach(self.own(call.args[1])), self.own(call.args[0])
        if new & (tape | self._repeating):
            self._repeating |= tape
        lists = [v for v in self.live.members(self.reach(tape)) if not isinstance(v.type, (Arr, AnyType))]
        old = tape
        for value in lists:
            old |= self.live.bits[value]
        for value in self.live.members(new):
            self.related[self._index[value]] |= old
        for value in lists:
            self.related[self._index[value]] |= new

    def _update(self, call: Call) -> None:
        target = call.args[0]
        if isinstance(target, Value) and same_layout(target.type, call.out.type):
            self.updates[call] = self.reach(self.own(target)) & (self.live.after[call] | OUTSIDE)

    # Regions

    def _if(self, op: If) -> None:
        before, paths = self.related, []
        for arm in op.blocks:
            self.related = list(before)
            self._block(arm)
            self.ends[arm] = self.related
            paths.append((arm.yields, [self.reach(self.own(item)) for item in arm.yields]))
        self.related = _joined(self.ends[op.then], self.ends[op.orelse])
        self._define(op.outs, paths)

    def _define(self, targets: list[Value], paths: list[Path], kept: int = -1) -> None:
        """Relate targets that are assigned in parallel, on one of several paths, to the values in `kept`."""
        bits = [self.live.bits[target] for target in targets]
        masks = [0] * len(targets)
        for operands, reached in paths:
            owns = [self.own(operand) & ~OUTSIDE for operand in operands]
            for k, mask in enumerate(reached):
                masks[k] |= mask & kept
                for j, own in enumerate(owns):
                    if j != k and mask & own:
                        masks[k] |= bits[j]
        for target, mask in zip(targets, masks, strict=True):
            self._relate(target, mask)

    def _loop(self, loop: Loop) -> None:
        before = list(self.related)
        entry = [self.reach(self.own(init)) for init in loop.inits]
        for k, mask in enumerate(entry):
            self.entries[loop, k] = mask
        self._start(loop, [(loop.inits, entry)])
        paths = [(loop.inits, entry)]
        head: list[int] = []
        while head != self.related:
            head = list(self.related)
            self._block(loop.body)
            again = (loop.carried_yields, [self.reach(self.own(item)) for item in loop.carried_yields])
            paths = [(loop.inits, entry), again]
            end = self.related
            self._forget(loop.body)
            self._start(loop, [again])
            self.related = _joined(head, self.related)
        self.related = _joined(before, end)
        self._define(loop.carried_outs, paths)
        self._forget(loop.body)

    def _start(self, loop: Loop, paths: list[Path]) -> None:
        """A trip begins: its parameters are assigned."""
        kept = ~self.live.defined[loop.body]
        self._define(loop.carried, paths, kept)
        for item, source in zip(loop.items, loop.sources, strict=True):
            shared = self.reach(self.own(source.value)) if isinstance(source, Items) else 0
            self._relate(item, shared & kept)

    def _forget(self, block: Block) -> None:
        """Unrelate what a trip defined: the next trip defines it anew."""
        gone = self.live.defined[block]
        kept = ~gone
        self.related = [0 if gone >> i & 1 else mask & kept for i, mask in enumerate(self.related)]


def _joined(a: list[int], b: list[int]) -> list[int]:
    return [x | y for x, y in zip(a, b, strict=True)]


def _may_be_list(type_: Type) -> bool:
    return not isinstance(type_, Arr)
