"""The calls: a function becomes its derivative."""

from __future__ import annotations

from srcgrad.api import inner as inner
from srcgrad.api.explain import explain
from srcgrad.api.gradients import grad, value_and_grad
from srcgrad.api.jacobians import hessian, jacfwd, jacobian, jacrev
from srcgrad.api.products import hvp, jvp, vjp
from srcgrad.api.specs import spec
from srcgrad.runtime import stop_gradient

__all__ = ["explain", "grad", "hessian", "hvp", "jacfwd", "jacobian", "jacrev", "jvp", "spec", "stop_gradient",
           "value_and_grad", "vjp"]  # fmt: skip
