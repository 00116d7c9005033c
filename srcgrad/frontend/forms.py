"""What a thing is, apart from its run-time values: its form, and the leaves in which those values are."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from srcgrad.frontend.constants import PLAIN
from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.values import (
    Abstract,
    Box,
    Closure,
    Const,
    Iteration,
    Maybe,
    Method,
    RangeOf,
    Ref,
    Steps,
    Storage,
    Sym,
    TupleOf,
)
from srcgrad.ir.core import Operand, Value
from srcgrad.ir.types import ANY, Arr, Dim, Tup, Type, join, of_constant

Path: TypeAlias = tuple[Any, ...]
LEAVES = ("number", "array")
MAX_PARTS = 10_000


@dataclass(frozen=True)
class Form:
    """The kind of a thing, what is known of it, and the forms of its parts. `thing` stands for what has no values."""

    kind: str
    fact: Any = None
    parts: tuple[Form, ...] = ()
    thing: Abstract | None = field(default=None, compare=False)

    @property
    def is_number(self) -> bool:
        """Is it a number that is known while compiling?"""
        return self.kind == "constant" and isinstance(self.thing, Const) and is_number(self.thing.value)

    def leaves(self) -> Iterator[Form]:
        """The forms of numbers and arrays, in the order of their values; of an array met twice, the first."""
        if self.kind in LEAVES:
            yield self
        for part in self.parts:
            yield from part.leaves()

    def holds_function(self) -> bool:
        """Is there a function in it that was made inside the program?"""
        return self.kind == "closure" or any(part.holds_function() for part in self.parts)


def is_number(value: Any) -> bool:
    """A Python or NumPy number, bools not counted."""
    return isinstance(value, (int, float, complex, np.number)) and not isinstance(value, bool)


def widened(kind: Type) -> Type:
    """An array type without lengths."""
    return Arr(kind.dtype, (None,) * len(kind.dims)) if isinstance(kind, Arr) and kind.dims is not None else kind


def without_symbols(kind: Type) -> Type:
    """A type that means the same in every function: symbolic lengths are those of one function's arguments."""
    match kind:
        case Arr(dtype, dims) if dims is not None:
            return Arr(dtype, tuple(d if isinstance(d, int) else None for d in dims))
        case Tup(items):
            return Tup(tuple(map(without_symbols, items)))
    return kind


class Flattener:
    """Takes things apart; `wide` are the places of which only the kind matters, None for all."""

    def __init__(self, ctx: Context, wide: set[Path] | None) -> None:
        self.ctx = ctx
        self.wide = wide
        self.leaves: list[Operand] = []
        self.storages: list[Storage | None] = []
        self.steps: dict[int, Steps] = {}  # by which views a leaf is reached
        self.met: list[tuple[Storage, Steps]] = []
        self.parts = 0

    def form(self, thing: Abstract, path: Path) -> Form:
        """The form of a thing; its values are appended to the leaves."""
        match thing:
            case Maybe():
                return self.form(self.ctx.settle(thing), path)
            case Const(value):
                return self.constant(thing, value, path)
            case Sym(value):
                return self.leaf("number", value, None, path)
            case Ref():
                return self.array(thing, path)
            case Box():
                content = self.ctx.items(thing)
                keys = tuple(content) if isinstance(content, dict) else len(content)
                items = list(content.values()) if isinstance(content, dict) else list(content)
                return self.group("box", (thing.kind, thing.cls, keys), items, path)
            case TupleOf(items, cls):
                return self.group("tuple", cls, list(items), path)
            case RangeOf(start, stop, step):
                return self.group("range", None, [start, stop, step], path)
            case Iteration(kind, items):
                return self.group("iteration", kind, list(items), path)
            case Method(owner, name):
                return self.group("method", name, [owner], path)
        return Form("closure" if isinstance(thing, Closure) else "other", id(thing), (), thing)

    def group(self, kind: str, fact: Any, items: list[Abstract], path: Path) -> Form:
        """The form of something with parts."""
        self.parts += len(items)
        if self.parts > MAX_PARTS:
            raise self.ctx.unsupported("the arguments of a function that calls itself grow without end",
                                       "Give them the same structure at every call.")  # fmt: skip
        return Form(kind, (fact, len(items)), tuple(self.form(item, (*path, k)) for k, item in enumerate(items)))

    def constant(self, thing: Const, value: Any, path: Path) -> Form:
        """What is known stays in the form, but for numbers at a wide place."""
        if is_number(value) and (self.wide is None or path in self.wide):
            return self.leaf("number", value, None, path)
        if isinstance(value, bool) and self.wide is None:
            return self.leaf("number", value, None, path)
        return Form("constant", constant_key(value), (), thing)

    def array(self, thing: Ref, path: Path) -> Form:
        """An array; one that was met before is the same thing again."""
        for k, (storage, steps) in enumerate(self.met):
            if self.wide is not None and storage is thing.storage and steps is thing.steps:
                return Form("again", k)
        self.met.append((thing.storage, thing.steps))
        self.steps[len(self.leaves)] = thing.steps
        return self.leaf("array", self.ctx.operand(thing), thing.storage, path)

    def leaf(self, kind: str, operand: Operand, storage: Storage | None, path: Path) -> Form:
        """One run-time value."""
        self.leaves.append(operand)
        self.storages.append(storage)
        type_ = operand_type(operand)
        if self.wide is None:
            return Form(kind, without_symbols(type_))
        return Form(kind, widened(type_) if path in self.wide else type_)


