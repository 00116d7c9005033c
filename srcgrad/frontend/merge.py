"""Where paths meet: two states become one, and what differs becomes an output of the `If`, or a carried value."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from srcgrad.frontend.constants import same_constant
from srcgrad.frontend.context import unattempted
from srcgrad.frontend.likeness import GONE, class_of_box, is_error, is_option, is_plain, options_of, same_option
from srcgrad.frontend.meeting import Side
from srcgrad.frontend.merge_containers import Containers, promoted
from srcgrad.frontend.values import (
    UNDEFINED,
    Abstract,
    Bound,
    Box,
    Chosen,
    Closure,
    Const,
    Iteration,
    Key,
    Maybe,
    Method,
    Poison,
    RangeOf,
    Ref,
    State,
    Sym,
    TupleOf,
    map_parts,
)
from srcgrad.ir.core import Operand, Value
from srcgrad.ir.types import PY_INT


class Merger(Containers):
    """Merges two sides."""

    def merge(self, names: Callable[[Key], bool]) -> State:
        """The merged state; `names` says which variables still matter."""
        variables_a, variables_b = self.a.state.variables, self.b.state.variables
        running = {frame.number for frame in self.ctx.frames}
        for key in dict.fromkeys((*variables_a, *variables_b)):
            over = key[0] not in running and not (key in variables_a and key in variables_b)
            if names(key) and not over:
                first, second = variables_a.get(key, UNDEFINED), variables_b.get(key, UNDEFINED)
                self.state.variables[key] = self.thing(first, second, key[1])
        self.memory()
        self.boxes()
        self.sharing()
        return self.state

    def thing(self, first: Abstract, second: Abstract, name: str) -> Abstract:
        """The merged kind of one variable or item."""
        if first is second:
            return first
        if first is UNDEFINED or second is UNDEFINED:
            return self.maybe(first, second, name)
        if isinstance(first, Poison):
            return first
        if isinstance(second, Poison):
            return second
        if isinstance(first, Maybe) or isinstance(second, Maybe):
            inner_a = first.held if isinstance(first, Maybe) else first
            inner_b = second.held if isinstance(second, Maybe) else second
            return Maybe(self.thing(inner_a, inner_b, name))
        return self.present(first, second, name)

    def maybe(self, first: Abstract, second: Abstract, name: str) -> Abstract:
        """A variable that one side does not have."""
        first, second = (GONE if x is UNDEFINED else x for x in (first, second))
        merged = self.thing(first, second, name)
        return merged if isinstance(merged, (Maybe, Poison)) else Maybe(merged)

    def present(self, first: Abstract, second: Abstract, name: str) -> Abstract:
        """Both sides have something."""
        first, second = self.lists(promoted(first, self.a), promoted(second, self.b))
        match first, second:
            case Const(x), Const(y) if same_constant(x, y):
                return first
            case Ref(), Ref():
                return self.poison_of(first, second) or self.reference(first, second, name)
            case (Ref(), Const() | Sym()) | (Const() | Sym(), Ref()):
                if is_plain(first) and is_plain(second):
                    return self.reference(first, second, name)
            case (Const() | Sym(), Const() | Sym()):
                if is_plain(first) and is_plain(second):
                    return self.wrapped(self.slot(self.at_a(first), self.at_b(second), name))
            case Box(), Box() if first.number == second.number:
                return first
            case Box(), Box() if first.kind == second.kind and class_of_box(first) is class_of_box(second):
                return self.box(first, second)
            case Closure(), Closure() if first.node is second.node and first.frame is second.frame:
                return self.closure(first, second, name)
        parts = self.in_parts(first, second, name)
        if parts is not None:
            return parts
        if is_error(first) and is_error(second):
            return self.wrapped(self.slot(self.at_a(first), self.at_b(second), name))
        if first is GONE:
            return self.exception(second, self.b)
        if second is GONE:
            return self.exception(first, self.a)
        if is_option(first) and is_option(second):
            return self.chosen(first, second, name)
        return Poison(self.complaint(f"`{name}` is a different kind of thing on two paths"))

    def in_parts(self, first: Abstract, second: Abstract, name: str) -> Abstract | None:
        """Two things that are made of others, merged part by part; None where they are not alike."""
        match first, second:
            case TupleOf(xs, cls), TupleOf(ys, other) if len(xs) == len(ys) and cls is other:
                items = zip(xs, ys, strict=True)
                return TupleOf(tuple(self.thing(x, y, f"{name}_{k}") for k, (x, y) in enumerate(items)), cls)
            case TupleOf(xs, cls), Const() if second is GONE:
                return TupleOf(tuple(self.thing(x, GONE, name) for x in xs), cls)
            case Const(), TupleOf(ys, cls) if first is GONE:
                return TupleOf(tuple(self.thing(GONE, y, name) for y in ys), cls)
            case Iteration(kind, xs), Iteration(other_kind, ys) if kind == other_kind and len(xs) == len(ys):
                return Iteration(kind, tuple(self.thing(x, y, name) for x, y in zip(xs, ys, strict=True)))
            case RangeOf(), RangeOf():
                parts = (first.start, first.stop, first.step), (second.start, second.stop, second.step)
                return RangeOf(*(self.thing(x, y, name) for x, y in zip(*parts, strict=True)))
            case Bound(fn, xs, named), Bound(other_fn, ys, others) if same_option(first, second):
                given = tuple(self.thing(x, y, name) for x, y in zip(xs, ys, strict=True))
                return Bound(self.thing(fn, other_fn, name), given,
                             {key: self.thing(x, others[key], key) for key, x in named.items()})  # fmt: skip
            case Method(owner, attr), Method(other_owner, other) if attr == other:
                return Method(self.thing(owner, other_owner, name), attr)
        return None

    def chosen(self, first: Abstract, second: Abstract, name: str) -> Abstract:
        """Two things that are no values: which of them it is becomes a number."""
        merged: list[Abstract] = list(options_of(first))
        places: list[int] = []
        for option in options_of(second):
            at = next((k for k, other in enumerate(merged) if same_option(other, option)), len(merged))
            merged[at : at + 1] = [self.thing(merged[at], option, name) if at < len(merged) else option]
            places.append(at)
        ours = [any(same_option(x, y) for y in options_of(second)) for x in options_of(first)]
        for k, option in enumerate(merged):
            if k >= len(ours) or not ours[k]:  # made on one side only
                merged[k] = self.one_sided(option, self.a if k < len(ours) else self.b, name)
        which = self.slot(self.place(first, self.a, range(len(ours))), self.place(second, self.b, places), name)
        return Chosen(self.wrapped(which), tuple(merged))

    def one_sided(self, thing: Abstract, side: Side, name: str) -> Abstract:
        """What is made on one side only, with the values it holds, which are read only where it is meant."""
        if isinstance(thing, (Sym, Ref)):
            return self.part(thing, side, name)
        if isinstance(thing, Closure):
            self.keep_variables(thing, side)
        if isinstance(thing, Box):
            self.keep_content(thing, side, name)
            return thing
        return map_parts(lambda part: self.one_sided(part, side, name), thing)

    def keep_content(self, box: Box, side: Side, name: str) -> None:
        """What a container holds that was made on one side only."""
        other = self.b if side is self.a else self.a
        content = side.state.boxes.get(box.number)
        if box.number in other.state.boxes or box.number in self.state.boxes or content is None:
            return
        self.state.boxes[box.number] = content
        if isinstance(content, dict):
            kept: Any = {key: self.one_sided(item, side, str(key)) for key, item in content.items()}
            self.state.boxes[box.number] = kept
        elif isinstance(content, tuple):
            self.state.boxes[box.number] = tuple(self.one_sided(item, side, name) for item in content)

    def keep_variables(self, thing: Closure, side: Side) -> None:
        """The variables of calls that are over, which a function made there still reads."""
        running = {frame.number for frame in self.ctx.frames}
        frame = thing.frame
        while frame is not None:
            for key, held in side.state.variables.items():
                if key[0] == frame.number and frame.number not in running and key not in self.state.variables:
                    self.state.variables[key] = UNDEFINED
                    self.state.variables[key] = self.one_sided(held, side, key[1])
            frame = frame.parent

    def place(self, thing: Abstract, side: Side, places: Sequence[int]) -> Operand:
        """Which of the merged options a thing is; `places` are those of its own."""
        if not isinstance(thing, Chosen):
            return places[0]
        with self.ctx.region(side.block, side.state), unattempted(self.ctx):
            which = self.ctx.operand(thing.which)
            if not isinstance(which, Value):
                return places[int(which)]
            if list(places) == list(range(len(places))):
                return which
            return self.ctx.emit(operator.getitem, tuple(places), which, type_=PY_INT, must=False)

    def exception(self, thing: Abstract, side: Side) -> Abstract:
        """What only one side has; an exception keeps its attributes, for only those who have caught it read them."""
        if isinstance(thing, Box) and thing.cls is not None and issubclass(thing.cls, BaseException):
            held = side.state.boxes[thing.number].items()
            self.state.boxes[thing.number] = {name: self.part(part, side, name) for name, part in held}
        return thing

    def part(self, thing: Abstract, side: Side, name: str) -> Abstract:
        """What an exception holds that only one side has."""
        if isinstance(thing, Const):
            return thing
        return self.thing(thing, GONE, name) if side is self.a else self.thing(GONE, thing, name)

    def closure(self, first: Closure, second: Closure, name: str) -> Abstract:
        """One function made on two paths: its defaults were evaluated on each."""
        defaults = zip(first.defaults, second.defaults, strict=True)
        merged = tuple(self.thing(x, y, name) for x, y in defaults)
        named = {key: self.thing(x, second.kw_defaults[key], key) for key, x in first.kw_defaults.items()}
        return Closure(first.node, first.frame, merged, named)
