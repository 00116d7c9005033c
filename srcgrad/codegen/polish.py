"""Rewrites a function before it is laid out: the same numbers, from the calls a person would have written."""

from __future__ import annotations

import functools
import operator
from collections import Counter
from collections.abc import Hashable, Iterator
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.shapes import is_elementwise
from srcgrad.codegen.clues import Clues, Rule
from srcgrad.codegen.creators import part_creators
from srcgrad.codegen.effects import ACTS, weight
from srcgrad.codegen.items import add_to_nothing, plain_index, plain_read, same_again, stopped, store_once
from srcgrad.codegen.masks import plain_mask, symmetric
from srcgrad.codegen.products import DIVISIONS, cancel, divide, factor_first, twice
from srcgrad.codegen.reductions import REDUCTIONS, count, leading_axis, plain_axes
from srcgrad.codegen.spreads import new_axis, size_of_another, spread, stored_spread
from srcgrad.codegen.sums import inner_sum, needless_sum, sum_of_number
from srcgrad.codegen.tails import join_tails
from srcgrad.codegen.tidy import tidy
from srcgrad.codegen.updates import update_last
from srcgrad.frontend.context import result_type
from srcgrad.ir.core import GO, Block, Call, Func, Items, Loop, Op, Operand, Range, Value, map_operand, values_in
from srcgrad.ir.same import same_operand
from srcgrad.ir.types import Axis
from srcgrad.ir.walk import blocks_of, replace_values
from srcgrad.passes.dce import dce
from srcgrad.passes.fold import is_sharper

__all__ = ["polish"]

# Each with the callables that it may have something to say about; None: all that work item by item.
RULES: tuple[tuple[Rule, tuple[Any, ...] | None], ...] = (
    (stopped, (runtime.stop_gradient,)),
    (plain_read, (operator.getitem, runtime.get_item)),
    (inner_sum, (runtime.sum_to,)),
    (same_again, (operator.getitem,)),
    (plain_index, (operator.getitem, runtime.set_item, runtime.add_item)),
    (needless_sum, (runtime.sum_to, np.real)),
    (sum_of_number, (np.sum,)),
    (store_once, (runtime.add_item,)),
    (spread, None),
    (stored_spread, (runtime.add_item, runtime.set_item)),
    (new_axis, (np.expand_dims,)),
    (add_to_nothing, (runtime.add_item,)),
    (size_of_another, (np.size, np.shape, len)),
    (plain_axes, REDUCTIONS),
    (count, DIVISIONS),
    (leading_axis, None),
    (twice, (operator.add,)),
    (plain_mask, (operator.add, operator.sub)),
    (symmetric, (np.logical_and,)),
    (cancel, (operator.mul,)),
    (divide, (operator.mul,)),
    (factor_first, (operator.mul,)),
    (spread, None),
)


@functools.cache
def rules_of(fn: Any) -> tuple[Rule, ...]:
    """The rules for the calls of a function, in order."""
    by_item = fn is np.where or is_elementwise(fn)
    return tuple(rule for rule, fns in RULES if (by_item if fns is None else any(fn is other for other in fns)))


def polish(func: Func) -> None:
    """Simplify a function in place; its results stay the same up to the rounding of cotangents."""
    tidy(func)
    for block in list(blocks_of(func.block)):
        join_tails(block)
    polisher = _Polisher(func)
    polisher.block(func.block)
    if polisher.changed:
        replace_values(func.block, polisher.known)
        dce(func)
    for block in blocks_of(func.block):
        update_last(block)
    part_creators(func)


