"""Where paths meet: two states become one, and what differs becomes an output of the `If`, or a carried value."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcgrad.errors import SrcgradError, UnsupportedError
from srcgrad.frontend.activations import NeedUnroll
from srcgrad.frontend.constants import PLAIN, operand_key, same_constant
from srcgrad.frontend.context import Context, operand_type, unattempted
from srcgrad.frontend.promotion import may_be_table, promote, storable, tabled
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
    Steps,
    Storage,
    Sym,
    Table,
    TupleOf,
    map_parts,
)
from srcgrad.ir.core import ABSENT, Block, Operand, Value
from srcgrad.ir.types import PY_INT, ListOf, Opaque, Tup, Type, join

GONE = Const(ABSENT)


@dataclass
class Side:
    """One of the two paths: its state, and the block in which its values can still be computed."""

    state: State
    block: Block


@dataclass(eq=False)
class Merger:
    """Merges two sides. `slots` are the values that differ: the merged value, then the operand of either side."""

    ctx: Context
    a: Side
    b: Side
    slots: list[tuple[Value, Operand, Operand]] = field(default_factory=list)
    state: State = field(default_factory=State)
    merged: dict[tuple[Storage | None, Storage | None], Storage] = field(default_factory=dict)
    known: dict[Any, Value] = field(default_factory=dict)
    merged_boxes: dict[tuple[int, int], Box] = field(default_factory=dict)
    may_unroll: bool = False  # a loop whose trips are known can be unrolled where containers do not settle

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

    def memory(self) -> None:
        """Memory that exists on both sides."""
        for storage, first in self.a.state.memory.items():
            second = self.b.state.memory.get(storage)
            if second is None:
                continue
            if isinstance(first, Poison) or isinstance(second, Poison):
                self.state.memory[storage] = first if isinstance(first, Poison) else second
            else:
                self.state.memory[storage] = self.slot(first, second, storage.hint)

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
        if isinstance(first, Ref) or isinstance(second, Ref) or _lengths_differ(first, second):
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

    def poison_of(self, first: Ref, second: Ref) -> Poison | None:
        """The error of an array that is unknown on one of the sides, where the two are not the same memory."""
        held = (self.a.state.memory.get(first.storage), self.b.state.memory.get(second.storage))
        if first.storage is second.storage:
            return None
        return next((value for value in held if isinstance(value, Poison)), None)

    def grow(self) -> bool:
        """Turn lists that differ in length into run-time lists on both sides; were there any?"""
        changed = False
        for number, first in list(self.a.state.boxes.items()):
            second = self.b.state.boxes.get(number)
            if self.tabulate((number, number), first, second):
                changed = True
                continue
            grown = isinstance(first, Ref) or isinstance(second, Ref) or _lengths_differ(first, second)
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
            case Box(), Box() if first.number == second.number:
                return first
            case Box(), Box() if first.kind == second.kind and class_of_box(first) is class_of_box(second):
                return self.box(first, second)
            case Closure(), Closure() if first.node is second.node and first.frame is second.frame:
                return self.closure(first, second, name)
            case Bound(fn, xs, named), Bound(other_fn, ys, others) if same_option(first, second):
                given = tuple(self.thing(x, y, name) for x, y in zip(xs, ys, strict=True))
                return Bound(self.thing(fn, other_fn, name), given,
                             {key: self.thing(x, others[key], key) for key, x in named.items()})  # fmt: skip
            case Method(owner, attr), Method(other_owner, other) if attr == other:
                return Method(self.thing(owner, other_owner, name), attr)
        if is_error(first) and is_error(second):
            return self.wrapped(self.slot(self.at_a(first), self.at_b(second), name))
        if first is GONE:
            return self.exception(second, self.b)
        if second is GONE:
            return self.exception(first, self.a)
        if is_option(first) and is_option(second):
            return self.chosen(first, second, name)
        return Poison(self.complaint(f"`{name}` is a different kind of thing on two paths"))

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

    def lists(self, first: Abstract, second: Abstract) -> tuple[Abstract, Abstract]:
        """Two lists, as run-time lists where they differ in length or one is a run-time list already."""
        pairs = [(first, self.a), (second, self.b)]
        boxes = [(thing, side) for thing, side in pairs if isinstance(thing, Box) and thing.kind == "list"]
        if not boxes or not all(isinstance(thing, (Box, Ref)) for thing, _ in pairs):
            return first, second
        contents = [side.state.boxes.get(thing.number) for thing, side in boxes]
        if len(boxes) == 2 and not _lengths_differ(*contents):
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

    def wrapped(self, value: Operand) -> Abstract:
        """An operand as a thing."""
        return Sym(value) if isinstance(value, Value) else Const(value)

    def reference(self, first: Abstract, second: Abstract, name: str) -> Abstract:
        """Two arrays: the same memory, or a new piece of memory that may share with both."""
        storage_a, steps_a = (first.storage, first.steps) if isinstance(first, Ref) else (None, ())
        storage_b, steps_b = (second.storage, second.steps) if isinstance(second, Ref) else (None, ())
        steps = self.steps(steps_a, steps_b, name)
        if steps is None or storage_a is None or storage_b is None:
            value = self.slot(self.at_a(first), self.at_b(second), name)
            return self.fresh(storage_a, storage_b, value, name)
        if storage_a is storage_b:
            return Ref(storage_a, steps)
        pair = (storage_a, storage_b)
        if pair not in self.merged:
            value = self.slot(self.at_a(Ref(storage_a)), self.at_b(Ref(storage_b)), name)
            self.merged[pair] = self.fresh(storage_a, storage_b, value, name).storage
        return Ref(self.merged[pair], steps)

    def fresh(self, a: Storage | None, b: Storage | None, value: Operand, name: str) -> Ref:
        """Memory that may be that of either side."""
        source = a or b
        storage = Storage(name, source.span if source else None)
        storage.captured = any(s is not None and s.captured for s in (a, b))
        storage.unknown_layout = any(s is not None and s.unknown_layout for s in (a, b))
        storage.contiguous = all(s is not None and s.contiguous for s in (a, b))
        self.state.memory[storage] = value
        limit = self.ctx.limits.get(a or storage)
        if limit is not None and limit == self.ctx.limits.get(b or storage):
            self.ctx.limits[storage] = limit
        for other in (a, b):
            if other is not None:
                self.join(storage, other)
                if other in self.ctx.repeated:
                    self.ctx.repeated.add(storage)
        self.merged[(a, b) if (a, b) not in self.merged else (storage, storage)] = storage
        return Ref(storage)

    def join(self, new: Storage, side: Storage) -> None:
        """Memory that may be that of a side may be all that this may be; see `sharing` for what is merged here."""
        merged = set(self.merged.values())
        for other in {side, *self.ctx.shares.get(side, ())} - merged - {new}:
            self.share(new, other)

    def share(self, first: Storage, second: Storage) -> None:
        """From here on, a write into one makes the other unknown."""
        self.ctx.shares.setdefault(first, set()).add(second)
        self.ctx.shares.setdefault(second, set()).add(first)

    def sharing(self) -> None:
        """Merged pieces of memory share with each other only if they do on one of the sides."""
        shares = self.ctx.shares
        pairs = list(self.merged.items())
        for k, ((a1, b1), first) in enumerate(pairs):
            for (a2, b2), second in pairs[:k]:
                if first is not second and (touch(shares, a1, a2) or touch(shares, b1, b2)):
                    self.share(first, second)

    def steps(self, first: Steps, second: Steps, name: str) -> Steps | None:
        """One view path for two, None where they are different views."""
        if len(first) != len(second) or any(f[0] is not g[0] for f, g in zip(first, second, strict=True)):
            return None
        paired = [(f, self.index(x, y, name)) for (f, x), (_, y) in zip(first, second, strict=True)]
        if any(args is None for _, args in paired):
            return None
        return tuple((fn, args) for fn, args in paired if args is not None)

    def index(self, x: Operand, y: Operand, name: str) -> Any:
        """One index tree for two; None where their shapes differ."""
        if x is y:
            return x
        if isinstance(x, slice) and isinstance(y, slice):
            parts = self.index((x.start, x.stop, x.step), (y.start, y.stop, y.step), name)
            return None if parts is None else slice(*parts)
        if isinstance(x, (tuple, list)) and type(x) is type(y) and len(x) == len(y):
            items = [self.index(p, q, name) for p, q in zip(x, y, strict=True)]
            return None if any(i is None and p is not None for i, p in zip(items, x, strict=True)) else type(x)(items)
        if isinstance(x, (Value, int)) and isinstance(y, (Value, int)) and not isinstance(x, bool):
            return self.slot(x, y, "i")
        return x if same_constant(x, y) else None

    def slot(self, x: Operand, y: Operand, hint: str) -> Operand:
        """The merged value of two operands; itself where they are the same."""
        if x is y or (not isinstance(x, Value) and not isinstance(y, Value) and same_constant(x, y)):
            return x
        key = (operand_key(x), operand_key(y))
        if key not in self.known:
            value = Value(self.slot_type(x, y), hint)
            self.known[key] = value
            self.slots.append((value, x, y))
        return self.known[key]

    def slot_type(self, x: Operand, y: Operand) -> Type:
        """The type of a merged value."""
        first, second = operand_type(x), operand_type(y)
        if loses_tuple(first, second):
            if self.may_unroll:
                raise NeedUnroll
            raise self.ctx.unsupported("tuples of different lengths are in one list here", "Put lists into the list.")
        return join(first, second)

    def at_a(self, thing: Abstract) -> Operand:
        """An operand for a thing of the first side."""
        with self.ctx.region(self.a.block, self.a.state), unattempted(self.ctx):
            return self.ctx.operand(thing)

    def at_b(self, thing: Abstract) -> Operand:
        """An operand for a thing of the second side."""
        with self.ctx.region(self.b.block, self.b.state), unattempted(self.ctx):
            return self.ctx.operand(thing)

    def complaint(self, message: str) -> Callable[[], SrcgradError]:
        """An error about this place, to be raised later."""
        span = self.ctx.span
        repair = "Make it the same kind on every path, or do not use it after they meet."
        return lambda: UnsupportedError(message, span=span, repair=repair)


def class_of_box(box: Box) -> type | None:
    """The class of a container; None of a plain list or dict, whoever made it."""
    return None if box.cls in (list, dict) else box.cls


def promoted(thing: Abstract, side: Side) -> Abstract:
    """The run-time list that a container has become on this side, or the thing itself."""
    content = side.state.boxes.get(thing.number) if isinstance(thing, Box) else None
    return content if isinstance(content, Ref) else thing


def _lengths_differ(first: Any, second: Any) -> bool:
    return isinstance(first, tuple) and isinstance(second, tuple) and len(first) != len(second)


def loses_tuple(first: Type, second: Type) -> bool:
    """Would a list that holds both not know how long its tuples are?"""
    match first, second:
        case ListOf(x), ListOf(y):
            return loses_tuple(x, y) or of_two_lengths(x, y)
        case Tup(xs), Tup(ys):
            return any(loses_tuple(x, y) or of_two_lengths(x, y) for x, y in zip(xs, ys, strict=False))
    return False


def of_two_lengths(first: Type, second: Type) -> bool:
    """Are they tuples, of different lengths?"""
    return isinstance(first, Tup) and isinstance(second, Tup) and len(first.items) != len(second.items)


def keys_differ(first: Any, second: Any) -> bool:
    """Have two dicts of known keys different ones, or another order of them?"""
    return isinstance(first, dict) and isinstance(second, dict) and list(first) != list(second)


def touch(shares: dict[Storage, set[Storage]], first: Storage | None, second: Storage | None) -> bool:
    """May two pieces of memory be the same?"""
    return first is not None and second is not None and (first is second or second in shares.get(first, ()))


def is_option(thing: Abstract) -> bool:
    """May it be one of several things of which a number says which?"""
    if isinstance(thing, Const):
        return not isinstance(thing.value, (*PLAIN, np.ndarray)) or thing.value is None
    return isinstance(thing, (Closure, Bound, Method, Chosen)) or (isinstance(thing, Box) and thing.kind == "object")


def options_of(thing: Abstract) -> tuple[Abstract, ...]:
    """What it may be."""
    return thing.options if isinstance(thing, Chosen) else (thing,)


def same_option(first: Abstract, second: Abstract) -> bool:
    """Are they one thing, but for values that can be merged?"""
    match first, second:
        case Const(x), Const(y):
            return x is y
        case Closure(), Closure():
            return first.node is second.node and first.frame is second.frame
        case Bound(), Bound():
            shape = len(first.args) == len(second.args) and list(first.kwargs) == list(second.kwargs)
            return shape and same_option(first.fn, second.fn)
        case Method(), Method():
            return first.name == second.name and same_option(first.owner, second.owner)
    return first is second


def is_error(thing: Abstract) -> bool:
    """Is it an exception, made by the program or raised by an operation?"""
    if isinstance(thing, Sym):
        return thing.value.type == Opaque("exception")
    return isinstance(thing, Box) and thing.cls is not None and issubclass(thing.cls, BaseException)


def is_plain(thing: Abstract) -> bool:
    """May an op yield it?"""
    return not isinstance(thing, Const) or thing is GONE or isinstance(thing.value, (*PLAIN, np.ndarray))
