"""Gradients of parameters made smaller; these functions are known as ``nn.utils``."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from srcgrad.tracer.tensor import Tensor, make, plain

__all__ = ["clip_grad_norm_", "clip_grad_value_", "parameters_to_vector", "vector_to_parameters"]


def with_gradients(parameters: Any) -> list[Any]:
    """Those of the parameters that have a gradient."""
    given = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    return [param for param in given if param.grad is not None]


def norm_of(array: Any, order: float) -> float:
    """The norm of all elements."""
    return float(np.linalg.norm(np.ravel(array), order)) if np.size(array) else 0.0


def clip_grad_norm_(parameters: Any, max_norm: float, norm_type: float = 2.0,
                    error_if_nonfinite: bool = False) -> Tensor:  # fmt: skip
    """Scale all gradients by one factor, in place, so that their norm as one vector is at most `max_norm`.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Whose gradients.
    max_norm : float
        The largest norm.
    norm_type : float
        Which norm: 1, 2, ``inf``, ...
    error_if_nonfinite : bool
        Raise where the norm is infinite or no number.

    Returns
    -------
    Tensor
        The norm before.

    Examples
    --------
    >>> from srcgrad import nn, tensor
    >>> w = nn.Parameter([3.0, 4.0])
    >>> (w * w).sum().backward()
    >>> nn.utils.clip_grad_norm_([w], 1.0)
    tensor(10.)
    >>> w.grad.round(3)
    tensor([0.6, 0.8])
    """
    given = with_gradients(parameters)
    total = norm_of([norm_of(plain(param.grad), norm_type) for param in given], norm_type)
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(f"The total norm of order {norm_type} for gradients from `parameters` is non-finite, "
                           "so it cannot be clipped.")  # fmt: skip
    factor = max_norm / (total + 1e-6)
    if not factor >= 1:
        for param in given:
            param.grad.mul_(factor)
    return make(np.array(total))


def clip_grad_value_(parameters: Any, clip_value: float) -> None:
    """Clip every element of the gradients, in place.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Whose gradients.
    clip_value : float
        The largest size of an element.
    """
    for param in with_gradients(parameters):
        param.grad.clip_(-clip_value, clip_value)


def parameters_to_vector(parameters: Iterable[Any]) -> Any:
    """All parameters one after the other, as one vector."""
    return np.concatenate([np.ravel(param) for param in parameters])


def vector_to_parameters(vec: Any, parameters: Iterable[Any]) -> None:
    """Put the parts of a vector into parameters, in place."""
    values, start = np.asarray(plain(vec)), 0
    for param in parameters:
        param.data = values[start : start + param.size].reshape(param.shape).astype(param.dtype)
        start += param.size
