"""``grad`` and ``value_and_grad``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from srcgrad.api.derivative import Derivative
from srcgrad.api.options import Options, choose


def grad(f: Callable[..., Any] | None = None, argnums: Any = 0, *, argnames: Any = None, has_aux: bool = False,
         mode: str = "auto", fallback: str = "warn", unused: str = "zero", holomorphic: bool = False,
         backend: str = "numpy") -> Any:  # fmt: skip
    """The gradient of a function that returns one real number.

    Parameters
    ----------
    f : callable, optional
        A Python function of NumPy arrays, numbers and containers of them. Left out, a decorator is returned.
    argnums : int or tuple of int
        Which positional arguments to differentiate: an int gives a bare gradient, a tuple a tuple.
    argnames : str or tuple of str, optional
        The same by name.
    has_aux : bool
        `f` returns ``(value, aux)``; the result is ``(gradient, aux)``.
    mode : {"auto", "source", "trace"}
        How to differentiate.
    fallback : {"warn", "error", "silent"}
        What ``mode="auto"`` does where something has to be traced.
    unused : {"zero", "none", "error"}
        What the gradient is with respect to an argument that does not matter.
    holomorphic : bool
        `f` is complex-differentiable and returns a complex number.
    backend : {"numpy", "plain"}
        What the generated code is written for.

    Returns
    -------
    callable
        Takes the arguments of `f`; returns gradients of the shapes, dtypes and structure of the arguments.

    Raises
    ------
    NonScalarError
        At the call, if `f` does not return one real number.
    UnsupportedError
        At the call, if something in `f` cannot be differentiated; it names the line.

    Examples
    --------
    >>> import srcgrad
    >>> srcgrad.grad(lambda x: x**3)(2.0)
    12.0
    """
    options = Options("grad", choose(argnums, argnames), has_aux, mode, fallback, unused, holomorphic, backend)
    return Derivative(f, options) if f is not None else lambda fn: Derivative(fn, options)


def value_and_grad(f: Callable[..., Any] | None = None, argnums: Any = 0, *, argnames: Any = None,
                   has_aux: bool = False, mode: str = "auto", fallback: str = "warn", unused: str = "zero",
                   holomorphic: bool = False, backend: str = "numpy") -> Any:  # fmt: skip
    """The value of a function and its gradient, computed together.

    Parameters
    ----------
    f, argnums, argnames, has_aux, mode, fallback, unused, holomorphic, backend
        As for `grad`.

    Returns
    -------
    callable
        Takes the arguments of `f`; returns ``(value, gradient)``, with `has_aux` ``((value, aux), gradient)``.

    Examples
    --------
    >>> import srcgrad
    >>> srcgrad.value_and_grad(lambda x: x**3)(2.0)
    (8.0, 12.0)
    """
    options = Options(
        "value_and_grad", choose(argnums, argnames), has_aux, mode, fallback, unused, holomorphic, backend
    )
    return Derivative(f, options) if f is not None else lambda fn: Derivative(fn, options)
