"""The front door: every public name, imported when it is first asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from srcgrad import errors as errors
    from srcgrad import ir as ir
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
]

_MODULES = {"errors": "srcgrad.errors", "ir": "srcgrad.ir", "rule": "srcgrad.api.rule"}


def _home(name: str) -> str:
    """The module that defines a public name."""
    if name == "check_grads":
        return "srcgrad.testing"
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
