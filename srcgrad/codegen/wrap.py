"""Breaks long lines inside their brackets, the way formatters do."""

from __future__ import annotations

__all__ = ["COLUMNS", "wrap"]

COLUMNS = 100
OPENING, CLOSING = "([{", ")]}"


def wrap(line: str, columns: int = COLUMNS) -> list[str]:
    """The line; where it is longer than `columns`, what is in its widest outer brackets goes on lines of its own."""
    if len(line) <= columns or line.lstrip().startswith("#"):
        return [line]
    span = _widest(line)
    if span is None:
        return [line]
    start, stop = span
    indent = " " * (len(line) - len(line.lstrip()))
    inside = line[start + 1 : stop]
    parts = [indent + "    " + inside]
    if len(parts[0]) > columns:
        pieces = _pieces(inside)
        parts = [piece for text in pieces for piece in wrap(indent + "    " + text, columns)]
    return [line[: start + 1], *parts, indent + line[stop:]]


def _widest(line: str) -> tuple[int, int] | None:
    """The widest pair of brackets that is in no other."""
    best, depth, start, quote = None, 0, 0, ""
    for k, char in enumerate(line):
        if quote:
            quote = "" if char == quote and line[k - 1] != "\\" else quote
        elif char in "'\"":
            quote = char
        elif char in OPENING:
            start = k if depth == 0 else start
            depth += 1
        elif char in CLOSING:
            depth -= 1
            if depth == 0 and k - start > 2 and (best is None or k - start >= best[1] - best[0]):
                best = (start, k)
    return best


def _pieces(inside: str) -> list[str]:
    """The items of an argument list, each with its comma; else the terms of a sum."""
    parts = _split(inside, ", ")
    if len(parts) > 1:
        return [part + "," for part in parts[:-1]] + [parts[-1]]
    for sign in (" + ", " - ", " * ", " / "):
        parts = _split(inside, sign)
        if len(parts) > 1:
            return [parts[0]] + [sign.lstrip() + part for part in parts[1:]]
    return [inside]


def _split(text: str, separator: str) -> list[str]:
    parts, depth, begin, quote = [], 0, 0, ""
    for k, char in enumerate(text):
        if quote:
            quote = "" if char == quote and text[k - 1] != "\\" else quote
        elif char in "'\"":
            quote = char
        elif char in OPENING:
            depth += 1
        elif char in CLOSING:
            depth -= 1
        elif depth == 0 and text.startswith(separator, k):
            parts.append(text[begin:k])
            begin = k + len(separator)
    return [*parts, text[begin:]]
