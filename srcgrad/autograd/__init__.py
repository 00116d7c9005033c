"""The autograd engine under PyTorch's names: what is not a method of tensors."""

from srcgrad.autograd import functional, profiler
from srcgrad.tracer import (
    Function,
    Variable,
    backward,
    checkpoint,
    detect_anomaly,
    enable_grad,
    grad,
    gradcheck,
    gradgradcheck,
    graph,
    inference_mode,
    is_anomaly_enabled,
    no_grad,
    once_differentiable,
    saved_tensors_hooks,
    set_detect_anomaly,
    set_grad_enabled,
)

__all__ = [
    "Function",
    "Variable",
    "backward",
    "checkpoint",
    "detect_anomaly",
    "enable_grad",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "is_anomaly_enabled",
    "no_grad",
    "once_differentiable",
    "profiler",
    "saved_tensors_hooks",
    "set_detect_anomaly",
    "set_grad_enabled",
]
