"""Rules for ``numpy.fft``: each transform is linear, and its transpose is another transform of the same family.

With the pairing ``Re(sum(x_bar * x_dot))`` nothing is conjugated: the matrix of a complex transform is symmetric. Real
transforms keep half of a spectrum whose other half mirrors it, so their transposes count its inner entries twice.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import srcgrad.rules.samples_fft as samples
from srcgrad.rules.core import constant, linear
from srcgrad.rules.results_fft import cut, grid, line, weights
from srcgrad.rules.results_trial import same
from srcgrad.rules.spectra import grid_axes, grid_shape, half_weights, turned_norm, with_length, with_lengths

constant(np.fft.fftfreq, np.fft.rfftfreq, turned_norm, grid_axes, grid_shape)
constant(half_weights, result=weights)


@linear(with_length, operands=("x",), shape_only=("x",), result=cut, view="maybe", samples=samples.with_length)
def with_length_rule(out_bar: Any, x: Any, n: Any, axis: Any) -> Any:
    """What was cut off gets zeros, what was added is left out."""
    return with_length(out_bar, np.size(x, axis), axis)


@linear(with_lengths, operands=("x",), shape_only=("x",), result=cut, view="maybe", samples=samples.with_lengths)
def with_lengths_rule(out_bar: Any, x: Any, s: Any, axes: Any) -> Any:
    """What was cut off gets zeros, what was added is left out."""
    return with_lengths(out_bar, grid_shape(np.shape(x), None, axes), axes)


# Along one axis


@linear(np.fft.fft, operands=("a",), shape_only=("a",), result=line(np.fft.fft), effect="raise", samples=samples.line)
def fft(out_bar: Any, a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    """``a_bar = fft(out_bar)``: the matrix is symmetric."""
    if n is None:
        return np.fft.fft(out_bar, axis=axis, norm=norm)
    return with_length(np.fft.fft(out_bar, axis=axis, norm=norm), np.size(a, axis), axis)


@linear(np.fft.ifft, operands=("a",), shape_only=("a",), result=line(np.fft.ifft), effect="raise", samples=samples.line)
def ifft(out_bar: Any, a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    """``a_bar = ifft(out_bar)``: the matrix is symmetric."""
    if n is None:
        return np.fft.ifft(out_bar, axis=axis, norm=norm)
    return with_length(np.fft.ifft(out_bar, axis=axis, norm=norm), np.size(a, axis), axis)


@linear(np.fft.rfft, operands=("a",), shape_only=("a",), result=line(np.fft.rfft), effect="raise",
        samples=samples.real_line)  # fmt: skip
def rfft(out_bar: Any, a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    """``a_bar = real(fft(out_bar))``, the half spectrum filled up with zeros."""
    if n is None:
        return rfft_bar(out_bar, np.size(a, axis), axis, norm)
    return with_length(rfft_bar(out_bar, n, axis, norm), np.size(a, axis), axis)


def rfft_bar(out_bar: Any, n: Any, axis: Any, norm: Any) -> Any:
    """The cotangent of the `n` real entries that a real transform reads."""
    return np.real(np.fft.fft(out_bar, n, axis, norm))


@linear(np.fft.irfft, operands=("a",), shape_only=("a",), result=line(np.fft.irfft), effect="raise",
        samples=samples.half_line)  # fmt: skip
def irfft(out_bar: Any, a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    """``a_bar = weights * conj(rfft(out_bar))``, the inner entries counted twice."""
    return with_length(irfft_bar(out_bar, axis, norm), np.size(a, axis), axis)


def irfft_bar(out_bar: Any, axis: Any, norm: Any) -> Any:
    """The cotangent of the half spectrum that the inverse of a real transform reads."""
    real = np.real(out_bar) if np.iscomplexobj(out_bar) else out_bar  # what was transformed back is real
    half = np.conj(np.fft.rfft(real, axis=axis, norm=turned_norm(norm)))
    return half * half_weights(np.size(out_bar, axis), axis, np.ndim(out_bar))


@linear(np.fft.hfft, operands=("a",), shape_only=("a",), result=line(np.fft.hfft), effect="raise",
        samples=samples.half_line)  # fmt: skip
def hfft(out_bar: Any, a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    """The conjugate of the cotangent of ``irfft``: the function is ``irfft(conj(a))`` with the other scale."""
    return with_length(np.conj(irfft_bar(out_bar, axis, turned_norm(norm))), np.size(a, axis), axis)


@linear(np.fft.ihfft, operands=("a",), shape_only=("a",), result=line(np.fft.ihfft), effect="raise",
        samples=samples.real_line)  # fmt: skip
def ihfft(out_bar: Any, a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    """The cotangent of ``rfft`` for ``conj(out_bar)``: the function is ``conj(rfft(a))`` with the other scale."""
    if n is None:
        return rfft_bar(np.conj(out_bar), np.size(a, axis), axis, turned_norm(norm))
    return with_length(rfft_bar(np.conj(out_bar), n, axis, turned_norm(norm)), np.size(a, axis), axis)


# Along several axes


@linear(np.fft.fftn, operands=("a",), shape_only=("a",), result=grid(np.fft.fftn), effect="raise", samples=samples.grid)
def fftn(out_bar: Any, a: Any, s: Any = None, axes: Any = None, norm: Any = None, out: Any = None) -> Any:
    """``a_bar = fftn(out_bar)``."""
    return fftn_bar(out_bar, a, s, axes, norm)


def fftn_bar(out_bar: Any, a: Any, s: Any, axes: Any, norm: Any) -> Any:
    """The cotangent of the array that a complex transform of several axes reads."""
    along = grid_axes(np.ndim(a), s, axes)
    if s is None:
        return np.fft.fftn(out_bar, axes=along, norm=norm)
    return with_lengths(np.fft.fftn(out_bar, axes=along, norm=norm), grid_shape(np.shape(a), None, along), along)


@linear(np.fft.ifftn, operands=("a",), shape_only=("a",), result=grid(np.fft.ifftn), effect="raise",
        samples=samples.grid)  # fmt: skip
def ifftn(out_bar: Any, a: Any, s: Any = None, axes: Any = None, norm: Any = None, out: Any = None) -> Any:
    """``a_bar = ifftn(out_bar)``."""
    return ifftn_bar(out_bar, a, s, axes, norm)


def ifftn_bar(out_bar: Any, a: Any, s: Any, axes: Any, norm: Any) -> Any:
    """The cotangent of the array that a complex inverse of several axes reads."""
    along = grid_axes(np.ndim(a), s, axes)
    if s is None:
        return np.fft.ifftn(out_bar, axes=along, norm=norm)
    return with_lengths(np.fft.ifftn(out_bar, axes=along, norm=norm), grid_shape(np.shape(a), None, along), along)


@linear(np.fft.fft2, operands=("a",), shape_only=("a",), result=grid(np.fft.fft2), effect="raise",
        samples=samples.plane)  # fmt: skip
def fft2(out_bar: Any, a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None, out: Any = None) -> Any:
    """``a_bar = fft2(out_bar)``."""
    return fftn_bar(out_bar, a, s, axes, norm)


@linear(np.fft.ifft2, operands=("a",), shape_only=("a",), result=grid(np.fft.ifft2), effect="raise",
        samples=samples.plane)  # fmt: skip
def ifft2(out_bar: Any, a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None, out: Any = None) -> Any:
    """``a_bar = ifft2(out_bar)``."""
    return ifftn_bar(out_bar, a, s, axes, norm)


@linear(np.fft.rfftn, operands=("a",), shape_only=("a",), result=grid(np.fft.rfftn), effect="raise",
        samples=samples.real_grid)  # fmt: skip
def rfftn(out_bar: Any, a: Any, s: Any = None, axes: Any = None, norm: Any = None, out: Any = None) -> Any:
    """Complex transforms of the other axes, then the cotangent of a real one along the last."""
    return rfftn_bar(out_bar, a, s, axes, norm)


@linear(np.fft.rfft2, operands=("a",), shape_only=("a",), result=grid(np.fft.rfft2), effect="raise",
        samples=samples.real_plane)  # fmt: skip
def rfft2(out_bar: Any, a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None, out: Any = None) -> Any:
    """Complex transforms of the other axis, then the cotangent of a real one along the last."""
    return rfftn_bar(out_bar, a, s, axes, norm)


def rfftn_bar(out_bar: Any, a: Any, s: Any, axes: Any, norm: Any) -> Any:
    """The cotangent of the array that a real transform of several axes reads."""
    along = grid_axes(np.ndim(a), s, axes)
    inner_bar = np.fft.fftn(out_bar, axes=along[:-1], norm=norm)
    if s is None:
        return rfft_bar(inner_bar, np.size(a, along[-1]), along[-1], norm)
    bar = rfft_bar(inner_bar, grid_shape(np.shape(a), s, along)[-1], along[-1], norm)
    return with_lengths(bar, grid_shape(np.shape(a), None, along), along)


@linear(np.fft.irfftn, operands=("a",), shape_only=("a",), result=grid(np.fft.irfftn), effect="raise",
        samples=samples.half_grid)  # fmt: skip
def irfftn(out_bar: Any, a: Any, s: Any = None, axes: Any = None, norm: Any = None, out: Any = None) -> Any:
    """The cotangent of the last axis's inverse real transform, then complex inverses of the others."""
    return irfftn_bar(out_bar, a, s, axes, norm)


