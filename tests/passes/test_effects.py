"""Which primal calls must run, whoever reads them: checked against what NumPy and Python do."""

import math
import operator
from typing import Any

import numpy as np
import pytest

import srcgrad
from srcgrad import runtime
from srcgrad.analysis.effects import is_pure, may_raise, must_run
from srcgrad.ir.core import Block, Call, Func, Value
from srcgrad.ir.types import ANY, PY_BOOL, PY_FLOAT, PY_INT, Arr, Dim, Num, Tup

F8 = np.dtype("f8")
N, M = Dim("n"), Dim("m")
X, Y, MATRIX = Arr(F8, (N,)), Arr(F8, (M,)), Arr(F8, (M, N))
INTS, BOOLS, F64 = Arr(np.dtype("i8"), (N,)), Arr(np.dtype("?"), (N,)), Num("float", F8)


@pytest.mark.parametrize(("fn", "args"), [
    (operator.add, (X, X)), (operator.add, (X, 1.0)), (operator.mul, (MATRIX, X)), (np.log, (X,)),
    (np.log, (PY_FLOAT,)),
    (operator.truediv, (PY_FLOAT, 2.0)), (operator.truediv, (F64, F64)), (operator.truediv, (1, X)),
    (operator.mul, (PY_FLOAT, PY_FLOAT)), (operator.pow, (X, 2)), (operator.pow, (INTS, 2)),
    (operator.lt, (PY_FLOAT, X)),
    (operator.getitem, (X, slice(1, -1))), (operator.getitem, (MATRIX, (slice(None), None))),
    (operator.getitem, (Arr(F8, (3,)), -3)), (operator.getitem, (Tup((X, Y)), 1)), (np.where, (BOOLS, X, 0.0)),
    (np.sum, (X,)), (np.sum, (MATRIX, 1)), (operator.matmul, (MATRIX, X)), (math.tanh, (PY_FLOAT,)), (float, (PY_INT,)),
    (runtime.set_item, (X, slice(1, None), 0.0)), (runtime.set_item, (X, slice(1, None), Arr(F8, (Dim("n", 1),)))),
    (np.zeros, (3,)), (np.shape, (ANY,)), (operator.and_, (BOOLS, BOOLS)), (len, (X,)),
])  # fmt: skip
def test_need_not_run(fn, args):
    assert not must_run(fn, args)


@pytest.mark.parametrize(("fn", "args"), [
    (operator.add, (X, Y)), (operator.add, (ANY, ANY)), (operator.truediv, (PY_FLOAT, PY_FLOAT)),
    (operator.truediv, (PY_FLOAT, 0)), (operator.mod, (PY_INT, PY_INT)), (operator.pow, (PY_FLOAT, 2)),
    (operator.pow, (INTS, -1)), (operator.pow, (INTS, INTS)), (operator.neg, (BOOLS,)), (operator.invert, (X,)),
    (operator.getitem, (X, 0)), (operator.getitem, (X, PY_INT)), (operator.getitem, (X, slice(None, None, PY_INT))),
    (operator.getitem, (Arr(F8, (3,)), 3)), (operator.getitem, (X, INTS)), (np.max, (X,)), (np.sum, (X, 1)),
    (operator.matmul, (MATRIX, Y)), (math.log, (PY_FLOAT,)), (math.exp, (PY_FLOAT,)), (int, (PY_FLOAT,)),
    (float, (X,)), (bool, (X,)), (np.linalg.inv, (MATRIX,)), (print, ("a",)), (np.random.normal, ()),
    (runtime.set_item, (X, slice(1, None), X)), (runtime.set_item, (X, slice(None), 1j)), (np.zeros, (PY_INT,)),
    (np.reshape, (X, (2, 3))), (np.frompyfunc(print, 1, 1), (X,)), (lambda x: x, (X,)), (np.broadcast, (X, Y)),
])  # fmt: skip
def test_must_run(fn, args):
    assert must_run(fn, args)


def call(fn, *args):
    return Call(fn, args, {}, Value())


def test_calls_of_functions_are_what_they_hold():
    def holding(op):
        return Func("f", Block(ops=[op]))

    assert not must_run(holding(call(np.exp, 1.0)), ())
    assert must_run(holding(call(print, 1.0)), ())
    assert must_run(holding(call(holding(call(print, 1.0)))), ())
    assert not is_pure(call(holding(call(print, 1.0))))
    assert is_pure(call(holding(call(math.log, 1.0))))


def test_recursion_ends():
    func = Func("f", Block())
    func.block.ops.append(call(func))
    assert is_pure(call(func))
    assert not must_run(func, ())


def test_pure_calls_may_raise():
    op = call(math.log, Value(PY_FLOAT))
    assert is_pure(op)
    assert may_raise(op)
    assert not may_raise(call(operator.gt, Value(PY_FLOAT), Value(PY_BOOL)))


def test_what_nobody_reads_of_least_squares_is_not_computed() -> None:
    def shortest(a, b):
        return np.sum(np.linalg.lstsq(a, b, rcond=None)[0])

    made: Any = srcgrad.grad(shortest)
    made(np.eye(3)[:, :2], np.ones(3))
    assert "rank_of" not in made.source


def test_the_dtype_of_an_array_of_unknown_dtype() -> None:
    def sizes(p):
        r = np.linalg.eigvals(p)
        return np.sum(np.abs(r) * np.abs(np.ones(2, r.dtype)))

    assert np.isfinite(srcgrad.grad(sizes)(np.array([[2.0, 1.0], [0.5, 1.0]]))).all()
