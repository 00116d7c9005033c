"""Rules for linear algebra on matrices and stacks of matrices.

Cotangents follow the pairing ``Re(sum(x_bar * x_dot))``: no conjugate. Rules whose formulas are known for the other
pairing conjugate on the way in and out, which is nothing for real matrices.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import srcgrad.rules.results_linalg as types
import srcgrad.rules.samples_shape as samples
from srcgrad import runtime
from srcgrad.rules.axes import checked_mode
from srcgrad.rules.core import constant, custom, linear
from srcgrad.runtime import (
    between_ties,
    cofactor,
    cofactor_step,
    negligible_size,
    peaks,
    sum_to,
    tied,
    untied,
)

constant(runtime.tied, runtime.peaks, runtime.negligible_size)


def flipped(a: Any) -> Any:
    """The transpose of each matrix of a stack."""
    return np.swapaxes(a, -1, -2)


def adjoint(a: Any) -> Any:
    """The conjugate transpose of each matrix of a stack."""
    return np.conj(np.swapaxes(a, -1, -2))


def hermitian(a: Any) -> Any:
    """The Hermitian part of each matrix of a stack."""
    return 0.5 * (a + adjoint(a))


def skew(a: Any) -> Any:
    """The skew-Hermitian part of each matrix of a stack."""
    return 0.5 * (a - adjoint(a))


def in_matrix(x: Any) -> Any:
    """Numbers as factors of whole matrices."""
    return np.expand_dims(x, (-1, -2))


def in_rows(x: Any) -> Any:
    """Vectors as factors of the rows of matrices."""
    return np.expand_dims(x, -1)


def in_columns(x: Any) -> Any:
    """Vectors as factors of the columns of matrices."""
    return np.expand_dims(x, -2)


@custom(np.linalg.solve, operands=("a", "b"), result=types.solve, effect="raise", samples=samples.solve)
def solve(out_bar: Any, out: Any, a: Any, b: Any) -> Any:
    """``b_bar = a^-T out_bar``, ``a_bar = -b_bar out^T``, summed over broadcast stacks."""
    if np.ndim(b) == 1 and np.ndim(a) == 2:
        b_bar = np.linalg.solve(a.T, out_bar)
        return -np.outer(b_bar, out), b_bar
    if np.ndim(b) == 1:
        columns_bar = np.linalg.solve(flipped(a), np.expand_dims(out_bar, -1))
        return -columns_bar * np.expand_dims(out, -2), sum_to(np.squeeze(columns_bar, -1), np.shape(b))
    b_bar = np.linalg.solve(flipped(a), out_bar)
    return sum_to(-b_bar @ flipped(out), np.shape(a)), sum_to(b_bar, np.shape(b))


@solve.jvp
def solve_jvp(out: Any, a: Any, b: Any, *, a_dot: Any = None, b_dot: Any = None) -> Any:
    """``out_dot = a^-1 (b_dot - a_dot out)``."""
    if a_dot is None:
        return np.linalg.solve(a, b_dot)
    if np.ndim(b) == 1:
        push = np.matmul(a_dot, np.expand_dims(out, -1))
        moved = np.squeeze(np.linalg.solve(a, push), -1)
    else:
        moved = np.linalg.solve(a, a_dot @ out)
    if b_dot is None:
        return -moved
    return np.linalg.solve(a, b_dot) - moved


@custom(np.linalg.inv, operands=("a",), result=types.same_matrix, effect="raise", samples=samples.regular)
def inv(out_bar: Any, out: Any, a: Any) -> Any:
    """``a_bar = -out^T out_bar out^T``."""
    return -flipped(out) @ out_bar @ flipped(out)


@inv.jvp
def inv_jvp(out: Any, a: Any, *, a_dot: Any) -> Any:
    """``out_dot = -out a_dot out``."""
    return -out @ a_dot @ out


@custom(np.linalg.det, operands=("a",), result=types.per_matrix, effect="raise", samples=samples.det)
def det(out_bar: Any, out: Any, a: Any) -> Any:
    """``a_bar = out_bar * cofactor(a)``, right at any rank."""
    return in_matrix(out_bar) * cofactor(a)


@det.jvp
def det_jvp(out: Any, a: Any, *, a_dot: Any) -> Any:
    """``out_dot = sum(cofactor(a) * a_dot)``."""
    return np.sum(cofactor(a) * a_dot, axis=(-1, -2))


@custom(runtime.cofactor, operands=("a",), result=types.same_matrix, samples=samples.det)
def cofactors(out_bar: Any, out: Any, a: Any) -> Any:
    """The second derivative of the determinant along `out_bar`, which is symmetric in its two directions."""
    return cofactor_step(a, out_bar)


@cofactors.jvp
def cofactors_jvp(out: Any, a: Any, *, a_dot: Any) -> Any:
    """The second derivative of the determinant along `a_dot`."""
    return cofactor_step(a, a_dot)


def cofactor_step_slope(a: Any, step: Any, other: Any) -> Any:
    """The third derivative of the determinant, along two directions, for regular matrices."""
    x = np.linalg.inv(a)
    x_step = x @ step
    x_other = x @ other
    step_trace = in_matrix(np.trace(x_step, axis1=-2, axis2=-1))
    other_trace = in_matrix(np.trace(x_other, axis1=-2, axis2=-1))
    both_trace = in_matrix(np.trace(x_step @ x_other, axis1=-2, axis2=-1))
    change = ((step_trace * other_trace - both_trace) * x - other_trace * x_step @ x - step_trace * x_other @ x
              + x_step @ x_other @ x + x_other @ x_step @ x)  # fmt: skip
    return in_matrix(np.linalg.det(a)) * flipped(change)


@custom(runtime.cofactor_step, operands=("a", "step"), samples=samples.cofactor_step)
def cofactor_steps(out_bar: Any, out: Any, a: Any, step: Any) -> Any:
    """The third derivative of the determinant for `a`, the second (symmetric) one for `step`."""
    return cofactor_step_slope(a, step, out_bar), cofactor_step(a, out_bar)


@cofactor_steps.jvp
def cofactor_steps_jvp(out: Any, a: Any, step: Any, *, a_dot: Any = None, step_dot: Any = None) -> Any:
    """The third derivative along `a_dot` and the second along `step_dot`."""
    if a_dot is None:
        return cofactor_step(a, step_dot)
    if step_dot is None:
        return cofactor_step_slope(a, step, a_dot)
    return cofactor_step_slope(a, step, a_dot) + cofactor_step(a, step_dot)


@custom(np.linalg.slogdet, operands=("a",), result=types.slogdet, effect="raise", samples=samples.regular)
def slogdet(out_bar: Any, out: Any, a: Any) -> Any:
    """``a_bar = out_bar[1] a^-T``, less ``1j`` times what the sign's turn contributes where matrices are complex."""
    turned = flipped(np.linalg.inv(a))
    if np.iscomplexobj(a):
        turn_bar = np.real(1j * out_bar[0] * out[0])
        return in_matrix(out_bar[1] - 1j * turn_bar) * turned
    return in_matrix(out_bar[1]) * turned


