"""Losses that compare element by element."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.errors import ArgumentError
from srcgrad.nn.functional.activations import logsigmoid


def reduced(values: Any, reduction: str) -> Any:
    """The mean of all elements, their sum, or the elements themselves."""
    if reduction == "none":
        return values
    if reduction not in ("mean", "sum"):
        raise ArgumentError(f"{reduction} is not a valid value for reduction")
    return np.mean(values) if reduction == "mean" else np.sum(values)


def check_shapes(input: Any, target: Any) -> None:
    """Raise where the shapes differ: a loss that broadcasts is nearly always a mistake."""
    if np.shape(input) != np.shape(target):
        raise ArgumentError(
            f"the target has shape {np.shape(target)}, the input {np.shape(input)}",
            repair="Reshape one of them; the loss does not broadcast.",
        )


def mse_loss(input: Any, target: Any, *, reduction: str = "mean") -> Any:
    """The square of the difference.

    Parameters
    ----------
    input, target : Tensor
        Of equal shape.
    reduction : str
        ``"mean"``, ``"sum"`` or ``"none"``.

    Returns
    -------
    Tensor
        A number, or a tensor of the same shape.

    Examples
    --------
    >>> from srcgrad import tensor
    >>> from srcgrad.nn import functional as F
    >>> F.mse_loss(tensor([1.0, 2.0]), tensor([1.0, 4.0]))
    tensor(2.)
    """
    check_shapes(input, target)
    difference = input - target
    return reduced(difference * difference, reduction)


def l1_loss(input: Any, target: Any, *, reduction: str = "mean") -> Any:
    """The size of the difference; the parameters are those of `mse_loss`."""
    check_shapes(input, target)
    return reduced(np.abs(input - target), reduction)


def smooth_l1_loss(input: Any, target: Any, *, reduction: str = "mean", beta: float = 1.0) -> Any:
    """Half the square divided by `beta` where the difference is smaller than that, else its size less ``beta / 2``."""
    if beta == 0:
        return l1_loss(input, target, reduction=reduction)
    check_shapes(input, target)
    difference = input - target
    size = np.abs(difference)
    return reduced(np.where(size < beta, 0.5 * difference * difference / beta, size - 0.5 * beta), reduction)


def huber_loss(input: Any, target: Any, *, reduction: str = "mean", delta: float = 1.0) -> Any:
    """Half the square where the difference is at most `delta`, beyond that a line of slope `delta`."""
    check_shapes(input, target)
    difference = input - target
    size = np.abs(difference)
    line = delta * (size - 0.5 * delta)
    return reduced(np.where(size <= delta, 0.5 * difference * difference, line), reduction)


def binary_cross_entropy(input: Any, target: Any, weight: Any = None, *, reduction: str = "mean") -> Any:
    """The negative logarithm of the probability of the target; logarithms are never below -100.

    Parameters
    ----------
    input : Tensor
        Probabilities.
    target : Tensor
        Of the same shape, between 0 and 1.
    weight : Tensor, optional
        Factors of the elements' losses.
    reduction : str
        ``"mean"``, ``"sum"`` or ``"none"``.

    Returns
    -------
    Tensor
        A number, or a tensor of the same shape.
    """
    check_shapes(input, target)
    values = -(target * floored_log(input) + (1.0 - target) * floored_log(1.0 - input))
    return reduced(values if weight is None else values * weight, reduction)


def floored_log(x: Any) -> Any:
    """The logarithm, -100 where it is below that."""
    tiny = x < 3.720075976020836e-44
    return np.where(tiny, -100.0, np.log(np.where(tiny, 1.0, x)))


def binary_cross_entropy_with_logits(input: Any, target: Any, weight: Any = None, *, reduction: str = "mean",
                                     pos_weight: Any = None) -> Any:  # fmt: skip
    """`binary_cross_entropy` of the `sigmoid`, without loss of digits.

    Parameters
    ----------
    input : Tensor
        The logarithms of the odds.
    target : Tensor
        Of the same shape, between 0 and 1.
    weight : Tensor, optional
        Factors of the elements' losses.
    reduction : str
        ``"mean"``, ``"sum"`` or ``"none"``.
    pos_weight : Tensor, optional
        Factors of the targets' own terms.

    Returns
    -------
    Tensor
        A number, or a tensor of the same shape.
    """
    check_shapes(input, target)
    scale = 1.0 if pos_weight is None else 1.0 + (pos_weight - 1.0) * target
    values = (1.0 - target) * input - scale * logsigmoid(input)
    return reduced(values if weight is None else values * weight, reduction)


def kl_div(input: Any, target: Any, *, reduction: str = "mean", log_target: bool = False) -> Any:
    """The divergence of a distribution from another, term by term.

    Parameters
    ----------
    input : Tensor
        Logarithms of probabilities.
    target : Tensor
        Probabilities of the same shape, or their logarithms.
    reduction : str
        ``"batchmean"``, which is the divergence itself, ``"mean"``, ``"sum"`` or ``"none"``.
    log_target : bool
        Are these logarithms?

    Returns
    -------
    Tensor
        A number, or a tensor of the same shape.
    """
    check_shapes(input, target)
    if log_target:
        values = np.exp(target) * (target - input)
    else:
        positive = target > 0
        logs = np.log(np.where(positive, target, 1.0))
        values = np.where(positive, target * logs, 0.0) - target * input
    return np.sum(values) / len(input) if reduction == "batchmean" else reduced(values, reduction)
