"""Tensors made of nothing but a shape: zeros, ones, ranges, random numbers; and several tensors as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcgrad.tracer.generator import default_generator
from srcgrad.tracer.record import record
from srcgrad.tracer.tensor import Tensor, holds_tensor, make, plain

__all__ = [
    "arange", "cat", "empty", "empty_like", "eye", "full", "full_like", "linspace", "ones", "ones_like", "rand",
    "rand_like", "randint", "randn", "randn_like", "randperm", "stack", "zeros", "zeros_like",
]  # fmt: skip


def shape_of(size: tuple[Any, ...]) -> Any:
    """``f(2, 3)`` and ``f((2, 3))`` mean the same."""
    return tuple(size[0]) if len(size) == 1 and isinstance(size[0], (tuple, list)) else size


def finished(array: Any, requires_grad: bool) -> Tensor:
    """A tensor around an array that nobody else has."""
    made = make(np.asarray(array))
    made.requires_grad_(requires_grad)
    return made


def filled(fn: Callable[..., Any], size: tuple[Any, ...], dtype: Any, requires_grad: bool) -> Tensor:
    """What a function of NumPy makes of a shape."""
    return finished(fn(shape_of(size), dtype=dtype), requires_grad)


def zeros(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros.

    Parameters
    ----------
    *size : int
        The shape: several integers, or one tuple.
    dtype : dtype, optional
        float64 where it is not given.
    requires_grad : bool
        Whether operations on it are recorded.

    Returns
    -------
    Tensor
        A leaf.
    """
    return filled(np.zeros, size, dtype, requires_grad)


