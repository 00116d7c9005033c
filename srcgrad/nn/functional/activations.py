"""Activation functions; where one has a corner, its slope there is PyTorch's."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcgrad.errors import ArgumentError
from srcgrad.runtime import stop_gradient

SELU_SLOPE, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


def relu(input: Any) -> Any:
    """``max(0, x)``, with slope 0 at 0.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> from srcgrad import tensor
    >>> from srcgrad.nn import functional as F
    >>> F.relu(tensor([-1.0, 0.0, 2.0]))
    tensor([0., 0., 2.])
    """
    return np.where(input > 0, input, 0.0)


def relu6(input: Any) -> Any:
    """``min(max(0, x), 6)``, with slope 0 at 0 and at 6."""
    return hardtanh(input, 0.0, 6.0)


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """``min(max(x, min_val), max_val)``, with slope 0 at both."""
    return np.where(input <= min_val, min_val, np.where(input >= max_val, max_val, input))


def leaky_relu(input: Any, negative_slope: float = 0.01) -> Any:
    """``x`` where that is positive, else ``negative_slope * x``."""
    return np.where(input > 0, input, negative_slope * input)


def elu(input: Any, alpha: float = 1.0) -> Any:
    """``x`` where that is positive, else ``alpha * (exp(x) - 1)``."""
    return np.where(input > 0, input, alpha * np.expm1(np.where(input > 0, 0.0, input)))


def celu(input: Any, alpha: float = 1.0) -> Any:
    """``x`` where that is positive, else ``alpha * (exp(x / alpha) - 1)``."""
    return np.where(input > 0, input, alpha * np.expm1(np.where(input > 0, 0.0, input) / alpha))


def selu(input: Any) -> Any:
    """The scaled `elu` that keeps mean and variance."""
    return SELU_SCALE * elu(input, SELU_SLOPE)


def sigmoid(input: Any) -> Any:
    """``1 / (1 + exp(-x))``, without overflow and with no loss of small values."""
    return np.exp(-np.logaddexp(0.0, -input))


def logsigmoid(input: Any) -> Any:
    """The logarithm of `sigmoid`."""
    return -np.logaddexp(0.0, -input)


def tanh(input: Any) -> Any:
    """The hyperbolic tangent."""
    return np.tanh(input)


def silu(input: Any) -> Any:
    """``x * sigmoid(x)``."""
    return input * sigmoid(input)


def softsign(input: Any) -> Any:
    """``x / (1 + abs(x))``, which has slope 1 at 0."""
    return input / (1.0 + np.abs(input))


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """``log(1 + exp(beta * x)) / beta``, and ``x`` itself where ``beta * x`` is above the threshold."""
    return np.where(beta * input > threshold, input, np.logaddexp(0.0, beta * input) / beta)


def gelu(input: Any, approximate: str = "none") -> Any:
    """``x`` times the normal distribution function.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    approximate : str
        ``"none"``, which needs SciPy, or ``"tanh"``.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    if approximate == "tanh":
        return 0.5 * input * (1.0 + np.tanh(math.sqrt(2 / math.pi) * (input + 0.044715 * input * input * input)))
    if approximate != "none":
        raise ArgumentError("approximate argument must be either none or tanh")
    from scipy import special

    return 0.5 * input * (1.0 + special.erf(input * math.sqrt(0.5)))


def softmax(input: Any, dim: int = -1) -> Any:
    """Exponentials divided by their sum.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim : int
        The axis along which the results sum to one.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    shares = np.exp(input - stop_gradient(np.max(input, axis=dim, keepdims=True)))
    return shares / np.sum(shares, axis=dim, keepdims=True)


def log_softmax(input: Any, dim: int = -1) -> Any:
    """The logarithm of `softmax`, without overflow; the parameters are those of `softmax`."""
    shifted = input - stop_gradient(np.max(input, axis=dim, keepdims=True))
    return shifted - np.log(np.sum(np.exp(shifted), axis=dim, keepdims=True))
