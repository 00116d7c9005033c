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

    __slots__ = ("captured", "contiguous", "hint", "number", "span", "unknown_layout")

    def __init__(self, hint: str = "", span: Span | None = None, captured: bool = False) -> None:
        self.number = next(_numbers)
        self.hint = hint
        self.span = span
        self.contiguous = False  # for certain, in C order
        self.unknown_layout = False  # an argument whose layout is not part of the signature
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


def substitute(thing: Abstract, mapping: dict[Value, Operand]) -> Abstract:
    """The abstract value with run-time values replaced."""

    def new(value: Value) -> Operand:
        return mapping.get(value, value)

    match thing:
        case Sym(value):
            replaced = new(value)
            return Sym(replaced) if isinstance(replaced, Value) else Const(replaced)
        case Ref(storage, steps) if steps:
            return Ref(storage, map_operand(new, steps))
        case TupleOf(items, cls):
            return TupleOf(tuple(substitute(item, mapping) for item in items), cls)
        case Maybe(held):
            return Maybe(substitute(held, mapping))
        case RangeOf(start, stop, step):
            return RangeOf(*(substitute(part, mapping) for part in (start, stop, step)))
        case Iteration(kind, items):
            return Iteration(kind, tuple(substitute(item, mapping) for item in items))
        case Method(owner, name):
            return Method(substitute(owner, mapping), name)
        case Bound(fn, args, kwargs):
            bound_args = tuple(substitute(arg, mapping) for arg in args)
            return Bound(substitute(fn, mapping), bound_args, {k: substitute(v, mapping) for k, v in kwargs.items()})
        case Generator(frame, bound, number):
            return Generator(frame, {name: substitute(held, mapping) for name, held in bound.items()}, number)
    return thing


def substitute_box(content: Any, mapping: dict[Value, Operand]) -> Any:
    """The contents of a container with run-time values replaced."""
    if isinstance(content, tuple):
        return tuple(substitute(item, mapping) for item in content)
    return {key: substitute(item, mapping) for key, item in content.items()}
