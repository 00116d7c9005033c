"""Writes into arguments: which are written, and the check at entry that no other array shares their memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.errors import AliasError, Span
from srcgrad.ir.core import Block, Call, Func, If, Items, Loop, Operand, Value, values_in

WORK: Any = 10**4  # how hard `np.shares_memory` may try
Roots = frozenset[Value]


@dataclass
class Writes:
    """Which of a function's entry values each value may be a version of, and which of them are written, where."""

    origins: dict[Value, Roots]
    written: dict[Value, Span | None] = field(default_factory=dict)
    within: tuple[Func, ...] = ()

    def of(self, operand: Operand) -> Roots:
        """The entry values an operand may be a version of."""
        return frozenset().union(*(self.origins.get(v, frozenset()) for v in values_in(operand)))

    def add(self, value: Value, roots: Roots) -> bool:
        """Note further origins; was there a new one?"""
        before = self.origins.get(value, frozenset())
        self.origins[value] = before | roots
        return not roots <= before

    def block(self, block: Block) -> None:
        """Follow every op of a block."""
        for op in block.ops:
            match op:
                case Call():
                    self.call(op)
                case If():
                    self.block(op.then)
                    self.block(op.orelse)
                    for out, a, b in zip(op.outs, op.then.yields, op.orelse.yields, strict=True):
                        self.add(out, self.of(a) | self.of(b))
                case Loop():
                    self.loop(op)

    def call(self, call: Call) -> None:
        """A write makes a version of what it writes; a callee writes what it is given."""
        if call.fn in (runtime.set_item, runtime.add_item):
            roots = self.of(call.args[0])
            self.add(call.out, roots)
            self.written.update({root: call.span for root in roots if root not in self.written})
        elif call.fn is runtime.entry_copy:
            self.add(call.out, self.of(call.args[0]))
        elif isinstance(call.fn, Func) and call.fn not in self.within:
            inner = written_values(call.fn, (*self.within, call.fn))
            given = dict(zip(call.fn.params, (*call.args, *call.kwargs.values()), strict=False))
            for value, span in inner.items():
                self.written.update(dict.fromkeys(self.of(given.get(value)), span))

    def loop(self, op: Loop) -> None:
        """Until nothing new comes round."""
        for source, item in zip(op.sources, op.items, strict=True):
            if isinstance(source, Items):
                self.add(item, self.of(source.value))
        for param, init in zip(op.carried, op.inits, strict=True):
            self.add(param, self.of(init))
        going = True
        while going:
            self.block(op.body)
            found = [self.add(p, self.of(y)) for p, y in zip(op.carried, op.carried_yields, strict=True)]
            going = any(found)
        for out, param in zip(op.carried_outs, op.carried, strict=True):
            self.add(out, self.origins.get(param, frozenset()))


def written_values(func: Func, within: tuple[Func, ...] = ()) -> dict[Value, Span | None]:
    """The entry values into whose memory the program writes, and where it first does."""
    entry = {leaf.value for leaf in func.leaves} | set(func.params)
    writes = Writes({value: frozenset({value}) for value in entry}, within=within)
    writes.block(func.block)
    return writes.written


Place = tuple[Any, ...]


def written_places(func: Func) -> dict[Place, Span | None]:
    """The same as places in the arguments: a parameter's position, then a path."""
    places: dict[Value, Place] = {leaf.value: (leaf.param, *leaf.path) for leaf in func.leaves}
    outside = func.params[len(func.params) - len(func.captured) :]
    places.update({value: (name,) for value, name in zip(outside, func.captured, strict=True)})
    return {places[value]: span for value, span in written_values(func).items() if value in places}


def check_overlap(written: dict[Place, Span | None], arrays: dict[Place, Any], label: Any) -> None:
    """Raise where an array that is written shares memory with another."""
    for place, span in written.items():
        array = arrays.get(place)
        if not isinstance(array, np.ndarray):
            continue
        for other, candidate in arrays.items():
            if other != place and isinstance(candidate, np.ndarray) and overlap(array, candidate):
                raise AliasError(
                    f"`{label(place)}` is written here, and `{label(other)}` shares its memory",
                    span=span,
                    reason="the write would change both, and the derivative knows only one",
                    repair=f"Pass a copy: {label(other)}.copy()",
                )


def overlap(a: Any, b: Any) -> bool:
    """May two arrays share memory? What is too hard to tell counts as yes."""
    if not np.may_share_memory(a, b):
        return False
    try:
        return bool(np.shares_memory(a, b, max_work=WORK))
    except np.exceptions.TooHardError:
        return True


__all__ = ["check_overlap", "written_places"]
