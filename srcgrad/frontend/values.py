"""What the abstract interpreter computes with: one class per kind of thing a name can stand for."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from srcgrad.errors import Span, SrcgradError
from srcgrad.ir.core import Operand, Value, map_operand

Steps: TypeAlias = tuple[tuple[Any, tuple[Operand, ...]], ...]

_numbers = itertools.count()


class Storage:
    """A piece of memory. Its identity is all there is to it; the current contents are in the `State`."""

    __slots__ = ("captured", "contiguous", "frozen", "hint", "number", "span", "unknown_layout")

    def __init__(self, hint: str = "", span: Span | None = None, captured: bool = False) -> None:
        self.number = next(_numbers)
        self.hint = hint
        self.span = span
        self.contiguous = False  # for certain, in C order
        self.unknown_layout = False  # an argument whose layout is not part of the signature
        self.frozen = False  # made read-only by the program
        self.captured = captured  # belongs to a cell or global: a write would be seen outside

    def __repr__(self) -> str:
        return f"<storage {self.hint or self.number}>"


class Abstract:
    """Base of the kinds."""

    __slots__ = ()


class Special(Abstract):
    """A kind that says itself how it is read, written and called; what it does not say is refused."""

    __slots__ = ()

    def item(self, ctx: Any, index: Abstract) -> Abstract:
        """``self[index]``."""
        raise ctx.unsupported("cannot index this", "Index an array, a list, a tuple or a dict.")

    def write(self, ctx: Any, index: Abstract, thing: Abstract) -> None:
        """``self[index] = thing``."""
        raise ctx.unsupported("cannot write into this", "Write into an array or a list.")

    def augment(self, ctx: Any, index: Abstract, fn: Callable[..., Any], right: Callable[[], Abstract]) -> None:
        """``self[index] op= right``."""
        read = self.item(ctx, index)
        self.write(ctx, index, ctx.call(Const(fn), [read, right()], {}))

    def attribute(self, ctx: Any, name: str) -> Abstract:
        """``self.name``."""
        raise ctx.unsupported(f"cannot read the attribute `{name}` here", "")

    def call(self, ctx: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        """``self(*args, **kwargs)``."""
        raise ctx.unsupported("cannot call this", "")

    def mapped(self, change: Callable[[Abstract], Abstract]) -> Abstract:
        """The same with the things it is made of replaced."""
        return self


@dataclass(frozen=True, eq=False)
class Const(Abstract):
    """A Python object known at compile time: a number, a string, a module, a function, None, ..."""

    value: Any


@dataclass(frozen=True, eq=False)
class Outside(Const):
    """A container, module or object of the surrounding program; numbers and arrays in it are read at each call."""

    label: str
    read: Callable[[], Any]


@dataclass(frozen=True, eq=False)
class Sym(Abstract):
    """A number, or another immutable thing, known at run time."""

    value: Value


@dataclass(frozen=True, eq=False)
class Ref(Abstract):
    """An array: which memory, and by which views it is reached."""

    storage: Storage
    steps: Steps = ()


@dataclass(frozen=True, eq=False)
class TupleOf(Abstract):
    """A tuple of known length; `cls` for a named tuple."""

    items: tuple[Abstract, ...]
    cls: type | None = None


@dataclass(frozen=True, eq=False)
class Box(Abstract):
    """A mutable container of known structure; its contents are in the `State` under its identity."""

    kind: str  # "list", "dict" or "object"
    number: int = field(default_factory=lambda: next(_numbers))
    cls: type | None = None
    protected: bool = False  # reached from an argument or a global: a write would be seen outside


@dataclass(frozen=True, eq=False)
class Table:
    """The contents of a dict whose keys only the running program knows: lists of keys and values; see `tables`."""

    keys: Ref
    values: Ref | None  # None for a set


@dataclass(frozen=True, eq=False)
class Closure(Abstract):
    """A function or lambda made inside the function that is lowered."""

    node: Any
    frame: Any
    defaults: tuple[Abstract, ...]
    kw_defaults: dict[str, Abstract]


@dataclass(frozen=True, eq=False)
class Method(Abstract):
    """A bound method of an array, number or container."""

    owner: Abstract
    name: str


@dataclass(frozen=True, eq=False)
class RangeOf(Abstract):
    """``range(start, stop, step)``."""

    start: Abstract
    stop: Abstract
    step: Abstract


@dataclass(frozen=True, eq=False)
class Iteration(Abstract):
    """``zip``, ``enumerate``, ``reversed`` of other things."""

    kind: str
    items: tuple[Abstract, ...]


@dataclass(frozen=True, eq=False)
class Generator(Abstract):
    """A generator before its first item: the activation its body will run in, and what its parameters are."""

    frame: Any
    bound: dict[str, Abstract]
    number: int = field(default_factory=lambda: next(_numbers))


@dataclass(frozen=True, eq=False)
class Bound(Abstract):
    """A function with some of its arguments: ``functools.partial``."""

    fn: Abstract
    args: tuple[Abstract, ...]
    kwargs: dict[str, Abstract]


@dataclass(frozen=True, eq=False)
class Chosen(Abstract):
    """One of several things that are no values; a number says which. See `choices`."""

    which: Abstract
    options: tuple[Abstract, ...]


@dataclass(frozen=True, eq=False)
class Maybe(Abstract):
    """A variable that has no value on some paths."""

    held: Abstract


@dataclass(frozen=True, eq=False)
class Poison(Abstract):
    """Something that cannot be known or done: reading it raises the error, and not before."""

    error: Callable[[], SrcgradError]


UNDEFINED = Poison(lambda: SrcgradError("undefined"))


Key: TypeAlias = tuple[int, str]


class State:
    """All that statements change: variables, the contents of memory, the contents of containers."""

    __slots__ = ("boxes", "memory", "variables")

    def __init__(self) -> None:
        self.variables: dict[Key, Abstract] = {}
        self.memory: dict[Storage, Operand | Poison] = {}
        self.boxes: dict[int, Any] = {}

    def copy(self) -> State:
        """An independent copy: contents are immutable, so the dictionaries are enough."""
        new = State()
        new.variables = dict(self.variables)
        new.memory = dict(self.memory)
        new.boxes = dict(self.boxes)
        return new


def map_parts(change: Callable[[Abstract], Abstract], thing: Abstract) -> Abstract:
    """The same kind of thing with `change` applied to the things it is made of; itself where none changes."""
    parts = parts_of(thing)
    if parts is None:
        return thing.mapped(change) if isinstance(thing, Special) else thing
    made = [change(part) for part in parts]
    return thing if all(x is y for x, y in zip(parts, made, strict=True)) else rebuilt(thing, made)


def parts_of(thing: Abstract) -> list[Abstract] | None:
    """The things that a thing is made of; None where it is not made of any."""
    match thing:
        case TupleOf(items) | Iteration(_, items):
            return list(items)
        case Maybe(part) | Method(part):
            return [part]
        case Chosen(which, options):
            return [which, *options]
        case RangeOf(start, stop, step):
            return [start, stop, step]
        case Bound(fn, args, kwargs):
            return [fn, *args, *kwargs.values()]
        case Generator(_, bound):
            return list(bound.values())
        case Closure(_, _, defaults, kw_defaults):
            return [*defaults, *kw_defaults.values()]
    return None


def rebuilt(thing: Abstract, made: list[Abstract]) -> Abstract:
    """The same kind of thing of other parts."""
    match thing:
        case TupleOf(cls=cls):
            return TupleOf(tuple(made), cls)
        case Iteration(kind):
            return Iteration(kind, tuple(made))
        case Maybe():
            return Maybe(*made)
        case Chosen():
            return Chosen(made[0], tuple(made[1:]))
        case Method(_, name):
            return Method(made[0], name)
        case RangeOf():
            return RangeOf(*made)
        case Bound(_, args, kwargs):
            return Bound(made[0], tuple(made[1 : 1 + len(args)]), dict(zip(kwargs, made[1 + len(args) :], strict=True)))
        case Generator(frame, bound, number):
            return Generator(frame, dict(zip(bound, made, strict=True)), number)
        case Closure(node, frame, defaults, kw_defaults):
            named = dict(zip(kw_defaults, made[len(defaults) :], strict=True))
            return Closure(node, frame, tuple(made[: len(defaults)]), named)
    return thing


def map_references(change: Callable[[Ref], Abstract], thing: Abstract) -> Abstract:
    """The same thing with every reference to memory in it replaced."""
    if isinstance(thing, Ref):
        return change(thing)
    if isinstance(thing, (Sym, Const, Box)):
        return thing
    return map_parts(lambda part: map_references(change, part), thing)


def map_box(change: Callable[[Ref], Abstract], content: Any) -> Any:
    """The contents of a container with every reference in them replaced."""
    if isinstance(content, tuple):
        made = tuple(map_references(change, item) for item in content)
        return content if all(x is y for x, y in zip(content, made, strict=True)) else made
    return {key: map_references(change, item) for key, item in content.items()}


def substitute(thing: Abstract, mapping: dict[Value, Operand]) -> Abstract:
    """The abstract value with run-time values replaced."""

    def new(value: Value) -> Operand:
        return mapping.get(value, value)

    match thing:
        case Sym(value):
            replaced = new(value)
            return Sym(replaced) if isinstance(replaced, Value) else Const(replaced)
        case Ref(storage, steps):
            return Ref(storage, map_operand(new, steps)) if steps else thing
        case Const(slice() as value):
            return Const(map_operand(new, value))
    return map_parts(lambda part: substitute(part, mapping), thing)


def substitute_box(content: Any, mapping: dict[Value, Operand]) -> Any:
    """The contents of a container with run-time values replaced."""
    if isinstance(content, tuple):
        return tuple(substitute(item, mapping) for item in content)
    return {key: substitute(item, mapping) for key, item in content.items()}
