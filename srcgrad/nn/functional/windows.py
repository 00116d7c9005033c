"""Convolution and pooling: windows of an image, beside each other in one array, and what is made of each."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Pair = tuple[int, int]


def pair(value: Any) -> Pair:
    """A number for both axes, or one for each."""
    if np.ndim(value) == 0:
        return int(value), int(value)
    first, second = value
    return int(first), int(second)


def windows(input: Any, kernel: Pair, stride: Pair, dilation: Pair = (1, 1)) -> Any:
    """The elements of all windows, those of one window along axis 2.

    Parameters
    ----------
    input : Tensor
        ``(batch, channels, height, width)``.
    kernel, stride, dilation : pair of int
        The size of a window, from window to window, and from element to element in a window.

    Returns
    -------
    Tensor
        ``(batch, channels, kernel elements, rows, columns)``.
    """
    height, width = np.shape(input)[2:]
    rows = (height - dilation[0] * (kernel[0] - 1) - 1) // stride[0] + 1
    columns = (width - dilation[1] * (kernel[1] - 1) - 1) // stride[1] + 1
    if rows < 1 or columns < 1:
        raise RuntimeError(f"Kernel size can't be greater than actual input size: {kernel} for {(height, width)}")
    down, right = stride[0] * (rows - 1) + 1, stride[1] * (columns - 1) + 1
    starts = [(i * dilation[0], j * dilation[1]) for i in range(kernel[0]) for j in range(kernel[1])]
    parts = [input[:, :, i : i + down : stride[0], j : j + right : stride[1]] for i, j in starts]
    return np.stack(parts, axis=2)


def padded(input: Any, padding: Pair, value: float = 0.0) -> Any:
    """Wider by so much on each side of the last two axes."""
    if padding == (0, 0):
        return input
    return np.pad(input, ((0, 0), (0, 0), (padding[0], padding[0]), (padding[1], padding[1])), constant_values=value)


def same_padding(input: Any, kernel: Pair, dilation: Pair) -> Any:
    """Wider by what the windows of stride 1 take away, the odd one at the end."""
    totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return np.pad(input, ((0, 0), (0, 0), *[(total // 2, total - total // 2) for total in totals]))


def conv2d(input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
           groups: int = 1) -> Any:  # fmt: skip
    """Cross-correlation of images with kernels.

    Parameters
    ----------
    input : Tensor
        ``(batch, in_channels, height, width)``, or without the batch.
    weight : Tensor
        ``(out_channels, in_channels / groups, kernel height, kernel width)``.
    bias : Tensor, optional
        ``(out_channels,)``.
    stride, dilation : int or pair of int
        From window to window, and from element to element in a window.
    padding : int, pair of int, ``"valid"`` or ``"same"``
        Zeros on each side.
    groups : int
        Into how many groups the channels are divided, each with kernels of its own.

    Returns
    -------
    Tensor
        ``(batch, out_channels, rows, columns)``.
    """
    if np.ndim(input) == 3:
        return conv2d(np.expand_dims(input, 0), weight, bias, stride, padding, dilation, groups)[0]
    check_channels(np.shape(input), np.shape(weight), groups)
    kernel, dilation, stride = np.shape(weight)[2:], pair(dilation), pair(stride)
    if padding == "same":
        if stride != (1, 1):
            raise ValueError("padding='same' is not supported for strided convolutions")
        input = same_padding(input, kernel, dilation)
    elif padding != "valid":
        input = padded(input, pair(padding))
    return correlated(windows(input, kernel, stride, dilation), weight, bias, groups)


def correlated(parts: Any, weight: Any, bias: Any, groups: int) -> Any:
    """The products of all windows with all kernels of their group: one product of matrices for each."""
    batch, rows, columns = parts.shape[0], parts.shape[3], parts.shape[4]
    count, size = len(weight), parts.shape[1] // groups * parts.shape[2]
    matrix = np.reshape(parts, (batch, groups, size, rows * columns))
    kernels = np.reshape(weight, (groups, count // groups, size))
    out = np.reshape(kernels @ matrix, (batch, count, rows, columns))
    return out if bias is None else out + np.reshape(bias, (1, count, 1, 1))


def check_channels(input: tuple[int, ...], weight: tuple[int, ...], groups: int) -> None:
    """Raise where the channels of images and kernels do not go together."""
    if len(input) != 4:
        raise RuntimeError(f"Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: {input}")
    if input[1] != weight[1] * groups or weight[0] % groups:
        raise RuntimeError(f"Given groups={groups}, weight of size {list(weight)}, expected input{list(input)} "
                           f"to have {weight[1] * groups} channels, but got {input[1]} channels instead")  # fmt: skip


def conv1d(input: Any, weight: Any, bias: Any = None, stride: int = 1, padding: Any = 0, dilation: int = 1,
           groups: int = 1) -> Any:  # fmt: skip
    """Cross-correlation of sequences with kernels: `conv2d` of images of one row.

    Parameters
    ----------
    input : Tensor
        ``(batch, in_channels, length)``, or without the batch.
    weight : Tensor
        ``(out_channels, in_channels / groups, kernel length)``.
    bias, stride, padding, dilation, groups
        As for `conv2d`.

    Returns
    -------
    Tensor
        ``(batch, out_channels, places)``.
    """
    wide = padding if isinstance(padding, str) else (0, padding)
    out = conv2d(np.expand_dims(input, -2), np.expand_dims(weight, 2), bias, (1, stride), wide, (1, dilation), groups)
    return np.squeeze(out, -2)


def pooled(input: Any, kernel_size: Any, stride: Any, padding: Any, fill: float, dilation: Any = 1) -> Any:
    """The windows of pooling, whose stride is their size where it is not given."""
    kernel = pair(kernel_size)
    if any(2 * p > k for p, k in zip(pair(padding), kernel, strict=True)):
        raise RuntimeError(f"pad should be at most half of effective kernel size, but got pad={padding} and "
                           f"kernel_size={kernel_size}")  # fmt: skip
    step = kernel if stride is None else pair(stride)
    return windows(padded(input, pair(padding), fill), kernel, step, pair(dilation))


def max_pool2d(input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1) -> Any:
    """The largest element of each window; of several, the first gets the gradient.

    Parameters
    ----------
    input : Tensor
        ``(batch, channels, height, width)``, or without the batch.
    kernel_size, stride, dilation : int or pair of int
        The size of a window, from window to window (the size, if not given), from element to element.
    padding : int or pair of int
        Minus infinity on each side.

    Returns
    -------
    Tensor
        ``(batch, channels, rows, columns)``.
    """
    if np.ndim(input) == 3:
        return max_pool2d(np.expand_dims(input, 0), kernel_size, stride, padding, dilation)[0]
    parts = pooled(input, kernel_size, stride, padding, -math.inf, dilation)
    largest = np.expand_dims(np.argmax(parts, axis=2), 2)
    return np.squeeze(np.take_along_axis(parts, largest, 2), 2)


def avg_pool2d(input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Any:
    """The mean of each window.

    Parameters
    ----------
    input : Tensor
        ``(batch, channels, height, width)``, or without the batch.
    kernel_size, stride : int or pair of int
        The size of a window, and from window to window (the size, if not given).
    padding : int or pair of int
        Zeros on each side, which count.

    Returns
    -------
    Tensor
        ``(batch, channels, rows, columns)``.
    """
    if np.ndim(input) == 3:
        return avg_pool2d(np.expand_dims(input, 0), kernel_size, stride, padding)[0]
    return np.mean(pooled(input, kernel_size, stride, padding, 0.0), axis=2)


def adaptive_avg_pool2d(input: Any, output_size: Any) -> Any:
    """The means of as many windows as asked for, together as large as the image.

    Parameters
    ----------
    input : Tensor
        ``(..., height, width)``.
    output_size : int or pair of int
        Rows and columns of the result.

    Returns
    -------
    Tensor
        ``(..., rows, columns)``.
    """
    rows, columns = pair(output_size)
    height, width = np.shape(input)[-2:]
    cells = [[np.mean(input[..., first:last, left:right], axis=(-2, -1)) for left, right in spans(width, columns)]
             for first, last in spans(height, rows)]  # fmt: skip
    return np.stack([np.stack(row, axis=-1) for row in cells], axis=-2)


def spans(length: int, count: int) -> list[Pair]:
    """From where to where each of some windows goes that cover a length; neighbours may overlap by one."""
    return [(k * length // count, -((-(k + 1) * length) // count)) for k in range(count)]
