"""Forward sweeps: a function on values that carry tangents."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.tracer.modes import MODE, SPECIAL, Mode
from srcgrad.tracer.tensor import Tensor, make

LOCK = threading.Lock()
RUNNING: list[int] = []  # the numbers of all forward sweeps under way, of all threads


class Level:
    """A forward sweep under way: its number is above those of all sweeps around it.

    Threads that have no sweep of their own see the highest number there is, which is kept in the class: so values with
    tangents keep them in threads that the function starts.
    """

    def __enter__(self) -> int:
        with LOCK:
            self._before: int = vars(MODE).get("levels", 0)
            number: int = max(self._before, Mode.levels) + 1
            RUNNING.append(number)
            SPECIAL.append(self)
            MODE.levels, Mode.levels = number, max(RUNNING)
        return number

    def __exit__(self, *_: object) -> None:
        with LOCK:
            RUNNING.remove(MODE.levels)
            SPECIAL.remove(self)
            Mode.levels = max(RUNNING, default=0)
            if self._before:
                MODE.levels = self._before
            else:
                del MODE.levels


def dual(x: Any, dot: Any, level: int) -> Any:
    """The value with a tangent at a level; lists, tuples and dicts item by item; None is no tangent."""
    if dot is None:
        return x
    if isinstance(x, dict):
        return {key: dual(item, dot[key], level) for key, item in x.items()}
    if isinstance(x, (list, tuple)):
        items = [dual(item, part, level) for item, part in zip(x, dot, strict=True)]
        return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
    value = x._value if isinstance(x, Tensor) else x
    if not np.issubdtype(np.result_type(value), np.inexact):
        return x
    made = make(value, x._node if isinstance(x, Tensor) else None)
    made._dots = {**((x._dots if isinstance(x, Tensor) else None) or {}), level: dot}
    return made


def primal_part(x: Any, level: int) -> Any:
    """The value without the tangent of a level."""
    if isinstance(x, (list, tuple)):
        items = [primal_part(item, level) for item in x]
        return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
    if isinstance(x, dict):
        return {key: primal_part(item, level) for key, item in x.items()}
    return with_lower(x, level) if isinstance(x, Tensor) else x


def with_lower(x: Tensor, level: int) -> Any:
    """The same with the tangents of lower levels only; a plain value where that is all there is."""
    rest = {k: dot for k, dot in (x._dots or {}).items() if k < level}
    if not rest and x._node is None:
        return x._value
    made = make(x._value, x._node)
    made._dots = rest or None
    return made


def tangent_part(x: Any, level: int) -> Any:
    """The tangent at a level, zeros where there is none, None where there cannot be one."""
    if isinstance(x, (list, tuple)):
        items = [tangent_part(item, level) for item in x]
        return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
    if isinstance(x, dict):
        return {key: tangent_part(item, level) for key, item in x.items()}
    dot = (x._dots or {}).get(level) if isinstance(x, Tensor) else None
    return zero_like(x._value if isinstance(x, Tensor) else x) if dot is None else dot


def zero_like(value: Any) -> Any:
    """A zero tangent."""
    if isinstance(value, (np.ndarray, np.generic)):
        return np.zeros_like(value)[()] if isinstance(value, np.generic) else np.zeros_like(value)
    return type(value)(0) if isinstance(value, (float, complex)) else 0.0 if isinstance(value, int) else None


def pushed(f: Callable[..., Any], args: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
    """``f(*args)`` and its tangent."""
    with Level() as level:
        out = f(*[dual(x, dot, level) for x, dot in zip(args, tangents, strict=True)])
        return primal_part(out, level), tangent_part(out, level)
