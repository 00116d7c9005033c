"""Rules for least squares, tensor equations, chains of products, and the array API's names in ``numpy.linalg``."""

from __future__ import annotations

from typing import Any

import numpy as np

import srcgrad.rules.samples_solvers as samples
from srcgrad.ir.types import Num, Type
from srcgrad.rules.core import bilinear, constant, custom, defined
from srcgrad.rules.results_signals import least_squares_type
from srcgrad.rules.results_trial import by_trial
from srcgrad.runtime import sum_to

constant(np.linalg.matrix_rank, effect="raise", samples=samples.ranks)


# Least squares


def cutoff(a: Any, rcond: Any) -> Any:
    """Below which share of the largest singular value `lstsq` takes one for zero."""
    return (
        np.finfo(np.result_type(a)).eps * (max(np.shape(a)) if rcond is None else 1) if rcond in (None, -1) else rcond
    )


def rank_of(a: Any, rcond: Any) -> Any:
    """The number of singular values that count."""
    s = np.linalg.svdvals(a)
    return np.int32(np.sum(s > cutoff(a, rcond) * np.max(s, initial=0)))


def rank_type(*args: Any) -> Type:
    """A number of NumPy."""
    return Num("int", np.dtype(np.int32))


def least_squares(a: Any, b: Any, rcond: Any) -> Any:
    """The shortest of the solutions that are closest."""
    return np.linalg.lstsq(a, b, rcond)[0]


constant(cutoff)
constant(rank_of, result=rank_type)


def in_columns(b: Any) -> Any:
    """A vector as a matrix of one column."""
    return b if np.ndim(b) == 2 else np.expand_dims(b, -1)


@custom(least_squares, operands=("a", "b"), result=least_squares_type, effect="raise", samples=samples.least_squares)
def least_squares_rule(out_bar: Any, out: Any, a: Any, b: Any, rcond: Any) -> Any:
    """``b_bar = pinv(a)^T out_bar``; `a` gets that of the pseudoinverse (Golub and Pereyra 1973)."""
    p = np.linalg.pinv(a, cutoff(a, rcond))
    x, x_bar, rest = in_columns(out), in_columns(out_bar), in_columns(b - a @ out)
    b_bar = p.T @ x_bar
    inner = p @ np.conj(b_bar)
    outside = np.conj(x_bar - a.T @ b_bar)
    a_bar = -b_bar @ x.T + np.conj(rest) @ inner.T + p.T @ np.conj(x) @ outside.T
    return a_bar, b_bar if np.ndim(b) == 2 else b_bar[:, 0]


@least_squares_rule.jvp
def least_squares_jvp(out: Any, a: Any, b: Any, rcond: Any, *, a_dot: Any = None, b_dot: Any = None) -> Any:
    """``p (b_dot - a_dot x)`` and what moves within and into the range of `a`."""
    p = np.linalg.pinv(a, cutoff(a, rcond))
    if a_dot is None:
        return p @ b_dot
    turned = np.conj(a_dot.T)
    adjoint = np.conj(p.T)
    back = turned @ (adjoint @ out)
    moved = -p @ (a_dot @ out) + p @ (adjoint @ (turned @ (b - a @ out))) + back - p @ (a @ back)
    return moved if b_dot is None else moved + p @ b_dot


@defined(np.linalg.lstsq, operands=("a", "b"), samples=samples.lstsq)
def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    """The solution, the squared distances where `a` is tall and of full rank, the rank, the singular values."""
    x = least_squares(a, b, rcond)
    rank = rank_of(a, rcond)
    if rank == np.size(a, 1) and np.size(a, 0) > np.size(a, 1):
        apart = in_columns(b - a @ x)
        distances = np.sum(np.real(apart * np.conj(apart)), axis=0)
    else:
        distances = np.empty((0,), np.real(x).dtype)
    return x, distances, rank, np.linalg.svdvals(a)


# Tensor equations and products


def moved_to_end(ndim: int, axes: Any) -> tuple[int, ...]:
    """The axes in order, some of them put last."""
    return (*[k for k in range(ndim) if k not in axes], *axes)


constant(moved_to_end)


