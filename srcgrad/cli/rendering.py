"""Code on a terminal: highlighted, numbered, and generated lines tied to the primal's."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

from srcgrad.codegen import numpy as numpy_code
from srcgrad.errors import Span
from srcgrad.ir.core import Func

__all__ = ["show_derivative", "show_primal"]


def show_primal(console: Console, fn: Callable[..., Any]) -> str:
    """Print a function under the line numbers of its file; gives the file's name."""
    inner = inspect.unwrap(fn)
    try:
        lines, first = inspect.getsourcelines(inner)
    except (OSError, TypeError):
        return ""
    file = inspect.getsourcefile(inner) or ""
    _title(console, f"{getattr(inner, '__qualname__', inner)} ({os.path.basename(file)})")
    numbers = (f"{number:>5}" for number in range(first, first + len(lines)))
    _print(console, "".join(lines), numbers)
    return file


def show_derivative(console: Console, func: Func, title: str, file: str) -> None:
    """Print generated code; beside each line its own number and that of the primal's line it stems from.

    Parameters
    ----------
    console : Console
        Where to print; without a terminal behind it, there are no colours.
    func : Func
        The derivative.
    title : str
        What is printed above.
    file : str
        The primal's file; lines of other files carry that file's name.
    """
    lines = numpy_code.emit_lines(func, {})
    origins = [_origin(line.span, file) for line in lines]
    width = max([4, *map(len, origins)])
    _title(console, title)
    console.print(Text(f"{'line':>5} {'from':>{width}}", style="dim"), soft_wrap=True)
    gutters = (f"{number:>5} {origin:>{width}}" for number, origin in enumerate(origins, 1))
    _print(console, "\n".join(line.text for line in lines), gutters)


def _origin(span: Span | None, file: str) -> str:
    if span is None:
        return ""
    return str(span.line) if span.file == file else str(span)


def _title(console: Console, text: str) -> None:
    console.print(Text(text, style="bold"), soft_wrap=True)


def _print(console: Console, text: str, gutters: Iterable[str]) -> None:
    for gutter, line in zip(gutters, _highlighted(text), strict=True):
        console.print(Text.assemble((f"{gutter} | ", "dim"), line), soft_wrap=True)


def _highlighted(text: str) -> Iterator[Text]:
    code = Syntax("", "python", theme="ansi_dark").highlight(text.rstrip("\n"))
    code.rstrip()  # it ends with a line break of its own
    for line in code.split("\n", allow_blank=True):
        line.rstrip()
        yield line
