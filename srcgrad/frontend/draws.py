"""Random generators, loggers and locks as the frontend sees them: their methods are functions of the object."""

from __future__ import annotations

import sys
from typing import Any

from srcgrad.frontend.values import Abstract, Bound, Const
from srcgrad.ir.types import Opaque, Type

GENERATOR = Opaque("Generator")  # the type that the rule of `default_rng` gives
MODULES = ("numpy.random._generator", "numpy.random.mtrand", "logging", "_thread")


def unbound(fn: Any) -> tuple[Any, Any] | None:
    """The function of the class and the object, of the bound method of a generator, a logger or a lock."""
    owner = getattr(fn, "__self__", None)
    cls = type(owner)
    if cls.__module__ not in MODULES or not hasattr(cls, fn.__name__):
        return None
    return getattr(cls, fn.__name__), owner


def drawing_method(kind: Type, owner: Abstract, name: str) -> Abstract | None:
    """A method of a generator that the program made itself."""
    if kind != GENERATOR:
        return None
    return Bound(Const(getattr(sys.modules["numpy.random"].Generator, name)), (owner,), {})
