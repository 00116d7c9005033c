"""Result types are never wrong: what a type says of a sample's result must hold of the result."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from srcgrad.ir.types import PY_INT, Arr, Axis, Dim, ListOf, Num, Tup, Type, dtype_kind
from srcgrad.rules import (
    CHAPTERS,
    results_create,
    results_index,
    results_linalg,
    results_pieces,
    results_products,
    results_shape,
    results_trial,
)
from srcgrad.rules.core import Rule, all_rules

RESULTS = (
    results_create,
    results_index,
    results_linalg,
    results_pieces,
    results_products,
    results_shape,
    results_trial,
)
HOMES = {module.__name__ for module in RESULTS}

Naming = Callable[[int], Axis]


def typed(x: Any, name: Naming) -> Any:
    """Arrays and floats by their types, lengths as `name` gives them; everything else as it is."""
    if isinstance(x, (list, tuple)):
        return type(x)(typed(item, name) for item in x)
    if isinstance(x, np.ndarray):
        return Arr(x.dtype, tuple(name(n) for n in x.shape))
    if isinstance(x, np.generic):
        return Num(dtype_kind(x.dtype), x.dtype)
    if isinstance(x, (float, complex)) and not isinstance(x, bool):
        return Num("complex" if isinstance(x, complex) else "float")
    return x


def namings() -> Iterator[Naming]:
    """Lengths as numbers; one symbol per length; one per axis; the same for what is one more; vague ones."""
    counter = itertools.count()
    yield lambda n: n
    yield lambda n: n if n == 1 else Dim(f"s{n}", 0, False)
    yield lambda n: Dim(f"s{n}", 0, None)
    yield lambda n: Dim(f"t{next(counter)}s{n}", 0, None)
    yield lambda n: Dim(f"s{n + 2}", 2, None)
    yield lambda n: None


def length(dim: Dim) -> int | None:
    """The length a test's dim stands for."""
    digits = dim.symbol.rpartition("s")[2]
    return max(0, int(digits) - dim.minus) if "s" in dim.symbol and digits.isdigit() else None


def holds(found: Type, out: Any) -> bool:
    """Is `out` of this type?"""
    match found:
        case Tup(items):
            return isinstance(out, tuple) and len(items) == len(out) and all(map(holds, items, out))
        case ListOf(item):
            return isinstance(out, list) and all(holds(item, x) for x in out)
        case Num(kind, dtype):
            return np.ndim(out) == 0 and not isinstance(out, np.ndarray) and _number_holds(kind, dtype, out)
        case Arr(dtype, dims):
            if not isinstance(out, np.ndarray) or (dtype is not None and dtype != out.dtype):
                return False
            return dims is None or (len(dims) == out.ndim and all(map(_axis_holds, dims, out.shape)))
    return True


def _number_holds(kind: str | None, dtype: Any, out: Any) -> bool:
    if dtype is not None:
        return isinstance(out, np.generic) and out.dtype == dtype
    return kind is None or (not isinstance(out, np.generic) and type(out).__name__ == kind)


def _axis_holds(dim: Axis, n: int) -> bool:
    if isinstance(dim, int):
        return dim == n
    known = length(dim) if dim is not None else None
    return known is None or (known == n and not (dim is not None and dim.one is False and n == 1))


def cases() -> Iterator[Any]:
    for rule in all_rules():
        home = getattr(rule.result, "__module__", "")
        if CHAPTERS and rule.samples is not None and home in HOMES:
            for fn in rule.fns:
                yield pytest.param(rule, fn, id=f"{fn.__module__}.{fn.__name__}")


@pytest.mark.parametrize(("rule", "fn"), cases())
def test_never_wrong(rule: Rule, fn: Any) -> None:
    assert rule.samples is not None
    assert rule.result is not None
    for sample in rule.samples(np.random.default_rng(0)):
        out = fn(*sample.args, **sample.kwargs)
        for name in namings():
            found = rule.result(*typed(sample.args, name), **{k: typed(v, name) for k, v in sample.kwargs.items()})
            assert isinstance(found, Type)
            assert holds(found, tuple(out) if isinstance(out, tuple) else out), (sample, found)


N, M = Dim("n"), Dim("m")
FLOAT = np.dtype(float)


def floats(*dims: Axis) -> Arr:
    return Arr(FLOAT, dims)


@pytest.mark.parametrize(("found", "want"), [
    (lambda: results_index.getitem(floats(N), slice(1, -1)), floats(Dim("n", 2))),
    (lambda: results_index.getitem(floats(N), slice(None, -2)), floats(Dim("n", 2))),
    (lambda: results_index.getitem(floats(Dim("n", 1)), slice(2, None)), floats(Dim("n", 3))),
    (lambda: results_index.getitem(floats(N, M), PY_INT), floats(M)),
    (lambda: results_index.getitem(floats(N, M), (slice(None), None, PY_INT)), floats(N, 1)),
    (lambda: results_index.getitem(floats(N), PY_INT), Num("float", FLOAT)),
    (lambda: results_index.getitem(floats(N, M), (Arr(np.dtype(int), (Dim("k"),)),)), floats(Dim("k"), M)),
    (lambda: results_shape.transpose(floats(N, M)), floats(M, N)),
    (lambda: results_products.matmul(floats(N, M), floats(M)), floats(N)),
    (lambda: results_products.matmul(floats(3, N, M), floats(M, N)), floats(3, N, N)),
    (lambda: results_products.outer(floats(N), floats(M)), floats(N, M)),
    (lambda: results_products.einsum("ij,jk->ki", floats(N, M), floats(M, 3)), floats(3, N)),
    (lambda: results_pieces.stack([floats(N), floats(N)], axis=-1), floats(N, 2)),
    (lambda: results_shape.diff(floats(N), 2), floats(Dim("n", 2))),
    (lambda: results_create.filled((2, 3)), floats(2, 3)),
    (lambda: results_linalg.norm(floats(N, M)), Num("float", FLOAT)),
    (lambda: results_linalg.norm(floats(N, M), axis=1), floats(N)),
    (lambda: results_shape.expand_dims(floats(N), 0), floats(1, N)),
])  # fmt: skip
def test_known(found: Callable[[], Type], want: Type) -> None:
    assert found() == want


def test_a_slice_with_a_stop_says_nothing_of_the_length() -> None:
    found = results_index.getitem(floats(N), slice(0, 5))
    assert isinstance(found, Arr)
    assert found.dims is not None
    assert found.dims[0] not in (5, N)
