"""Define by run: tensors that record what is done with them, over NumPy and the one table of rules."""

from srcgrad.tracer import functional, methods, operators, plainness, protocols, writes
from srcgrad.tracer.anomaly import detect_anomaly
from srcgrad.tracer.create import as_tensor, from_numpy, tensor
from srcgrad.tracer.function import Function
from srcgrad.tracer.gradcheck import gradcheck, gradgradcheck
from srcgrad.tracer.gradients import backward, grad
from srcgrad.tracer.modes import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from srcgrad.tracer.picture import graph
from srcgrad.tracer.tensor import Tensor

PARTS = (methods, operators, plainness, protocols, writes)

__all__ = [
    "Function",
    "Tensor",
    "as_tensor",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "from_numpy",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "is_grad_enabled",
    "no_grad",
    "set_grad_enabled",
    "tensor",
]
