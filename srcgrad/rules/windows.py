"""Rules for sliding windows, and for tapering windows in their shape parameter."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

import srcgrad.rules.samples_windows as samples
from srcgrad.ir.types import ANY, Arr, Type
from srcgrad.rules.core import constant, defined, linear
from srcgrad.rules.results import fresh_dim, type_of
from srcgrad.rules.results_trial import by_trial

constant(np.bartlett, np.blackman, np.hamming, np.hanning, result=by_trial(np.hanning, integers=True))


def window_axes(ndim: int, window_shape: Any, axis: Any) -> tuple[int, ...]:
    """The axes that windows slide along."""
    if axis is None:
        return tuple(range(ndim))
    return tuple(int(k) % ndim for k in np.atleast_1d(axis))


def overlapped(windows: Any, shape: Any, axes: Any) -> Any:
    """The sum of windows, each at its place in an array of this shape."""
    out = np.zeros(shape, windows.dtype)
    count = len(axes)
    lengths = windows.shape[windows.ndim - count :]
    for offset in np.ndindex(*lengths):
        place = [slice(None)] * out.ndim
        for k, start in zip(axes, offset, strict=True):
            first = place[k].start or 0
            place[k] = slice(first + start, first + start + windows.shape[k])
        out[tuple(place)] += windows[(..., *offset)]
    return out


def window_lengths(window_shape: Any) -> tuple[int, ...]:
    """The lengths of a window along each of its axes."""
    return tuple(int(n) for n in np.atleast_1d(window_shape))


constant(window_axes, window_lengths)


def windows_type(x: Any, window_shape: Any, axis: Any = None, **kwargs: Any) -> Type:
    """The axes windows slide along get shorter, those of a window are last."""
    found = type_of(x)
    if not isinstance(found, Arr) or found.dims is None or isinstance(axis, Type):
        return ANY
    axes = window_axes(len(found.dims), window_shape, axis)
    dims = tuple(fresh_dim("n") if k in axes else dim for k, dim in enumerate(found.dims))
    return Arr(found.dtype, (*dims, *[fresh_dim("w") for _ in axes]))


def _shape_given(windows: Any, shape: Any, axes: Any) -> Type:
    found = type_of(windows)
    if not isinstance(found, Arr) or found.dims is None or isinstance(axes, Type):
        return ANY
    return Arr(found.dtype, tuple(fresh_dim("n") for _ in found.dims[len(axes) :]))


@linear(sliding_window_view, operands=("x",), shape_only=("x",), result=windows_type, view=True, effect="raise",
        samples=samples.windows)  # fmt: skip
def sliding_windows(out_bar: Any, x: Any, window_shape: Any, axis: Any = None) -> Any:
    """Every item gets what the windows around it get."""
    return overlapped(out_bar, np.shape(x), window_axes(np.ndim(x), window_shape, axis))


@linear(overlapped, operands=("windows",), shape_only=("windows",), result=_shape_given, samples=samples.overlaps)
def overlapped_rule(out_bar: Any, windows: Any, shape: Any, axes: Any) -> Any:
    """The windows of the cotangent."""
    return sliding_window_view(out_bar, np.shape(windows)[np.ndim(windows) - len(axes) :], axes)


@defined(np.kaiser, operands=("beta",), samples=samples.kaiser)
def kaiser(M: Any, beta: Any) -> Any:
    """``i0(beta * sqrt(1 - x^2)) / i0(beta)``, x from -1 to 1."""
    if M == 1:
        return np.ones(1)
    return np.i0(beta * kaiser_radii(M)) / np.i0(float(beta))


def kaiser_radii(M: Any) -> Any:
    """``sqrt(1 - x^2)`` for x from -1 to 1."""
    middle = (M - 1) / 2.0
    return np.sqrt(1 - ((np.arange(0, M) - middle) / middle) ** 2)


constant(kaiser_radii)
