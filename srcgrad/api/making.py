"""The code of a derivative, made once per signature and kept; shared among closures of the same code."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import srcgrad.api.closures as closures
from srcgrad.api.arguments import Parameters, check_differentiable, label_of, pick
from srcgrad.api.derive import Primal, Target
from srcgrad.api.entries import same_statics, statics_of
from srcgrad.api.kinds import Convert
from srcgrad.api.options import Options
from srcgrad.api.versions import MAX_STATIC, Lowering, Version, lower_for
from srcgrad.errors import ArgumentError, SrcgradError, UnsupportedError
from srcgrad.frontend.islands import islands_in
from srcgrad.frontend.signature import Spec, spec_of
from srcgrad.ir.core import Func

TRACED = (
    "warn",
    "silent",
)  # what `fallback` must be, so that a call is traced where its source cannot be differentiated


class Maker:
    """What a callable that makes code for another one knows: the function, its parameters, the versions of the code.

    Subclasses say how the code is derived (`derive`) and what is done to its results (`finishing`).
    """

    def __init__(self, fn: Callable[..., Any], options: Options) -> None:
        if not callable(fn):
            raise ArgumentError(
                f"cannot differentiate {fn!r}: it is not callable", repair="Pass a function, not its result."
            )
        self.primal = fn
        self.options = options
        self.parameters: Parameters = fn.parameters if isinstance(fn, Maker) else Parameters(fn)
        self.inner = fn if isinstance(fn, Maker) else self.bound_derivative()
        self.parameters.check(options.choice)
        self.signature = self.parameters.shown
        self._versions: dict[Any, list[Version]] = {}

    def bound_derivative(self) -> Maker | None:
        """The derivative that a `partial` calls, None where it calls something else."""
        fn: Any = self.parameters.fn
        if not isinstance(fn, Maker):
            return None
        if fn.parameters.names != self.parameters.names:
            raise ArgumentError(
                f"cannot differentiate a partial of {fn!r}, which is one of a partial", repair="Write a lambda."
            )
        return fn

    @property
    def label(self) -> str:
        """The function's name."""
        return label_of(self.primal)

    def floats(self, args: tuple[Any, ...]) -> tuple[Target, ...]:
        """The differentiated Python ints, which become floats; what cannot vary is refused."""
        found = self.inner.floats(args) if self.inner is not None else ()
        for place in self.parameters.targets(self.options.choice, args):
            value = pick(args, place)
            if type(value) is int:
                found = (*found, place) if place not in found else found
            else:
                check_differentiable(value, self.parameters.name_of(place))
        return found

    def version(
        self, values: dict[str, Any], targets: tuple[Target, ...], floats: tuple[Target, ...] = ()
    ) -> tuple[Version, dict[str, Any]]:
        """The code for these arguments, made if there is none, and the captured values."""
        specs = {name: spec_of(value, name) for name, value in values.items()}
        known = self._versions.setdefault((tuple(specs.values()), targets, floats), [])
        args = tuple(values.values())
        for version in list(known):
            if not version.valid:
                known.remove(version)
            elif same_statics(version, args):
                captured = version.captured()
                if captured is not None:
                    return version, captured
        version = self.build(specs, values, targets, floats)
        known[:] = [*known[1 - MAX_STATIC :], version]
        captured = version.captured()
        if captured is None:
            raise UnsupportedError(f"what {self.label} reads from outside changed while it was compiled")
        return version, captured

    def build(
        self,
        specs: dict[str, Spec],
        values: dict[str, Any] | None,
        targets: tuple[Target, ...],
        floats: tuple[Target, ...] = (),
    ) -> Version:
        """Make code for a signature."""
        self.refuse_tracing()
        key = None if values is None else self.closure_key((tuple(specs.values()), targets, floats))
        found = None if key is None else self.of_another_closure(key, values or {})
        if found is not None:
            return found
        lowering = self.lowering(specs, values, floats)
        islands = list(islands_in(lowering.primal.func))
        for island in islands:
            self.tracer(island.error)
        version = self.derive(lowering, targets, values)
        version.lowering = lowering
        version.extra |= {
            "specs": lowering.specs,
            "values": dict(values or {}),
            "statics": statics_of(lowering, values),
        }
        if key is not None and not islands and not version.parts:
            closures.keep(key, self.parameters.fn, version)
        return version

    def closure_key(self, rest: Any) -> Any:
        """What code for the function is shared under; None where it is not shared."""
        chain: list[Any] = []
        each: Maker | None = self
        while each is not None:
            chain.append((type(each), each.options, each.label))
            each = each.inner
        partial = self.parameters.first or self.parameters.partials
        return None if partial else closures.closure_key(self.parameters.fn, (*chain, rest))

    def of_another_closure(self, key: Any, values: dict[str, Any]) -> Version | None:
        """The code made for another closure of the same code, where it is right for this one."""
        for version in closures.again(key, self.parameters.fn):
            if version.valid and same_statics(version, tuple(values.values())):
                version.extra["values"] = dict(values)
                return version
        return None

    def lowering(
        self, specs: dict[str, Spec], values: dict[str, Any] | None, floats: tuple[Target, ...] = ()
    ) -> Lowering:
        """The primal in IR: of the function, or of the derivative that is differentiated once more."""
        inner = self.inner
        if inner is None:
            return lower_for(self.parameters.fn, specs, values, floats, islands=self.may_trace)
        targets = inner.parameters.targets(inner.options.choice, tuple((values or specs).values()))
        below = inner.lowering(specs, values, floats)
        primal = Primal(inner.as_ir(below, targets, values), list(below.specs.values()))
        return Lowering(primal, below.lowered, below.specs, below.written, below.statics, below.layout)

    @property
    def may_trace(self) -> bool:
        """Is a call traced where the source cannot be differentiated?"""
        return self.options.mode == "trace" or (self.options.mode == "auto" and self.options.fallback in TRACED)

    def refuse_tracing(self) -> None:
        """Raise where tracing is asked for and there is nothing that traces."""
        if self.options.mode == "trace" and not self.may_trace:
            raise UnsupportedError("tracing is not available", repair='Use mode="auto".')

    def tracer(self, reason: SrcgradError | None) -> Any:
        """What traces; the reason once more where it may not."""
        if reason is not None and not self.may_trace:
            raise reason
        found: Any = importlib.import_module("srcgrad.api.traced")
        if reason is not None:
            found.warn_once(self, reason)
        return found

    # --- what subclasses say ----------------------------------------------------------------------------------------

    def derive(self, lowering: Lowering, targets: tuple[Target, ...], values: dict[str, Any] | None) -> Version:
        """The code of the derivative."""
        raise UnsupportedError(f"the {self.options.kind} of {self.label} has no code")

    def as_ir(self, lowering: Lowering, targets: tuple[Target, ...], values: dict[str, Any] | None) -> Func:
        """The derivative as one function in IR, to be differentiated again."""
        raise UnsupportedError(
            f"cannot differentiate {self!r} once more",
            repair="Use grad, value_and_grad, hessian or hvp for higher orders.",
        )

    def finishing(self, version: Version, targets: tuple[Target, ...]) -> Convert | None:
        """What is done to a result of the code."""
        return None

    def unused_text(self, version: Version, targets: tuple[Target, ...]) -> str:
        """The warning about arguments that do not matter, empty for none."""
        return ""
