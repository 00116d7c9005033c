"""Rules for reading and writing items, and for the array primitives of the runtime."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

import srcgrad.rules.results_index as types
import srcgrad.rules.results_pieces as parts
import srcgrad.rules.samples_shape as samples
from srcgrad import runtime
from srcgrad.rules.axes import along_index, deleted_positions, whole, wrapped
from srcgrad.rules.core import Sample, constant, custom, linear
from srcgrad.rules.results_list import zeros_type
from srcgrad.rules.results_trial import same
from srcgrad.runtime import add_item, broadcast_like, join, list_add, set_item, split_like, stored_item, sum_to

constant(runtime.zeros_of, shape_only=("x",), result=zeros_type, samples=samples.zeros_of)
constant(runtime.zeros_of_pack, shape_only=("pack",), result=zeros_type)
constant(runtime.is_array_index)
constant(runtime.leave_array, runtime.leave_attribute, runtime.leave_item, runtime.leave_all, runtime.leave_tail,
         runtime.leave_cell, effect="io")  # fmt: skip


def _copied_samples(rng: np.random.Generator) -> Any:
    yield Sample((rng.normal(size=3),))


@linear(runtime.entry_copy, operands=("x",), effect="io", result=lambda x: x, samples=_copied_samples)
def entry_copied(out_bar: Any, x: Any) -> Any:
    """The copy is what it copies."""
    return out_bar


def _bound_samples(rng: np.random.Generator) -> Any:
    yield Sample((rng.normal(size=3), "x", None))


@linear(runtime.check_bound, operands=("value",), effect="raise", view=True, result=lambda value, name, absent: value,
        samples=_bound_samples)  # fmt: skip
def bound(out_bar: Any, value: Any, name: Any, absent: Any) -> Any:
    """The value itself, where it is one."""
    return out_bar


@linear(operator.getitem, operands=("x",), shape_only=("x",), result=types.getitem, view=True, effect="raise",
        samples=samples.getitem)  # fmt: skip
def getitem(out_bar: Any, x: Any, index: Any) -> Any:
    """``x_bar[index] += out_bar``."""
    if isinstance(x, list):
        return list_add(runtime.zeros_of(x), index, out_bar)
    return add_item(np.zeros_like(x), index, out_bar)


@linear(runtime.get_item, operands=("x",), shape_only=("x",), result=types.get_item, view=True, effect="raise",
        samples=samples.get_item)  # fmt: skip
def get_item(out_bar: Any, x: Any, index: Any, steps: Any = ()) -> Any:
    """``x_bar[index] += out_bar``, through the steps of a view."""
    if isinstance(x, list):
        return list_add(runtime.zeros_of(x), index, out_bar, steps)
    return add_item(np.zeros_like(x), index, out_bar, steps)


@linear(runtime.set_item, operands=("x", "value"), shape_only=("x", "value"), result=types.written, effect="raise",
        samples=samples.set_item)  # fmt: skip
def written(out_bar: Any, x: Any, index: Any, value: Any, steps: Any = ()) -> Any:
    """``value_bar = out_bar[index]``, where it was stored; ``x_bar = out_bar`` with 0 at the index."""
    if index is Ellipsis and len(steps) == 0:  # nothing of the old array is left
        return np.zeros_like(out_bar), sum_to(out_bar, np.shape(value))
    x_bar = set_item(out_bar, index, 0.0, steps)
    value_bar = sum_to(stored_item(out_bar, index, steps), np.shape(value))
    return x_bar, value_bar


@linear(runtime.add_item, operands=("x", "value"), shape_only=("x", "value"), result=types.written, effect="raise",
        samples=samples.add_item)  # fmt: skip
def added(out_bar: Any, x: Any, index: Any, value: Any, steps: Any = ()) -> Any:
    """``x_bar = out_bar``, ``value_bar = out_bar[index]``."""
    return out_bar, sum_to(runtime.get_item(out_bar, index, steps), np.shape(value))


@linear(runtime.stored_item, operands=("bar",), shape_only=("bar",), samples=samples.stored_item)
def stored(out_bar: Any, bar: Any, index: Any, steps: Any = ()) -> Any:
    """``bar_bar[index] = out_bar``, only at the places whose value stayed."""
    return set_item(np.zeros_like(bar), index, out_bar, steps)


@linear(runtime.view_of, operands=("x",), shape_only=("x",), result=types.view_of, view=True, samples=samples.view_of)
def viewed(out_bar: Any, x: Any, steps: Any) -> Any:
    """``x_bar`` is zero but for `out_bar` in the view."""
    return set_item(np.zeros_like(x), ..., out_bar, steps)


@linear(runtime.sum_to, operands=("bar",), shape_only=("bar",), result=types.sum_to, view="maybe",
        samples=samples.sum_to)  # fmt: skip
def summed(out_bar: Any, bar: Any, shape: Any) -> Any:
    """``bar_bar = broadcast(out_bar)``."""
    if np.ndim(out_bar) > np.ndim(bar):
        return np.broadcast_to(np.reshape(out_bar, np.shape(bar)), np.shape(bar))
    return np.broadcast_to(out_bar, np.shape(bar))


@linear(runtime.fit_to, operands=("bar",), shape_only=("bar",), result=types.sum_to, view="maybe",
        samples=samples.fit_to)  # fmt: skip
def fitted(out_bar: Any, bar: Any, shape: Any) -> Any:
    """``bar_bar = out_bar``, broadcast or summed back to the operand's shape."""
    return runtime.fit_to(out_bar, np.shape(bar))