@defined(np.linalg.tensorsolve, operands=("a", "b"), samples=samples.tensorsolve)
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """The solution of the flattened equations."""
    left = a if axes is None else np.transpose(a, moved_to_end(np.ndim(a), axes))
    flat = np.linalg.solve(np.reshape(left, (np.size(b), np.size(b))), np.ravel(b))
    return np.reshape(flat, np.shape(left)[np.ndim(b) :])


@defined(np.linalg.tensorinv, operands=("a",), samples=samples.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Any:
    """The inverse of the matrix that the array is when its first `ind` axes are joined, and the others."""
    rows, columns = np.shape(a)[:ind], np.shape(a)[ind:]
    flat = np.reshape(a, (np.size(a[(0,) * ind]), -1))
    return np.reshape(np.linalg.inv(flat), (*columns, *rows))


@defined(np.linalg.multi_dot, operands=("arrays",), samples=samples.multi_dot)
def multi_dot(arrays: Any, *, out: Any = None) -> Any:
    """The product: of three in the cheaper order, of more from an end, the last one if it is a vector."""
    if len(arrays) == 3:
        return product_of_three(arrays[0], arrays[1], arrays[2])
    if np.ndim(arrays[-1]) == 1:
        product = arrays[-1]
        for k in range(len(arrays) - 2, -1, -1):
            product = np.dot(arrays[k], product)
        return product
    product = arrays[0]
    for k in range(1, len(arrays)):
        product = np.dot(product, arrays[k])
    return product


def product_of_three(a: Any, b: Any, c: Any) -> Any:
    """Three matrices, or a vector at an end."""
    if np.ndim(c) == 1:
        return np.dot(a, np.dot(b, c))
    if np.ndim(a) == 1:
        return np.dot(np.dot(a, b), c)
    first = np.size(a, 0) * np.size(b, 1) * (np.size(a, 1) + np.size(c, 1))
    last = np.size(b, 0) * np.size(c, 1) * (np.size(b, 1) + np.size(a, 0))
    if first <= last:
        product = np.dot(np.dot(a, b), c)
    else:
        product = np.dot(a, np.dot(b, c))
    return product


@defined(np.linalg.cond, operands=("x",), samples=samples.cond)
def cond(x: Any, p: Any = None) -> Any:
    """The ratio of the extreme singular values, or the norm times that of the inverse."""
    if p is None or p == 2 or p == -2:
        s = np.linalg.svdvals(x)
        return s[..., 0] / s[..., -1] if p is None or p == 2 else s[..., -1] / s[..., 0]
    return np.linalg.norm(x, p, (-2, -1)) * np.linalg.norm(np.linalg.inv(x), p, (-2, -1))


@defined(np.linalg.diagonal, operands=("x",), samples=samples.diagonal)
def diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """That of the last two axes."""
    return np.diagonal(x, offset, -2, -1)


@defined(np.linalg.trace, operands=("x",), samples=samples.diagonal)
def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """That of the last two axes."""
    return np.trace(x, offset, -2, -1, dtype)


@defined(np.linalg.tensordot, operands=("x1", "x2"), samples=samples.tensordot)
def tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    """``np.tensordot``."""
    return np.tensordot(x1, x2, axes)


@bilinear(np.matvec, operands=("x1", "x2"), result=by_trial(np.matvec), effect="raise", samples=samples.matvec)
def matvec(out_bar: Any, x1: Any, x2: Any) -> Any:
    """``x1_bar = out_bar x2^T``, ``x2_bar = x1^T out_bar``."""
    x1_bar = np.expand_dims(out_bar, -1) * np.expand_dims(x2, -2)
    return sum_to(x1_bar, np.shape(x1)), sum_to(np.matvec(np.swapaxes(x1, -1, -2), out_bar), np.shape(x2))


@bilinear(np.vecmat, operands=("x1", "x2"), result=by_trial(np.vecmat), effect="raise", samples=samples.vecmat)
def vecmat(out_bar: Any, x1: Any, x2: Any) -> Any:
    """``x1_bar = conj(x2 out_bar)``, ``x2_bar = conj(x1) out_bar^T``: the vector is conjugated."""
    x2_bar = np.expand_dims(np.conj(x1), -1) * np.expand_dims(out_bar, -2)
    return sum_to(np.conj(np.matvec(x2, out_bar)), np.shape(x1)), sum_to(x2_bar, np.shape(x2))
