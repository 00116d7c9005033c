"""Arguments as trees: numbers and arrays in dicts, lists, tuples and objects, moved along a direction."""

from __future__ import annotations

import copy
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Path = tuple[Any, ...]


def is_leaf(x: Any) -> bool:
    """Is it a number or an array with a derivative? Integers, texts and None are constants."""
    if isinstance(x, (np.ndarray, np.generic)):
        return x.dtype.kind in "fc"
    return isinstance(x, (float, complex))


def is_object(x: Any) -> bool:
    """Is it a plain object (or dataclass) whose attributes are its items?"""
    known = (type, types.FunctionType, types.MethodType, types.ModuleType, np.ufunc)
    return hasattr(x, "__dict__") and not isinstance(x, known)


def items(tree: Any) -> list[tuple[Any, Any]]:
    """The keys (or attribute names) and items of one container; none for anything else."""
    if isinstance(tree, dict):
        return list(tree.items())
    if isinstance(tree, (list, tuple)):
        return list(enumerate(tree))
    return list(vars(tree).items()) if is_object(tree) else []


def leaves(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every differentiable leaf with its path."""
    if is_leaf(tree):
        yield path, tree
    for key, item in items(tree):
        yield from leaves(item, (*path, key))


def at(tree: Any, path: Path) -> Any:
    """The item under a path; None where a gradient has none."""
    for key in path:
        if tree is None:
            return None
        tree = getattr(tree, key) if is_object(tree) else tree[key]
    return tree


def kept(constant: Any) -> Any:
    """What becomes of a constant leaf, unless something else is said."""
    return constant


def map_leaves(change: Callable[[Path, Any], Any], tree: Any, path: Path = (), constant: Any = kept) -> Any:
    """The same tree with every differentiable leaf replaced; constants go through `constant`."""
    if is_leaf(tree):
        return change(path, tree)
    changed = {key: map_leaves(change, item, (*path, key), constant) for key, item in items(tree)}
    if isinstance(tree, dict):
        return changed
    if isinstance(tree, (list, tuple)):
        values = list(changed.values())
        return type(tree)(*values) if hasattr(tree, "_fields") else type(tree)(values)
    return with_attributes(tree, changed) if changed else constant(tree)


def with_attributes(thing: Any, values: dict[str, Any]) -> Any:
    """A shallow copy of an object with other attributes."""
    new = copy.copy(thing)
    vars(new).update(values)
    return new


def copied(tree: Any) -> Any:
    """The same tree with arrays of its own."""
    return map_leaves(lambda _, x: x.copy() if isinstance(x, np.ndarray) else x, tree)


def widened(tree: Any) -> Any:
    """The same tree in double precision."""
    return map_leaves(lambda _, x: _widen(x), tree)


def _widen(x: Any) -> Any:
    if not isinstance(x, (np.ndarray, np.generic)):
        return x
    return x.astype(np.complex128 if x.dtype.kind == "c" else np.float64)


def moved(tree: Any, direction: dict[Path, Any], t: float) -> Any:
    """The tree at distance `t` along a direction, which names the leaves that move."""
    return map_leaves(lambda path, x: x + t * direction[path] if path in direction else copied(x), tree)


def random_direction(rng: np.random.Generator, tree: Any, only: Path | None = None) -> dict[Path, Any]:
    """A dense random direction over all leaves, or over the one named."""
    return {path: _noise(rng, x) for path, x in leaves(tree) if only is None or path == only}


def _noise(rng: np.random.Generator, x: Any) -> Any:
    noise = rng.uniform(0.5, 1.0, np.shape(x)) * rng.choice([-1.0, 1.0], np.shape(x))
    if np.iscomplexobj(x):
        noise = noise + 1j * rng.uniform(-1.0, 1.0, np.shape(x))
    return noise if np.ndim(x) else noise[()]


def as_tangents(tree: Any, direction: dict[Path, Any]) -> Any:
    """The direction in the structure and dtypes of the tree, None for constants: what `jvp` takes."""
    return map_leaves(lambda path, x: _like(x, direction.get(path, 0.0 * x)), tree, constant=lambda _: None)


def _like(x: Any, value: Any) -> Any:
    if isinstance(x, np.ndarray):
        return np.asarray(value).astype(x.dtype)
    return x.dtype.type(value) if isinstance(x, np.generic) else type(x)(value)


def pairing(bars: Any, direction: dict[Path, Any]) -> tuple[float, float]:
    """What gradients say the slope along a direction is, and the size of the terms of that sum."""
    total, size = 0.0, 0.0
    for path, dot in direction.items():
        bar = at(bars, path)
        if bar is not None:
            total += float(np.sum(np.real(np.asarray(bar) * dot)))
            size += float(np.sum(np.abs(np.asarray(bar) * dot)))
    return total, size