@linear(np.fft.irfft2, operands=("a",), shape_only=("a",), result=grid(np.fft.irfft2), effect="raise",
        samples=samples.half_plane)  # fmt: skip
def irfft2(out_bar: Any, a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None, out: Any = None) -> Any:
    """The cotangent of the last axis's inverse real transform, then a complex inverse of the other."""
    return irfftn_bar(out_bar, a, s, axes, norm)


def irfftn_bar(out_bar: Any, a: Any, s: Any, axes: Any, norm: Any) -> Any:
    """The cotangent of the half spectrum that an inverse real transform of several axes reads."""
    along = grid_axes(np.ndim(a), s, axes)
    half_bar = irfft_bar(out_bar, along[-1], norm)
    bar = np.fft.ifftn(half_bar, axes=along[:-1], norm=norm)
    return with_lengths(bar, grid_shape(np.shape(a), None, along), along)


# Rearranged spectra


@linear(np.fft.fftshift, operands=("x",), result=same, samples=samples.shifts)
def fftshift(out_bar: Any, x: Any, axes: Any = None) -> Any:
    """``x_bar = ifftshift(out_bar)``."""
    return np.fft.ifftshift(out_bar, axes)


@linear(np.fft.ifftshift, operands=("x",), result=same, samples=samples.shifts)
def ifftshift(out_bar: Any, x: Any, axes: Any = None) -> Any:
    """``x_bar = fftshift(out_bar)``."""
    return np.fft.fftshift(out_bar, axes)
