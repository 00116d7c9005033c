"""Activation functions as modules."""

from __future__ import annotations

from typing import Any

import srcgrad.nn.functional as functional
from srcgrad.nn.module import Module

__all__ = ["CELU", "ELU", "GELU", "SELU", "Hardtanh", "LeakyReLU", "LogSigmoid", "LogSoftmax", "ReLU", "ReLU6",
           "Sigmoid", "SiLU", "Softmax", "Softplus", "Softsign", "Tanh"]  # fmt: skip


class ReLU(Module):
    """``max(0, x)``, with slope 0 at 0.

    Parameters
    ----------
    inplace : bool
        Whether the result is written over the input.
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """Of the same shape."""
        if not self.inplace:
            return functional.relu(input)
        input[...] = functional.relu(input)
        return input

    def extra_repr(self) -> str:
        """Only what is not the default."""
        return "inplace=True" if self.inplace else ""


class ReLU6(Module):
    """``min(max(0, x), 6)``."""

    def forward(self, input: Any) -> Any:
        """Of the same shape."""
        return functional.relu6(input)


class Hardtanh(Module):
    """``min(max(x, min_val), max_val)``.

    Parameters
    ----------
    min_val, max_val : float
        The bounds.
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        super().__init__()
        self.min_val, self.max_val = min_val, max_val

    def forward(self, input: Any) -> Any:
        """Of the same shape."""
        return functional.hardtanh(input, self.min_val, self.max_val)

    def extra_repr(self) -> str:
        """The bounds."""
        return f"min_val={self.min_val}, max_val={self.max_val}"


class LeakyReLU(Module):
    """``x`` where that is positive, else ``negative_slope * x``.

    Parameters
    ----------
    negative_slope : float
        The slope of the negative side.
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = negative_slope

    def forward(self, input: Any) -> Any:
        """Of the same shape."""
        return functional.leaky_relu(input, self.negative_slope)

    def extra_repr(self) -> str:
        """The slope."""
        return f"negative_slope={self.negative_slope}"


class Scaled(Module):
    """What `ELU` and `CELU` have in common: a number that says how far below zero they go.

    Parameters
    ----------
    alpha : float
        How far.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = alpha

    def extra_repr(self) -> str:
        """The number."""
        return f"alpha={self.alpha}"


class ELU(Scaled):
    """``x`` where that is positive, else ``alpha * (exp(x) - 1)``."""

    def forward(self, input: Any) -> Any:
        """Of the same shape."""
        return functional.elu(input, self.alpha)


class CELU(Scaled):
    """``x`` where that is positive, else ``alpha * (exp(x / alpha) - 1)``."""

    def forward(self, input: Any) -> Any:
        """Of the same shape."""
        return functional.celu(input, self.alpha)


class SELU(Module):
    """The scaled `ELU` that keeps mean and variance."""

    def forward(self, input: Any) -> Any:
        """Of the same shape."""
        return functional.selu(input)


class Sigmoid(Module):
    """``1 / (1 + exp(-x))``."""

    def forward(self, input: Any) -> Any:
        """Of the same shape."""
        return functional.sigmoid(input)


class LogSigmoid(Module):
    """``-log(1 + exp(-x))``."""

    def forward(self, input: Any) -> Any:
        """Of the same shape."""
        return functional.logsigmoid(input)


class Tanh(Module):
    """The hyperbolic tangent."""

    def forward(self, input: Any) -> Any:
        """Of the same shape."""
        return functional.tanh(input)


class SiLU(Module):
    """``x * sigmoid(x)``."""

    def forward(self, input: Any) -> Any:
        """Of the same shape."""
        return functional.silu(input)


class Softsign(Module):
    """``x / (1 + abs(x))``."""

    def forward(self, input: Any) -> Any:
        """Of the same shape."""
        return functional.softsign(input)


class GELU(Module):
    """``x`` times the normal distribution function.

    Parameters
    ----------
    approximate : str
        ``"none"``, which needs SciPy, or ``"tanh"``.
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Any) -> Any:
        """Of the same shape."""
        return functional.gelu(input, self.approximate)

    def extra_repr(self) -> str:
        """The form."""
        return f"approximate={self.approximate!r}"


class Softplus(Module):
    """``log(1 + exp(beta * x)) / beta``, and ``x`` itself where ``beta * x`` is above the threshold.

    Parameters
    ----------
    beta, threshold : float
        How sharp the corner is, and where the function is taken for a line.
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def forward(self, input: Any) -> Any:
        """Of the same shape."""
        return functional.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """The parameters."""
        return f"beta={self.beta}, threshold={self.threshold}"


class Along(Module):
    """What `Softmax` and `LogSoftmax` have in common: an axis.

    Parameters
    ----------
    dim : int, optional
        The axis; if not given, the first of 1 or 3 axes, else the second.
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def axis(self, input: Any) -> int:
        """The axis for an input."""
        return self.dim if self.dim is not None else 0 if input.ndim in (0, 1, 3) else 1

    def extra_repr(self) -> str:
        """The axis."""
        return f"dim={self.dim}"


class Softmax(Along):
    """Exponentials divided by their sum."""

    def forward(self, input: Any) -> Any:
        """Of the same shape."""
        return functional.softmax(input, self.axis(input))


class LogSoftmax(Along):
    """The logarithm of `Softmax`."""

    def forward(self, input: Any) -> Any:
        """Of the same shape."""
        return functional.log_softmax(input, self.axis(input))
