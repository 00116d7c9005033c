"""Items of run-time lists that a name, a container or an expression holds while the list changes.

A name for such an item is a path into the list, so that a write through either is seen by both. Before the place of
an item changes, what is reached by a path is read: from then on it is memory of its own that may be the item's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.promotion import draw
from srcgrad.frontend.values import Abstract, Ref, map_box, map_references
from srcgrad.ir.core import Operand, Value
from srcgrad.ir.types import ListOf

Place: TypeAlias = tuple[Operand, ...]  # the indices that lead to an item


def depth_of(ctx: Context, item: Ref) -> int:
    """How many steps of a path lead through lists."""
    current = ctx.state.memory.get(item.storage)
    kind, depth = operand_type(current) if isinstance(current, Value) else None, 0
    while isinstance(kind, ListOf) and depth < len(item.steps):
        kind, depth = kind.item, depth + 1
    return depth


def place_of(ctx: Context, item: Ref) -> Place:
    """The indices that lead to an item."""
    return tuple(args[0] for _, args in item.steps[: depth_of(ctx, item)])


def may_meet(one: Place, other: Place) -> bool:
    """May one place be the other, or be inside it?"""
    return all(may_equal(x, y) for x, y in zip(one, other, strict=False))


def may_equal(x: Operand, y: Operand) -> bool:
    """May two indices be equal? Of known ones only those from the same end are compared."""
    if isinstance(x, Value) or isinstance(y, Value) or not isinstance(x, int) or not isinstance(y, int):
        return True
    return x == y or (x < 0) is not (y < 0)


def detach(ctx: Context, xs: Ref, key: Place = ()) -> dict[Place, Ref]:
    """Read what is reached by a path into item `key` of a list; without a key, into any item. Gives what was read."""
    changed = (*place_of(ctx, xs), *key)
    made: dict[Place, Ref] = {}

    def kept(ref: Ref) -> Abstract:
        if ref.storage is not xs.storage or not ref.steps:
            return ref
        place = place_of(ctx, ref)
        if len(place) < len(changed) + (not key) or not may_meet(place, changed):
            return ref
        if place not in made:
            made[place] = ctx.new_array(ctx.contents(ref.storage, ref.steps[: len(place)]), ref.storage.hint)
            draw(ctx, xs.storage, made[place])
        return Ref(made[place].storage, ref.steps[len(place) :])

    rewrite(ctx, kept)
    return made


def rewrite(ctx: Context, kept: Callable[[Ref], Abstract]) -> None:
    """Replace references to memory in all that names and containers lead to."""
    state = ctx.state
    for key, thing in list(state.variables.items()):
        state.variables[key] = map_references(kept, thing)
    for number, content in list(state.boxes.items()):
        if isinstance(content, (tuple, dict)):
            state.boxes[number] = map_box(kept, content)


class Aside:
    """What an expression has evaluated already, while the rest of it is evaluated and may change lists."""

    def __init__(self, ctx: Context, *things: Abstract) -> None:
        self.ctx = ctx
        self.held: list[Any] = []
        for thing in things:
            self.add(thing)

    def add(self, thing: Abstract) -> None:
        """Hold a thing; among the variables where it leads into a list."""
        if not leads_into_list(self.ctx, thing):
            self.held.append(thing)
            return
        self.ctx.counter += 1
        key = (self.ctx.frame.number, f"<aside {self.ctx.counter}>")
        self.ctx.state.variables[key] = thing
        self.held.append(key)

    def take(self) -> list[Any]:
        """What the things are now."""
        return [self.next() for _ in list(self.held)]

    def next(self) -> Any:
        """What the first of them is now; it is held no longer."""
        first = self.held.pop(0)
        return self.ctx.state.variables.pop(first) if isinstance(first, tuple) else first


def leads_into_list(ctx: Context, thing: Abstract) -> bool:
    """Is there a path into a run-time list in it?"""
    found: list[Ref] = []

    def look(ref: Ref) -> Ref:
        if ref.steps and depth_of(ctx, ref):
            found.append(ref)
        return ref

    map_references(look, thing)
    return bool(found)
