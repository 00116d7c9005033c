"""What is recorded in this thread: the grad mode, and whether a whole function is being traced."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

from srcgrad.errors import Span, SrcgradError


class Run:
    """One trace of a whole function that is under way.

    Attributes
    ----------
    outer : the trace it is part of
    refusal : the first thing that was refused in it
    text : where a value that has a derivative was made text first
    """

    __slots__ = ("outer", "refusal", "text")

    def __init__(self, outer: Run | None) -> None:
        self.outer = outer
        self.refusal: SrcgradError | None = None
        self.text: Span | None = None


RUNS: set[Run] = set()  # of all threads
SPECIAL: list[Any] = []  # what asks for more than values and nodes, in any thread: forward sweeps, watchers, casts


class Mode(threading.local):
    """The state of one thread; the class attributes are what a new thread starts with.

    Attributes
    ----------
    on : are operations on tensors that require a gradient recorded?
    tracing : is a function traced that was written for arrays? Then a write never disturbs what was saved, and a value
        that has a derivative cannot leave as a plain number
    levels : how many forward sweeps are under way, one inside the other
    run : the trace of a whole function that is under way
    anomaly, check_nan : do operations remember their lines, are cotangents searched for NaN?
    packing : the hooks that what is saved is handed to
    profile : what is told of every operation and its time; None where nobody asks
    cast : the dtype in which products of matrices are computed; None where that is not changed
    """

    on = True
    tracing = False
    levels = 0
    run: Run | None = None
    anomaly = False
    check_nan = False
    packing: Any = None
    cast: Any = None
    profile: Any = None


MODE = Mode()


class GradMode:
    """Sets the grad mode of this thread: for a ``with`` block, or for the calls of a decorated function."""

    def __init__(self, on: bool) -> None:
        self._on = on
        self._before: list[bool] = []

    def __enter__(self) -> None:
        self._before.append(MODE.on)
        MODE.on = self._on

    def __exit__(self, *_: object) -> None:
        MODE.on = self._before.pop()

    def __call__(self, fn: Callable[..., Any]) -> Any:
        """Decorate a function: all its calls run in this mode."""
        on = self._on

        @functools.wraps(fn)
        def inner(*args: Any, **kwargs: Any) -> Any:
            with GradMode(on):
                return fn(*args, **kwargs)

        return inner


def no_grad(fn: Callable[..., Any] | None = None) -> Any:
    """Record nothing: ``with no_grad():``, or a decorator.

    Parameters
    ----------
    fn : callable, optional
        The function to decorate.

    Returns
    -------
    GradMode or callable
        A context manager that decorates too, or the decorated function.
    """
    return GradMode(False) if fn is None else GradMode(False)(fn)


def enable_grad(fn: Callable[..., Any] | None = None) -> Any:
    """Record again, inside `no_grad`: ``with enable_grad():``, or a decorator.

    Parameters
    ----------
    fn : callable, optional
        The function to decorate.

    Returns
    -------
    GradMode or callable
        A context manager that decorates too, or the decorated function.
    """
    return GradMode(True) if fn is None else GradMode(True)(fn)


class Switch(GradMode):
    """Sets the mode when it is made; a ``with`` block puts the mode back that was set before."""

    def __init__(self, mode: bool) -> None:
        super().__init__(mode)
        self._first: list[bool] = [MODE.on]
        MODE.on = mode

    def __enter__(self) -> None:
        self._before.append(self._first.pop() if self._first else MODE.on)
        MODE.on = self._on


def set_grad_enabled(mode: bool) -> GradMode:
    """Record or not, from now on, or within a ``with`` block.

    Parameters
    ----------
    mode : bool
        Whether operations are recorded.

    Returns
    -------
    GradMode
        A context manager at whose end the mode is what it was.
    """
    return Switch(mode)


def inference_mode(mode: Any = True) -> Any:
    """Record nothing: ``with inference_mode():``, or a decorator; with False, as if it was not there.

    Parameters
    ----------
    mode : bool, or callable
        Whether it applies; or the function to decorate.

    Returns
    -------
    GradMode or callable
        A context manager that decorates too, or the decorated function.
    """
    return GradMode(False)(mode) if callable(mode) else GradMode(not mode and MODE.on)


def is_grad_enabled() -> bool:
    """Are operations recorded in this thread?

    Returns
    -------
    bool
        False within `no_grad`.
    """
    return MODE.on
