"""Result types of the rules for reading and writing items."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from srcgrad.ir.types import ANY, Arr, Axis, Dim, ListOf, Num, Tup, Type, dtype_kind
from srcgrad.rules.results import Dims, broadcast_dims, dims_of, fresh_dim, type_of
from srcgrad.rules.results_trial import by_trial


def getitem(x: Any, index: Any) -> Type:
    """The type of ``x[index]``."""
    found = type_of(x)
    if isinstance(found, Tup) and isinstance(index, int):
        return found.items[index] if -len(found.items) <= index < len(found.items) else ANY
    if isinstance(found, ListOf):
        return found.item if isinstance(type_of(index), Num) else found if isinstance(index, slice) else ANY
    if not isinstance(found, Arr) or found.dims is None:
        return ANY
    parts = index if isinstance(index, tuple) else (index,)
    if not all(map(is_basic, parts)):
        return advanced(found, parts)
    dims = basic_dims(found.dims, parts)
    if dims is None:
        return ANY
    if dims or any(part is Ellipsis for part in parts):
        return Arr(found.dtype, dims)
    return ANY if found.dtype is None else Num(dtype_kind(found.dtype), found.dtype)


def is_integer(part: Any) -> bool:
    """Is this part of an index one integer?"""
    found = type_of(part)
    return isinstance(found, Num) and found.kind == "int"


def is_basic(part: Any) -> bool:
    """Is this part of an index an integer, a slice, None or an ellipsis?"""
    return part is None or part is Ellipsis or isinstance(part, slice) or is_integer(part)


def consumed(part: Any) -> int:
    """How many axes a part of an index stands for."""
    if part is None or part is Ellipsis:
        return 0
    found = type_of(part)
    if isinstance(found, Arr) and found.dtype is not None and found.dtype.kind == "b" and found.dims is not None:
        return len(found.dims)
    return 1


def filled_index(ndim: int, parts: tuple[Any, ...]) -> list[Any] | None:
    """The parts with full slices for the ellipsis and the axes not named; None where there are too many."""
    rest = ndim - sum(map(consumed, parts))
    if rest < 0 or sum(part is Ellipsis for part in parts) > 1:
        return None
    place = next((k for k, part in enumerate(parts) if part is Ellipsis), len(parts))
    return [*parts[:place], *[slice(None)] * rest, *parts[place + 1 :]]


def basic_dims(dims: Dims, parts: tuple[Any, ...]) -> Dims | None:
    """The dims after basic indexing."""
    full = filled_index(len(dims), parts)
    if full is None:
        return None
    left = iter(dims)
    result: list[Axis] = []
    for part in full:
        if part is None:
            result.append(1)
        elif isinstance(part, slice):
            result.append(sliced(next(left), part))
        else:
            next(left)
    return tuple(result)


def sliced(dim: Axis, part: slice) -> Axis:
    """The length of a sliced axis."""
    bounds = (part.start, part.stop, part.step)
    if any(isinstance(bound, Type) for bound in bounds):
        return fresh_dim("n")
    if isinstance(dim, int):
        return len(range(*part.indices(dim)))
    if bounds in ((None, None, None), (0, None, None), (None, None, 1), (None, None, -1)):
        return dim
    start, stop = part.start or 0, part.stop
    from_ends = start >= 0 and (stop is None or stop < 0) and part.step in (None, 1)
    if dim is None:
        return fresh_dim("n")
    if not from_ends:
        return Dim(_part_of(dim, bounds))
    gone = dim.minus + int(start) - int(stop or 0)
    return dim if gone == dim.minus else Dim(dim.symbol, gone)


def _part_of(dim: Dim, bounds: tuple[Any, ...]) -> str:
    """A symbol for the length of a slice: the same slice of the same axis has the same."""
    words = ["" if bound is None else str(int(bound)).replace("-", "m") for bound in bounds]
    return f"{dim.symbol}_{dim.minus}s{'_'.join(words)}"


def advanced(x: Arr, parts: tuple[Any, ...]) -> Type:
    """The type of an item read with arrays or lists in the index."""
    full = filled_index(len(x.dims or ()), parts)
    types = [type_of(np.asarray(part)) if isinstance(part, list) and _is_plain(part) else type_of(part)
             for part in full or ()]  # fmt: skip
    arrays = [t for t, part in zip(types, full or (), strict=True) if not isinstance(part, slice) and part is not None]
    if full is None or not all(_is_index_array(t) for t in arrays):
        return Arr(x.dtype, None) if full is not None and _some_array(arrays) else ANY
    places = [k for k, part in enumerate(full) if not isinstance(part, slice) and part is not None]
    region = broadcast_dims(*[d for t in arrays if (d := dims_of(t)) is not None])
    together = places == list(range(places[0], places[-1] + 1))
    rest = basic_dims_around(x.dims or (), full)
    before = sum(1 for part in full[: places[0]]) if together else 0
    dims = (*rest[:before], *region, *rest[before:])
    return Arr(x.dtype, dims) if dims else ANY


def _is_plain(part: list[Any]) -> bool:
    """Is this a list of constants?"""
    return all(isinstance(item, (int, np.integer)) for item in part)


def _is_index_array(type_: Type) -> bool:
    """Is this an integer, or an array of integers of known rank?"""
    if isinstance(type_, Num):
        return type_.kind == "int"
    return isinstance(type_, Arr) and type_.dims is not None and type_.dtype is not None and type_.dtype.kind in "iu"


def _some_array(types: list[Type]) -> bool:
    """Is any part certainly an array of rank 1 or more, so that the item is an array?"""
    return any(isinstance(t, Arr) and bool(t.dims) for t in types)


def basic_dims_around(dims: Dims, full: list[Any]) -> Dims:
    """The dims that slices and None give, in order, the arrays left out."""
    left = iter(dims)
    result: list[Axis] = []
    for part in full:
        if part is None:
            result.append(1)
            continue
        dim = next(left)
        if isinstance(part, slice):
            result.append(sliced(dim, part))
    return tuple(result)


def view_of(x: Any, steps: Any) -> Type:
    """The type after the steps of a view."""
    found = type_of(x)
    for fn, args in steps:
        found = found.item if isinstance(found, ListOf) and fn is operator.getitem else by_trial(fn)(found, *args)
    return found


def get_item(x: Any, index: Any, steps: Any = ()) -> Type:
    """The type of an item of a view."""
    return getitem(view_of(x, steps), index)


def sum_to(bar: Any, shape: Any) -> Type:
    """The type of a cotangent summed to a shape."""
    found, wanted = type_of(bar), type_of(shape)
    if not isinstance(found, (Arr, Num)) or not isinstance(wanted, Tup):
        return ANY
    if isinstance(shape, tuple) and all(isinstance(n, int) for n in shape):
        dims: Dims = shape
    else:
        dims = tuple(fresh_dim("n") for _ in wanted.items)
    return Arr(found.dtype, dims) if dims else ANY


def take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: Any = "raise") -> Type:
    """The type of `np.take`."""
    x, where = type_of(a), type_of(np.asarray(indices)) if isinstance(indices, list) else type_of(indices)
    if isinstance(axis, Type) or not isinstance(x, Arr) or x.dims is None or dims_of(where) is None:
        return ANY
    taken = dims_of(where) or ()
    place = 0 if axis is None else axis % len(x.dims)
    dims = taken if axis is None else (*x.dims[:place], *taken, *x.dims[place + 1 :])
    if dims:
        return Arr(x.dtype, dims)
    return ANY if x.dtype is None else Num(dtype_kind(x.dtype), x.dtype)


def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Type:
    """The type of `np.take_along_axis`."""
    x, where = type_of(arr), type_of(indices)
    if not isinstance(x, Arr) or not isinstance(where, Arr) or x.dims is None or where.dims is None or axis is None:
        return Arr(x.dtype, None) if isinstance(x, Arr) else ANY
    if isinstance(axis, Type) or len(x.dims) != len(where.dims):
        return Arr(x.dtype, None)
    others = broadcast_dims(x.dims, where.dims)
    place = axis % len(x.dims)
    return Arr(x.dtype, tuple(where.dims[k] if k == place else d for k, d in enumerate(others)))


def same_or_flat(a: Any, *args: Any, **kwargs: Any) -> Type:
    """The type of a sorted array; flat where the axis is None."""
    axis = kwargs.get("axis", -1)
    found = type_of(a)
    if args or isinstance(axis, Type) or not isinstance(found, Arr):
        return Arr(found.dtype, None) if isinstance(found, Arr) else ANY
    return found if axis is not None or found.ndim == 1 else Arr(found.dtype, (None,))


def written(x: Any, *args: Any, **kwargs: Any) -> Type:
    """An array after a write: what it was."""
    found = type_of(x)
    return found if isinstance(found, Arr) else ANY


def delete(arr: Any, obj: Any, axis: Any = None) -> Type:
    """The type of what `np.delete` leaves: another length along the axis, which is all of them without one."""
    found = type_of(arr)
    if not isinstance(found, Arr) or found.dims is None or isinstance(axis, Type):
        return ANY
    if axis is None:
        return Arr(found.dtype, (fresh_dim("left"),))
    at = axis % len(found.dims)
    return Arr(found.dtype, (*found.dims[:at], fresh_dim("left"), *found.dims[at + 1 :]))
