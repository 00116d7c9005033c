"""The way there and back without a derivative: a program lowered, optimised, printed plainly and run again."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from srcgrad.codegen.load import load
from srcgrad.codegen.plain import emit
from srcgrad.frontend.lower import StaticArgument, lower
from srcgrad.frontend.signature import Spec, StaticSpec, spec_of, with_layout
from srcgrad.ir.core import Func
from srcgrad.ir.verify import verify
from srcgrad.passes.pipeline import optimise
from tests import trees
from tests.fuzz.check import Outcome, Recorder, WrongError, deadline, outcome_of, quiet
from tests.fuzz.program import Program


def check_primal(program: Program, passes: bool = True) -> Outcome:
    """Does the lowered program compute and print what the program does, and leave its arguments as it may?"""
    primal, found = Recorder(), Recorder()
    expected, text = 0.0, ""
    left = trees.copied(program.args)
    with primal, deadline(), quiet() as printed:
        expected = float(program.load()(*left))
        text = printed.getvalue()
    if primal.error is not None or not np.isfinite(expected):
        return Outcome("error", f"the program itself: {primal.error!r}", "primal")
    with found, deadline(), quiet():
        _compare(program, expected, text, passes, left)
    return outcome_of(found.error)


def _compare(program: Program, expected: float, text: str, passes: bool, left: Any) -> None:
    func, captured = lowered(program.load(), program.args)
    verify(func, "lower")
    if passes:
        optimise(func, check=True)
    namespace: dict[str, Any] = {}
    again = load(emit(func, namespace), func.name, namespace)
    given = trees.copied(program.args)
    with quiet() as printed:
        value = again(*given, **captured)
    _expect(bool(np.isclose(value, expected, rtol=1e-10, atol=1e-12)), f"value: {value!r} instead of {expected!r}")
    _expect(printed.getvalue() == text, f"printed: {printed.getvalue()!r} instead of {text!r}")
    for path, leaf in trees.leaves(program.args):
        # What is inside objects is written, as by a plain call; a derivative puts it back.
        either = [leaf] if len(path) == 1 else [leaf, trees.at(left, path)]
        kept = any(np.allclose(x, trees.at(given, path), rtol=1e-10, atol=1e-12) for x in either)
        _expect(kept, f"argument changed: {path}")


def lowered(f: Any, args: tuple[Any, ...]) -> tuple[Func, dict[str, Any]]:
    """The IR for these arguments, numbers made part of the signature where they must be, and the captured values."""
    specs: dict[str, Spec] = {
        name: with_layout(spec_of(arg), arg) for name, arg in zip(inspect.signature(f).parameters, args, strict=True)
    }
    names = list(specs)
    while True:
        try:
            found = lower(f, specs)
        except StaticArgument as needed:
            param, *path = needed.leaf
            if path:
                raise
            specs[names[param]] = StaticSpec(args[param])
        else:
            values = {c.value.hint: c.read() for c in found.captured}
            return found.func, values


def _expect(holds: bool, message: str) -> None:
    if not holds:
        raise WrongError(message)
