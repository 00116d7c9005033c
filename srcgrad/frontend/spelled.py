"""NumPy's functions that write into their argument, spelled out in Python.

They are read in the place of NumPy's own, as if the user had written them; none is ever called.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.rules.axes import along_index


def copy_where(dst: Any, src: Any, where: Any) -> None:
    """``np.copyto(dst, src, where=where)``."""
    mask = np.broadcast_to(where, np.shape(dst))
    dst[mask] = np.broadcast_to(src, np.shape(dst))[mask]


def put_one(a: Any, ind: Any, v: Any) -> None:
    """``np.put`` at one place, or of one number."""
    a.flat[ind] = v


def put_each(a: Any, ind: Any, v: Any) -> None:
    """``np.put`` of an array, from its start again where it is too short."""
    places = np.ravel(ind)
    a.flat[places] = np.ravel(v)[np.arange(np.size(places)) % np.size(v)]


def place(arr: Any, mask: Any, vals: Any) -> None:
    """``np.place``."""
    arr[mask] = np.ravel(vals)[np.arange(np.sum(mask)) % np.size(vals)]


def put_mask(a: Any, mask: Any, values: Any) -> None:
    """``np.putmask`` of an array: each place takes the item at the same place, from the start again where it ends."""
    a[mask] = np.ravel(values)[np.flatnonzero(mask) % np.size(values)]


def put_along_axis(arr: Any, indices: Any, values: Any, axis: int) -> None:
    """``np.put_along_axis``."""
    arr[along_index(np.shape(arr), indices, axis)] = values


def fill_diagonal(a: Any, val: Any) -> None:
    """``np.fill_diagonal`` of a matrix with one number."""
    diagonal = np.arange(min(np.shape(a)))
    a[diagonal, diagonal] = val


def fill_diagonal_each(a: Any, val: Any) -> None:
    """``np.fill_diagonal`` of a matrix with the items of an array, from its start again where it is too short."""
    diagonal = np.arange(min(np.shape(a)))
    a[diagonal, diagonal] = np.ravel(val)[diagonal % np.size(val)]


def sort(a: Any, axis: int = -1, kind: Any = None) -> None:
    """The method ``a.sort()``."""
    a[...] = np.sort(a, axis)


def partition(a: Any, kth: Any, axis: int = -1) -> None:
    """The method ``a.partition(kth)``."""
    a[...] = np.partition(a, kth, axis)


def fill(a: Any, value: Any) -> None:
    """The method ``a.fill(value)``."""
    a[...] = value


def setflags(a: Any, write: Any = None, align: Any = None, uic: Any = None) -> None:
    """The method ``a.setflags(write)``."""
    a.setflags(write, align, uic)


def nan_to_num(x: Any, nan: float, posinf: Any, neginf: Any) -> Any:
    """``np.nan_to_num(x, copy=False)``."""
    x[...] = np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)
    return x


def at_one(fn: Any, a: Any, indices: Any, b: Any) -> None:
    """``fn.at`` with one index array and one number."""
    for k in range(len(indices)):
        a[indices[k]] = fn(a[indices[k]], b)


def at_each(fn: Any, a: Any, indices: Any, b: Any) -> None:
    """``fn.at`` with one index array and one item for each index."""
    b = np.broadcast_to(b, np.shape(indices) + np.shape(a)[1:])
    for k in range(len(indices)):
        a[indices[k]] = fn(a[indices[k]], b[k])


def at_pairs(fn: Any, a: Any, rows: Any, columns: Any, b: Any) -> None:
    """``fn.at`` with two index arrays."""
    b = np.broadcast_to(b, np.shape(rows))
    for k in range(len(rows)):
        a[rows[k], columns[k]] = fn(a[rows[k], columns[k]], b[k])


def reduce(fn: Any, array: Any) -> Any:
    """``fn.reduce`` along the first axis."""
    total = array[0] + 0
    for k in range(1, len(array)):
        total = fn(total, array[k])
    return total


def accumulate(fn: Any, array: Any) -> Any:
    """``fn.accumulate`` along the first axis."""
    out = np.empty_like(array)
    out[0] = array[0]
    for k in range(1, len(array)):
        out[k] = fn(out[k - 1], array[k])
    return out


def jacobian(pull: Any, value: Any, x: Any) -> Any:
    """The rows of a Jacobian, one pullback each."""
    rows = np.zeros(np.shape(value) + np.shape(x), np.result_type(value))
    for k in range(len(value)):
        unit = np.zeros_like(value)
        unit[k] = 1.0
        rows[k] = pull(x, unit)
    return rows


def jacobian_of_any(pull: Any, value: Any, x: Any) -> Any:
    """The same of an array of any rank, item by item."""
    rows = np.zeros((np.size(value), np.size(x)), np.result_type(value))
    for k in range(np.size(value)):
        seed = np.zeros(np.size(value), np.result_type(value))
        seed[k] = 1.0
        rows[k] = np.ravel(pull(x, np.reshape(seed, np.shape(value))))
    return np.reshape(rows, np.shape(value) + np.shape(x))
