"""Names in printed text: identifiers from hints, and dotted names of callables, both ways."""

from __future__ import annotations

import importlib
import keyword
import re
import sys
import unicodedata
from collections.abc import Collection, Iterator
from types import ModuleType
from typing import Any

__all__ = ["Guess", "Names", "dotted_name", "identifier", "resolve"]

# Where a public name is looked for when an object does not know its own, or knows a private one.
PUBLIC_MODULES = ("builtins", "math", "operator", "numpy", "numpy.random", "numpy.linalg", "numpy.fft", "scipy.special")


class Guess(str):
    """The hint of a value that nobody has named: it counts as none, but tells what to call it where it needs a name."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False


def identifier(text: str, default: str = "v") -> str:
    """The nearest Python identifier to a text: ``<lambda>`` is ``lambda_``, the empty text the default."""
    text = unicodedata.normalize("NFKC", text)  # as Python does: two spellings of one name are one name
    name = text if text.isidentifier() else re.sub(r"[^0-9A-Za-z_]+", "_", text).strip("_")
    if not name:
        return default
    if name[0].isdigit():
        name = "_" + name
    return name + "_" if keyword.iskeyword(name) else name


class Names:
    """Gives each request a name that was not given before.

    Parameters
    ----------
    taken : collection of str
        Names never to give.
    """

    def __init__(self, taken: Collection[str] = ()) -> None:
        self.taken = set(taken)
        self._next: dict[str, int] = {}

    def fresh(self, hint: str) -> str:
        """The hint where it is free, else the hint and a number."""
        name, number = hint, self._next.get(hint, 0)
        while name in self.taken:
            number += 1
            name = f"{hint}_{number}"
        self._next[hint] = number
        self.taken.add(name)
        return name


def resolve(name: str) -> Any:
    """The object of a dotted name; its module is imported where it is not yet.

    Raises
    ------
    LookupError
        Where there is no such object.
    """
    parts = name.split(".")
    for count in range(len(parts) - 1, 0, -1):
        module = _module(".".join(parts[:count]))
        if module is not None:
            return _attribute(module, parts[count:], name)
    raise LookupError(f"no module defines {name!r}")


def _module(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _attribute(owner: Any, path: list[str], name: str) -> Any:
    for part in path:
        if not hasattr(owner, part):
            raise LookupError(f"{name!r}: {owner!r} has no attribute {part!r}")
        owner = getattr(owner, part)
    return owner


def dotted_name(fn: Any) -> str | None:
    """The name under which `resolve` finds a callable again, None where there is none."""
    for module, qualname in _candidates(fn):
        if module in sys.modules and _is_same(_peek(sys.modules[module], qualname), fn):
            return f"{module}.{qualname}"
    return None


def _candidates(fn: Any) -> Iterator[tuple[str, str]]:
    """Where a callable may be found: under a public name, under its own, in its class, in the object it is bound to."""
    name = getattr(fn, "__name__", None)
    if not isinstance(name, str):
        return
    yield from ((module, name) for module in PUBLIC_MODULES)
    qualname = getattr(fn, "__qualname__", name)
    owner = getattr(fn, "__objclass__", fn)
    module = getattr(owner, "__module__", None)
    if isinstance(module, str):
        yield module, qualname
    bound = getattr(fn, "__self__", None)
    if bound is not None and not isinstance(bound, ModuleType):
        for module, qualname in _candidates(bound):
            yield module, f"{qualname}.{name}"


def _peek(owner: Any, path: str) -> Any:
    """Follow attributes, None where there is none; a module is not asked for what it makes up on demand."""
    for part in path.split("."):
        owner = vars(owner).get(part) if isinstance(owner, ModuleType) else getattr(owner, part, None)
    return owner


def _is_same(found: Any, fn: Any) -> bool:
    """Identity, but for bound methods, which are made at each access."""
    if found is fn:
        return True
    bound = getattr(fn, "__self__", None)
    same_owner = bound is not None and getattr(found, "__self__", None) is bound
    return same_owner and type(found) is type(fn) and found.__name__ == fn.__name__
