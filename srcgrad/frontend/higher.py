"""NumPy's functions that call a function, and operators that write: spelled out, and read in the place of the call."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.frontend.context import Context
from srcgrad.frontend.reading import read_in_place
from srcgrad.frontend.values import Abstract, Bound, Const, Ref, Sym
from srcgrad.frontend.writes import augment_name

Args = list[Abstract]
Kwargs = dict[str, Abstract]


def apply_along_axis(func1d: Any, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """``np.apply_along_axis``: the function of one line after the other."""
    lines = np.moveaxis(arr, axis, -1)
    front = np.shape(lines)[:-1]
    rows = np.reshape(lines, (-1, np.size(lines, -1)))
    first = func1d(rows[0], *args, **kwargs)
    out = np.zeros_like(first, shape=(np.size(rows, 0), *np.shape(first)))
    out[0] = first
    for k in range(1, np.size(rows, 0)):
        out[k] = func1d(rows[k], *args, **kwargs)
    whole = np.reshape(out, (*front, *np.shape(first)))
    if np.ndim(first) == 0:
        return whole
    if np.ndim(first) == 1:
        return np.moveaxis(whole, -1, axis % np.ndim(arr))
    return np.moveaxis(whole, (-2, -1), (axis % np.ndim(arr), axis % np.ndim(arr) + 1))


def apply_over_axes(func: Any, a: Any, axes: Any) -> Any:
    """``np.apply_over_axes``: one axis after the other, all of them kept."""
    result = a
    for axis in axes if isinstance(axes, (tuple, list)) else (axes,):
        found = func(result, axis)
        result = found if np.ndim(found) == np.ndim(result) else np.expand_dims(found, axis)
    return result


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """``np.piecewise``: each function of the items where its condition holds."""
    y = np.zeros_like(x)
    if len(funclist) == len(condlist) + 1:
        rest = np.logical_not(np.any(np.stack([np.broadcast_to(c, np.shape(x)) for c in condlist]), axis=0))
        y[rest] = value_of(funclist[-1], x[rest], *args, **kw)
    for k in range(len(condlist)):
        y[condlist[k]] = value_of(funclist[k], x[condlist[k]], *args, **kw)
    return y


def value_of(fn: Any, items: Any, *args: Any, **kw: Any) -> Any:
    """A function of the items, or the number that stands for it."""
    return fn(items, *args, **kw) if is_function(fn) else fn


def is_function(fn: Any) -> bool:
    """Is it a function, not a number? See `function_or_number`."""
    return callable(fn)


def function_or_number(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """The answer of `is_function`: numbers and arrays are values, and constants are what they are."""
    return Const(not isinstance(args[0], (Ref, Sym)) and (not isinstance(args[0], Const) or callable(args[0].value)))


def fromfunction(function: Any, shape: Any, *, dtype: Any = float, like: Any = None, **kwargs: Any) -> Any:
    """``np.fromfunction``: the function of all indices at once."""
    if len(shape) == 1:
        return function(np.arange(shape[0], dtype=dtype), **kwargs)
    if len(shape) == 2:
        rows, columns = np.indices(shape, dtype)
        return function(rows, columns, **kwargs)
    layers, rows, columns = np.indices(shape, dtype)
    return function(layers, rows, columns, **kwargs)


def spelled(fn: Callable[..., Any]) -> Callable[[Context, Args, Kwargs], Abstract]:
    """Read a function of this file in the place of the call."""

    def handler(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
        return read_in_place(ctx, fn, args, kwargs)

    return handler


def vectorize(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``np.vectorize(f)``: a function that calls `f` of each item."""
    if set(kwargs) - {"otypes", "doc", "cache"} or len(args) != 1:
        raise ctx.unsupported("cannot differentiate `np.vectorize` with these options", "Write a loop.")
    return Bound(Const(each_item), (args[0],), {})


def vectorized(fn: np.vectorize) -> Callable[[Context, Args, Kwargs], Any]:
    """A call of what ``np.vectorize`` made."""

    def handler(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
        if kwargs or fn.signature is not None or fn.excluded or fn.otypes not in (None, "d"):
            raise ctx.unsupported("cannot differentiate `np.vectorize` with these options", "Write a loop.")
        return read_in_place(ctx, each_item, [ctx.fixed(fn.pyfunc, "pyfunc"), *args])

    return handler


def each_item(fn: Any, first: Any, *others: Any) -> Any:
    """The function of each item of arrays that are broadcast together."""
    shape = np.broadcast_shapes(np.shape(first), *[np.shape(x) for x in others])
    columns = [np.ravel(np.broadcast_to(x, shape)) for x in (first, *others)]
    start = fn(*[column[0] for column in columns])
    out = np.zeros_like(start, shape=np.shape(columns[0]))
    out[0] = start
    for k in range(1, np.size(columns[0])):
        out[k] = fn(*[column[k] for column in columns])
    return np.reshape(out, shape)


def in_place(fn: Callable[..., Any]) -> Callable[[Context, Args, Kwargs], Abstract]:
    """``operator.iadd`` and the like: a write into the first argument, where that is an array."""

    def handler(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
        return augment_name(ctx, args[0], fn, args[1])

    return handler


def call(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``operator.call``."""
    return ctx.call(args[0], args[1:], kwargs)


HIGHER: dict[Any, Callable[[Context, Args, Kwargs], Any]] = {
    np.apply_along_axis: spelled(apply_along_axis), np.apply_over_axes: spelled(apply_over_axes),
    np.piecewise: spelled(piecewise), np.fromfunction: spelled(fromfunction), np.vectorize: vectorize,
    operator.iadd: in_place(operator.add), operator.isub: in_place(operator.sub),
    operator.imul: in_place(operator.mul), operator.itruediv: in_place(operator.truediv),
    operator.imatmul: in_place(operator.matmul), operator.ipow: in_place(operator.pow),
    operator.ifloordiv: in_place(operator.floordiv), operator.imod: in_place(operator.mod),
    operator.call: call, is_function: function_or_number,
}  # fmt: skip
