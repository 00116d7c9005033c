"""`np.errstate` around parts of a program: the forward sweep warns and raises as a plain call does."""

import warnings

import numpy as np
import pytest

import srcgrad
from tests.frontend.agree import agree, refused

V = np.array([1.2, 2.5, 0.7])
Z = np.array([1.2, 0.0, 0.7])


def ignored(x):
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(x > 0, np.log(x), 0.0)
        z = 1 / x
    return np.sum(y * x) + np.sum(np.where(x > 0, z, 1.0))


def raised(x):
    with np.errstate(divide="raise", invalid="raise"):
        y = np.log(x)
    return np.sum(y)


def caught(x):
    try:
        with np.errstate(all="raise"):
            y = np.log(x) * 2
            y = y * x
    except FloatingPointError:
        y = x**2
    return np.sum(y)


def left_in_a_loop(x):
    s = 0.0
    for k in range(3):
        with np.errstate(all="ignore"):
            r = np.sqrt(x - k)
            if k == 1:
                continue
        s = s + np.sum(np.where(np.isnan(r), x, r))
    return s


def observed(fn, x):
    """What a call gives or raises, and its warnings; the settings of the process are as before."""
    before = np.geterr()
    with warnings.catch_warnings(record=True) as caught_:
        warnings.simplefilter("always")
        try:
            result = fn(x)
        except FloatingPointError as error:
            result = str(error)
    assert np.geterr() == before
    return result, [str(each.message) for each in caught_]


def warning_after(x):
    with np.errstate(divide="ignore"):
        y = np.sum(np.where(x > 0, np.log(x), 0.0))
    return y + np.sum(np.where(x > 0, 1 / x, 1.0))


def stops_inside(x):
    with np.errstate(all="raise"):
        y = np.sum(x)
        if y < 3:
            raise FloatingPointError("small")
    return y


PROGRAMS = [ignored, raised, caught, left_in_a_loop, warning_after, stops_inside]


@pytest.mark.parametrize("fn", PROGRAMS)
@pytest.mark.parametrize("x", [V, Z])
def test_warns_and_raises_as_a_plain_call(fn, x):
    result, warned = observed(fn, x)
    found, also = observed(srcgrad.value_and_grad(fn), x)
    assert also == warned
    if isinstance(result, str):
        assert found == result
    else:
        assert found[0] == pytest.approx(result)


@pytest.mark.parametrize("fn", PROGRAMS)
def test_right(fn):
    agree(fn, V)


def test_caught_at_the_point():
    np.testing.assert_allclose(srcgrad.grad(caught)(Z), 2 * Z)


def test_refused():
    def f(x, modes):
        with np.errstate(call=modes):
            return np.sum(np.log(x))

    assert refused(f, V, None) == "cannot tell what NumPy does on floating-point errors here"
