"""Cotangents that are zero off a mask, and products with them that stay zero there whatever the factor is.

Zero times infinity is not zero: the adjoint of ``np.where(x > 0, np.sqrt(x), 0)`` is a masked cotangent times a partial
that is infinite off the mask. So the product is taken inside the mask. A mask is known from the call that made a
cotangent, and it outlives sums, signs, casts, changes of shape, reads of items, and the end of an `If`. A cotangent to
which an arm of an `If`, or no trip of a loop, has given anything is masked as a whole, by a number: a flag.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.signs import is_bounded_above, is_positive
from srcgrad.autodiff.apply import Applier
from srcgrad.frontend.context import operand_type
from srcgrad.ir.core import Block, Call, If, Items, Loop, Op, Operand, Value, operands_of, values_in
from srcgrad.ir.types import ANY, Arr, ListOf, Num, Type, join

ZEROS = {np.zeros, np.zeros_like, runtime.zeros_of}
SAME_PLACE = {operator.neg, operator.pos, np.negative, np.real, np.imag, np.conj, np.conjugate, np.copy,
              np.broadcast_to, runtime.as_type, operator.truediv, np.divide}  # fmt: skip
PRODUCTS = {operator.mul, np.multiply}
MOVING = {np.reshape, np.ravel, np.transpose, np.swapaxes, np.moveaxis, np.expand_dims, np.squeeze, np.flip, np.roll,
          np.ascontiguousarray, runtime.flatten, operator.getitem, runtime.get_item, runtime.sum_to}  # fmt: skip
QUOTIENTS = {operator.truediv, np.divide}
POWERS = {operator.pow, np.power}
SUMS = {operator.add, operator.sub, np.add, np.subtract}
FINITE = {operator.add, operator.sub, operator.neg, operator.mul, operator.getitem, np.add, np.subtract, np.multiply,
          np.negative, np.sign, np.sin, np.cos, np.tanh, np.where, np.reshape, np.transpose, np.broadcast_to, np.abs,
          np.minimum, np.maximum, np.clip, np.sum, np.max, np.min, np.mean, np.ones_like, np.zeros_like, np.real,
          np.imag, np.conj, np.expand_dims, np.squeeze, np.cumsum, np.matmul, operator.matmul, np.dot,
          runtime.as_type}  # fmt: skip
MAX_DEPTH = 12  # of the calls that are looked through


def is_number(operand: Operand, number: int) -> bool:
    """Is it this number, known while compiling?"""
    return isinstance(operand, (int, float)) and not isinstance(operand, bool) and operand == number


def is_complex_zero(operand: Operand) -> bool:
    """Is it ``0j``, which makes a real cotangent complex?"""
    return isinstance(operand, complex) and operand == 0


@dataclass(frozen=True)
class Nowhere:
    """The mask of a cotangent that is zero everywhere."""


@dataclass(frozen=True)
class On:
    """A mask that the program has, or the opposite of one."""

    mask: Operand
    on: bool = True


@dataclass(frozen=True)
class Both:
    """Where two masks are on."""

    first: Mask
    second: Mask


@dataclass(frozen=True)
class Either:
    """Where one of two masks is on."""

    first: Mask
    second: Mask


@dataclass(frozen=True)
class Moved:
    """A mask that goes through the same change of shape as the cotangent did."""

    call: Call
    inner: Mask


@dataclass(frozen=True)
class Scattered:
    """The items that a cotangent was scattered to."""

    call: Call


@dataclass(frozen=True)
class PerArm:
    """The masks of what the arms of an `If` yield."""

    op: If
    arms: tuple[Mask, Mask]


@dataclass(frozen=True)
class PerTrip:
    """The masks of the items of a list that a loop of the reverse sweep collected, met by another loop of it."""

    walk: Walk
    loop: Loop
    flips: int  # how often the list was turned round in between
    inner: Mask


@dataclass(frozen=True)
class Everywhere:
    """The mask of what an arm has given something to, beside an arm that has not."""


@dataclass(frozen=True)
class Before:
    """The mask that a sum over trips has before a trip, by the parameter that takes the sum."""

    param: Value


@dataclass(frozen=True)
class PerLoop:
    """The mask of a sum over the trips of a loop of the reverse sweep."""

    loop: Loop
    param: Value
    inner: Mask  # after a trip
    start: Mask


@dataclass(eq=False)
class Walk:
    """A loop's walk over a list of cotangents, and the lists of masks it is to walk over with it."""

    items: Operand
    masks: list[tuple[Value, int, Value]] = field(default_factory=list)  # list, turned round how often, item
    loop: Loop | None = None  # once it is made
    block: Block | None = None  # where it stands

    def meet(self, masks: Value, flips: int, item: Value) -> None:
        """Walk over a list of masks, turned round as often as given, too."""
        if self.loop is None or self.block is None:
            self.masks.append((masks, flips, item))
            return
        given = masks
        if flips % 2:
            given = Value(masks.type, masks.hint)
            place = self.block.ops.index(self.loop)
            self.block.ops.insert(place, Call(runtime.reversed_list, (masks,), {}, given))
        self.loop.body.params.insert(len(self.loop.sources), item)
        self.loop.sources.append(Items(given))