def ones(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones.

    Parameters
    ----------
    *size, dtype, requires_grad
        As for `zeros`.

    Returns
    -------
    Tensor
        A leaf.
    """
    return filled(np.ones, size, dtype, requires_grad)


def empty(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Memory whose content nobody has set.

    Parameters
    ----------
    *size, dtype, requires_grad
        As for `zeros`.

    Returns
    -------
    Tensor
        A leaf.
    """
    return filled(np.empty, size, dtype, requires_grad)


def full(size: Any, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """One value everywhere.

    Parameters
    ----------
    size : tuple of int
        The shape.
    fill_value : number
        The value.
    dtype, requires_grad
        As for `zeros`; the dtype is that of the value where it is not given.

    Returns
    -------
    Tensor
        A leaf.
    """
    return finished(np.full(size, plain(fill_value), dtype), requires_grad)


def zeros_like(other: Any, /, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros in the shape and dtype of another tensor.

    Parameters
    ----------
    other : Tensor or array
        That tensor.
    dtype, requires_grad
        As for `zeros`.

    Returns
    -------
    Tensor
        A leaf.
    """
    return finished(np.zeros_like(np.asarray(plain(other)), dtype), requires_grad)


def ones_like(other: Any, /, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones in the shape and dtype of another tensor.

    Parameters
    ----------
    other, dtype, requires_grad
        As for `zeros_like`.

    Returns
    -------
    Tensor
        A leaf.
    """
    return finished(np.ones_like(np.asarray(plain(other)), dtype), requires_grad)


def empty_like(other: Any, /, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Memory in the shape and dtype of another tensor, whose content nobody has set.

    Parameters
    ----------
    other, dtype, requires_grad
        As for `zeros_like`.

    Returns
    -------
    Tensor
        A leaf.
    """
    return finished(np.empty_like(np.asarray(plain(other)), dtype), requires_grad)


def full_like(other: Any, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """One value in the shape and dtype of another tensor.

    Parameters
    ----------
    other, dtype, requires_grad
        As for `zeros_like`.
    fill_value : number
        The value.

    Returns
    -------
    Tensor
        A leaf.
    """
    return finished(np.full_like(np.asarray(plain(other)), plain(fill_value), dtype), requires_grad)


def eye(n: int, m: int | None = None, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """The unit matrix.

    Parameters
    ----------
    n, m : int
        Rows and columns; as many columns as rows where `m` is not given.
    dtype, requires_grad
        As for `zeros`.

    Returns
    -------
    Tensor
        A leaf.
    """
    return finished(np.eye(n, m, dtype=dtype or float), requires_grad)


def arange(*limits: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Numbers at equal distances, as ``np.arange``: end; start and end; start, end and step.

    Parameters
    ----------
    *limits : number
        The end is not included.
    dtype, requires_grad
        As for `zeros`.

    Returns
    -------
    Tensor
        A leaf.
    """
    return finished(np.arange(*map(plain, limits), dtype=dtype), requires_grad)


def linspace(start: Any, end: Any, steps: int, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A number of points at equal distances, both ends included.

    Parameters
    ----------
    start, end : number
        The ends.
    steps : int
        How many points.
    dtype, requires_grad
        As for `zeros`.

    Returns
    -------
    Tensor
        A leaf.
    """
    return finished(np.linspace(plain(start), plain(end), steps, dtype=dtype), requires_grad)


# Random numbers, all from one generator


def rand(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Random numbers, equally likely between 0 and 1.

    Parameters
    ----------
    *size, dtype, requires_grad
        As for `zeros`.

    Returns
    -------
    Tensor
        A leaf.
    """
    return finished(np.asarray(default_generator().random(shape_of(size)), dtype), requires_grad)


def randn(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Random numbers of the standard normal distribution.

    Parameters
    ----------
    *size, dtype, requires_grad
        As for `zeros`.

    Returns
    -------
    Tensor
        A leaf.
    """
    return finished(np.asarray(default_generator().standard_normal(shape_of(size)), dtype), requires_grad)


def rand_like(other: Any, /, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """`rand` in the shape and dtype of another tensor.

    Parameters
    ----------
    other, dtype, requires_grad
        As for `zeros_like`.

    Returns
    -------
    Tensor
        A leaf.
    """
    return rand(np.shape(plain(other)), dtype=dtype or np.result_type(plain(other)), requires_grad=requires_grad)


def randn_like(other: Any, /, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """`randn` in the shape and dtype of another tensor.

    Parameters
    ----------
    other, dtype, requires_grad
        As for `zeros_like`.

    Returns
    -------
    Tensor
        A leaf.
    """
    return randn(np.shape(plain(other)), dtype=dtype or np.result_type(plain(other)), requires_grad=requires_grad)


def randint(*limits: Any, size: Any = None, dtype: Any = None) -> Tensor:
    """Random whole numbers: ``randint(high, size)`` or ``randint(low, high, size)``.

    Parameters
    ----------
    *limits : int
        From `low` (0 where it is not given) up to `high`, which is not included; then perhaps the shape.
    size : tuple of int, optional
        The shape.
    dtype : dtype, optional
        int64 where it is not given.

    Returns
    -------
    Tensor
        Without derivative.
    """
    if size is None:
        *limits_, size = limits
        limits = tuple(limits_)
    draw: Any = default_generator().integers
    return make(draw(*limits, size=size, dtype=dtype or np.int64))


def randperm(n: int) -> Tensor:
    """The numbers below `n` in random order.

    Parameters
    ----------
    n : int
        How many.

    Returns
    -------
    Tensor
        Without derivative.
    """
    return make(default_generator().permutation(n))


# Several as one


def stack(tensors: Sequence[Any], dim: int = 0) -> Any:
    """Tensors of one shape along a new axis.

    Parameters
    ----------
    tensors : sequence of Tensor
        At least one.
    dim : int
        Where the new axis is.

    Returns
    -------
    Tensor
        Recorded.
    """
    return joined(np.stack, tensors, dim)


def cat(tensors: Sequence[Any], dim: int = 0) -> Any:
    """Tensors one after the other along an axis.

    Parameters
    ----------
    tensors : sequence of Tensor
        At least one.
    dim : int
        The axis.

    Returns
    -------
    Tensor
        Recorded.
    """
    return joined(np.concatenate, tensors, dim)


def joined(fn: Callable[..., Any], tensors: Sequence[Any], dim: int) -> Any:
    """What a function of NumPy makes of several tensors; a tensor in any case."""
    given = tuple(tensors)
    return record(fn, (given,), {"axis": dim}) if holds_tensor(given) else make(fn(given, axis=dim))