@slogdet.jvp
def slogdet_jvp(out: Any, a: Any, *, a_dot: Any) -> Any:
    """With ``rate = trace(a^-1 a_dot)``: the sign turns by ``1j imag(rate)``, the logarithm grows by ``real(rate)``."""
    rate = np.trace(np.linalg.solve(a, a_dot), axis1=-2, axis2=-1)
    if np.iscomplexobj(a) or np.iscomplexobj(a_dot):
        return 1j * np.imag(rate) * out[0], np.real(rate)
    return np.zeros_like(out[0]), rate


@custom(np.linalg.matrix_power, operands=("a",), result=types.same_matrix, effect="raise",
        samples=samples.matrix_power)  # fmt: skip
def matrix_power(out_bar: Any, out: Any, a: Any, n: int) -> Any:
    """``a_bar``: how the power of ``a^T`` changes along `out_bar`."""
    return power_step(flipped(a), out_bar, n)


@matrix_power.jvp
def matrix_power_jvp(out: Any, a: Any, n: int, *, a_dot: Any) -> Any:
    """``out_dot = sum(a^i a_dot a^(n-1-i))``, as one block of a larger power."""
    return power_step(a, a_dot, n)


def power_step(a: Any, step: Any, n: int) -> Any:
    """How the n-th power of `a` changes along `step`: the upper right block of the power of [[a, step], [0, a]]."""
    if n == 1:
        return step
    if n == 2:
        return step @ a + a @ step
    size = np.shape(a)[-1]
    upper = np.concatenate((a, step), -1)
    lower = np.concatenate((np.zeros_like(a), a), -1)
    power = np.linalg.matrix_power(np.concatenate((upper, lower), -2), n)
    return power[..., :size, size:]


