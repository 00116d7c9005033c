"""Rules for functions that rearrange, join, split and repeat arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

import srcgrad.rules.results_pieces as pieces
import srcgrad.rules.results_shape as types
import srcgrad.rules.samples_shape as samples
from srcgrad import runtime
from srcgrad.rules.axes import (
    diagonal_index,
    interior,
    inverse_permutation,
    join_axis,
    last_two,
    negated,
    pad_widths,
    padded_positions,
    reading_order,
    repeat_index,
    repeat_shape,
    rolled_axes,
    tile_axes,
    tile_shape,
    whole,
)
from srcgrad.rules.core import linear
from srcgrad.rules.results_trial import same
from srcgrad.runtime import add_item, as_columns, set_item, split_like, sum_like, sum_to, unstack_like


@linear(np.reshape, operands=("a",), shape_only=("a",), result=types.reshape, view="maybe", effect="raise",
        samples=samples.reshape)  # fmt: skip
def reshape(out_bar: Any, a: Any, shape: Any, order: Any = "C", *, copy: Any = None) -> Any:
    """``a_bar = out_bar`` in the shape of `a`, read in the same order."""
    if order == "C":
        return np.reshape(out_bar, np.shape(a))
    return np.reshape(out_bar, np.shape(a), order=reading_order(order))


@linear(np.ravel, operands=("a",), shape_only=("a",), result=types.ravel, view="maybe", samples=samples.ravel)
def ravel(out_bar: Any, a: Any, order: Any = "C") -> Any:
    """``a_bar = out_bar`` in the shape of `a`, read in the same order."""
    if order == "C":
        return np.reshape(out_bar, np.shape(a))
    return np.reshape(out_bar, np.shape(a), order=reading_order(order))


@linear(runtime.flatten, operands=("x",), shape_only=("x",), result=types.ravel, samples=samples.ravel)
def flatten(out_bar: Any, x: Any, order: Any = "C") -> Any:
    """``x_bar = out_bar`` in the shape of `x`, read in the same order."""
    if order == "C":
        return np.reshape(out_bar, np.shape(x))
    return np.reshape(out_bar, np.shape(x), order=reading_order(order))


@linear(np.transpose, operands=("a",), result=types.transpose, view=True, samples=samples.transpose)
def transpose(out_bar: Any, a: Any, axes: Any = None) -> Any:
    """``a_bar = out_bar`` with the axes permuted back."""
    if axes is None:
        return np.transpose(out_bar)
    return np.transpose(out_bar, inverse_permutation(axes))


@linear(np.matrix_transpose, np.linalg.matrix_transpose, operands=("x",), result=types.matrix_transpose, view=True,
        samples=samples.stacks)  # fmt: skip
def matrix_transpose(out_bar: Any, x: Any) -> Any:
    """``x_bar = out_bar^T``."""
    return np.swapaxes(out_bar, -1, -2)


@linear(np.swapaxes, operands=("a",), result=types.swapaxes, view=True, samples=samples.swapaxes)
def swapaxes(out_bar: Any, a: Any, axis1: int, axis2: int) -> Any:
    """``a_bar = swapaxes(out_bar)``."""
    return np.swapaxes(out_bar, axis1, axis2)


@linear(np.moveaxis, operands=("a",), result=types.moveaxis, view=True, samples=samples.moveaxis)
def moveaxis(out_bar: Any, a: Any, source: Any, destination: Any) -> Any:
    """``a_bar = out_bar`` with the axes moved back."""
    return np.moveaxis(out_bar, destination, source)


@linear(np.rollaxis, operands=("a",), shape_only=("a",), result=types.rollaxis, view=True, samples=samples.rollaxis)
def rollaxis(out_bar: Any, a: Any, axis: int, start: int = 0) -> Any:
    """``a_bar = out_bar`` with the axes permuted back."""
    return np.transpose(out_bar, inverse_permutation(rolled_axes(np.ndim(a), axis, start)))


@linear(np.expand_dims, operands=("a",), result=types.expand_dims, view=True, samples=samples.expand_dims)
def expand_dims(out_bar: Any, a: Any, axis: Any) -> Any:
    """``a_bar = squeeze(out_bar)``."""
    return np.squeeze(out_bar, axis)


@linear(np.squeeze, operands=("a",), shape_only=("a",), result=types.squeeze, view=True, effect="raise",
        samples=samples.squeeze)  # fmt: skip
def squeeze(out_bar: Any, a: Any, axis: Any = None) -> Any:
    """``a_bar = expand_dims(out_bar)``."""
    if axis is None:
        return np.reshape(out_bar, np.shape(a))
    return np.expand_dims(out_bar, axis)


@linear(np.atleast_1d, operands=("ary",), shape_only=("ary",), result=types.atleast_1d, view=True,
        samples=samples.whole_array)  # fmt: skip
def atleast_1d(out_bar: Any, ary: Any) -> Any:
    """``ary_bar = out_bar`` in the shape of `ary`."""
    return np.reshape(out_bar, np.shape(ary))


@linear(np.atleast_2d, operands=("ary",), shape_only=("ary",), result=types.atleast_2d, view=True,
        samples=samples.whole_array)  # fmt: skip
def atleast_2d(out_bar: Any, ary: Any) -> Any:
    """``ary_bar = out_bar`` in the shape of `ary`."""
    return np.reshape(out_bar, np.shape(ary))


@linear(np.atleast_3d, operands=("ary",), shape_only=("ary",), result=types.atleast_3d, view=True,
        samples=samples.whole_array)  # fmt: skip
def atleast_3d(out_bar: Any, ary: Any) -> Any:
    """``ary_bar = out_bar`` in the shape of `ary`."""
    return np.reshape(out_bar, np.shape(ary))


@linear(runtime.as_columns, operands=("x",), shape_only=("x",), samples=samples.whole_array)
def columns(out_bar: Any, x: Any) -> Any:
    """``x_bar = out_bar`` in the shape of `x`."""
    return np.reshape(out_bar, np.shape(x))


@linear(np.broadcast_to, operands=("array",), shape_only=("array",), result=types.broadcast_to, view=True,
        effect="raise", samples=samples.broadcast_to)  # fmt: skip
def broadcast_to(out_bar: Any, array: Any, shape: Any, subok: bool = False) -> Any:
    """``array_bar = out_bar`` summed over the axes that were broadcast."""
    return sum_to(out_bar, np.shape(array))


@linear(np.broadcast_arrays, operands=("args",), shape_only=("args",), result=pieces.broadcast_arrays, view=True,
        effect="raise", samples=samples.broadcast_arrays)  # fmt: skip
def broadcast_arrays(out_bar: Any, *args: Any, subok: bool = False) -> Any:
    """Each cotangent is summed over the axes that were broadcast."""
    return sum_like(out_bar, args)


@linear(np.concatenate, operands=("arrays",), shape_only=("arrays",), result=pieces.concatenate, effect="raise",
        samples=samples.concatenate)  # fmt: skip
def concatenate(out_bar: Any, arrays: Any, axis: int | None = 0, out: Any = None, *, dtype: Any = None,
                casting: Any = "same_kind") -> Any:  # fmt: skip
    """The cotangent is split where the arrays were joined."""
    if axis is None:
        return split_like(out_bar, arrays, 0, np.ravel)
    return split_like(out_bar, arrays, axis)


@linear(np.stack, operands=("arrays",), shape_only=("arrays",), result=pieces.stack, effect="raise",
        samples=samples.stack)  # fmt: skip
def stack(out_bar: Any, arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None,
          casting: Any = "same_kind") -> Any:  # fmt: skip
    """The cotangent is unstacked."""
    return unstack_like(out_bar, arrays, axis)


@linear(np.vstack, operands=("tup",), shape_only=("tup",), result=pieces.vstack, effect="raise",
        samples=samples.vstack)  # fmt: skip
def vstack(out_bar: Any, tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """The cotangent is split by rows."""
    return split_like(out_bar, tup, 0, np.atleast_2d)


@linear(np.hstack, operands=("tup",), shape_only=("tup",), result=pieces.hstack, effect="raise",
        samples=samples.hstack)  # fmt: skip
def hstack(out_bar: Any, tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """The cotangent is split by columns (vectors: by items)."""
    return split_like(out_bar, tup, join_axis(np.ndim(out_bar)))


@linear(np.dstack, operands=("tup",), shape_only=("tup",), result=pieces.dstack, effect="raise",
        samples=samples.dstack)  # fmt: skip
def dstack(out_bar: Any, tup: Any) -> Any:
    """The cotangent is split along the third axis."""
    return split_like(out_bar, tup, 2, np.atleast_3d)


@linear(np.column_stack, operands=("tup",), shape_only=("tup",), result=pieces.column_stack, effect="raise",
        samples=samples.column_stack)  # fmt: skip
def column_stack(out_bar: Any, tup: Any) -> Any:
    """The cotangent is split by columns."""
    return split_like(out_bar, tup, 1, as_columns)


@linear(np.append, operands=("arr", "values"), shape_only=("arr", "values"), result=pieces.append, effect="raise",
        samples=samples.append)  # fmt: skip
def append(out_bar: Any, arr: Any, values: Any, axis: int | None = None) -> Any:
    """The cotangent is split where the two were joined."""
    if axis is None:
        return split_like(out_bar, (arr, values), 0, np.ravel)
    return split_like(out_bar, (arr, values), axis)


@linear(np.split, np.array_split, operands=("ary",), result=pieces.split, view=True, effect="raise",
        samples=samples.split)  # fmt: skip
def split(out_bar: Any, ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """``ary_bar = concatenate(out_bar)`` along the axis."""
    return np.concatenate(out_bar, axis)


@linear(np.hsplit, operands=("ary",), shape_only=("ary",), result=pieces.hsplit, view=True, effect="raise",
        samples=samples.hsplit)  # fmt: skip
def hsplit(out_bar: Any, ary: Any, indices_or_sections: Any) -> Any:
    """``ary_bar = concatenate(out_bar)`` by columns."""
    return np.concatenate(out_bar, join_axis(np.ndim(ary)))


@linear(np.vsplit, operands=("ary",), result=pieces.vsplit, view=True, effect="raise", samples=samples.vsplit)
def vsplit(out_bar: Any, ary: Any, indices_or_sections: Any) -> Any:
    """``ary_bar = concatenate(out_bar)`` by rows."""
    return np.concatenate(out_bar, 0)


@linear(np.dsplit, operands=("ary",), result=pieces.dsplit, view=True, effect="raise", samples=samples.dsplit)
def dsplit(out_bar: Any, ary: Any, indices_or_sections: Any) -> Any:
    """``ary_bar = concatenate(out_bar)`` along the third axis."""
    return np.concatenate(out_bar, 2)


@linear(np.unstack, operands=("x",), view=True, samples=samples.unstack)
def unstack(out_bar: Any, x: Any, *, axis: int = 0) -> Any:
    """``x_bar = stack(out_bar)``."""
    return np.stack(out_bar, axis)


@linear(np.tile, operands=("A",), shape_only=("A",), result=types.tile, samples=samples.tile)
def tile(out_bar: Any, A: Any, reps: Any) -> Any:
    """``A_bar``: `out_bar` summed over the copies."""
    copies = np.reshape(out_bar, tile_shape(np.shape(A), reps))
    return np.reshape(np.sum(copies, axis=tile_axes(np.ndim(A), reps)), np.shape(A))


@linear(np.repeat, operands=("a",), shape_only=("a",), result=types.repeat, effect="raise", samples=samples.repeat)
def repeat(out_bar: Any, a: Any, repeats: Any, axis: int | None = None) -> Any:
    """``a_bar``: `out_bar` summed over the copies of each item."""
    if axis is None and np.ndim(repeats) == 0:
        return np.reshape(np.sum(np.reshape(out_bar, (np.size(a), repeats)), axis=1), np.shape(a))
    if axis is None:
        source = repeat_index(np.size(a), repeats)
        return np.reshape(add_item(np.zeros_like(np.ravel(a)), source, out_bar), np.shape(a))
    if np.ndim(repeats) == 0:
        return np.sum(np.reshape(out_bar, repeat_shape(np.shape(a), repeats, axis)), axis=axis % np.ndim(a) + 1)
    index = (*whole(axis, np.ndim(a)), repeat_index(np.shape(a)[axis], repeats))
    return add_item(np.zeros_like(a), index, out_bar)


@linear(np.flip, operands=("m",), result=same, view=True, samples=samples.flip)
def flip(out_bar: Any, m: Any, axis: Any = None) -> Any:
    """``m_bar = flip(out_bar)``."""
    return np.flip(out_bar, axis)


@linear(np.fliplr, operands=("m",), result=same, view=True, samples=samples.stacks)
def fliplr(out_bar: Any, m: Any) -> Any:
    """``m_bar = fliplr(out_bar)``."""
    return np.fliplr(out_bar)


@linear(np.flipud, operands=("m",), result=same, view=True, samples=samples.stacks)
def flipud(out_bar: Any, m: Any) -> Any:
    """``m_bar = flipud(out_bar)``."""
    return np.flipud(out_bar)


@linear(np.rot90, operands=("m",), result=types.rot90, view=True, samples=samples.rot90)
def rot90(out_bar: Any, m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """``m_bar = rot90(out_bar, -k)``."""
    return np.rot90(out_bar, -k, axes)


@linear(np.roll, operands=("a",), result=same, samples=samples.roll)
def roll(out_bar: Any, a: Any, shift: Any, axis: Any = None) -> Any:
    """``a_bar = roll(out_bar, -shift)``."""
    if np.ndim(shift) == 0:
        return np.roll(out_bar, -shift, axis)
    return np.roll(out_bar, negated(shift), axis)


@linear(np.pad, operands=("array",), zeros=("constant_values",), shape_only=("array",), result=types.pad,
        samples=samples.pad)  # fmt: skip
def pad(out_bar: Any, array: Any, pad_width: Any, mode: Any = "constant", *, constant_values: Any = 0,
        reflect_type: str = "even") -> Any:  # fmt: skip
    """``array_bar``: the inner part of `out_bar`, and what the padding repeats added to its source."""
    if mode == "constant":
        return out_bar[interior(np.ndim(array), pad_width)]
    source = padded_positions(np.shape(array), pad_width, mode, reflect_type)
    return np.reshape(add_item(np.zeros_like(np.ravel(array)), source, out_bar), np.shape(array))


@linear(np.diff, operands=("a", "prepend", "append"), shape_only=("a", "prepend", "append"), result=types.diff,
        samples=samples.diff)  # fmt: skip
def diff(out_bar: Any, a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """``a_bar = (-1)^n diff(out_bar padded with n zeros)``, split between what is before, in and after `a`."""
    if n == 0:
        return out_bar, None, None
    before = _edge_length(prepend, axis)
    after = _edge_length(append, axis)
    length = np.shape(a)[axis] + before + after
    padded = np.pad(out_bar, pad_widths(np.ndim(a), axis, n, min(n, length)))
    full_bar = (-1.0) ** n * np.diff(padded, n, axis)
    if prepend is None and append is None:
        return full_bar, None, None
    parts = np.split(full_bar, (before, length - after), axis)
    return parts[1], _edge_bar(parts[0], prepend), _edge_bar(parts[2], append)


def _edge_length(edge: Any, axis: int) -> Any:
    """How many items `np.diff` puts before or after."""
    if edge is None:
        return 0
    if np.ndim(edge) == 0:
        return 1
    return np.shape(edge)[axis]


def _edge_bar(bar: Any, edge: Any) -> Any:
    """The cotangent of such items, given as one number or as an array."""
    if edge is None:
        return None
    if np.ndim(edge) == 0:
        return np.sum(bar)
    return bar


@linear(np.trace, operands=("a",), shape_only=("a",), result=types.trace, samples=samples.trace)
def trace(out_bar: Any, a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None,
          out: Any = None) -> Any:  # fmt: skip
    """``a_bar = out_bar`` on the diagonal."""
    if np.ndim(a) == 2 and axis1 == 0 and axis2 == 1:
        return out_bar * np.eye(np.shape(a)[0], np.shape(a)[1], offset, bool)
    index = diagonal_index(np.shape(a), offset, axis1, axis2)
    return set_item(np.zeros_like(a), index, np.expand_dims(out_bar, -1), last_two(axis1, axis2))


@linear(np.diagonal, operands=("a",), shape_only=("a",), result=types.diagonal, view=True, samples=samples.diagonal)
def diagonal(out_bar: Any, a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """``a_bar = out_bar`` on the diagonal."""
    index = diagonal_index(np.shape(a), offset, axis1, axis2)
    return set_item(np.zeros_like(a), index, out_bar, last_two(axis1, axis2))


@linear(np.diag, operands=("v",), shape_only=("v",), result=types.diag, view="maybe", samples=samples.diag)
def diag(out_bar: Any, v: Any, k: int = 0) -> Any:
    """``v_bar = diag(out_bar)``, the way back."""
    if np.ndim(v) == 1:
        return np.diag(out_bar, k)
    return set_item(np.zeros_like(v), diagonal_index(np.shape(v), k, 0, 1), out_bar)


@linear(np.diagflat, operands=("v",), shape_only=("v",), result=types.diagflat, samples=samples.diagflat)
def diagflat(out_bar: Any, v: Any, k: int = 0) -> Any:
    """``v_bar = diag(out_bar)`` in the shape of `v`."""
    return np.reshape(np.diag(out_bar, k), np.shape(v))


@linear(np.tril, operands=("m",), shape_only=("m",), result=types.triangle, samples=samples.triangle)
def tril(out_bar: Any, m: Any, k: int = 0) -> Any:
    """``m_bar = tril(out_bar)``, summed over rows for a vector."""
    if np.ndim(m) == 1:
        return np.sum(np.tril(out_bar, k), axis=0)
    return np.tril(out_bar, k)


@linear(np.triu, operands=("m",), shape_only=("m",), result=types.triangle, samples=samples.triangle)
def triu(out_bar: Any, m: Any, k: int = 0) -> Any:
    """``m_bar = triu(out_bar)``, summed over rows for a vector."""
    if np.ndim(m) == 1:
        return np.sum(np.triu(out_bar, k), axis=0)
    return np.triu(out_bar, k)
