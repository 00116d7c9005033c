"""Losses as modules; all take the prediction first."""

from __future__ import annotations

from typing import Any

import srcgrad.nn.functional as functional
from srcgrad.nn.module import Module

__all__ = ["BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "HuberLoss", "KLDivLoss", "L1Loss", "MSELoss",
           "NLLLoss", "SmoothL1Loss"]  # fmt: skip


class Loss(Module):
    """Base of the losses.

    Parameters
    ----------
    reduction : str
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    def __init__(self, *, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = reduction


class MSELoss(Loss):
    """The square of the difference.

    Examples
    --------
    >>> from srcgrad import nn, tensor
    >>> nn.MSELoss()(tensor([1.0, 2.0]), tensor([1.0, 4.0]))
    tensor(2.)
    """

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of tensors of equal shape."""
        return functional.mse_loss(input, target, reduction=self.reduction)


class L1Loss(Loss):
    """The size of the difference."""

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of tensors of equal shape."""
        return functional.l1_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(Loss):
    """Half the square divided by `beta` where the difference is smaller than that, else its size less ``beta / 2``.

    Parameters
    ----------
    reduction : str
        ``"mean"``, ``"sum"`` or ``"none"``.
    beta : float
        Where the square becomes a line.
    """

    def __init__(self, *, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.beta = beta

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of tensors of equal shape."""
        return functional.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(Loss):
    """Half the square where the difference is at most `delta`, beyond that a line of slope `delta`.

    Parameters
    ----------
    reduction : str
        ``"mean"``, ``"sum"`` or ``"none"``.
    delta : float
        Where the square becomes a line.
    """

    def __init__(self, *, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of tensors of equal shape."""
        return functional.huber_loss(input, target, reduction=self.reduction, delta=self.delta)


class KLDivLoss(Loss):
    """The divergence of a distribution from another, given logarithms of its probabilities.

    Parameters
    ----------
    reduction : str
        ``"batchmean"``, which is the divergence itself, ``"mean"``, ``"sum"`` or ``"none"``.
    log_target : bool
        Are the targets logarithms?
    """

    def __init__(self, *, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(reduction=reduction)
        self.log_target = log_target

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of tensors of equal shape."""
        return functional.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class WeightedLoss(Loss):
    """Base of the losses with factors, which belong to the state.

    Parameters
    ----------
    weight : array_like, optional
        The factors.
    reduction : str
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    weight: Any

    def __init__(self, weight: Any = None, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.register_buffer("weight", weight)


class BCELoss(WeightedLoss):
    """The negative logarithm of the probability of the target; see `srcgrad.nn.functional.binary_cross_entropy`."""

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of probabilities, and targets of equal shape between 0 and 1."""
        return functional.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(WeightedLoss):
    """`BCELoss` of the sigmoid, without loss of digits.

    Parameters
    ----------
    weight : array_like, optional
        Factors of the elements' losses.
    reduction : str
        ``"mean"``, ``"sum"`` or ``"none"``.
    pos_weight : array_like, optional
        Factors of the targets' own terms.
    """

    pos_weight: Any

    def __init__(self, weight: Any = None, *, reduction: str = "mean", pos_weight: Any = None) -> None:
        super().__init__(weight, reduction=reduction)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of logarithms of odds, and targets of equal shape between 0 and 1."""
        return functional.binary_cross_entropy_with_logits(input, target, self.weight, reduction=self.reduction,
                                                           pos_weight=self.pos_weight)  # fmt: skip


class NLLLoss(WeightedLoss):
    """The negative log-likelihood of classes; see `srcgrad.nn.functional.nll_loss`.

    Parameters
    ----------
    weight : array_like, optional
        Factors of the classes' losses.
    ignore_index : int
        A class whose samples do not count.
    reduction : str
        ``"mean"``, ``"sum"`` or ``"none"``.
    """

    def __init__(self, weight: Any = None, *, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__(weight, reduction=reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of logarithms of probabilities, ``(batch, classes, ...)``, and classes ``(batch, ...)``."""
        return functional.nll_loss(input, target, self.weight, ignore_index=self.ignore_index,
                                   reduction=self.reduction)  # fmt: skip


class CrossEntropyLoss(WeightedLoss):
    """The negative log-likelihood of classes, given scores; see `srcgrad.nn.functional.cross_entropy`.

    Parameters
    ----------
    weight : array_like, optional
        Factors of the classes' losses.
    ignore_index : int
        A class whose samples do not count.
    reduction : str
        ``"mean"``, ``"sum"`` or ``"none"``.
    label_smoothing : float
        How much of each target is spread over all classes.
    """

    def __init__(self, weight: Any = None, *, ignore_index: int = -100, reduction: str = "mean",
                 label_smoothing: float = 0.0) -> None:  # fmt: skip
        super().__init__(weight, reduction=reduction)
        if not 0 <= label_smoothing <= 1:
            raise ValueError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of scores, ``(batch, classes, ...)``, and classes ``(batch, ...)`` or their probabilities."""
        return functional.cross_entropy(input, target, self.weight, ignore_index=self.ignore_index,
                                        reduction=self.reduction, label_smoothing=self.label_smoothing)  # fmt: skip
