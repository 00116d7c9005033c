"""The derivative object: a callable that makes code at the first call of a signature, and keeps it."""

from __future__ import annotations

import functools
import inspect
import threading
import types
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad.api.arguments import Choice, as_float, bind, check_choice, signature_of, targets_of
from srcgrad.api.results import check_result, convert
from srcgrad.api.versions import Lowering, Version, emit, lower_for
from srcgrad.autodiff.derive import Primal, Wanted, gradient, pullback, tangent
from srcgrad.errors import ArgumentError, UnsupportedError, UnusedArgumentWarning
from srcgrad.frontend.signature import Spec, spec_of
from srcgrad.ir.core import Func


@dataclass(frozen=True)
class Options:
    """How a derivative is made."""

    kind: str  # grad, value_and_grad
    choice: Choice
    has_aux: bool = False
    mode: str = "auto"
    fallback: str = "warn"
    unused: str = "zero"
    holomorphic: bool = False
    backend: str = "numpy"

    def __post_init__(self) -> None:
        allowed = {"mode": ("auto", "source", "trace"), "fallback": ("warn", "error", "silent"),
                   "unused": ("zero", "none", "error"), "backend": ("numpy", "plain")}  # fmt: skip
        for name, values in allowed.items():
            if getattr(self, name) not in values:
                raise ArgumentError(f"{name}={getattr(self, name)!r} is not known", repair=f"It is one of {', '.join(values)}.")


class Derivative:
    """The gradient of a function, as a function.

    Made by `grad` and `value_and_grad`. Code is made at the first call of a signature (dtypes, ranks, container
    structure), and kept.
    """

    def __init__(self, fn: Callable[..., Any], options: Options) -> None:
        if not callable(fn):
            raise ArgumentError(f"cannot differentiate {fn!r}: it is not callable", repair="Pass a function.")
        self.primal = fn
        self.options = options
        self.signature = signature_of(fn)
        check_choice(options.choice, self.signature, self.label)
        self._versions: dict[Any, Version] = {}
        self._lock = threading.RLock()
        self._last: Version | None = None
        functools.update_wrapper(self, fn, updated=())
        self.__signature__ = self.signature

    @property
    def label(self) -> str:
        """The function's name."""
        return getattr(self.primal, "__name__", type(self.primal).__name__)

    def __repr__(self) -> str:
        return f"<{self.options.kind} of {self.label}>"

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    # --- calling ------------------------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        values = bind(self.signature, args, kwargs)
        targets = targets_of(self.options.choice, self.signature, values, self.label)
        values = as_float(values, targets)
        version, captured = self.version(values, targets)
        self._last = version
        return self.finish(version, version.run(*values.values(), **captured), values, targets)

    def finish(self, version: Version, result: Any, values: dict[str, Any], targets: Any) -> Any:
        """Kinds as they came in."""
        convert_grads = functools.partial(convert, values=list(values.values()), targets=targets,
                                          single=self.options.choice.single)  # fmt: skip
        if self.options.kind == "value_and_grad":
            return result[0], convert_grads(result[1])
        return (convert_grads(result[0]), result[1]) if self.options.has_aux else convert_grads(result)

    def version(self, values: dict[str, Any], targets: Any) -> tuple[Version, dict[str, Any]]:
        """The code for these arguments, made if there is none."""
        specs = {name: spec_of(value, name) for name, value in values.items()}
        key = (tuple(specs.values()), targets)
        with self._lock:
            version = self._versions.get(key)
            if version is not None and version.valid and _still_static(version, values):
                captured = version.captured()
                if captured is not None:
                    return version, captured
            version = self.build(specs, values, targets)
            self._versions[key] = version
        captured = version.captured()
        assert captured is not None
        return version, captured

    def build(self, specs: dict[str, Spec], values: dict[str, Any] | None, targets: Any) -> Version:
        """Make code for a signature."""
        if self.options.mode == "trace":
            raise UnsupportedError("there is no tracer yet", repair='Use mode="auto".')
        lowering = self.lowering(specs, values)
        func = self.differentiate(lowering, targets, values)
        text, run = emit(func)
        return Version(func, text, run, lowering.lowered, {"specs": lowering.specs, "values": dict(values or {})})

    def lowering(self, specs: dict[str, Spec], values: dict[str, Any] | None) -> Lowering:
        """The primal in IR: of the function, or of the derivative that is differentiated once more."""
        if isinstance(self.primal, Derivative):
            inner = self.primal
            targets = targets_of(inner.options.choice, inner.signature, values or {}, inner.label)
            below = inner.lowering(specs, values)
            func = inner.differentiate(below, targets, values)
            return Lowering(Primal(func, list(below.specs.values())), below.lowered, below.specs)
        return lower_for(self.primal, specs, values)

    def differentiate(self, lowering: Lowering, targets: Any, values: dict[str, Any] | None) -> Func:
        """IR of the derivative."""
        wanted = Wanted(tuple(targets), self.options.choice.single)
        check_result(lowering.primal.func, self.options, self.primal, values)
        return gradient(lowering.primal, wanted, value=self.options.kind == "value_and_grad", aux=self.options.has_aux,
                        name=f"{self.label}_{self.options.kind}").func  # fmt: skip

    # --- looking ------------------------------------------------------------------------------------------------

    @property
    def source(self) -> str:
        """The generated code of the signature that was called or compiled last."""
        version = self._last
        return version.source if version is not None else "# call it, or compile() it, to see the code\n"

    @property
    def sources(self) -> dict[str, str]:
        """The generated code of every signature."""
        return {", ".join(map(str, key[0])): version.source for key, version in self._versions.items()}

    @property
    def ir(self) -> Func | None:
        """The IR of the same version as `source`."""
        return self._last.func if self._last is not None else None


def _still_static(version: Version, values: dict[str, Any]) -> bool:
    """Are arguments whose values were built in what they were?"""
    for place in version.extra["specs"]:
        spec = version.extra["specs"][place]
        if type(spec).__name__ == "StaticSpec" and spec != spec_of(values[place], place):
            known = version.extra["values"].get(place)
            if type(known) is not type(values[place]) or known != values[place]:
                return False
    return True


__all__ = ["Derivative", "Options", "UnusedArgumentWarning", "inspect", "np", "pullback", "tangent", "warnings"]
