"""The surrounding program: what is read from it at each call, and what is written into it."""

from __future__ import annotations

import array
import builtins
import collections
import copy
import enum
import types
from abc import ABC
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.errors import Span
from srcgrad.frontend.classes import is_users
from srcgrad.frontend.context import Context
from srcgrad.frontend.signature import Spec, spec_of, type_of
from srcgrad.frontend.values import (
    UNDEFINED,
    Abstract,
    Box,
    Const,
    Key,
    Maybe,
    Outside,
    Ref,
    State,
    Storage,
    Sym,
    TupleOf,
)
from srcgrad.ir.core import Block, Call, Operand, Value
from srcgrad.ir.types import Opaque
from srcgrad.ir.walk import replace_values, walk

MUTABLE = (set, collections.deque, bytearray, array.array)  # built in as they are
MAX_ITEMS = 64  # of a list or dict outside; longer ones are built in, and looked through at each call
BUILT_IN = frozenset({"math", "numpy", "float", "cmath"})  # whose numbers are constants
Read = Callable[[], Any]


@dataclass
class Captured:
    """A number or array of the surrounding program, read at each call."""

    label: str
    read: Read
    spec: Spec
    value: Value
    key: Hashable = None


@dataclass
class Guard:
    """Something that was built into the code: valid while `read()` is still the same object."""

    read: Read
    value: Any


@dataclass(eq=False)
class Slot:
    """A place of the surrounding program that the function rebinds: an attribute, an item, a global or a cell."""

    key: Hashable
    label: str
    read: Read
    write: Callable[..., Any]
    owner: Operand
    name: Any


class NeedPlace(Exception):
    """Something outside is written: it has to be known from the start, so that every path has it."""

    def __init__(self, place: Slot | Captured | Outside) -> None:
        super().__init__(place.label)
        self.place = place


@dataclass
class Known:
    """What earlier attempts found out: numbers that have to be known, and places that are written."""

    static: set[Hashable] = field(default_factory=set)
    written: dict[Hashable, Captured] = field(default_factory=dict)
    slots: dict[Hashable, Slot] = field(default_factory=dict)
    boxes: dict[int, Outside] = field(default_factory=dict)

    def add(self, place: Slot | Captured | Outside) -> None:
        """Remember a place that is written."""
        if isinstance(place, Outside):
            self.boxes[id(place.value)] = place
        elif isinstance(place, Slot):
            self.slots[place.key] = place
        else:
            self.written[place.key] = place


def origin(read: Read) -> Hashable:
    """Which place a reader reads: its code, and what that code is about. The reader keeps those objects alive."""
    code = getattr(read, "__code__", None)
    if code is None:
        return id(read)
    return (id(code), *(_content_key(cell.cell_contents) for cell in getattr(read, "__closure__", None) or ()))


def _content_key(content: Any) -> Hashable:
    if isinstance(content, Outside):
        return id(content.value)
    if isinstance(content, (str, int, tuple)):
        return type(content), content
    fn = getattr(content, "fn", None)  # the source of a function: made anew for each look
    return id(fn if isinstance(fn, types.FunctionType) else content)


def is_fixed(value: Any) -> bool:
    """A tuple that can never change: of plain values only."""
    if isinstance(value, tuple):
        return all(map(is_fixed, value))
    return isinstance(value, (int, float, complex, str, bytes, type(None), types.FunctionType, type, np.dtype))


def same_keys(owner: Outside) -> Read:
    """A guard on the structure of a list or dict: its length, or its keys in order."""
    value = owner.value
    if isinstance(value, dict):
        keys = list(value)
        return lambda: list(owner.read()) == keys
    count = len(value)
    return lambda: len(owner.read()) == count


def unchanged(owner: Outside) -> Read:
    """A guard on a long list or dict: it holds what it held."""
    value = owner.value
    if isinstance(value, dict):
        items = dict(value)
        return lambda: list(value) == list(items) and all(value[key] is held for key, held in items.items())
    held = list(value)
    return lambda: len(value) == len(held) and all(a is b for a, b in zip(value, held, strict=True))


def same_members(value: Any) -> Read:
    """A guard on a set, a deque or a buffer: it has the members it had."""
    members = copy.copy(value)
    return lambda: bool(value == members)


def same_bytes(value: Any) -> Read:
    """A guard on an array that was built in: nobody wrote into it."""
    content = value.tobytes()
    return lambda: value.tobytes() == content


def attribute_of(owner: Outside, name: str) -> Read:
    """The reader of an attribute."""
    return lambda: getattr(owner.read(), name)


