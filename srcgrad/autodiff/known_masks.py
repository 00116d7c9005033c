"""Where the cotangents of a reverse sweep are known to be zero: from the calls, branches and loops that made them."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field

import numpy as np

from srcgrad import runtime
from srcgrad.autodiff.apply import Applier
from srcgrad.autodiff.mask_kinds import (
    Before,
    Everywhere,
    Mask,
    Moved,
    Nowhere,
    On,
    PerArm,
    PerLoop,
    PerTrip,
    Scattered,
    Walk,
    both,
    either,
    is_at_hand,
    is_flag,
)
from srcgrad.frontend.context import operand_type
from srcgrad.ir.core import Call, If, Loop, Op, Operand, Value, values_in
from srcgrad.ir.types import Num

ZEROS = {np.zeros, np.zeros_like, runtime.zeros_of}
SAME_PLACE = {operator.neg, operator.pos, np.negative, np.real, np.imag, np.conj, np.conjugate, np.copy,
              np.broadcast_to, runtime.as_type, operator.truediv, np.divide}  # fmt: skip
PRODUCTS = {operator.mul, np.multiply}
MOVING = {np.reshape, np.ravel, np.transpose, np.swapaxes, np.moveaxis, np.expand_dims, np.squeeze, np.flip, np.roll,
          np.ascontiguousarray, runtime.flatten, operator.getitem, runtime.get_item, runtime.sum_to}  # fmt: skip
SUMS = {operator.add, operator.sub, np.add, np.subtract}
MAX_DEPTH = 12  # of the calls that are looked through


def is_number(operand: Operand, number: int) -> bool:
    """Is it this number, known while compiling?"""
    return isinstance(operand, (int, float)) and not isinstance(operand, bool) and operand == number


def is_complex_zero(operand: Operand) -> bool:
    """Is it ``0j``, which makes a real cotangent complex?"""
    return isinstance(operand, complex) and operand == 0


@dataclass
class KnownMasks:
    """What is known of the masks of cotangents in one reverse sweep."""

    applier: Applier
    primal: dict[Value, Op] = field(default_factory=dict)  # what made the values of the forward sweep
    branches: dict[Value, tuple[If, int]] = field(default_factory=dict)  # and the cotangents that come out of an `If`
    walks: dict[Value, Walk] = field(default_factory=dict)  # of the items of lists of cotangents
    lists: dict[Value, Loop] = field(default_factory=dict)  # which loop collects a list
    sums: dict[Value, tuple[Loop, Value]] = field(default_factory=dict)  # which loop sums a cotangent, and where
    begun: set[Value] = field(default_factory=set)  # the parameters in which it does
    flags: dict[Value, Value] = field(default_factory=dict)  # and what says whether a trip has added anything to them
    meaning: dict[Value, Mask] = field(default_factory=dict)  # of masks that were built, and products that are masked

    def maker(self, operand: Operand) -> Call | None:
        """The call of the reverse sweep that made a value."""
        return self.applier.ctx.calls.get(operand) if isinstance(operand, Value) else None

    def mask(self, bar: Operand, depth: int = MAX_DEPTH) -> Mask | None:
        """Where a cotangent may be other than zero; None where nothing is known."""
        if not isinstance(bar, Value):
            return Nowhere() if is_number(bar, 0) or is_complex_zero(bar) else None
        if depth == 0:
            return None
        if bar in self.meaning:
            return self.meaning[bar]
        if bar in self.begun:
            return Before(bar)
        if bar in self.sums:
            return self.of_sum(*self.sums[bar], depth - 1)
        if bar in self.branches:
            return self.of_branch(*self.branches[bar], depth - 1)
        if bar in self.walks:
            walk = self.walks[bar]
            return self.of_items(walk, walk.items, 0, depth - 1)
        made = self.maker(bar)
        return self.of_call(made, depth - 1) if made is not None else None

    def of_items(self, walk: Walk, items: Operand, flips: int, depth: int) -> Mask | None:
        """The mask of the items of a list, where loops of this sweep have collected it."""
        if isinstance(items, Value) and items in self.lists:
            loop = self.lists[items]
            inner = self.mask(loop.body.yields[loop.outs.index(items)], depth)
            return inner if inner is None or isinstance(inner, Nowhere) else PerTrip(walk, loop, flips, inner)
        made = self.maker(items)
        if made is None or made.fn not in (runtime.reversed_list, runtime.add_bars):
            return None
        flips += made.fn is runtime.reversed_list
        masks = [self.of_items(walk, arg, flips, depth) for arg in made.args]
        return either(*masks) if len(masks) == 2 else masks[0]

    def of_branch(self, op: If, k: int, depth: int) -> Mask | None:
        """The mask of what the arms of an `If` yield."""
        first, second = (self.mask(arm.yields[k], depth) or Everywhere() for arm in op.blocks)
        if type(first) is type(second) and isinstance(first, (Nowhere, Everywhere)):
            return first if isinstance(first, Nowhere) else None
        if first == second:
            return first
        if isinstance(operand_type(op.cond), Num) and {type(first), type(second)} == {Nowhere, Everywhere}:
            return On(op.cond, isinstance(first, Everywhere))
        arms = PerArm(op, (first, second))
        return arms if is_flag(arms) or not (isinstance(first, Everywhere) or isinstance(second, Everywhere)) else None

    def of_sum(self, loop: Loop, param: Value, depth: int) -> Mask | None:
        """The mask of a sum over trips, where they do not all add to it."""
        k = loop.carried.index(param)
        inner, start = self.mask(loop.carried_yields[k], depth), self.mask(loop.inits[k], depth)
        if inner is None or start is None or inner == Before(param):
            return start if inner is not None else None
        return PerLoop(loop, param, inner, start) if is_flag(inner) and is_at_hand(start) else None

    def of_call(self, made: Call, depth: int) -> Mask | None:
        """The mask of what a call made."""
        fn = made.fn
        if is_where(made):
            return self.of_where(made, depth)
        if fn in ZEROS:
            return Nowhere()
        if fn is runtime.add_item:
            if reaches_all(made.args[1]):
                return None
            base = self.mask(made.args[0], depth)
            again = isinstance(base, Scattered) and same_items(base.call, made)
            return Scattered(made) if again or isinstance(base, Nowhere) else None
        if fn in SUMS:
            return either(self.mask(made.args[0], depth), self.mask(made.args[1], depth))
        if fn in PRODUCTS:
            first, second = (self.mask(arg, depth) for arg in made.args)
            return second if first is None else both(first, second)
        plain_sum = fn is np.sum and len(made.args) == 1 and not made.kwargs
        if fn not in SAME_PLACE and fn not in MOVING and not plain_sum:
            return None
        inner = self.mask(made.args[0], depth)
        return inner if inner is None or fn in SAME_PLACE or is_flag(inner) else Moved(made, inner)

    def of_where(self, made: Call, depth: int) -> Mask | None:
        """The mask of ``np.where(condition, x, y)``."""
        condition, x, y = made.args
        first, second = self.mask(x, depth), self.mask(y, depth)
        if isinstance(second, Nowhere):
            return both(self.condition(condition), first)
        if isinstance(first, Nowhere):
            return both(self.condition(condition, on=False), second)
        return either(first, second)

    def condition(self, mask: Operand, on: bool = True) -> Mask:
        """A mask that the program has, or one that was built."""
        known = self.meaning.get(mask) if isinstance(mask, Value) and on else None
        return known if known is not None else On(mask, on)

    def enter(self, op: If) -> None:
        """Take note of a branch of the reverse sweep."""
        self.branches.update((out, (op, k)) for k, out in enumerate(op.outs))


def reaches_all(index: Operand) -> bool:
    """Is it an index of new axes and whole slices, which leaves nothing out?"""
    parts = index if isinstance(index, tuple) else (index,)
    return all(part is None or part is Ellipsis or _is_whole(part) for part in parts)


def _is_whole(part: Operand) -> bool:
    return isinstance(part, slice) and part.start is part.stop is part.step is None


def same_items(a: Call, b: Call) -> bool:
    """Do two calls scatter to the same items, by constants of an index?"""
    first, second = ((call.args[1], *call.args[3:]) for call in (a, b))
    plain = all(isinstance(index[0], (int, slice)) and len(index) == 1 for index in (first, second))
    return plain and next(values_in([first, second]), None) is None and first == second


def is_where(call: Call) -> bool:
    """Is it ``np.where`` with three arguments?"""
    return call.fn is np.where and len(call.args) == 3 and not call.kwargs
