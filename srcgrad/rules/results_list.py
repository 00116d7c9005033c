"""The types of what is made of run-time lists."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.ir.types import (
    ABSENT_T,
    ANY,
    PY_FLOAT,
    Arr,
    ListOf,
    Num,
    Tup,
    Type,
    dtype_kind,
    join,
    join_all,
    of_constant,
)


def type_of(operand: Any) -> Type:
    """The type of an operand; a list of operands is a run-time list."""
    if isinstance(operand, Type):
        return operand
    if isinstance(operand, tuple):
        return Tup(tuple(map(type_of, operand)))
    if isinstance(operand, list):
        return ListOf(join_all([type_of(item) for item in operand]) if operand else ABSENT_T)
    return of_constant(operand)


def order(*args: Any, **kwargs: Any) -> Type:
    """Places in a list."""
    return Arr(np.dtype(np.int64), (None,))


def same(items: Any, *args: Any, **kwargs: Any) -> Type:
    """The type of the list."""
    return type_of(items)


def zeros_type(x: Any) -> Type:
    """Zeros of a list are floats where it has numbers; of an array of rank 0 numbers may come out."""
    found = type_of(x)
    if isinstance(found, Arr) and found.dims is not None and found.dims != ():
        return found
    return zero_item(found) if isinstance(found, ListOf) else ANY


def zero_item(kind: Type) -> Type:
    """The type of the zero of something in a list."""
    match kind:
        case Num(name, dtype):
            return kind if name == "complex" or dtype is not None else PY_FLOAT
        case ListOf(item):
            return ListOf(zero_item(item))
        case Tup(items):
            return Tup(tuple(map(zero_item, items)))
        case Arr(_, dims):
            return kind if dims != () else ANY
    return kind if kind == ABSENT_T else ANY


def copied(items: Any = None) -> Type:
    """``list(items)``."""
    if items is None:
        return ListOf(ABSENT_T)
    found = type_of(items)
    if isinstance(found, Arr):
        return ListOf(row_of(found))
    if isinstance(found, Tup):
        return ListOf(join_all(list(found.items)) if found.items else ABSENT_T)
    return found if isinstance(found, ListOf) else ListOf(ANY)


def row_of(array: Arr) -> Type:
    """The items of an array."""
    if array.dims is None:
        return ANY
    if len(array.dims) > 1:
        return Arr(array.dtype, array.dims[1:])
    return Num(dtype_kind(array.dtype), array.dtype) if array.dtype is not None else ANY


def with_item(xs: Any, value: Any) -> Type:
    """A list that also holds `value`."""
    found = type_of(xs)
    return ListOf(join(found.item, type_of(value))) if isinstance(found, ListOf) else ListOf(ANY)


def appended(xs: Any, value: Any) -> Type:
    """``xs.append(value)``."""
    return with_item(xs, value)


def inserted(xs: Any, index: Any, value: Any) -> Type:
    """``xs.insert(index, value)``."""
    return with_item(xs, value)


def stored(xs: Any, index: Any, value: Any, steps: Any = (), like: Any = None) -> Type:
    """``xs<steps>[index] = value``."""
    if steps:
        found = type_of(xs)
        inner = found.item if isinstance(found, ListOf) else ANY
        return ListOf(join(inner, stored(inner, index, value, steps[1:])))
    return same(xs) if isinstance(index, slice) else with_item(xs, value)


def joined(xs: Any, ys: Any) -> Type:
    """``xs + ys``."""
    return join(type_of(xs), type_of(ys))


def summed(items: Any, start: Any = 0) -> Type:
    """``sum(items)``: a float, where the items are; else whatever they are."""
    found = type_of(items)
    item = found.item if isinstance(found, ListOf) else ANY
    if isinstance(item, Num) and item.kind in ("float", "complex"):
        return Num(item.kind) if item.dtype is None else Num(item.kind, None)
    if isinstance(item, Num) and item.kind is None and isinstance(type_of(start), Num):
        return Num(None)  # a number in any case, also the sum of nothing
    return Num("int") if isinstance(item, Num) and item.kind == "int" and type(start) is int else ANY


def folded(bar: Any, xs: Any) -> Type:
    """The cotangent of the list that was repeated."""
    return type_of(bar)


def each(bar: Any, items: Any) -> Type:
    """One cotangent per item, of the item's type."""
    found = type_of(items)
    item = found.item if isinstance(found, ListOf) else ANY
    return ListOf(PY_FLOAT if isinstance(item, Num) and item.kind in ("int", "bool") else item)
