"""Result types of the rules for products of arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.ir.types import ANY, Arr, Axis, Num, Type, dtype_kind, of_constant
from srcgrad.rules.axes import spelled_out
from srcgrad.rules.results import Dims, ResultFn, broadcast_axis, broadcast_dims, dims_of, fresh_dim, seen, type_of
from srcgrad.rules.results_trial import vague_dtype


def product(fn: Callable[..., Any], lengths: Callable[[Dims, Dims], Dims]) -> ResultFn:
    """The type of a product of two arrays: dtype and rank seen, dims by a formula."""

    def result(a: Any, b: Any, *args: Any, **kwargs: Any) -> Type:
        x, y = type_of(a), type_of(b)
        dims = dims_of(x), dims_of(y)
        if dims[0] is None or dims[1] is None or args or kwargs:
            return ANY
        vague = vague_dtype([x, y])
        example = seen(fn, tuple(map(_with_dtype, (x, y))), {}, 2)
        if example is None:
            return ANY
        if np.ndim(example) == 0:
            return Num(None) if vague else of_constant(example)
        found = lengths(dims[0], dims[1])
        return Arr(None if vague else example.dtype, found if len(found) == np.ndim(example) else None)

    return result


def _with_dtype(type_: Type) -> Type:
    return Arr(np.dtype(float), type_.dims) if isinstance(type_, Arr) and type_.dtype is None else type_


def matmul_dims(a: Dims, b: Dims) -> Dims:
    """The dims of ``a @ b``."""
    batch = broadcast_dims(a[:-2], b[:-2])
    return (*batch, *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))


def dot_dims(a: Dims, b: Dims) -> Dims:
    """The dims of ``np.dot(a, b)``."""
    if not a or not b:
        return a or b
    return (*a[:-1], *b[:-2], *(b[-1:] if len(b) > 1 else ()))


def inner_dims(a: Dims, b: Dims) -> Dims:
    """The dims of ``np.inner(a, b)``."""
    return (*a[:-1], *b[:-1]) if a and b else a or b


def outer_dims(a: Dims, b: Dims) -> Dims:
    """The dims of ``np.outer(a, b)``."""
    return tuple(d[0] if len(d) == 1 else 1 if not d else fresh_dim("n") for d in (a, b))


def vecdot_dims(a: Dims, b: Dims) -> Dims:
    """The dims of ``np.vecdot(a, b)``."""
    return broadcast_dims(a[:-1], b[:-1])


matmul, dot, inner = product(np.matmul, matmul_dims), product(np.dot, dot_dims), product(np.inner, inner_dims)
outer, vecdot = product(np.outer, outer_dims), product(np.vecdot, vecdot_dims)
vdot = product(np.vdot, lambda a, b: ())


def unknown_lengths(fn: Callable[..., Any]) -> ResultFn:
    """The type of a function of which the rank and dtype are seen on axes of length 3."""

    def result(a: Any, b: Any, *args: Any, **kwargs: Any) -> Type:
        x, y = type_of(a), type_of(b)
        if dims_of(x) is None or dims_of(y) is None or any(isinstance(v, Type) for v in (*args, *kwargs.values())):
            return ANY
        settings = {name: frozen(value) for name, value in kwargs.items()}
        example = seen(fn, (*map(_with_dtype, (x, y)), *map(frozen, args)), settings, 3)
        if example is None or np.ndim(example) == 0:
            return ANY
        return Arr(None if vague_dtype([x, y]) else example.dtype, (None,) * np.ndim(example))

    return result


def frozen(setting: Any) -> Any:
    """Lists as tuples."""
    return tuple(map(frozen, setting)) if isinstance(setting, (list, tuple)) else setting


tensordot, kron = unknown_lengths(np.tensordot), unknown_lengths(np.kron)
cross, linalg_cross = unknown_lengths(np.cross), unknown_lengths(np.linalg.cross)


def einsum(subscripts: Any, *operands: Any, optimize: Any = False) -> Type:
    """The type of `np.einsum`."""
    types = [type_of(x) for x in operands]
    dims = [d for t in types if (d := dims_of(t)) is not None]
    if not isinstance(subscripts, str) or len(dims) != len(types):
        return ANY
    try:
        letters = spelled_out(subscripts, tuple(map(len, dims)))
    except ValueError:
        return ANY
    if any(len(term) != len(d) for term, d in zip(letters, dims, strict=False)):
        return ANY
    lengths: dict[str, Axis] = {}
    for term, axes in zip(letters, dims, strict=False):
        for letter, axis in zip(term, axes, strict=True):
            lengths[letter] = broadcast_axis(lengths[letter], axis) if letter in lengths else axis
    dtypes = [t.dtype for t in types if isinstance(t, Arr) and t.dtype is not None]
    dtype = np.result_type(*dtypes) if len(dtypes) == len(types) else None
    if letters[-1]:
        return Arr(dtype, tuple(lengths[letter] for letter in letters[-1]))
    return ANY if dtype is None else Num(dtype_kind(dtype), dtype)
