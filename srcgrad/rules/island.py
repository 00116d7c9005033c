"""Parts of a program that are traced at run time while the code around them is compiled.

``run = start(island, a, b)`` runs one, and ``tied(run, outs, a, b)`` is the tuple of what it gave, tied to what it was
given. The derivative of that is again a run, tied to its own inputs: so there are derivatives of any order and mode.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.ir.types import ANY, Opaque, Tup, Type
from srcgrad.rules.core import constant, custom


class Outs:
    """What an island gives: the types, as far as they are known."""

    def __init__(self, types: tuple[Type, ...]) -> None:
        self.types = types

    def __repr__(self) -> str:
        return f"<{len(self.types)} outs>"


def start(island: Any, *args: Any) -> Any:
    """Run the function."""
    return island(*args)


def tied(run: Any, outs: Any, *inputs: Any) -> Any:
    """What a run gave, as something that depends on what it was given."""
    return tuple([x.copy() if isinstance(x, np.ndarray) else x for x in run.values])


def pulled(run: Any, *bars: Any) -> Any:
    """The run of a pullback: it gives a cotangent for each input."""
    return run.pulled(bars)


def pushed(run: Any, *dots: Any) -> Any:
    """The run of a directional derivative: it gives a tangent for each out."""
    return run.pushed(dots)


def types_of(run: Type, outs: Any, *inputs: Type) -> Type:
    """The types of what a run gave: known, those of the first inputs, or not known."""
    if isinstance(outs, Outs):
        return Tup(outs.types)
    return Tup(inputs[:outs] if outs >= 0 else (ANY,) * -outs)


constant(start, effect="io", result=lambda *args: Opaque("run"))
constant(pulled, pushed, result=lambda *args: Opaque("run"))


@custom(tied, operands=("inputs",), result=types_of)
def tied_vjp(out_bar: Any, out: Any, run: Any, outs: Any, *inputs: Any) -> Any:
    """The cotangents of the inputs, tied to the inputs and to the cotangents they come from."""
    back = pulled(run, *out_bar)
    return tied(back, len(inputs), *inputs, *out_bar)


@tied_vjp.jvp
def tied_jvp(out: Any, run: Any, outs: Any, *inputs: Any, inputs_dot: Any) -> Any:
    """The tangents of the outs, tied to the inputs and to the tangents they come from."""
    ahead = pushed(run, *inputs_dot)
    return tied(ahead, -len(out), *inputs, *inputs_dot)
