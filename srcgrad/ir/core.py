"""The intermediate representation: read this file and you know the language.

A `Func` is a block with parameters; a `Block` is parameters, ops and yields; an `Op` is a `Call`, an `If` or a `Loop`.
Every `Value` is defined once; a block sees the values of the blocks around it. Nothing is mutated: a write into an
array is a call (``runtime.set_item``) whose result is the next version. Whether it happens in place is decided when
the code is printed.

An *operand* is a `Value`, a Python constant, or a tuple, list, dict or slice of operands: ``x[1:-1, i]`` is
``Call(operator.getitem, (x, (slice(1, -1), i)))``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

from srcgrad.errors import Span
from srcgrad.ir.types import ABSENT, ANY, Type

__all__ = ["ABSENT", "BREAK", "EXHAUSTED", "GO", "RETURN", "Block", "Call", "Func", "If", "Leaf", "Loop", "Op",
           "Operand", "Range", "Items", "Source", "Value", "map_operand", "operands_of", "values_in"]  # fmt: skip

Operand: TypeAlias = Any

# The stop kinds a loop body yields, and a loop gives back: the next trip, or why there is none. A `while` whose
# condition fails yields EXHAUSTED.
GO, BREAK, RETURN, EXHAUSTED = 0, 1, 2, 3


class Value:
    """One value, defined once: by an op, or as the parameter of a block."""

    __slots__ = ("hint", "span", "type")

    def __init__(self, type_: Type = ANY, hint: str = "", span: Span | None = None) -> None:
        self.type = type_
        self.hint = hint  # the name the user, or a person, would give it
        self.span = span

    def __repr__(self) -> str:
        return f"<{self.hint or 'value'}: {self.type}>"


@dataclass(eq=False)
class Block:
    """Parameters, ops in order, and what the block yields to the op (or function) that owns it."""

    params: list[Value] = field(default_factory=list)
    ops: list[Op] = field(default_factory=list)
    yields: list[Operand] = field(default_factory=list)


@dataclass(eq=False)
class Call:
    """``out = fn(*args, **kwargs)``: a callable with a rule, a runtime helper, or another `Func`."""

    fn: Callable[..., Any] | Func
    args: tuple[Operand, ...]
    kwargs: dict[str, Operand]
    out: Value
    span: Span | None = None
    style: str = ""  # how the user spelled it: "method" for x.sum(), "attribute" for x.T
    must: bool = False  # of the primal, and may raise or has an effect: stays even where nobody reads `out`
    sweep: str = ""  # of a derivative: "forward" or "reverse", the sweep it belongs to; or "tangent"

    @property
    def outs(self) -> list[Value]:
        """The one value this op defines."""
        return [self.out]

    @property
    def blocks(self) -> list[Block]:
        """A call owns no block."""
        return []


@dataclass(eq=False)
class If:
    """Both arms yield one operand per out; `ABSENT` where a path has no value."""

    cond: Operand
    then: Block
    orelse: Block
    outs: list[Value]
    span: Span | None = None

    @property
    def blocks(self) -> list[Block]:
        """The two arms."""
        return [self.then, self.orelse]


@dataclass(eq=False)
class Range:
    """Gives the integers of ``range(start, stop, step)`` to the body's parameter."""

    start: Operand
    stop: Operand
    step: Operand = 1


@dataclass(eq=False)
class Items:
    """Gives the items of a run-time list to the body's parameter."""

    value: Operand


Source: TypeAlias = Range | Items


@dataclass(eq=False)
class Loop:
    """A loop, over zipped sources, or (no sources) until its body stops it.

    ``body.params`` are one item per source, then the carried values. ``body.yields`` are the stop kind (`GO`, `BREAK`,
    `RETURN`), then the carried values, then one value per collected list. ``outs`` are the stop kind of the last trip
    (`GO` if the sources ran out or there was no trip), the carried values, and the collected lists. The trip that
    stops also carries and collects. With `reverse`, the sources are walked from their ends.
    """

    sources: list[Source]
    inits: list[Operand]
    body: Block
    outs: list[Value]
    reverse: bool = False
    span: Span | None = None

    @property
    def blocks(self) -> list[Block]:
        """The body."""
        return [self.body]

    @property
    def items(self) -> list[Value]:
        """The body's parameters that take the sources' items."""
        return self.body.params[: len(self.sources)]

    @property
    def carried(self) -> list[Value]:
        """The body's parameters that take the values of the trip before."""
        return self.body.params[len(self.sources) :]

    @property
    def carried_outs(self) -> list[Value]:
        """The carried values after the last trip."""
        return self.outs[1 : 1 + len(self.inits)]

    @property
    def carried_yields(self) -> list[Operand]:
        """What the body yields for the carried values."""
        return self.body.yields[1 : 1 + len(self.inits)]

    @property
    def collected_outs(self) -> list[Value]:
        """The lists with one item per trip."""
        return self.outs[1 + len(self.inits) :]

    @property
    def collected_yields(self) -> list[Operand]:
        """What each trip adds to the collected lists."""
        return self.body.yields[1 + len(self.inits) :]


