"""The exact key of a call's arguments, cheap to make: equal keys have equal signatures, and equal known values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from srcgrad.frontend.signature import attributes_of

# Types whose values do not matter to the code.
NUMBERS = frozenset({float, int, complex, *(np.dtype(c).type for c in "?bhilqBHILQefdgFDG")})


ndarray = np.ndarray


class Same:
    """An object compared by identity, kept alive as long as the key."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


def _keys_of(values: Iterable[Any]) -> tuple[Any, ...]:
    """The keys of a container's items; arrays, the usual case, without a call."""
    return tuple([(v.dtype, v.shape) if type(v) is ndarray else key_of(v) for v in values])


def key_of(value: Any) -> Any:
    """The key of one argument."""
    cls = type(value)
    if cls is ndarray:
        return value.dtype, value.shape
    if cls in NUMBERS:
        return cls
    if cls is dict:
        return dict, tuple(value), _keys_of(value.values())
    if value is None or cls is bool or cls is str:
        return cls, value
    if isinstance(value, (list, tuple)):
        return cls, _keys_of(value)
    if isinstance(value, dict):
        return cls, tuple(value), _keys_of(value.values())
    if isinstance(value, np.ndarray):
        return cls, value.dtype, value.shape
    names = attributes_of(value)
    if names:
        return cls, names, tuple([key_of(getattr(value, name)) for name in names])
    return Same(value)


def static_key(value: Any) -> Any:
    """A key of an argument's value."""
    if isinstance(value, ndarray):
        return value.dtype, value.shape, value.tobytes()
    return (type(value), value) if isinstance(value, (bool, int, float, complex, str, np.generic)) else Same(value)


__all__ = ["NUMBERS", "Same", "key_of", "static_key"]
