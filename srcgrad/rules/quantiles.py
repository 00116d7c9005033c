"""Rules for quantiles, percentiles and the median of numbers among nans: a line between two neighbours in rank.

Which items those are is looked up by partial sorting. What follows from it, the derivative by the fraction included, is
that of the definition.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import srcgrad.rules.samples_quantiles as samples
from srcgrad.rules.core import defined
from srcgrad.rules.quantile_ranks import (
    has_nan,
    is_smooth,
    middle_ranks,
    numbers_in,
    places,
    ranks,
    virtual_rank,
    weighted_places,
)
from srcgrad.runtime import as_type


@defined(np.quantile, operands=("a", "q"), samples=samples.quantile)
def quantile(a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, method: str = "linear",
             keepdims: bool = False, *, weights: Any = None) -> Any:  # fmt: skip
    """The item at a fraction of the way from the smallest to the largest."""
    return along(a, q, is_python_number(q), axis, method, keepdims, weights)


@defined(np.percentile, operands=("a", "q"), samples=samples.percentile)
def percentile(a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
               method: str = "linear", keepdims: bool = False, *, weights: Any = None) -> Any:  # fmt: skip
    """The same in hundredths."""
    return along(a, np.true_divide(q, 100), is_python_number(q), axis, method, keepdims, weights)


@defined(np.nanquantile, operands=("a", "q"), samples=samples.nanquantile)
def nanquantile(a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
                method: str = "linear", keepdims: Any = False, *, weights: Any = None) -> Any:  # fmt: skip
    """The same of the items that are numbers."""
    return along_numbers(a, q, is_python_number(q), axis, method, keepdims, weights)


@defined(np.nanpercentile, operands=("a", "q"), samples=samples.nanpercentile)
def nanpercentile(a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
                  method: str = "linear", keepdims: Any = False, *, weights: Any = None) -> Any:  # fmt: skip
    """The same in hundredths, of the items that are numbers."""
    return along_numbers(a, np.true_divide(q, 100), is_python_number(q), axis, method, keepdims, weights)


@defined(np.nanmedian, operands=("a",), samples=samples.nanmedian)
def nanmedian(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False) -> Any:
    """The item in the middle of those that are numbers, or the mean of the two there."""
    rows = in_rows(a, axis)
    low, high = middle_ranks(numbers_in(rows))
    first, second = places(rows, low, high)
    middle = (np.take_along_axis(rows, first, -1) + np.take_along_axis(rows, second, -1)) / 2
    return shaped(middle, a, 0.5, axis, keepdims)


def is_python_number(q: Any) -> bool:
    """Is the fraction a Python number, which leaves the precision to the array?"""
    return isinstance(q, (int, float)) and not isinstance(q, np.generic)


def in_precision(weight: Any, rows: Any, weak: bool) -> Any:
    """The weights between neighbours in the precision that they have a say in."""
    if weak and np.issubdtype(rows.dtype, np.inexact):
        return as_type(weight, rows.dtype)
    return weight


def along(a: Any, q: Any, weak: bool, axis: Any, method: str, keepdims: Any, weights: Any) -> Any:
    """Quantiles of all items along an axis; nan where one of them is."""
    rows = in_rows(a, axis)
    q_line = np.reshape(q, (1,) if np.ndim(q) == 0 else (-1,))
    if weights is not None:
        spots = weighted_places(rows, q_line, in_rows(weights, axis if np.ndim(weights) == np.ndim(a) else None))
        found = np.take_along_axis(rows, spots[0], -1)
    else:
        found = between(rows, q_line, np.size(rows, -1), weak, method)
    return shaped(np.where(has_nan(rows), np.nan, found), a, q, axis, keepdims)


def along_numbers(a: Any, q: Any, weak: bool, axis: Any, method: str, keepdims: Any, weights: Any) -> Any:
    """Quantiles of the items along an axis that are no nan."""
    rows = in_rows(a, axis)
    q_line = np.reshape(q, (1,) if np.ndim(q) == 0 else (-1,))
    if weights is not None:
        lightened = np.where(np.isnan(rows), 0.0, in_rows(weights, axis if np.ndim(weights) == np.ndim(a) else None))
        spots = weighted_places(np.where(np.isnan(rows), np.inf, rows), q_line, lightened)
        return shaped(np.take_along_axis(rows, spots[0], -1), a, q, axis, keepdims)
    return shaped(between(rows, q_line, numbers_in(rows), weak, method), a, q, axis, keepdims)


def between(rows: Any, q: Any, n: Any, weak: bool, method: str) -> Any:
    """A point on the line between two neighbours in rank, for each row (first axes) and each fraction (last axis)."""
    low, high, step_weight = ranks(q, n, method)
    first, second = places(rows, low, high)
    below, above = np.take_along_axis(rows, first, -1), np.take_along_axis(rows, second, -1)
    if is_smooth(method):
        weight = in_precision(virtual_rank(q, n, method) - low, rows, weak)
    else:
        weight = in_precision(step_weight, rows, weak)
    gap = above - below
    return np.where(weight >= 0.5, above - gap * (1 - weight), below + gap * weight)


def in_rows(a: Any, axis: Any) -> Any:
    """The array with what quantiles are taken of along the last axis."""
    if axis is None:
        return np.ravel(a)
    if isinstance(axis, tuple):
        moved = np.moveaxis(a, axis, tuple(range(-len(axis), 0)))
        return np.reshape(moved, (*np.shape(moved)[: np.ndim(a) - len(axis)], -1))
    return np.moveaxis(a, axis, -1)


def shaped(found: Any, a: Any, q: Any, axis: Any, keepdims: Any) -> Any:
    """The fractions' own axes in front, reduced axes put back where they are to be kept."""
    axes = tuple(range(np.ndim(a))) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if np.ndim(q) == 0 and not keepdims and (axis is None or len(axes) == np.ndim(a)):
        return found[0]
    front = np.moveaxis(found, -1, 0)
    if np.ndim(q) != 1:
        front = np.reshape(front, (*np.shape(q), *np.shape(front)[1:]))
    if not keepdims:
        return front
    return np.expand_dims(front, tuple([np.ndim(q) + k % np.ndim(a) for k in axes]))
