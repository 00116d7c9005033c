"""Finding where a NaN of the backward sweep comes from: each operation remembers its line, each adjoint is checked."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

import srcgrad.tracer.node as nodes
from srcgrad.errors import Span
from srcgrad.tracer.leaving import user_span
from srcgrad.tracer.modes import MODE, SPECIAL
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
        nodes.WATCHERS.append(remember)
        SPECIAL.append(self)

    def __exit__(self, *_: object) -> None:
        nodes.WATCHERS.remove(remember)
        SPECIAL.remove(self)
        MODE.anomaly, MODE.check_nan = self._before.pop()


detect_anomaly = DetectAnomaly
_set: list[DetectAnomaly] = []  # by `set_detect_anomaly`


def set_detect_anomaly(mode: bool, check_nan: bool = True) -> None:
    """The same from now on, or no more.

    Parameters
    ----------
    mode : bool
        Whether lines are kept.
    check_nan : bool
        Whether NaN is looked for.
    """
    while _set:
        _set.pop().__exit__()
    if mode:
        _set.append(DetectAnomaly(check_nan))
        _set[0].__enter__()


def is_anomaly_enabled() -> bool:
    """Do operations remember their lines in this thread?"""
    return MODE.anomaly


def check(node: Node, bars: Any) -> None:
    """Raise if an adjoint gave NaN."""
    for k, bar in enumerate(bars):
        value = getattr(bar, "_value", bar)
        if value is not None and np.any(np.isnan(value)):
            span = line_of(node)
            where = f" It was recorded at {span.file}:{span.line}: {span.text.strip()}" if span is not None else ""
            raise RuntimeError(f"Function '{node.name()}' returned nan values in its {k}th output.{where}")