Mask: TypeAlias = Nowhere | On | Both | Either | Moved | Scattered | PerArm | PerTrip | Everywhere | Before | PerLoop


def is_flag(mask: Mask) -> bool:
    """Is the mask one number: is all of the cotangent zero, or none of it?"""
    match mask:
        case On(value):
            return isinstance(operand_type(value), Num)
        case Both(first, second) | Either(first, second) | PerArm(_, (first, second)):
            return is_flag(first) and is_flag(second)
        case PerTrip(inner=inner):
            return is_flag(inner)
        case Moved() | Scattered():
            return False
    return True


def is_at_hand(mask: Mask) -> bool:
    """Is the flag a value that is there already, or a result of what is?"""
    return is_flag(mask) and not isinstance(mask, (Both, Either, Everywhere)) and (not isinstance(mask, On) or mask.on)


def either(first: Mask | None, second: Mask | None) -> Mask | None:
    """The mask of a sum; None where it is no mask at all."""
    if first is None or second is None:
        return None
    match first, second:
        case (Nowhere(), other) | (other, Nowhere()):
            return other
        case (Everywhere(), _) | (_, Everywhere()):
            return Everywhere()
        case On(x, a), On(y, b) if x is y:
            return first if a == b else None
    if implies(first, second):
        return second
    return first if implies(second, first) else Either(first, second)


def implies(first: Mask | None, second: Mask) -> bool:
    """Is the second mask on wherever the first is?"""
    if first == second or isinstance(first, Nowhere):
        return True
    if isinstance(second, Either) and (implies(first, second.first) or implies(first, second.second)):
        return True
    return isinstance(first, Both) and (implies(first.first, second) or implies(first.second, second))


def both(first: Mask, second: Mask | None) -> Mask:
    """The mask of what is masked twice."""
    if second is None or implies(first, second):
        return first
    return second if implies(second, first) else Both(first, second)


