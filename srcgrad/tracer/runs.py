"""Runs that were recorded, and their derivatives, which are such runs again: of any order, in either direction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from srcgrad.tracer.engine import Sweep
from srcgrad.tracer.node import Start
from srcgrad.tracer.record import lifted
from srcgrad.tracer.sweeps import zero_like
from srcgrad.tracer.tensor import Tensor, make, plain
from srcgrad.tracer.whole import Tracing, as_kind, is_number

Values = tuple[Any, ...]
Graph = tuple[list[Tensor], list[Any]]  # the inputs, and what was made of them


class Run(ABC):
    """Something that was computed of inputs.

    Attributes
    ----------
    values : what it gave: numbers and arrays
    """

    values: Values

    @abstractmethod
    def graph(self) -> Graph:
        """Inputs and results as tensors, recorded."""

    def pulled(self, bars: Values) -> Run:
        """The cotangents of the inputs."""
        return Pulled(self, bars)

    def pushed(self, dots: Values) -> Run:
        """The tangents of the results."""
        return Pushed(self, dots)


class Recorded(Run):
    """A run of which the graph is there.

    Parameters
    ----------
    inputs : list of Tensor
        What it was given.
    outs : list
        What it made: tensors, or plain values where nothing was recorded.
    """

    def __init__(self, inputs: list[Tensor], outs: list[Any]) -> None:
        self._graph = inputs, outs
        self.values = tuple([plain(out) for out in outs])

    def graph(self) -> Graph:
        """What was recorded."""
        return self._graph


class Derived(Run):
    """A derivative of a run: its values are computed at once, its own graph when a derivative of it is asked for."""

    def __init__(self, of: Run, given: Values) -> None:
        self.of = of
        self.given = tuple([x.copy() if isinstance(x, np.ndarray) else x for x in given])  # they may be written
        self._graph: Graph | None = None
        inputs, outs = of.graph()
        found = self.derive(inputs, outs, list(self.given), False)
        self.values = tuple([value_for(x, like) for x, like in zip(found, self.likes(inputs, outs), strict=True)])

    def graph(self) -> Graph:
        """Recorded at the first call."""
        if self._graph is None:
            inputs, outs = self.of.graph()
            given = [started(x) for x in self.given]
            with Tracing():
                found = self.derive(inputs, outs, given, True)
                made = [tensor_for(x, like) for x, like in zip(found, self.likes(inputs, outs), strict=True)]
            self._graph = [*inputs, *given], made
        return self._graph

    @abstractmethod
    def derive(self, inputs: list[Tensor], outs: list[Any], given: list[Any], graph: bool) -> list[Any]:
        """The results, None for zero; recorded or not."""

    @abstractmethod
    def likes(self, inputs: list[Tensor], outs: list[Any]) -> list[Any]:
        """What the results have the shapes and types of."""


class Pulled(Derived):
    """The pullback: cotangents of the results are given."""

    def derive(self, inputs: list[Tensor], outs: list[Any], given: list[Any], graph: bool) -> list[Any]:
        """One sweep back."""
        return swept(zip(outs, given, strict=True), inputs, graph)

    def likes(self, inputs: list[Tensor], outs: list[Any]) -> list[Any]:
        """The inputs."""
        return list(inputs)


class Pushed(Derived):
    """The directional derivative: tangents of the inputs are given.

    The pullback is linear in the cotangents; its own pullback by them is what pushes. The function is not run again,
    for it may act.
    """

    def derive(self, inputs: list[Tensor], outs: list[Any], given: list[Any], graph: bool) -> list[Any]:
        """A recorded sweep back from unknown cotangents, and one back to those."""
        bars = [started(zero_like(plain(out))) for out in outs]
        with Tracing():
            found = swept(zip(outs, bars, strict=True), inputs, True)
        pairs = [(x, dot) for x, dot in zip(found, given, strict=True) if x is not None]
        return swept(pairs, bars, graph)

    def likes(self, inputs: list[Tensor], outs: list[Any]) -> list[Any]:
        """The results."""
        return list(outs)


def swept(pairs: Any, targets: Sequence[Any], graph: bool) -> list[Any]:
    """The cotangents of the targets from values and their cotangents; None for zero."""
    roots = [(x._node, bar) for x, bar in pairs if isinstance(x, Tensor) and x._node is not None]
    nodes = [x._node if isinstance(x, Tensor) else None for x in targets]
    found = Sweep([node for node in nodes if node is not None], True, graph).run(roots) if roots else {}
    return [found.get(node) if node is not None else None for node in nodes]


def started(x: Any) -> Any:
    """A value as a tensor of its own; what has no derivative as it is."""
    if not is_number(x):
        return x
    made = make(x)
    made._node = Start(None, None)
    return made


def value_for(bar: Any, like: Any) -> Any:
    """A plain cotangent of the kind of what it belongs to."""
    like = plain(like)
    return zero_like(like) if bar is None else as_kind(plain(bar), like)


def tensor_for(bar: Any, like: Any) -> Any:
    """The same of one that is recorded."""
    like = plain(like)
    if bar is None or not isinstance(bar, Tensor):
        return value_for(bar, like)
    return bar if np.shape(bar._value) == np.shape(like) else lifted(np.broadcast_to)(bar, np.shape(like))
