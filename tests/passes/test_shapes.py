"""Which values have the shape of which, as far as calls tell."""

import operator

import numpy as np
import pytest

from srcgrad.analysis.shapes import Shapes
from srcgrad.ir.core import Block, Call, Func, Value
from srcgrad.ir.types import Arr, Num, Type

UNKNOWN = Arr(np.dtype(float), (None,))


def entered(shapes, fn, *args, type_: Type = UNKNOWN):
    """The result of a call that was entered."""
    out = Value(type_)
    shapes.enter(Call(fn, args, {}, out))
    return out


@pytest.fixture
def x():
    return Value(UNKNOWN)


@pytest.fixture
def shapes(x):
    return Shapes(Func("f", Block([x])))


def test_a_result_has_the_shape_of_its_only_array(x, shapes):
    y = entered(shapes, operator.mul, 2.0, x)
    z = entered(shapes, np.exp, entered(shapes, operator.add, y, Value(Num("float"))))
    assert shapes.representative(z) is x


def test_two_arrays_of_one_shape_give_that_shape(x, shapes):
    y = entered(shapes, np.sin, x)
    assert shapes.representative(entered(shapes, operator.mul, x, y)) is x


def test_two_arrays_that_may_broadcast_give_a_shape_of_its_own(x, shapes):
    product = entered(shapes, operator.mul, x, Value(UNKNOWN))
    assert shapes.representative(product) is product


def test_what_is_entered_after_a_question_counts_for_the_next(x, shapes):
    y = entered(shapes, np.sin, x)
    assert shapes.representative(y) is x
    assert shapes.representative(entered(shapes, np.cos, y)) is x


def test_a_parameter_of_that_shape_comes_first():
    known = Arr(np.dtype(float), (3,))
    param = Value(known)
    shapes = Shapes(Func("f", Block([param])))
    assert shapes.representative(entered(shapes, np.linspace, 0, 1, 3, type_=known)) is param


def test_long_chains_need_no_deep_stack(x, shapes):
    last = x
    for _ in range(20_000):
        last = entered(shapes, operator.mul, last, last)
    assert shapes.representative(last) is x
