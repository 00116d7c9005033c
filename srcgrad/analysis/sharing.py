"""Which operands' memory the result of a call may share, and whether it may be written through."""

from __future__ import annotations

import operator
from typing import Any, NamedTuple

import numpy as np

from srcgrad import runtime
from srcgrad.ir.core import Call, Func, Operand, Value, values_in
from srcgrad.ir.types import AbsentType, ListOf, Num, Tup, Type
from srcgrad.rules.core import lookup

__all__ = ["FRESH_ARRAYS", "WRITES", "Sharing", "is_container", "is_immutable", "is_new_list", "is_view", "sharing",
           "stored_in"]  # fmt: skip

# Calls with value semantics that may happen in place on their first operand.
WRITES = (runtime.set_item, runtime.add_item, runtime.list_set, runtime.list_add, runtime.list_append,
          runtime.list_insert, runtime.list_remove)  # fmt: skip

# Where each of them has what it stores; nothing is stored by those left out.
STORED: dict[Any, int] = {
    runtime.set_item: 2, runtime.add_item: 2, runtime.list_set: 2, runtime.list_add: 2, runtime.list_append: 1,
    runtime.list_insert: 2,
}  # fmt: skip

# Views that may be written through: writing through `broadcast_to` or `diagonal` is not possible, or not the same.
WRITABLE = {
    operator.getitem, runtime.get_item, runtime.view_of, runtime.check_bound, runtime.sum_to,
    np.transpose, np.swapaxes, np.moveaxis, np.rollaxis, np.reshape, np.ravel, np.squeeze, np.expand_dims,
    np.atleast_1d, np.atleast_2d, np.atleast_3d, np.asarray, np.ascontiguousarray, np.flip, np.fliplr, np.flipud,
    np.ndarray.reshape, np.ndarray.ravel, np.ndarray.transpose, np.ndarray.swapaxes, np.ndarray.squeeze,
}  # fmt: skip

# The results of these share no memory with their operands; other runtime functions may return an operand.
FRESH = {
    runtime.zeros_of, runtime.zeros_of_pack, runtime.flatten, runtime.spread, runtime.cofactor, runtime.is_inexact,
    runtime.is_array_index, runtime.join, runtime.add_bars, runtime.fresh,
    runtime.entry_copy,
    len, float, int, bool, complex, abs, sum, round, pow, divmod, range, str, repr, isinstance, type,
    np.copy, np.array, np.ndarray.copy, np.ndarray.flatten, np.ndarray.tolist,
}  # fmt: skip

# Each call makes a new array, to be written into.
FRESH_ARRAYS: set[Any] = {
    np.zeros, np.ones, np.empty, np.full, np.zeros_like, np.ones_like, np.empty_like, np.full_like, np.copy,
    np.array, np.eye, runtime.zeros_of, runtime.zeros_of_pack, np.ndarray.copy,
}  # fmt: skip

# Callables of NumPy that may give a view whatever their rule says.
MAYBE_VIEWS = {
    np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit, np.diagonal, np.diag, np.real, np.imag, np.real_if_close,
    np.broadcast_to, np.broadcast_arrays, np.nan_to_num, np.require, np.asfortranarray, np.asanyarray, np.einsum,
    np.rot90, np.ndarray.astype, np.ndarray.view, np.ndarray.__getitem__, np.lib.stride_tricks.as_strided,
    np.lib.stride_tricks.sliding_window_view, np.matrix_transpose, np.linalg.matrix_transpose, runtime.as_type,
    runtime.stored_item, np.unstack, np.meshgrid, np.trim_zeros, np.ndarray.real, np.ndarray.imag, np.ndarray.T,
} | WRITABLE  # fmt: skip


# New containers of what they are given.
CONTAINERS = {list, tuple, dict, zip, reversed, sorted, enumerate, list.copy}


