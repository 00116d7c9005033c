"""The front door: every public name, imported when it is first asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from srcgrad import autograd as autograd
    from srcgrad import errors as errors
    from srcgrad import ir as ir
    from srcgrad import nn as nn
    from srcgrad import optim as optim
    from srcgrad import profiler as profiler
    from srcgrad.api import (
        grad,
        hessian,
        hvp,
        jacfwd,
        jacobian,
        jacrev,
        jvp,
        rule,
        spec,
        stop_gradient,
        value_and_grad,
        vjp,
    )
    from srcgrad.api.bridge import compile
    from srcgrad.api.explain import explain
    from srcgrad.errors import (
        AliasError,
        ArgumentError,
        FallbackWarning,
        NonDifferentiableError,
        NonScalarError,
        SourceError,
        SrcgradError,
        TracedValueError,
        UnsupportedError,
        UnusedArgumentWarning,
    )
    from srcgrad.testing import check_grads
    from srcgrad.tracer import (
        GradScaler,
        Tensor,
        arange,
        as_tensor,
        autocast,
        cat,
        empty,
        empty_like,
        enable_grad,
        eye,
        from_dlpack,
        from_numpy,
        full,
        full_like,
        inference_mode,
        is_grad_enabled,
        linspace,
        manual_seed,
        no_grad,
        ones,
        ones_like,
        rand,
        rand_like,
        randint,
        randn,
        randn_like,
        randperm,
        set_grad_enabled,
        stack,
        zeros,
        zeros_like,
    )
    from srcgrad.tracer.again import checkpoint
    from srcgrad.tracer.create import tensor

__version__ = "0.1.0"

__all__ = [
    "grad",
    "value_and_grad",
    "vjp",
    "jvp",
    "jacobian",
    "jacfwd",
    "jacrev",
    "hessian",
    "hvp",
    "stop_gradient",
    "explain",
    "spec",
    "check_grads",
    "SrcgradError",
    "UnsupportedError",
    "AliasError",
    "SourceError",
    "NonScalarError",
    "NonDifferentiableError",
    "ArgumentError",
    "TracedValueError",
    "FallbackWarning",
    "UnusedArgumentWarning",
    "errors",
    "ir",
    "rule",
    "nn",
    "optim",
    "autograd",
    "profiler",
    "compile",
    "tensor",
    "Tensor",
    "as_tensor",
    "from_numpy",
    "from_dlpack",
    "zeros",
    "ones",
    "empty",
    "full",
    "zeros_like",
    "ones_like",
    "empty_like",
    "full_like",
    "eye",
    "arange",
    "linspace",
    "rand",
    "randn",
    "rand_like",
    "randn_like",
    "randint",
    "randperm",
    "manual_seed",
    "stack",
    "cat",
    "no_grad",
    "enable_grad",
    "set_grad_enabled",
    "inference_mode",
    "is_grad_enabled",
    "autocast",
    "GradScaler",
    "checkpoint",
]

_MODULES = {
    "errors": "srcgrad.errors",
    "ir": "srcgrad.ir",
    "rule": "srcgrad.api.rule",
    "nn": "srcgrad.nn",
    "optim": "srcgrad.optim",
    "autograd": "srcgrad.autograd",
    "profiler": "srcgrad.profiler",
}
_TRACED = frozenset(__all__[__all__.index("tensor") :])  # define by run


def _home(name: str) -> str:
    """The module that defines a public name."""
    if name == "check_grads":
        return "srcgrad.testing"
    if name == "compile":
        return "srcgrad.api.bridge"
    if name in _TRACED:
        return "srcgrad.tracer"
    return "srcgrad.errors" if name.endswith(("Error", "Warning")) else "srcgrad.api"


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'srcgrad' has no attribute '{name}'")
    if name in _MODULES:
        value: Any = importlib.import_module(_MODULES[name])
    else:
        value = getattr(importlib.import_module(_home(name)), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
