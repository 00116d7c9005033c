"""Text becomes a function whose lines tracebacks, debuggers and `inspect` can show."""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Callable, Sequence
from typing import Any

from srcgrad.codegen.tied import Line
from srcgrad.ir.names import identifier

__all__ = ["line_of", "load", "pseudo_file"]

_numbers = itertools.count(1)  # `next` on it is atomic
_lines: dict[str, Sequence[Line]] = {}  # kept as long as `linecache` keeps the text


def pseudo_file(name: str) -> str:
    """A file name that no other text has: ``<srcgrad loss_grad #3>``."""
    return f"<srcgrad {name} #{next(_numbers)}>"


def load(text: str, name: str, namespace: dict[str, Any], filename: str = "",
         lines: Sequence[Line] = ()) -> Callable[..., Any]:  # fmt: skip
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
    lines : sequence of Line
        The lines of the text with their places in the primal, for `line_of`.
    """
    filename = filename or pseudo_file(name)
    # An entry without time stamp is kept when `linecache` checks its files.
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    if lines:
        _lines[filename] = lines
    namespace.setdefault("__name__", "srcgrad.generated")
    exec(compile(text, filename, "exec", dont_inherit=True), namespace)
    function: Callable[..., Any] = namespace[identifier(name)]
    return function


def line_of(filename: str, number: int) -> Line | None:
    """The line of a loaded text, counted from 1; None where no text of this name was loaded with its lines."""
    lines = _lines.get(filename, ())
    return lines[number - 1] if 0 < number <= len(lines) else None