def item_of(owner: Outside, key: Any) -> Read:
    """The reader of an item."""
    return lambda: owner.read()[key]


def value_attribute(value: Any, name: str) -> Read:
    """The reader of an attribute of a known object."""
    return lambda: getattr(value, name)


def global_of(scope: dict[str, Any], name: str) -> Read:
    """The reader of a global."""
    return lambda: scope.get(name)


def builtin_of(scope: dict[str, Any], name: str) -> Read:
    """The reader of a name that is no global: the builtin, or nothing at all."""
    return lambda: scope[name] if name in scope else getattr(builtins, name, None)


def code_of(fn: types.FunctionType) -> Read:
    """The reader of a function's code, which reloading tools replace."""
    return lambda: fn.__code__


def part_of(read: Read, name: str) -> Read:
    """The reader of an attribute of what is read, None where it has none."""
    return lambda: getattr(read(), name, None)


def cell_of(cell: Any) -> Read:
    """The reader of a variable of an enclosing function."""
    return lambda: cell.cell_contents


class Surroundings(Context, ABC):
    """A context that also knows the outside world."""

    captured: dict[Hashable, Captured]
    guards: list[Guard]
    known: Known
    names: set[str]
    storages: dict[Hashable, Storage]
    outside_boxes: dict[int, Box]
    containers: dict[int, Outside]

    def surround(self, known: Known) -> None:
        """Start with nothing captured."""
        self.captured, self.guards, self.known, self.names, self.storages = {}, [], known, set(), {}
        self.outside_boxes, self.containers = {}, {}

    # --- reading ------------------------------------------------------------------------------------------------

    def plain(self, value: Any, label: str, read: Read) -> Abstract:
        """The thing a Python object of the outside is."""
        slot = self.slot_key(read)
        if slot is not None:
            return self.state.variables[slot]
        varies = isinstance(value, (np.ndarray, np.generic, int, float, complex))
        if varies and not isinstance(value, (bool, enum.Enum)):
            if self.fixed_span:
                return Const(value)
            return self.captured_value(value, label, read)
        self.guard(read, value)
        if isinstance(value, MUTABLE):
            self.guard(same_members(value), True)
        if isinstance(value, (list, dict, tuple)) and not self.fixed_span and not is_fixed(value):
            return self.opened(Outside(value, label, read))
        if isinstance(value, (list, dict, tuple)) or _is_object(value):
            return Outside(value, label, read)
        return Const(value)

    def guard(self, read: Read, value: Any) -> None:
        """What is read is built into the code, which is right as long as it stays the same object."""
        if not self.fixed_span:
            self.guards.append(Guard(read, value))

    def opened(self, owner: Outside) -> Abstract:
        """A list, dict or tuple of the surrounding program by its items, which are read at each call."""
        value = owner.value
        if isinstance(value, tuple):
            items = [self.outside_value(f"{owner.label}[{k}]", item_of(owner, k)) for k in range(len(value))]
            return TupleOf(tuple(items), None if type(value) is tuple else type(value))
        if len(value) > MAX_ITEMS:
            self.guards.append(Guard(unchanged(owner), True))
            return owner
        box = self.outside_boxes.get(id(value))
        if box is None:
            box = Box("list" if isinstance(value, list) else "dict", protected=True)
            self.outside_boxes[id(value)], self.containers[box.number] = box, owner
        if box.number not in self.state.boxes:
            self.guards.append(Guard(same_keys(owner), True))
            self.state.boxes[box.number] = self.items_outside(owner)
        return box

    def items_outside(self, owner: Outside) -> Any:
        """What a list or dict holds at entry."""
        value = owner.value
        keys = value if isinstance(value, dict) else range(len(value))
        held = {key: self.outside_value(f"{owner.label}[{key!r}]", item_of(owner, key)) for key in keys}
        return held if isinstance(value, dict) else tuple(held.values())

    def is_outside(self, number: int) -> bool:
        """Does a container belong to the surrounding program?"""
        return number in self.containers

    def is_entered(self, number: int) -> bool:
        """Did a container come in with the arguments, to be left as a plain call leaves it?"""
        return any(box.number == number for box, _, _ in self.entered)

    def box_written(self, number: int) -> None:
        """A list or dict of the surrounding program is written: it has to be there on every path."""
        owner = self.containers.get(number)
        if owner is not None and id(owner.value) not in self.known.boxes:
            raise NeedPlace(owner)

    def outside_value(self, label: str, read: Read) -> Abstract:
        """An item or attribute of an outside object."""
        slot = self.slot_key(read)
        if slot is not None:
            return self.state.variables[slot]
        value = read()
        if isinstance(value, types.MethodType):  # made anew by each look
            self.guard(part_of(read, "__func__"), value.__func__)
            self.guard(part_of(read, "__self__"), value.__self__)
            return Const(value)
        if isinstance(value, types.BuiltinMethodType) and not isinstance(value.__self__, types.ModuleType):
            self.guard(part_of(read, "__self__"), value.__self__)
            return Const(value)
        return self.plain(value, label, read)

    def captured_value(self, value: Any, label: str, read: Read) -> Abstract:
        """A number or array that becomes a hidden parameter."""
        key = origin(read)
        if key in self.known.static:
            self.guards.append(Guard(read, value))
            if isinstance(value, np.ndarray):
                self.guards.append(Guard(same_bytes(value), True))
            return Const(value)
        known = self.captured.get(key)
        if known is None:
            spec = spec_of(value, label)
            name = self.unique(label)
            known = self.captured[key] = Captured(label, read, spec, Value(type_of(spec, name), name), key)
        if not isinstance(value, np.ndarray):
            return Sym(known.value)
        if key not in self.storages:
            storage = self.storages[key] = Storage(label, self.span, captured=key not in self.known.written)
            storage.unknown_layout = False
        self.state.memory.setdefault(self.storages[key], known.value)
        return Ref(self.storages[key])

    def unique(self, label: str) -> str:
        """A parameter's name for what is captured."""
        name = label if label.isidentifier() else "".join(c if c.isalnum() else "_" for c in label).strip("_")
        found, k = name, 2
        while found in self.names:
            found, k = f"{name}_{k}", k + 1
        self.names.add(found)
        return found

    def slot_key(self, read: Read) -> Key | None:
        """The variable that stands for a place that is rebound, None where it is not."""
        if not self.known.slots:
            return None
        key = origin(read)
        return slot_variable(self.known, key) if key in self.known.slots else None

    # --- writing ------------------------------------------------------------------------------------------------

    def open_places(self) -> None:
        """Read, before anything else, what is going to be written."""
        for captured in self.known.written.values():
            self.captured_value(captured.read(), captured.label, captured.read)
        for owner in self.known.boxes.values():
            box = self.opened(owner)
            if isinstance(box, Box):
                self.entered.append((box, runtime.Outside(owner.value), self.items(box)))
        for key, slot in self.known.slots.items():
            self.state.variables[slot_variable(self.known, key)] = self.first_of(slot)

    def first_of(self, slot: Slot) -> Abstract:
        """What a place holds at entry."""
        try:
            value = slot.read()
        except (AttributeError, KeyError, ValueError):
            return UNDEFINED
        rest = self.known.slots
        self.known.slots = {}
        try:
            return self.plain(value, slot.label, slot.read)
        finally:
            self.known.slots = rest

    def written_outside(self, storage: Storage) -> None:
        """A captured array is written: it has to be there on every path."""
        key = next(key for key, known in self.storages.items() if known is storage)
        raise NeedPlace(self.captured[key])

    def rebind(self, slot: Slot, thing: Abstract) -> None:
        """A place outside takes a new thing."""
        if slot.key not in self.known.slots:
            raise NeedPlace(slot)
        self.state.variables[slot_variable(self.known, slot.key)] = thing

    def differs_outside(self, before: State) -> bool:
        """Does anything of the surrounding program hold something else than it did?"""
        now = self.state
        slots = [key for key in now.variables if key[0] == -1]
        storages = [*self.storages.values(), *(storage for _, storage in self.entered_arrays)]
        boxes = [*self.containers, *(box.number for box, _, _ in self.entered)]
        return (any(now.variables[key] is not before.variables.get(key) for key in slots)
                or any(now.memory.get(storage) is not before.memory.get(storage) for storage in storages)
                or any(now.boxes.get(number) is not before.boxes.get(number) for number in boxes))  # fmt: skip

    def leave_places(self) -> None:
        """Before an exception leaves the program: the surrounding program is as a plain call would leave it."""
        if self.known.written or self.known.slots or self.entered or self.entered_arrays:
            self.close_places()

    def close_places(self) -> None:
        """At the end: leave everything as a plain call would."""
        for key in self.known.written:
            storage, first = self.storages[key], self.captured[key].value
            final = self.contents(storage)
            if final is not first:
                self.emit(runtime.leave_array, first, final, must=True, type_=Opaque("None"))
        for key, slot in self.known.slots.items():
            thing = self.state.variables[slot_variable(self.known, key)]
            if isinstance(thing, Maybe):
                raise self.unsupported(f"`{slot.label}` is set on some paths only", "Set it on every path.")
            if thing is not UNDEFINED:
                self.emit(slot.write, slot.owner, slot.name, self.operand(thing), must=True, type_=Opaque("None"))
        self.close_arguments()

    def close_arguments(self) -> None:
        """What is inside arguments that are not differentiated is left as a plain call would leave it."""
        for leaf, storage in self.entered_arrays:
            final = self.contents(storage) if storage in self.state.memory else leaf.value
            if final is not leaf.value:
                self.emit(runtime.leave_array, leaf.value, final, must=True, type_=Opaque("None"))
        for box, value, before in self.entered:
            now = self.settle(box)
            if isinstance(now, Ref):
                self.leave(runtime.leave_all, value, self.operand(now))
            else:
                self.close_container(box, value, before, self.items(box))

    def close_container(self, box: Box, value: Operand, before: Any, now: Any) -> None:
        """One list, dict or object: what is in it stays the object that it is."""
        if isinstance(now, tuple) and len(now) != len(before):
            kept = kept_items(before, now)
            self.leave(runtime.leave_tail, value, kept, [self.operand(thing) for thing in now[kept:]])
            return
        if isinstance(now, dict) and list(now)[: len(before)] != list(before):
            if box.kind == "object":
                raise self.unsupported("cannot delete an attribute of what belongs to the caller", "Set it to None.")
            self.leave(runtime.leave_all, value, self.operand(box))
            return
        leave = runtime.leave_attribute if box.kind == "object" else runtime.leave_item
        for key, thing in now.items() if isinstance(now, dict) else enumerate(now):
            if (isinstance(now, dict) and key not in before) or not same_thing(before[key], thing):
                self.leave(leave, value, key, self.operand(thing))

    def leave(self, fn: Callable[..., None], *args: Operand) -> None:
        """Emit a write into what belongs to the caller."""
        self.emit(fn, *args, must=True, type_=Opaque("None"))


