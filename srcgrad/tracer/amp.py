"""Mixed precision: products of matrices in half precision, sums and powers in single, and the scaling of losses."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.tracer.modes import MODE, SPECIAL
from srcgrad.tracer.record import BEFORE, record
from srcgrad.tracer.tensor import Tensor, is_array

__all__ = ["Autocast", "GradScaler", "autocast"]

LOWER = {np.matmul, operator.matmul, np.dot, np.inner, np.outer, np.tensordot, np.einsum, np.convolve}
UPPER = {np.exp, np.expm1, np.log, np.log2, np.log10, np.log1p, np.power, operator.pow, np.sum, np.prod, np.cumsum,
         np.cumprod, np.reciprocal, np.sinh, np.cosh, np.tan, np.arccos, np.arcsin, np.linalg.norm}  # fmt: skip


class Autocast:
    """Within ``with autocast():`` products of float32 matrices are computed in half precision; a decorator too.

    Sums, powers, exponentials and logarithms of float16 are computed in float32. As in PyTorch, float64 is left alone:
    make the model ``.float()`` first.

    Parameters
    ----------
    device_type : str
        Accepted and without effect: there is the CPU only.
    dtype : dtype, optional
        float16 where it is not given; NumPy has no bfloat16.
    enabled : bool
        With False, computes as if it was not there.
    """

    def __init__(self, device_type: str = "cpu", dtype: Any = None, enabled: bool = True, **_: Any) -> None:
        self._dtype = np.dtype(dtype or np.float16) if enabled else None
        self._before: list[Any] = []

    def __enter__(self) -> Autocast:
        self._before.append(MODE.cast)
        MODE.cast = self._dtype
        SPECIAL.append(self)
        BEFORE.append(cast_operands)
        return self

    def __exit__(self, *_: object) -> None:
        MODE.cast = self._before.pop()
        SPECIAL.remove(self)
        BEFORE.remove(cast_operands)

    def __call__(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """Decorate a function."""

        @functools.wraps(fn)
        def inner(*args: Any, **kwargs: Any) -> Any:
            with self:
                return fn(*args, **kwargs)

        return inner


autocast = Autocast


def cast_operands(fn: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments of a function in the precision it is computed in."""
    if MODE.cast is None:
        return args
    if fn in LOWER:
        return tuple([converted(arg, np.float32, MODE.cast) for arg in args])
    return tuple([converted(arg, np.float16, np.float32) for arg in args]) if fn in UPPER else args


def converted(arg: Any, old: Any, new: Any) -> Any:
    """An argument of one dtype in another."""
    if isinstance(arg, Tensor):
        return record(runtime.as_type, (arg, new), {}) if arg.dtype == old else arg
    return arg.astype(new) if is_array(arg) and arg.dtype == old else arg


class GradScaler:
    """Scales losses, so that gradients in half precision do not vanish, and skips steps whose gradients overflow.

    Parameters
    ----------
    device : str
        Accepted and without effect.
    init_scale : float
        The first scale.
    growth_factor, backoff_factor : float
        What the scale is multiplied with after `growth_interval` good steps, and after one that overflowed.
    growth_interval : int
        How many good steps it takes.
    enabled : bool
        With False, it does nothing.
    """

    def __init__(self, device: str = "cpu", init_scale: float = 65536.0, growth_factor: float = 2.0,
                 backoff_factor: float = 0.5, growth_interval: int = 2000, enabled: bool = True) -> None:  # fmt: skip
        self._scale = float(init_scale)
        self._growth, self._backoff, self._interval = growth_factor, backoff_factor, growth_interval
        self._enabled, self._good = enabled, 0
        self._overflowed: dict[int, bool] = {}  # by optimizer, those whose gradients are unscaled

    def is_enabled(self) -> bool:
        """Does it do anything?"""
        return self._enabled

    def get_scale(self) -> float:
        """What losses are multiplied with."""
        return self._scale if self._enabled else 1.0

    def scale(self, outputs: Any) -> Any:
        """A loss, or several, times the scale.

        Parameters
        ----------
        outputs : Tensor, or list or tuple of Tensor
            The losses.

        Returns
        -------
        Tensor, or list or tuple of Tensor
            To be differentiated.
        """
        if isinstance(outputs, (list, tuple)):
            return type(outputs)(map(self.scale, outputs))
        return outputs * self._scale if self._enabled else outputs

    def unscale_(self, optimizer: Any) -> None:
        """Divide the gradients of an optimizer's parameters by the scale; before clipping, for instance.

        Parameters
        ----------
        optimizer : Optimizer
            With `param_groups`.
        """
        if not self._enabled:
            return
        if id(optimizer) in self._overflowed:
            raise RuntimeError("unscale_() has already been called on this optimizer since the last update().")
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        with np.errstate(all="ignore"):
            for grad in grads:
                grad._value = np.asarray(grad._value / grad.dtype.type(self._scale), grad.dtype)
        self._overflowed[id(optimizer)] = not all(bool(np.all(np.isfinite(grad._value))) for grad in grads)

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """Let an optimizer step, unless a gradient is infinite or NaN.

        Parameters
        ----------
        optimizer : Optimizer
            With `param_groups` and ``step()``.
        *args, **kwargs
            For ``step()``.

        Returns
        -------
        object
            What ``step()`` gave; None where it was skipped.
        """
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if id(optimizer) not in self._overflowed:
            self.unscale_(optimizer)
        return None if self._overflowed[id(optimizer)] else optimizer.step(*args, **kwargs)

    def update(self, new_scale: float | None = None) -> None:
        """Adapt the scale to what the steps since the last call gave.

        Parameters
        ----------
        new_scale : float, optional
            The scale from now on.
        """
        if not self._enabled:
            return
        if new_scale is not None:
            self._scale = float(new_scale)
        elif any(self._overflowed.values()):
            self._scale, self._good = self._scale * self._backoff, 0
        else:
            self._good += 1
            if self._good == self._interval:
                self._scale, self._good = self._scale * self._growth, 0
        self._overflowed.clear()

    def state_dict(self) -> dict[str, Any]:
        """What is needed to go on later."""
        return {"scale": self._scale, "growth_factor": self._growth, "backoff_factor": self._backoff,
                "growth_interval": self._interval, "_growth_tracker": self._good}  # fmt: skip

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where another stopped.

        Parameters
        ----------
        state : dict
            From `state_dict`.
        """
        self._scale, self._good = float(state["scale"]), int(state["_growth_tracker"])
        self._growth, self._backoff = state["growth_factor"], state["backoff_factor"]
        self._interval = state["growth_interval"]
