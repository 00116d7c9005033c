"""Derivatives of functions of tensors, where PyTorch has them."""

from srcgrad.tracer.functional import hessian, hvp, jacobian, jvp, vhp, vjp

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]
