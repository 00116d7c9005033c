"""Result types of the rules that rearrange, join, split and repeat arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.ir.types import ANY, Arr, Num, Tup, Type, is_one
from srcgrad.rules.results import fresh_dim, type_of
from srcgrad.rules.results_index import sliced
from srcgrad.rules.results_trial import by_trial, trials


def reshape(a: Any, shape: Any, order: Any = "C", **kwargs: Any) -> Type:
    """The type of a reshaped array."""
    x = type_of(a)
    wanted = type_of(shape)
    if not isinstance(x, (Arr, Num)) or not isinstance(wanted, (Tup, Num)):
        return ANY
    lengths = shape if isinstance(shape, (tuple, list)) else wanted.items if isinstance(wanted, Tup) else (shape,)
    known = [int(n) if not isinstance(n, Type) and n >= 0 else fresh_dim("n") for n in lengths]
    return Arr(x.dtype if isinstance(x, Arr) else None, tuple(known))


def broadcast_to(array: Any, shape: Any, subok: Any = False) -> Type:
    """The type of a broadcast array: an axis that is not 1 keeps its dim."""
    x, target = type_of(array), reshape(array, shape)
    if not isinstance(target, Arr) or target.dims is None or not isinstance(x, Arr) or x.dims is None:
        return target
    if len(x.dims) > len(target.dims):
        return ANY
    extra = len(target.dims) - len(x.dims)
    kept = [d if is_one(d) is False else t for d, t in zip(x.dims, target.dims[extra:], strict=True)]
    return Arr(x.dtype, (*target.dims[:extra], *kept))


def diff(a: Any, n: Any = 1, axis: Any = -1, prepend: Any = None, append: Any = None) -> Type:
    """The type of `np.diff`: the axis is shorter by n."""
    x = type_of(a)
    plain = isinstance(n, int) and isinstance(axis, int) and prepend is None and append is None
    if not isinstance(x, Arr) or x.dims is None or not plain or not -len(x.dims) <= axis < len(x.dims):
        return Arr(None, None) if isinstance(x, Arr) else ANY
    dims = list(x.dims)
    dims[axis] = sliced(dims[axis], slice(n, None))
    return Arr(x.dtype if x.dtype is not None and x.dtype.kind in "fc" else None, tuple(dims))


transpose, swapaxes, moveaxis, rollaxis = trials(np.transpose, np.swapaxes, np.moveaxis, np.rollaxis)
matrix_transpose, expand_dims, squeeze = trials(np.matrix_transpose, np.expand_dims, np.squeeze)
atleast_1d, atleast_2d, atleast_3d = trials(np.atleast_1d, np.atleast_2d, np.atleast_3d)
ravel, rot90 = trials(np.ravel, np.rot90)
tile, pad = trials(np.tile, np.pad)
trace, diagonal, diag = trials(np.trace, np.diagonal, np.diag)
triangle = by_trial(np.tril)


def diagflat(v: Any, k: Any = 0) -> Type:
    """The type of a matrix with the items of an array on a diagonal; a trial would make a huge one."""
    x = type_of(v)
    if not isinstance(x, Arr):
        return ANY
    side = fresh_dim("n")
    return Arr(x.dtype, (side, side))


def repeat(a: Any, repeats: Any, axis: Any = None) -> Type:
    """The type of `np.repeat`: the lengths of the other axes stay."""
    x = type_of(a)
    if not isinstance(x, Arr) or x.dims is None or isinstance(axis, Type):
        return ANY
    if axis is None:
        return Arr(x.dtype, (fresh_dim("n"),))
    return Arr(x.dtype, tuple(fresh_dim("n") if k == axis % len(x.dims) else d for k, d in enumerate(x.dims)))
