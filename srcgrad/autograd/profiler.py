"""The profiler, where PyTorch has it."""

from srcgrad.profiler import profile, record_function

__all__ = ["profile", "record_function"]
