"""Where paths meet: lists, dicts and objects, whose contents or lengths may differ."""

from __future__ import annotations

import abc
from typing import Any

from srcgrad.frontend.activations import NeedUnroll
from srcgrad.frontend.context import unattempted
from srcgrad.frontend.likeness import class_of_box, keys_differ, lengths_differ
from srcgrad.frontend.meeting import Meeting, Side
from srcgrad.frontend.promotion import may_be_table, promote, storable, tabled
from srcgrad.frontend.values import Abstract, Box, Poison, Ref, Table


class Containers(Meeting):
    """Merges containers; what they hold is merged by `thing`."""

    @abc.abstractmethod
    def thing(self, first: Abstract, second: Abstract, name: str) -> Abstract:
        """The merged kind of one variable or item."""

    def boxes(self) -> None:
        """Containers that exist on both sides."""
        while self.grow():  # what a run-time list holds becomes one, too
            pass
        for number, first in self.a.state.boxes.items():
            second = self.b.state.boxes.get(number)
            if second is not None:
                self.state.boxes[number] = self.content(first, second, number)

    def content(self, first: Any, second: Any, number: int) -> Any:
        """The contents of one container on two paths."""
        if first is second:
            return first
        if isinstance(first, Table) or isinstance(second, Table):
            return self.table(first, second)
        if isinstance(first, Ref) or isinstance(second, Ref) or lengths_differ(first, second):
            return self.grown(first, second, number)
        if isinstance(first, tuple) and isinstance(second, tuple) and len(first) == len(second):
            return tuple(self.thing(x, y, "") for x, y in zip(first, second, strict=True))
        if isinstance(first, dict) and isinstance(second, dict) and list(first) == list(second):
            return {key: self.thing(first[key], second[key], str(key)) for key in first}
        return Poison(self.complaint("a container has different structure on two paths"))

    def table(self, first: Any, second: Any) -> Any:
        """The contents of a dict whose keys only the running program knows."""
        if not isinstance(first, Table) or not isinstance(second, Table):
            return Poison(self.complaint("a container has different structure on two paths"))
        doubt = self.poison_of(first.keys, second.keys)
        keys: Any = self.reference(first.keys, second.keys, "keys") if doubt is None else None
        values: Any = None
        if first.values is not None and second.values is not None:
            doubt = doubt or self.poison_of(first.values, second.values)
            values = self.reference(first.values, second.values, "values") if doubt is None else None
        return doubt or Table(keys, values)

    def tabulate(self, numbers: tuple[int, int], first: Any, second: Any) -> bool:
        """Make a table of a dict that is one on the other side; was that so?"""
        sides = [(first, self.a, numbers[0]), (second, self.b, numbers[1])]
        tables = [content for content, _, _ in sides if isinstance(content, Table)]
        others = [side for side in sides if not isinstance(side[0], Table)]
        if len(tables) != 1 or not isinstance(others[0][0], dict):
            return False
        content, side, number = others[0]
        with self.ctx.region(side.block, side.state), unattempted(self.ctx):
            if not may_be_table(self.ctx, content):
                return False
            side.state.boxes[number] = tabled(self.ctx, "dict" if tables[0].values is not None else "set", content)
        return True

    def tabulate_both(self, numbers: tuple[int, int]) -> None:
        """Make tables of two dicts of different keys."""
        if self.may_unroll:
            raise NeedUnroll
        for number, side in zip(numbers, (self.a, self.b), strict=True):
            with self.ctx.region(side.block, side.state), unattempted(self.ctx):
                content = side.state.boxes[number]
                if may_be_table(self.ctx, content):
                    side.state.boxes[number] = tabled(self.ctx, "dict", content)

    def grown(self, first: Any, second: Any, number: int) -> Any:
        """A list that differs in length on two paths is one whose length is known only at run time."""
        if not isinstance(first, Ref) or not isinstance(second, Ref):
            if self.may_unroll:
                raise NeedUnroll
            return Poison(self.complaint("a container has different structure on two paths"))
        return self.poison_of(first, second) or self.reference(first, second, second.storage.hint)

    def grow(self) -> bool:
        """Turn lists that differ in length into run-time lists on both sides; were there any?"""
        changed = False
        for number, first in list(self.a.state.boxes.items()):
            second = self.b.state.boxes.get(number)
            if self.tabulate((number, number), first, second):
                changed = True
                continue
            grown = isinstance(first, Ref) or isinstance(second, Ref) or lengths_differ(first, second)
            if second is None or not grown:
                continue
            box, sides = Box("list", number), [(first, self.a), (second, self.b)]
            sides = [(content, side) for content, side in sides if not isinstance(content, Ref)]
            if sides and all(isinstance(c, tuple) and self.may_grow(box, side) for c, side in sides):
                for _, side in sides:
                    with self.ctx.region(side.block, side.state), unattempted(self.ctx):
                        promote(self.ctx, box)
                changed = True
        return changed

    def may_grow(self, box: Box, side: Side) -> bool:
        """May the list become a run-time list on this side?"""
        with self.ctx.region(side.block, side.state), unattempted(self.ctx):
            return storable(self.ctx, box, records=not self.may_unroll)

    def lists(self, first: Abstract, second: Abstract) -> tuple[Abstract, Abstract]:
        """Two lists, as run-time lists where they differ in length or one is a run-time list already."""
        pairs = [(first, self.a), (second, self.b)]
        boxes = [(thing, side) for thing, side in pairs if isinstance(thing, Box) and thing.kind == "list"]
        if not boxes or not all(isinstance(thing, (Box, Ref)) for thing, _ in pairs):
            return first, second
        contents = [side.state.boxes.get(thing.number) for thing, side in boxes]
        if len(boxes) == 2 and not lengths_differ(*contents):
            return first, second
        if not all(self.may_grow(thing, side) for thing, side in boxes):
            return first, second
        for thing, side in boxes:
            with self.ctx.region(side.block, side.state), unattempted(self.ctx):
                promote(self.ctx, thing)
        return promoted(first, self.a), promoted(second, self.b)

    def box(self, first: Box, second: Box) -> Abstract:
        """Two containers of one structure: a new one, which may be either."""
        pair = (first.number, second.number)
        if pair not in self.merged_boxes:
            contents = self.a.state.boxes.get(pair[0]), self.b.state.boxes.get(pair[1])
            self.tabulate(pair, *contents)
            if first.kind == "dict" and keys_differ(*contents):
                self.tabulate_both(pair)
            content = self.content(self.a.state.boxes.get(pair[0]), self.b.state.boxes.get(pair[1]), pair[0])
            if isinstance(content, Poison) or content is None:
                return content or Poison(self.complaint("a container has different structure on two paths"))
            made = Box(first.kind, cls=class_of_box(first), protected=first.protected or second.protected)
            if self.ctx.borrowed.intersection(pair):
                self.ctx.borrowed.add(made.number)
            factory = self.ctx.factories.get(pair[0])
            if factory is not None and factory is self.ctx.factories.get(pair[1]):
                self.ctx.factories[made.number] = factory
            if pair[0] in self.ctx.limits and self.ctx.limits[pair[0]] == self.ctx.limits.get(pair[1]):
                self.ctx.limits[made.number] = self.ctx.limits[pair[0]]
            self.state.boxes[made.number] = content
            self.merged_boxes[pair] = made
            same = self.ctx.same_boxes
            for number in pair:
                for other in {number, *same.get(number, ())} - {made.number}:
                    same.setdefault(made.number, set()).add(other)
                    same.setdefault(other, set()).add(made.number)
        return self.merged_boxes[pair]


def promoted(thing: Abstract, side: Side) -> Abstract:
    """The run-time list that a container has become on this side, or the thing itself."""
    content = side.state.boxes.get(thing.number) if isinstance(thing, Box) else None
    return content if isinstance(content, Ref) else thing
