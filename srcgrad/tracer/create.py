"""Making tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.tracer.methods import leaf_of
from srcgrad.tracer.tensor import Tensor, make, plain


def tensor(data: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor with a copy of some numbers.

    Parameters
    ----------
    data : array_like
        The numbers.
    dtype : dtype, optional
        Their type; NumPy's choice where it is not given.
    requires_grad : bool
        Whether operations on it are recorded.

    Returns
    -------
    Tensor
        A leaf of a new graph.
    """
    made = make(np.array(plain(data), dtype=dtype))
    return made.requires_grad_() if requires_grad else made


def from_numpy(array: Any) -> Tensor:
    """A tensor that shares the memory of an array.

    Parameters
    ----------
    array : ndarray
        The array; writes through it are seen, but not by the version counters.

    Returns
    -------
    Tensor
        Without history.
    """
    return make(np.asarray(array))


def as_tensor(data: Any, dtype: Any = None) -> Any:
    """A tensor that shares memory where it can.

    Parameters
    ----------
    data : Tensor or array_like
        The numbers.
    dtype : dtype, optional
        Their type; as they are where it is not given.

    Returns
    -------
    Tensor
        `data` itself where it is a tensor of this dtype.
    """
    if isinstance(data, Tensor):
        return data if dtype is None or data.dtype == dtype else data.astype(dtype)
    return make(np.asarray(data, dtype=dtype))


def from_dlpack(array: Any) -> Tensor:
    """A tensor that shares the memory of another library's array.

    Parameters
    ----------
    array : object
        With ``__dlpack__``: an array of NumPy, JAX or CuPy on the CPU, a tensor of PyTorch.

    Returns
    -------
    Tensor
        Without history. Memory that the other library does not give away for writing is copied.
    """
    found = np.from_dlpack(array)
    return make(found if found.flags.writeable else found.copy())


def Variable(data: Any, requires_grad: bool = False) -> Tensor:
    """What ``Variable`` was in old programs: the tensor itself, or one made of the data.

    Parameters
    ----------
    data : Tensor or array_like
        The numbers; a tensor's memory is shared.
    requires_grad : bool
        Whether operations on it are recorded.

    Returns
    -------
    Tensor
        A leaf.
    """
    made = data.detach() if isinstance(data, Tensor) else tensor(data)
    made.requires_grad_(requires_grad)
    return made


def leaf(value: Any) -> Tensor:
    """A leaf around a value, nothing copied: a Python number stays one."""
    return leaf_of(make(value))
