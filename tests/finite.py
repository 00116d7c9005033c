"""Finite differences: the truth that derivatives are compared with, and how far that truth can be trusted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests import trees


@dataclass(frozen=True)
class Estimate:
    """A derivative, and a bound on its error that is large where the function has no derivative."""

    value: Any
    error: float

    def trusted(self, scale: float, rtol: float = 1e-6) -> bool:
        """Is the error small against `scale`?"""
        return self.error <= rtol * scale


def slope(phi: Callable[[float], Any], step: float = 2e-3, levels: int = 5) -> Estimate:
    """The derivative of `phi` at 0: central differences at halved steps, extrapolated by Richardson.

    The error is the disagreement between neighbouring extrapolations (a kink or jump near 0 shows there), or the
    difference between the one-sided slopes (a kink exactly at 0 shows only there).
    """
    here = np.asarray(phi(0.0))
    steps = [step / 2**k for k in range(levels)]
    pairs = [(np.asarray(phi(h)), np.asarray(phi(-h))) for h in steps]
    best = richardson([(a - b) / (2 * h) for h, (a, b) in zip(steps, pairs, strict=True)])
    bends = [(a - 2 * here + b) / h for h, (a, b) in zip(steps, pairs, strict=True)]
    return Estimate(best.value, max(best.error, _size(2 * bends[-1] - bends[-2])))


def richardson(rough: list[Any]) -> Estimate:
    """The best entry of the extrapolation table of central differences whose step halves each time."""
    best = Estimate(rough[-1], float("inf"))
    column, power = rough, 1
    while len(column) > 1:
        power *= 4
        pairs = list(zip(column, column[1:], strict=False))
        sharper = [(power * new - old) / (power - 1) for old, new in pairs]
        for value, (old, new) in zip(sharper, pairs, strict=True):
            error = max(_size(value - old), _size(value - new))
            best = Estimate(value, error) if error < best.error else best
        column = sharper
    return best


def _size(x: Any) -> float:
    """The largest absolute entry; infinite where an entry is not a number."""
    largest = float(np.max(np.abs(x))) if np.size(x) else 0.0
    return largest if np.isfinite(largest) else float("inf")


def directional(f: Callable[..., Any], args: Any, direction: dict[trees.Path, Any], step: float = 2e-3) -> Estimate:
    """The derivative of ``f(*args)`` along a direction in the tree of arguments; each call gets arrays of its own."""
    return slope(lambda t: f(*trees.moved(args, direction, t)), step)


def gradient(f: Callable[..., Any], args: tuple[Any, ...], argnum: int) -> tuple[Any, float]:
    """The gradient of a real `f` in the structure of one argument, entry by entry, and the largest error.

    For a complex leaf it is ``df/dx - 1j * df/dy``.
    """
    worst = 0.0

    def entry(path: trees.Path, index: tuple[int, ...], unit: complex, leaf: Any) -> float:
        nonlocal worst
        spike = np.zeros(np.shape(leaf), dtype=np.result_type(np.asarray(leaf), type(unit)))
        spike[index] = unit
        found = directional(f, args, {(argnum, *path): spike if np.ndim(leaf) else spike[()]})
        worst = max(worst, found.error)
        return float(found.value)

    def of_leaf(path: trees.Path, leaf: Any) -> Any:
        bar = np.zeros(np.shape(leaf), dtype=np.asarray(leaf).dtype)
        for index in np.ndindex(np.shape(leaf)):
            bar[index] = entry(path, index, 1.0, leaf)
            if np.iscomplexobj(bar):
                bar[index] -= 1j * entry(path, index, 1j, leaf)
        return bar if np.ndim(leaf) else bar[()]

    return trees.map_leaves(of_leaf, args[argnum]), worst
