"""Result types of convolutions, and of solutions by least squares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.ir.types import ANY, Arr, Num, Type
from srcgrad.rules.results import ResultFn, fresh_dim, type_of


def line(fn: Callable[..., Any]) -> ResultFn:
    """An array of rank 1, of the dtype of products."""

    def result(a: Any, v: Any, mode: Any = "full") -> Type:
        types = type_of(a), type_of(v)
        if not all(isinstance(t, (Arr, Num)) for t in types):
            return ANY
        dtypes = [t.dtype for t in types if isinstance(t, Arr) and t.dtype is not None]
        known = len(dtypes) == 2
        return Arr(np.result_type(*dtypes) if known else None, (fresh_dim("n"),))

    return result


def least_squares_type(a: Any, b: Any, rcond: Any) -> Type:
    """A vector or a matrix with as many rows as `a` has columns."""
    x, y = type_of(a), type_of(b)
    if not isinstance(x, Arr) or not isinstance(y, Arr) or x.dims is None or y.dims is None:
        return ANY
    inexact = all(d is not None and d.kind in "fc" for d in (x.dtype, y.dtype))
    return Arr(np.result_type(x.dtype, y.dtype) if inexact else None, (x.dims[1], *y.dims[1:]))
