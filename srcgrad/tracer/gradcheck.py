"""``gradcheck`` and ``gradgradcheck``: gradients compared with central differences, entry by entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcgrad.tracer.functional import jacobian
from srcgrad.tracer.gradients import grad
from srcgrad.tracer.modes import GradMode
from srcgrad.tracer.tensor import Tensor, make


class GradcheckError(RuntimeError):
    """A gradient differs from the differences of the values."""


def gradcheck(func: Callable[..., Any], inputs: Any, eps: float = 1e-6, atol: float = 1e-5, rtol: float = 1e-3,
              raise_exception: bool = True) -> bool:  # fmt: skip
    """Compare the gradients of a function of tensors with central differences.

    Parameters
    ----------
    func : callable
        Takes tensors, gives a tensor or a tuple of them.
    inputs : Tensor or tuple of Tensor
        Where; those that require a gradient are checked, in double precision.
    eps, atol, rtol : float
        The step, and how much may differ.
    raise_exception : bool
        Raise where they differ, instead of giving False.

    Returns
    -------
    bool
        Do they agree?
    """
    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    checked = [k for k, x in enumerate(given) if isinstance(x, Tensor) and x.requires_grad]
    if not checked:
        raise ValueError("gradcheck expects at least one input tensor to require gradient")
    of_checked = restricted(func, given, checked)
    found = jacobian(of_checked, tuple(given[k] for k in checked))
    rows = found if isinstance(found[0], tuple) else (found,)
    for out, row in enumerate(rows):
        for place, (k, analytical) in enumerate(zip(checked, row, strict=True)):
            numerical = differences(of_checked, [given[j] for j in checked], place, out, eps)
            problem = difference(analytical._value, numerical, atol, rtol)
            if problem and raise_exception:
                raise GradcheckError(f"Jacobian mismatch for output {out} with respect to input {k}, {problem}")
            if problem:
                return False
    return True


def restricted(func: Callable[..., Any], given: tuple[Any, ...], checked: list[int]) -> Callable[..., Any]:
    """The function of the inputs that are checked."""

    def call(*chosen: Any) -> Any:
        everything = list(given)
        for k, x in zip(checked, chosen, strict=True):
            everything[k] = x
        return func(*everything)

    return call


def differences(func: Callable[..., Any], inputs: Sequence[Tensor], k: int, out: int, eps: float) -> Any:
    """The Jacobian of one output by one input, by central differences."""

    def value(at: Any) -> Any:
        moved = [make(at) if j == k else x.detach() for j, x in enumerate(inputs)]
        with GradMode(False):
            outs = func(*moved)
        chosen = outs[out] if isinstance(outs, tuple) else outs
        return np.array(chosen._value if isinstance(chosen, Tensor) else chosen)

    base = np.asarray(inputs[k]._value, float)
    columns = []
    for index in np.ndindex(base.shape):
        step = np.zeros_like(base)
        step[index] = eps
        columns.append((value(base + step) - value(base - step)) / (2 * eps))
    shape = np.shape(value(base))
    return np.stack(columns, -1).reshape((*shape, *base.shape)) if columns else np.zeros((*shape, *base.shape))


def difference(analytical: Any, numerical: Any, atol: float, rtol: float) -> str:
    """What to say of the entry that differs most; empty where none does."""
    gap = np.abs(analytical - numerical)
    excess = np.where(np.isnan(gap), np.inf, gap - atol - rtol * np.abs(numerical))
    if excess.size == 0 or np.max(excess) <= 0:
        return ""
    place = tuple(map(int, np.unravel_index(np.argmax(excess), excess.shape)))
    there = f"numerical {numerical[place]:.8g}, analytical {analytical[place]:.8g}"
    return f"at {place}: {there}, they differ by {gap[place]:.3g}"


def gradgradcheck(func: Callable[..., Any], inputs: Any, eps: float = 1e-6, atol: float = 1e-5, rtol: float = 1e-3,
                  raise_exception: bool = True) -> bool:  # fmt: skip
    """The same for the second derivatives: `gradcheck` of the gradient of the sum of the outputs, squared.

    Parameters
    ----------
    func, inputs, eps, atol, rtol, raise_exception
        As for `gradcheck`.

    Returns
    -------
    bool
        Do they agree?
    """
    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)

    def gradient(*chosen: Any) -> Any:
        with GradMode(True):
            leaves = [live(x) if isinstance(x, Tensor) and given[k].requires_grad else x for k, x in enumerate(chosen)]
            outs = func(*leaves)
            total = sum(np.sum(out * out) for out in (outs if isinstance(outs, tuple) else (outs,)))
            wanted = [x for k, x in enumerate(leaves) if isinstance(x, Tensor) and given[k].requires_grad]
            return grad(total, wanted, create_graph=True, materialize_grads=True)

    return gradcheck(gradient, given, eps, atol, rtol, raise_exception)


def live(x: Tensor) -> Tensor:
    """The tensor itself, or a leaf with its value where nothing is recorded of it."""
    return x if x._node is not None else make(x._value).requires_grad_()
