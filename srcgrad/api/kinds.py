"""Kinds: float in, float out. A converter is made once per version; None where nothing is to be converted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.frontend.signature import ArraySpec, MappingSpec, NumSpec, SequenceSpec, Spec
from srcgrad.ir.core import Operand, Value
from srcgrad.ir.types import Arr

Convert = Callable[[Any], Any]


def converter(spec: Spec, made: Operand) -> Convert | None:
    """From what the generated code gives for an argument to the argument's kind."""
    match spec:
        case ArraySpec(dtype) | NumSpec(_, dtype) if dtype is not None and dtype.kind not in "fc":
            return None
        case ArraySpec(dtype, ones):
            return None if ones and is_array(made, dtype, len(ones)) else _to_array(dtype)
        case NumSpec(kind, dtype):
            return dtype.type if dtype is not None else {"float": float, "complex": complex}.get(kind)
        case SequenceSpec(cls, items):
            return _sequence(cls, items, made)
        case MappingSpec(cls, keys, items):
            return _mapping(cls, keys, items, made)
    return None


def is_array(made: Operand, dtype: np.dtype[Any] | None, ndim: int) -> bool:
    """Is it an array of this dtype and rank for certain?"""
    if not isinstance(made, Value) or not isinstance(made.type, Arr):
        return False
    return made.type.ndim == ndim and made.type.dtype is not None and made.type.dtype == dtype


def _to_array(dtype: np.dtype[Any]) -> Convert:
    return lambda grad: np.asarray(grad, dtype=dtype)


def _sequence(cls: type, items: tuple[Spec, ...], made: Operand) -> Convert | None:
    parts = [converter(item, made[k] if isinstance(made, (list, tuple)) else None) for k, item in enumerate(items)]
    if not any(parts):
        return None
    build = cls._make if hasattr(cls, "_make") else list if issubclass(cls, list) else tuple

    def convert(grads: Any) -> Any:
        return build([grad if part is None else part(grad) for part, grad in zip(parts, grads, strict=True)])

    return convert


def _mapping(cls: type, keys: tuple[Any, ...], items: tuple[Spec, ...], made: Operand) -> Convert | None:
    known = made if isinstance(made, dict) else {}
    found = {key: converter(item, known.get(key)) for key, item in zip(keys, items, strict=True)}
    parts = {key: part for key, part in found.items() if part is not None}
    if not parts:
        return None

    def convert_dict(grads: Any) -> Any:
        return {key: parts[key](grad) if key in parts else grad for key, grad in grads.items()}

    def convert_object(grads: Any) -> Any:
        for name, part in parts.items():  # the object is a copy, made for this result
            object.__setattr__(grads, name, part(getattr(grads, name)))
        return grads

    return convert_dict if cls is dict else convert_object


def convert_all(parts: list[Convert | None]) -> Convert | None:
    """A converter of a tuple."""
    if not any(parts):
        return None

    def convert(grads: Any) -> Any:
        return tuple([grad if part is None else part(grad) for part, grad in zip(parts, grads, strict=True)])

    return convert


def at(index: int, convert: Convert | None) -> Convert | None:
    """A converter of one item of a pair."""
    if convert is None:
        return None
    if index == 0:
        return lambda pair: (convert(pair[0]), *pair[1:])
    return lambda pair: (pair[0], convert(pair[1]))


__all__ = ["Convert", "at", "convert_all", "converter"]
