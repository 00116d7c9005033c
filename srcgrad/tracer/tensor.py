"""The tensor: an array, or a number, that knows which operation made it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from srcgrad.tracer.modes import MODE

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBERS = (float, int, complex, bool)
_new = object.__new__


class Store:
    """Memory that several tensors share, or that was written: how often it was written."""

    __slots__ = ("version",)

    def __init__(self) -> None:
        self.version = 0


class Overlapping(Store):
    """Marks an argument of a traced function whose memory another argument shares: it can be read, not written."""

    __slots__ = ()


class Tensor:
    """An array that records what is done with it.

    Parameters
    ----------
    data : array_like
        The numbers; they are copied.
    requires_grad : bool
        Whether operations on it are recorded, and ``backward()`` leaves a gradient in its `grad`.
    """

    __slots__ = ("__weakref__", "_dots", "_grad", "_node", "_store", "_value")
    __array_priority__ = 1000.0
    __hash__ = object.__hash__

    _value: Any  # an ndarray, a NumPy number, or (in a trace) a Python number
    _node: Any  # the node that made it; None: it does not require a gradient
    _grad: Tensor | None
    _store: Store | None  # None: it was never written, and shares its memory with nobody
    _dots: dict[int, Any] | None  # tangents, by the level of the forward sweep

    def __init__(self, data: Any = (), requires_grad: bool = False) -> None:
        self._value = np.array(plain(data))
        self._node = self._grad = self._store = self._dots = None
        if requires_grad:
            self.requires_grad_()

    if not TYPE_CHECKING:
        # What `isinstance` and `match` see: in a trace the type of the value.
        __class__ = property(lambda self: type(self._value) if MODE.tracing else Tensor)

    if TYPE_CHECKING:  # what `operators`, `methods` and `writes` add

        def __getattr__(self, name: str) -> Any: ...
        def __getitem__(self, index: Any) -> Any: ...
        def __setitem__(self, index: Any, value: Any) -> None: ...
        def __iter__(self) -> Iterator[Any]: ...
        def __len__(self) -> int: ...
        def __add__(self, other: Any) -> Any: ...
        def __radd__(self, other: Any) -> Any: ...
        def __sub__(self, other: Any) -> Any: ...
        def __rsub__(self, other: Any) -> Any: ...
        def __mul__(self, other: Any) -> Any: ...
        def __rmul__(self, other: Any) -> Any: ...
        def __truediv__(self, other: Any) -> Any: ...
        def __rtruediv__(self, other: Any) -> Any: ...
        def __pow__(self, other: Any) -> Any: ...
        def __rpow__(self, other: Any) -> Any: ...
        def __matmul__(self, other: Any) -> Any: ...
        def __rmatmul__(self, other: Any) -> Any: ...
        def __neg__(self) -> Any: ...
        def __gt__(self, other: Any) -> Any: ...
        def __lt__(self, other: Any) -> Any: ...
        def __ge__(self, other: Any) -> Any: ...
        def __le__(self, other: Any) -> Any: ...


def make(value: Any, node: Any = None) -> Tensor:
    """A tensor around a value, nothing copied."""
    tensor: Tensor = _new(Tensor)
    tensor._value = value
    tensor._node = node
    tensor._grad = tensor._store = tensor._dots = None
    return tensor


def plain(x: Any) -> Any:
    """The same with the values of tensors in their places; containers without tensors are handed back as they are."""
    if isinstance(x, Tensor):
        return x._value
    if isinstance(x, (list, tuple)):
        items = [plain(item) for item in x]
        if all(a is b for a, b in zip(items, x, strict=True)):
            return x
        return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
    if isinstance(x, dict):
        return {key: plain(item) for key, item in x.items()}
    if isinstance(x, slice):
        return slice(plain(x.start), plain(x.stop), plain(x.step))
    return x


def is_array(x: Any) -> bool:
    """Is it an array and no tensor, which in a trace is an array for ``isinstance``?"""
    return isinstance(x, np.ndarray) and not isinstance(x, Tensor)


def holds_tensor(x: Any) -> bool:
    """Is it a tensor, or a list or tuple with one somewhere?"""
    if isinstance(x, Tensor):
        return True
    return isinstance(x, (list, tuple)) and any(map(holds_tensor, x))


def store_of(tensor: Tensor) -> Store:
    """The tensor's store, made if it has none; from then on its node knows when its value is overwritten."""
    store = tensor._store
    if store is None:
        store = tensor._store = Store()
        if tensor._node is not None:
            tensor._node.life = (store, 0)
    return store