def constant_key(value: Any) -> Any:
    """Equal for constants that are the same."""
    return (type(value), repr(value)) if isinstance(value, PLAIN) else (type(value), id(value))


class Builder:
    """Puts things together again from a form and values."""

    def __init__(self, ctx: Context, values: Iterator[Operand], *, protected: bool) -> None:
        self.ctx = ctx
        self.values = values
        self.protected = protected
        self.arrays: list[Ref] = []

    def thing(self, form: Form, hint: str = "") -> Abstract:
        """The thing of a form."""
        match form.kind:
            case "number":
                value = next(self.values)
                return Sym(value) if isinstance(value, Value) else Const(value)
            case "array":
                self.arrays.append(self.ctx.new_array(next(self.values), hint))
                return self.arrays[-1]
            case "again":
                return self.arrays[int(form.fact)]
            case "box":
                return self.box(form, hint)
            case "tuple":
                return TupleOf(self.parts(form, hint), form.fact[0])
            case "range":
                return RangeOf(*self.parts(form, hint))
            case "iteration":
                return Iteration(form.fact[0], self.parts(form, hint))
            case "method":
                return Method(self.parts(form, hint)[0], form.fact[0])
        assert form.thing is not None
        return form.thing

    def parts(self, form: Form, hint: str) -> tuple[Abstract, ...]:
        """The parts in order."""
        return tuple(self.thing(part, f"{hint}_{k}" if hint else "") for k, part in enumerate(form.parts))

    def box(self, form: Form, hint: str) -> Box:
        """A container with contents of its own."""
        kind, cls, keys = form.fact[0]
        box = Box(kind, cls=cls, protected=self.protected)
        parts = self.parts(form, hint)
        self.ctx.state.boxes[box.number] = parts if isinstance(keys, int) else dict(zip(keys, parts, strict=True))
        return box


def differences(a: Form, b: Form, path: Path) -> set[Path] | None:
    """The places that have to be wide for two forms to be one; None where they never are."""
    if a == b:
        return set()
    if a.is_number or b.is_number:
        return {path} if number_type(a) == number_type(b) else None
    if a.kind != b.kind:
        return None
    if a.kind in LEAVES:
        return {path} if widened(a.fact) == widened(b.fact) else None
    if a.fact != b.fact or not a.parts:
        return None
    found: set[Path] = set()
    for k, (x, y) in enumerate(zip(a.parts, b.parts, strict=True)):
        inner = differences(x, y, (*path, k))
        if inner is None:
            return None
        found |= inner
    return found


def number_type(form: Form) -> Any:
    """The type of a number, known or not; the form itself of anything else."""
    if isinstance(form.thing, Const) and form.is_number:
        return of_constant(form.thing.value)
    return form.fact if form.kind == "number" else form


def joined(a: Form, b: Form) -> Form | None:
    """The form that holds both; None where there is none."""
    if a == b:
        return a
    if a.kind == b.kind and a.kind in LEAVES:
        return Form(a.kind, join(a.fact, b.fact))
    if {a.kind, b.kind} <= {*LEAVES, "constant"}:
        return Form("array", ANY)
    if a.kind != b.kind or a.fact != b.fact or not a.parts:
        return None
    parts = [joined(x, y) for x, y in zip(a.parts, b.parts, strict=True)]
    return Form(a.kind, a.fact, tuple(p for p in parts if p is not None)) if None not in parts else None


def parameter_type(kind: Type, symbol: str) -> Type:
    """The type of a parameter: lengths that are not known get a name of their own."""
    if not isinstance(kind, Arr) or kind.dims is None:
        return kind
    return Arr(kind.dtype, tuple(Dim(f"{symbol}{k}") if d is None else d for k, d in enumerate(kind.dims)))


def take_apart(ctx: Context, value: Value, kinds: tuple[Type, ...]) -> list[Operand]:
    """The leaves of a call's result, which is a tuple where there are several."""
    if len(kinds) == 1:
        return [value]
    return [ctx.emit(operator.getitem, value, k, type_=kind, must=False) for k, kind in enumerate(kinds)]
