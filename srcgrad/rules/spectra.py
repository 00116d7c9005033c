"""What the rules of Fourier transforms need to know of lengths, scales and half spectra."""

from __future__ import annotations

from typing import Any

import numpy as np

TURNED = {None: "forward", "backward": "forward", "forward": "backward", "ortho": "ortho"}


def turned_norm(norm: Any) -> Any:
    """The `norm` under which a transform has the scale of its inverse under `norm`."""
    return TURNED[norm]


def with_length(x: Any, n: int, axis: int) -> Any:
    """`x` cut or filled up with zeros at the end of an axis, as transforms do it."""
    size = np.shape(x)[axis]
    if size == n:
        return x
    front = [slice(None)] * np.ndim(x)
    front[axis] = slice(min(n, size))
    if n < size:
        return x[tuple(front)]
    shape = list(np.shape(x))
    shape[axis] = n
    new = np.zeros(tuple(shape), x.dtype)
    new[tuple(front)] = x
    return new


def with_lengths(x: Any, s: Any, axes: Any) -> Any:
    """`x` cut or filled up with zeros along several axes."""
    for n, axis in zip(s, axes, strict=True):
        x = with_length(x, n, axis)
    return x


def half_weights(n: int, axis: int, ndim: int) -> Any:
    """How often each entry of a half spectrum stands in the whole one of length `n`, along one of `ndim` axes."""
    weights = np.full(n // 2 + 1, 2.0, np.float32)  # exact, and narrower than any spectrum
    weights[0] = 1.0
    if n % 2 == 0:
        weights[-1] = 1.0
    return weights.reshape([-1 if k == axis % ndim else 1 for k in range(ndim)])


def grid_axes(ndim: int, s: Any, axes: Any) -> tuple[int, ...]:
    """The axes that a transform of several axes works along, in its order."""
    if axes is None:
        return tuple(range(-(ndim if s is None else len(s)), 0))
    return tuple(axes)


def grid_shape(shape: Any, s: Any, axes: Any) -> tuple[int, ...]:
    """The lengths along the axes of a transform: those asked for, the array's own where there is None or -1."""
    if s is None:
        return tuple(shape[axis] for axis in axes)
    return tuple(shape[axis] if n is None or n == -1 else n for n, axis in zip(s, axes, strict=True))
