"""Derivatives inside programs: hands the frontend what differentiates a function in IR, and the operators' names."""

from __future__ import annotations

import importlib
from typing import Any

import srcgrad.api.derive as derive
from srcgrad.api.gradients import grad, value_and_grad
from srcgrad.api.jacobians import hessian, jacfwd, jacobian, jacrev
from srcgrad.api.products import hvp, jvp, vjp
from srcgrad.frontend import islands
from srcgrad.frontend.derivatives import Engine, install
from srcgrad.frontend.signature import AnySpec, Spec
from srcgrad.ir.core import Func


def primal_of(func: Func) -> tuple[derive.Primal, derive.Wanted]:
    """A function whose own parameters are all differentiated."""
    specs: list[Spec] = [AnySpec() for _ in func.params]
    return derive.prepare(func, specs), derive.Wanted(tuple((leaf.param,) for leaf in func.leaves), single=False)


def gradient(func: Func, *, value: bool, aux: bool) -> Func:
    """The gradient by all parameters."""
    return derive.gradient(*primal_of(func), value=value, aux=aux).func


def tangent(func: Func) -> Func:
    """Value and tangent."""
    return derive.tangent(*primal_of(func))


def traced(island: islands.Island, args: tuple[Any, ...]) -> Any:
    """Run an island; the tracer is loaded when the first one is met."""
    tracing: Any = importlib.import_module("srcgrad.api.traced")
    return tracing.island_run(island, args)


islands.install(traced)
install(
    Engine(gradient, tangent),
    {
        "grad": grad, "value_and_grad": value_and_grad, "jacobian": jacobian, "jacfwd": jacfwd, "jacrev": jacrev,
        "hessian": hessian, "jvp": jvp, "vjp": vjp, "hvp": hvp,
    },
)  # fmt: skip
