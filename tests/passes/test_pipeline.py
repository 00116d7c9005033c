"""Passes on random functions: the same bits, the same exceptions; and in time."""

from __future__ import annotations

import operator
import time
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from srcgrad.codegen.load import load
from srcgrad.codegen.plain import emit
from srcgrad.ir.core import Block, Call, Func, Value
from srcgrad.ir.types import Arr, Dim
from srcgrad.ir.verify import verify
from srcgrad.ir.walk import clone_func
from srcgrad.passes.cse import cse
from srcgrad.passes.dce import dce
from srcgrad.passes.fold import fold
from srcgrad.passes.hoist import hoist
from srcgrad.passes.inline import inline
from srcgrad.passes.pipeline import optimise, simplify
from tests.ir import programs
from tests.passes.random_arrays import random_args, random_func

PASSES = [inline, fold, cse, dce, hoist, simplify, optimise]


def outcome(func: Func, args: list[Any]) -> Any:
    """What a function gives, in comparable form: types, dtypes and bits, or the class of the exception."""
    namespace: dict[str, Any] = {}
    run = load(emit(func, namespace), func.name, namespace)
    count = len(func.params) - len(func.captured)
    named = dict(zip(func.captured, args[count:], strict=True))
    recursive = emit(func, {}).count(f"def {func.name}(") != 1
    try:
        with np.errstate(all="ignore"):
            return bits(run(*args) if recursive or not named else run(*args[:count], **named))
    except (ArithmeticError, ValueError, LookupError) as error:
        return type(error)


def defined(func: Func, args: list[Any]) -> Any:
    """The outcome of a random function; one that NumPy has no meaning for (``-`` of truth values) is no example."""
    try:
        return outcome(func, args)
    except TypeError:
        reject()


def bits(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return type(value).__name__, [bits(item) for item in value]
    array = np.asarray(value)
    if array.dtype.kind in "fc":
        array = np.where(np.isnan(array), np.nan, array)  # the sign of a NaN says nothing
    return type(value).__name__, array.dtype.str, array.shape, array.tobytes()


@pytest.mark.parametrize("pass_", PASSES, ids=lambda pass_: pass_.__name__)
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1 << 40))
def test_same_outcome(pass_, seed):
    rng = Random(seed)
    func = random_func(rng)
    verify(func)
    changed = clone_func(func)
    pass_(changed)
    verify(changed, pass_.__name__)
    for _ in range(3):
        args = random_args(rng)
        want, got = defined(func, args), outcome(changed, args)
        assert same(want, got), f"{args}\n{func}\n{changed}\n{want}\n{got}"


def same(want: Any, got: Any) -> bool:
    """Equal; of several exceptions on the way, another one may come first."""
    return want == got or (isinstance(want, type) and isinstance(got, type))


@pytest.mark.parametrize("pass_", PASSES, ids=lambda pass_: pass_.__name__)
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1 << 40))
def test_same_outcome_of_numbers(pass_, seed):
    rng = Random(seed)
    func = programs.random_func(rng)
    func.name, func.captured = "f", []
    changed = clone_func(func)
    pass_(changed)
    verify(changed, pass_.__name__)
    args = [rng.uniform(-2, 2), rng.uniform(-2, 2), rng.randint(0, 3)]
    assert outcome(func, args) == outcome(changed, args)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1 << 40))
def test_a_second_run_of_dce_finds_nothing(seed):
    func = random_func(Random(seed))
    dce(func)
    text = str(func)
    assert str(dce(func)) == text


def long_func(count: int) -> Func:
    """A chain of sums and products; every third value is not read."""
    x = Value(Arr(np.dtype("f8"), (Dim("n"),)), "x")
    func = Func("f", Block([x]))
    values = [x]
    for i in range(count):
        fn = (operator.add, operator.mul, np.sin)[i % 3]
        args = (values[-1], values[i // 2]) if i % 3 < 2 else (values[-1],)
        out = Value(x.type, f"v{i}")
        func.block.ops.append(Call(fn, args, {}, out))
        values.append(out)
    func.block.yields = [values[-1]]
    return func


@pytest.mark.parametrize("pass_", [fold, cse, dce, hoist], ids=lambda pass_: pass_.__name__)
def test_time(pass_):
    times = []
    for _ in range(5):
        func = long_func(300)
        start = time.perf_counter()
        pass_(func)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.02  # 5 ms on a machine that does nothing else
