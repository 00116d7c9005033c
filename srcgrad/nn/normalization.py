"""Normalization as modules."""

from __future__ import annotations

from typing import Any

import numpy as np

import srcgrad.nn.functional as functional
from srcgrad.nn.module import Module
from srcgrad.nn.parameter import Parameter
from srcgrad.tracer.tensor import Tensor


class Affine(Module):
    """What normalizations have in common: factors that begin as ones, summands that begin as zeros."""

    weight: Any
    bias: Any

    def __init__(self, shape: Any, weight: bool, bias: bool, dtype: Any) -> None:
        super().__init__()
        dtype = dtype or np.float64
        self.register_parameter("weight", Parameter(np.ones(shape, dtype)) if weight else None)
        self.register_parameter("bias", Parameter(np.zeros(shape, dtype)) if bias else None)


class LayerNorm(Affine):
    """Mean 0 and variance 1 over the last axes; see `srcgrad.nn.functional.layer_norm`.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        The lengths of the last axes.
    eps : float
        What is added to the variance.
    elementwise_affine, bias : bool
        Are there factors, and with them summands?
    dtype : dtype, optional
        Of the parameters.

    Attributes
    ----------
    weight, bias : Parameter or None
        Of shape `normalized_shape`.

    Examples
    --------
    >>> from srcgrad import nn, tensor
    >>> nn.LayerNorm(2, eps=0.0)(tensor([[1.0, 3.0]])).detach()
    tensor([[-1.,  1.]])
    """

    def __init__(self, normalized_shape: Any, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True, *,
                 dtype: Any = None) -> None:  # fmt: skip
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        super().__init__(shape, elementwise_affine, elementwise_affine and bias, dtype)
        self.normalized_shape, self.eps, self.elementwise_affine = shape, eps, elementwise_affine

    def forward(self, input: Any) -> Any:
        """Of the same shape."""
        return functional.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The sizes."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(Affine):
    """Mean 0 and variance 1 for each group of channels; see `srcgrad.nn.functional.group_norm`.

    Parameters
    ----------
    num_groups, num_channels : int
        How many groups the channels make.
    eps : float
        What is added to the variance.
    affine : bool
        Are there factors and summands?
    dtype : dtype, optional
        Of the parameters.
    """

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True, *,
                 dtype: Any = None) -> None:  # fmt: skip
        super().__init__(num_channels, affine, affine, dtype)
        if num_channels % num_groups:
            raise ValueError("num_channels must be divisible by num_groups")
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine

    def forward(self, input: Any) -> Any:
        """Of the same shape."""
        return functional.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The sizes."""
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"


class BatchNorm(Affine):
    """What batch normalizations of any number of axes have in common; see `srcgrad.nn.functional.batch_norm`."""

    axes: tuple[int, ...] = ()
    running_mean: Any
    running_var: Any
    num_batches_tracked: Any

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True,
                 track_running_stats: bool = True, *, dtype: Any = None) -> None:  # fmt: skip
        super().__init__(num_features, affine, affine, dtype)
        self.num_features, self.eps, self.momentum, self.affine = num_features, eps, momentum, affine
        self.track_running_stats = track = track_running_stats
        kind = dtype or np.float64
        self.register_buffer("running_mean", Tensor(np.zeros(num_features, kind)) if track else None)
        self.register_buffer("running_var", Tensor(np.ones(num_features, kind)) if track else None)
        self.register_buffer("num_batches_tracked", Tensor(np.array(0, np.int64)) if track else None)

    def forward(self, input: Any) -> Any:
        """Of the same shape."""
        if np.ndim(input) not in self.axes:
            expected = " or ".join(f"{n}D" for n in self.axes)
            raise ValueError(f"expected {expected} input (got {np.ndim(input)}D input)")
        tracked = self.running_mean is not None
        weight = self.momentum
        if self.training and tracked:
            self.num_batches_tracked[...] = self.num_batches_tracked + 1
            weight = 1 / int(self.num_batches_tracked) if weight is None else weight
        return functional.batch_norm(input, self.running_mean, self.running_var, self.weight, self.bias,
                            self.training or not tracked, weight or 0.0, self.eps)  # fmt: skip

    def extra_repr(self) -> str:
        """The sizes."""
        return (f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
                f"track_running_stats={self.track_running_stats}")  # fmt: skip


class BatchNorm1d(BatchNorm):
    """Mean 0 and variance 1 of each feature over the batch; see `srcgrad.nn.functional.batch_norm`.

    Parameters
    ----------
    num_features : int
        The length of axis 1 of ``(batch, features)`` or ``(batch, features, length)``.
    eps : float
        What is added to the variance.
    momentum : float or None
        The weight of a batch in the running mean and variance; with None, all batches weigh the same.
    affine : bool
        Are there factors and summands?
    track_running_stats : bool
        Are the running mean and variance kept, to be used when the module does not learn?
    dtype : dtype, optional
        Of the parameters.

    Attributes
    ----------
    weight, bias : Parameter or None
        ``(num_features,)``.
    running_mean, running_var : Tensor or None
        ``(num_features,)``.
    num_batches_tracked : Tensor or None
        How many batches were seen.
    """

    axes = (2, 3)


class BatchNorm2d(BatchNorm):
    """Mean 0 and variance 1 of each channel of ``(batch, channels, height, width)``.

    Parameters
    ----------
    num_features, eps, momentum, affine, track_running_stats, dtype
        As for `BatchNorm1d`.
    """

    axes = (4,)
