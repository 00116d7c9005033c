"""Text becomes a function whose lines tracebacks, debuggers and `inspect` can show."""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Callable
from typing import Any

from srcgrad.ir.names import identifier

__all__ = ["load", "pseudo_file"]

_numbers = itertools.count(1)  # `next` on it is atomic


def pseudo_file(name: str) -> str:
    """A file name that no other text has: ``<srcgrad loss_grad #3>``."""
    return f"<srcgrad {name} #{next(_numbers)}>"


def load(text: str, name: str, namespace: dict[str, Any], filename: str = "") -> Callable[..., Any]:
    """Run a text and take a function from it.

    Parameters
    ----------
    text : str
        What an emitter gave.
    name : str
        The name of the function; where it is not an identifier, the nearest one is meant.
    namespace : dict
        The globals of the text: the constants that the emitter put there. What the text defines is added.
    filename : str
        Under which name its lines are found; by default a new `pseudo_file`.
    """
    filename = filename or pseudo_file(name)
    # An entry without time stamp is kept when `linecache` checks its files.
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    namespace.setdefault("__name__", "srcgrad.generated")
    exec(compile(text, filename, "exec", dont_inherit=True), namespace)
    function: Callable[..., Any] = namespace[identifier(name)]
    return function
