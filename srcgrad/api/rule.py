"""Rules of one's own: how to differentiate a function that srcgrad cannot, or should not, read.

A rule is an ordinary function over NumPy whose parameters are those of the function it is about, after what its kind
puts first. It is declared by decorating it; `defvjp` and `defjvp` take the functions as arguments instead.

=============  ======================================================
kind           what the decorated function takes and returns
=============  ======================================================
constant       nothing: there is no derivative
elementwise    ``(out, x, ...)``: one partial per operand
linear         ``(out_bar, x, ...)``: one cotangent per operand
bilinear       ``(out_bar, x, y, ...)``: two cotangents
custom         ``(out_bar, out, x, ...)``: one cotangent per operand
=============  ======================================================
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from srcgrad import rules
from srcgrad.errors import ArgumentError
from srcgrad.rules.core import Rule, Sample, bilinear, constant, custom, elementwise, linear, lookup

# So that the house's own rules are there before a user replaces one.
HOUSE = rules.CHAPTERS

Fn = Callable[..., Any]


def defvjp(fn: Fn, vjp: Fn, *, operands: tuple[str, ...] | None = None) -> Rule:
    """Declare the reverse mode of a function one does not own.

    Parameters
    ----------
    fn : callable
        The function.
    vjp : callable
        ``vjp(out_bar, out, x, ...)`` gives the cotangents of the operands.
    operands : tuple of str, optional
        Which parameters have a derivative; by default those without default.

    Returns
    -------
    Rule
        The rule, which replaces one that was there; its forward mode is kept.
    """
    before = lookup(_checked(fn))
    made: Rule = custom(fn, operands=operands)(_checked(vjp))
    if before is not None and before.kind == "custom":
        made.jvp_fn = before.jvp_fn
    return made


def defjvp(fn: Fn, jvp: Fn) -> Rule:
    """Declare the forward mode of a function that has a reverse mode by `defvjp` or `custom`.

    Parameters
    ----------
    fn : callable
        The function.
    jvp : callable
        ``jvp(out, x, ..., *, x_dot)`` gives the tangent; a tangent that is absent is None.

    Returns
    -------
    Rule
        The rule.
    """
    found = lookup(_checked(fn))
    if found is None or found.kind != "custom":
        raise ArgumentError(f"{getattr(fn, '__name__', fn)} has no reverse mode of its own yet",
                            repair="Call defvjp first; rules of the other kinds have their forward mode.")  # fmt: skip
    found.jvp(_checked(jvp))
    return found


def _checked(fn: Fn) -> Fn:
    if not callable(fn):
        raise ArgumentError(f"a rule is about a function, not {fn!r}")
    return fn


__all__ = ["Rule", "Sample", "bilinear", "constant", "custom", "defjvp", "defvjp", "elementwise", "linear"]
