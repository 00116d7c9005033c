"""What an operation on tensors costs, against torch eager and HIPS autograd: ``python -m benchmarks.tracer [CLAIM]``.

Needs the extra `peers`; a library that is not installed is left out. All run in one process, one thread, in turn; of
each the best of several rounds counts, which is what the library costs and not what others did to the machine.
"""

from __future__ import annotations

import cProfile
import gc
import importlib
import importlib.util
import pstats
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

import srcgrad

Run = Callable[[], Any]
ROUNDS = 7
SMALL = np.linspace(0.1, 0.9, 10)


def best(runs: dict[str, Run], repeat: int = 1) -> dict[str, float]:
    """Seconds of one run of each, in turn."""
    found = dict.fromkeys(runs, float("inf"))
    for _ in range(ROUNDS):
        for name, run in runs.items():
            gc.collect()
            start = time.perf_counter()
            for _ in range(repeat):
                run()
            found[name] = min(found[name], (time.perf_counter() - start) / repeat)
    return found


def has(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def torch_now() -> Any:
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    return torch


def scalars(tensor: Any, sin: Any, count: int) -> None:
    """A loop of scalar operations, and its backward."""
    x = tensor(0.5)
    y = x
    for _ in range(count // 5):
        a = y * y
        b = a - x
        c = b * 0.5
        d = sin(c)
        y = d + x
    y.backward()


def arrays(x: Any, sin: Any) -> Any:
    """A hundred operations on small arrays."""
    y = x
    for _ in range(20):
        y = y * x
        y = y + x
        y = sin(y)
        y = y * 0.5
        y = y - x
    return y.sum()


def ours(value: Any) -> Any:
    return srcgrad.tensor(value, requires_grad=True)


def loop() -> int:
    """A loop of 10^5 scalar operations: at most the time of torch eager."""
    runs: dict[str, Run] = {"srcgrad": lambda: scalars(ours, np.sin, 10**5)}
    if has("torch"):
        torch = torch_now()
        runs["torch"] = lambda: scalars(lambda v: torch.tensor(v, requires_grad=True), torch.sin, 10**5)
    return told(best(runs), 10**5, {"torch": 1.0})


def chain() -> int:
    """Chains of 100 operations on small arrays: torch eager takes 1.3 times as long, HIPS autograd 3 times."""
    x = ours(SMALL)
    runs: dict[str, Run] = {"srcgrad": lambda: arrays(x, np.sin).backward()}
    if has("torch"):
        torch = torch_now()
        leaf = torch.tensor(SMALL, requires_grad=True)
        runs["torch"] = lambda: arrays(leaf, torch.sin).backward()
    if has("autograd"):
        autograd = importlib.import_module("autograd")
        sine = importlib.import_module("autograd.numpy").sin
        gradient = autograd.grad(lambda x: arrays(x, sine))
        runs["autograd"] = lambda: gradient(SMALL)
    return told(best(runs, 50), 100, {"torch": 1.3, "autograd": 3.0})


def told(found: dict[str, float], operations: int, aims: dict[str, float]) -> int:
    """Print the times of one operation; does a ratio miss its aim?"""
    missed = False
    for name, seconds in found.items():
        ratio = seconds / found["srcgrad"]
        aim = f", aim {aims[name]}" if name in aims else ""
        print(f"{name:10} {seconds / operations * 1e6:6.2f} us per operation, {ratio:5.2f} times srcgrad{aim}")
        missed |= ratio < aims.get(name, 0.0)
    return int(missed)


def memory() -> int:
    """The memory of a graph grows in proportion to its operations."""
    peaks = []
    for count in (10**4, 10**5):
        gc.collect()
        tracemalloc.start()
        scalars(ours, np.sin, count)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        print(f"{count:8} operations: {peaks[-1] / count:6.0f} bytes each at the peak")
    return int(peaks[1] > 11 * peaks[0])


def op() -> int:
    """Where the time of one operation goes, forward and back."""
    x = ours(SMALL)
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(200):
        arrays(x, np.sin).backward()
    profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(12)
    return 0


CLAIMS: dict[str, Callable[[], int]] = {"loop": loop, "chain": chain, "memory": memory, "op": op}


def main() -> int:
    """All claims, or those that are named."""
    chosen = sys.argv[1:] or [name for name in CLAIMS if name != "op"]
    return max(CLAIMS[name]() for name in chosen)


if __name__ == "__main__":
    sys.exit(main())
