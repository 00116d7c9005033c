"""How a text refers to what is not its own: modules, callables and constants, entered into its namespace."""

from __future__ import annotations

import builtins
import functools
import keyword
import math
import sys
from typing import Any

import numpy as np

from srcgrad.ir.core import Func
from srcgrad.ir.names import Names, dotted_name, identifier
from srcgrad.ir.types import ABSENT

__all__ = ["References", "literal"]

ALIASES = {"numpy": "np"}
LITERALS = (type(None), bool, int, str, bytes, type(...))


@functools.lru_cache(maxsize=4096)
def _dotted(fn: Any) -> str | None:
    return dotted_name(fn)


def literal(value: Any) -> str | None:
    """The literal of a constant, None where it has none."""
    if value is ...:
        return "..."
    if type(value) in LITERALS or (type(value) in (float, complex) and _is_finite(value)):
        return repr(value)
    return None


def _is_finite(value: complex) -> bool:
    return math.isfinite(value.real) and math.isfinite(value.imag)


class References:
    """Names of foreign things. `taken` grows with what the text uses."""

    def __init__(self, namespace: dict[str, Any], funcs: list[Func], captured: set[str]) -> None:
        self.namespace = namespace
        self.captured = captured
        self._names = Names({*namespace, *captured, *dir(builtins), *keyword.kwlist})
        self._by_id: dict[int, str] = {}
        self._callables: dict[int, str] = {}
        self.funcs = {func: self._names.fresh(identifier(func.name, "func")) for func in funcs}

    @property
    def taken(self) -> set[str]:
        """Every name that means something foreign."""
        return self._names.taken

    def of(self, value: Any) -> str:
        """The text of a constant or callable."""
        if isinstance(value, Func):
            return self.funcs[value]
        text = literal(value)
        if text is not None:
            return text
        if isinstance(value, float) and type(value) is float:
            return self._float(value)
        key = id(value)
        if key not in self._callables:
            self._callables[key] = self._reference(value)
        return self._callables[key]

    def _float(self, value: float) -> str:
        root = self._module("numpy")
        return f"{root}.nan" if math.isnan(value) else f"{root}.inf" if value > 0 else f"-{root}.inf"

    def _reference(self, value: Any) -> str:
        if callable(value):
            dotted = _named(value)
            if dotted is not None:
                return dotted if (text := self._dotted(dotted)) is None else text
        if isinstance(value, np.dtype) and value.isbuiltin == 1:
            return f"{self._module('numpy')}.dtype({value.name!r})"
        return self._bind(value)

    def _dotted(self, dotted: str) -> str | None:
        module, _, name = dotted.rpartition(".")
        if module == "builtins" and name not in self.namespace and name not in self.captured:
            return name
        if module == "srcgrad.runtime":
            return self._bind(sys.modules[module].__dict__[name])
        root, _, rest = dotted.partition(".")
        return f"{self._module(root)}.{rest}"

    def _module(self, name: str) -> str:
        return self._bind(sys.modules[name], ALIASES.get(name, name))

    def _bind(self, value: Any, hint: str = "") -> str:
        """The global name of an object; the namespace keeps it alive, so its id is its own."""
        if id(value) not in self._by_id:
            hint = hint or constant_hint(value)
            name = hint if self.namespace.get(hint, self) is value else self._names.fresh(hint)
            self.namespace[name] = value
            self._names.taken.add(name)
            self._by_id[id(value)] = name
        return self._by_id[id(value)]


def _named(value: Any) -> str | None:
    """The dotted name of a callable of a library."""
    try:
        dotted = _dotted(value)
    except TypeError:  # unhashable
        return None
    public = ("builtins.", "numpy.", "math.", "cmath.", "operator.", "scipy.", "srcgrad.runtime.")
    return dotted if dotted is not None and dotted.startswith(public) else None


def constant_hint(value: Any) -> str:
    """What to call a constant: its own name, or that of its type."""
    own = "ABSENT" if value is ABSENT else getattr(value, "__name__", None)
    return identifier(own if isinstance(own, str) else type(value).__name__.lower(), "constant")
