"""Result types of Fourier transforms: the dtype is seen, lengths that change are new ones."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.ir.types import ANY, Arr, Type
from srcgrad.rules.results import ResultFn, fresh_dim, type_of


def _spectrum(fn: Callable[..., Any], a: Arr, axes: tuple[int, ...], kept: bool) -> Type:
    """The dtype of a transform of two points, and the lengths of the array but for the axes that change theirs."""
    if a.dtype is None or a.dims is None:
        return ANY
    dtype = fn(np.ones((2,) * len(a.dims), a.dtype)).dtype
    if kept:
        return Arr(dtype, a.dims)
    changed = {axis % len(a.dims) for axis in axes}
    return Arr(dtype, tuple(fresh_dim("n") if k in changed else d for k, d in enumerate(a.dims)))


def line(fn: Callable[..., Any]) -> ResultFn:
    """The result type of a transform along one axis."""
    signature = inspect.signature(fn)
    whole = fn in (np.fft.fft, np.fft.ifft)

    def result(*args: Any, **kwargs: Any) -> Type:
        given = signature.bind(*args, **kwargs).arguments
        a, axis = type_of(given["a"]), given.get("axis", -1)
        if not isinstance(a, Arr) or not isinstance(axis, int) or given.get("out") is not None:
            return ANY
        return _spectrum(fn, a, (axis,), whole and given.get("n") is None)

    return result


def grid(fn: Callable[..., Any]) -> ResultFn:
    """The result type of a transform along several axes."""
    signature = inspect.signature(fn)
    whole = fn in (np.fft.fft2, np.fft.ifft2, np.fft.fftn, np.fft.ifftn)

    def result(*args: Any, **kwargs: Any) -> Type:
        given = signature.bind(*args, **kwargs).arguments
        a = type_of(given["a"])
        if not isinstance(a, Arr) or a.dims is None or given.get("out") is not None:
            return ANY
        if given.get("s") is None and whole:
            return _spectrum(fn, a, (), True)
        return _spectrum(fn, a, tuple(range(len(a.dims))), False)

    return result


def cut(x: Any, n: Any, axes: Any) -> Type:
    """The type of an array whose lengths along some axes are others."""
    found = type_of(x)
    if not isinstance(found, Arr) or found.dims is None:
        return ANY
    return Arr(found.dtype, tuple(fresh_dim("n") for _ in found.dims))


def weights(n: Any, axis: Any, ndim: Any) -> Type:
    """The type of the weights of a half spectrum: as many axes as the spectrum."""
    if not isinstance(ndim, int):
        return ANY
    return Arr(np.dtype(np.float32), tuple(fresh_dim("n") for _ in range(ndim)))
