"""Result types of the rules that join arrays, and of those that take them apart: tuples and lists of arrays.

What has as many items as the arguments say is a tuple of their types; a list is of one type.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.ir.types import ANY, Arr, ListOf, Num, Tup, Type, dtype_kind, join_all
from srcgrad.rules.results import broadcast_dims, dims_of, type_of
from srcgrad.rules.results_shape import repeat
from srcgrad.rules.results_trial import by_trial, trials

concatenate, stack, vstack, hstack = trials(np.concatenate, np.stack, np.vstack, np.hstack)
dstack, column_stack, append = trials(np.dstack, np.column_stack, np.append)
join = by_trial(runtime.join)


def items_of(nest: Any) -> list[Any] | None:
    """The items of an operand that is a literal list or tuple, or a run-time tuple; None of anything else."""
    if isinstance(nest, Tup):
        return list(nest.items)
    return list(nest) if isinstance(nest, (list, tuple)) else None


def split(ary: Any, indices_or_sections: Any, axis: Any = 0) -> Type:
    """The type of `np.split`: a list of arrays of unknown length along the axis."""
    piece = repeat(ary, 1, axis)
    if not isinstance(piece, Arr) or piece.dims is None or axis is None:
        return ANY
    own = dims_of(type_of(ary)) or ()
    return ListOf(Arr(piece.dtype, tuple(d if d in own else None for d in piece.dims)))


def _by_axis(ary: Any, axis: int) -> Type:
    """The type of pieces along one axis."""
    dims = dims_of(type_of(ary))
    return split(ary, 1, axis) if dims is not None and axis < len(dims) else ANY


def hsplit(ary: Any, indices_or_sections: Any) -> Type:
    """The type of `np.hsplit`."""
    return _by_axis(ary, 0 if len(dims_of(type_of(ary)) or ()) < 2 else 1)


def vsplit(ary: Any, indices_or_sections: Any) -> Type:
    """The type of `np.vsplit`."""
    return _by_axis(ary, 0)


def dsplit(ary: Any, indices_or_sections: Any) -> Type:
    """The type of `np.dsplit`."""
    return _by_axis(ary, 2)


def broadcast_arrays(*args: Any, subok: Any = False) -> Type:
    """The type of `np.broadcast_arrays`: a tuple of arrays of one shape."""
    types = [type_of(arg) for arg in args]
    dims = [d for d in map(dims_of, types) if d is not None]
    shape = broadcast_dims(*dims) if len(dims) == len(types) else None
    return Tup(tuple(Arr(_dtype(t), shape) for t in types))


def _dtype(type_: Type) -> Any:
    return type_.dtype if isinstance(type_, (Arr, Num)) else None


def _nest(nest: Any, items: list[Type]) -> Type:
    """A list where the operand is one, else a tuple."""
    if not isinstance(nest, list):
        return Tup(tuple(items))
    return ListOf(join_all(items)) if items else ANY


def split_like(bar: Any, arrays: Any, axis: Any = 0, lift: Any = None) -> Type:
    """The types of what was joined, in the dtype of the cotangent."""
    dtype, items = _dtype(type_of(bar)), items_of(arrays)
    if isinstance(arrays, ListOf):
        return ListOf(_in_dtype(arrays.item, dtype))
    if items is None:
        return _in_dtype(type_of(arrays), dtype)
    return _nest(arrays, [_in_dtype(type_of(item), dtype) for item in items])


def _in_dtype(type_: Type, dtype: Any) -> Type:
    dims = dims_of(type_)
    return ANY if dims is None else Arr(dtype, dims)


def unstack_like(bar: Any, nest: Any, axis: Any = 0) -> Type:
    """The types of the items of a cotangent along the axis."""
    found, items = type_of(bar), items_of(nest)
    if isinstance(nest, ListOf):
        return nest
    if items is None:
        plain = not isinstance(nest, ListOf) and (axis == 0 or not isinstance(type_of(nest), Arr))
        return found if plain else ANY
    piece = _without_axis(found, axis)
    return _nest(nest, [unstack_like(piece, n) if isinstance(n, (list, tuple)) else piece for n in items])


def _without_axis(type_: Type, axis: Any) -> Type:
    """The type of the items of an array along an axis."""
    dims = dims_of(type_)
    if not dims or not isinstance(axis, int) or not isinstance(type_, Arr):
        return ANY
    place = axis % len(dims)
    rest = (*dims[:place], *dims[place + 1 :])
    if rest or type_.dtype is None:
        return Arr(type_.dtype, rest) if rest else ANY
    return Num(dtype_kind(type_.dtype), type_.dtype)


def sum_like(bars: Any, arrays: Any) -> Type:
    """The shapes of the arrays in the dtypes of the cotangents."""
    return _paired(bars, arrays, scalars=False)


def broadcast_like(arrays: Any, bars: Any) -> Type:
    """The shapes of the cotangents in the dtypes of the arrays."""
    return _paired(arrays, bars, scalars=True)


def _paired(items: Any, like: Any, scalars: bool) -> Type:
    """The dtypes of `items` in the shapes of `like`; of rank 0 it is an array, or that is not known."""
    first, second = items_of(items), items_of(like)
    if first is None or second is None or len(first) != len(second):
        return ANY
    types = [_in_dtype(type_of(y), _dtype(type_of(x))) for x, y in zip(first, second, strict=True)]
    return Tup(tuple(t if scalars or not isinstance(t, Arr) or t.dims else ANY for t in types))
