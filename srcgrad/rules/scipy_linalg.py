"""Rules for ``scipy.linalg``: read when a program has imported it.

Cotangents follow the pairing ``Re(sum(x_bar * x_dot))``: no conjugate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

import srcgrad.rules.samples_scipy_linalg as samples
from srcgrad.errors import UnsupportedError
from srcgrad.ir.types import Arr, Tup, Type
from srcgrad.rules.core import constant, custom, defined
from srcgrad.rules.results_linalg import same_matrix

NO, TURNED, CONJUGATE = 0, 1, 2
SYSTEMS = {0: NO, 1: TURNED, 2: CONJUGATE, "N": NO, "T": TURNED, "C": CONJUGATE}


def system_of(trans: Any) -> int:
    """Which system is solved: that of the matrix, its transpose or its conjugate transpose."""
    return SYSTEMS[trans]


def general(assume_a: Any) -> bool:
    """Refuse to take a matrix for something special: which of its entries are read depends on it."""
    if assume_a not in (None, "gen", "general"):
        raise UnsupportedError(f"scipy.linalg.solve(assume_a={assume_a!r}) has no rule", repair="Leave assume_a out.")
    return True


constant(system_of, general)


# Equations


@defined(linalg.solve, operands=("a", "b"), samples=samples.solve)
def solve(a: Any, b: Any, lower: bool = False, overwrite_a: bool = False, overwrite_b: bool = False,
          check_finite: bool = True, assume_a: Any = None, transposed: bool = False) -> Any:  # fmt: skip
    """``np.linalg.solve``."""
    if general(assume_a) and transposed:
        return np.linalg.solve(a.T, b)
    return np.linalg.solve(a, b)


@defined(linalg.inv, operands=("a",), samples=samples.regular)
def inv(a: Any, overwrite_a: bool = False, check_finite: bool = True, assume_a: Any = None, lower: bool = False) -> Any:
    """``np.linalg.inv``."""
    if general(assume_a):
        return np.linalg.inv(a)
    return None


@defined(linalg.det, operands=("a",), samples=samples.regular)
def det(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """``np.linalg.det``."""
    return np.linalg.det(a)


def triangle(a: Any, lower: bool, unit_diagonal: bool) -> Any:
    """The entries of a triangular matrix that are read."""
    if lower:
        return np.tril(a, -1 if unit_diagonal else 0)
    return np.triu(a, 1 if unit_diagonal else 0)


def outer_of(x: Any, y: Any) -> Any:
    """``x y^T`` of vectors or matrices."""
    return np.outer(x, y) if np.ndim(x) == 1 else x @ y.T


@custom(linalg.solve_triangular, operands=("a", "b"), effect="raise", samples=samples.triangular)
def solve_triangular(out_bar: Any, out: Any, a: Any, b: Any, trans: Any = 0, lower: bool = False,
                     unit_diagonal: bool = False, overwrite_b: bool = False, check_finite: bool = True
                     ) -> Any:  # fmt: skip
    """``b_bar`` solves the transposed system; ``a_bar = -b_bar out^T`` where the matrix is read."""
    if system_of(trans) == 0:
        b_bar = linalg.solve_triangular(a, out_bar, 1, lower, unit_diagonal)
        return triangle(-outer_of(b_bar, out), lower, unit_diagonal), b_bar
    if system_of(trans) == 1:
        b_bar = linalg.solve_triangular(a, out_bar, 0, lower, unit_diagonal)
        return triangle(-outer_of(out, b_bar), lower, unit_diagonal), b_bar
    b_bar = np.conj(linalg.solve_triangular(a, np.conj(out_bar), 0, lower, unit_diagonal))
    return triangle(-np.conj(outer_of(out, b_bar)), lower, unit_diagonal), b_bar


@solve_triangular.jvp
def solve_triangular_jvp(out: Any, a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False,
                         overwrite_b: bool = False, check_finite: bool = True, *, a_dot: Any = None,
                         b_dot: Any = None) -> Any:  # fmt: skip
    """The same system for ``b_dot - a_dot out``."""
    if a_dot is None:
        return linalg.solve_triangular(a, b_dot, trans, lower, unit_diagonal)
    read = triangle(a_dot, lower, unit_diagonal)
    if system_of(trans) == 0:
        push = read @ out
    elif system_of(trans) == 1:
        push = read.T @ out
    else:
        push = np.conj(read.T) @ out
    return linalg.solve_triangular(a, -push if b_dot is None else b_dot - push, trans, lower, unit_diagonal)


@custom(linalg.solve_sylvester, operands=("a", "b", "q"), effect="raise", samples=samples.sylvester)
def solve_sylvester(out_bar: Any, out: Any, a: Any, b: Any, q: Any) -> Any:
    """``q_bar`` solves the transposed equation, ``a_bar = -q_bar out^T``, ``b_bar = -out^T q_bar``."""
    q_bar = linalg.solve_sylvester(a.T, b.T, out_bar)
    return -q_bar @ out.T, -out.T @ q_bar, q_bar


@solve_sylvester.jvp
def solve_sylvester_jvp(out: Any, a: Any, b: Any, q: Any, *, a_dot: Any = None, b_dot: Any = None, q_dot: Any = None
                        ) -> Any:  # fmt: skip
    """The same equation for ``q_dot - a_dot out - out b_dot``."""
    push = np.zeros_like(out) if q_dot is None else q_dot
    if a_dot is not None:
        push = push - a_dot @ out
    if b_dot is not None:
        push = push - out @ b_dot
    return linalg.solve_sylvester(a, b, push)


# Factors


@defined(linalg.cholesky, operands=("a",), symmetric=True, samples=samples.positive)
def cholesky(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """``np.linalg.cholesky``."""
    return np.linalg.cholesky(a, upper=not lower)


@defined(linalg.cho_factor, operands=("a",), symmetric=True, samples=samples.positive)
def cho_factor(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """The factor; the other triangle keeps what was there."""
    if lower:
        return np.linalg.cholesky(a) + np.triu(a, 1), True
    return np.linalg.cholesky(a, upper=True) + np.tril(a, -1), False


@defined(linalg.cho_solve, operands=("c_and_lower", "b"), samples=samples.factored)
def cho_solve(c_and_lower: Any, b: Any, overwrite_b: bool = False, check_finite: bool = True) -> Any:
    """Two triangular systems."""
    c, lower = c_and_lower
    if lower:
        return linalg.solve_triangular(c, linalg.solve_triangular(c, b, 0, True), 2, True)
    return linalg.solve_triangular(c, linalg.solve_triangular(c, b, 2, False), 0, False)


def order_of(piv: Any) -> Any:
    """The order of the rows after the exchanges of a factorisation."""
    order = np.arange(len(piv))
    for k, other in enumerate(piv):
        order[[k, other]] = order[[other, k]]
    return order


constant(order_of)


def unit_lower(lu: Any) -> Any:
    """The lower factor."""
    return np.tril(lu, -1) + np.eye(np.size(lu, 0), dtype=bool)


def factors_type(a: Any, *args: Any, **kwargs: Any) -> Type:
    """The matrix of both factors, and the exchanges."""
    return Tup((same_matrix(a), Arr(np.dtype(np.int32), (None,))))


@custom(linalg.lu_factor, operands=("a",), result=factors_type, effect="raise", samples=samples.regular)
def lu_factor(out_bar: Any, out: Any, a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """Through the factors' triangles, and the rows put back."""
    lu, lower = out[0], unit_lower(out[0])
    inner = np.tril(lower.T @ np.tril(out_bar[0], -1), -1) + np.triu(np.triu(out_bar[0]) @ np.triu(lu).T)
    rows_bar = np.linalg.solve(lower.T, np.linalg.solve(np.triu(lu), inner.T).T)
    return rows_bar[np.argsort(order_of(out[1]))]


