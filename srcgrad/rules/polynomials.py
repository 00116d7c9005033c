"""Rules for NumPy's own functions of polynomials, whose coefficients come with the highest power first."""

from __future__ import annotations

from typing import Any

import numpy as np

import srcgrad.rules.samples_polynomials as samples
from srcgrad.rules.core import constant, defined


def in_length(p: Any, n: Any) -> Any:
    """Zeros in front of the coefficients, up to a length."""
    return np.pad(p, (n - np.size(p), 0))


@defined(np.polyadd, operands=("a1", "a2"), samples=samples.pairs)
def polyadd(a1: Any, a2: Any) -> Any:
    """Sums of coefficients of equal powers."""
    n = np.maximum(np.size(a1), np.size(a2))
    return in_length(a1, n) + in_length(a2, n)


@defined(np.polysub, operands=("a1", "a2"), samples=samples.pairs)
def polysub(a1: Any, a2: Any) -> Any:
    """Differences of coefficients of equal powers."""
    n = np.maximum(np.size(a1), np.size(a2))
    return in_length(a1, n) - in_length(a2, n)


@defined(np.polymul, operands=("a1", "a2"), samples=samples.pairs)
def polymul(a1: Any, a2: Any) -> Any:
    """The convolution of coefficients."""
    return np.convolve(a1, a2)


@defined(np.polyder, operands=("p",), samples=samples.derivatives)
def polyder(p: Any, m: int = 1) -> Any:
    """Each coefficient times its power, as often as asked."""
    for _ in range(m):
        p = p[:-1] * np.arange(np.size(p) - 1, 0, -1)
    return p


@defined(np.polyint, operands=("p", "k"), samples=samples.integrals)
def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """Each coefficient over its new power, and a constant, as often as asked."""
    for j in range(m):
        last = 0.0 if k is None else k[j] if np.ndim(k) == 1 and np.size(k) > 1 else np.reshape(k, (-1,))[0]
        p = np.concatenate((p / np.arange(np.size(p), 0, -1), np.reshape(last, (1,))))
    return p


@defined(np.polydiv, operands=("u", "v"), samples=samples.quotients)
def polydiv(u: Any, v: Any) -> Any:
    """Long division: one coefficient of the quotient after the other."""
    n, m = np.size(u), np.size(v)
    rest = u + 0.0 * v[0]
    quotient = np.zeros(np.maximum(n - m + 1, 1), rest.dtype)
    for k in range(n - m + 1):
        quotient[k] = rest[k] / v[0]
        rest[k : k + m] -= quotient[k] * v
    return quotient, rest[first_of_rest(rest) :]


def first_of_rest(rest: Any) -> int:
    """Where the remainder begins: leading coefficients that are as good as 0 are left out, the last is not."""
    kept = 0
    while kept < np.size(rest) - 1 and np.allclose(rest[kept], 0, rtol=1e-14):
        kept += 1
    return kept


constant(first_of_rest)


@defined(np.poly, operands=("seq_of_zeros",), samples=samples.zeros)
def poly(seq_of_zeros: Any) -> Any:
    """The product of ``x - zero``; of a matrix, its characteristic polynomial."""
    zeros = np.linalg.eigvals(seq_of_zeros) if np.ndim(seq_of_zeros) == 2 else seq_of_zeros
    product = np.ones_like(zeros, shape=(1,))
    for k in range(np.size(zeros)):
        product = np.convolve(product, np.stack((np.ones_like(zeros[k]), -zeros[k])))
    if are_conjugate(zeros):
        product = np.real(product)
    return product


def are_conjugate(zeros: Any) -> bool:
    """Are complex zeros in pairs, so that the coefficients are real?"""
    if not np.iscomplexobj(zeros):
        return False
    return bool(np.all(np.sort(zeros) == np.sort(zeros.conjugate())))


constant(are_conjugate)


@defined(np.roots, operands=("p",), samples=samples.one)
def roots(p: Any) -> Any:
    """The eigenvalues of the companion matrix; zero as often as the last coefficients are 0."""
    first, last = outermost(p)
    inner = p[first : last + 1]
    n = np.size(inner) - 1
    companion = np.eye(n, k=-1, dtype=inner.dtype)
    companion[0, :] = -inner[1:] / inner[0]
    found = np.linalg.eigvals(companion)
    return np.concatenate((found, np.zeros_like(found, shape=(np.size(p) - 1 - last,))))


def outermost(p: Any) -> tuple[int, int]:
    """The first and the last coefficient that is not 0."""
    found = np.flatnonzero(p)
    return int(found[0]), int(found[-1])


constant(outermost)


@defined(np.polyfit, operands=("x", "y", "w"), samples=samples.fits)
def polyfit(x: Any, y: Any, deg: int, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False) -> Any:
    """Least squares with the powers of the points as columns, each scaled to length 1."""
    columns = np.vander(x + 0.0, deg + 1)
    right = y + 0.0
    if w is not None:
        columns = columns * w[:, None]
        right = right * (w[:, None] if np.ndim(y) == 2 else w)
    scale = np.sqrt(np.sum(columns * columns, axis=0))
    cut = smallest_share(x) if rcond is None else rcond
    found, distances, rank, s = np.linalg.lstsq(columns / scale, right, cut)
    p = found / (scale[:, None] if np.ndim(y) == 2 else scale)
    if full:
        return p, distances, rank, s, cut
    if cov:
        return p, covariance(columns / scale, scale, distances, np.size(x) - deg - 1, cov, np.ndim(y))
    return p


def smallest_share(x: Any) -> float:
    """Below which share of the largest singular value one counts for nothing."""
    return float(np.size(x) * np.finfo(np.result_type(x, np.float16)).eps)


constant(smallest_share)


def covariance(columns: Any, scale: Any, distances: Any, freedom: Any, cov: Any, ndim: int) -> Any:
    """That of fitted coefficients."""
    base = np.linalg.inv(columns.T @ columns) / np.outer(scale, scale)
    if isinstance(cov, str) and cov == "unscaled":
        return base
    return base * (distances / freedom)[0] if ndim == 1 else base[:, :, None] * (distances / freedom)