class _Polisher:
    def __init__(self, func: Func) -> None:
        self.facts = Clues(func)
        self.known: dict[Value, Operand] = {}
        self.sharper: set[Value] = set()  # of which more is known than when their readers were typed
        self.changed = False
        self.kept = {leaf.value for leaf in func.leaves}
        self.trips: list[tuple[Loop, dict[Axis, Axis]]] = []  # loops that have run, and what was known in their trips
        self.last: dict[Axis, Axis] = {}

    def block(self, block: Block) -> None:
        """Rewrite the calls of a block in order; what is learnt inside an inner block holds there only."""
        for op in block.ops:
            if isinstance(op, Call) and not isinstance(op.fn, Func):
                self.call(op)
            before = len(self.trips)
            for inner in op.blocks:
                self.inside(op, inner)
            del self.trips[before:]
            if isinstance(op, Loop):
                self.trips.append((op, self.last))

    def inside(self, op: Op, block: Block) -> None:
        """Rewrite a block of an op; a loop knows what the loop knew whose trips it walks again."""
        before = dict(self.facts.equal), list(self.facts.named), dict(self.facts.copies)
        if isinstance(op, Loop):
            for other, learnt in self.trips:
                if _walks_again(op, other):
                    self.facts.recollect(learnt)
        self.block(block)
        self.last = self.facts.learnt()
        self.facts.equal, self.facts.named, self.facts.copies = before

    def call(self, call: Call) -> None:
        """Apply every rule to a call."""
        args = map_operand(self.resolve, call.args)
        if any(value in self.known or value in self.sharper for value in values_in(call.args)):
            self.retype(call, args)
        call.args = args
        for rule in self.rules(call):
            before, type_ = (call.fn, call.args), call.out.type
            found = rule(call, self.facts)
            if call.out.type is not type_ and call.out.type != type_:
                self.sharper.add(call.out)
            if call.args is not before[1] or call.fn is not before[0]:
                self.changed = True
                self.recount(call.args, before[1])
            if found is not None and call.out not in self.kept:
                self.known[call.out] = found
                if isinstance(found, Value):
                    found.hint = found.hint or call.out.hint
                    self.facts.uses[found] += self.facts.uses[call.out]
                self.changed = True
                return
        self.facts.enter(call)
        self.facts.note(call)

    def rules(self, call: Call) -> Iterator[Rule]:
        """The rules for a call; where one of them changes what is called, those for that follow."""
        fn: Any = call.fn
        for rule in rules_of(fn) if isinstance(fn, Hashable) else ():
            yield rule
            if call.fn is not fn:
                yield from rules_of(call.fn)
                return

    def recount(self, after: Operand, before: Operand) -> None:
        """Take note that `after` is read in place of `before`."""
        now, then = Counter(values_in(after)), Counter(values_in(before))
        self.facts.uses.update(now - then)
        for value in (then - now).elements():
            self.release(value)

    def release(self, value: Value) -> None:
        """Take note that a value is read once less; what nobody reads reads nothing."""
        self.facts.uses[value] -= 1
        made = self.facts.made.get(value)
        if self.facts.uses[value] == 0 and made is not None and not made.must and weight(made) < ACTS:
            for operand in values_in((made.args, made.kwargs)):
                self.release(operand)

    def retype(self, call: Call, args: tuple[Operand, ...]) -> None:
        """What is known better of the operands is known better of the result."""
        type_ = result_type(call.fn, args, call.kwargs)
        if type_ != call.out.type and is_sharper(type_, call.out.type):
            call.out.type = type_
            self.sharper.add(call.out)

    def resolve(self, value: Value) -> Operand:
        """What stands for a value."""
        while value in self.known and isinstance(self.known[value], Value):
            value = self.known[value]
        return self.known.get(value, value)


def _walks_again(loop: Loop, other: Loop) -> bool:
    """Is there a trip of a loop only where there was one of another, which ran to its end?"""
    for source in loop.sources:
        if isinstance(source, Items) and any(source.value is out for out in other.collected_outs):
            return True
        if isinstance(source, Range) and len(other.sources) == 1 and not isinstance(other.body.yields[0], Value):
            bounds = (source.start, source.stop, source.step)
            ranges = [(each.start, each.stop, each.step) for each in other.sources if isinstance(each, Range)]
            if other.body.yields[0] == GO and any(same_operand(bounds, each) for each in ranges):
                return True
    return False
