"""Rules for functions of sampled curves: integrals, slopes, differences, interpolation, polynomials, grids.

Each is defined by other functions; its derivative is that of the definition.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import srcgrad.rules.samples_sampled as samples
from srcgrad.rules.core import constant, defined
from srcgrad.rules.results_list import same


@defined(np.trapezoid, operands=("y", "x", "dx"), samples=samples.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    """Half of the sums of neighbours, times their distances."""
    if x is None:
        d = dx
    elif np.ndim(x) == 1:
        d = np.reshape(np.diff(x), along(np.ndim(y), axis, -1))
    else:
        d = np.diff(x, axis=axis)
    both = y[part(np.ndim(y), axis, 1, None)] + y[part(np.ndim(y), axis, None, -1)]
    return np.sum(d * both / 2.0, axis=axis)


def part(ndim: int, axis: int, start: Any, stop: Any) -> Any:
    """The index of a stretch of one axis."""
    return tuple([slice(start, stop) if k == axis % ndim else slice(None) for k in range(ndim)])


def along(ndim: int, axis: int, n: int) -> Any:
    """The shape that lies along one axis."""
    return tuple([n if k == axis % ndim else 1 for k in range(ndim)])


constant(part, along)


@defined(np.ediff1d, operands=("ary", "to_end", "to_begin"), samples=samples.ediff1d)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """Differences of neighbours of the flattened array, with others before and after."""
    inner = np.diff(np.ravel(ary))
    if to_begin is None and to_end is None:
        return inner
    if to_begin is None:
        return np.concatenate((inner, np.ravel(to_end)))
    if to_end is None:
        return np.concatenate((np.ravel(to_begin), inner))
    return np.concatenate((np.ravel(to_begin), inner, np.ravel(to_end)))


@defined(np.gradient, operands=("f", "varargs"), samples=samples.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    """Central differences inside and one-sided ones at the ends, along one axis or each."""
    if axis is None:
        axes = tuple(range(np.ndim(f)))
    elif isinstance(axis, tuple):
        axes = axis
    else:
        axes = (axis,)
    if len(varargs) == 0:
        steps = (1.0,) * len(axes)
    elif len(varargs) == 1:
        steps = (varargs[0],) * len(axes)
    else:
        steps = varargs
    slopes = tuple([slope_along(f, h, k, edge_order) for h, k in zip(steps, axes, strict=True)])
    if len(axes) == 1:
        return slopes[0]
    return slopes


def slope_along(f: Any, h: Any, axis: int, edge_order: Any) -> Any:
    """The slope along one axis, for one distance or for coordinates."""
    if np.ndim(h) == 0:
        return even_slope(np.moveaxis(f, axis, -1), h, axis, edge_order)
    return uneven_slope(np.moveaxis(f, axis, -1), np.diff(h), axis, edge_order)


def even_slope(f: Any, h: Any, axis: int, edge_order: Any) -> Any:
    """Second-order differences for samples at one distance."""
    inner = (f[..., 2:] - f[..., :-2]) / (2.0 * h)
    if edge_order == 1:
        first = (f[..., 1:2] - f[..., 0:1]) / h
        last = (f[..., -1:] - f[..., -2:-1]) / h
    else:
        first = (-1.5 * f[..., 0:1] + 2.0 * f[..., 1:2] - 0.5 * f[..., 2:3]) / h
        last = (0.5 * f[..., -3:-2] - 2.0 * f[..., -2:-1] + 1.5 * f[..., -1:]) / h
    return np.moveaxis(np.concatenate((first, inner, last), -1), -1, axis)


def uneven_slope(f: Any, d: Any, axis: int, edge_order: Any) -> Any:
    """Differences of second order for samples at distances `d` (Fornberg 1988, for three points)."""
    left, right = d[:-1], d[1:]
    inner = (-right / (left * (left + right)) * f[..., :-2] + (right - left) / (left * right) * f[..., 1:-1]
             + left / (right * (left + right)) * f[..., 2:])  # fmt: skip
    if edge_order == 1:
        first = (f[..., 1:2] - f[..., 0:1]) / d[0]
        last = (f[..., -1:] - f[..., -2:-1]) / d[-1]
    else:
        a, b = d[0], d[1]
        first = (-(2.0 * a + b) / (a * (a + b)) * f[..., 0:1] + (a + b) / (a * b) * f[..., 1:2]
                 - a / (b * (a + b)) * f[..., 2:3])  # fmt: skip
        a, b = d[-2], d[-1]
        last = (b / (a * (a + b)) * f[..., -3:-2] - (b + a) / (a * b) * f[..., -2:-1]
                + (2.0 * b + a) / (b * (a + b)) * f[..., -1:])  # fmt: skip
    return np.moveaxis(np.concatenate((first, inner, last), -1), -1, axis)


@defined(np.interp, operands=("x", "xp", "fp", "left", "right"), samples=samples.interp)
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """The line through the two samples around each point; constant outside."""
    if period is not None:
        turned = xp % period
        order = np.argsort(turned)
        sorted_xp, sorted_fp = turned[order], fp[order]
        wide_xp = np.concatenate((sorted_xp[-1:] - period, sorted_xp, sorted_xp[:1] + period))
        wide_fp = np.concatenate((sorted_fp[-1:], sorted_fp, sorted_fp[:1]))
        return between(x % period, wide_xp, wide_fp)
    inside = between(np.clip(x, xp[0], xp[-1]), xp, fp)
    if left is not None:
        inside = np.where(x < xp[0], left, inside)
    if right is not None:
        inside = np.where(x > xp[-1], right, inside)
    return inside


def between(x: Any, xp: Any, fp: Any) -> Any:
    """The line through the two samples around each point, which lies within the samples."""
    k = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, np.size(xp) - 2)
    slope = (fp[k + 1] - fp[k]) / (xp[k + 1] - xp[k])
    return slope * (x - xp[k]) + fp[k]


@defined(np.cumulative_sum, operands=("x",), samples=samples.cumulative)
def cumulative_sum(x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None, include_initial: Any = False
                   ) -> Any:  # fmt: skip
    """Running sums along one axis, with a zero before them where that is asked for."""
    sums = np.cumsum(x, axis=-1 if axis is None else axis, dtype=dtype)
    if not include_initial:
        return sums
    place = -1 if axis is None else axis
    return np.concatenate((np.zeros_like(sums[part(np.ndim(x), place, 0, 1)]), sums), place)


@defined(np.cumulative_prod, operands=("x",), samples=samples.cumulative)
def cumulative_prod(x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None, include_initial: Any = False
                    ) -> Any:  # fmt: skip
    """Running products along one axis, with a one before them where that is asked for."""
    products = np.cumprod(x, axis=-1 if axis is None else axis, dtype=dtype)
    if not include_initial:
        return products
    place = -1 if axis is None else axis
    return np.concatenate((np.ones_like(products[part(np.ndim(x), place, 0, 1)]), products), place)


@defined(np.polyval, operands=("p", "x"), samples=samples.polyval)
def polyval(p: Any, x: Any) -> Any:
    """Horner's scheme, the highest power first."""
    y = np.zeros_like(x)
    for c in p:
        y = y * x + c
    return y


