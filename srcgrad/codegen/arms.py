"""Moves sums of cotangents into the arms of a branch that gives nothing in one of them: ``if c: x_bar += y_bar``."""

from __future__ import annotations

import operator
from collections import Counter

import numpy as np

from srcgrad.autodiff.masks import same_shape
from srcgrad.ir.core import Block, Call, If, Operand, Value, values_in
from srcgrad.ir.types import Num
from srcgrad.ir.walk import replace_values

__all__ = ["sink_sums"]


def sink_sums(block: Block, uses: Counter[Value]) -> bool:
    """Add in each arm of a branch what it gives to a cotangent, and nothing where it gives nothing; in place.

    Parameters
    ----------
    block : Block
        Of a function whose operations may be reordered as far as they depend on each other: only calls of a reverse
        sweep are moved, and a zero that an arm gives says that there is no cotangent.
    uses : Counter
        How often each value of the function is read.

    Returns
    -------
    bool
        Has anything been moved?
    """
    changed = False
    for op in [op for op in block.ops if isinstance(op, If)]:
        if _Sink(block, op, uses).run():
            changed = True
            kept = [k for k, out in enumerate(op.outs) if uses[out]]
            op.outs = [op.outs[k] for k in kept]
            for arm in op.blocks:
                arm.yields = [arm.yields[k] for k in kept]
    return changed


class _Sink:
    """One branch, and the sums after it."""

    def __init__(self, block: Block, op: If, uses: Counter[Value]) -> None:
        self.block, self.op, self.uses = block, op, uses
        self.after = block.ops[block.ops.index(op) + 1 :]
        self.later = {out for other in self.after for out in other.outs}

    def run(self) -> bool:
        """Move what can be moved; was there anything?"""
        sums = self.sums()
        for call in sums:
            self.sink(call)
        return bool(sums)

    def sums(self) -> list[Call]:
        """The sums to move: those that take all there is of what an arm may not give."""
        outs = set(self.op.outs)
        wanted = {out for k, out in enumerate(self.op.outs) if any(self.nothing(arm, k) for arm in self.op.blocks)}
        found: list[Call] = []
        for call in self.after:
            if isinstance(call, Call) and call.fn is operator.add and call.sweep == "reverse" and not call.must:
                inside = [arg for arg in call.args if arg in outs]
                others = [arg for arg in call.args if arg not in outs]
                if inside and not any(value in self.later for value in values_in(others)) and wanted & set(inside):
                    found.append(call)
        taken = Counter(arg for call in found for arg in call.args if arg in outs)
        lost = {out for out in taken if taken[out] != self.uses[out]}
        return [] if lost else found

    def nothing(self, arm: Block, k: int) -> bool:
        """Is what an arm gives for the `k`-th result a zero?"""
        return self.is_nothing(arm.yields[k], arm)

    def is_nothing(self, item: Operand, arm: Block) -> bool:
        """Is it a zero, or an array of zeros made in the arm?"""
        if type(item) is float and item == 0.0:
            return True
        makers = [call for call in arm.ops if isinstance(call, Call) and call.out is item]
        return bool(makers) and makers[0].fn is np.zeros_like

    def sink(self, call: Call) -> None:
        """Compute a sum in both arms, as far as there is something to add."""
        self.block.ops.remove(call)
        given = [self.part(call, arm) for arm in self.op.blocks]
        self.uses.subtract(values_in(call.args))
        if isinstance(given[0], Value) and given[0] is given[1]:
            replace_values(self.block, {call.out: given[0]})
            self.uses[given[0]] += self.uses[call.out]
            return
        self.op.outs.append(call.out)
        for arm, item in zip(self.op.blocks, given, strict=True):
            arm.yields.append(item)
            self.uses.update(values_in(item))

    def part(self, call: Call, arm: Block) -> Operand:
        """What a sum is in one arm."""
        known = dict(zip(self.op.outs, arm.yields, strict=True))
        a, b = (known.get(arg, arg) if isinstance(arg, Value) else arg for arg in call.args)
        if self.is_nothing(a, arm) and is_whole(b, call.out):
            return b
        if self.is_nothing(b, arm) and is_whole(a, call.out):
            return a
        out = Value(call.out.type, call.out.hint, call.out.span)
        arm.ops.append(Call(call.fn, (a, b), {}, out, call.span, call.style, False, call.sweep))
        self.uses.update(values_in((a, b)))
        return out


def is_whole(item: Operand, out: Value) -> bool:
    """Has one term of a sum the shape of the sum? A number, or a row of a matrix, has not."""
    if isinstance(out.type, Num):
        return True
    return isinstance(item, Value) and same_shape(item.type, out.type)
