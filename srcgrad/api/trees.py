"""Tangents and cotangents beside what they belong to: same containers, shapes and kinds; errors name the leaf."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from srcgrad.api.derive import Place, Target
from srcgrad.errors import ArgumentError, NonDifferentiableError
from srcgrad.frontend.signature import attributes_of
from srcgrad.runtime import with_attributes


def parts_of(value: Any) -> dict[Any, Any] | None:
    """The items of a container by key, None for a leaf."""
    if isinstance(value, (list, tuple)):
        return dict(enumerate(value))
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, (np.ndarray, np.generic, int, float, complex, str)) or value is None:
        return None
    names = attributes_of(value)
    return {name: getattr(value, name) for name in names} if names else None


def placed(template: Any, value: Any, path: Target) -> Iterator[tuple[Target, Place, Any]]:
    """The places of a template beside the value's leaves."""
    if isinstance(template, Place):
        yield path, template, value
        return
    for key, part in (parts_of(template) or {}).items():
        yield from placed(part, (parts_of(value) or {})[key], (*path, key))


def rebuilt(example: Any, parts: dict[Any, Any]) -> Any:
    """A container like the example, with other items."""
    if isinstance(example, dict):
        return parts
    if hasattr(example, "_make"):
        return example._make(parts.values())
    if isinstance(example, (list, tuple)):
        return list(parts.values()) if isinstance(example, list) else tuple(parts.values())
    return with_attributes(example, parts)


def label_at(label: str, owner: Any, key: Any) -> str:
    """What to call an item of a container."""
    return f"{label}[{key!r}]" if isinstance(owner, (list, tuple, dict)) else f"{label}.{key}"


Leaf = tuple[tuple[Any, ...], Any, Any, str]  # path, value, what is given for it, label


def leaves(value: Any, given: Any, label: str, word: str, path: tuple[Any, ...] = ()) -> Iterator[Leaf]:
    """Each leaf of a value with what is given for it; None given for a container is None for all that is in it."""
    parts = parts_of(value)
    if parts is None:
        yield path, value, given, label
        return
    others = beside(parts, value, given, label, word)
    for key, part in parts.items():
        yield from leaves(part, others[key], label_at(label, value, key), word, (*path, key))


def tangents(value: Any, given: Any, label: str) -> dict[tuple[Any, ...], Any]:
    """A checked tangent for every leaf that varies, by its path."""
    found = {}
    for path, leaf, part, name in leaves(value, given, label, "tangent"):
        if varies(leaf):
            found[path] = fitted(leaf, part, name, "tangent")
        else:
            refuse_constant(leaf, part, name, "tangent")
    return found


def beside(parts: dict[Any, Any], value: Any, given: Any, label: str, word: str) -> dict[Any, Any]:
    """What is given for each item of a container; an error where the structure is another."""
    if given is None:
        return dict.fromkeys(parts)
    others = parts_of(given)
    if others is None or not _alike(value, given):
        raise NonDifferentiableError(
            f"{label}: the {word} must be a {type(value).__name__}, not a {type(given).__name__}",
            repair="Give it the structure of what it belongs to; None stands for zero.",
        )
    if others.keys() != parts.keys():
        raise ArgumentError(
            f"{label}: the {word} has {_keys(others)}, and {_keys(parts)} {'is' if len(parts) == 1 else 'are'} needed",
            repair="None stands for zero.",
        )
    return others


def _alike(value: Any, given: Any) -> bool:
    for kind in (list, tuple, dict):
        if isinstance(value, kind):
            return isinstance(given, kind)
    return type(value) is type(given)


def _keys(parts: dict[Any, Any]) -> str:
    if all(isinstance(key, int) for key in parts):
        return f"{len(parts)} item{'' if len(parts) == 1 else 's'}"
    return "the keys " + ", ".join(map(repr, parts))


def varies(value: Any) -> bool:
    """Has a leaf a derivative?"""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind in "fc"
    return isinstance(value, (float, complex))


