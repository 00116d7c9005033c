"""Rules for ``np.emath``: functions that turn complex where a real argument is outside of their domain."""

from __future__ import annotations

from typing import Any

import numpy as np

import srcgrad.rules.samples_scimath as samples
from srcgrad.rules.core import constant, defined


def below_zero(x: Any) -> bool:
    """Is there a real number below 0, so that the result is complex?"""
    return not np.iscomplexobj(x) and bool(np.any(np.asarray(x) < 0))


def beyond_one(x: Any) -> bool:
    """Is there a real number outside of [-1, 1], so that the result is complex?"""
    return not np.iscomplexobj(x) and bool(np.any(np.abs(x) > 1))


constant(below_zero, beyond_one)


@defined(np.emath.sqrt, operands=("x",), samples=samples.any_sign)
def sqrt(x: Any) -> Any:
    """The principal square root."""
    return np.sqrt(x + 0j) if below_zero(x) else np.sqrt(x)


@defined(np.emath.log, operands=("x",), samples=samples.any_sign)
def log(x: Any) -> Any:
    """The principal logarithm."""
    return np.log(x + 0j) if below_zero(x) else np.log(x)


@defined(np.emath.log2, operands=("x",), samples=samples.any_sign)
def log2(x: Any) -> Any:
    """The principal logarithm to base 2."""
    return np.log2(x + 0j) if below_zero(x) else np.log2(x)


@defined(np.emath.log10, operands=("x",), samples=samples.any_sign)
def log10(x: Any) -> Any:
    """The principal logarithm to base 10."""
    return np.log10(x + 0j) if below_zero(x) else np.log10(x)


@defined(np.emath.logn, operands=("n", "x"), samples=samples.bases)
def logn(n: Any, x: Any) -> Any:
    """The quotient of two principal logarithms."""
    above = np.log(x + 0j) if below_zero(x) else np.log(x)
    below = np.log(n + 0j) if below_zero(n) else np.log(n)
    return above / below


@defined(np.emath.power, operands=("x", "p"), samples=samples.powers)
def power(x: Any, p: Any) -> Any:
    """The principal power."""
    return np.power(x + 0j, p) if below_zero(x) else np.power(x, p)


@defined(np.emath.arcsin, operands=("x",), samples=samples.any_size)
def arcsin(x: Any) -> Any:
    """The principal inverse sine."""
    return np.arcsin(x + 0j) if beyond_one(x) else np.arcsin(x)


@defined(np.emath.arccos, operands=("x",), samples=samples.any_size)
def arccos(x: Any) -> Any:
    """The principal inverse cosine."""
    return np.arccos(x + 0j) if beyond_one(x) else np.arccos(x)


@defined(np.emath.arctanh, operands=("x",), samples=samples.any_size)
def arctanh(x: Any) -> Any:
    """The principal inverse hyperbolic tangent."""
    return np.arctanh(x + 0j) if beyond_one(x) else np.arctanh(x)
