"""Rules for arrays as sets, and for counting into bins: which items are taken is looked up, the rest is a read."""

from __future__ import annotations

from typing import Any

import numpy as np

import srcgrad.rules.samples_sets as samples
from srcgrad.ir.types import Arr
from srcgrad.rules.core import constant, custom, defined
from srcgrad.rules.results import fresh_dim


def _places(*args: Any, **kwargs: Any) -> Any:
    return Arr(np.dtype(np.intp), (fresh_dim("n"),))


def first_places(ar: Any, axis: Any, equal_nan: Any) -> Any:
    """Where each item stands first, in the order of the items."""
    return np.unique(ar, True, axis=axis, equal_nan=equal_nan)[1]


def inverse_places(ar: Any, axis: Any, equal_nan: Any) -> Any:
    """For each item its place among those that differ."""
    return np.unique(ar, return_inverse=True, axis=axis, equal_nan=equal_nan)[1]


def how_often(ar: Any, axis: Any, equal_nan: Any) -> Any:
    """How often each item that differs from the others stands in an array."""
    return np.unique(ar, return_counts=True, axis=axis, equal_nan=equal_nan)[1]


def common_places(ar1: Any, ar2: Any, assume_unique: Any) -> Any:
    """Where the items stand that both arrays have: in the first, in the second."""
    return np.intersect1d(ar1, ar2, assume_unique, return_indices=True)[1:]


def own_places(ar1: Any, ar2: Any, assume_unique: Any) -> Any:
    """Where the items stand in the first array that the second has not."""
    if assume_unique:
        return np.flatnonzero(np.isin(ar1, ar2, assume_unique=True, invert=True))
    places = np.unique(ar1, return_index=True)[1]
    return places[np.isin(np.ravel(ar1)[places], ar2, invert=True)]


UniqueAllResult: Any = type(np.unique_all(np.zeros(1)))
UniqueCountsResult: Any = type(np.unique_counts(np.zeros(1)))
UniqueInverseResult: Any = type(np.unique_inverse(np.zeros(1)))
constant(first_places, inverse_places, how_often, own_places, result=_places)
constant(common_places)


@defined(np.unique, operands=("ar",), samples=samples.unique)
def unique(ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False,
           axis: Any = None, *, equal_nan: bool = True, sorted: bool = True) -> Any:  # fmt: skip
    """The first of each item, in order."""
    places = first_places(ar, axis, equal_nan)
    found = [np.ravel(ar)[places] if axis is None else np.take(ar, places, axis)]
    if return_index:
        found = [*found, places]
    if return_inverse:
        found = [*found, inverse_places(ar, axis, equal_nan)]
    if return_counts:
        found = [*found, how_often(ar, axis, equal_nan)]
    return found[0] if len(found) == 1 else tuple(found)


@defined(np.unique_values, operands=("x",), samples=samples.lines)
def unique_values(x: Any) -> Any:
    """The items, each once, in the order NumPy gives them."""
    return np.ravel(x)[value_places(x)]


def value_places(x: Any) -> Any:
    """Where each of the items stands first, in the order of `unique_values`."""
    values = np.unique_values(x)
    order = np.argsort(values, kind="stable")
    places = np.empty(values.size, np.intp)
    places[order] = first_places(x, None, False)
    return places


constant(value_places, result=_places)


@defined(np.unique_counts, operands=("x",))
def unique_counts(x: Any) -> Any:
    """The items, each once, in order, and how often each stands there."""
    return UniqueCountsResult(np.ravel(x)[first_places(x, None, False)], how_often(x, None, False))


@defined(np.unique_inverse, operands=("x",))
def unique_inverse(x: Any) -> Any:
    """The items, each once, in order, and for each item its place among them."""
    return UniqueInverseResult(np.ravel(x)[first_places(x, None, False)], inverse_places(x, None, False))


@defined(np.unique_all, operands=("x",))
def unique_all(x: Any) -> Any:
    """The items, each once, in order, and all that can be told of their places."""
    places = first_places(x, None, False)
    return UniqueAllResult(np.ravel(x)[places], places, inverse_places(x, None, False), how_often(x, None, False))


@defined(np.union1d, operands=("ar1", "ar2"), samples=samples.pairs)
def union1d(ar1: Any, ar2: Any) -> Any:
    """The items of both, each once."""
    return np.unique(np.concatenate((np.ravel(ar1), np.ravel(ar2))))


@defined(np.intersect1d, operands=("ar1",), samples=samples.pairs)
def intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    """The items of the first that the second has too."""
    places = common_places(ar1, ar2, assume_unique)
    found = np.ravel(ar1)[places[0]]
    if return_indices:
        return found, places[0], places[1]
    return found


@defined(np.setdiff1d, operands=("ar1",), samples=samples.pairs)
def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """The items of the first that the second has not."""
    return np.ravel(ar1)[own_places(ar1, ar2, assume_unique)]