@linear(runtime.add_bars, result=same, samples=samples.add_bars)
def add_bars(out_bar: Any, a: Any, b: Any) -> Any:
    """``a_bar = b_bar = out_bar``."""
    return out_bar, out_bar


@linear(runtime.sum_like, operands=("bars",), shape_only=("bars", "arrays"), result=parts.sum_like,
        samples=samples.sum_like)  # fmt: skip
def sum_like(out_bar: Any, bars: Any, arrays: Any) -> Any:
    """Each cotangent is broadcast to what it was summed from."""
    return broadcast_like(out_bar, bars)


@linear(runtime.broadcast_like, operands=("arrays",), shape_only=("arrays", "bars"), result=parts.broadcast_like,
        samples=samples.broadcast_like)  # fmt: skip
def broadcast_each(out_bar: Any, arrays: Any, bars: Any) -> Any:
    """Each cotangent is summed to what it was broadcast from."""
    return runtime.sum_like(out_bar, arrays)


@linear(runtime.join, operands=("arrays",), shape_only=("arrays",), result=parts.join, samples=samples.join)
def joined(out_bar: Any, arrays: Any, axis: int = 0, lift: Any = np.atleast_1d) -> Any:
    """The cotangent is split where the arrays were joined."""
    return split_like(out_bar, arrays, axis, lift)


@linear(runtime.split_like, operands=("bar",), shape_only=("bar", "arrays"), result=parts.split_like,
        samples=samples.split_like)  # fmt: skip
def pieces(out_bar: Any, bar: Any, arrays: Any, axis: int = 0, lift: Any = np.atleast_1d) -> Any:
    """The cotangents are joined where the array was split."""
    return join(out_bar, axis, lift)


@linear(runtime.unstack_like, operands=("bar",), shape_only=("bar", "nest"), result=parts.unstack_like,
        samples=samples.unstack_like)  # fmt: skip
def unstacked(out_bar: Any, bar: Any, nest: Any, axis: int = 0) -> Any:
    """The cotangents are stacked."""
    if axis == 0:
        return np.array(out_bar)
    return np.stack(out_bar, axis)


@linear(runtime.spread, operands=("x",), shape_only=("x",), samples=samples.spread)
def spread(out_bar: Any, x: Any, kept: str, labels: str, shape: Any) -> Any:
    """``x_bar`` is `out_bar` summed over the labels that were added."""
    return np.einsum(labels + "->" + kept, out_bar)


@linear(np.take, operands=("a",), shape_only=("a",), result=types.take, effect="raise", samples=samples.take)
def take(out_bar: Any, a: Any, indices: Any, axis: int | None = None, out: Any = None, mode: Any = "raise") -> Any:
    """``a_bar[indices] += out_bar`` along the axis."""
    if axis is None:
        flat_bar = add_item(np.zeros_like(np.ravel(a)), wrapped(indices, np.size(a), mode), out_bar)
        return np.reshape(flat_bar, np.shape(a))
    index = (*whole(axis, np.ndim(a)), wrapped(indices, np.shape(a)[axis], mode))
    return add_item(np.zeros_like(a), index, out_bar)


