"""The schedule: it sets the learning rates of an optimizer's groups, epoch by epoch."""

from __future__ import annotations

from typing import Any

from srcgrad.optim.optimizer import Group, Optimizer


class LRScheduler:
    """Base of the schedules: one of one's own defines `rate`.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    last_epoch : int
        The last epoch that was run; -1 to begin.

    Attributes
    ----------
    last_epoch : int
        The number of the present epoch.
    base_lrs : list of float
        The learning rates at first.
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        self.optimizer, self.last_epoch = optimizer, last_epoch
        for number, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(f"param 'initial_lr' is not specified in param_groups[{number}] when resuming")
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self._last_lr: list[float] = [group["lr"] for group in optimizer.param_groups]
        self.step()

    def rate(self, lr: float, base: float, number: int) -> float:
        """The learning rate of epoch `last_epoch`.

        Parameters
        ----------
        lr : float
            The rate until now.
        base : float
            The rate at first.
        number : int
            Which group it is.

        Returns
        -------
        float
            The rate from now on.
        """
        raise TypeError("a schedule needs a rate")

    def get_last_lr(self) -> list[float]:
        """The present learning rate of each group."""
        return self._last_lr

    def get_lr(self) -> list[float]:
        """What the learning rates of epoch `last_epoch` are, given those of the one before."""
        groups = zip(self.optimizer.param_groups, self.base_lrs, strict=True)
        return [self.rate(group["lr"], base, number) for number, (group, base) in enumerate(groups)]

    def step(self) -> None:
        """Begin the next epoch."""
        self.last_epoch += 1
        self._set(self.get_lr())

    def restart(self) -> None:
        """Begin epoch 0, from the learning rates at first."""
        self.last_epoch = 0
        for group, base in zip(self.optimizer.param_groups, self.base_lrs, strict=True):
            group["lr"] = base
        self._set(self.get_lr())

    def _set(self, rates: list[float]) -> None:
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
        self._last_lr = rates

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer, and functions.

        Returns
        -------
        dict
            For `load_state_dict`.
        """
        return {name: value for name, value in vars(self).items() if name != "optimizer" and plain_data(value)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what `state_dict` gave; the learning rates themselves are part of the optimizer's state.

        Parameters
        ----------
        state_dict : dict
            What `state_dict` gave.
        """
        vars(self).update(state_dict)


def plain_data(value: Any) -> bool:
    """Is it a number, a text, None, or made of these?"""
    if isinstance(value, (list, tuple)):
        return all(map(plain_data, value))
    if isinstance(value, dict):
        return all(map(plain_data, value.values()))
    return value is None or isinstance(value, (bool, int, float, str))


def each_group(value: Any, optimizer: Optimizer) -> list[Any]:
    """A value for each group: the one that is given, or as many as there are groups."""
    groups: list[Group] = optimizer.param_groups
    if not isinstance(value, (list, tuple)):
        return [value] * len(groups)
    if len(value) != len(groups):
        raise ValueError(f"expected {len(groups)} values, one for each group, got {len(value)}")
    return list(value)
