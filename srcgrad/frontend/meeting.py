"""Where paths meet: the values that differ, and memory that may be that of either path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from srcgrad.errors import SrcgradError, UnsupportedError
from srcgrad.frontend.activations import NeedUnroll
from srcgrad.frontend.constants import operand_key, same_constant
from srcgrad.frontend.context import Context, operand_type, unattempted
from srcgrad.frontend.likeness import loses_tuple
from srcgrad.frontend.values import Abstract, Box, Const, Poison, Ref, State, Steps, Storage, Sym
from srcgrad.ir.core import Block, Operand, Value
from srcgrad.ir.types import Type, join


@dataclass
class Side:
    """One of the two paths: its state, and the block in which its values can still be computed."""

    state: State
    block: Block


@dataclass(eq=False)
class Meeting:
    """Two sides and what becomes of their values: `slots` are those that differ: merged, then the operand of either."""

    ctx: Context
    a: Side
    b: Side
    slots: list[tuple[Value, Operand, Operand]] = field(default_factory=list)
    state: State = field(default_factory=State)
    merged: dict[tuple[Storage | None, Storage | None], Storage] = field(default_factory=dict)
    known: dict[Any, Value] = field(default_factory=dict)
    merged_boxes: dict[tuple[int, int], Box] = field(default_factory=dict)
    may_unroll: bool = False  # a loop whose trips are known can be unrolled where containers do not settle

    def memory(self) -> None:
        """Memory that exists on both sides."""
        for storage, first in self.a.state.memory.items():
            second = self.b.state.memory.get(storage)
            if second is None:
                continue
            if isinstance(first, Poison) or isinstance(second, Poison):
                self.state.memory[storage] = first if isinstance(first, Poison) else second
            else:
                self.state.memory[storage] = self.slot(first, second, storage.hint)

    def poison_of(self, first: Ref, second: Ref) -> Poison | None:
        """The error of an array that is unknown on one of the sides, where the two are not the same memory."""
        held = (self.a.state.memory.get(first.storage), self.b.state.memory.get(second.storage))
        if first.storage is second.storage:
            return None
        return next((value for value in held if isinstance(value, Poison)), None)

    def wrapped(self, value: Operand) -> Abstract:
        """An operand as a thing."""
        return Sym(value) if isinstance(value, Value) else Const(value)

    def reference(self, first: Abstract, second: Abstract, name: str) -> Abstract:
        """Two arrays: the same memory, or a new piece of memory that may share with both."""
        storage_a, steps_a = (first.storage, first.steps) if isinstance(first, Ref) else (None, ())
        storage_b, steps_b = (second.storage, second.steps) if isinstance(second, Ref) else (None, ())
        steps = self.steps(steps_a, steps_b, name)
        if steps is None or storage_a is None or storage_b is None:
            value = self.slot(self.at_a(first), self.at_b(second), name)
            return self.fresh(storage_a, storage_b, value, name)
        if storage_a is storage_b:
            return Ref(storage_a, steps)
        pair = (storage_a, storage_b)
        if pair not in self.merged:
            value = self.slot(self.at_a(Ref(storage_a)), self.at_b(Ref(storage_b)), name)
            self.merged[pair] = self.fresh(storage_a, storage_b, value, name).storage
        return Ref(self.merged[pair], steps)

    def fresh(self, a: Storage | None, b: Storage | None, value: Operand, name: str) -> Ref:
        """Memory that may be that of either side."""
        source = a or b
        storage = Storage(name, source.span if source else None)
        storage.captured = any(s is not None and s.captured for s in (a, b))
        storage.unknown_layout = any(s is not None and s.unknown_layout for s in (a, b))
        storage.contiguous = all(s is not None and s.contiguous for s in (a, b))
        self.state.memory[storage] = value
        limit = self.ctx.limits.get(a or storage)
        if limit is not None and limit == self.ctx.limits.get(b or storage):
            self.ctx.limits[storage] = limit
        for other in (a, b):
            if other is not None:
                self.join(storage, other)
                if other in self.ctx.repeated:
                    self.ctx.repeated.add(storage)
        self.merged[(a, b) if (a, b) not in self.merged else (storage, storage)] = storage
        return Ref(storage)

    def join(self, new: Storage, side: Storage) -> None:
        """Memory that may be that of a side may be all that this may be; see `sharing` for what is merged here."""
        merged = set(self.merged.values())
        for other in {side, *self.ctx.shares.get(side, ())} - merged - {new}:
            self.share(new, other)

    def share(self, first: Storage, second: Storage) -> None:
        """From here on, a write into one makes the other unknown."""
        self.ctx.shares.setdefault(first, set()).add(second)
        self.ctx.shares.setdefault(second, set()).add(first)

    def sharing(self) -> None:
        """Merged pieces of memory share with each other only if they do on one of the sides."""
        shares = self.ctx.shares
        pairs = list(self.merged.items())
        for k, ((a1, b1), first) in enumerate(pairs):
            for (a2, b2), second in pairs[:k]:
                if first is not second and (touch(shares, a1, a2) or touch(shares, b1, b2)):
                    self.share(first, second)

    def steps(self, first: Steps, second: Steps, name: str) -> Steps | None:
        """One view path for two, None where they are different views."""
        if len(first) != len(second) or any(f[0] is not g[0] for f, g in zip(first, second, strict=True)):
            return None
        paired = [(f, self.index(x, y, name)) for (f, x), (_, y) in zip(first, second, strict=True)]
        if any(args is None for _, args in paired):
            return None
        return tuple((fn, args) for fn, args in paired if args is not None)

    def index(self, x: Operand, y: Operand, name: str) -> Any:
        """One index tree for two; None where their shapes differ."""
        if x is y:
            return x
        if isinstance(x, slice) and isinstance(y, slice):
            parts = self.index((x.start, x.stop, x.step), (y.start, y.stop, y.step), name)
            return None if parts is None else slice(*parts)
        if isinstance(x, (tuple, list)) and type(x) is type(y) and len(x) == len(y):
            items = [self.index(p, q, name) for p, q in zip(x, y, strict=True)]
            return None if any(i is None and p is not None for i, p in zip(items, x, strict=True)) else type(x)(items)
        if isinstance(x, (Value, int)) and isinstance(y, (Value, int)) and not isinstance(x, bool):
            return self.slot(x, y, "i")
        return x if same_constant(x, y) else None

    def slot(self, x: Operand, y: Operand, hint: str) -> Operand:
        """The merged value of two operands; itself where they are the same."""
        if x is y or (not isinstance(x, Value) and not isinstance(y, Value) and same_constant(x, y)):
            return x
        key = (operand_key(x), operand_key(y))
        if key not in self.known:
            value = Value(self.slot_type(x, y), hint)
            self.known[key] = value
            self.slots.append((value, x, y))
        return self.known[key]

    def slot_type(self, x: Operand, y: Operand) -> Type:
        """The type of a merged value."""
        first, second = operand_type(x), operand_type(y)
        if loses_tuple(first, second):
            if self.may_unroll:
                raise NeedUnroll
            raise self.ctx.unsupported("tuples of different lengths are in one list here", "Put lists into the list.")
        return join(first, second)

    def at_a(self, thing: Abstract) -> Operand:
        """An operand for a thing of the first side."""
        with self.ctx.region(self.a.block, self.a.state), unattempted(self.ctx):
            return self.ctx.operand(thing)

    def at_b(self, thing: Abstract) -> Operand:
        """An operand for a thing of the second side."""
        with self.ctx.region(self.b.block, self.b.state), unattempted(self.ctx):
            return self.ctx.operand(thing)

    def complaint(self, message: str) -> Callable[[], SrcgradError]:
        """An error about this place, to be raised later."""
        span = self.ctx.span
        repair = "Make it the same kind on every path, or do not use it after they meet."
        return lambda: UnsupportedError(message, span=span, repair=repair)


def touch(shares: dict[Storage, set[Storage]], first: Storage | None, second: Storage | None) -> bool:
    """May two pieces of memory be the same?"""
    return first is not None and second is not None and (first is second or second in shares.get(first, ()))
