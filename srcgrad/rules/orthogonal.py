"""Rules for the other series of ``numpy.polynomial``: Chebyshev, Legendre, Hermite, HermiteE, Laguerre.

What is linear in the coefficients is a product with a matrix, which NumPy's own function makes of the identity.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev, hermite, hermite_e, laguerre, legendre

import srcgrad.rules.samples_polynomials as samples
from srcgrad.ir.types import ANY, Arr, Tup, Type
from srcgrad.rules import series
from srcgrad.rules.core import constant, defined
from srcgrad.rules.polynomials import smallest_share
from srcgrad.rules.results import fresh_dim, type_of
from srcgrad.rules.series import NO_CONSTANTS, trimmed


@dataclass(frozen=True)
class Family:
    """A series.

    Attributes
    ----------
    prefix : how the names of its functions begin
    step : of ``(k, x, now, before)``: the member of degree ``k + 1`` by those of degree `k` and ``k - 1``
    shift, slope : the coefficients of `x`
    """

    prefix: str
    step: Callable[..., Any]
    shift: float = 0.0
    slope: float = 1.0

    def fn(self, name: str) -> Any:
        """One of its functions."""
        return of_family(self.prefix, name)


def of_family(prefix: str, name: str) -> Any:
    """A function of the family with a prefix, which stands where the name has a star."""
    modules = (chebyshev, legendre, hermite, hermite_e, laguerre)
    return next(vars(m)[name.replace("*", prefix)] for m in modules if name.replace("*", prefix) in vars(m))


def of_chebyshev(k: Any, x: Any, now: Any, before: Any) -> Any:
    """``T1 = x``, then ``2 x T - T_before``."""
    return x * now if k == 0 else 2 * x * now - before


def of_legendre(k: Any, x: Any, now: Any, before: Any) -> Any:
    """``((2k + 1) x P - k P_before) / (k + 1)``."""
    return ((2 * k + 1) * x * now - k * before) / (k + 1)


def of_hermite(k: Any, x: Any, now: Any, before: Any) -> Any:
    """``2 x H - 2k H_before``."""
    return 2 * x * now - 2 * k * before


def of_hermite_e(k: Any, x: Any, now: Any, before: Any) -> Any:
    """``x He - k He_before``."""
    return x * now - k * before


def of_laguerre(k: Any, x: Any, now: Any, before: Any) -> Any:
    """``((2k + 1 - x) L - k L_before) / (k + 1)``."""
    return ((2 * k + 1 - x) * now - k * before) / (k + 1)


FAMILIES = (
    Family("cheb", of_chebyshev),
    Family("leg", of_legendre),
    Family("herm", of_hermite, slope=0.5),
    Family("herme", of_hermite_e),
    Family("lag", of_laguerre, shift=1.0, slope=-1.0),
)


# Matrices


def identity(c: Any, axis: int) -> Any:
    """One series for each coefficient along an axis, as precise as the coefficients."""
    return np.eye(np.shape(c)[axis], dtype=np.real(np.zeros(0, np.result_type(c, np.float16))).dtype)


def derivative_matrix(prefix: str, c: Any, m: int, axis: int) -> Any:
    """From coefficients to those of a derivative."""
    return of_family(prefix, "*der")(identity(c, axis), m)


def integral_matrix(prefix: str, c: Any) -> Any:
    """From coefficients to those of the integral from 0."""
    return of_family(prefix, "*int")(identity(c, 0))


def conversion_matrix(prefix: str, name: str, c: Any) -> Any:
    """From coefficients to those of another series, or of the product with `x`."""
    n = np.size(c) + (name == "*mulx")
    rows = [of_family(prefix, name)(row) for row in identity(c, 0)]
    return np.stack([np.pad(row, (0, n - np.size(row))) for row in rows], axis=1)


def product_tensor(prefix: str, c1: Any, c2: Any) -> Any:
    """The coefficients of the product of each member with each other."""
    mul, n = of_family(prefix, "*mul"), np.size(c1) + np.size(c2) - 1
    rows = [[mul(one, other) for other in identity(c2, 0)] for one in identity(c1, 0)]
    return np.array([[np.pad(product, (0, n - np.size(product))) for product in row] for row in rows])


def companion_parts(prefix: str, c: Any) -> Any:
    """The companion matrix of the last member, and what each coefficient over the last takes from its last column."""
    last = identity(c, 0)[-1]
    base = of_family(prefix, "*companion")(last)
    other = of_family(prefix, "*companion")(np.ones_like(last))
    return base, base[:, -1] - other[:, -1]


def _like(rank: int) -> Callable[..., Type]:
    """The type of a matrix that is as precise as the series it is for."""

    def result(prefix: Any, *args: Any) -> Type:
        dtypes = [kind.dtype for kind in map(type_of, args) if isinstance(kind, Arr)]
        is_double = bool(dtypes) and all(dtype in (np.float64, np.complex128) for dtype in dtypes)
        return Arr(np.dtype(float), tuple(fresh_dim("n") for _ in range(rank))) if is_double else ANY

    return result


constant(derivative_matrix, integral_matrix, conversion_matrix, result=_like(2), shape_only=("c",))
constant(product_tensor, result=_like(3), shape_only=("c1", "c2"))
constant(companion_parts, result=lambda *args: Tup((_like(2)(*args), _like(1)(*args))), shape_only=("c",))


# Values


def _values(family: Family) -> None:
    """Rules for values of the series."""
    step, of_one = family.step, family.fn("*val")

    @defined(of_one, operands=("x", "c"), samples=samples.points)
    def val(x: Any, c: Any, tensor: bool = True) -> Any:
        """Each coefficient times its member, which follows from the two before."""
        rows = np.reshape(c, (*np.shape(c), *([1] * np.ndim(x)))) if tensor and np.ndim(x) > 0 else c
        before = x * 0
        now = before + 1
        y = rows[0] * now
        for k in range(np.size(c, 0) - 1):
            now, before = step(k, x, now, before), now
            y = y + rows[k + 1] * now
        return y

    @defined(family.fn("*val2d"), operands=("x", "y", "c"), samples=samples.planes)
    def val2d(x: Any, y: Any, c: Any) -> Any:
        """One variable after the other."""
        return of_one(y, of_one(x, c), tensor=False)

    @defined(family.fn("*val3d"), operands=("x", "y", "z", "c"), samples=samples.spaces)
    def val3d(x: Any, y: Any, z: Any, c: Any) -> Any:
        """One variable after the other."""
        return of_one(z, of_one(y, of_one(x, c), tensor=False), tensor=False)

    @defined(family.fn("*grid2d"), operands=("x", "y", "c"), samples=samples.planes)
    def grid2d(x: Any, y: Any, c: Any) -> Any:
        """One variable after the other, all pairs."""
        return of_one(y, of_one(x, c))

    @defined(family.fn("*grid3d"), operands=("x", "y", "z", "c"), samples=samples.spaces)
    def grid3d(x: Any, y: Any, z: Any, c: Any) -> Any:
        """One variable after the other, all triples."""
        return of_one(z, of_one(y, of_one(x, c)))


def _columns(family: Family) -> None:
    """Rules for the members at points, and for fits."""
    step, of_one = family.step, family.fn("*vander")

    @defined(of_one, operands=("x",), samples=samples.degrees)
    def vander(x: Any, deg: int) -> Any:
        """One member after the other, along a new last axis."""
        before = x * 0.0
        now = before + 1.0
        columns = [now]
        for k in range(deg):
            now, before = step(k, x, now, before), now
            columns.append(now)
        return np.stack(columns, axis=-1)

    @defined(family.fn("*vander2d"), operands=("x", "y"), samples=samples.plane_degrees)
    def vander2d(x: Any, y: Any, deg: Any) -> Any:
        """Products of members along a new last axis."""
        both = of_one(x, deg[0])[..., :, None] * of_one(y, deg[1])[..., None, :]
        return np.reshape(both, (*np.shape(x), -1))

    @defined(family.fn("*vander3d"), operands=("x", "y", "z"), samples=samples.space_degrees)
    def vander3d(x: Any, y: Any, z: Any, deg: Any) -> Any:
        """Products of members along a new last axis."""
        both = of_one(x, deg[0])[..., :, None] * of_one(y, deg[1])[..., None, :]
        all_three = both[..., :, :, None] * of_one(z, deg[2])[..., None, None, :]
        return np.reshape(all_three, (*np.shape(x), -1))

    @defined(family.fn("*fit"), operands=("x", "y", "w"), samples=samples.series_fits)
    def fit(x: Any, y: Any, deg: int, rcond: Any = None, full: bool = False, w: Any = None) -> Any:
        """Least squares with the members at the points as columns, each scaled to length 1."""
        columns, right = of_one(x, deg), y + 0.0
        if w is not None:
            columns = columns * w[:, None]
            right = right * (w[:, None] if np.ndim(y) == 2 else w)
        scale = np.sqrt(np.sum(columns * columns, axis=0))
        cut = smallest_share(x) if rcond is None else rcond
        found, distances, rank, s = np.linalg.lstsq(columns / scale, right, cut)
        p = found / (scale[:, None] if np.ndim(y) == 2 else scale)
        if full:
            return p, [distances, rank, s, cut]
        return p


# Coefficients


def _calculus(family: Family) -> None:
    """Rules for derivatives and integrals of series."""
    prefix, value = family.prefix, family.fn("*val")

    @defined(family.fn("*der"), operands=("c", "scl"), samples=samples.series_derivatives)
    def der(c: Any, m: int = 1, scl: Any = 1, axis: int = 0) -> Any:
        """A product with a matrix."""
        first = np.tensordot(derivative_matrix(prefix, c, m, axis), c, (1, axis)) * scl**m
        return np.moveaxis(first, 0, axis)

    @defined(family.fn("*int"), operands=("c", "k", "lbnd", "scl"), samples=samples.series_integrals)
    def integral(c: Any, m: int = 1, k: Any = NO_CONSTANTS, lbnd: Any = 0, scl: Any = 1, axis: int = 0) -> Any:
        """A product with a matrix, and a constant such that the value at the bound is given."""
        first = np.moveaxis(c, axis, 0)
        starts = np.pad(np.ravel(np.asarray(k)) + 0.0, (0, m - np.size(k)))
        for j in range(m):
            grown = np.tensordot(integral_matrix(prefix, first), first, (1, 0)) * scl
            first = np.concatenate((grown[:1] + (starts[j] - value(lbnd, grown)), grown[1:]))
        return np.moveaxis(first, 0, axis)


def _arithmetic(family: Family) -> None:
    """Rules for products and quotients of series."""
    prefix, times = family.prefix, family.fn("*mul")

    @defined(times, operands=("c1", "c2"), samples=samples.pairs)
    def mul(c1: Any, c2: Any) -> Any:
        """The products of members, times those of their coefficients."""
        one, other = trimmed(c1), trimmed(c2)
        return trimmed(np.tensordot(np.outer(one, other), product_tensor(prefix, one, other), 2))

    @defined(family.fn("*mulx"), operands=("c",), samples=samples.one)
    def mulx(c: Any) -> Any:
        """A product with a matrix."""
        inner = trimmed(c)
        return conversion_matrix(prefix, "*mulx", inner) @ inner

    @defined(family.fn("*pow"), operands=("c",), samples=samples.powers)
    def power(c: Any, pow: int, maxpower: Any = 16) -> Any:
        """Repeated products."""
        product = np.ones((1,), c.dtype)
        for _ in range(pow):
            product = times(product, c)
        return product

    @defined(family.fn("*line"), operands=("off", "scl"))
    def line(off: Any, scl: Any) -> Any:
        """A line, or a constant where it does not rise."""
        if scl == 0:
            return np.array([off])
        return np.array([off + family.shift * scl, family.slope * scl])

    @defined(family.fn("*div"), operands=("c1", "c2"), samples=samples.quotients)
    def div(c1: Any, c2: Any) -> Any:
        """The coefficients of the quotient and of the remainder solve a linear system."""
        whole, by = trimmed(c1), trimmed(c2)
        n, m = np.size(whole), np.size(by)
        if n < m:
            return whole[:1] * 0, whole
        multiples = np.tensordot(by, product_tensor(prefix, by, whole[: n - m + 1]), (0, 0)).T
        found = np.linalg.solve(np.concatenate((multiples, np.eye(n)[:, : m - 1]), axis=1), whole)
        return found[: n - m + 1], trimmed(found[n - m + 1 :]) if m > 1 else whole[:1] * 0


def _conversions(family: Family) -> None:
    """Rules for zeros, and to and from powers."""
    prefix, matrix = family.prefix, family.fn("*companion")
    to_powers, from_powers = f"{prefix}2poly", f"poly2{prefix}"

    @defined(family.fn(to_powers), operands=("c",), samples=samples.one)
    def to_poly(c: Any) -> Any:
        """A product with a matrix."""
        inner = trimmed(c)
        return conversion_matrix(prefix, to_powers, inner) @ inner

    @defined(family.fn(from_powers), operands=("pol",), samples=samples.one)
    def from_poly(pol: Any) -> Any:
        """A product with a matrix."""
        inner = trimmed(pol)
        return conversion_matrix(prefix, from_powers, inner) @ inner

    @defined(family.fn("*fromroots"), operands=("roots",), samples=samples.one)
    def from_roots(roots: Any) -> Any:
        """The coefficients of powers, converted."""
        powers = np.poly(roots)[::-1]
        return conversion_matrix(prefix, from_powers, powers) @ powers

    @defined(matrix, operands=("c",), samples=samples.one)
    def companion(c: Any) -> Any:
        """That of the last member; the coefficients over the last in the last column."""
        inner = trimmed(c)
        base, weights = companion_parts(prefix, inner)
        taken = inner[:-1] / inner[-1] * weights
        return base - taken[:, None] * (np.arange(np.size(taken)) == np.size(taken) - 1)

    @defined(family.fn("*roots"), operands=("c",), samples=samples.one)
    def roots(c: Any) -> Any:
        """The eigenvalues of the companion matrix, in order."""
        return np.sort(np.linalg.eigvals(matrix(c)))


for _family in FAMILIES:
    _values(_family)
    _columns(_family)
    _calculus(_family)
    _arithmetic(_family)
    _conversions(_family)
    constant(_family.fn("*gauss"))
for _name, _rule in (("add", series.polyadd), ("sub", series.polysub)):
    assert _rule.vjp is not None
    defined(*(each.fn(f"*{_name}") for each in FAMILIES), operands=("c1", "c2"),
            samples=samples.pairs)(_rule.vjp)  # fmt: skip
constant(chebyshev.chebpts1, chebyshev.chebpts2)


# Weights


@defined(chebyshev.chebweight, operands=("x",), samples=samples.within_one)
def chebweight(x: Any) -> Any:
    """``1 / sqrt(1 - x^2)``."""
    return 1.0 / (np.sqrt(1.0 + x) * np.sqrt(1.0 - x))


@defined(legendre.legweight, operands=("x",), samples=samples.within_one)
def legweight(x: Any) -> Any:
    """1."""
    return x * 0.0 + 1.0


@defined(hermite.hermweight, operands=("x",), samples=samples.within_one)
def hermweight(x: Any) -> Any:
    """``exp(-x^2)``."""
    return np.exp(-(x**2))


@defined(hermite_e.hermeweight, operands=("x",), samples=samples.within_one)
def hermeweight(x: Any) -> Any:
    """``exp(-x^2 / 2)``."""
    return np.exp(-0.5 * x**2)


@defined(laguerre.lagweight, operands=("x",), samples=samples.within_one)
def lagweight(x: Any) -> Any:
    """``exp(-x)``."""
    return np.exp(-x)
