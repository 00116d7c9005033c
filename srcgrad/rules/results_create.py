"""Result types of the rules that make arrays and numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.ir.types import ANY, Arr, ListOf, Num, Type, of_constant
from srcgrad.rules.results import ResultFn, dims_of, fresh_dim, type_of
from srcgrad.rules.results_trial import by_trial

filled, full, eye, identity = (by_trial(fn, integers=True) for fn in (np.zeros, np.full, np.eye, np.identity))
arange_trial, as_type, array_trial = by_trial(np.arange, integers=True), by_trial(runtime.as_type), by_trial(np.array)
copied, at_least_vector = by_trial(np.copy), by_trial(np.ascontiguousarray)


def arange(*args: Any, **kwargs: Any) -> Type:
    """The type of `np.arange`: of numbers that are not known, not even the length is."""
    if any(isinstance(arg, Num) and arg.kind != "int" for arg in (*args, *kwargs.values())):
        return Arr(None, (fresh_dim("n"),))
    return arange_trial(*args, **kwargs)


def filled_like(a: Any = None, dtype: Any = None, order: Any = "K", subok: Any = True, shape: Any = None,
                **kwargs: Any) -> Type:  # fmt: skip
    """The type of `np.zeros_like` and friends."""
    like = type_of(kwargs.get("prototype", a))
    if shape is not None or isinstance(dtype, Type):
        return ANY
    dims = dims_of(like)
    if isinstance(like, Num):
        like = Arr(_number_example(like).dtype if like.kind is not None else None, ())
    if not isinstance(like, Arr):
        return ANY
    return Arr(like.dtype if dtype is None else np.dtype(dtype), dims)


def _number_example(number: Num) -> Any:
    """An array of the dtype NumPy gives a number."""
    if number.dtype is not None:
        return np.zeros((), number.dtype)
    return np.asarray({"bool": True, "int": 1, "float": 1.0, "complex": 1j}[number.kind or "float"])


def full_like(a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", subok: Any = True, shape: Any = None,
              **kwargs: Any) -> Type:  # fmt: skip
    """The type of `np.full_like`."""
    return filled_like(a, dtype, order, subok, shape)


def linspace(start: Any, stop: Any, num: Any = 50, endpoint: Any = True, **kwargs: Any) -> Type:
    """The type of `np.linspace` between numbers."""
    ends = [type_of(start), type_of(stop)]
    if kwargs or not all(isinstance(t, Num) and t.kind in ("int", "float") for t in ends):
        return ANY
    if any(isinstance(t, Num) and t.dtype is not None and t.dtype != np.float64 for t in ends):
        return Arr(None, (num if isinstance(num, int) else fresh_dim("n"),))
    return Arr(np.dtype(float), (num if isinstance(num, int) else fresh_dim("n"),))


def conversion(fn: Callable[..., Any]) -> ResultFn:
    """The type of a number converted by `fn`; `np.float64` and the like convert arrays too."""
    example = of_constant(fn(1.0))

    def result(x: Any = 0.0) -> Type:
        found = type_of(x)
        if isinstance(found, Num) or fn is float:
            return example
        if not isinstance(found, Arr) or not found.dims or not isinstance(example, Num):
            return ANY
        return Arr(example.dtype, found.dims)

    return result


def complex_number(real: Any = 0.0, imag: Any = 0.0) -> Type:
    """A Python complex number."""
    return Num("complex")


def stacked_list(item: Type) -> Type:
    """The type of an array of a run-time list's items."""
    if isinstance(item, ListOf):
        item = stacked_list(item.item)
    if isinstance(item, Num) and item.kind in ("bool", "int", "float", "complex"):
        return Arr(item.dtype or np.dtype(item.kind), (fresh_dim("n"),))
    if isinstance(item, Arr) and item.dims is not None:
        return Arr(item.dtype, (fresh_dim("n"), *item.dims))
    return ANY


def array(object: Any, dtype: Any = None, *, copy: Any = True, order: Any = "K", subok: Any = False,
          ndmin: Any = 0) -> Type:  # fmt: skip
    """The type of `np.array`."""
    found = type_of(object)
    if isinstance(found, ListOf) and ndmin == 0 and dtype is None:
        return stacked_list(found.item)
    if isinstance(found, Arr) and ndmin == 0 and not isinstance(dtype, Type):
        return found if dtype is None else Arr(np.dtype(dtype), found.dims)
    return array_trial(object, dtype, ndmin=ndmin)


def asarray(a: Any, dtype: Any = None, order: Any = None, **kwargs: Any) -> Type:
    """The type of `np.asarray`."""
    return array(a, dtype)
