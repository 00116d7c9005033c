"""Finding where a NaN of the backward sweep comes from: each operation remembers its line, each adjoint is checked."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

import srcgrad.tracer.node as nodes
from srcgrad.errors import Span
from srcgrad.tracer.leaving import user_span
from srcgrad.tracer.modes import MODE
from srcgrad.tracer.node import Node

_lines: weakref.WeakKeyDictionary[Node, Span] = weakref.WeakKeyDictionary()


def remember(node: Node) -> None:
    """Keep the user's line that makes a node."""
    span = user_span() if MODE.anomaly else None
    if span is not None:
        _lines[node] = span


def line_of(node: Node) -> Span | None:
    """The line that made a node, if it is known."""
    return _lines.get(node)


class DetectAnomaly:
    """Within ``with detect_anomaly():`` a NaN in a backward sweep is an error that names the forward line.

    Parameters
    ----------
    check_nan : bool
        Whether NaN is looked for; else only the lines are kept.
    """

    def __init__(self, check_nan: bool = True) -> None:
        self._check = check_nan
        self._before: list[tuple[bool, bool]] = []

    def __enter__(self) -> None:
        self._before.append((MODE.anomaly, MODE.check_nan))
        MODE.anomaly, MODE.check_nan = True, self._check
        if remember not in nodes.WATCHERS:
            nodes.WATCHERS.append(remember)

    def __exit__(self, *_: object) -> None:
        MODE.anomaly, MODE.check_nan = self._before.pop()


detect_anomaly = DetectAnomaly


def check(node: Node, bars: Any) -> None:
    """Raise if an adjoint gave NaN."""
    for k, bar in enumerate(bars):
        value = getattr(bar, "_value", bar)
        if value is not None and np.any(np.isnan(value)):
            span = line_of(node)
            where = f" It was recorded at {span.file}:{span.line}: {span.text.strip()}" if span is not None else ""
            raise RuntimeError(f"Function '{node.name()}' returned nan values in its {k}th output.{where}")
