"""One cycle: the learning rate up and far down again, the momentum the other way round."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from srcgrad.optim.lr_scheduler.base import LRScheduler, each_group
from srcgrad.optim.optimizer import Group, Optimizer


class Phase(NamedTuple):
    """A part of the cycle: its last step, and the names of the options between which it leads."""

    end: float
    rates: tuple[str, str]
    momenta: tuple[str, str]


class OneCycleLR(LRScheduler):
    """Up to a largest learning rate and far down again, in a number of steps that is known.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    max_lr : float, or list of float
        The largest rate, or one for each group.
    total_steps : int, optional
        How many steps there are; or give both of the following.
    epochs, steps_per_epoch : int, optional
        How many epochs there are, and how many steps in each.
    pct_start : float
        The part of the steps that goes up.
    anneal_strategy : str
        ``"cos"`` or ``"linear"``.
    cycle_momentum : bool
        Is the momentum, or the first beta, changed as well?
    base_momentum, max_momentum : float, or list of float
        The momentum at the top, and at both ends.
    div_factor, final_div_factor : float
        The largest rate divided by the first one, and the first one divided by the last one.
    three_phase : bool
        Down to the first rate, then to the last one.
    last_epoch : int
        The last step that was run; -1 to begin.
    """

    def __init__(self, optimizer: Optimizer, max_lr: Any, total_steps: int | None = None, epochs: int | None = None,
                 steps_per_epoch: int | None = None, pct_start: float = 0.3, anneal_strategy: str = "cos",
                 cycle_momentum: bool = True, base_momentum: Any = 0.85, max_momentum: Any = 0.95,
                 div_factor: float = 25.0, final_div_factor: float = 1e4, three_phase: bool = False,
                 last_epoch: int = -1) -> None:  # fmt: skip
        self.total_steps = steps_of(total_steps, epochs, steps_per_epoch)
        if not 0 <= pct_start <= 1:
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        self.anneal_strategy, self.cycle_momentum = anneal_strategy, cycle_momentum
        self.phases = phases_of(self.total_steps, pct_start, three_phase)
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, each_group(max_lr, optimizer), strict=True):
                group.update(initial_lr=rate / div_factor, max_lr=rate, min_lr=rate / div_factor / final_div_factor)
            if cycle_momentum:
                begin_momentum(optimizer, base_momentum, max_momentum)
        super().__init__(optimizer, last_epoch)

    def rate(self, lr: float, base: float, number: int) -> float:
        """The learning rate of step `last_epoch`; the group's momentum is set on the way."""
        group, step, start = self.optimizer.param_groups[number], self.last_epoch, 0.0
        if step > self.total_steps:
            raise ValueError(f"Tried to step {step} times. The specified number of total steps is {self.total_steps}")
        for phase in self.phases:
            if step <= phase.end or phase is self.phases[-1]:
                break
            start = phase.end
        part = (step - start) / (phase.end - start)
        if self.cycle_momentum:
            set_momentum(group, self.between(group, phase.momenta, part))
        return self.between(group, phase.rates, part)

    def between(self, group: Group, names: tuple[str, str], part: float) -> float:
        """A value on the way from an option to another."""
        first, last = group[names[0]], group[names[1]]
        if self.anneal_strategy == "linear":
            return float((last - first) * part + first)
        return float(last + (first - last) / 2 * (math.cos(math.pi * part) + 1))


def steps_of(total_steps: int | None, epochs: int | None, steps_per_epoch: int | None) -> int:
    """How many steps there are."""
    if total_steps is None:
        if epochs is None or steps_per_epoch is None:
            raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
        total_steps = epochs * steps_per_epoch
    if total_steps <= 0:
        raise ValueError(f"Expected positive integer total_steps, but got {total_steps}")
    return total_steps


def phases_of(steps: int, up: float, three: bool) -> list[Phase]:
    """The parts of the cycle."""
    rise = Phase(up * steps - 1, ("initial_lr", "max_lr"), ("max_momentum", "base_momentum"))
    if not three:
        return [rise, Phase(steps - 1, ("max_lr", "min_lr"), ("base_momentum", "max_momentum"))]
    fall = Phase(2 * up * steps - 2, ("max_lr", "initial_lr"), ("base_momentum", "max_momentum"))
    return [rise, fall, Phase(steps - 1, ("initial_lr", "min_lr"), ("max_momentum", "max_momentum"))]


def begin_momentum(optimizer: Optimizer, base: Any, largest: Any) -> None:
    """Give the groups the bounds of their momentum."""
    if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
        raise ValueError("optimizer must support momentum or beta1 with `cycle_momentum` option enabled")
    bounds = zip(each_group(base, optimizer), each_group(largest, optimizer), strict=True)
    for group, (low, high) in zip(optimizer.param_groups, bounds, strict=True):
        group.update(base_momentum=low, max_momentum=high)
        set_momentum(group, high)


def set_momentum(group: Group, momentum: float) -> None:
    """Set the momentum, or the first beta."""
    if "betas" in group:
        group["betas"] = (momentum, *group["betas"][1:])
    else:
        group["momentum"] = momentum
