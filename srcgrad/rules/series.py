"""Rules for ``numpy.polynomial.polynomial``, whose coefficients come with the lowest power first."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.polynomial.polynomial as power

import srcgrad.rules.samples_polynomials as samples
from srcgrad.rules.core import constant, defined


def used(c: Any) -> int:
    """How many coefficients there are without the zeros at the end; one at least."""
    found = np.flatnonzero(c)
    return int(found[-1]) + 1 if found.size else 1


constant(used)
NO_CONSTANTS: list[float] = []  # NumPy's default, which nobody changes


def trimmed(c: Any) -> Any:
    """The coefficients without the zeros at the end."""
    return c[: used(c)]


def in_length(c: Any, n: Any) -> Any:
    """Zeros behind the coefficients, up to a length."""
    return np.pad(c, (0, n - np.size(c)))


@defined(power.polyadd, operands=("c1", "c2"), samples=samples.pairs)
def polyadd(c1: Any, c2: Any) -> Any:
    """Sums of coefficients of equal powers."""
    n = np.maximum(used(c1), used(c2))
    return trimmed(in_length(trimmed(c1), n) + in_length(trimmed(c2), n))


@defined(power.polysub, operands=("c1", "c2"), samples=samples.pairs)
def polysub(c1: Any, c2: Any) -> Any:
    """Differences of coefficients of equal powers."""
    n = np.maximum(used(c1), used(c2))
    return trimmed(in_length(trimmed(c1), n) - in_length(trimmed(c2), n))


@defined(power.polymul, operands=("c1", "c2"), samples=samples.pairs)
def polymul(c1: Any, c2: Any) -> Any:
    """The convolution of coefficients."""
    return trimmed(np.convolve(trimmed(c1), trimmed(c2)))


@defined(power.polymulx, operands=("c",), samples=samples.one)
def polymulx(c: Any) -> Any:
    """Each coefficient one power on."""
    return np.concatenate((np.zeros_like(c[:1]), trimmed(c)))


@defined(power.polydiv, operands=("c1", "c2"), samples=samples.quotients)
def polydiv(c1: Any, c2: Any) -> Any:
    """Long division, the highest power first."""
    quotient, rest = np.polydiv(trimmed(c1)[::-1], trimmed(c2)[::-1])
    return quotient[::-1], rest[::-1]


@defined(power.polypow, operands=("c",), samples=samples.powers)
def polypow(c: Any, pow: int, maxpower: Any = None) -> Any:
    """Repeated convolution."""
    product = np.ones((1,), c.dtype)
    for _ in range(pow):
        product = np.convolve(product, trimmed(c))
    return product


@defined(power.polyline, operands=("off", "scl"))
def polyline(off: Any, scl: Any) -> Any:
    """A line, or a constant where it does not rise."""
    if scl == 0:
        return np.array([off])
    return np.array([off, scl])


@defined(power.polyder, operands=("c", "scl"), samples=samples.series_derivatives)
def polyder(c: Any, m: int = 1, scl: Any = 1, axis: int = 0) -> Any:
    """Each coefficient times its power, as often as asked."""
    first = np.moveaxis(c, axis, -1)
    for _ in range(m):
        if np.size(first, -1) > 1:
            first = first[..., 1:] * np.arange(1, np.size(first, -1)) * scl
        else:
            first = first * 0
    return np.moveaxis(first, -1, axis)


@defined(power.polyint, operands=("c", "k", "lbnd", "scl"), samples=samples.series_integrals)
def polyint(c: Any, m: int = 1, k: Any = NO_CONSTANTS, lbnd: Any = 0, scl: Any = 1, axis: int = 0) -> Any:
    """Each coefficient over its new power, and a constant such that the value at the bound is given."""
    first = np.moveaxis(c, axis, -1)
    starts = np.pad(np.ravel(np.asarray(k)) + 0.0, (0, m - np.size(k)))
    for j in range(m):
        grown = first * scl / np.arange(1, np.size(first, -1) + 1)
        base = starts[j] - np.sum(grown * lbnd ** np.arange(1, np.size(first, -1) + 1), axis=-1, keepdims=True)
        first = np.concatenate((base, grown), -1)
    return np.moveaxis(first, -1, axis)


@defined(power.polyval, operands=("x", "c"), samples=samples.points)
def polyval(x: Any, c: Any, tensor: bool = True) -> Any:
    """Horner's scheme."""
    rows = np.reshape(c, (*np.shape(c), *([1] * np.ndim(x)))) if tensor and np.ndim(x) > 0 else c
    y = rows[-1] + x * 0
    for k in range(2, np.size(c, 0) + 1):
        y = rows[-k] + y * x
    return y


