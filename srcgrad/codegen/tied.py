"""A generated line, and the place in the primal it stems from."""

from __future__ import annotations

from typing import NamedTuple

from srcgrad.errors import Span

__all__ = ["Line", "same_place"]


class Line(NamedTuple):
    """One line of generated code.

    Attributes
    ----------
    text : str
        Without the line break.
    span : Span or None
        What it stems from; None for comments, and for what computes nothing or what no line of the primal asks for.
    parts : tuple of (str, Span or None)
        Where its expressions stem from several lines: the text of each, in the order in which they are evaluated.
    reverse : bool
        It belongs to a reverse sweep.
    """

    text: str
    span: Span | None = None
    parts: tuple[tuple[str, Span | None], ...] = ()
    reverse: bool = False

    def with_text(self, text: str) -> Line:
        """Another text from the same place."""
        return Line(text, self.span, self.parts, self.reverse)

    def origin(self, segment: str) -> Span | None:
        """The place of a piece of its text, such as the call that raised: of the first expression that is so written.

        Where no expression is, it is a piece of one: of the smallest that holds it.
        """
        if not self.parts:
            return self.span
        plain = _squeezed(segment)
        texts = [(_squeezed(text), span) for text, span in self.parts]
        same = [span for text, span in texts if text in (plain, f"({plain})")]
        holding = sorted((text for text, _ in texts if plain and plain in text), key=len)
        found = same or [span for text, span in texts if holding and text == holding[0]]
        return found[0] if found and found[0] is not None else self.span


def same_place(a: Span | None, b: Span | None) -> bool:
    """Are two spans of one line, reached by the same calls?"""
    if a is None or b is None:
        return a is b
    return (a.file, a.line) == (b.file, b.line) and same_place(a.within, b.within)


def _squeezed(text: str) -> str:
    return "".join(text.split())
