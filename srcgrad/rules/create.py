"""Rules for functions that make arrays, and for conversions between kinds of numbers and arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

import srcgrad.rules.results_create as types
import srcgrad.rules.samples_shape as samples
from srcgrad import runtime
from srcgrad.rules.core import constant, custom, linear
from srcgrad.runtime import is_inexact, sum_to, unstack_like

FILLED: tuple[Any, ...] = (np.zeros, np.ones, np.empty)
FILLED_LIKE: tuple[Any, ...] = (np.zeros_like, np.ones_like)
INDEX_MAKERS: tuple[Any, ...] = (np.tri, np.indices, np.diag_indices, np.tril_indices, np.triu_indices, np.ix_,
                                 np.unravel_index, np.ravel_multi_index)  # fmt: skip
CONVERSIONS: tuple[Any, ...] = (float, np.float64, np.float32, np.float16, np.longdouble, np.complex128, np.complex64)

constant(*FILLED, result=types.filled, samples=samples.filled)
constant(*FILLED_LIKE, shape_only=("a",), result=types.filled_like, samples=samples.filled_like)
constant(np.empty_like, shape_only=("prototype",), result=types.filled_like, samples=samples.filled_like)
constant(np.eye, result=types.eye, samples=samples.eye)
constant(np.identity, result=types.identity, samples=samples.identity)
constant(*INDEX_MAKERS)
constant(np.tril_indices_from, np.triu_indices_from, shape_only=("arr",))


@linear(np.full, operands=("fill_value",), shape_only=("fill_value",), result=types.full, samples=samples.full)
def full(out_bar: Any, shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C", *, device: Any = None,
         like: Any = None) -> Any:  # fmt: skip
    """``fill_value_bar = sum(out_bar)``, to the shape of the value."""
    return sum_to(out_bar, np.shape(fill_value))


@linear(np.full_like, operands=("fill_value",), shape_only=("a", "fill_value"), result=types.full_like,
        samples=samples.full_like)  # fmt: skip
def full_like(out_bar: Any, a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", subok: bool = True,
              shape: Any = None, *, device: Any = None) -> Any:  # fmt: skip
    """``fill_value_bar = sum(out_bar)``, to the shape of the value."""
    return sum_to(out_bar, np.shape(fill_value))


@linear(np.linspace, operands=("start", "stop"), shape_only=("start", "stop"), result=types.linspace,
        samples=samples.linspace)  # fmt: skip
def linspace(out_bar: Any, start: Any, stop: Any, num: int = 50, endpoint: bool = True, *, dtype: Any = None,
             axis: int = 0, device: Any = None) -> Any:  # fmt: skip
    """``start_bar = sum((1 - share) * out_bar)``, ``stop_bar = sum(share * out_bar)``."""
    share = np.linspace(0.0, 1.0, num, endpoint)
    first_bar = np.moveaxis(out_bar, axis, 0)
    start_bar = sum_to(np.tensordot(1.0 - share, first_bar, 1), np.shape(start))
    stop_bar = sum_to(np.tensordot(share, first_bar, 1), np.shape(stop))
    return start_bar, stop_bar


@custom(np.arange, operands=("start_or_stop", "stop", "step"), result=types.arange, samples=samples.arange)
def arange(out_bar: Any, out: Any, start_or_stop: Any, stop: Any = None, step: Any = 1, *, dtype: Any = None,
           device: Any = None) -> Any:  # fmt: skip
    """``start_bar = sum(out_bar)``, ``step_bar = sum(arange * out_bar)``; the stop only decides the length."""
    step_bar = np.sum(out_bar * np.arange(np.size(out)))
    if stop is None:
        return 0.0, None, step_bar
    return np.sum(out_bar), 0.0, step_bar


@arange.jvp
def arange_jvp(out: Any, start_or_stop: Any, stop: Any = None, step: Any = 1, *, dtype: Any = None,
               device: Any = None, start_or_stop_dot: Any = None, stop_dot: Any = None,
               step_dot: Any = None) -> Any:  # fmt: skip
    """``out_dot = start_dot + step_dot * arange``."""
    if stop is None or start_or_stop_dot is None:
        start_dot = np.zeros_like(out)
    else:
        start_dot = np.full(np.shape(out), start_or_stop_dot)
    if step_dot is None:
        return start_dot
    return start_dot + step_dot * np.arange(np.size(out))


@linear(np.copy, operands=("a",), result=types.copied, samples=samples.whole_array)
def copy(out_bar: Any, a: Any, order: Any = "K", subok: bool = False) -> Any:
    """``a_bar = out_bar``."""
    return out_bar


@linear(np.ascontiguousarray, np.asfortranarray, operands=("a",), result=types.at_least_vector, view="maybe",
        samples=samples.vectors)  # fmt: skip
def contiguous(out_bar: Any, a: Any) -> Any:
    """``a_bar = out_bar``, in the shape of a number where that is what was given."""
    return np.reshape(out_bar, np.shape(a))


def number(out_bar: Any, x: Any = 0.0) -> Any:
    """The cotangent of a number, or of an array of one element, that was converted."""
    if np.ndim(out_bar) != np.ndim(x):
        return np.reshape(out_bar, np.shape(x))
    return out_bar


for _fn in CONVERSIONS:
    linear(_fn, operands=("x",), result=types.conversion(_fn), samples=samples.number)(number)


@linear(complex, operands=("real", "imag"), result=types.complex_number, samples=samples.complex_number)
def complex_number(out_bar: Any, real: Any = 0.0, imag: Any = 0.0) -> Any:
    """``real_bar = out_bar``, ``imag_bar = 1j * out_bar``."""
    return out_bar, 1j * out_bar


@custom(np.array, operands=("object",), result=types.array, samples=samples.array)
def array(out_bar: Any, out: Any, object: Any, dtype: Any = None, *, copy: Any = True, order: Any = "K",
          subok: bool = False, ndmin: int = 0) -> Any:  # fmt: skip
    """The cotangent in the structure of the nested lists; zeros if the dtype has no derivative."""
    if not is_inexact(dtype):
        return runtime.zeros_of(object)
    if ndmin > 0:
        return unstack_like(np.reshape(out_bar, np.shape(object)), object)
    if isinstance(object, np.ndarray):
        return out_bar
    return unstack_like(out_bar, object)


@array.jvp
def array_jvp(out: Any, object: Any, dtype: Any = None, *, copy: Any = True, order: Any = "K", subok: bool = False,
              ndmin: int = 0, object_dot: Any) -> Any:  # fmt: skip
    """``out_dot = array(object_dot)``."""
    if not is_inexact(dtype):
        return np.zeros(np.shape(out))
    return np.array(object_dot, dtype=dtype, ndmin=ndmin)


@custom(np.asarray, np.asanyarray, operands=("a",), result=types.asarray, view="maybe", samples=samples.asarray)
def asarray(out_bar: Any, out: Any, a: Any, dtype: Any = None, order: Any = None, *, device: Any = None,
            copy: Any = None) -> Any:  # fmt: skip
    """The cotangent in the structure of what was given; zeros if the dtype has no derivative."""
    if not is_inexact(dtype):
        return runtime.zeros_of(a)
    if isinstance(a, np.ndarray):
        return out_bar
    return unstack_like(out_bar, a)


@asarray.jvp
def asarray_jvp(out: Any, a: Any, dtype: Any = None, order: Any = None, *, device: Any = None, copy: Any = None,
                a_dot: Any) -> Any:  # fmt: skip
    """``out_dot = asarray(a_dot)``."""
    if not is_inexact(dtype):
        return np.zeros(np.shape(out))
    return np.asarray(a_dot, dtype=dtype)


@custom(runtime.as_type, np.astype, operands=("x",), result=types.as_type, samples=samples.as_type)
def as_type(out_bar: Any, out: Any, x: Any, dtype: Any, order: Any = "K", casting: Any = "unsafe", subok: bool = True,
            copy: bool = True, *, device: Any = None) -> Any:  # fmt: skip
    """``x_bar = out_bar``; zeros if the dtype has no derivative."""
    if not is_inexact(dtype):
        return np.zeros_like(x)
    return out_bar


@as_type.jvp
def as_type_jvp(out: Any, x: Any, dtype: Any, order: Any = "K", casting: Any = "unsafe", subok: bool = True,
                copy: bool = True, *, device: Any = None, x_dot: Any) -> Any:  # fmt: skip
    """``out_dot = astype(x_dot)``."""
    if not is_inexact(dtype):
        return np.zeros(np.shape(out))
    return runtime.as_type(x_dot, dtype)
