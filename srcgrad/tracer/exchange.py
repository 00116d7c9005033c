"""Tensors given to other libraries: the array interchange protocol DLPack."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.tracer.leaving import is_active, leaving
from srcgrad.tracer.modes import MODE
from srcgrad.tracer.tensor import Tensor


def exported(self: Tensor, *, stream: Any = None, max_version: Any = None, dl_device: Any = None,
             copy: bool | None = None) -> Any:  # fmt: skip
    """The memory as a DLPack capsule, for ``from_dlpack`` of another library."""
    if is_active(self):
        leaving(self, "memory given away by DLPack")
        if MODE.on:
            raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    array = np.asarray(self._value)
    options = {"max_version": max_version, "dl_device": dl_device, "copy": copy}
    return array.__dlpack__(**{name: value for name, value in options.items() if value is not None})


def device(self: Tensor) -> tuple[int, int]:
    """Where the memory is: on the CPU."""
    kind, number = np.asarray(self._value).__dlpack_device__()
    return int(kind), int(number)


def install() -> None:
    """Give `Tensor` the protocol."""
    methods: dict[str, Any] = {"__dlpack__": exported, "__dlpack_device__": device}
    for name, method in methods.items():
        setattr(Tensor, name, method)


install()
