"""Runs what two emitters make of a function, and compares."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np

from srcgrad.codegen import numpy as careful
from srcgrad.codegen import plain
from srcgrad.codegen.load import load
from srcgrad.ir import Func


def emitted(func: Func) -> str:
    """The text of the careful emitter."""
    return careful.emit(func, {})


def results(emitter: Any, func: Func, args: list[Any]) -> Any:
    """What the text of an emitter gives, or the type of what it raises."""
    namespace: dict[str, Any] = {}
    text = emitter.emit(func, namespace)
    return load(text, func.name, namespace)(*args)


def check(func: Func, args: list[Any]) -> Any:
    """The careful emitter gives what the plain one gives, to the bit, leaves arguments alone, and owns its results."""
    expected = results(plain, func, copy.deepcopy(args))
    given = copy.deepcopy(args)
    found = results(careful, func, given)
    assert same(found, expected), (found, expected)
    assert same(given, args), "an argument was written"
    parts = [list(arrays(part)) for part in (found if isinstance(found, tuple) else (found,))]
    for k, part in enumerate(parts):  # a list may hold one array twice, as in the primal
        others = [*arrays(given), *(leaf for other in parts[:k] for leaf in other)]
        assert not any(np.shares_memory(leaf, other) for leaf in part for other in others), "a result shares memory"
    return found


def same(a: Any, b: Any) -> bool:
    """Equal to the bit, NaNs included."""
    if isinstance(a, (list, tuple)) or isinstance(b, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) or isinstance(b, dict):
        return type(a) is type(b) and list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if hasattr(a, "__dict__") and type(a) is type(b):
        return same(vars(a), vars(b))
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return type(a) is type(b) and a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    return a is b or a == b or (a != a and b != b)


def arrays(value: Any) -> Iterator[np.ndarray]:
    """Every array in nested lists and tuples."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from arrays(item)
