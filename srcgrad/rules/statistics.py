"""Rules for statistics that are defined by sums and products: averages, covariances, correlations."""

from __future__ import annotations

from typing import Any

import numpy as np

import srcgrad.rules.samples_statistics as samples
from srcgrad.rules.core import defined


@defined(np.average, operands=("a", "weights"), samples=samples.average)
def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False) -> Any:
    """``sum(weights * a) / sum(weights)``."""
    if weights is None:
        mean = np.mean(a, axis=axis, keepdims=keepdims)
        if returned:
            return mean, np.full_like(mean, np.size(a) / np.size(mean))
        return mean
    if np.ndim(weights) == 1 and np.ndim(a) > 1:
        weights = np.reshape(weights, [-1 if k == axis % np.ndim(a) else 1 for k in range(np.ndim(a))])
    total = np.sum(np.broadcast_to(weights, np.shape(a)), axis=axis, keepdims=keepdims)
    mean = np.sum(weights * a, axis=axis, keepdims=keepdims) / total
    if returned:
        return mean, total
    return mean


@defined(np.cov, operands=("m", "y", "fweights", "aweights"), samples=samples.cov)
def cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None, fweights: Any = None,
        aweights: Any = None, *, dtype: Any = None) -> Any:  # fmt: skip
    """``(x - mean) w (x - mean)^H / norm``, variables in rows."""
    if ddof is None:
        ddof = 0 if bias else 1
    rows = in_variables(m, rowvar)
    if y is None:
        return np.squeeze(covariance(rows, ddof, fweights, aweights))
    return covariance(np.concatenate((rows, in_variables(y, rowvar)), 0), ddof, fweights, aweights)


def in_variables(m: Any, rowvar: bool) -> Any:
    """Observations as a matrix with one variable in each row."""
    rows = np.atleast_2d(m)
    if rowvar or np.ndim(m) < 2:
        return rows
    return rows.T


def covariance(rows: Any, ddof: Any, fweights: Any, aweights: Any) -> Any:
    """The covariances of variables in rows; counts weigh observations, and so do degrees of trust."""
    if fweights is None and aweights is None:
        centred = rows - np.mean(rows, axis=1, keepdims=True)
        return centred @ np.conj(centred.T) / (np.size(rows, 1) - ddof)
    weights = weights_of(fweights, aweights)
    total = np.sum(weights)
    centred = rows - np.sum(rows * weights, axis=1, keepdims=True) / total
    if aweights is None:
        norm = total - ddof
    else:
        norm = total - ddof * np.sum(weights * aweights) / total
    return (centred * weights) @ np.conj(centred.T) / norm


def weights_of(fweights: Any, aweights: Any) -> Any:
    """The product of the two kinds of weights."""
    if fweights is None:
        return aweights
    if aweights is None:
        return fweights
    return fweights * aweights


@defined(np.corrcoef, operands=("x", "y"), samples=samples.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """The covariances over the square roots of the products of variances."""
    c = np.cov(x, y, rowvar)
    if np.ndim(c) == 0:
        return c / c
    spread = np.sqrt(np.real(np.diagonal(c)))
    return c / spread[:, None] / spread[None, :]
