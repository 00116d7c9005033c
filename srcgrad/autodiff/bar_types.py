"""The types of cotangents, as far as those of their values tell."""

from __future__ import annotations

from typing import Any

from srcgrad.ir.core import Operand, Value
from srcgrad.ir.types import ANY, Arr, ListOf, Num, Tup, Type, dtype_kind


def bar_type(value: Value) -> Any:
    """The type of a value's cotangent: that of the value, integers excepted."""
    kind = value.type
    return Num(None) if isinstance(kind, Num) and kind.kind in ("int", "bool") else kind


def cotangent_type(operand: Operand) -> Type:
    """The type of the cotangent of an operand, which may be a tuple of values."""
    if isinstance(operand, Value):
        kind: Type = bar_type(operand)
        return kind
    return Tup(tuple(map(cotangent_type, operand))) if isinstance(operand, tuple) else Num(None)


def item_type(value: Value) -> Any:
    """The type of the items of a list."""
    return value.type.item if isinstance(value.type, ListOf) else ANY


def dtype_of(kind: Any) -> Any:
    """The dtype of an array or NumPy scalar where it is known."""
    return kind.dtype if isinstance(kind, (Arr, Num)) else None


def kind_of(kind: Any) -> str | None:
    """The number kind where it is known."""
    if isinstance(kind, Num):
        return kind.kind
    if isinstance(kind, Arr) and kind.dtype is not None:
        return dtype_kind(kind.dtype)
    return None