@custom(np.linalg.cholesky, operands=("a",), result=types.same_matrix, effect="raise", symmetric=True,
        samples=samples.positive)  # fmt: skip
def cholesky(out_bar: Any, out: Any, a: Any, *, upper: bool = False) -> Any:
    """``a_bar = herm(l^-H half(l^H l_bar) l^-1)``, `half` being the lower triangle with half of the diagonal."""
    if upper:
        return cholesky_bar(adjoint(out), flipped(out_bar))
    return cholesky_bar(out, np.conj(out_bar))


def cholesky_bar(lower: Any, lower_bar: Any) -> Any:
    """The symmetrised cotangent from that of the lower factor."""
    inner = lower_half(adjoint(lower) @ lower_bar)
    left = np.linalg.solve(adjoint(lower), inner)
    return np.conj(hermitian(adjoint(np.linalg.solve(adjoint(lower), adjoint(left)))))


def lower_half(a: Any) -> Any:
    """The lower triangle with half of the diagonal."""
    return np.tril(a) - 0.5 * a * np.eye(np.shape(a)[-1], dtype=bool)


@cholesky.jvp
def cholesky_jvp(out: Any, a: Any, *, upper: bool = False, a_dot: Any) -> Any:
    """``l_dot = l half(l^-1 a_dot l^-H)``."""
    if upper:
        return adjoint(cholesky_step(adjoint(out), a_dot))
    return cholesky_step(out, a_dot)


def cholesky_step(lower: Any, a_dot: Any) -> Any:
    """How the lower factor changes with the Hermitian part of `a_dot`."""
    left = np.linalg.solve(lower, hermitian(a_dot))
    return lower @ lower_half(adjoint(np.linalg.solve(lower, adjoint(left))))


def inverse_gaps(values: Any) -> Any:
    """``1 / (values[j] - values[i])`` at row i, column j; zero between tied values."""
    ties = tied(values)
    gaps = np.expand_dims(values, -2) - np.expand_dims(values, -1)
    return np.where(ties, 0.0, 1.0 / np.where(ties, 1.0, gaps))


@linear(runtime.untied, operands=("turns",), samples=samples.untied)
def untied_rule(out_bar: Any, turns: Any, stretches: Any, slopes: Any, ties: Any) -> Any:
    """``turns_bar = out_bar`` off the ties, 0 on them."""
    return np.where(ties, 0.0, out_bar)


@linear(runtime.between_ties, operands=("turns",), samples=samples.between_ties)
def between_ties_rule(out_bar: Any, turns: Any, ties: Any) -> Any:
    """``turns_bar = out_bar`` off the ties, 0 on them."""
    return np.where(ties, 0.0, out_bar)


@custom(np.linalg.eigh, operands=("a",), result=types.eigh, effect="raise", symmetric=True, samples=samples.symmetric)
def eigh(out_bar: Any, out: Any, a: Any, UPLO: Any = "L") -> Any:
    """``a_bar = v (diag(w_bar) + skew(v^H v_bar) / (w_j - w_i)) v^H``, 0 between tied eigenvalues."""
    w, v = out
    inner = adjoint(v) @ np.conj(out_bar[1])
    turn = untied(skew(inner), hermitian(inner), out_bar[0], tied(w)) * inverse_gaps(w)
    return np.conj((v * in_columns(out_bar[0])) @ adjoint(v) + v @ turn @ adjoint(v))