def slot_variable(known: Known, key: Hashable) -> Key:
    """The variable in the state that a slot is."""
    return (-1, f"<outside {list(known.slots).index(key)}>")


def kept_items(before: tuple[Abstract, ...], now: tuple[Abstract, ...]) -> int:
    """How many items at the start of a list are what they were."""
    pairs = enumerate(zip(before, now, strict=False))
    return next((k for k, pair in pairs if not same_thing(*pair)), min(len(before), len(now)))


def same_thing(before: Abstract, now: Abstract) -> bool:
    """The same number, the same array, the same container: there is nothing to put back."""
    if before is now:
        return True
    match before, now:
        case Ref(storage, steps), Ref(other, others):
            return storage is other and steps == others
        case (Sym(x), Sym(y)) | (Const(x), Const(y)):
            return x is y
        case TupleOf(xs), TupleOf(ys):
            return len(xs) == len(ys) and all(map(same_thing, xs, ys))
        case Box(number=number), Box(number=other_number):
            return number == other_number
    return False


def left_arrays(block: Block) -> list[Value]:
    """The arrays of the surrounding program, and in arguments, that are written at the end; last first."""
    found = [op.args[0] for op in walk(block) if isinstance(op, Call) and op.fn is runtime.leave_array]
    return list(dict.fromkeys(found[::-1]))


def take_entry_copies(block: Block) -> None:
    """Read arrays that are written at the end from copies made at the start: the derivative reads them later still."""
    for value in left_arrays(block):
        at = next((k + 1 for k, op in enumerate(block.ops) if value in op.outs), 0)
        copy = Value(value.type, value.hint, value.span)
        replace_values(block, {value: copy})
        for call in walk(block):
            if isinstance(call, Call) and call.fn is runtime.leave_array and call.args[0] is copy:
                call.args = (value, *call.args[1:])
        first = Call(runtime.entry_copy, (value,), {}, copy, value.span)
        first.must = True
        block.ops.insert(at, first)


def _is_object(value: Any) -> bool:
    if isinstance(value, (type, types.ModuleType, str, enum.Enum)) or value is None:
        return False
    return hasattr(value, "__dict__") and (not callable(value) or is_users(type(value)))


__all__ = ["Captured", "Guard", "Known", "NeedPlace", "Slot", "Span", "Surroundings", "origin", "take_entry_copies"]