def fitted(value: Any, given: Any, label: str, word: str) -> Any:
    """A tangent or cotangent as a leaf of shape, dtype and kind of `value`; zero for None."""
    if given is None:
        return zero_of(value)
    array = np.asarray(given)
    if array.dtype.kind not in "biufc":
        raise NonDifferentiableError(f"{label}: the {word} must be numbers, not {type(given).__name__}")
    if array.shape != np.shape(value):
        raise ArgumentError(f"{label}: the {word} has shape {array.shape}, and {np.shape(value)} is needed")
    dtype = value.dtype if isinstance(value, (np.ndarray, np.generic)) else np.dtype(type(value))
    if array.dtype.kind == "c" and dtype.kind != "c":
        raise NonDifferentiableError(
            f"{label}: the {word} is complex, and what it belongs to is real", repair="Take its real part."
        )
    if isinstance(value, np.ndarray):
        return array.astype(dtype, copy=False)
    return dtype.type(array[()]) if isinstance(value, np.generic) else type(value)(array[()])


def zero_of(value: Any) -> Any:
    """The zero of a leaf's kind."""
    if isinstance(value, np.ndarray):
        return np.zeros_like(value, subok=False)
    if not isinstance(value, (np.generic, int, float, complex)):
        return None
    return value.dtype.type(0) if isinstance(value, np.generic) else type(value)(0)


def refuse_constant(value: Any, given: Any, label: str, word: str) -> None:
    """Raise where something is given for a leaf that has no derivative."""
    if given is not None:
        kind = f"an array of {value.dtype}" if isinstance(value, np.ndarray) else f"of type {type(value).__name__}"
        raise NonDifferentiableError(
            f"{label}: the {word} must be None, since this is {kind} and has no derivative",
            repair="Pass floats where you want a derivative.",
        )


def cotangents(template: Any, value: Any, given: Any, label: str, found: dict[int, Any]) -> None:
    """Gather cotangents by their numbers in the template; those of one value at two places are added."""
    if isinstance(template, Place):
        made = mapped(value, given, label)
        before = found.get(template.number)
        found[template.number] = made if before is None else summed(before, made)
        return
    parts = parts_of(template)
    if parts is None:
        if parts_of(value) is None and varies(value):
            fitted(value, given, label, "cotangent")
        elif parts_of(value) is None:
            refuse_constant(value, given, label, "cotangent")
        return
    items = parts_of(value) or {}
    others = beside(items, value, given, label, "cotangent")
    for key, part in parts.items():
        cotangents(part, items[key], others[key], label_at(label, value, key), found)


def mapped(value: Any, given: Any, label: str) -> Any:
    """A cotangent of a value whose structure is known only at run time."""
    parts = parts_of(value)
    if parts is None:
        return fitted(value, given, label, "cotangent")
    others = beside(parts, value, given, label, "cotangent")
    return rebuilt(value, {key: mapped(part, others[key], label_at(label, value, key)) for key, part in parts.items()})


def summed(a: Any, b: Any) -> Any:
    """Two cotangents of one value."""
    return type(a)(map(summed, a, b)) if isinstance(a, (list, tuple)) else a + b


def as_kind(value: Any, given: Any) -> Any:
    """A tangent in the kind of its value; None where there is no derivative."""
    parts = parts_of(value)
    if given is None:
        return None
    if parts is not None:
        others = parts_of(given) or {}
        return rebuilt(value, {key: as_kind(part, others.get(key)) for key, part in parts.items()})
    if not varies(value):
        return None
    if isinstance(value, np.ndarray):
        array = np.asarray(given, dtype=value.dtype)
        return array if array.shape == value.shape else np.broadcast_to(array, value.shape).copy()
    return value.dtype.type(given) if isinstance(value, np.generic) else type(value)(given)


__all__ = ["as_kind", "cotangents", "leaves", "parts_of", "rebuilt", "tangents", "varies"]
