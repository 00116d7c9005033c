"""What the gradients of whole programs cost: ``python -m benchmarks.programs [ratios|growth]``.

Each program of ``tests/programs`` against its own gradient, called in turn in one process on one thread; and how the
time of a gradient grows where the trips of a loop, or the elements of an array, are doubled.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import itertools
import statistics
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import srcgrad
from benchmarks.spine import interleaved, timed
from tests.programs.programs import NAMES, Program, load

BUDGET = 0.4  # seconds per program
SIZES = (1_000, 2_000, 4_000)
ELEMENTS = (100_000, 200_000, 400_000)


def ratios() -> None:
    """Gradient over primal for each program: median and worst by path."""
    found: dict[str, list[tuple[float, str]]] = {}
    for name in NAMES:
        path, ratio, primal = measured(load(name))
        found.setdefault(path, []).append((ratio, name))
        print(f"{name:32s} {path:8s} primal {primal * 1e6:10.1f} us, gradient / primal {ratio:6.2f}", flush=True)
    for path, pairs in found.items():
        worst, name = max(pairs)
        median = statistics.median(ratio for ratio, _ in pairs)
        print(f"{path}: {len(pairs)} programs, gradient / primal: median {median:.2f}, worst {worst:.2f} ({name})")


def measured(program: Program) -> tuple[str, float, float]:
    """The path, the ratio, and the seconds of the primal. The primal may write its arguments, so it gets copies."""
    gradient = srcgrad.grad(program.f, argnums=program.argnums)
    mine = program.fresh()
    primal, seconds = interleaved(lambda: program.f(*program.fresh()), lambda: gradient(*mine), BUDGET)
    primal -= statistics.median(timed(program.fresh, 50) for _ in range(9))
    return srcgrad.explain(gradient).path, seconds / primal, primal


def in_place(u: Any, trips: int) -> Any:
    """A stencil that is not linear: the overwritten values are needed."""
    for _ in range(trips):
        u[1:-1] += 0.1 * (u[2:] - 2 * u[1:-1] * u[1:-1] + u[:-2])
    return np.sum(u**2)


def appended(u: Any, trips: int) -> Any:
    """A list that grows."""
    states = [u[0]]
    for _ in range(trips):
        states.append(np.sin(states[-1]) + u[1])
    return sum(states)


def conditional(u: Any, trips: int) -> Any:
    """A scalar loop with branches and an early end."""
    x, total = u[0], 0.0
    for k in range(trips):
        x = 3.7 * x * (1 - x) if x < 0.9 else x * 0.5
        if total > 1e9:
            break
        total += x * u[k % 2]
    return total


def masked(u: Any, trips: int) -> Any:
    """Masks and gathers over the whole array."""
    for _ in range(trips):
        v = u[::-1] * 0.5
        v[v > 0.3] *= u[0]
        u = u + v
    return np.sum(u)


TRIPS: tuple[Callable[..., Any], ...] = (in_place, appended, conditional)
ARRAYS: tuple[Callable[..., Any], ...] = (in_place, masked)


def growth() -> None:
    """Seconds at doubled trips, and at doubled sizes."""
    for f in TRIPS:
        doubled(f, "trips", SIZES, lambda n: (np.linspace(0.1, 0.6, 50), n))
    for f in ARRAYS:
        doubled(f, "elements", ELEMENTS, lambda n: (np.linspace(0.1, 0.6, n), 10))


def doubled(f: Callable[..., Any], what: str, sizes: tuple[int, ...], arguments: Callable[[int], Any]) -> None:
    """One row: the time at each size, and how it grew."""
    gradient, seconds = srcgrad.grad(f), []
    for n in sizes:
        args = arguments(n)
        gradient(*args)
        seconds.append(min(timed(lambda a=args: gradient(*a), 1) for _ in range(15)))  # the least disturbed
    grown = ", ".join(f"{later / before:.2f}x" for before, later in itertools.pairwise(seconds))
    print(
        f"{f.__name__:12s} {what:8s} {sizes[0]:>7,d} to {sizes[-1]:>7,d}: {seconds[-1] * 1e3:8.1f} ms, doubled: {grown}"
    )


CLAIMS = {"ratios": ratios, "growth": growth}

if __name__ == "__main__":
    warnings.simplefilter("ignore", srcgrad.FallbackWarning)
    for word in sys.argv[1:] or CLAIMS:
        CLAIMS[word]()
