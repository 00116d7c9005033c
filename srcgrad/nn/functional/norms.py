"""Normalization: subtract a mean, divide by a standard deviation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from srcgrad.runtime import stop_gradient


def scaled(input: Any, axes: tuple[int, ...], eps: float) -> Any:
    """With mean 0 and variance 1 along some axes."""
    centred = input - np.mean(input, axis=axes, keepdims=True)
    return centred / np.sqrt(np.mean(centred * centred, axis=axes, keepdims=True) + eps)


def layer_norm(input: Any, normalized_shape: Sequence[int], weight: Any = None, bias: Any = None,
               eps: float = 1e-5) -> Any:  # fmt: skip
    """Normalize over the last axes.

    Parameters
    ----------
    input : Tensor
        ``(..., *normalized_shape)``.
    normalized_shape : sequence of int
        The lengths of the last axes.
    weight, bias : Tensor, optional
        Factors and summands, of shape `normalized_shape`.
    eps : float
        What is added to the variance.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    wanted = tuple(normalized_shape)
    if np.shape(input)[np.ndim(input) - len(wanted) :] != wanted:
        raise RuntimeError(f"Given normalized_shape={wanted}, expected an input whose last axes are these, "
                           f"but got input of size {np.shape(input)}")  # fmt: skip
    out = scaled(input, tuple(range(-len(wanted), 0)), eps)
    return affine(out, weight, bias)


def affine(out: Any, weight: Any, bias: Any) -> Any:
    """With factors and summands, where there are any."""
    out = out if weight is None else out * weight
    return out if bias is None else out + bias


def channels(vector: Any, ndim: int) -> Any:
    """One number for each channel, which is axis 1."""
    return None if vector is None else np.reshape(vector, (1, -1) + (1,) * (ndim - 2))


def batch_norm(input: Any, running_mean: Any, running_var: Any, weight: Any = None, bias: Any = None,
               training: bool = False, momentum: float = 0.1, eps: float = 1e-5) -> Any:  # fmt: skip
    """Normalize each channel over the batch, or by what was seen before.

    Parameters
    ----------
    input : Tensor
        ``(batch, channels, ...)``.
    running_mean, running_var : Tensor or None
        ``(channels,)``: changed in place while training, and used otherwise.
    weight, bias : Tensor, optional
        Factors and summands, ``(channels,)``.
    training : bool
        Whether the batch's own mean and variance are used.
    momentum : float
        The weight of the batch in the running mean and variance.
    eps : float
        What is added to the variance.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    ndim = np.ndim(input)
    if training:
        check_batch(np.shape(input))
        axes = (0, *range(2, ndim))
        if running_mean is not None:
            observe(running_mean, running_var, stop_gradient(input), axes, momentum)
        out = scaled(input, axes, eps)
    else:
        out = (input - channels(running_mean, ndim)) / np.sqrt(channels(running_var, ndim) + eps)
    return affine(out, channels(weight, ndim), channels(bias, ndim))


def check_batch(shape: tuple[int, ...]) -> None:
    """One value for a channel has no variance."""
    if math.prod(shape) == shape[1]:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {list(shape)}")


def observe(running_mean: Any, running_var: Any, batch: Any, axes: tuple[int, ...], momentum: float) -> None:
    """Move the running mean and (unbiased) variance towards those of a batch, in place."""
    running_mean[...] = (1.0 - momentum) * running_mean + momentum * np.mean(batch, axis=axes)
    running_var[...] = (1.0 - momentum) * running_var + momentum * np.var(batch, axis=axes, ddof=1)


def group_norm(input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Normalize each group of channels of each sample.

    Parameters
    ----------
    input : Tensor
        ``(batch, channels, ...)``.
    num_groups : int
        How many groups the channels make.
    weight, bias : Tensor, optional
        Factors and summands, ``(channels,)``.
    eps : float
        What is added to the variance.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    shape = np.shape(input)
    grouped = np.reshape(input, (shape[0], num_groups, -1))
    out = np.reshape(scaled(grouped, (2,), eps), shape)
    return affine(out, channels(weight, len(shape)), channels(bias, len(shape)))