@defined(np.vander, operands=("x",), samples=samples.vander)
def vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    """Powers of each entry, the highest first."""
    n = np.size(x) if N is None else N
    if increasing:
        return x[:, None] ** np.arange(n)
    return x[:, None] ** np.arange(n - 1, -1, -1)


def grid_order(count: int, indexing: Any) -> tuple[int, ...]:
    """The axis of each vector of a grid."""
    return (1, 0, *range(2, count)) if indexing == "xy" and count > 1 else tuple(range(count))


constant(grid_order)


@defined(np.meshgrid, operands=("xi",), samples=samples.meshgrid)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: Any = "xy") -> Any:
    """Each vector along an axis of its own, spread over the others."""
    count = len(xi)
    order = grid_order(count, indexing)
    lines = [np.reshape(x, along(count, order[k], -1)) for k, x in enumerate(xi)]
    if sparse:
        return tuple(lines)
    sizes = [np.size(x) for x in xi]
    shape = tuple([sizes[order[k]] for k in range(count)])
    return tuple([np.broadcast_to(line, shape) + 0 for line in lines])


@defined(np.unwrap, operands=("p",), samples=samples.unwrap)
def unwrap(p: Any, discont: Any = None, axis: Any = -1, *, period: Any = 6.283185307179586) -> Any:
    """The phases themselves, plus multiples of the period that do not move with them."""
    return p + turns(p, discont, axis, period)


def turns(p: Any, discont: Any, axis: Any, period: Any) -> Any:
    """The multiples of the period that `unwrap` adds: constant almost everywhere."""
    return np.unwrap(p, discont, axis, period=period) - p


constant(turns, result=same)
