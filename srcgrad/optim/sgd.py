"""Gradient descent with momentum."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.optim.optimizer import Group, Optimizer, State


class SGD(Optimizer):
    """Gradient descent, with momentum if asked for.

    Parameters
    ----------
    params : iterable of Tensor, of pairs (name, Tensor), or of dict
        What is learned.
    lr : float
        The learning rate.
    momentum : float
        How much of the last step goes into the next one.
    dampening : float
        How much less of the gradient does.
    weight_decay : float
        The factor of the parameter that is added to its gradient.
    nesterov : bool
        Is the gradient taken a step ahead?
    maximize : bool
        Go up instead of down.

    Examples
    --------
    >>> from srcgrad import nn, optim
    >>> w = nn.Parameter([1.0])
    >>> optimizer = optim.SGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    tensor([0.8])
    """

    def __init__(self, params: Any, lr: float = 1e-3, momentum: float = 0.0, dampening: float = 0.0,
                 weight_decay: float = 0.0, nesterov: bool = False, *, maximize: bool = False) -> None:  # fmt: skip
        super().__init__(params, {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay,
                                  "nesterov": nesterov, "maximize": maximize})  # fmt: skip

    def check(self, group: Group) -> None:
        """Raise where an option makes no sense."""
        super().check(group)
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")

    def update(self, value: Any, grad: Any, state: State, group: Group) -> Any:
        """One step."""
        if group["weight_decay"]:
            grad = grad + group["weight_decay"] * value
        return value - group["lr"] * (moved(grad, state, group) if group["momentum"] else grad)


def moved(grad: Any, state: State, group: Group) -> Any:
    """The direction of a step with momentum."""
    buffer = state.get("momentum_buffer")
    if buffer is None:
        buffer = state["momentum_buffer"] = np.array(grad)
    else:
        buffer *= group["momentum"]
        buffer += (1 - group["dampening"]) * grad
    return grad + group["momentum"] * buffer if group["nesterov"] else buffer
