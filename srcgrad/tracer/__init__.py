"""Define by run: tensors that record what is done with them, over NumPy and the one table of rules."""

from srcgrad.tracer import methods, operators, plainness, protocols, writes
from srcgrad.tracer.create import as_tensor, from_numpy, tensor
from srcgrad.tracer.function import Function
from srcgrad.tracer.gradients import backward, grad
from srcgrad.tracer.modes import enable_grad, is_grad_enabled, no_grad, set_grad_enabled
from srcgrad.tracer.tensor import Tensor

PARTS = (methods, operators, plainness, protocols, writes)

__all__ = [
    "Function",
    "Tensor",
    "as_tensor",
    "backward",
    "enable_grad",
    "from_numpy",
    "grad",
    "is_grad_enabled",
    "no_grad",
    "set_grad_enabled",
    "tensor",
]
