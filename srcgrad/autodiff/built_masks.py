"""Masks made as values: for that, a branch or a loop gets one more result."""

from __future__ import annotations

import operator

import numpy as np

from srcgrad import runtime
from srcgrad.autodiff.known_masks import KnownMasks
from srcgrad.autodiff.mask_kinds import (
    Before,
    Both,
    Either,
    Everywhere,
    Mask,
    Moved,
    Nowhere,
    On,
    PerArm,
    PerLoop,
    PerTrip,
    Scattered,
    is_flag,
)
from srcgrad.frontend.context import operand_type
from srcgrad.ir.core import Block, Call, If, Operand, Value
from srcgrad.ir.types import ANY, Arr, ListOf, Num, Type


class BuiltMasks(KnownMasks):
    """Makes masks as values."""

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


def joint_type(types: list[Type]) -> Type:
    """The type of a mask that is one of two."""
    numbers = all(isinstance(type_, Num) for type_ in types)
    return Num("bool") if numbers else types[0] if types[0] == types[1] else ANY