@lu_factor.jvp
def lu_factor_jvp(out: Any, a: Any, overwrite_a: bool = False, check_finite: bool = True, *, a_dot: Any) -> Any:
    """``lu_dot = l tril(f, -1) + triu(f) u`` with ``f = l^-1 p a_dot u^-1``."""
    lu, lower = out[0], unit_lower(out[0])
    left = np.linalg.solve(lower, a_dot[order_of(out[1])])
    inner = np.linalg.solve(np.triu(lu).T, left.T).T
    return lower @ np.tril(inner, -1) + np.triu(inner) @ np.triu(lu), np.zeros_like(out[1])


@defined(linalg.lu_solve, operands=("lu_and_piv", "b"), samples=samples.lu_factored)
def lu_solve(lu_and_piv: Any, b: Any, trans: Any = 0, overwrite_b: bool = False, check_finite: bool = True) -> Any:
    """Two triangular systems, and the rows exchanged."""
    lu, piv = lu_and_piv
    order = order_of(piv)
    if system_of(trans) == 0:
        return linalg.solve_triangular(lu, linalg.solve_triangular(lu, b[order], 0, True, True), 0, False)
    inner = linalg.solve_triangular(lu, linalg.solve_triangular(lu, b, trans, False), trans, True, True)
    return inner[np.argsort(order)]


# Functions of matrices


def beside(a: Any, step: Any) -> Any:
    """The matrix ``[[a, step], [0, a]]``: a function of it has the function's change along `step` in its corner."""
    upper = np.concatenate((a, step), -1)
    return np.concatenate((upper, np.concatenate((np.zeros_like(a), a), -1)), -2)


@custom(linalg.expm, operands=("A",), result=same_matrix, effect="raise", samples=samples.any_square)
def expm(out_bar: Any, out: Any, A: Any) -> Any:
    """How the exponential of the transpose changes along `out_bar`."""
    size = np.size(A, -1)
    return linalg.expm(beside(np.swapaxes(A, -1, -2), out_bar))[..., :size, size:]


@expm.jvp
def expm_jvp(out: Any, A: Any, *, A_dot: Any) -> Any:
    """How the exponential changes along `A_dot`."""
    size = np.size(A, -1)
    return linalg.expm(beside(A, A_dot))[..., :size, size:]


@custom(linalg.sqrtm, operands=("A",), effect="raise", samples=samples.positive_any)
def sqrtm(out_bar: Any, out: Any, A: Any, disp: Any = True, blocksize: int = 64) -> Any:
    """The solution of ``out^T x + x out^T = out_bar``."""
    return linalg.solve_sylvester(out.T, out.T, out_bar)


@sqrtm.jvp
def sqrtm_jvp(out: Any, A: Any, disp: Any = True, blocksize: int = 64, *, A_dot: Any) -> Any:
    """The solution of ``out x + x out = A_dot``."""
    return linalg.solve_sylvester(out, out, A_dot)
