"""Calls that are traced at run time while the code around them is compiled: one run, and what its pullback gives.

``run = start(island, a, b)`` runs the function; ``link(link(value_of(run), a, run, 0, (a, b)), b, run, 1, (a, b))`` is
its value, tied to each argument in turn.
"""

from __future__ import annotations

from typing import Any

from srcgrad.ir.types import ANY, Opaque
from srcgrad.rules.core import constant, custom, refused


def start(island: Any, *args: Any) -> Any:
    """Run the function."""
    return island(*args)


def value_of(run: Any) -> Any:
    """The value of a run."""
    return run.value


def link(x: Any, arg: Any, run: Any, k: int, args: Any) -> Any:
    """The value `x` of a run as one that depends on argument number `k`."""
    return x


def part_of(run: Any, out_bar: Any, k: int, args: Any) -> Any:
    """The cotangent of argument number `k`."""
    return run.part(out_bar, k)


constant(start, effect="io", result=lambda *args: Opaque("run"))
constant(value_of, result=lambda run: ANY)
refused(part_of, why="a call that is traced at run time is differentiated once")


@custom(link, operands=("x", "arg"), result=lambda x, arg, run, k, args: ANY)
def link_vjp(out_bar: Any, out: Any, x: Any, arg: Any, run: Any, k: int, args: Any) -> Any:
    """The cotangent passes; that of the argument is what the run's pullback gives."""
    return out_bar, part_of(run, out_bar, k, args)