@eigh.jvp
def eigh_jvp(out: Any, a: Any, UPLO: Any = "L", *, a_dot: Any) -> Any:
    """``w_dot = diag(v^H a_dot v)``, ``v_dot = v (v^H a_dot v / (w_j - w_i))``, 0 between tied eigenvalues."""
    w, v = out
    turned = adjoint(v) @ hermitian(a_dot) @ v
    w_dot = np.real(np.diagonal(turned, 0, -2, -1))
    return w_dot, v @ (between_ties(turned, tied(w)) * inverse_gaps(w))


@custom(np.linalg.eigvalsh, operands=("a",), result=types.eigvalsh, effect="raise", symmetric=True,
        samples=samples.symmetric)  # fmt: skip
def eigvalsh(out_bar: Any, out: Any, a: Any, UPLO: Any = "L") -> Any:
    """``a_bar = v diag(w_bar) v^H``."""
    v = np.linalg.eigh(a, UPLO)[1]
    return np.conj((v * in_columns(out_bar)) @ adjoint(v))


@eigvalsh.jvp
def eigvalsh_jvp(out: Any, a: Any, UPLO: Any = "L", *, a_dot: Any) -> Any:
    """``w_dot = real(diag(v^H a_dot v))``."""
    v = np.linalg.eigh(a, UPLO)[1]
    return np.real(np.diagonal(adjoint(v) @ hermitian(a_dot) @ v, 0, -2, -1))


@custom(np.linalg.eigvals, operands=("a",), result=types.eigvals, effect="raise", samples=samples.general)
def eigvals(out_bar: Any, out: Any, a: Any) -> Any:
    """``a_bar = v^-T diag(w_bar) v^T``."""
    v = np.linalg.eig(a)[1]
    return np.linalg.solve(flipped(v), in_rows(out_bar) * flipped(v))


@eigvals.jvp
def eigvals_jvp(out: Any, a: Any, *, a_dot: Any) -> Any:
    """``w_dot = diag(v^-1 a_dot v)``."""
    v = np.linalg.eig(a)[1]
    return np.diagonal(np.linalg.solve(v, a_dot @ v), 0, -2, -1)


@custom(np.linalg.eig, operands=("a",), result=types.eig, effect="raise", samples=samples.general)
def eig(out_bar: Any, out: Any, a: Any) -> Any:
    """``a_bar = v^-H (diag(w_bar) + v^H v_bar / (w_j - w_i)) v^H``, `v_bar` cleared of changes of length and phase."""
    w, v = out
    v_bar = np.conj(out_bar[1])
    along = np.sum(np.conj(v) * v_bar, axis=-2, keepdims=True)
    raw_bar = v_bar - v * np.real(along) - 1j * np.imag(along) * peaks(v) / pick_peaks(v)
    inner = np.conj(inverse_gaps(w)) * (adjoint(v) @ raw_bar)
    inner = inner + np.conj(in_columns(out_bar[0])) * np.eye(np.shape(v)[-1], dtype=bool)
    return np.conj(np.linalg.solve(adjoint(v), inner @ adjoint(v)))


@eig.jvp
def eig_jvp(out: Any, a: Any, *, a_dot: Any) -> Any:
    """``w_dot = diag(v^-1 a_dot v)``; the vectors keep their length, and their largest component stays real."""
    w, v = out
    turned = np.linalg.solve(v, a_dot @ v)
    raw = v @ (turned * inverse_gaps(w))
    along = np.sum(np.real(np.conj(v) * raw), axis=-2, keepdims=True)
    phase = np.imag(np.sum(peaks(v) * raw, axis=-2, keepdims=True)) / pick_peaks(v)
    return np.diagonal(turned, 0, -2, -1), raw - v * (along + 1j * phase)


def pick_peaks(v: Any) -> Any:
    """The largest component of each eigenvector, which LAPACK makes real."""
    return np.sum(peaks(v) * np.real(v), axis=-2, keepdims=True)


def inverse_sums(s: Any) -> Any:
    """``1 / (s[i] + s[j])``; zero where both are negligible."""
    sums = np.expand_dims(s, -2) + np.expand_dims(s, -1)
    small = in_matrix(negligible_size(s)) >= sums
    return np.where(small, 0.0, 1.0 / np.where(small, 1.0, sums))


