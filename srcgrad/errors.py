"""Where in the user's code something is, and every exception and warning srcgrad raises."""

from __future__ import annotations

import linecache
import os
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Span:
    """A stretch of the user's source: 1-based lines, 0-based columns as in ``ast``.

    `within` is the call that led there, where the code of a function was put in the place of its call.
    """

    file: str
    line: int
    col: int = 0
    end_line: int | None = None
    end_col: int | None = None
    within: Span | None = None

    def called(self, call: Span | None) -> Span:
        """The same place, reached through a call."""
        return replace(self, within=call if self.within is None else self.within.called(call))

    @property
    def text(self) -> str:
        """The first source line of the span, without its newline; empty where the file is gone."""
        return linecache.getline(self.file, self.line).rstrip("\n")

    def caret(self) -> str:
        """The line and a caret line under the span, both indented by four."""
        line = self.text
        if not line.strip():
            return ""
        indent = len(line) - len(line.lstrip())
        one_line = self.end_line in (None, self.line)
        end = self.end_col if one_line and self.end_col is not None else len(line)
        width = max(1, end - self.col)
        return f"    {line.strip()}\n    {' ' * max(0, self.col - indent)}{'^' * width}"

    def __str__(self) -> str:
        return f"{os.path.basename(self.file)}:{self.line}"


class SrcgradError(Exception):
    """Base of every error: what, where, why and how to repair it.

    Parameters
    ----------
    message : str
        What went wrong, one sentence.
    span : Span, optional
        Where in the user's source.
    reason : str
        Why it cannot be done.
    repair : str
        What to write instead.
    related : sequence of (Span, str)
        Further places that take part, each with a short note.
    """

    def __init__(
        self,
        message: str,
        *,
        span: Span | None = None,
        reason: str = "",
        repair: str = "",
        related: tuple[tuple[Span, str], ...] = (),
    ) -> None:
        self.message = message
        self.span = span
        self.reason = reason
        self.repair = repair
        self.related = related
        super().__init__(message)

    def __str__(self) -> str:
        lines = [self.message]
        if self.related:
            lines += [f"  {span}  {span.text.strip()}    <- {note}" for span, note in self.related]
        elif self.span is not None:
            lines.append(f"  {self.span}")
            lines += [text for text in [self.span.caret()] if text]
        lines += [f"  {text}" for text in (self.reason, self.repair) if text]
        return "\n".join(lines)


class UnsupportedError(SrcgradError):
    """The program uses something that cannot be differentiated from source."""


class AliasError(UnsupportedError):
    """A write through memory that is shared on some paths only."""


class SourceError(SrcgradError):
    """The source of a function is missing, or is not what is running."""


class NonScalarError(SrcgradError, TypeError):
    """The output is not one real number."""


class NonDifferentiableError(SrcgradError, TypeError):
    """An argument or an operation has no derivative."""


class ArgumentError(SrcgradError, ValueError):
    """Unknown, out of range or contradictory arguments."""


class TracedValueError(SrcgradError, TypeError):
    """A traced value was asked for its plain number."""


class FallbackWarning(UserWarning):
    """Something is traced at run time instead of differentiated from source."""


class UnusedArgumentWarning(UserWarning):
    """A differentiated argument does not influence the result."""
