"""Schedules one after the other."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from srcgrad.optim.lr_scheduler.base import LRScheduler
from srcgrad.optim.optimizer import Optimizer


class SequentialLR(LRScheduler):
    """Schedules one after the other: warming up, then annealing, for instance.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    schedulers : sequence of LRScheduler
        The schedules, all of this optimizer.
    milestones : sequence of int
        The epochs at which the next one begins.
    """

    def __init__(self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int]) -> None:
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(f"expected {len(schedulers) - 1} milestones for {len(schedulers)} schedulers")
        if any(scheduler.optimizer is not optimizer for scheduler in schedulers):
            raise ValueError("all schedulers must be of the same optimizer")
        self.optimizer, self.schedulers, self.milestones = optimizer, list(schedulers), list(milestones)
        self.last_epoch = 0
        self.schedulers[0].restart()
        self._last_lr = self.schedulers[0].get_last_lr()

    def step(self) -> None:
        """Begin the next epoch."""
        self.last_epoch += 1
        number = bisect_right(self.milestones, self.last_epoch)
        scheduler = self.schedulers[number]
        if number and self.milestones[number - 1] == self.last_epoch:
            scheduler.restart()
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()

    def state_dict(self) -> dict[str, Any]:
        """The states of all schedules.

        Returns
        -------
        dict
            For `load_state_dict`.
        """
        states = [scheduler.state_dict() for scheduler in self.schedulers]
        return {**super().state_dict(), "schedulers": states}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what `state_dict` gave.

        Parameters
        ----------
        state_dict : dict
            What `state_dict` gave.
        """
        for scheduler, state in zip(self.schedulers, state_dict["schedulers"], strict=True):
            scheduler.load_state_dict(state)
        super().load_state_dict({name: value for name, value in state_dict.items() if name != "schedulers"})
