"""Rules for functions that pick, insert, cut and repeat items: defined by reads and writes of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

import srcgrad.rules.samples_pieces as samples
from srcgrad.rules.axes import whole
from srcgrad.rules.core import constant, custom, defined
from srcgrad.rules.results_create import asarray as array_type
from srcgrad.runtime import as_type, is_inexact, unstack_like, zeros_of

# Choosing by conditions and numbers


@defined(np.select, operands=("choicelist", "default"), samples=samples.select)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """For each place the choice of the first condition that holds."""
    result = default
    for k in range(len(condlist) - 1, -1, -1):
        result = np.where(condlist[k], choicelist[k], result)
    if any(isinstance(x, (int, float)) and not isinstance(x, np.generic) for x in choicelist):
        return as_type(result, np.result_type(*choicelist, default))
    return result


def chosen_number(a: Any, count: int, mode: Any) -> Any:
    """The number of the choice, brought into range or refused as NumPy does it."""
    return np.choose(a, list(range(count)), mode=mode)


constant(chosen_number, effect="raise")


@defined(np.choose, operands=("choices",), samples=samples.choose)
def choose(a: Any, choices: Any, out: Any = None, mode: Any = "raise") -> Any:
    """For each place the choice of that number."""
    number = chosen_number(a, len(choices), mode)
    result = np.where(number == 0, choices[0], 0)
    for k in range(1, len(choices)):
        result = np.where(number == k, choices[k], result)
    return result


@defined(np.extract, operands=("arr",), samples=samples.extract)
def extract(condition: Any, arr: Any) -> Any:
    """The items where a condition holds."""
    return np.ravel(arr)[np.flatnonzero(condition)]


@defined(np.compress, operands=("a",), samples=samples.compress)
def compress(condition: Any, a: Any, axis: Any = None, out: Any = None) -> Any:
    """The items along an axis where a condition holds."""
    return np.take(a, np.flatnonzero(condition), axis)


@defined(np.ndarray.compress, operands=("self",))
def compress_method(self: Any, condition: Any, axis: Any = None, out: Any = None) -> Any:
    """The same as a method, whose array comes first."""
    return np.compress(condition, self, axis)


# Inserting and cutting


def inserted_places(size: int, obj: Any, count: int) -> Any:
    """Where inserted items come to stand along an axis of this length."""
    if isinstance(obj, slice):
        obj = np.arange(*obj.indices(size))
    index = np.flatnonzero(obj) if np.asarray(obj).dtype == bool else np.array(obj, np.intp)
    if np.any((index < -size) | (index > size)):
        raise IndexError(f"index {obj} is out of bounds for an axis of size {size}")
    index = np.where(index < 0, index + size, index)
    if index.size == 1:
        return int(index.item()) + np.arange(count)
    places = index.copy()
    places[np.argsort(index, kind="stable")] += np.arange(index.size)
    return places


def others_than(places: Any, size: int) -> Any:
    """The places along an axis of this length that are none of these."""
    return np.setdiff1d(np.arange(size), places)


def is_one_place(obj: Any) -> bool:
    """Is it one index, not a list, an array or a slice of them?"""
    return not isinstance(obj, slice) and np.ndim(obj) == 0


def is_single(obj: Any, size: int) -> bool:
    """Is it about one place, however it is given?"""
    if isinstance(obj, slice):
        return len(range(*obj.indices(size))) == 1
    return bool(np.sum(obj) == 1) if np.asarray(obj).dtype == bool else np.size(obj) == 1


for _fn in (inserted_places, others_than, is_one_place, is_single):
    constant(_fn, effect="raise")


@defined(np.insert, operands=("arr", "values"), samples=samples.insert)
def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    """A new array, filled with both."""
    if axis is None:
        return inserted(np.ravel(arr), obj, values, 0)
    return inserted(np.asarray(arr), obj, values, axis % np.ndim(arr))


def inserted(arr: Any, obj: Any, values: Any, axis: int) -> Any:
    """The same along an axis; `values` broadcast as in a store."""
    ndim, size = np.ndim(arr), np.size(arr, axis)
    new = np.reshape(values, (*([1] * (ndim - np.ndim(values))), *np.shape(values)))
    if is_one_place(obj):
        new = np.moveaxis(new, 0, axis)
    count = np.size(new, axis) if is_single(obj, size) else count_of(obj, size)
    places = inserted_places(size, obj, count)
    shape = np.shape(arr)
    out = np.empty((*shape[:axis], size + count, *shape[axis + 1 :]), arr.dtype)
    out[(*whole(axis, ndim), places)] = new
    out[(*whole(axis, ndim), others_than(places, size + count))] = arr
    return out


def count_of(obj: Any, size: int) -> int:
    """How many places an index names."""
    if isinstance(obj, slice):
        return len(range(*obj.indices(size)))
    return int(np.sum(obj)) if np.asarray(obj).dtype == bool else int(np.size(obj))


constant(count_of)


def trimmed(filt: Any, trim: Any) -> tuple[int, int]:
    """Where what is not zero begins and ends."""
    found = np.flatnonzero(filt)
    size = np.size(filt)
    if found.size == 0:
        return (size, size) if "f" in trim.lower() else (0, 0)
    return int(found[0]) if "f" in trim.lower() else 0, int(found[-1]) + 1 if "b" in trim.lower() else size


constant(trimmed)


@defined(np.trim_zeros, operands=("filt",))
def trim_zeros(filt: Any, trim: Any = "fb", axis: Any = None) -> Any:
    """What lies between the outermost items that are not zero, along one axis or each."""
    if isinstance(axis, int):
        return trimmed_along(filt, axis % np.ndim(filt), trim)
    if axis is None and np.ndim(filt) == 1:
        return trimmed_along(filt, 0, trim)
    axes = tuple(range(np.ndim(filt))) if axis is None else axis
    inside = trimmed_along(trimmed_along(filt, axes[0], trim), axes[1], trim)
    return trimmed_along(inside, axes[2], trim) if len(axes) == 3 else inside


def trimmed_along(x: Any, axis: int, trim: Any) -> Any:
    """The same along one axis."""
    ends = trimmed(np.any(x != 0, axis=others(np.ndim(x), axis)), trim)
    if axis == 0:
        return x[ends[0] : ends[1]]
    return np.moveaxis(np.moveaxis(x, axis, 0)[ends[0] : ends[1]], 0, axis)


def others(ndim: int, axis: int) -> tuple[int, ...]:
    """All axes but one."""
    return tuple(k for k in range(ndim) if k != axis)


constant(others)


# Joining and repeating


@defined(np.block, operands=("arrays",), samples=samples.block)
def block(arrays: Any) -> Any:
    """Lists of arrays side by side, lists of lists one below the other."""
    if not isinstance(arrays, list):
        return np.array(arrays)
    if not isinstance(arrays[0], list):
        return row_of(arrays, max([np.ndim(x) for x in arrays] + [1]))
    if not isinstance(arrays[0][0], list):
        ndim = max([np.ndim(x) for row in arrays for x in row] + [2])
        return np.concatenate([row_of(row, ndim) for row in arrays], -2)
    ndim = max([np.ndim(x) for layer in arrays for row in layer for x in row] + [3])
    return np.concatenate([np.concatenate([row_of(row, ndim) for row in layer], -2) for layer in arrays], -3)


def row_of(row: Any, ndim: int) -> Any:
    """Arrays side by side, each of this rank at least."""
    return np.concatenate([np.reshape(x, (*([1] * (ndim - np.ndim(x))), *np.shape(x))) for x in row], -1)


@defined(np.resize, operands=("a",), samples=samples.resize)
def resize(a: Any, new_shape: Any) -> Any:
    """The items in order, from the start again where there are too few."""
    flat = np.ravel(a)
    return np.reshape(flat[np.arange(product_of(new_shape)) % np.size(flat)], new_shape)


def product_of(shape: Any) -> int:
    """How many items an array of this shape has."""
    return int(np.prod(shape))


constant(product_of)


# Arrays as they were given


@custom(np.require, operands=("a",), result=array_type, view="maybe", effect="raise", samples=samples.required)
def require(out_bar: Any, out: Any, a: Any, dtype: Any = None, requirements: Any = None, *, like: Any = None) -> Any:
    """The cotangent in the structure of what was given; zeros if the dtype has no derivative."""
    return unstack_like(out_bar, a) if is_inexact(dtype) else zeros_of(a)


@require.jvp
def require_jvp(out: Any, a: Any, dtype: Any = None, requirements: Any = None, *, like: Any = None, a_dot: Any) -> Any:
    """``out_dot = asarray(a_dot)``."""
    return np.asarray(a_dot, dtype=dtype) if is_inexact(dtype) else np.zeros(np.shape(out))


@custom(np.asarray_chkfinite, operands=("a",), result=array_type, view="maybe", effect="raise", samples=samples.finite)
def asarray_chkfinite(out_bar: Any, out: Any, a: Any, dtype: Any = None, order: Any = None) -> Any:
    """The cotangent in the structure of what was given; zeros if the dtype has no derivative."""
    return unstack_like(out_bar, a) if is_inexact(dtype) else zeros_of(a)


@asarray_chkfinite.jvp
def asarray_chkfinite_jvp(out: Any, a: Any, dtype: Any = None, order: Any = None, *, a_dot: Any) -> Any:
    """``out_dot = asarray(a_dot)``."""
    return np.asarray(a_dot, dtype=dtype) if is_inexact(dtype) else np.zeros(np.shape(out))
