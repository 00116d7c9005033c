"""Reads the text of a type, as its ``str`` prints it."""

from __future__ import annotations

import re

import numpy as np

from srcgrad.ir.types import ABSENT_T, ANY, Arr, Axis, Dim, ListOf, Num, Opaque, Tup, Type, dtype_kind

__all__ = ["TypeSyntaxError", "parse_type"]

DTYPE = re.compile(r"\?|(datetime64|timedelta64)\[\w+\]|[<>|=]?[A-Za-z]\w*")
DIM = re.compile(r"(?P<symbol>.+?)(-(?P<minus>-?\d+))?")
PLAIN: dict[str, Type] = {
    "any": ANY, "absent": ABSENT_T, "number": Num(None), **{k: Num(k) for k in ("bool", "int", "float", "complex")},
}  # fmt: skip
CLOSING = {"[": "]", "(": ")", "<": ">"}


class TypeSyntaxError(ValueError):
    """The text is not that of a type."""


def parse_type(text: str, start: int = 0) -> tuple[Type, int]:
    """The type whose text begins at `start`, and where it ends."""
    for word, read in (("list[", _list), ("tuple[", _tuple), ("object<", _opaque)):
        if text.startswith(word, start):
            end = _closing(text, start + len(word) - 1)
            return read(text[start + len(word) : end]), end + 1
    scalar = text.startswith("np.", start)
    found = DTYPE.match(text, start + 3 * scalar)
    if found is None:
        raise TypeSyntaxError("expected a type")
    name, end = found.group(), found.end()
    if scalar:
        return _number(_dtype(name)), end
    if text[end : end + 1] == "[":
        close = _closing(text, end)
        return Arr(None if name == "?" else _dtype(name), _dims(text[end + 1 : close])), close + 1
    if name not in PLAIN:
        raise TypeSyntaxError(f"unknown type {name!r}")
    return PLAIN[name], end


def _closing(text: str, start: int) -> int:
    """Where the bracket at `start` is closed."""
    opening, closing = text[start], CLOSING[text[start]]
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == opening) - (text[at] == closing)
        if depth == 0:
            return at
    raise TypeSyntaxError(f"{opening!r} is not closed")


def _whole(text: str) -> Type:
    found, end = parse_type(text)
    if end != len(text):
        raise TypeSyntaxError(f"{text[end:]!r} after a type")
    return found


def _list(text: str) -> Type:
    return ListOf(_whole(text))


def _tuple(text: str) -> Type:
    items, at = [], 0
    while at < len(text):
        item, at = parse_type(text, at)
        items.append(item)
        if at < len(text) and not text.startswith(", ", at):
            raise TypeSyntaxError(f"{text[at:]!r} after a type")
        at += 2
    return Tup(tuple(items))


def _opaque(text: str) -> Type:
    return Opaque(text)


def _number(dtype: np.dtype) -> Type:
    return Num(dtype_kind(dtype), dtype)


def _dtype(name: str) -> np.dtype:
    try:
        return np.dtype(name)
    except TypeError:
        raise TypeSyntaxError(f"unknown dtype {name!r}") from None


def _dims(text: str) -> tuple[Axis, ...] | None:
    if text == "...":
        return None
    return tuple(_dim(part) for part in _split(text)) if text else ()


def _split(text: str) -> list[str]:
    """The parts between commas that stand in no bracket."""
    parts, depth = [""], 0
    for char in text:
        depth += (char in "[(") - (char in "])")
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts]


def _dim(text: str) -> Axis:
    if text == "?":
        return None
    if text.isdigit():
        return int(text)
    found = DIM.fullmatch(text)
    if found is None:
        raise TypeSyntaxError(f"unknown length {text!r}")
    return Dim(found["symbol"], int(found["minus"] or 0))