def divided(x: Any, s: Any) -> Any:
    """The columns of `x` over the singular values; zero over negligible ones, where there is nothing to divide."""
    small = np.expand_dims(negligible_size(s), -1) >= s
    return x * in_columns(np.where(small, 0.0, 1.0 / np.where(small, 1.0, s)))


@custom(np.linalg.svd, operands=("a",), result=types.svd, effect="raise", samples=samples.svd)
def svd(out_bar: Any, out: Any, a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """The cotangent of the thin decomposition, that of completing columns first moved to the others."""
    if not compute_uv:
        return svdvals_bar(out_bar, a)
    u, s, vh = out
    size = np.shape(s)[-1]
    v = adjoint(vh)
    u_bar = np.conj(out_bar[0])
    v_bar = flipped(out_bar[2])
    if full_matrices:
        u_bar = thin_bar(u, u_bar, size)
        v_bar = thin_bar(v, v_bar, size)
        return np.conj(svd_bar(u[..., :size], s, v[..., :size], u_bar, out_bar[1], v_bar))
    return np.conj(svd_bar(u, s, v, u_bar, out_bar[1], v_bar))


def thin_bar(q: Any, q_bar: Any, size: int) -> Any:
    """Move the cotangent of the completing columns of a unitary matrix to its first `size` columns."""
    rest = q[..., size:]
    return q_bar[..., :size] - rest @ adjoint(q_bar[..., size:]) @ q[..., :size]


def svd_bar(u: Any, s: Any, v: Any, u_bar: Any, s_bar: Any, v_bar: Any) -> Any:
    """The (conjugated) cotangent of a matrix from those of its thin singular value decomposition."""
    p = adjoint(u) @ u_bar
    q = adjoint(v) @ v_bar
    turn = untied(skew(p + q), hermitian(p + q), s_bar, tied(s)) * inverse_gaps(s)
    inner = turn + skew(p - q) * inverse_sums(s)
    left = u @ inner + u * in_columns(s_bar) + divided(u_bar - u @ p, s)
    return left @ adjoint(v) + u @ adjoint(divided(v_bar - v @ q, s))


@svd.jvp
def svd_jvp(out: Any, a: Any, full_matrices: bool = True, compute_uv: bool = True, *, a_dot: Any) -> Any:
    """``s_dot = real(diag(u^H a_dot v))``; turns are over ``s_j - s_i`` and ``s_j + s_i``, 0 between tied values."""
    if not compute_uv:
        return svdvals_step(a, a_dot)
    u, s, vh = out
    size = np.shape(s)[-1]
    thin_u = u[..., :size]
    thin_v = adjoint(vh)[..., :size]
    inner = adjoint(thin_u) @ a_dot @ thin_v
    turn = between_ties(hermitian(inner), tied(s)) * inverse_gaps(s)
    stretch = skew(inner) * inverse_sums(s)
    u_dot = thin_u @ (turn + stretch) + divided(a_dot @ thin_v - thin_u @ inner, s)
    v_dot = thin_v @ (turn - stretch) + divided(adjoint(a_dot) @ thin_u - thin_v @ adjoint(inner), s)
    if full_matrices:
        u_dot = completed(u, u_dot, size)
        v_dot = completed(adjoint(vh), v_dot, size)
    return u_dot, np.real(np.diagonal(inner, 0, -2, -1)), adjoint(v_dot)


def completed(q: Any, q_dot: Any, size: int) -> Any:
    """The tangent of a unitary matrix from that of its first `size` columns."""
    return np.concatenate((q_dot, -q[..., :size] @ adjoint(q_dot) @ q[..., size:]), -1)


@custom(np.linalg.svdvals, operands=("x",), result=types.svdvals, effect="raise", samples=samples.rectangular)
def svdvals(out_bar: Any, out: Any, x: Any) -> Any:
    """``a_bar = u diag(s_bar) v^H``."""
    return svdvals_bar(out_bar, x)


@svdvals.jvp
def svdvals_jvp(out: Any, x: Any, *, x_dot: Any) -> Any:
    """``s_dot = real(diag(u^H a_dot v))``."""
    return svdvals_step(x, x_dot)


def svdvals_bar(s_bar: Any, a: Any) -> Any:
    """The cotangent of a matrix from that of its singular values."""
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return np.conj((u * in_columns(s_bar)) @ vh)


def svdvals_step(a: Any, a_dot: Any) -> Any:
    """The tangent of the singular values."""
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return np.real(np.diagonal(adjoint(u) @ a_dot @ adjoint(vh), 0, -2, -1))


@custom(np.linalg.qr, operands=("a",), result=types.qr, effect="raise", samples=samples.qr)
def qr(out_bar: Any, out: Any, a: Any, mode: Any = "reduced") -> Any:
    """``a_bar = (q_bar + q full(triu(r_bar r^H - q^H q_bar))) r^-H``, `full` making a triangle Hermitian."""
    checked_mode(mode, np.shape(a))
    if mode == "r":
        q = np.linalg.qr(a)[0]
        return np.conj(qr_bar(q, out, a, np.zeros_like(q), np.conj(out_bar)))
    return np.conj(qr_bar(out[0], out[1], a, np.conj(out_bar[0]), np.conj(out_bar[1])))


def qr_bar(q: Any, r: Any, a: Any, q_bar: Any, r_bar: Any) -> Any:
    """The (conjugated) cotangent of a matrix; columns beyond the square part only enter through q."""
    size = np.shape(q)[-1]
    square = r[..., :size]
    all_q_bar = q_bar + a[..., size:] @ adjoint(r_bar[..., size:])
    upper = np.triu(r_bar[..., :size] @ adjoint(square) - adjoint(q) @ all_q_bar)
    both = upper + adjoint(upper) - np.real(upper) * np.eye(size, dtype=bool)
    first_bar = adjoint(np.linalg.solve(square, adjoint(all_q_bar + q @ both)))
    return np.concatenate((first_bar, q @ r_bar[..., size:]), -1)


@qr.jvp
def qr_jvp(out: Any, a: Any, mode: Any = "reduced", *, a_dot: Any) -> Any:
    """``r_dot = growth r`` and ``q_dot = a_dot r^-1 - q growth``, `growth` being upper triangular."""
    checked_mode(mode, np.shape(a))
    if mode == "r":
        return qr_step(np.linalg.qr(a)[0], out, a, a_dot)[1]
    return qr_step(out[0], out[1], a, a_dot)


def qr_step(q: Any, r: Any, a: Any, a_dot: Any) -> Any:
    """The tangents of q and r."""
    size = np.shape(q)[-1]
    square = r[..., :size]
    moved = adjoint(np.linalg.solve(adjoint(square), adjoint(a_dot[..., :size])))
    inner = adjoint(q) @ moved
    lower = np.tril(inner, -1)
    growth = inner - (lower - adjoint(lower)) - (inner - np.real(inner)) * np.eye(size, dtype=bool)
    q_dot = moved - q @ growth
    rest_dot = adjoint(q_dot) @ a[..., size:] + adjoint(q) @ a_dot[..., size:]
    return q_dot, np.concatenate((growth @ square, rest_dot), -1)


@custom(np.linalg.pinv, operands=("a",), result=types.pinv, effect="raise", samples=samples.rectangular)
def pinv(out_bar: Any, out: Any, a: Any, rcond: Any = None, *, rtol: Any = None) -> Any:
    """The transpose of the tangent: ``-p a_dot p`` and what moves the row space and the column space."""
    g = np.conj(out_bar)
    off_rows = adjoint(g) - a @ (out @ adjoint(g))
    off_columns = adjoint(g) - (adjoint(g) @ out) @ a
    return np.conj(off_rows @ out @ adjoint(out) + adjoint(out) @ out @ off_columns
                   - adjoint(out) @ g @ adjoint(out))  # fmt: skip


@pinv.jvp
def pinv_jvp(out: Any, a: Any, rcond: Any = None, *, rtol: Any = None, a_dot: Any) -> Any:
    """``out_dot = -p a_dot p + (1 - p a) a_dot^H p^H p + p p^H a_dot^H (1 - a p)`` with ``p = out``."""
    turned = adjoint(a_dot)
    off_rows = turned - (turned @ a) @ out
    off_columns = turned - out @ (a @ turned)
    return out @ adjoint(out) @ off_rows + off_columns @ adjoint(out) @ out - out @ a_dot @ out
