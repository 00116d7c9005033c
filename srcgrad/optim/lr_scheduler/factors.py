"""Schedules by a factor from epoch to epoch: what else changes a learning rate is kept."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

from srcgrad.optim.lr_scheduler.base import LRScheduler, each_group
from srcgrad.optim.optimizer import Optimizer


class StepLR(LRScheduler):
    """A factor every few epochs.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    step_size : int
        How many epochs.
    gamma : float
        The factor.
    last_epoch : int
        The last epoch that was run; -1 to begin.

    Examples
    --------
    >>> from srcgrad import nn, optim
    >>> optimizer = optim.SGD([nn.Parameter([1.0])], lr=1.0)
    >>> scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    >>> rates = []
    >>> for _ in range(5):
    ...     rates.append(optimizer.param_groups[0]["lr"])
    ...     optimizer.step()
    ...     scheduler.step()
    >>> rates
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def rate(self, lr: float, base: float, number: int) -> float:
        """The learning rate of epoch `last_epoch`."""
        return lr if self.last_epoch == 0 or self.last_epoch % self.step_size else lr * self.gamma


class MultiStepLR(LRScheduler):
    """A factor at some epochs.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    milestones : iterable of int
        Which epochs.
    gamma : float
        The factor.
    last_epoch : int
        The last epoch that was run; -1 to begin.
    """

    def __init__(self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1,
                 last_epoch: int = -1) -> None:  # fmt: skip
        self.milestones, self.gamma = dict(Counter(milestones)), gamma
        super().__init__(optimizer, last_epoch)

    def rate(self, lr: float, base: float, number: int) -> float:
        """The learning rate of epoch `last_epoch`."""
        return lr * float(self.gamma ** self.milestones.get(self.last_epoch, 0))


class ExponentialLR(LRScheduler):
    """A factor every epoch.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    gamma : float
        The factor.
    last_epoch : int
        The last epoch that was run; -1 to begin.
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def rate(self, lr: float, base: float, number: int) -> float:
        """The learning rate of epoch `last_epoch`."""
        return lr if self.last_epoch == 0 else lr * self.gamma


class LambdaLR(LRScheduler):
    """The first learning rate times a function of the epoch.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    lr_lambda : callable, or list of callable
        The function, or one for each group.
    last_epoch : int
        The last epoch that was run; -1 to begin.
    """

    def __init__(self, optimizer: Optimizer, lr_lambda: Any, last_epoch: int = -1) -> None:
        self.lr_lambdas = each_group(lr_lambda, optimizer)
        super().__init__(optimizer, last_epoch)

    def rate(self, lr: float, base: float, number: int) -> float:
        """The learning rate of epoch `last_epoch`."""
        return base * float(self.lr_lambdas[number](self.last_epoch))


class MultiplicativeLR(LambdaLR):
    """The last learning rate times a function of the epoch.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    lr_lambda : callable, or list of callable
        The function, or one for each group.
    last_epoch : int
        The last epoch that was run; -1 to begin.
    """

    def rate(self, lr: float, base: float, number: int) -> float:
        """The learning rate of epoch `last_epoch`."""
        return lr if self.last_epoch == 0 else lr * float(self.lr_lambdas[number](self.last_epoch))


class ConstantLR(LRScheduler):
    """A factor until some epoch.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    factor : float
        The factor.
    total_iters : int
        Until which epoch.
    last_epoch : int
        The last epoch that was run; -1 to begin.
    """

    def __init__(self, optimizer: Optimizer, factor: float = 1 / 3, total_iters: int = 5, last_epoch: int = -1) -> None:
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def rate(self, lr: float, base: float, number: int) -> float:
        """The learning rate of epoch `last_epoch`."""
        if self.last_epoch == 0:
            return lr * self.factor
        return lr / self.factor if self.last_epoch == self.total_iters else lr


class LinearLR(LRScheduler):
    """A factor that changes along a line: warming up, for instance.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    start_factor, end_factor : float
        The factor at first, and at last.
    total_iters : int
        How many epochs the line is long.
    last_epoch : int
        The last epoch that was run; -1 to begin.
    """

    def __init__(self, optimizer: Optimizer, start_factor: float = 1 / 3, end_factor: float = 1.0,
                 total_iters: int = 5, last_epoch: int = -1) -> None:  # fmt: skip
        if not 0 < start_factor <= 1:
            raise ValueError("Starting multiplicative factor expected to be greater than 0 and less or equal to 1.")
        if not 0 <= end_factor <= 1:
            raise ValueError("Ending multiplicative factor expected to be between 0 and 1.")
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def rate(self, lr: float, base: float, number: int) -> float:
        """The learning rate of epoch `last_epoch`."""
        if self.last_epoch == 0:
            return lr * self.start_factor
        if self.last_epoch > self.total_iters:
            return lr
        rise = self.end_factor - self.start_factor
        return lr * (1 + rise / (self.total_iters * self.start_factor + (self.last_epoch - 1) * rise))


class CosineAnnealingLR(LRScheduler):
    """Down along half a cosine, and up again if it goes on.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    T_max : int
        How many epochs the way down is long.
    eta_min : float
        The learning rate at its end.
    last_epoch : int
        The last epoch that was run; -1 to begin.
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def rate(self, lr: float, base: float, number: int) -> float:
        """The learning rate of epoch `last_epoch`."""
        epoch, turn = self.last_epoch, math.pi / self.T_max
        if epoch == 0:
            return lr
        if (epoch - 1 - self.T_max) % (2 * self.T_max) == 0:  # from the lowest point, where every factor gives it again
            return lr + (base - self.eta_min) * (1 - math.cos(turn)) / 2
        factor = (1 + math.cos(turn * epoch)) / (1 + math.cos(turn * (epoch - 1)))
        return factor * (lr - self.eta_min) + self.eta_min
