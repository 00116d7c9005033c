"""Result types of the rules for linear algebra."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.ir.types import ANY, Arr, Num, Tup, Type, dtype_kind
from srcgrad.rules.results import Dims, broadcast_dims, fresh_dim, type_of
from srcgrad.rules.results_trial import by_trial


def solve(a: Any, b: Any) -> Type:
    """The type of `np.linalg.solve`."""
    x, y = type_of(a), type_of(b)
    if not isinstance(x, Arr) or not isinstance(y, Arr) or x.dims is None or y.dims is None:
        return ANY
    inexact = all(d is not None and d.kind in "fc" for d in (x.dtype, y.dtype))
    dtype = np.result_type(x.dtype, y.dtype) if inexact else None
    if len(y.dims) == 1:
        return Arr(dtype, x.dims[:-1])
    return Arr(dtype, (*broadcast_dims(x.dims[:-2], y.dims[:-2]), x.dims[-2], y.dims[-1]))


def _inexact(a: Any) -> Arr | None:
    """A stack of matrices of known rank and of an inexact dtype."""
    found = type_of(a)
    good = isinstance(found, Arr) and found.dims is not None and len(found.dims) >= 2
    if not isinstance(found, Arr) or not good or found.dtype is None or found.dtype.kind not in "fc":
        return None
    return found


def _real(dtype: Any) -> np.dtype[Any]:
    """The dtype of the absolute values."""
    return np.zeros((), dtype).real.dtype


def stack_of(dtype: np.dtype[Any], dims: Dims) -> Type:
    """An array, or a number where there are no dims."""
    return Arr(dtype, dims) if dims else Num(dtype_kind(dtype), dtype)


TWO = Tup((ANY, ANY))  # of a matrix that nothing is known of


def per_matrix(a: Any) -> Type:
    """One number per matrix."""
    x = _inexact(a)
    return ANY if x is None or x.dims is None or x.dtype is None else stack_of(x.dtype, x.dims[:-2])


def slogdet(a: Any) -> Type:
    """The sign and the logarithm, per matrix."""
    x = _inexact(a)
    if x is None or x.dims is None or x.dtype is None:
        return TWO
    return Tup((stack_of(x.dtype, x.dims[:-2]), stack_of(_real(x.dtype), x.dims[:-2])))


def eigh(a: Any, UPLO: Any = "L") -> Type:
    """The eigenvalues and vectors."""
    x = _inexact(a)
    if x is None or x.dims is None or x.dtype is None:
        return TWO
    return Tup((Arr(_real(x.dtype), x.dims[:-1]), x))


def eigvalsh(a: Any, UPLO: Any = "L") -> Type:
    """The eigenvalues."""
    both = eigh(a)
    return both.items[0] if isinstance(both, Tup) else ANY


def eigvals(a: Any) -> Type:
    """Eigenvalues, real or complex as their values are."""
    x = _inexact(a)
    return ANY if x is None or x.dims is None else Arr(x.dtype if x.dtype is not None and x.dtype.kind == "c" else None,
                                                       x.dims[:-1])  # fmt: skip


def eig(a: Any) -> Type:
    """Eigenvalues and vectors, real or complex as their values are."""
    x = _inexact(a)
    return TWO if x is None else Tup((eigvals(a), Arr(x.dtype if x.dtype is not None and x.dtype.kind == "c" else None,
                                                      x.dims)))  # fmt: skip


def svdvals(x: Any) -> Type:
    """The singular values."""
    a = _inexact(x)
    if a is None or a.dims is None:
        return ANY
    short = a.dims[-1] if a.dims[-1] == a.dims[-2] else fresh_dim("k")
    return Arr(_real(a.dtype), (*a.dims[:-2], short))


def svd(a: Any, full_matrices: Any = True, compute_uv: Any = True) -> Type:
    """The singular value decomposition."""
    x, s = _inexact(a), svdvals(a)
    if x is None or x.dims is None or not isinstance(s, Arr) or s.dims is None:
        return Tup((ANY, ANY, ANY)) if compute_uv is True else ANY
    if compute_uv is False:
        return s
    if compute_uv is not True or not isinstance(full_matrices, bool):
        return ANY
    rows, columns = (x.dims[-2], x.dims[-1]) if full_matrices else (s.dims[-1], s.dims[-1])
    return Tup((Arr(x.dtype, (*x.dims[:-1], rows)), s, Arr(x.dtype, (*x.dims[:-2], columns, x.dims[-1]))))


def qr(a: Any, mode: Any = "reduced") -> Type:
    """The factors of a QR decomposition."""
    x, s = _inexact(a), svdvals(a)
    if x is None or x.dims is None or not isinstance(s, Arr) or s.dims is None or mode not in ("reduced", "r"):
        return ANY
    r = Arr(x.dtype, (*x.dims[:-2], s.dims[-1], x.dims[-1]))
    return r if mode == "r" else Tup((Arr(x.dtype, (*x.dims[:-1], s.dims[-1])), r))


def pinv(a: Any, *args: Any, **kwargs: Any) -> Type:
    """The pseudoinverse."""
    x = _inexact(a)
    return ANY if x is None or x.dims is None else Arr(x.dtype, (*x.dims[:-2], x.dims[-1], x.dims[-2]))


norm_trial = by_trial(np.linalg.norm)


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Type:
    """The type of `np.linalg.norm`."""
    found = type_of(x)
    if isinstance(found, Num):
        return ANY
    if axis is None and keepdims is False and isinstance(found, Arr) and found.dtype is not None:
        known = found.dtype.kind in "fc"
        return Num("float", _real(found.dtype)) if known and ord is None else norm_trial(x, ord, axis, keepdims)
    return norm_trial(x, ord, axis, keepdims)


def same_matrix(a: Any, *args: Any, **kwargs: Any) -> Type:
    """The type of the first argument with an inexact dtype."""
    found = type_of(a)
    if not isinstance(found, Arr):
        return ANY
    inexact = found.dtype is not None and dtype_kind(found.dtype) in ("float", "complex")
    return found if inexact else Arr(None, found.dims)
