"""Hooks on what is saved for the sweep back: it may be kept elsewhere, or in another form, until it is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.tracer.modes import MODE, SPECIAL
from srcgrad.tracer.tensor import Tensor, make

Hook = Callable[[Any], Any]


class Packed:
    """What stands where a value was saved.

    Parameters
    ----------
    handle : object
        What ``pack_hook`` gave for the value.
    unpack : callable
        Gives the value for the handle.
    """

    __slots__ = ("handle", "unpack")

    def __init__(self, handle: Any, unpack: Hook) -> None:
        self.handle, self.unpack = handle, unpack

    def value(self) -> Any:
        """The value itself."""
        found = self.unpack(self.handle)
        return found._value if isinstance(found, Tensor) else found


class SavedTensorsHooks:
    """Within ``with saved_tensors_hooks(pack_hook, unpack_hook):`` what operations save is handed to ``pack_hook``.

    Parameters
    ----------
    pack_hook : callable
        Takes a tensor that is saved; what it returns is kept in its place.
    unpack_hook : callable
        Takes what was kept when the sweep back needs it; returns the tensor.
    """

    def __init__(self, pack_hook: Hook, unpack_hook: Hook) -> None:
        self.pack, self.unpack = pack_hook, unpack_hook
        self._before: list[SavedTensorsHooks | None] = []

    def __enter__(self) -> SavedTensorsHooks:
        self._before.append(MODE.packing)
        MODE.packing = self
        SPECIAL.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        MODE.packing = self._before.pop()
        SPECIAL.remove(self)


saved_tensors_hooks = SavedTensorsHooks


def packed(value: Any) -> Any:
    """A value as it is saved: what the hooks of this thread make of an array, the value itself where there are none."""
    hooks = MODE.packing
    if hooks is None or not isinstance(value, (np.ndarray, np.generic, Tensor)):
        return value
    MODE.packing = None  # what the hook itself computes is saved as it is
    try:
        return Packed(hooks.pack(value if isinstance(value, Tensor) else make(value)), hooks.unpack)
    finally:
        MODE.packing = hooks


def unpacked(x: Any) -> Any:
    """Saved values, those that were packed in their own form again."""
    if isinstance(x, Packed):
        return x.value()
    if isinstance(x, (list, tuple)) and any(isinstance(item, (Packed, list, tuple)) for item in x):
        items = [unpacked(item) for item in x]
        return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
    return x