# These give a list that nobody else has; its items may be elsewhere, too.
NEW_LISTS = {list, list.copy, runtime.reversed_list, runtime.list_join, runtime.list_repeat, runtime.list_fold,
             runtime.for_each, runtime.unstack_like, runtime.split_like, runtime.fresh, runtime.zeros_of,
             runtime.zeros_of_pack, runtime.add_bars}  # fmt: skip


class Sharing(NamedTuple):
    """The values whose memory a result may share; `locked`: it may not be written whatever they are."""

    values: tuple[Value, ...]
    locked: bool = False


NOTHING = Sharing(())


def is_immutable(type_: Type) -> bool:
    """Can no write ever change a value of this type?"""
    return isinstance(type_, (Num, AbsentType)) or (isinstance(type_, Tup) and all(map(is_immutable, type_.items)))


def stored_in(call: Call) -> Operand:
    """What a write stores."""
    place = STORED.get(call.fn)
    return call.args[place] if place is not None else ()


def is_container(type_: Type) -> bool:
    """Is it a list or tuple, not an array?"""
    return isinstance(type_, (ListOf, Tup))


def _known(fn: Any, table: set[Any]) -> bool:
    try:
        return fn in table
    except TypeError:  # unhashable
        return False


def is_view(call: Call) -> bool:
    """May the result be a view of the first operand, an array?"""
    rule = lookup(call.fn)
    return _known(call.fn, MAYBE_VIEWS) or (rule is not None and bool(rule.view) and not _known(call.fn, FRESH))


def sharing(call: Call) -> Sharing:
    """What the result of a call may share memory with."""
    fn = call.fn
    if is_immutable(call.out.type) or isinstance(fn, Func):
        return NOTHING
    if fn in WRITES or fn is list.append:  # the writer decides
        return NOTHING
    if is_new_list(call) and isinstance(call.out.type, ListOf) and is_immutable(call.out.type.item):
        return NOTHING
    if is_view(call) or "copy" in call.kwargs:
        return _view(call)
    if _known(fn, FRESH):
        return NOTHING
    if _known(fn, CONTAINERS):
        return _all(call, locked=False)
    if isinstance(fn, np.ufunc) or (lookup(fn) is not None and (getattr(fn, "__module__", None) or "")[:5] == "numpy"):
        return NOTHING
    if lookup(fn) is not None or _is_arithmetic(fn):
        holds = is_container(call.out.type) or getattr(fn, "__module__", "") == runtime.__name__
        return _all(call, locked=True) if holds else NOTHING
    return _all(call, locked=True)


def is_new_list(call: Call) -> bool:
    """Is the result a list of its own, whatever it holds?"""
    if call.fn in (operator.getitem, runtime.get_item):
        return isinstance(call.args[1], slice)
    return _known(call.fn, NEW_LISTS)


def _is_arithmetic(fn: Any) -> bool:
    return getattr(fn, "__module__", "") in ("_operator", "math", "cmath", "numpy", "numpy.linalg", "numpy.fft")


def _view(call: Call) -> Sharing:
    if call.fn is operator.getitem and _copies(call.args[0], call.args[1]):
        return NOTHING
    if call.fn in (operator.getitem, runtime.get_item) or _known(call.fn, WRITABLE):
        locked = not isinstance(call.args[0], Value) and isinstance(call.args[0], np.ndarray)
        return Sharing(tuple(values_in(call.args[0])), locked)
    return _all(call, locked=True)


def _all(call: Call, locked: bool) -> Sharing:
    return Sharing(tuple(values_in((*call.args, *call.kwargs.values()))), locked)


def _copies(x: Operand, index: Operand) -> bool:
    """Is it a read of an array through an index that surely gathers?"""
    parts = index if isinstance(index, tuple) else (index,)
    is_array = isinstance(x, Value) and not is_container(x.type)
    return is_array and any(isinstance(part, (list, np.ndarray)) or _is_array(part) for part in parts)


def _is_array(part: Operand) -> bool:
    return isinstance(part, Value) and getattr(part.type, "ndim", None) not in (None, 0)
