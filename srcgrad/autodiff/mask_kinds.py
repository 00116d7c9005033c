"""The kinds of masks that a cotangent can have, and when one of them implies another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from srcgrad import runtime
from srcgrad.frontend.context import operand_type
from srcgrad.ir.core import Block, Call, If, Items, Loop, Operand, Value
from srcgrad.ir.types import Num


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
