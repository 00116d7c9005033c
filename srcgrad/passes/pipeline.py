"""The order of the passes."""

from __future__ import annotations

import os
from collections.abc import Callable

from srcgrad.ir.core import Func
from srcgrad.ir.verify import verify
from srcgrad.ir.walk import callees
from srcgrad.passes.cse import cse
from srcgrad.passes.dce import dce
from srcgrad.passes.fold import fold
from srcgrad.passes.hoist import hoist
from srcgrad.passes.inline import inline

__all__ = ["PREPARE", "optimise", "simplify"]

Pass = Callable[[Func], Func]


def cse_before(func: Func) -> Func:
    """`cse` for a function that is still to be differentiated."""
    return cse(func, reads_per_arm=True)


PREPARE: tuple[Pass, ...] = (fold, cse_before, dce, fold, hoist, cse_before, dce)
OPTIMISE: tuple[Pass, ...] = (fold, cse, dce, fold, hoist, cse, dce)
SIMPLIFY: tuple[Pass, ...] = (fold, dce)


def optimise(func: Func, check: bool | None = None, *, passes: tuple[Pass, ...] | None = None) -> Func:
    """Inline, simplify, and move out of loops: before a function is differentiated, and of its derivative.

    Parameters
    ----------
    func : Func
        Is changed, and so are the functions that it calls.
    check : bool, optional
        Verify the function after each pass; by default where the environment says ``SRCGRAD_CHECK=1``.
    passes : tuple of passes
        `OPTIMISE` where not given; `PREPARE` for a function that is still to be differentiated.
    """
    check = os.environ.get("SRCGRAD_CHECK") == "1" if check is None else check
    _run(inline, func, check)
    for each in (*callees(func.block), func):
        _run_all(OPTIMISE if passes is None else passes, each, check)
    return func


def simplify(func: Func, check: bool | None = None, *, rounds: int = 1) -> Func:
    """What is cheap: fold and remove, at most `rounds` times. Other parameters as of `optimise`."""
    check = os.environ.get("SRCGRAD_CHECK") == "1" if check is None else check
    _run_all(SIMPLIFY * rounds, func, check)
    return func


def _run_all(passes: tuple[Pass, ...], func: Func, check: bool) -> None:
    """Run passes in order, but none of them again before another has changed something."""
    seen: dict[Pass, int] = {}
    for pass_ in passes:
        if seen.get(pass_) != func.edits:
            _run(pass_, func, check)
            seen[pass_] = func.edits


def _run(pass_: Pass, func: Func, check: bool) -> None:
    pass_(func)
    if check:
        verify(func, pass_.__name__)