@linear(np.take_along_axis, operands=("arr",), shape_only=("arr",), result=types.take_along_axis, effect="raise",
        samples=samples.take_along_axis)  # fmt: skip
def take_along_axis(out_bar: Any, arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """``arr_bar[indices] += out_bar``, with one index per item along the axis."""
    if axis is None:
        return np.reshape(add_item(np.zeros_like(np.ravel(arr)), indices, out_bar), np.shape(arr))
    return add_item(np.zeros_like(arr), along_index(np.shape(arr), indices, axis), out_bar)


@linear(np.delete, operands=("arr",), shape_only=("arr",), result=types.delete, effect="raise",
        samples=samples.delete)  # fmt: skip
def delete(out_bar: Any, arr: Any, obj: Any, axis: int | None = None) -> Any:
    """``arr_bar = out_bar`` where items are left, 0 where they were deleted."""
    if axis is None:
        left = deleted_positions(np.size(arr), obj)
        return np.reshape(set_item(np.zeros_like(np.ravel(arr)), left, out_bar), np.shape(arr))
    index = (*whole(axis, np.ndim(arr)), deleted_positions(np.shape(arr)[axis], obj))
    return set_item(np.zeros_like(arr), index, out_bar)


@custom(np.sort, operands=("a",), result=types.same_or_flat, samples=samples.sort)
def sort(out_bar: Any, out: Any, a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *,
         stable: Any = None) -> Any:  # fmt: skip
    """``a_bar = out_bar`` at the rank that each item has in a stable sort."""
    if axis is None:
        order_a = np.argsort(a, axis=None, kind="stable")
        return np.reshape(out_bar[np.argsort(order_a)], np.shape(a))
    order_a = np.argsort(a, axis=axis, kind="stable")
    return np.take_along_axis(out_bar, np.argsort(order_a, axis=axis), axis)


@sort.jvp
def sort_jvp(out: Any, a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: Any = None,
             a_dot: Any) -> Any:  # fmt: skip
    """``out_dot = a_dot[argsort(a)]``, stable."""
    if axis is None:
        return np.ravel(a_dot)[np.argsort(a, axis=None, kind="stable")]
    return np.take_along_axis(a_dot, np.argsort(a, axis=axis, kind="stable"), axis)


@custom(np.partition, operands=("a",), result=types.same_or_flat, effect="raise", samples=samples.partition)
def partition(out_bar: Any, out: Any, a: Any, kth: Any, axis: int | None = -1, kind: str = "introselect",
              order: Any = None) -> Any:  # fmt: skip
    """``a_bar = out_bar`` at the place of the item of equal rank, ties in stable order."""
    if axis is None:
        ranks = np.argsort(np.argsort(a, axis=None, kind="stable"))
        return np.reshape(out_bar[np.argsort(out, kind="stable")[ranks]], np.shape(a))
    ranks = np.argsort(np.argsort(a, axis=axis, kind="stable"), axis=axis)
    places = np.take_along_axis(np.argsort(out, axis=axis, kind="stable"), ranks, axis)
    return np.take_along_axis(out_bar, places, axis)


@partition.jvp
def partition_jvp(out: Any, a: Any, kth: Any, axis: int | None = -1, kind: str = "introselect", order: Any = None, *,
                  a_dot: Any) -> Any:  # fmt: skip
    """``out_dot = a_dot`` at the item of equal rank, ties in stable order."""
    if axis is None:
        ranks = np.argsort(np.argsort(out, kind="stable"))
        return np.ravel(a_dot)[np.argsort(a, axis=None, kind="stable")[ranks]]
    ranks = np.argsort(np.argsort(out, axis=axis, kind="stable"), axis=axis)
    places = np.take_along_axis(np.argsort(a, axis=axis, kind="stable"), ranks, axis)
    return np.take_along_axis(a_dot, places, axis)
