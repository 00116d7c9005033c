"""Rules for products of arrays: matmul, dot, inner, outer, tensordot, einsum, Kronecker and cross products."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

import srcgrad.rules.results_products as types
import srcgrad.rules.samples_shape as samples
from srcgrad.rules.axes import (
    contracted,
    even_axes,
    free_axes,
    interleaved,
    is_subscripts,
    letter_lengths,
    odd_axes,
    restore_first,
    restore_second,
    shared_letters,
    span,
    spelled_out,
    turned_subscripts,
)
from srcgrad.rules.core import bilinear, custom
from srcgrad.runtime import fit_to, spread, sum_to


@bilinear(np.matmul, operator.matmul, np.linalg.matmul, operands=("x1", "x2"), result=types.matmul, effect="raise",
          samples=samples.matmul)  # fmt: skip
def matmul(out_bar: Any, x1: Any, x2: Any) -> Any:
    """``x1_bar = out_bar x2^T``, ``x2_bar = x1^T out_bar``, summed over broadcast stacks."""
    if np.ndim(x1) == 1 and np.ndim(x2) == 1:
        return out_bar * x2, out_bar * x1
    if np.ndim(x1) == 2 and np.ndim(x2) == 1:
        return np.outer(out_bar, x2), x1.T @ out_bar
    if np.ndim(x1) == 1 and np.ndim(x2) == 2:
        return x2 @ out_bar, np.outer(x1, out_bar)
    if np.ndim(x1) == 2 and np.ndim(x2) == 2:
        return out_bar @ x2.T, x1.T @ out_bar
    if np.ndim(x1) == 1:
        x1_bars = np.matmul(x2, np.expand_dims(out_bar, -1))
        x2_bar = np.expand_dims(x1, -1) * np.expand_dims(out_bar, -2)
        return sum_to(np.squeeze(x1_bars, -1), np.shape(x1)), x2_bar
    if np.ndim(x2) == 1:
        x2_bars = np.matmul(np.swapaxes(x1, -1, -2), np.expand_dims(out_bar, -1))
        x1_bar = np.expand_dims(out_bar, -1) * x2
        return x1_bar, sum_to(np.squeeze(x2_bars, -1), np.shape(x2))
    x1_bars = out_bar @ np.swapaxes(x2, -1, -2)
    x2_bars = np.swapaxes(x1, -1, -2) @ out_bar
    return sum_to(x1_bars, np.shape(x1)), sum_to(x2_bars, np.shape(x2))


@bilinear(np.dot, operands=("a", "b"), result=types.dot, effect="raise", samples=samples.dot)
def dot(out_bar: Any, a: Any, b: Any, out: Any = None) -> Any:
    """``a_bar[i, k] = sum(out_bar[i, j] * b[k, j])``, ``b_bar[k, j] = sum(a[i, k] * out_bar[i, j])``."""
    if np.ndim(a) == 0 and np.ndim(b) == 0:
        return out_bar * b, out_bar * a
    if np.ndim(a) == 0:
        return np.sum(out_bar * b), out_bar * a
    if np.ndim(b) == 0:
        return out_bar * b, np.sum(out_bar * a)
    if np.ndim(a) == 1 and np.ndim(b) == 1:
        return out_bar * b, out_bar * a
    if np.ndim(a) == 2 and np.ndim(b) == 1:
        return np.outer(out_bar, b), a.T @ out_bar
    if np.ndim(a) == 1 and np.ndim(b) == 2:
        return b @ out_bar, np.outer(a, out_bar)
    if np.ndim(a) == 2 and np.ndim(b) == 2:
        return out_bar @ b.T, a.T @ out_bar
    rows = span(0, np.ndim(a) - 1)
    if np.ndim(b) == 1:
        return np.expand_dims(out_bar, -1) * b, np.tensordot(out_bar, a, (rows, rows))
    columns = (*span(0, np.ndim(b) - 2), np.ndim(b) - 1)
    a_bar = np.tensordot(out_bar, b, (span(np.ndim(a) - 1, np.ndim(out_bar)), columns))
    b_bar = np.moveaxis(np.tensordot(a, out_bar, (rows, rows)), 0, -2)
    return a_bar, b_bar


@bilinear(np.inner, operands=("a", "b"), result=types.inner, effect="raise", samples=samples.inner)
def inner(out_bar: Any, a: Any, b: Any) -> Any:
    """``a_bar[i, k] = sum(out_bar[i, j] * b[j, k])``, ``b_bar[j, k] = sum(out_bar[i, j] * a[i, k])``."""
    if np.ndim(a) == 0 and np.ndim(b) == 0:
        return out_bar * b, out_bar * a
    if np.ndim(a) == 0:
        return np.sum(out_bar * b), out_bar * a
    if np.ndim(b) == 0:
        return out_bar * b, np.sum(out_bar * a)
    if np.ndim(a) == 1 and np.ndim(b) == 1:
        return out_bar * b, out_bar * a
    rows = span(0, np.ndim(a) - 1)
    a_bar = np.tensordot(out_bar, b, (span(np.ndim(a) - 1, np.ndim(out_bar)), span(0, np.ndim(b) - 1)))
    b_bar = np.tensordot(out_bar, a, (rows, rows))
    return a_bar, b_bar


@bilinear(np.outer, operands=("a", "b"), result=types.outer, samples=samples.outer)
def outer(out_bar: Any, a: Any, b: Any, out: Any = None) -> Any:
    """``a_bar = out_bar b``, ``b_bar = a out_bar``."""
    if np.ndim(a) == 1 and np.ndim(b) == 1:
        return out_bar @ b, a @ out_bar
    return np.reshape(out_bar @ np.ravel(b), np.shape(a)), np.reshape(np.ravel(a) @ out_bar, np.shape(b))


@bilinear(np.linalg.outer, operands=("x1", "x2"), result=types.outer, samples=samples.vectors_outer)
def linalg_outer(out_bar: Any, x1: Any, x2: Any) -> Any:
    """``x1_bar = out_bar x2``, ``x2_bar = x1 out_bar``."""
    return out_bar @ x2, x1 @ out_bar


@bilinear(np.vdot, operands=("a", "b"), result=types.vdot, effect="raise", samples=samples.vdot)
def vdot(out_bar: Any, a: Any, b: Any) -> Any:
    """``a_bar = conj(out_bar * b)``, ``b_bar = out_bar * conj(a)``: the first operand is conjugated."""
    return np.conj(out_bar * np.reshape(b, np.shape(a))), out_bar * np.conj(np.reshape(a, np.shape(b)))


@bilinear(np.vecdot, np.linalg.vecdot, operands=("x1", "x2"), result=types.vecdot, effect="raise",
          samples=samples.vecdot)  # fmt: skip
def vecdot(out_bar: Any, x1: Any, x2: Any, *, axis: int = -1) -> Any:
    """``x1_bar = conj(out_bar * x2)``, ``x2_bar = out_bar * conj(x1)``: the first operand is conjugated."""
    wide_bar = np.expand_dims(out_bar, axis)
    return sum_to(np.conj(wide_bar * x2), np.shape(x1)), sum_to(wide_bar * np.conj(x1), np.shape(x2))


@bilinear(np.tensordot, operands=("a", "b"), result=types.tensordot, effect="raise", samples=samples.tensordot)
def tensordot(out_bar: Any, a: Any, b: Any, axes: Any = 2) -> Any:
    """Each cotangent is `out_bar` contracted with the other operand, its axes put back in order."""
    summed = contracted(np.ndim(a), np.ndim(b), axes)
    rows = free_axes(np.ndim(a), summed[0])
    columns = free_axes(np.ndim(b), summed[1])
    a_bar = np.tensordot(out_bar, b, (span(len(rows), np.ndim(out_bar)), columns))
    b_bar = np.tensordot(a, out_bar, (rows, span(0, len(rows))))
    return (np.transpose(a_bar, restore_first(np.ndim(a), np.ndim(b), axes)),
            np.transpose(b_bar, restore_second(np.ndim(a), np.ndim(b), axes)))  # fmt: skip


@bilinear(np.kron, operands=("a", "b"), result=types.kron, samples=samples.kron)
def kron(out_bar: Any, a: Any, b: Any) -> Any:
    """With `out` read as blocks: ``a_bar[i] = sum(out_bar[i, j] * b[j])``, ``b_bar[j] = sum(out_bar[i, j] * a[i])``."""
    ndim = np.ndim(out_bar)
    blocks_bar = np.reshape(out_bar, interleaved(np.shape(a), np.shape(b)))
    a_bar = np.sum(blocks_bar * np.reshape(b, interleaved((1,), np.shape(b))), axis=odd_axes(ndim))
    b_bar = np.sum(blocks_bar * np.reshape(a, interleaved(np.shape(a), (1,))), axis=even_axes(ndim))
    return np.reshape(a_bar, np.shape(a)), np.reshape(b_bar, np.shape(b))


@bilinear(np.cross, operands=("a", "b"), result=types.cross, effect="raise", samples=samples.cross)
def cross(out_bar: Any, a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1,
          axis: int | None = None) -> Any:  # fmt: skip
    """``a_bar = b x out_bar``, ``b_bar = out_bar x a``."""
    if axis is not None:
        return cross_bars(out_bar, a, b, axis, axis, axis)
    return cross_bars(out_bar, a, b, axisa, axisb, axisc)


@bilinear(np.linalg.cross, operands=("x1", "x2"), result=types.linalg_cross, effect="raise",
          samples=samples.linalg_cross)  # fmt: skip
def linalg_cross(out_bar: Any, x1: Any, x2: Any, *, axis: int = -1) -> Any:
    """``x1_bar = x2 x out_bar``, ``x2_bar = out_bar x x1``."""
    return cross_bars(out_bar, x1, x2, axis, axis, axis)


def cross_bars(out_bar: Any, a: Any, b: Any, axisa: int, axisb: int, axisc: int) -> Any:
    """The cotangents of a cross product of vectors along the given axes."""
    last_bar = np.moveaxis(out_bar, axisc, -1)
    last_a = np.moveaxis(a, axisa, -1)
    last_b = np.moveaxis(b, axisb, -1)
    a_bar = sum_to(np.cross(last_b, last_bar), np.shape(last_a))
    b_bar = sum_to(np.cross(last_bar, last_a), np.shape(last_b))
    return np.moveaxis(a_bar, -1, axisa), np.moveaxis(b_bar, -1, axisb)


@custom(np.einsum, operands=("operands",), result=types.einsum, effect="raise", samples=samples.einsum)
def einsum(out_bar: Any, out: Any, subscripts: Any, *operands: Any, optimize: Any = False) -> Any:
    """The cotangent of each operand is an einsum of `out_bar` with the other operands."""
    if is_subscripts(subscripts, len(operands)) and len(operands) == 1:
        a = operands[0]
        letters = spelled_out(subscripts, (np.ndim(a),))
        return (fitted(np.einsum(turned_subscripts(letters, 0), out_bar), a, letters, 0),)
    if len(operands) == 2:
        a, b = operands
        letters = spelled_out(subscripts, (np.ndim(a), np.ndim(b)))
        return (fitted(np.einsum(turned_subscripts(letters, 0), out_bar, b), a, letters, 0),
                fitted(np.einsum(turned_subscripts(letters, 1), out_bar, a), b, letters, 1))  # fmt: skip
    if len(operands) == 3:
        a, b, c = operands
        letters = spelled_out(subscripts, (np.ndim(a), np.ndim(b), np.ndim(c)))
        return (fitted(np.einsum(turned_subscripts(letters, 0), out_bar, b, c), a, letters, 0),
                fitted(np.einsum(turned_subscripts(letters, 1), out_bar, a, c), b, letters, 1),
                fitted(np.einsum(turned_subscripts(letters, 2), out_bar, a, b), c, letters, 2))  # fmt: skip
    a, b, c, d = operands
    letters = spelled_out(subscripts, (np.ndim(a), np.ndim(b), np.ndim(c), np.ndim(d)))
    return (fitted(np.einsum(turned_subscripts(letters, 0), out_bar, b, c, d, optimize=True), a, letters, 0),
            fitted(np.einsum(turned_subscripts(letters, 1), out_bar, a, c, d, optimize=True), b, letters, 1),
            fitted(np.einsum(turned_subscripts(letters, 2), out_bar, a, b, d, optimize=True), c, letters, 2),
            fitted(np.einsum(turned_subscripts(letters, 3), out_bar, a, b, c, optimize=True), d, letters, 3),
    )  # fmt: skip


def fitted(bar: Any, x: Any, letters: Any, which: int) -> Any:
    """The cotangent of an einsum operand from the part of it that has letters in common with the others."""
    shared = shared_letters(letters, which)
    if shared == letters[which]:
        return fit_to(bar, np.shape(x))
    shared_bar = fit_to(bar, letter_lengths(np.shape(x), letters[which], shared))
    return spread(shared_bar, shared, letters[which], np.shape(x))


@einsum.jvp
def einsum_jvp(out: Any, subscripts: Any, *operands: Any, optimize: Any = False, operands_dot: Any) -> Any:
    """The sum of the einsums with one operand at a time replaced by its tangent."""
    if is_subscripts(subscripts, len(operands)) and len(operands) == 1:
        return np.einsum(subscripts, operands_dot[0])
    if len(operands) == 2:
        a, b = operands
        a_dot, b_dot = operands_dot
        return np.einsum(subscripts, a_dot, b) + np.einsum(subscripts, a, b_dot)
    if len(operands) == 3:
        a, b, c = operands
        a_dot, b_dot, c_dot = operands_dot
        return (np.einsum(subscripts, a_dot, b, c) + np.einsum(subscripts, a, b_dot, c)
                + np.einsum(subscripts, a, b, c_dot))  # fmt: skip
    a, b, c, d = operands
    a_dot, b_dot, c_dot, d_dot = operands_dot
    return (np.einsum(subscripts, a_dot, b, c, d, optimize=True) + np.einsum(subscripts, a, b_dot, c, d, optimize=True)
            + np.einsum(subscripts, a, b, c_dot, d, optimize=True)
            + np.einsum(subscripts, a, b, c, d_dot, optimize=True))  # fmt: skip
