"""Define by run: tensors that record what is done with them, over NumPy and the one table of rules."""

from srcgrad.tracer import exchange, functional, methods, operators, plainness, protocols, torch_names, writes
from srcgrad.tracer.again import checkpoint
from srcgrad.tracer.amp import GradScaler, autocast
from srcgrad.tracer.anomaly import detect_anomaly, is_anomaly_enabled, set_detect_anomaly
from srcgrad.tracer.create import Variable, as_tensor, from_dlpack, from_numpy, tensor
from srcgrad.tracer.factories import (
    arange,
    cat,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    linspace,
    ones,
    ones_like,
    rand,
    rand_like,
    randint,
    randn,
    randn_like,
    randperm,
    stack,
    zeros,
    zeros_like,
)
from srcgrad.tracer.function import Function, once_differentiable
from srcgrad.tracer.generator import default_generator, manual_seed
from srcgrad.tracer.gradcheck import gradcheck, gradgradcheck
from srcgrad.tracer.gradients import backward, grad
from srcgrad.tracer.modes import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from srcgrad.tracer.picture import graph
from srcgrad.tracer.saved import saved_tensors_hooks
from srcgrad.tracer.tensor import Tensor

PARTS = (exchange, methods, operators, plainness, protocols, torch_names, writes)

__all__ = [
    "Function",
    "GradScaler",
    "Tensor",
    "Variable",
    "arange",
    "as_tensor",
    "autocast",
    "backward",
    "cat",
    "checkpoint",
    "default_generator",
    "detect_anomaly",
    "empty",
    "empty_like",
    "enable_grad",
    "eye",
    "from_dlpack",
    "from_numpy",
    "full",
    "full_like",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "is_anomaly_enabled",
    "is_grad_enabled",
    "linspace",
    "manual_seed",
    "no_grad",
    "once_differentiable",
    "ones",
    "ones_like",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "randperm",
    "saved_tensors_hooks",
    "set_detect_anomaly",
    "set_grad_enabled",
    "stack",
    "tensor",
    "zeros",
    "zeros_like",
]
