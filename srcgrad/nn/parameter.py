"""Parameters: the tensors that a model learns."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.tracer.tensor import Tensor, store_of


class Parameter(Tensor):
    """A tensor that is a parameter of the module it is assigned to.

    Parameters
    ----------
    data : array_like
        The first values. The memory of a tensor is shared, anything else is copied.
    requires_grad : bool
        Whether it is learned.

    Examples
    --------
    >>> from srcgrad import nn
    >>> nn.Parameter([1.0, 2.0])
    Parameter containing:
    tensor([1., 2.], requires_grad=True)
    """

    __slots__ = ()

    def __init__(self, data: Any = (), requires_grad: bool = True) -> None:
        super().__init__(() if isinstance(data, Tensor) else data)
        if isinstance(data, Tensor):
            self._value = data._value = np.asarray(data._value)
            self._store = store_of(data)
        if requires_grad:
            self.requires_grad_()

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        twin = memo[id(self)] = restored(self._value, self.requires_grad)
        return twin

    def __reduce_ex__(self, protocol: Any) -> Any:
        return restored, (np.asarray(self._value), self.requires_grad)


def restored(value: Any, requires_grad: bool) -> Parameter:
    """A parameter with a copy of some values."""
    return Parameter(value, requires_grad)
