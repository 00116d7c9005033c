"""Rewrites of what asks for, makes or changes shapes, and of reads from what is written down."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.shapes import Dims, dims_of, same_dims, type_of
from srcgrad.ir.core import Call, Operand, Value
from srcgrad.ir.types import Arr, Axis, Num, is_one, same_dtype
from srcgrad.passes.folding import DERIVED, Facts, Known, Rewrite, become

__all__ = ["SHAPES", "target_dims"]


def shape(call: Call, facts: Facts) -> Known | bool:
    """A shape of known lengths, or that of an earlier value."""
    dims = array_dims(call.args[0])
    if dims is not None and all(isinstance(dim, int) for dim in dims):
        return Known(dims)
    return representative(call, facts)


def array_dims(operand: Operand) -> Dims:
    """The dims of an operand; those of a sequence that is written down are of the array that NumPy makes of it."""
    if type(operand) not in (tuple, list):
        return dims_of(operand)
    inner = {array_dims(item) for item in operand}
    dims = inner.pop() if len(inner) == 1 else None
    return (len(operand), *dims) if dims is not None and None not in dims else None


def representative(call: Call, facts: Facts) -> Known | bool:
    """Only the shape of the argument matters: take it from an earlier value of that shape."""
    x = call.args[0]
    other = facts.shapes.representative(x) if isinstance(x, Value) else x
    if other is x:
        return False
    if not isinstance(type_of(other), Arr):
        call.style = ""  # a number has no attribute `shape`
    return become(call, call.fn, other, *call.args[1:], **call.kwargs)


def rank(call: Call, facts: Facts) -> Known | bool:
    """The number of axes."""
    dims = array_dims(call.args[0])
    return Known(len(dims)) if dims is not None else representative(call, facts)


def size(call: Call, facts: Facts) -> Known | bool:
    """The number of items, of all axes or of one."""
    dims = array_dims(call.args[0])
    lengths = [dim for dim in dims or () if isinstance(dim, int)]
    if len(call.args) == 1 and not call.kwargs and dims is not None and len(lengths) == len(dims):
        return Known(math.prod(lengths))
    return representative(call, facts)


def length(call: Call, facts: Facts) -> Known | bool:
    """``len`` of an array or a tuple."""
    x = call.args[0]
    if isinstance(x, tuple):
        return Known(len(x))
    dims = dims_of(x)
    if dims and isinstance(dims[0], int):
        return Known(dims[0])
    return representative(call, facts) if dims else False


def like(call: Call, facts: Facts) -> Known | bool:
    """``zeros_like`` and others: of an earlier array of the same shape and dtype."""
    x = call.args[0]
    other = facts.shapes.representative(x) if isinstance(x, Value) else x
    have, want = type_of(other), type_of(x)
    if other is x or not isinstance(have, Arr) or not isinstance(want, Arr):
        return False
    known = "dtype" in call.kwargs or (have.dtype is not None and same_dtype(have.dtype, want.dtype))
    return known and become(call, call.fn, other, *call.args[1:], **call.kwargs)


def dtype_of_number(call: Call, facts: Facts) -> Known | bool:
    """``np.result_type(x)`` of one number or array whose dtype is known."""
    x = call.args[0]
    type_ = type_of(x)
    if type(x) in (float, complex) and len(call.args) == 1:
        return Known(np.dtype(type(x)))
    if len(call.args) != 1 or not isinstance(x, Value) or not isinstance(type_, (Arr, Num)):
        return False
    if type_.dtype is not None:
        return Known(type_.dtype)
    # A Python float may be an int on another path, but not in a reverse sweep.
    sure = call.sweep in DERIVED and isinstance(type_, Num) and type_.kind in ("float", "complex")
    return Known(np.dtype(type_.kind)) if sure and isinstance(type_, Num) else False


def zeros_of(call: Call, facts: Facts) -> Known | bool:
    """The zero of an array."""
    return isinstance(type_of(call.args[0]), Arr) and become(call, np.zeros_like, *call.args)


def read(call: Call, facts: Facts) -> Known | bool:
    """An item of a tuple that is written down, or of a shape."""
    x, index = call.args
    made = facts.made.get(x) if isinstance(x, Value) else None
    if made is not None and made.fn is tuple and made.args and type(made.args[0]) is tuple:
        x = made.args[0]
    if type(index) is not int:
        return False
    if type(x) is tuple:
        return Known(x[index]) if -len(x) <= index < len(x) else False
    if made is not None and made.fn is np.broadcast_to and _is_spread(made, index, call):
        return Known(made.args[0])
    dims = dims_of(made.args[0]) if made is not None and made.fn is np.shape else None
    known = dims is not None and -len(dims) <= index < len(dims) and isinstance(dims[index], int)
    return Known(dims[index]) if known and dims is not None else False


def _is_spread(made: Call, index: int, read: Call) -> bool:
    """Is it an item of an array that is one number everywhere?"""
    number, shape = made.args[:2]
    if made.kwargs or type(shape) is not tuple or len(shape) != 1 or type(shape[0]) is not int:
        return False
    return isinstance(number, Value) and number.type == read.out.type and -shape[0] <= index < shape[0]


def transpose(call: Call, facts: Facts) -> Known | bool:
    """Transposing less than two axes, or twice, does nothing."""
    x = call.args[0]
    if not isinstance(type_of(x), Arr):
        return False
    dims = dims_of(x)
    if dims is not None and len(dims) < 2 and len(call.args) == 1 and not call.kwargs:
        return Known(x)
    inner = facts.call(x, np.transpose)
    if inner is None or inner.kwargs or call.kwargs or not isinstance(type_of(inner.args[0]), Arr):
        return False
    cancel = len(inner.args) == len(call.args) == 1 or _are_inverse(inner.args[1:], call.args[1:])
    return Known(inner.args[0]) if cancel else False


def _are_inverse(first: tuple[Operand, ...], second: tuple[Operand, ...]) -> bool:
    if len(first) != 1 or len(second) != 1:
        return False
    a, b = first[0], second[0]
    if not all(type(axes) is tuple and all(type(axis) is int for axis in axes) for axes in (a, b)):
        return False
    rank = len(a)
    return len(b) == rank and all(a[axis] % rank == i for i, axis in enumerate(b))


def broadcast(call: Call, facts: Facts) -> Known | bool:
    """Broadcasting what has the shape already, or twice."""
    x = call.args[0]
    if len(call.args) != 2 or call.kwargs:
        return False
    if isinstance(type_of(x), Arr) and same_dims(dims_of(x), target_dims(call.args[1], facts)):
        return Known(x)
    shape, inner = _whole(call.args[1], facts), facts.call(x, np.broadcast_to)
    if inner is not None and len(inner.args) == 2:
        return become(call, call.fn, inner.args[0], shape)
    return shape is not call.args[1] and become(call, call.fn, x, shape)


def target_dims(shape: Operand, facts: Facts) -> Dims:
    """The dims that a shape operand stands for, None for each that is not known."""
    made = facts.call(shape, np.shape)
    if made is not None:
        return dims_of(made.args[0])
    return tuple(_asked(item, facts) for item in shape) if type(shape) is tuple else None


def _asked(length: Operand, facts: Facts) -> Axis:
    """The dim that a length was asked of: by ``x.shape[k]``, ``x.size`` or ``len(x)``."""
    if type(length) is int:
        return length
    made = facts.made.get(length) if isinstance(length, Value) else None
    if made is None or made.kwargs:
        return None
    dims, k = dims_of(made.args[0]), 0
    if made.fn is operator.getitem and type(made.args[1]) is int:
        dims, k = target_dims(made.args[0], facts), made.args[1]
    elif made.fn is not len and (made.fn is not np.size or len(dims or ()) != 1):
        return None
    return dims[k] if dims is not None and -len(dims) <= k < len(dims) else None


def _whole(shape: Operand, facts: Facts) -> Operand:
    """All lengths of one shape, in order, are that shape."""
    reads = [facts.call(item, operator.getitem) for item in shape] if type(shape) is tuple else []
    owners = {read.args[0] if read is not None and read.args[1] == k else None for k, read in enumerate(reads)}
    owner = owners.pop() if len(owners) == 1 else None
    dims = target_dims(owner, facts) if isinstance(owner, Value) else None
    return owner if dims is not None and len(dims) == len(reads) else shape


def sum_to(call: Call, facts: Facts) -> Known | bool:
    """Nothing to sum, or a sum over axes that are known."""
    x, target = call.args
    if isinstance(x, Value) and _same_shape(x, target, facts):
        return Known(x)
    have, want = dims_of(x), target_dims(target, facts)
    if have is None or want is None or len(want) > len(have):
        return False
    extra = len(have) - len(want)
    stretched = [_stretched(a, b) for a, b in zip(have[extra:], want, strict=True)]
    if None in stretched or (extra and any(stretched)):
        return False
    if extra:
        axes = tuple(range(extra))
        return become(call, np.sum, x, **({} if not want else {"axis": axes if extra > 1 else 0}))
    if not any(stretched):
        whole = _whole(target, facts)
        return whole is not target and become(call, call.fn, x, whole)
    return become(call, np.sum, x, axis=tuple(i for i, one in enumerate(stretched) if one), keepdims=True)


def _same_shape(x: Value, target: Operand, facts: Facts) -> bool:
    """Proved by the types, or because both shapes are that of one value."""
    if same_dims(dims_of(x), target_dims(target, facts)):
        return True
    made = facts.call(target, np.shape)
    if made is None or not isinstance(made.args[0], Value):
        return False
    return facts.shapes.representative(x) is facts.shapes.representative(made.args[0])


def _stretched(have: Axis, want: Axis) -> bool | None:
    """Was an axis of length one broadcast? None where that is unknown."""
    if is_one(want) is True:
        return is_one(have) is not True
    if is_one(want) is False or (have is not None and have == want):
        return False
    return None


SHAPES: dict[Any, tuple[Rewrite, ...]] = {
    np.shape: (shape,),
    np.ndim: (rank,),
    np.size: (size,),
    np.result_type: (dtype_of_number,),
    len: (length,),
    np.broadcast_to: (broadcast,),
    np.transpose: (transpose,),
    operator.getitem: (read,),
    runtime.sum_to: (sum_to,),
    runtime.zeros_of: (zeros_of,),
    **dict.fromkeys((np.zeros_like, np.ones_like, np.empty_like, np.full_like), (like,)),
}
