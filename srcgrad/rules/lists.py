"""Rules for run-time lists, and for the effects generated code may have."""

from __future__ import annotations

import bisect
import builtins
import operator
import time
from typing import Any

import numpy as np

import srcgrad.rules.results_list as types
import srcgrad.rules.samples_list as samples
from srcgrad import runtime
from srcgrad.ir.types import Opaque
from srcgrad.rules.core import constant, linear
from srcgrad.rules.results import number
from srcgrad.runtime import (
    get_item,
    list_append,
    list_fold,
    list_insert,
    list_remove,
    list_repeat,
    list_set,
    zeros_of,
)


@linear(runtime.reversed_list, result=types.same, samples=samples.reversed_list)
def reversed_list(out_bar: Any, items: Any) -> Any:
    """``items_bar = reversed(out_bar)``."""
    return runtime.reversed_list(out_bar)


@linear(list, operands=("items",), shape_only=("items",), result=types.copied, samples=samples.copied)
def copied(out_bar: Any, items: Any = ()) -> Any:
    """Each item has its own cotangent."""
    if isinstance(items, np.ndarray):
        return np.array(out_bar)
    return out_bar


@linear(runtime.list_append, operands=("xs", "value"), shape_only=("xs", "value"), result=types.appended,
        samples=samples.appended)  # fmt: skip
def appended(out_bar: Any, xs: Any, value: Any) -> Any:
    """``value_bar = out_bar.pop()``; what is left is ``xs_bar``."""
    value_bar = out_bar[-1]
    return list_remove(out_bar, -1, value_bar), value_bar


@linear(runtime.list_insert, operands=("xs", "value"), shape_only=("xs", "value"), result=types.inserted,
        samples=samples.inserted)  # fmt: skip
def inserted(out_bar: Any, xs: Any, index: int, value: Any) -> Any:
    """``value_bar = out_bar.pop(index)``; what is left is ``xs_bar``."""
    value_bar = out_bar[index]
    return list_remove(out_bar, index, value_bar), value_bar


@linear(runtime.list_remove, operands=("xs",), shape_only=("xs", "like"), result=types.same,
        effect="raise", samples=samples.removed)  # fmt: skip
def removed(out_bar: Any, xs: Any, index: int = -1, like: Any = None) -> Any:
    """Zero where an item was taken out, which was one such as `like`."""
    gap = 0.0 if isinstance(like, float) else zeros_of(like)
    if index == -1:
        return list_append(out_bar, gap)
    return list_insert(out_bar, index if index >= 0 else index + 1, gap)


@linear(runtime.list_set, operands=("xs", "value"), shape_only=("xs", "value", "like"), result=types.stored,
        effect="raise", samples=samples.stored)  # fmt: skip
def stored(out_bar: Any, xs: Any, index: Any, value: Any, steps: Any = (), like: Any = None) -> Any:
    """``value_bar = out_bar[index]``; ``xs_bar = out_bar`` with zero there, such as was there before."""
    value_bar = get_item(out_bar, index, steps)
    before = value if like is None else like
    zero = 0.0 if isinstance(before, float) else zeros_of(before)
    return list_set(out_bar, index, zero, steps), value_bar


@linear(runtime.list_add, operands=("xs", "value"), shape_only=("xs", "value"), result=types.stored, effect="raise",
        samples=samples.added)  # fmt: skip
def added(out_bar: Any, xs: Any, index: Any, value: Any, steps: Any = ()) -> Any:
    """``xs_bar = out_bar``, ``value_bar = out_bar[index]``."""
    return out_bar, get_item(out_bar, index, steps)


@linear(runtime.list_repeat, operands=("xs",), shape_only=("xs",), result=types.same, samples=samples.repeated)
def repeated(out_bar: Any, xs: Any, count: int) -> Any:
    """The cotangents of the copies are summed."""
    return list_fold(out_bar, xs)


@linear(runtime.list_fold, operands=("bar",), shape_only=("bar", "xs"), result=types.folded, samples=samples.folded)
def folded(out_bar: Any, bar: Any, xs: Any) -> Any:
    """Each copy has the cotangent of the sum."""
    return list_repeat(out_bar, len(bar) // max(len(xs), 1))


@linear(runtime.list_join, operands=("xs", "ys"), shape_only=("xs", "ys"), result=types.joined,
        samples=samples.joined)  # fmt: skip
def joined(out_bar: Any, xs: Any, ys: Any) -> Any:
    """The cotangent is cut where the lists meet."""
    return out_bar[: len(xs)], out_bar[len(xs) :]


@linear(builtins.sum, operands=("items",), shape_only=("items",), result=types.summed, samples=samples.summed)
def summed(out_bar: Any, items: Any, start: Any = 0) -> Any:
    """Each item has the cotangent of the sum."""
    return runtime.for_each(out_bar, items)


@linear(runtime.for_each, operands=("bar",), shape_only=("bar", "items"), result=types.each, samples=samples.each)
def each(out_bar: Any, bar: Any, items: Any) -> Any:
    """The cotangents are summed, to the shape of what was handed out."""
    if isinstance(bar, (float, complex)):
        return sum(out_bar)
    return np.broadcast_to(sum(out_bar), np.shape(bar))


constant(runtime.stop_gradient, result=types.same)
constant(runtime.check_length, runtime.check_trips, runtime.raise_error, runtime.raise_from, effect="raise",
         result=lambda *args: Opaque("None"))  # fmt: skip
constant(np.broadcast, effect="raise", result=lambda *args: Opaque("broadcast"))
constant(time.perf_counter, time.time, time.monotonic, time.process_time, effect="io", result=number("float"))
constant(runtime.place_of_key, effect="raise", result=number("int"))
constant(runtime.join_text, result=lambda *args: Opaque("str"))
constant(builtins.print, effect="io", result=lambda *args, **kwargs: Opaque("None"))

constant(bisect.bisect_left, bisect.bisect_right, result=number("int"), samples=samples.bisected)
constant(runtime.order_of, effect="raise", result=types.order, samples=samples.ranks)
constant(operator.indexOf, operator.countOf, effect="raise", result=number("int"), samples=samples.searched)
