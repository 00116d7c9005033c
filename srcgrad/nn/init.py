"""The first values of parameters, under PyTorch's names and with its distributions; all write in place."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcgrad.tracer.generator import default_generator
from srcgrad.tracer.modes import GradMode

GAINS = {"linear": 1.0, "conv1d": 1.0, "conv2d": 1.0, "conv3d": 1.0, "sigmoid": 1.0, "tanh": 5 / 3,
         "relu": math.sqrt(2.0), "selu": 3 / 4}  # fmt: skip
Generator = np.random.Generator | None


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """By how much the weights before a nonlinearity are larger.

    Parameters
    ----------
    nonlinearity : str
        ``"linear"``, ``"conv2d"``, ``"sigmoid"``, ``"tanh"``, ``"relu"``, ``"leaky_relu"``, ``"selu"``.
    param : float, optional
        The slope of a leaky ReLU, 0.01 if not given.

    Returns
    -------
    float
        The factor.

    Examples
    --------
    >>> from srcgrad import nn
    >>> round(nn.init.calculate_gain("relu"), 4)
    1.4142
    """
    if nonlinearity == "leaky_relu":
        return math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity not in GAINS:
        raise ValueError(f"Unsupported nonlinearity {nonlinearity}")
    return GAINS[nonlinearity]


def fans(tensor: Any) -> tuple[int, int]:
    """How many inputs an output of a layer with these weights has, and how many outputs an input has."""
    if tensor.ndim < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def filled(tensor: Any, values: Any) -> Any:
    """Write values into a tensor, unrecorded."""
    with GradMode(False):
        tensor.copy_(np.asarray(values, tensor.dtype))
    return tensor


def zeros_(tensor: Any) -> Any:
    """Fill with zeros."""
    return filled(tensor, np.zeros(tensor.shape))


def ones_(tensor: Any) -> Any:
    """Fill with ones."""
    return filled(tensor, np.ones(tensor.shape))


def constant_(tensor: Any, val: float) -> Any:
    """Fill with one value."""
    return filled(tensor, np.full(tensor.shape, val))


def eye_(tensor: Any) -> Any:
    """Fill a matrix with the identity."""
    return filled(tensor, np.eye(*tensor.shape))


def uniform_(tensor: Any, a: float = 0.0, b: float = 1.0, generator: Generator = None) -> Any:
    """Draw from the uniform distribution on [a, b).

    Parameters
    ----------
    tensor : Tensor
        What is filled.
    a, b : float
        The bounds.
    generator : numpy.random.Generator, optional
        What is drawn from; that of `manual_seed` if not given.

    Returns
    -------
    Tensor
        The same tensor.
    """
    return filled(tensor, (generator or default_generator()).uniform(a, b, tensor.shape))


def normal_(tensor: Any, mean: float = 0.0, std: float = 1.0, generator: Generator = None) -> Any:
    """Draw from a normal distribution.

    Parameters
    ----------
    tensor : Tensor
        What is filled.
    mean, std : float
        Of the distribution.
    generator : numpy.random.Generator, optional
        What is drawn from; that of `manual_seed` if not given.

    Returns
    -------
    Tensor
        The same tensor.
    """
    return filled(tensor, (generator or default_generator()).normal(mean, std, tensor.shape))


def trunc_normal_(tensor: Any, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0,
                  generator: Generator = None) -> Any:  # fmt: skip
    """Draw from a normal distribution, anew for each number outside [a, b]."""
    if a >= b or max((a - mean) / std, (mean - b) / std) > 3:
        raise ValueError(f"[{a}, {b}] holds too little of the distribution")
    draws = generator or default_generator()
    values = draws.normal(mean, std, tensor.shape)
    while (outside := (values < a) | (values > b)).any():
        values[outside] = draws.normal(mean, std, int(outside.sum()))
    return filled(tensor, values)


def xavier_uniform_(tensor: Any, gain: float = 1.0, generator: Generator = None) -> Any:
    """Glorot's uniform distribution, of variance ``gain**2 * 2 / (fan_in + fan_out)``."""
    bound = gain * math.sqrt(6 / sum(fans(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Any, gain: float = 1.0, generator: Generator = None) -> Any:
    """Glorot's normal distribution, of variance ``gain**2 * 2 / (fan_in + fan_out)``."""
    return normal_(tensor, 0.0, gain * math.sqrt(2 / sum(fans(tensor))), generator)


def kaiming_std(tensor: Any, a: float, mode: str, nonlinearity: str) -> float:
    """The standard deviation of He's distributions."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    return calculate_gain(nonlinearity, a) / math.sqrt(fans(tensor)[mode == "fan_out"])


def kaiming_uniform_(tensor: Any, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
                     generator: Generator = None) -> Any:  # fmt: skip
    """He's uniform distribution, of variance ``gain**2 / fan``.

    Parameters
    ----------
    tensor : Tensor
        What is filled.
    a : float
        The slope of the leaky ReLU that follows.
    mode : str
        ``"fan_in"`` keeps the variance forward, ``"fan_out"`` backward.
    nonlinearity : str
        What follows, as for `calculate_gain`.
    generator : numpy.random.Generator, optional
        What is drawn from; that of `manual_seed` if not given.

    Returns
    -------
    Tensor
        The same tensor.
    """
    bound = math.sqrt(3.0) * kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(tensor: Any, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
                    generator: Generator = None) -> Any:  # fmt: skip
    """He's normal distribution, of variance ``gain**2 / fan``; the parameters are those of `kaiming_uniform_`."""
    return normal_(tensor, 0.0, kaiming_std(tensor, a, mode, nonlinearity), generator)


def orthogonal_(tensor: Any, gain: float = 1.0, generator: Generator = None) -> Any:
    """Draw rows, or columns, that are orthogonal to each other."""
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])
    values = (generator or default_generator()).normal(size=(max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(values)
    q = q * np.sign(np.diag(r))
    return filled(tensor, gain * (q.T if rows < columns else q).reshape(tensor.shape))
