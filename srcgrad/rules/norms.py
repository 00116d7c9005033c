"""Rules for norms of vectors and matrices.

Cotangents follow the pairing ``Re(sum(x_bar * x_dot))``: no conjugate.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import srcgrad.rules.results_linalg as types
import srcgrad.rules.samples_shape as samples
from srcgrad import runtime
from srcgrad.rules.axes import norm_axes, norm_kind
from srcgrad.rules.core import constant, custom
from srcgrad.runtime import extreme_lines, norm_weights

constant(runtime.norm_weights, runtime.extreme_lines)


@custom(np.linalg.norm, operands=("x",), result=types.norm, effect="raise", samples=samples.norm)
def norm(out_bar: Any, out: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """``x_bar = out_bar * slope(x)``, the subgradient of least norm where there are several."""
    return norm_bar(out_bar, out, x, ord, axis, keepdims)


def norm_bar(out_bar: Any, out: Any, x: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    """The cotangent of an array from that of its norm."""
    axes = norm_axes(np.ndim(x), axis)
    if axis is None or keepdims:
        return out_bar * norm_slope(out, x, norm_kind(np.ndim(x), ord, axis), axes, ord)
    wide_out = np.expand_dims(out, axes)
    return np.expand_dims(out_bar, axes) * norm_slope(wide_out, x, norm_kind(np.ndim(x), ord, axis), axes, ord)


@norm.jvp
def norm_jvp(out: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False, *, x_dot: Any) -> Any:
    """``out_dot = sum(real(slope(x) * x_dot))``."""
    axes = norm_axes(np.ndim(x), axis)
    if axis is None or keepdims:
        slope = norm_slope(out, x, norm_kind(np.ndim(x), ord, axis), axes, ord)
    else:
        slope = norm_slope(np.expand_dims(out, axes), x, norm_kind(np.ndim(x), ord, axis), axes, ord)
    return np.sum(np.real(slope * x_dot), axis=axes, keepdims=keepdims)


def norm_slope(out: Any, x: Any, kind: str, axes: Any, ord: Any) -> Any:
    """The derivative of a norm by each entry, the smallest one where there are several; `out` broadcasts against x."""
    if kind == "euclid":
        return np.conj(x) / np.where(out == 0, 1.0, out)
    if kind == "count":
        return np.zeros_like(x)
    if kind == "sum":
        return np.conj(np.sign(x))
    if kind == "power":
        return np.conj(np.sign(x)) * (np.where(x == 0, 1.0, np.abs(x)) / np.where(out == 0, 1.0, out)) ** (ord - 1.0)
    if kind == "extreme":
        hits = np.where(np.abs(x) == out, np.ones_like(out), 0.0)
        return np.conj(np.sign(x)) * hits / np.sum(hits, axis=axes, keepdims=True)
    if kind == "spectral":
        u, s, vh = np.linalg.svd(np.moveaxis(x, axes, (-2, -1)), full_matrices=False)
        return np.moveaxis(np.conj((u * np.expand_dims(norm_weights(s, ord), -2)) @ vh), (-2, -1), axes)
    return np.conj(np.sign(x)) * extreme_lines(x, ord, axes)


@custom(np.linalg.vector_norm, operands=("x",), effect="raise", samples=samples.vector_norm)
def vector_norm(out_bar: Any, out: Any, x: Any, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """``x_bar = out_bar * slope(x)`` over the given axes, flattened if there are none."""
    axes = norm_axes(np.ndim(x), axis)
    if axis is None or keepdims:
        return out_bar * norm_slope(out, x, norm_kind(1, ord, None), axes, ord)
    return np.expand_dims(out_bar, axes) * norm_slope(np.expand_dims(out, axes), x, norm_kind(1, ord, None), axes, ord)


@vector_norm.jvp
def vector_norm_jvp(out: Any, x: Any, *, axis: Any = None, keepdims: bool = False, ord: Any = 2, x_dot: Any) -> Any:
    """``out_dot = sum(real(slope(x) * x_dot))``."""
    axes = norm_axes(np.ndim(x), axis)
    if axis is None or keepdims:
        slope = norm_slope(out, x, norm_kind(1, ord, None), axes, ord)
    else:
        slope = norm_slope(np.expand_dims(out, axes), x, norm_kind(1, ord, None), axes, ord)
    return np.sum(np.real(slope * x_dot), axis=axes, keepdims=keepdims)


@custom(np.linalg.matrix_norm, operands=("x",), effect="raise", samples=samples.matrix_norm)
def matrix_norm(out_bar: Any, out: Any, x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """``x_bar = out_bar * slope(x)`` for each matrix of a stack."""
    return norm_bar(out_bar, out, x, ord, (-2, -1), keepdims)


@matrix_norm.jvp
def matrix_norm_jvp(out: Any, x: Any, *, keepdims: bool = False, ord: Any = "fro", x_dot: Any) -> Any:
    """``out_dot = sum(real(slope(x) * x_dot))`` for each matrix of a stack."""
    return norm_jvp(out, x, ord, (-2, -1), keepdims, x_dot=x_dot)
