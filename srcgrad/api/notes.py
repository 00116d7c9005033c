"""Exceptions of generated code: a note with the user's lines they stem from, and errors that say more than Python's."""

from __future__ import annotations

import itertools
import traceback
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

from srcgrad.api.derive import one_number
from srcgrad.api.results import non_scalar, span_of
from srcgrad.codegen.load import line_of
from srcgrad.errors import NonDifferentiableError, Span

# What Python and NumPy say where a float is used as an index or a count.
INDEX_ERRORS = ("cannot be interpreted as an integer", "only integers, slices", "indices must be integers",
                "expected a sequence of integers")  # fmt: skip
FEW = 3  # times that one line is shown, as in Python's own tracebacks


def explain_error(error: Exception, fn: Callable[..., Any], what: str, floated: list[str]) -> None:
    """Add a note to an exception that generated code raised, or raise a better one instead."""
    last = _last_frame(error)
    if last is not None and last.tb_frame.f_code is one_number.__code__:
        raise non_scalar(str(error), fn) from None
    if floated and isinstance(error, (TypeError, IndexError)) and any(text in str(error) for text in INDEX_ERRORS):
        names = ", ".join(f"`{name}`" for name in floated)
        raise NonDifferentiableError(
            f"{names} was an int and became a float to be differentiated, but is used as an index, a count or a size",
            span=span_of(fn), repair="Leave it out of argnums.",
        ) from error  # fmt: skip
    error.add_note(note(error, fn, what))


def _last_frame(error: Exception) -> TracebackType | None:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return frame


def note(error: Exception, fn: Callable[..., Any], what: str) -> str:
    """Of which function that is the derivative, and the user's lines that were at work, the innermost last."""
    where = span_of(fn)
    head = f"raised while computing {what}" + (f" ({where})" if where is not None else "")
    spans, reverse = origins(error)
    if not spans:
        return head
    sweep = "in the reverse sweep of" if reverse else "from"
    return "\n".join([f"{head}, {sweep}", *shown(spans)])


def origins(error: Exception) -> tuple[list[Span], bool]:
    """The places in the primal of the generated lines of a traceback; is the last one of a reverse sweep?"""
    spans: list[Span] = []
    reverse = False
    for frame in traceback.extract_tb(error.__traceback__):
        line = line_of(frame.filename, frame.lineno or 0)
        if line is not None:
            span = line.origin(segment(frame))
            spans += through(span)
            reverse = line.reverse
    return spans, reverse


def through(span: Span | None) -> Iterator[Span]:
    """The calls that led to a place, then the place; a comprehension leads to itself."""
    if span is not None:
        found = list(through(span.within))
        yield from found[: -1 if found and (found[-1].file, found[-1].line) == (span.file, span.line) else None]
        yield span


def segment(frame: traceback.FrameSummary) -> str:
    """The expression that was evaluated."""
    first, last = frame.lineno or 0, frame.end_lineno or 0
    found = [line_of(frame.filename, number) for number in range(first, last + 1)]
    texts = [line.text if line is not None else "" for line in found]
    if not texts or frame.colno is None or frame.end_colno is None:
        return ""
    texts[-1] = texts[-1][: frame.end_colno]  # before the start is cut off, for it may be the same line
    texts[0] = texts[0][frame.colno :]
    return "\n".join(texts)


def shown(spans: list[Span]) -> Iterator[str]:
    """Places the way Python's tracebacks show them."""
    for (file, number), group in itertools.groupby(spans, lambda span: (span.file, span.line)):
        same = list(group)
        text = same[0].text.strip()
        yield from [f'  File "{file}", line {number}' + (f"\n    {text}" if text else "")] * min(len(same), FEW)
        if len(same) > FEW:
            yield f"  [Previous line repeated {len(same) - FEW} more times]"


__all__ = ["explain_error"]