Op: TypeAlias = Call | If | Loop


@dataclass(eq=False)
class Leaf:
    """One number or array inside an argument: parameter, path of keys and attribute names, and its value at entry."""

    param: int
    path: tuple[Any, ...]
    value: Value


@dataclass(eq=False)
class Func:
    """A function: its block's parameters are its own, its block's yields what it returns.

    `captured` names the trailing parameters that are not the user's but cells or globals, read live at each call.
    `leaves` are the numbers and arrays inside the parameters, with the value each has at entry. `edits` counts the
    runs of passes that changed the function: a pass with nothing new to see need not run. `optional` parameters may
    be `ABSENT`.
    """

    name: str
    block: Block
    captured: list[str] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    doc: str = ""
    span: Span | None = None
    edits: int = 0
    optional: set[Value] = field(default_factory=set)

    @property
    def params(self) -> list[Value]:
        """All parameters, captured ones last."""
        return self.block.params

    # Set by the package, whose printer and comparison are above this file.
    printer: ClassVar[Callable[[Any], str]]
    comparison: ClassVar[Callable[[Any, Any], bool]]

    def __str__(self) -> str:
        return Func.printer(self)

    def __eq__(self, other: object) -> bool:
        """The same program, up to the identity of values; spans and hints are ignored."""
        return self is other or (isinstance(other, Func) and Func.comparison(self, other))

    __hash__ = object.__hash__


# What most operands are besides values: told by one look at the type, since every pass asks of every operand.
PLAIN = frozenset({int, float, complex, bool, str, type(None)})


def values_in(operand: Operand) -> Iterator[Value]:
    """Every value inside an operand, left to right."""
    kind = type(operand)
    if kind is Value:
        return iter((operand,))
    found: list[Value] = []
    if kind not in PLAIN:
        collect_values(operand if kind is tuple or kind is list else (operand,), found)
    return iter(found)


def collect_values(operands: Iterable[Operand], found: list[Value]) -> None:
    """Append every value inside some operands to a list, left to right."""
    for operand in operands:
        kind = type(operand)
        if kind is Value:
            found.append(operand)
        elif kind in PLAIN:
            continue
        elif kind is slice:
            collect_values((operand.start, operand.stop, operand.step), found)
        elif kind is tuple or isinstance(operand, (tuple, list)):
            collect_values(operand, found)
        elif isinstance(operand, dict):
            collect_values(operand.values(), found)


def map_operand(change: Callable[[Value], Operand], operand: Operand) -> Operand:
    """The operand with every value replaced; constants are kept as they are."""
    kind = type(operand)
    if kind is Value:
        return change(operand)
    if kind in PLAIN:
        return operand
    if isinstance(operand, tuple):
        items = [map_operand(change, item) for item in operand]
        return type(operand)(*items) if hasattr(operand, "_fields") else tuple(items)
    if isinstance(operand, list):
        return [map_operand(change, item) for item in operand]
    if isinstance(operand, slice):
        return slice(*(map_operand(change, part) for part in (operand.start, operand.stop, operand.step)))
    if isinstance(operand, dict):
        return {key: map_operand(change, item) for key, item in operand.items()}
    return operand


def operands_of(op: Op) -> tuple[Operand, ...]:
    """What the op itself reads, the contents of its blocks not counted."""
    match op:
        case Call():
            return (*op.args, *op.kwargs.values()) if op.kwargs else op.args
        case If():
            return (op.cond,)
        case Loop():
            parts: list[Operand] = []
            for source in op.sources:
                if isinstance(source, Range):
                    parts += [source.start, source.stop, source.step]
                else:
                    parts.append(source.value)
            return (*parts, *op.inits)
