"""A schedule by what is reached: the learning rate falls when a measure gets no better."""

from __future__ import annotations

import math
from typing import Any

from srcgrad.optim.lr_scheduler.base import LRScheduler, each_group
from srcgrad.optim.optimizer import Optimizer


class ReduceLROnPlateau(LRScheduler):
    """A factor when a measure has not got better for some epochs; ``step(measure)`` after each.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    mode : str
        ``"min"`` or ``"max"``: which measures are better.
    factor : float
        The factor.
    patience : int
        For how many epochs it may not get better.
    threshold : float
        By how much it has to get better.
    threshold_mode : str
        ``"rel"`` or ``"abs"``: is that a part of the best measure, or a number?
    cooldown : int
        How many epochs are not counted after the learning rate fell.
    min_lr : float, or list of float
        The smallest learning rate, or one for each group.
    eps : float
        Smaller changes are not made.
    """

    def __init__(self, optimizer: Optimizer, mode: str = "min", factor: float = 0.1, patience: int = 10,
                 threshold: float = 1e-4, threshold_mode: str = "rel", cooldown: int = 0, min_lr: Any = 0.0,
                 eps: float = 1e-8) -> None:  # fmt: skip
        if factor >= 1:
            raise ValueError("Factor should be < 1.0.")
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ValueError(f"mode {mode} or threshold mode {threshold_mode} is unknown!")
        self.optimizer, self.last_epoch = optimizer, 0
        self.mode, self.factor, self.patience, self.cooldown = mode, factor, patience, cooldown
        self.threshold, self.threshold_mode, self.eps = threshold, threshold_mode, eps
        self.min_lrs = each_group(min_lr, optimizer)
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = 0
        self._last_lr = [group["lr"] for group in optimizer.param_groups]

    def step(self, metrics: Any = None) -> None:
        """Take note of a measure, and lower the learning rate if it is time to.

        Parameters
        ----------
        metrics : float or Tensor
            What was reached.
        """
        if metrics is None:
            raise TypeError("ReduceLROnPlateau.step() needs the measure")
        value = float(metrics)
        self.last_epoch += 1
        if self.is_better(value):
            self.best, self.num_bad_epochs = value, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self.lower()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def is_better(self, value: float) -> bool:
        """Is a measure better than the best by enough?"""
        sign = 1.0 if self.mode == "max" else -1.0
        if self.threshold_mode == "rel":
            return sign * value > sign * self.best * (1 + sign * self.threshold)
        return sign * value > sign * self.best + self.threshold

    def lower(self) -> None:
        """Lower the learning rates."""
        for group, smallest in zip(self.optimizer.param_groups, self.min_lrs, strict=True):
            rate = max(group["lr"] * self.factor, smallest)
            if group["lr"] - rate > self.eps:
                group["lr"] = rate
