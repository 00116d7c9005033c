"""The adjoints of reading and writing parts of an array, in place where the cotangent's buffer belongs to the sweep."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.rules.core import lookup
from srcgrad.tracer.adjoints import fitted, fitted_tensor
from srcgrad.tracer.node import Read, Write
from srcgrad.tracer.record import item_of, lifted


def buffer(shape: tuple[int, ...], strides: tuple[int, ...], dtype: Any) -> Any:
    """Zeros that lie in memory in the same order as the array they belong to: so the same steps give views."""
    if list(strides) == sorted(strides, reverse=True):
        return np.zeros(shape, dtype)
    order = sorted(range(len(shape)), key=lambda k: -strides[k])
    back = sorted(range(len(shape)), key=order.__getitem__)
    return np.zeros([shape[k] for k in order], dtype).transpose(back)


def has_repeats(index: Any) -> bool:
    """May the index name an element twice?"""
    return any(runtime.is_array_index(part) for part in (index if isinstance(index, tuple) else (index,)))


def read_into(node: Read, bar: Any, total: Any) -> Any:
    """Add the cotangent of what was read to `total`, the sweep's own buffer for the whole; a new one where None."""
    if total is None:
        total = buffer(node.shape, node.strides, node.dtype)
    part = runtime.view_of(total, node.steps)
    if is_indirect(node.steps, part):
        total += np.asarray(through(node, bar, False))
    elif part is not total and not np.may_share_memory(part, total):
        own = buffer(node.shape, node.strides, node.dtype)
        add_part(runtime.view_of(own, node.steps), node.index, bar)
        total += own
    else:
        add_part(part, node.index, bar)
    return total


def is_indirect(steps: Any, part: Any) -> bool:
    """Is what was read no place to add to: memory read several times, or the imaginary parts?"""
    return not part.flags.writeable or any(fn is np.imag for fn, _ in steps)


def through(node: Read, bar: Any, graph: bool) -> Any:
    """The cotangent of the whole, step by step, each by its rule."""
    steps = node.steps if node.index is Ellipsis else (*node.steps, (operator.getitem, (node.index,)))
    values = [buffer(node.shape, node.strides, node.dtype)]
    for fn, args in steps[:-1]:
        values.append(fn(values[-1], *args))
    for (fn, args), value in zip(reversed(steps), reversed(values), strict=True):
        bar = step_back(fn, args, value, bar, graph)
    return bar


def step_back(fn: Any, args: Any, value: Any, bar: Any, graph: bool) -> Any:
    """The cotangent of what one step looked at."""
    if fn is item_of:
        return [bar if k == args[0] else np.zeros_like(item) for k, item in enumerate(value)]
    named = getattr(fn, "keywords", {})
    rule = lookup(getattr(fn, "func", fn))
    assert rule is not None
    assert rule.vjp is not None
    return (lifted(rule.vjp) if graph else rule.vjp)(bar, value, *args, **named)


def add_part(part: Any, index: Any, bar: Any) -> None:
    """``part[index] += bar``, also where the index names an element twice."""
    if has_repeats(index):
        np.add.at(part, index, bar)
    else:
        part[index] += bar


def read_recorded(node: Read, bar: Any) -> Any:
    """The cotangent of the whole, recorded."""
    zeros = buffer(node.shape, node.strides, node.dtype)
    if is_indirect(node.steps, runtime.view_of(zeros, node.steps)):
        return through(node, bar, True)
    return lifted(runtime.add_item)(zeros, node.index, bar, node.steps)


def write_back(node: Write, bar: Any, own: bool) -> tuple[Any, Any]:
    """The cotangents of the version before and of what was written; a `bar` that is the sweep's own is changed."""
    old, new = node.edges
    value_bar = None
    if new is not None:
        stored = runtime.stored_item(bar, node.index, node.steps)
        value_bar = fitted(runtime.sum_to(np.array(stored), node.value_like[0])[()], node.value_like, False)
    if old is None:
        return None, value_bar
    if not own:
        whole = buffer(node.shape, node.strides, bar.dtype)
        whole[...] = bar
        bar = whole
    part = runtime.view_of(bar, node.steps)
    if part is not bar and not np.may_share_memory(part, bar):
        if own:
            return write_back(node, bar, False)
        return runtime.set_item(bar, node.index, 0.0, node.steps), value_bar
    part[node.index] = 0.0
    return bar, value_bar


def write_recorded(node: Write, bar: Any) -> tuple[Any, Any]:
    """The same, recorded."""
    old, new = node.edges
    value_bar = None
    if new is not None:
        stored = lifted(runtime.stored_item)(bar, node.index, node.steps)
        value_bar = fitted_tensor(stored, *node.value_like)
    if old is None:
        return None, value_bar
    return lifted(runtime.set_item)(bar, node.index, 0.0, node.steps), value_bar
