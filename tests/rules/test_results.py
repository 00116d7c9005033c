"""The predicted type of every sample's result against the result itself: vague is allowed, wrong is not."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad.ir.types import ANY, AnyType, Arr, Dim, ListOf, Num, Opaque, Tup, Type, dtype_kind
from srcgrad.rules.results import broadcast_dims, elementwise_result, fresh_dim, reduction_result
from tests.rules import cases
from tests.rules.direct import tree

RULES = cases.named_rules()
TYPED = sorted(name for name, (_, rule) in RULES.items() if rule.result)


def number_type(x):
    """The type of a scalar."""
    if isinstance(x, np.generic):
        return Num(dtype_kind(x.dtype), x.dtype)
    return Num(type(x).__name__)


def symbolic(x):
    """All that can be known, lengths as symbols that tell their size."""
    if isinstance(x, np.ndarray):
        return Arr(x.dtype, tuple(1 if n == 1 else Dim(f"length {n}", 0, False) for n in x.shape))
    return number_type(x) if isinstance(x, (float, complex, np.inexact)) else x


def unsure(x):
    """As `symbolic`, but which lengths are 1 is unknown."""
    return Arr(x.dtype, tuple(Dim(f"length {n}") for n in x.shape)) if isinstance(x, np.ndarray) else x


def rankless(x):
    """Only the dtype."""
    return Arr(x.dtype) if isinstance(x, np.ndarray) else symbolic(x)


def kindless(x):
    """Only the rank of arrays; numbers of unknown kind."""
    if isinstance(x, np.ndarray):
        return Arr(None, tuple(None for _ in x.shape))
    return Num(None) if isinstance(x, (float, complex, np.inexact)) else x


def nothing(x):
    """Nothing at all."""
    return ANY if isinstance(x, (np.ndarray, float, complex, np.inexact)) else x


def dim_holds(dim, length):
    """Is this what is said of an axis of this length?"""
    if dim is None:
        return True
    if isinstance(dim, int):
        return dim == length
    told = told_length(dim.symbol, dim.minus) if dim.symbol.startswith("length ") else length
    return told == length and dim.one in (None, length == 1)


def told_length(symbol, minus):
    """The length a symbol stands for, that of an axis (``length 4``) or of a slice of one (``length 4_0s1_m1_``)."""
    head, sliced, words = symbol.rpartition("s")
    if not sliced:
        return max(0, int(symbol.split(" ")[1]) - minus)
    axis, _, gone = head.rpartition("_")
    bounds = (int(word.replace("m", "-")) if word else None for word in words.split("_"))
    return max(0, len(range(*slice(*bounds).indices(told_length(axis, int(gone))))) - minus)


def same_dtype(a, b):
    """Are they the same dtype or both None? NumPy says that float64 equals None."""
    return (a is None) == (b is None) and a == b


def holds(type_, value):
    """Is the value of this type?"""
    match type_:
        case AnyType() | Opaque():
            return not isinstance(type_, Opaque) or not isinstance(value, (np.ndarray, float))
        case Num(kind, dtype):
            scalar = isinstance(value, (bool, int, float, complex, np.generic))
            told = number_type(value) if scalar else None
            return scalar and (kind is None or (told.kind == kind and same_dtype(told.dtype, dtype)))
        case Arr(dtype, dims):
            right = isinstance(value, np.ndarray) and (dtype is None or dtype == value.dtype)
            return right and (dims is None or (len(dims) == value.ndim and all(map(dim_holds, dims, value.shape))))
        case Tup(items):
            return isinstance(value, tuple) and len(items) == len(value) and all(map(holds, items, value))
        case ListOf(item):
            return isinstance(value, list) and all(holds(item, v) for v in value)
    return False


VIEWS = {f.__name__: f for f in (symbolic, unsure, rankless, kindless, nothing)}


@pytest.mark.parametrize("name", TYPED)
def test_types_hold(name):
    fn, rule = RULES[name]
    for k, (args, kwargs) in enumerate(cases.samples_of(name)):
        with np.errstate(all="ignore"):
            value = fn(*args, **kwargs)
        for known, view in VIEWS.items():
            typed = {key: tree(view, item) for key, item in kwargs.items()}
            found = rule.result(*(tree(view, arg) for arg in args), **typed)
            assert holds(found, value), f"sample {k}, {known}: said {found}, is {type(value)} {value!r}"


@pytest.mark.parametrize("name", TYPED)
def test_types_say_something(name):
    fn, rule = RULES[name]
    samples = cases.samples_of(name)
    found = [
        rule.result(*(tree(symbolic, a) for a in args), **{k: tree(symbolic, v) for k, v in kwargs.items()})
        for args, kwargs in samples
    ]
    assert not samples or any(f != ANY for f in found)


def test_a_wrong_type_is_noticed():
    assert not holds(Arr(np.dtype(np.float32), (3,)), np.zeros(3))
    assert not holds(Arr(np.dtype(np.float64), (4,)), np.zeros(3))
    assert not holds(Num("float"), np.float64(1))
    assert not holds(Num("float", np.dtype(np.float64)), np.array(1.0))
    assert not holds(Arr(None, (Dim("length 3"), None)), np.zeros(3))


def test_lengths_under_broadcasting():
    n, m, big = Dim("n"), Dim("m"), Dim("k", 0, False)
    assert broadcast_dims((n,), (n,)) == (n,)
    assert broadcast_dims((n,), (1,)) == (n,)
    assert broadcast_dims((n,), (m,)) == (None,)
    assert broadcast_dims((big,), (n,)) == (big,)
    assert broadcast_dims((big,), (5,)) == (5,)
    assert broadcast_dims((), (n, 1), (big,)) == (n, big)
    assert broadcast_dims((None,), (0,)) == (0,)


def test_fresh_lengths_differ():
    assert fresh_dim("n") != fresh_dim("n")
    assert fresh_dim("n").one is None


@pytest.mark.parametrize(("fn", "args", "kwargs"), [
    (np.add, (Arr(np.dtype(float), (3,)), Arr(np.dtype(float), (3,))), {"out": Arr(np.dtype(float), (3,))}),
    (np.add, (Arr(np.dtype(float), (3,)), Opaque("list")), {}),
    (np.add, (Arr(np.dtype(object), (3,)), Num("float")), {}),
])  # fmt: skip
def test_what_is_not_certain_is_any(fn, args, kwargs):
    found = elementwise_result(fn)(*args, **kwargs)
    assert found == ANY or isinstance(found, Type) and found == Arr(np.dtype(object), (3,))


def test_an_axis_known_only_at_run_time():
    found = reduction_result(np.sum)(Arr(np.dtype(float), (3, 4)), axis=Num("int"))
    assert found == ANY
