"""Rules for ``numpy.polynomial.polyutils``: domains of series, and trailing coefficients."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.polynomial import polyutils

import srcgrad.rules.samples_polynomials as samples
from srcgrad.rules.core import constant, defined


@defined(polyutils.getdomain, operands=("x",), samples=samples.abscissae)
def getdomain(x: Any) -> Any:
    """The least and the largest."""
    return np.stack((np.min(x), np.max(x)))


@defined(polyutils.mapparms, operands=("old", "new"), samples=samples.domains)
def mapparms(old: Any, new: Any) -> Any:
    """The line through the ends of two domains."""
    length = old[1] - old[0]
    return (old[1] * new[0] - old[0] * new[1]) / length, (new[1] - new[0]) / length


@defined(polyutils.mapdomain, operands=("x", "old", "new"), samples=samples.mapped)
def mapdomain(x: Any, old: Any, new: Any) -> Any:
    """Points on the line through the ends of two domains."""
    length = old[1] - old[0]
    return (old[1] * new[0] - old[0] * new[1]) / length + (new[1] - new[0]) / length * x


def above(c: Any, tol: Any) -> int:
    """How many coefficients there are up to the last that is larger than a bound; one at least."""
    found = np.flatnonzero(np.abs(c) > tol)
    return int(found[-1]) + 1 if found.size else 0


constant(above)


@defined(polyutils.trimcoef, operands=("c",), samples=samples.with_end)
def trimcoef(c: Any, tol: Any = 0) -> Any:
    """The coefficients up to the last that is larger than the bound; where none is, one 0."""
    n = above(c, tol)
    return c[:1] * 0 if n == 0 else c[:n] + 0.0


@defined(polyutils.trimseq, operands=("seq",), samples=samples.one)
def trimseq(seq: Any) -> Any:
    """The coefficients without the zeros at the end."""
    return seq[: np.maximum(above(seq, 0), 1)]
