"""NumPy's array protocols: ufuncs and functions of NumPy called on tensors."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.errors import TracedValueError, UnsupportedError
from srcgrad.tracer.leaving import is_active, leaving, refuse, run_of, text_of, user_span
from srcgrad.tracer.modes import MODE
from srcgrad.tracer.operators import FAST_BINARY, FAST_UNARY
from srcgrad.tracer.record import label, record, settled
from srcgrad.tracer.tensor import Tensor, holds_tensor, plain
from srcgrad.tracer.writes import assign, put_at, read, write

REDUCTIONS: dict[Any, Any] = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min,
                              np.logical_and: np.all, np.logical_or: np.any}  # fmt: skip
RUNNING: dict[Any, Any] = {np.add: np.cumsum, np.multiply: np.cumprod}


def ufunc_called(self: Tensor, ufunc: np.ufunc, method: str, *args: Any, **kwargs: Any) -> Any:
    """``ufunc(...)``, ``ufunc.reduce(...)`` and so on."""
    if method == "__call__" and not kwargs:
        if len(args) == 1:
            short = FAST_UNARY.get(ufunc)
            return short(args[0]) if short is not None else record(ufunc, args, {})
        pair = FAST_BINARY.get(ufunc)
        return pair(*args) if pair is not None and len(args) == 2 else record(ufunc, args, {})
    if method == "__call__":
        return with_options(ufunc, args, kwargs)
    if method == "at":
        return at_index(ufunc, args)
    return by_method(ufunc, method, args, kwargs)


def with_options(ufunc: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """A ufunc with ``out``, ``where`` or ``dtype``."""
    out = kwargs.pop("out", (None,))[0]
    where = kwargs.pop("where", True)
    dtype = kwargs.pop("dtype", None)
    kwargs.pop("casting", None)
    if kwargs or (where is not True and out is None):
        raise refusal(ufunc, f"these arguments: {', '.join(kwargs) or 'where without out'}")
    result = ufunc_called(args[0], ufunc, "__call__", *args) if out is None or holds_tensor(args) else ufunc(*args)
    if dtype is not None:
        result = record(runtime.as_type, (result, dtype), {}) if isinstance(result, Tensor) else result
    return into(out, result, where)


def into(out: Any, result: Any, where: Any = True) -> Any:
    """The result, written to ``out`` if there is one."""
    if out is None:
        return result
    if not isinstance(out, Tensor):
        raise lost_in_array("out= with a plain array")
    if where is not True:
        result = record(np.where, (where, result, out), {})
    if isinstance(result, Tensor):
        return assign(out, result)
    write(out, ..., result)
    return out


def at_index(ufunc: Any, args: Any) -> None:
    """``ufunc.at(target, index[, value])``."""
    if not isinstance(args[0], Tensor):
        raise lost_in_array("at() on a plain array")
    put_at(ufunc, *args)


def by_method(ufunc: Any, method: str, args: Any, kwargs: dict[str, Any]) -> Any:
    """Reductions, running reductions and outer products, as the functions that have rules."""
    out = kwargs.pop("out", (None,))
    out = out[0] if isinstance(out, tuple) else out
    table = {"reduce": REDUCTIONS, "accumulate": RUNNING}.get(method, {})
    if method == "outer" and len(args) == 2:
        first, second = args
        wide = np.reshape(first, (*np.shape(first), *(1,) * np.ndim(second)))
        return into(out, ufunc_called(first, ufunc, "__call__", wide, second))
    if ufunc not in table:
        raise refusal(getattr(ufunc, method, ufunc), f"{method}() of this function")
    options = {"axis": 0, **dict(zip(("axis", "dtype"), args[1:], strict=False)), **kwargs}
    if options.get("dtype", 0) is None:
        del options["dtype"]
    return into(out, record(table[ufunc], args[:1], options))


def function_called(self: Tensor, func: Any, types: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """A function of NumPy on tensors."""
    special = SPECIAL.get(func)
    if special is not None:
        return special(*args, **kwargs)
    out = kwargs.pop("out", None) if "out" in kwargs else None
    if out is not None:
        return into(out, func(*args, **kwargs))
    return record(func, args, kwargs)


def overwrite(target: Any, index: Any, values: Any) -> None:
    """``target[index] = values``."""
    if not isinstance(target, Tensor):
        raise lost_in_array("a write to a plain array")
    write(target, index, values)


def lost_in_array(what: str) -> TracedValueError:
    """The error for values that are written where no derivative can follow."""
    error = TracedValueError(
        f"{what}: its values would lose their derivative",
        span=user_span(),
        repair="Make the array inside the differentiated function.",
    )
    refuse(error)
    return error


def refusal(fn: Any, what: str) -> UnsupportedError:
    """The error for what has no rule."""
    name = f" of `{label(fn)}`" if fn is not None else ""
    error = UnsupportedError(
        f"cannot differentiate this call{name}",
        span=user_span(),
        reason=f"no rule for {what}",
        repair="Write it in terms of functions that have one.",
    )
    refuse(error)
    return error


def copy_to(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    """``np.copyto``."""
    into(dst, src if where is True else np.where(where, src, dst))


def put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    """``np.put``."""
    wanted, count = np.asarray(plain(ind)).ravel(), np.size(a)
    if mode == "raise":
        wanted = np.arange(count)[wanted]
    wanted = wanted % count if mode == "wrap" else np.clip(wanted, 0, count - 1)
    put_flat(a, wanted, np.arange(len(wanted)), v)


def put_flat(a: Any, places: Any, numbers: Any, values: Any) -> None:
    """Write ``values[numbers]``, both flat and the values repeated as often as needed, at flat places."""
    if len(places):
        overwrite(a, np.unravel_index(places, np.shape(a)), np.ravel(values)[numbers % np.size(values)])


def put_along(arr: Any, indices: Any, values: Any, axis: Any) -> None:
    """``np.put_along_axis``."""
    grids = list(np.ogrid[tuple(slice(n) for n in np.shape(arr))])
    grids[axis] = plain(indices)
    overwrite(arr, tuple(grids), values)


def put_mask(a: Any, mask: Any, values: Any) -> None:
    """``np.putmask``."""
    places = np.flatnonzero(plain(mask))
    put_flat(a, places, places, values)


def place_mask(arr: Any, mask: Any, vals: Any) -> None:
    """``np.place``."""
    places = np.flatnonzero(plain(mask))
    put_flat(arr, places, np.arange(len(places)), vals)


def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    """``np.fill_diagonal`` of a matrix."""
    count = min(np.shape(a))
    overwrite(a, (np.arange(count),) * np.ndim(a), val)


def printed(x: Any, *args: Any, **kwargs: Any) -> str:
    """The text of the values."""
    text = np.array2string(np.asarray(plain(x)), *args, **kwargs)
    return text_of(x, text) if isinstance(x, Tensor) else text


SPECIAL: dict[Any, Any] = {
    np.shape: lambda a: np.shape(plain(a)),
    np.ndim: lambda a: np.ndim(plain(a)),
    np.copyto: copy_to,
    np.put: put,
    np.put_along_axis: put_along,
    np.putmask: put_mask,
    np.place: place_mask,
    np.fill_diagonal: fill_diagonal,
    np.array2string: printed,
    np.array_repr: printed,
    np.array_str: printed,
    np.may_share_memory: lambda a, b, max_work=None: np.may_share_memory(plain(a), plain(b)),
    np.shares_memory: lambda a, b, max_work=None: np.shares_memory(plain(a), plain(b)),
}


# Leaving the tensors


def as_array(self: Tensor, dtype: Any = None, copy: Any = None) -> Any:
    """What ``np.asarray(tensor)`` and C code get: refused where a derivative would be lost."""
    if is_active(self) and run_of(self) is not None:
        leaving(self, "an array made by C code")
    if (self._node is not None and MODE.on) or self._dots:
        raise TracedValueError(
            "cannot turn a tensor that requires grad into an array",
            span=user_span(),
            repair="Use tensor.detach().numpy(), or a function of NumPy that has a rule.",
        )
    return np.array(self._value, dtype=dtype) if copy or dtype is not None else np.asarray(self._value)


def item(self: Tensor, *args: Any) -> Any:
    """The one number as a Python number."""
    value = leaving(self, "item()")
    return value.item(*args) if hasattr(value, "item") else value


def to_list(self: Tensor) -> Any:
    """Nested lists of Python numbers."""
    value = leaving(self, "tolist()")
    return value.tolist() if hasattr(value, "tolist") else value


def index(self: Tensor) -> int:
    """As an index."""
    return operator.index(leaving(self, "an index") if self._value.__class__ is not np.ndarray else self._value[()])


def install() -> None:
    """Give `Tensor` the protocols."""
    methods: dict[str, Any] = {
        "__array_ufunc__": ufunc_called, "__array_function__": function_called, "__array__": as_array,
        "__float__": lambda self: float(leaving(self, "float()")),
        "__complex__": lambda self: complex(leaving(self, "complex()")),
        "__int__": lambda self: int(leaving(self, "int()")),
        "__bool__": lambda self: bool(self._value), "__index__": index, "item": item, "tolist": to_list,
        "__contains__": lambda self, x: plain(x) in self._value,
        "__round__": lambda self, digits=None: settled(round(self._value, digits)),
    }  # fmt: skip
    for name, method in methods.items():
        setattr(Tensor, name, method)


install()
__all__ = ["into", "leaving", "read"]
