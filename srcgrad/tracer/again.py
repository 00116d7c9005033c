"""Checkpoints: what a function saves is thrown away, and computed once more when the sweep back asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from srcgrad.tracer.generator import default_generator
from srcgrad.tracer.modes import GradMode
from srcgrad.tracer.saved import saved_tensors_hooks
from srcgrad.tracer.tensor import Tensor


def checkpoint(function: Callable[..., Any], *args: Any, use_reentrant: bool = False, preserve_rng_state: bool = True,
               **kwargs: Any) -> Any:  # fmt: skip
    """Call a function whose intermediate values are not kept: they are computed again in the sweep back.

    Parameters
    ----------
    function : callable
        Takes tensors; must do the same when it is called again.
    *args, **kwargs
        Its arguments.
    use_reentrant : bool
        Accepted and without effect: there is one way to do this here.
    preserve_rng_state : bool
        Draw the same random numbers (of `manual_seed`'s generator) when it is called again.

    Returns
    -------
    object
        What the function returns, recorded.
    """
    run = Again(function, args, kwargs, preserve_rng_state)
    with saved_tensors_hooks(run.pack, run.unpack):
        return function(*args, **kwargs)


class Again:
    """What a function saves, by the order in which it is saved."""

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any],
                 preserve: bool) -> None:  # fmt: skip
        self.function, self.args, self.kwargs = function, args, kwargs
        self.state = default_generator().bit_generator.state if preserve else None
        self.versions = [t._version for t in (*args, *kwargs.values()) if isinstance(t, Tensor)]
        self.count = 0
        self.found: dict[int, Any] = {}

    def pack(self, value: Any) -> int:
        """Only its number."""
        self.count += 1
        return self.count - 1

    def unpack(self, number: int) -> Any:
        """The value of this number: all are computed anew where it is not at hand."""
        if number not in self.found:
            self.found = self.run()
        return self.found.pop(number)

    def run(self) -> dict[int, Any]:
        """Call the function again, and keep what it saves."""
        if self.versions != [t._version for t in (*self.args, *self.kwargs.values()) if isinstance(t, Tensor)]:
            raise RuntimeError("checkpoint: an argument was modified by an inplace operation since the function ran")
        found: dict[int, Any] = {}
        args = [fresh(arg) for arg in self.args]
        kwargs = {name: fresh(arg) for name, arg in self.kwargs.items()}
        generator = default_generator().bit_generator
        now, generator.state = generator.state, self.state or generator.state
        try:
            with GradMode(True), saved_tensors_hooks(lambda t: found.setdefault(len(found), t), lambda t: t):
                self.function(*args, **kwargs)
        finally:
            generator.state = now
        if len(found) != self.count:
            raise RuntimeError("checkpoint: a different number of tensors was saved when the function was called again")
        return found


def fresh(arg: Any) -> Any:
    """The argument without its history: what is recorded of it is thrown away."""
    return arg.detach().requires_grad_(arg.requires_grad) if isinstance(arg, Tensor) else arg
