"""Python constants as expressions that give the same value, bit for bit."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.ir.types import ABSENT

__all__ = ["expression"]

PLAIN = (type(None), bool, int, str, bytes, type(...), range)


def expression(value: Any, numpy: Callable[[], str]) -> str | None:
    """The text of a constant; None where there is none.

    Parameters
    ----------
    value : object
        Numbers, text, dtypes, and lists, tuples, dicts, sets and slices of them.
    numpy : callable
        Gives the name NumPy goes by, once it is needed.
    """
    if value is ABSENT:
        return "object()"
    if type(value) in PLAIN:
        return repr(value)
    if type(value) in (float, complex):
        return _number(value, numpy)
    if isinstance(value, np.generic):
        return _numpy_number(value, numpy)
    if isinstance(value, np.dtype):
        return f"{numpy()}.dtype({value.str!r})" if value.kind in "biufc" else None
    return _container(value, numpy)


def _number(value: float | complex, numpy: Callable[[], str]) -> str:
    if isinstance(value, float):
        return _real(value, numpy)
    finite = math.isfinite(value.real) and math.isfinite(value.imag)
    return repr(value) if finite else f"complex({_real(value.real, numpy)}, {_real(value.imag, numpy)})"


def _real(value: float, numpy: Callable[[], str]) -> str:
    if math.isfinite(value):
        return repr(value)
    return f"{numpy()}.nan" if math.isnan(value) else f"{'-' * (value < 0)}{numpy()}.inf"


def _numpy_number(value: np.generic, numpy: Callable[[], str]) -> str | None:
    kind, size = value.dtype.kind, value.dtype.itemsize
    if kind not in "biufc" or size > (16 if kind == "c" else 8):
        return None
    shortest = kind == "f" and bool(np.isfinite(value))  # 0.1 instead of 0.10000000149011612
    text = str(value) if shortest else _number(value.item(), numpy) if kind in "fc" else repr(value.item())
    return f"{numpy()}.{type(value).__name__}({text})"


def _container(value: Any, numpy: Callable[[], str]) -> str | None:
    if type(value) is dict:
        items = [expression(x, numpy) for x in (*value, *value.values())]
        pairs = zip(items[: len(value)], items[len(value) :], strict=True)
        return None if None in items else "{" + ", ".join(f"{k}: {v}" for k, v in pairs) + "}"
    if type(value) is slice:
        parts = [expression(x, numpy) for x in (value.start, value.stop, value.step)]
        return None if None in parts else f"slice({', '.join(map(str, parts))})"
    if type(value) not in (list, tuple, set, frozenset):
        return None
    texts = [expression(x, numpy) for x in value]
    if None in texts:
        return None
    inside = ", ".join(map(str, texts))
    if type(value) is tuple:
        return f"({inside}{',' * (len(texts) == 1)})"
    return f"[{inside}]" if type(value) is list else f"{type(value).__name__}([{inside}])"
