"""Rules for reductions that pass over nans: those of the array with the nans replaced by what changes nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

import srcgrad.rules.samples_nans as samples
from srcgrad.rules.core import defined


@defined(np.nanmax, operands=("a",), samples=samples.extremes)
def nanmax(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None, where: Any = True
           ) -> Any:  # fmt: skip
    """The largest; nan where there is no number."""
    largest = np.max(np.where(np.isnan(a), -np.inf, a), axis=axis, keepdims=keepdims,
                     initial=-np.inf if initial is None and where is not True else initial, where=where)  # fmt: skip
    if initial is None:
        return np.where(no_number(a, axis, keepdims, where), np.nan, largest)[()]
    return largest


@defined(np.nanmin, operands=("a",), samples=samples.extremes)
def nanmin(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None, where: Any = True
           ) -> Any:  # fmt: skip
    """The smallest; nan where there is no number."""
    smallest = np.min(np.where(np.isnan(a), np.inf, a), axis=axis, keepdims=keepdims,
                      initial=np.inf if initial is None and where is not True else initial, where=where)  # fmt: skip
    if initial is None:
        return np.where(no_number(a, axis, keepdims, where), np.nan, smallest)[()]
    return smallest


def no_number(a: Any, axis: Any, keepdims: Any, where: Any) -> Any:
    """Is there nothing but nans?"""
    return np.all(np.isnan(a), axis=axis, keepdims=keepdims, where=where)


def zeroed(a: Any, where: Any) -> Any:
    """The array with 0 for nans and for what takes no part."""
    if where is True:
        return np.where(np.isnan(a), 0, a)
    return np.where(np.logical_or(np.isnan(a), np.logical_not(where)), 0, a)


def counted(a: Any, axis: Any, keepdims: Any, where: Any) -> Any:
    """How many numbers take part, as precise as they are."""
    return np.sum(np.logical_not(np.isnan(a)), axis=axis, keepdims=keepdims, where=where, dtype=np.real(a).dtype)


@defined(np.nanmean, operands=("a",), samples=samples.means)
def nanmean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True
            ) -> Any:  # fmt: skip
    """The mean of the numbers."""
    return np.divide(np.sum(zeroed(a, where), axis=axis, dtype=dtype, keepdims=keepdims),
                     counted(a, axis, keepdims, where))  # fmt: skip


@defined(np.nanvar, operands=("a", "mean"), samples=samples.variances)
def nanvar(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False, *,
           where: Any = True, mean: Any = None, correction: Any = None) -> Any:  # fmt: skip
    """The mean squared distance of the numbers from their mean."""
    return variance(a, axis, dtype, ddof if correction is None else correction, keepdims, where, mean)


def variance(a: Any, axis: Any, dtype: Any, ddof: Any, keepdims: Any, where: Any, mean: Any) -> Any:
    """The squared distances over the degrees of freedom; nan where there are none."""
    centre = np.nanmean(a, axis, dtype, keepdims=True, where=where) if mean is None else mean
    distance = zeroed(a - centre, where)
    total = np.sum(np.real(distance * np.conj(distance)), axis=axis, dtype=dtype, keepdims=keepdims)
    freedom = counted(a, axis, keepdims, where) - ddof
    return np.where(freedom <= 0, np.nan, np.divide(total, np.where(freedom <= 0, 1, freedom)))[()]


@defined(np.nanstd, operands=("a", "mean"), samples=samples.deviations)
def nanstd(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False, *,
           where: Any = True, mean: Any = None, correction: Any = None) -> Any:  # fmt: skip
    """The square root of the variance; its slope is 0 where that is 0."""
    spread = variance(a, axis, dtype, ddof if correction is None else correction, keepdims, where, mean)
    return np.where(spread == 0, 0, np.sqrt(np.where(spread == 0, 1, spread)))[()]


@defined(np.nanprod, operands=("a",), samples=samples.products)
def nanprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None,
            where: Any = True) -> Any:  # fmt: skip
    """The product of the numbers."""
    return np.prod(np.where(np.isnan(a), 1, a), axis=axis, dtype=dtype, keepdims=keepdims,
                   initial=1 if initial is None else initial, where=where)  # fmt: skip


@defined(np.nancumsum, operands=("a",), samples=samples.running)
def nancumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """Running sums to which nans add nothing."""
    return np.cumsum(np.where(np.isnan(a), 0, a), axis=axis, dtype=dtype)


@defined(np.nancumprod, operands=("a",), samples=samples.running)
def nancumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """Running products which nans leave as they are."""
    return np.cumprod(np.where(np.isnan(a), 1, a), axis=axis, dtype=dtype)
