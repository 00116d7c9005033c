"""Exceptions of generated code: a note that names the user's function, and the errors that say more than Python's."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

from srcgrad.api.derive import one_number
from srcgrad.api.results import non_scalar, span_of
from srcgrad.errors import NonDifferentiableError

# What Python and NumPy say where a float is used as an index or a count.
INDEX_ERRORS = ("cannot be interpreted as an integer", "only integers, slices", "indices must be integers",
                "expected a sequence of integers")  # fmt: skip


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


def _last_frame(error: Exception) -> Any:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return frame


def note(error: Exception, fn: Callable[..., Any], what: str) -> str:
    """Where in generated code it happened, and of which function that is the derivative."""
    where = span_of(fn)
    text = f"raised while computing {what}" + (f" ({where})" if where is not None else "")
    lines = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith("<srcgrad ")]
    return text + (f", in the generated line {lines[-1].lineno}: {lines[-1].line}" if lines else "")


__all__ = ["explain_error"]
