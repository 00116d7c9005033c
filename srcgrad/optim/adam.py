"""Adam: steps by the mean of the gradients divided by the root of the mean of their squares."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.optim.optimizer import Group, Optimizer, State


class Adam(Optimizer):
    """Steps by the running mean of the gradient divided by the root of the running mean of its square.

    Parameters
    ----------
    params : iterable of Tensor, of pairs (name, Tensor), or of dict
        What is learned.
    lr : float
        The learning rate.
    betas : pair of float
        How slowly both means change.
    eps : float
        What is added to the root.
    weight_decay : float
        The factor of the parameter that is added to its gradient.
    amsgrad : bool
        Divide by the largest root so far.
    maximize : bool
        Go up instead of down.

    Examples
    --------
    >>> from srcgrad import nn, optim
    >>> w = nn.Parameter([1.0])
    >>> optimizer = optim.Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    tensor([0.9])
    """

    decoupled = False

    def __init__(self, params: Any, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 0.0, amsgrad: bool = False, *, maximize: bool = False) -> None:  # fmt: skip
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
                                  "amsgrad": amsgrad, "maximize": maximize})  # fmt: skip

    def update(self, value: Any, grad: Any, state: State, group: Group) -> Any:
        """One step."""
        if self.decoupled:
            value = value * (1 - group["lr"] * group["weight_decay"])
        elif group["weight_decay"]:
            grad = grad + group["weight_decay"] * value
        mean, square = means(grad, state, group)
        (slow, slower), count = group["betas"], state["step"]
        root = np.sqrt(square) / (1 - slower**count) ** 0.5 + group["eps"]
        return value - group["lr"] / (1 - slow**count) * (mean / root)


def means(grad: Any, state: State, group: Group) -> tuple[Any, Any]:
    """The running means of the gradient and of its square, or the largest of the latter so far."""
    if not state:
        state.update(step=0, exp_avg=np.zeros_like(grad), exp_avg_sq=np.zeros_like(grad))
        if group["amsgrad"]:
            state["max_exp_avg_sq"] = np.zeros_like(grad)
    state["step"] += 1
    slow, slower = group["betas"]
    mean, square = state["exp_avg"], state["exp_avg_sq"]
    mean += (1 - slow) * (grad - mean)
    square *= slower
    square += (1 - slower) * grad * grad
    if not group["amsgrad"]:
        return mean, square
    np.maximum(state["max_exp_avg_sq"], square, out=state["max_exp_avg_sq"])
    return mean, state["max_exp_avg_sq"]


class AdamW(Adam):
    """`Adam` whose weight decay shrinks the parameters themselves.

    Parameters
    ----------
    params, lr, betas, eps, amsgrad, maximize
        As for `Adam`.
    weight_decay : float
        By how much parameters shrink, as a multiple of the learning rate.
    """

    decoupled = True

    def __init__(self, params: Any, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 1e-2, amsgrad: bool = False, *, maximize: bool = False) -> None:  # fmt: skip
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize)
