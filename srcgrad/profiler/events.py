"""What a profile is made of: operations with their times, and what they keep in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad.errors import Span
from srcgrad.tracer.node import Node
from srcgrad.tracer.tensor import Tensor

FORWARD, BACKWARD = "forward", "backward"


@dataclass
class Event:
    """One operation, or one stretch that the user named.

    Attributes
    ----------
    name : the operation's
    sweep : "forward" or "backward"
    start, stop : in seconds, of ``time.perf_counter``
    inner : the time of the events inside this one, in seconds
    saved : bytes kept for the sweep back
    made : bytes of the result
    shapes : those of the operands
    span : the user's line; of a step back, the line that recorded the operation
    depth : how many events it is inside of
    """

    name: str
    sweep: str
    start: float
    stop: float = 0.0
    inner: float = 0.0
    saved: int = 0
    made: int = 0
    shapes: tuple[tuple[int, ...], ...] = ()
    span: Span | None = None
    depth: int = 0

    @property
    def total(self) -> float:
        """Its time in seconds."""
        return self.stop - self.start

    @property
    def own(self) -> float:
        """Its time without that of the events inside, in seconds."""
        return self.total - self.inner


def bytes_of(x: Any) -> int:
    """The memory of the arrays in it."""
    if isinstance(x, Tensor):
        x = x._value
    if isinstance(x, (np.ndarray, np.generic)):
        return int(x.nbytes)
    return sum(map(bytes_of, x)) if isinstance(x, (list, tuple)) else 0


def bytes_saved(node: Node) -> int:
    """The memory of what a node keeps."""
    return bytes_of(node.args) + bytes_of(node.out)


def shapes_of(args: Iterable[Any]) -> tuple[tuple[int, ...], ...]:
    """The shapes of the tensors among some arguments."""
    return tuple([np.shape(arg._value) for arg in args if isinstance(arg, Tensor)])
