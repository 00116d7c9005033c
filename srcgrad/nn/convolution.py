"""Convolution and pooling as modules."""

from __future__ import annotations

import math
from typing import Any

import srcgrad.nn.functional as functional
import srcgrad.nn.init as init
from srcgrad.nn.functional.windows import pair
from srcgrad.nn.linear import empty
from srcgrad.nn.module import Module


class Convolution(Module):
    """What convolutions of any number of axes have in common: kernels, a bias, and how they are drawn."""

    bias: Any

    def __init__(self, channels: tuple[int, int], kernel: tuple[int, ...], groups: int, bias: bool,
                 dtype: Any) -> None:  # fmt: skip
        super().__init__()
        self.in_channels, self.out_channels = channels
        if self.in_channels % groups or self.out_channels % groups:
            raise ValueError("in_channels and out_channels must be divisible by groups")
        self.groups = groups
        self.weight = empty(self.out_channels, self.in_channels // groups, *kernel, dtype=dtype)
        self.register_parameter("bias", empty(self.out_channels, dtype=dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        bound = 1 / math.sqrt(init.fans(self.weight)[0])
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)


class Conv2d(Convolution):
    """Cross-correlation of images with kernels that are learned; see `srcgrad.nn.functional.conv2d`.

    Parameters
    ----------
    in_channels, out_channels : int
        Of the images, and of the results.
    kernel_size, stride, dilation : int or pair of int
        The size of a window, from window to window, from element to element in a window.
    padding : int, pair of int, ``"valid"`` or ``"same"``
        Zeros on each side.
    groups : int
        Into how many groups the channels are divided.
    bias : bool
        Is there one?
    dtype : dtype, optional
        Of the parameters.

    Attributes
    ----------
    weight : Parameter
        ``(out_channels, in_channels / groups, height, width)``.
    bias : Parameter or None
        ``(out_channels,)``.

    Examples
    --------
    >>> import numpy as np
    >>> from srcgrad import nn, tensor
    >>> nn.Conv2d(1, 4, 3, padding=1)(tensor(np.ones((2, 1, 8, 8)))).shape
    (2, 4, 8, 8)
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0,
                 dilation: Any = 1, groups: int = 1, bias: bool = True, *, dtype: Any = None) -> None:  # fmt: skip
        super().__init__((in_channels, out_channels), pair(kernel_size), groups, bias, dtype)
        self.kernel_size, self.stride, self.dilation = pair(kernel_size), pair(stride), pair(dilation)
        self.padding = padding if isinstance(padding, str) else pair(padding)

    def forward(self, input: Any) -> Any:
        """From ``(batch, in_channels, height, width)`` to ``(batch, out_channels, rows, columns)``."""
        return functional.conv2d(input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        """What differs from the defaults."""
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        parts += [f"padding={self.padding}"] if self.padding != (0, 0) else []
        parts += [f"dilation={self.dilation}"] if self.dilation != (1, 1) else []
        parts += [f"groups={self.groups}"] if self.groups != 1 else []
        parts += ["bias=False"] if self.bias is None else []
        return ", ".join(parts)


class Conv1d(Convolution):
    """Cross-correlation of sequences with kernels that are learned; see `srcgrad.nn.functional.conv1d`.

    Parameters
    ----------
    in_channels, out_channels : int
        Of the sequences, and of the results.
    kernel_size, stride, dilation : int
        The length of a window, from window to window, from element to element in a window.
    padding : int, ``"valid"`` or ``"same"``
        Zeros on each side.
    groups : int
        Into how many groups the channels are divided.
    bias : bool
        Is there one?
    dtype : dtype, optional
        Of the parameters.

    Attributes
    ----------
    weight : Parameter
        ``(out_channels, in_channels / groups, length)``.
    bias : Parameter or None
        ``(out_channels,)``.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1, padding: Any = 0,
                 dilation: int = 1, groups: int = 1, bias: bool = True, *, dtype: Any = None) -> None:  # fmt: skip
        super().__init__((in_channels, out_channels), (kernel_size,), groups, bias, dtype)
        self.kernel_size, self.stride, self.padding, self.dilation = kernel_size, stride, padding, dilation

    def forward(self, input: Any) -> Any:
        """From ``(batch, in_channels, length)`` to ``(batch, out_channels, places)``."""
        return functional.conv1d(input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        """The sizes."""
        return f"{self.in_channels}, {self.out_channels}, kernel_size=({self.kernel_size},), stride=({self.stride},)"


class MaxPool2d(Module):
    """The largest element of each window; see `srcgrad.nn.functional.max_pool2d`.

    Parameters
    ----------
    kernel_size, stride, dilation : int or pair of int
        The size of a window, from window to window (the size, if not given), from element to element.
    padding : int or pair of int
        Minus infinity on each side.
    """

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1) -> None:
        super().__init__()
        self.kernel_size, self.padding, self.dilation = kernel_size, padding, dilation
        self.stride = kernel_size if stride is None else stride

    def forward(self, input: Any) -> Any:
        """From ``(batch, channels, height, width)`` to ``(batch, channels, rows, columns)``."""
        return functional.max_pool2d(input, self.kernel_size, self.stride, self.padding, self.dilation)

    def extra_repr(self) -> str:
        """The sizes."""
        return (f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
                f"dilation={self.dilation}, ceil_mode=False")  # fmt: skip


class AvgPool2d(Module):
    """The mean of each window; see `srcgrad.nn.functional.avg_pool2d`.

    Parameters
    ----------
    kernel_size, stride : int or pair of int
        The size of a window, and from window to window (the size, if not given).
    padding : int or pair of int
        Zeros on each side, which count.
    """

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride

    def forward(self, input: Any) -> Any:
        """From ``(batch, channels, height, width)`` to ``(batch, channels, rows, columns)``."""
        return functional.avg_pool2d(input, self.kernel_size, self.stride, self.padding)

    def extra_repr(self) -> str:
        """The sizes."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AdaptiveAvgPool2d(Module):
    """The means of as many windows as asked for; see `srcgrad.nn.functional.adaptive_avg_pool2d`.

    Parameters
    ----------
    output_size : int or pair of int
        Rows and columns of the result.
    """

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Any) -> Any:
        """From ``(..., height, width)`` to ``(..., rows, columns)``."""
        return functional.adaptive_avg_pool2d(input, self.output_size)

    def extra_repr(self) -> str:
        """The size."""
        return f"output_size={self.output_size}"