@dataclass
class Masks:
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

    def enter(self, op: If) -> None:
        """Take note of a branch of the reverse sweep."""
        self.branches.update((out, (op, k)) for k, out in enumerate(op.outs))

    # --- products -----------------------------------------------------------------------------------------------

    def times(self, bar: Operand, factor: Operand, given: Mask | None = None) -> Operand:
        """``bar * factor``, zero where `bar` is masked; without the factors 1 and -1. `given` is masked outside."""
        if is_number(factor, 1):
            return bar
        if is_number(factor, -1):
            return self.applier.emit(operator.neg, bar) if isinstance(bar, Value) else -bar
        if not isinstance(bar, Value) and not isinstance(factor, Value):
            return bar * factor
        if is_number(bar, 1) and isinstance(factor, Value):
            return factor
        made = self.maker(bar)
        pushed = self.inside(made, factor, given) if made is not None else None
        return pushed if pushed is not None else self.masked_product(bar, factor, given)

    def inside(self, made: Call, factor: Operand, given: Mask | None) -> Value | None:
        """The product taken inside the call that made the cotangent, where that call is a mask or keeps one."""
        if is_where(made) and any(is_number(part, 0) for part in made.args[1:]):
            given = both(self.condition(made.args[0], on=not is_number(made.args[1], 0)), given)
            parts = [part if is_number(part, 0) else self.times(part, factor, given) for part in made.args[1:]]
            return self.applier.emit(np.where, made.args[0], *parts)
        if made.fn is runtime.add_item and self.is_scattered(made, factor):
            index, value, *steps = made.args[1:]
            read = (operator.getitem, index) if not steps else (runtime.get_item, index, *steps)
            picked = self.applier.emit(read[0], factor, *read[1:])
            base = self.times(made.args[0], factor) if self.mask(made.args[0]) != Nowhere() else made.args[0]
            return self.applier.emit(runtime.add_item, base, index, self.times(value, picked), *steps)
        if made.fn not in (runtime.sum_to, np.sum, operator.neg) or made.kwargs or not isinstance(made.args[0], Value):
            return None
        mask = self.mask(made.args[0])
        if (made.fn is np.sum and len(made.args) > 1) or mask is None or is_flag(mask):
            return None
        return self.applier.emit(made.fn, self.times(made.args[0], factor), *made.args[1:])

    def is_scattered(self, made: Call, factor: Operand) -> bool:
        """Are the items of a cotangent all that is not zero, and has the factor one item for each?"""
        return isinstance(self.mask(made.out), Scattered) and same_shape(operand_type(factor), made.out.type)

    def masked_product(self, bar: Operand, factor: Operand, given: Mask | None) -> Value:
        """The product, masked once more where the factor may be infinite off a mask."""
        mask = self.mask(bar) if self.may_be_infinite(factor) else None
        if mask is None or isinstance(mask, (Nowhere, Everywhere)) or (given is not None and implies(given, mask)):
            return self.applier.emit(operator.mul, bar, factor)
        if is_flag(mask) and not self.is_singular(factor):
            return self.applier.emit(operator.mul, bar, factor)
        on = self.build(mask, bar)
        if is_flag(mask) and isinstance(bar, Value):
            self.meaning[out := self.guarded_product(on, bar, factor)] = mask
            return out
        product = self.applier.emit(operator.mul, bar, factor)
        if isinstance(on, Value):
            self.meaning[on] = mask
        return self.applier.emit(np.where, on, product, 0, type_=product.type)

    def guarded_product(self, on: Operand, bar: Value, factor: Operand) -> Value:
        """The product where a flag is on; where it is not, the cotangent itself, which is zero then."""
        then = Block([], self.taken_with(factor, bar))
        with self.applier.within(then):
            product = self.applier.emit(operator.mul, bar, factor)
        then.yields = [product]
        numbers = isinstance(bar.type, Num) and isinstance(product.type, Num)
        if not numbers and bar.type != product.type:
            self.applier.ctx.block.ops += then.ops
            return self.applier.emit(np.where, on, product, 0, type_=product.type)
        out = Value(join(bar.type, product.type), "")
        self.applier.ctx.append(If(on, then, Block([], [], [bar]), [out]))
        return out

    def taken_with(self, factor: Operand, bar: Value) -> list[Op]:
        """The calls at the end of the block that are there for the factor alone; they are taken out of it."""
        ops, wanted, moved = self.applier.ctx.block.ops, set(values_in(factor)), list[Op]()
        while ops and isinstance(ops[-1], Call) and ops[-1].out in wanted and ops[-1].out is not bar:
            moved.insert(0, ops.pop())
            wanted.update(values_in(operands_of(moved[0])))
        return moved

    def may_be_infinite(self, factor: Operand, depth: int = MAX_DEPTH) -> bool:
        """May the factor not be finite where the operands of the program are?"""
        if not isinstance(factor, Value):
            return False
        made = self.maker(factor) or self.primal.get(factor)
        if made is None:
            return False
        if not isinstance(made, Call) or depth == 0:
            return True
        if made.fn in (np.exp, np.exp2) and is_bounded_above(made.args[0], self.any_maker):
            return False
        if made.fn in QUOTIENTS and self.is_never_zero(made.args[1]):
            return self.may_be_infinite(made.args[0], depth - 1)
        if made.fn in POWERS and isinstance(made.args[1], (int, float)) and made.args[1] >= 0:
            return self.may_be_infinite(made.args[0], depth - 1)
        return made.fn not in FINITE or any(self.may_be_infinite(arg, depth - 1) for arg in made.args)

    def is_singular(self, factor: Operand, depth: int = MAX_DEPTH) -> bool:
        """May a partial be infinite where all values of the program are finite?"""
        made = self.maker(factor)
        if made is None or not self.may_be_infinite(factor):
            return False
        return depth == 0 or made.fn not in FINITE or any(self.is_singular(arg, depth - 1) for arg in made.args)

    def is_never_zero(self, operand: Operand) -> bool:
        """Is it positive, or has a number been put where it is zero?"""
        made = self.any_maker(operand) if isinstance(operand, Value) else None
        if made is None or not is_where(made) or not isinstance(made.args[1], (int, float)) or not made.args[1]:
            return is_positive(operand, self.any_maker)
        test = self.any_maker(made.args[0]) if isinstance(made.args[0], Value) else None
        is_test = test is not None and test.fn in (operator.eq, np.equal)
        return is_test and test is not None and test.args[0] is made.args[2] and is_number(test.args[1], 0)

    def any_maker(self, value: Value) -> Call | None:
        """The call of either sweep that made a value."""
        made = self.maker(value) or self.primal.get(value)
        return made if isinstance(made, Call) else None

    # --- sums and other linear changes --------------------------------------------------------------------------

    def sum(self, before: Operand, bar: Operand, add: Callable[[Operand, Operand], Operand]) -> Value | None:
        """The sum of two cotangents with the same mask, masked again: so it stays known to be masked."""
        first, second = self.maker(before), self.maker(bar)
        if first is None or second is None or not is_where(first) or not is_where(second):
            return None
        zeros = [[is_number(part, 0) for part in call.args[1:]] for call in (first, second)]
        if first.args[0] is not second.args[0] or zeros[0] != zeros[1] or not any(zeros[0]):
            return None
        pairs = zip(first.args[1:], second.args[1:], zeros[0], strict=True)
        parts = [x if is_zero else add(x, y) for x, y, is_zero in pairs]
        return self.applier.emit(np.where, first.args[0], *parts)

    def under(self, bar: Operand, change: Callable[[Value], Operand]) -> Operand:
        """A linear change of a cotangent, inside its mask if it has one."""
        made = self.maker(bar)
        if made is None or not is_where(made) or not any(is_number(part, 0) for part in made.args[1:]):
            return change(bar) if isinstance(bar, Value) else np.real(bar).item()
        parts = [change(part) if isinstance(part, Value) else part for part in made.args[1:]]
        return self.applier.emit(np.where, made.args[0], *parts)

    # --- what is known ------------------------------------------------------------------------------------------

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

    # --- made as values -----------------------------------------------------------------------------------------

    def build(self, mask: Mask, bar: Operand) -> Operand:
        """The mask of a cotangent as a value."""
        match mask:
            case Nowhere():
                return False
            case Everywhere():
                return True
            case Before(param):
                return self.flags[param]
            case On(value, on):
                negated = operator.not_ if is_flag(mask) else np.logical_not
                return value if on else self.applier.emit(negated, value)
            case Both(first, second) if is_flag(mask):
                return self.choice(first, second, Nowhere())
            case Either(first, second) if is_flag(mask):
                return self.choice(first, Everywhere(), second)
            case Both(first, second):
                return self.applier.emit(np.logical_and, self.build(first, bar), self.build(second, bar))
            case Either(first, second):
                return self.applier.emit(np.logical_or, self.build(first, bar), self.build(second, bar))
            case Moved(call, inner):
                return self.moved(call, inner)
            case Scattered(call):
                nothing = self.applier.emit(np.zeros_like, call.out, bool)
                return self.applier.emit(runtime.set_item, nothing, call.args[1], True, *call.args[3:])
            case PerArm(op, arms):
                return self.per_arm(op, arms, bar)
            case PerTrip():
                return self.per_trip(mask)
            case PerLoop():
                return self.per_loop(mask)

    def choice(self, first: Mask, then: Mask, orelse: Mask) -> Operand:
        """One flag or another, by a third."""
        on = self.build(first, None)
        op = If(on, Block(), Block(), [out := Value(Num("bool"), "on")])
        for mask, block in zip((then, orelse), op.blocks, strict=True):
            with self.applier.within(block):
                block.yields = [self.build(mask, None)]
        self.applier.ctx.append(op)
        return out

    def per_loop(self, mask: PerLoop) -> Value:
        """The flag of a sum, as one more value that the loop carries."""
        loop, body, place = mask.loop, mask.loop.body, 1 + len(mask.loop.inits)
        if mask.param not in self.flags:
            self.flags[mask.param] = flag = Value(Num("bool"), "on")
            start = self.build(mask.start, None)
            with self.applier.within(body):
                on = self.build(mask.inner, None)
            loop.inits.append(start)
            body.params.append(flag)
            body.yields.insert(place, on)
            loop.outs.insert(place, Value(Num("bool"), "on"))
        return loop.carried_outs[loop.carried.index(self.flags[mask.param])]

    def moved(self, call: Call, inner: Mask) -> Value:
        """The mask of a call's operand, spread over it, through the call."""
        source = call.args[0]
        mask = self.build(inner, source)
        have, want = operand_type(mask), operand_type(source)
        if (
            not isinstance(have, Arr)
            or not isinstance(want, Arr)
            or have.dims != want.dims
            or None in (have.dims or ())
        ):
            mask = self.applier.emit(np.broadcast_to, mask, self.applier.emit(np.shape, source))
        return self.applier.ctx.emit_call(call.fn, (mask, *call.args[1:]), call.kwargs)

    def per_arm(self, op: If, arms: tuple[Mask, Mask], bar: Operand) -> Value:
        """The mask that each arm has, as one more result of the `If`."""
        built: list[Operand] = []
        for mask, block in zip(arms, op.blocks, strict=True):
            with self.applier.within(block):
                built.append(self.build(mask, bar))
                block.yields.append(built[-1])
        out = Value(joint_type([operand_type(item) for item in built]), "on")
        op.outs.append(out)
        return out

    def per_trip(self, mask: PerTrip) -> Value:
        """The mask that each trip had, as one more list to collect and to walk over."""
        body = mask.loop.body
        with self.applier.within(body):
            on = self.build(mask.inner, None)
        body.yields.append(on)
        collected = Value(ListOf(operand_type(on)), "ons")
        mask.loop.outs.append(collected)
        item = Value(operand_type(on), "on")
        mask.walk.meet(collected, mask.flips, item)
        return item


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


def same_shape(a: Type, b: Type) -> bool:
    """Are both arrays of one shape, for sure?"""
    return isinstance(a, Arr) and isinstance(b, Arr) and a.dims == b.dims and None not in (a.dims or (None,))


def joint_type(types: list[Type]) -> Type:
    """The type of a mask that is one of two."""
    numbers = all(isinstance(type_, Num) for type_ in types)
    return Num("bool") if numbers else types[0] if types[0] == types[1] else ANY


def is_where(call: Call) -> bool:
    """Is it ``np.where`` with three arguments?"""
    return call.fn is np.where and len(call.args) == 3 and not call.kwargs


def note_ops(primal: dict[Value, Op], ops: list[Op]) -> None:
    """Enter what each op made."""
    for op in ops:
        primal.update((out, op) for out in op.outs)