@defined(np.setxor1d, operands=("ar1", "ar2"), samples=samples.pairs)
def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """The items that only one of them has."""
    first = np.ravel(ar1)[own_places(ar1, ar2, assume_unique)]
    second = np.ravel(ar2)[own_places(ar2, ar1, assume_unique)]
    return np.sort(np.concatenate((first, second)))


# Bins


def bins_type(x: Any, /, weights: Any = None, minlength: Any = 0) -> Any:
    """Counts, or sums of weights."""
    return Arr(np.dtype(np.intp if weights is None else float), (fresh_dim("n"),))


@custom(np.bincount, operands=("weights",), result=bins_type, effect="raise", samples=samples.bincount)
def bincount(out_bar: Any, out: Any, x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    """Each weight gets what its bin gets."""
    return out_bar[x]


@bincount.jvp
def bincount_jvp(out: Any, x: Any, /, weights: Any = None, minlength: int = 0, *, weights_dot: Any) -> Any:
    """The tangents of the weights, counted the same way."""
    return np.bincount(x, weights_dot, minlength)


def bin_of(a: Any, edges: Any) -> Any:
    """The number of the bin that each item falls in: -1 outside; the last bin has its right edge too."""
    flat = np.ravel(a)
    found = np.searchsorted(edges, flat, side="right") - 1
    found[flat == edges[-1]] = len(edges) - 2
    found[(flat < edges[0]) | ~(flat <= edges[-1])] = -1
    return found


def bin_edges(a: Any, bins: Any, range: Any) -> Any:
    """The edges of the bins."""
    return np.histogram_bin_edges(a, bins, range)


def counts_of(a: Any, bins: Any, range: Any) -> Any:
    """How many items fall in each bin."""
    return np.histogram(a, bins, range)[0]


constant(bin_of, result=_places)
constant(bin_edges, result=lambda *args: Arr(np.dtype(float), (fresh_dim("n"),)), effect="raise")
constant(counts_of, result=_places, effect="raise")


def edges_along(a: Any, bins: Any, range: Any) -> Any:
    """The edges of the bins, which move with the extreme items where nothing else is said."""
    if np.ndim(bins) == 1:
        return bins
    share = np.linspace(0.0, 1.0, np.size(bin_edges(a, bins, range)))
    if range is None:
        return np.min(a) * (1.0 - share) + np.max(a) * share
    return np.linspace(range[0], range[1], np.size(share))


@defined(np.histogram, operands=("a", "bins", "range", "weights"), samples=samples.histogram)
def histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """Counts, or sums of weights, and the edges."""
    edges = edges_along(a, bins, range)
    if weights is None:
        counts = counts_of(a, bins, range)
    else:
        spots = bin_of(a, bin_edges(a, bins, range))
        counts = np.bincount(spots + 1, np.ravel(weights), np.size(edges))[1:]
    if density:
        return counts / (np.sum(counts) * np.diff(edges)), edges
    return counts, edges


def along(bins: Any, k: int) -> Any:
    """The bins of one of two coordinates."""
    return bins if isinstance(bins, int) or len(bins) != 2 else bins[k]


def spot_in_plane(x: Any, y: Any, bins: Any, range: Any) -> Any:
    """The number of the bin that each point falls in, row by row; one more than there are outside."""
    rows, columns = np.histogram2d(x, y, bins, range)[1:]
    row, column, width = bin_of(x, rows), bin_of(y, columns), len(columns) - 1
    return np.where((row < 0) | (column < 0), (len(rows) - 1) * width, row * width + column)


def counts_in_plane(x: Any, y: Any, bins: Any, range: Any) -> Any:
    """How many points fall in each bin."""
    return np.histogram2d(x, y, bins, range)[0]


constant(spot_in_plane, result=_places, effect="raise")
constant(counts_in_plane, result=lambda *args: Arr(np.dtype(float), (fresh_dim("n"), fresh_dim("n"))), effect="raise")


@defined(np.histogram2d, operands=("x", "y", "bins", "range", "weights"), samples=samples.histogram2d)
def histogram2d(x: Any, y: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """Counts, or sums of weights, and the edges along both axes."""
    rows = edges_along(x, along(bins, 0), None if range is None else range[0])
    columns = edges_along(y, along(bins, 1), None if range is None else range[1])
    height, width = np.size(rows) - 1, np.size(columns) - 1
    if weights is None:
        counts = counts_in_plane(x, y, bins, range)
    else:
        sums = np.bincount(spot_in_plane(x, y, bins, range), weights, height * width + 1)
        counts = np.reshape(sums[:-1], (height, width))
    if density:
        area = np.diff(rows)[:, None] * np.diff(columns)
        return counts / (np.sum(counts) * area), rows, columns
    return counts, rows, columns
