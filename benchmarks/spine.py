"""What the spine claims about time, measured: ``python -m benchmarks.spine [hand|transform|loops|dispatch|closures]``.

Ratios come from interleaved runs in one process, one thread, medians: absolute times on shared machines mean little.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import math
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import srcgrad
from benchmarks import twins
from srcgrad.api import closures

SIZES = (10, 1_000, 1_000_000)
BUDGET = 1.5  # seconds per pair


def interleaved(first: Callable[[], Any], second: Callable[[], Any], budget: float = BUDGET) -> tuple[float, float]:
    """Median seconds per call of two functions, called in turn until the budget is spent."""
    first(), second()
    once = timed(first, 1) + timed(second, 1)
    number = max(1, int(0.002 / max(once, 1e-9)))
    times: tuple[list[float], list[float]] = ([], [])
    end = time.perf_counter() + budget
    while time.perf_counter() < end or len(times[0]) < 5:
        times[0].append(timed(first, number))
        times[1].append(timed(second, number))
    return statistics.median(times[0]), statistics.median(times[1])


def timed(run: Callable[[], Any], number: int) -> float:
    """Seconds per call over a few calls."""
    start = time.perf_counter()
    for _ in range(number):
        run()
    return (time.perf_counter() - start) / number


def against_hand() -> None:
    """The generated gradient against the hand-written one."""
    ratios = []
    for case in twins.CASES:
        for n in SIZES:
            args = case.arguments(n)
            if args is None:
                continue
            generated = srcgrad.grad(case.primal, argnums=case.argnums)
            check(generated(*args), case.hand(*args))
            ours, hand = interleaved(lambda g=generated, a=args: g(*a), lambda c=case, a=args: c.hand(*a))
            ratios.append(ours / hand)
            print(f"{case.name:10s} n = {n:>9,d}: generated {ours * 1e6:12.1f} us, hand {hand * 1e6:12.1f} us, "
                  f"ratio {ours / hand:5.2f}")  # fmt: skip
    mean = math.exp(statistics.fmean(map(math.log, ratios)))
    print(f"geometric mean of generated / hand-written: {mean:.3f} (aim: at most 1.15), worst {max(ratios):.2f}")


def check(ours: Any, hand: Any) -> None:
    """Both gradients are the same."""
    if isinstance(hand, dict):
        ours, hand = tuple(ours.values()), tuple(hand.values())
    pairs = zip(ours, hand, strict=True) if isinstance(hand, tuple) else [(ours, hand)]
    for a, b in pairs:
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-10)


def transformation() -> None:
    """From the first call to compiled code, for a function of 30 lines."""
    args = twins.thirty_lines_arguments()
    srcgrad.grad(twins.thirty_lines)(*args)
    times = []
    for _ in range(9):
        closures.forget()  # else the second one gets the code of the first
        derivative = srcgrad.grad(twins.thirty_lines)
        times.append(timed(lambda d=derivative: d(*args), 1))
    print(f"transformation of a 30-line function: {statistics.median(times) * 1e3:.1f} ms (aim: under 50 ms)")


def loops() -> None:
    """Scalar loops against the primal, and growth with the length."""
    derivative = srcgrad.grad(twins.thousand_trips)
    ours, primal = interleaved(lambda: derivative(0.7), lambda: twins.thousand_trips(0.7))
    print(f"1,000-trip scalar loop: gradient / primal {ours / primal:.2f} (aim: at most 4)")
    before = 0.0
    for n in (25_000, 50_000, 100_000):
        x = np.linspace(0.0, 1.0, n)
        index_loop = srcgrad.grad(twins.index_loop)
        index_loop(x)
        seconds = statistics.median([timed(lambda g=index_loop, v=x: g(v), 1) for _ in range(5)])
        growth = f", {seconds / before:.2f}x for twice the length" if before else ""
        print(f"index loop over {n:>7,d} elements: {seconds * 1e3:8.1f} ms{growth}")
        before = seconds


def dispatch() -> None:
    """What a cached call costs over calling the generated function itself."""
    for count in (1, 2, 4, 8):
        primal = twins.of_arguments(count)
        args = tuple(np.ones(3) * k for k in range(1, count + 1))
        derivative = srcgrad.grad(primal)
        derivative(*args)
        namespace = {"np": np}
        exec(derivative.source, namespace)
        bare = next(v for k, v in namespace.items() if k.endswith("_grad"))
        ours, inner = interleaved(lambda d=derivative, a=args: d(*a), lambda b=bare, a=args: b(*a), 0.7)
        print(f"dispatch with {count} arrays: {(ours - inner) * 1e6:.2f} us over the generated function")


def fresh_closures() -> None:
    """``grad(lambda ...)`` in a loop: the first trip compiles, the others do not."""
    w, times = np.ones(5), []
    for k in range(60):
        batch = np.full(5, float(k))
        times.append(timed(lambda b=batch: srcgrad.grad(lambda v: np.sum((v * b) ** 2))(w), 1))
    print(f"a fresh lambda: {times[0] * 1e3:.2f} ms, then {statistics.median(times[1:]) * 1e3:.3f} ms")


CLAIMS = {"hand": against_hand, "transform": transformation, "loops": loops, "dispatch": dispatch,
          "closures": fresh_closures}  # fmt: skip

if __name__ == "__main__":
    for word in sys.argv[1:] or CLAIMS:
        CLAIMS[word]()
