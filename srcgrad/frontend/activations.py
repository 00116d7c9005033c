"""Activations of functions, regions that were interpreted, and what interrupts the interpreter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from srcgrad.errors import Span
from srcgrad.frontend.liveness import Liveness
from srcgrad.frontend.source import Source
from srcgrad.frontend.values import Abstract, State
from srcgrad.ir.core import GO, Block, Operand, Value


class NeedStatic(Exception):
    """A run-time number is needed while compiling: a loop may be unrolled, or an argument's value fixed."""

    def __init__(self, value: Value, why: str, span: Span | None) -> None:
        super().__init__(why)
        self.value = value
        self.why = why
        self.span = span
        self.origin = span  # where it is needed; `span` may be that of the loop around, which would be written out


class Raises(Exception):
    """The expression that is interpreted always raises: its statement ends here.

    With a `frame`, a `try` of that activation takes the exception; without, it is emitted and leaves the program.
    """

    def __init__(self, frame: Frame | None = None) -> None:
        super().__init__()
        self.frame = frame


class NeedUnroll(Exception):
    """What a loop does to a container can be followed only trip by trip."""


class NeedPath(Exception):
    """An array is written after a list took it in: from there on its names have to lead into the list."""

    def __init__(self, span: Span | None) -> None:
        super().__init__()
        self.span = span


class NeedLayout(Exception):
    """A write goes through what may be a view, depending on the layout of an argument."""


@dataclass(eq=False)
class Frame:
    """One activation of a function."""

    number: int
    node: Any
    source: Source
    liveness: Liveness
    parent: Frame | None = None  # the frame whose names a closure sees
    call_span: Span | None = None
    silent: bool = False  # not the user's: what goes wrong is told at the place of the call
    consumer: Any = None  # of a generator that runs: who takes its items
    places: dict[Span, Span] = field(default_factory=dict)  # as they are reached through `call_span`

    def span(self, node: Any) -> Span:
        """Where `node` stands, and which call led there."""
        own = self.source.span(node)
        if self.call_span is None:
            return own
        return self.places.get(own) or self.places.setdefault(own, own.called(self.call_span))


@dataclass
class Arm:
    """A region after it was interpreted."""

    block: Block
    state: State
    status: Operand = GO
    result: Abstract | None = None


@dataclass(eq=False)
class Split:
    """A way out in the middle of a block: where `test` holds, the block is left as `left` has it."""

    test: Operand
    left: Arm
    block: Block