@defined(power.polyvalfromroots, operands=("x", "r"), samples=samples.points)
def polyvalfromroots(x: Any, r: Any, tensor: bool = True) -> Any:
    """The product of the distances."""
    rows = np.reshape(r, (*np.shape(r), *([1] * np.ndim(x)))) if tensor and np.ndim(x) > 0 else r
    return np.prod(x - rows, axis=0)


@defined(power.polyval2d, operands=("x", "y", "c"), samples=samples.planes)
def polyval2d(x: Any, y: Any, c: Any) -> Any:
    """One variable after the other."""
    return power.polyval(y, power.polyval(x, c), tensor=False)


@defined(power.polyval3d, operands=("x", "y", "z", "c"), samples=samples.spaces)
def polyval3d(x: Any, y: Any, z: Any, c: Any) -> Any:
    """One variable after the other."""
    return power.polyval(z, power.polyval(y, power.polyval(x, c), tensor=False), tensor=False)


@defined(power.polygrid2d, operands=("x", "y", "c"), samples=samples.planes)
def polygrid2d(x: Any, y: Any, c: Any) -> Any:
    """One variable after the other, all pairs."""
    return power.polyval(y, power.polyval(x, c))


@defined(power.polygrid3d, operands=("x", "y", "z", "c"), samples=samples.spaces)
def polygrid3d(x: Any, y: Any, z: Any, c: Any) -> Any:
    """One variable after the other, all triples."""
    return power.polyval(z, power.polyval(y, power.polyval(x, c)))


@defined(power.polyfromroots, operands=("roots",), samples=samples.one)
def polyfromroots(roots: Any) -> Any:
    """The product of ``x - root``."""
    return np.poly(roots)[::-1]


@defined(power.polyvander, operands=("x",), samples=samples.degrees)
def polyvander(x: Any, deg: int) -> Any:
    """Powers along a new last axis."""
    return np.expand_dims(x, -1) ** np.arange(deg + 1)


@defined(power.polyvander2d, operands=("x", "y"), samples=samples.plane_degrees)
def polyvander2d(x: Any, y: Any, deg: Any) -> Any:
    """Products of powers along a new last axis."""
    both = power.polyvander(x, deg[0])[..., :, None] * power.polyvander(y, deg[1])[..., None, :]
    return np.reshape(both, (*np.shape(x), -1))


@defined(power.polyvander3d, operands=("x", "y", "z"), samples=samples.space_degrees)
def polyvander3d(x: Any, y: Any, z: Any, deg: Any) -> Any:
    """Products of powers along a new last axis."""
    both = power.polyvander(x, deg[0])[..., :, None] * power.polyvander(y, deg[1])[..., None, :]
    all_three = both[..., :, :, None] * power.polyvander(z, deg[2])[..., None, None, :]
    return np.reshape(all_three, (*np.shape(x), -1))


@defined(power.polycompanion, operands=("c",), samples=samples.one)
def polycompanion(c: Any) -> Any:
    """Ones below the diagonal, the coefficients in the last column."""
    inner = trimmed(c)
    n = np.size(inner) - 1
    companion = np.eye(n, k=-1, dtype=inner.dtype)
    companion[:, -1] -= inner[:-1] / inner[-1]
    return companion


@defined(power.polyroots, operands=("c",), samples=samples.one)
def polyroots(c: Any) -> Any:
    """The eigenvalues of the companion matrix, in order."""
    return np.sort(np.linalg.eigvals(power.polycompanion(c)))


@defined(power.polyfit, operands=("x", "y", "w"), samples=samples.series_fits)
def polyfit(x: Any, y: Any, deg: int, rcond: Any = None, full: bool = False, w: Any = None) -> Any:
    """Least squares, the lowest power first."""
    if full:
        p, distances, rank, s, cut = np.polyfit(x, y, deg, rcond, True, w)
        return p[::-1], [distances, rank, s, cut]
    return np.polyfit(x, y, deg, rcond, w=w)[::-1]
