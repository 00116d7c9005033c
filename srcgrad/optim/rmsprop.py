"""RMSprop: steps by the gradient divided by the root of the mean of its squares."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.optim.optimizer import Group, Optimizer, State


class RMSprop(Optimizer):
    """Steps by the gradient divided by the root of the running mean of its square.

    Parameters
    ----------
    params : iterable of Tensor, of pairs (name, Tensor), or of dict
        What is learned.
    lr : float
        The learning rate.
    alpha : float
        How slowly the mean changes.
    eps : float
        What is added to the root.
    weight_decay : float
        The factor of the parameter that is added to its gradient.
    momentum : float
        How much of the last step goes into the next one.
    centered : bool
        Divide by the standard deviation instead.
    maximize : bool
        Go up instead of down.

    Examples
    --------
    >>> from srcgrad import nn, optim
    >>> w = nn.Parameter([1.0])
    >>> optimizer = optim.RMSprop([w], lr=0.01)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    tensor([0.9])
    """

    def __init__(self, params: Any, lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8, weight_decay: float = 0.0,
                 momentum: float = 0.0, centered: bool = False, *, maximize: bool = False) -> None:  # fmt: skip
        super().__init__(params, {"lr": lr, "alpha": alpha, "eps": eps, "weight_decay": weight_decay,
                                  "momentum": momentum, "centered": centered, "maximize": maximize})  # fmt: skip

    def update(self, value: Any, grad: Any, state: State, group: Group) -> Any:
        """One step."""
        if group["weight_decay"]:
            grad = grad + group["weight_decay"] * value
        begin(grad, state, group)
        state["step"] += 1
        ratio = grad / (root_of(grad, state, group) + group["eps"])
        if not group["momentum"]:
            return value - group["lr"] * ratio
        buffer = state["momentum_buffer"]
        buffer *= group["momentum"]
        buffer += ratio
        return value - group["lr"] * buffer


def begin(grad: Any, state: State, group: Group) -> None:
    """What is remembered, at first."""
    if not state:
        state.update(step=0, square_avg=np.zeros_like(grad))
        if group["momentum"] > 0:
            state["momentum_buffer"] = np.zeros_like(grad)
        if group["centered"]:
            state["grad_avg"] = np.zeros_like(grad)


def root_of(grad: Any, state: State, group: Group) -> Any:
    """The root of the mean of squares, or the standard deviation."""
    alpha, square = group["alpha"], state["square_avg"]
    square *= alpha
    square += (1 - alpha) * grad * grad
    if not group["centered"]:
        return np.sqrt(square)
    mean = state["grad_avg"]
    mean += (1 - alpha) * (grad - mean)
    return np.sqrt(square - mean * mean)
