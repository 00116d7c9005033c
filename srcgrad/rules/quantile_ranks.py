"""Which items of rows a quantile lies between: constant almost everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.ir.types import ANY, Arr, Tup, Type
from srcgrad.rules.core import constant
from srcgrad.rules.results import fresh_dim, type_of

# `alpha` and `beta` of Hyndman and Fan (1996), for the methods that move smoothly with the fraction
SMOOTH = {"linear": (1.0, 1.0), "interpolated_inverted_cdf": (0.0, 1.0), "hazen": (0.5, 0.5), "weibull": (0.0, 0.0),
          "median_unbiased": (1 / 3, 1 / 3), "normal_unbiased": (3 / 8, 3 / 8)}  # fmt: skip


def virtual_rank(q: Any, n: Any, method: str) -> Any:
    """Where between the ranks, counted from 0, a fraction lies: smooth in the fraction."""
    if method == "linear":
        return (n - 1) * q
    alpha, beta = SMOOTH[method]
    return n * q + (alpha + q * (1 - alpha - beta)) - 1


def is_smooth(method: str) -> bool:
    """Does the method draw a line between neighbours?"""
    return method in SMOOTH


def _averaged(q: Any, n: Any) -> tuple[Any, Any, Any]:
    h = n * q - 1
    return np.floor(h), np.floor(h) + 1, np.where(h == np.floor(h), 0.5, 1.0)


def _midpoint(q: Any, n: Any) -> tuple[Any, Any, Any]:
    h = (n - 1) * q
    return np.floor(h), np.ceil(h), np.where(h == np.floor(h), 0.0, 0.5)


def _next_unless(index: Any, stays: Any) -> Any:
    return np.where(stays, np.floor(index), np.floor(index) + 1)


def _inverted(q: Any, n: Any) -> Any:
    h = n * q - 1
    return _next_unless(h, h == np.floor(h))


def _closest(q: Any, n: Any) -> Any:
    h = n * q - 1.5
    return _next_unless(h, (h == np.floor(h)) & (np.floor(h) % 2 == 1))


def _single(rank: Callable[[Any, Any], Any]) -> Callable[[Any, Any], tuple[Any, Any, Any]]:
    return lambda q, n: (rank(q, n), rank(q, n), 0.0)


STEPS: dict[str, Callable[[Any, Any], tuple[Any, Any, Any]]] = {
    "averaged_inverted_cdf": _averaged, "midpoint": _midpoint, "inverted_cdf": _single(_inverted),
    "closest_observation": _single(_closest), "lower": _single(lambda q, n: np.floor((n - 1) * q)),
    "higher": _single(lambda q, n: np.ceil((n - 1) * q)), "nearest": _single(lambda q, n: np.around((n - 1) * q)),
}  # fmt: skip


def ranks(q: Any, n: Any, method: str) -> tuple[Any, Any, Any]:
    """The ranks of the two neighbours, and the second one's weight where it does not depend on the fraction."""
    if np.any(~((q >= 0) & (q <= 1))):
        raise ValueError("Quantiles must be in the range [0, 1]")
    if method in STEPS:
        low, high, weight = STEPS[method](q, n)
    else:
        below = np.floor(virtual_rank(q, n, method))
        low, high, weight = below, below + 1, 0.0
    last = np.maximum(n - 1, 0)
    bounded = (np.clip(rank, 0, last).astype(np.intp) for rank in (low, high))
    return (*bounded, np.broadcast_to(weight, np.shape(low)))


def middle_ranks(n: Any) -> tuple[Any, Any]:
    """The ranks of the two items in the middle, of which there may be one."""
    last = np.maximum(n - 1, 0)
    return last // 2, np.minimum(n // 2, last)


def places(rows: Any, low: Any, high: Any) -> tuple[Any, Any]:
    """Where in each row the items of these ranks are: of each row the same ranks, or its own."""
    if np.ndim(low) > 1:
        order = np.argsort(rows, -1)
        return np.take_along_axis(order, low, -1), np.take_along_axis(order, high, -1)
    order = np.argpartition(rows, np.unique(np.concatenate((low, high))), -1)
    return order[..., low], order[..., high]


def weighted_places(rows: Any, q: Any, weights: Any) -> tuple[Any, Any]:
    """Where the item is that the sum of weights picks."""
    values = np.quantile(rows, q, -1, method="inverted_cdf", weights=weights)
    found = np.argmax(rows[..., None, :] == np.moveaxis(values, 0, -1)[..., None], -1)
    return found, found


def has_nan(rows: Any) -> Any:
    """Which rows have a nan, along an axis of length 1."""
    return np.isnan(np.max(rows, -1, keepdims=True))


def numbers_in(rows: Any) -> Any:
    """How many items of each row are no nan, along an axis of length 1."""
    return np.sum(~np.isnan(rows), -1, keepdims=True)


def _each_row(dtype: Any) -> Callable[..., Type]:
    def result(rows: Any, *args: Any) -> Type:
        found = type_of(rows)
        return Arr(np.dtype(dtype), (*found.dims[:-1], 1)) if isinstance(found, Arr) and found.dims else ANY

    return result


def _found(rows: Any, *args: Any) -> Type:
    found = type_of(rows)
    if not isinstance(found, Arr) or not found.dims:
        return ANY
    return Tup((Arr(np.dtype(np.intp), (*found.dims[:-1], fresh_dim("q"))),) * 2)


def _ranks(q: Any, n: Any, method: Any) -> Type:
    count, fractions = type_of(n), type_of(q)
    if not isinstance(fractions, Arr) or fractions.dims is None:
        return ANY
    dims = count.dims if isinstance(count, Arr) and count.dims else (None,)
    shape = (*dims[:-1], fractions.dims[-1])
    index = Arr(np.dtype(np.intp), shape)
    return Tup((index, index, Arr(np.dtype(float), shape)))


constant(is_smooth)
constant(ranks, result=_ranks, effect="raise")
constant(middle_ranks)
constant(places, weighted_places, result=_found)
constant(has_nan, result=_each_row(bool))
constant(numbers_in, result=_each_row(np.intp))
