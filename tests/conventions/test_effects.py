"""Conventions about effects: exceptions, prints, warnings, random draws and what cannot be seen through."""

from __future__ import annotations

import traceback
import warnings

import numpy as np
import pytest

import srcgrad


def derivatives(f, x):
    """Ways to ask for the derivative, each a function without arguments."""
    return [lambda: srcgrad.grad(f)(x), lambda: srcgrad.jvp(f, (x,), (np.ones_like(x),))]


def checked(x):
    if x[0] > 0:
        raise ArithmeticError("above zero")
    return np.sum(x)


def test_exceptions_of_the_primal():
    for derive in derivatives(checked, np.ones(2)):
        with pytest.raises(ArithmeticError, match="above zero"):
            derive()


def asserted(x):
    assert x[0] < 0, "not below zero"
    return np.sum(x)


def test_assertions_of_the_primal():
    for derive in derivatives(asserted, np.ones(2)):
        with pytest.raises(AssertionError, match="not below zero"):
            derive()


def unneeded(x, a):
    np.linalg.inv(a)
    return np.sum(x)


def test_an_operation_that_raises_is_not_dropped():
    with pytest.raises(np.linalg.LinAlgError):
        srcgrad.grad(unneeded)(np.ones(2), np.zeros((2, 2)))


def test_the_line_of_the_user_is_in_the_traceback():
    with pytest.raises(ArithmeticError) as caught:
        srcgrad.grad(checked)(np.ones(2))
    assert 'raise ArithmeticError("above zero")' in "".join(traceback.format_exception(caught.value))


def chatty(x):
    print("before")
    y = np.sum(x * x)
    print("after")
    return y


def test_prints_appear_once_and_in_order(capsys):
    for derive in derivatives(chatty, np.ones(2)):
        derive()
        assert capsys.readouterr().out == "before\nafter\n"


def test_the_reverse_sweep_does_not_warn():
    with warnings.catch_warnings(), np.errstate(all="warn"):
        warnings.simplefilter("error")
        assert srcgrad.grad(lambda x: x**0.5)(0.0) == np.inf
        np.testing.assert_array_equal(srcgrad.grad(lambda x: np.sum(np.sqrt(x)))(np.zeros(2)), [np.inf, np.inf])


def sampled(loc, scale, rng):
    return np.sum(rng.normal(loc, scale, size=4))


def test_draws_differentiate_along_the_path():
    by_loc, by_scale = srcgrad.grad(sampled, (0, 1))(1.0, 2.0, np.random.default_rng(0))
    assert by_loc == 4.0
    assert by_scale == pytest.approx(np.sum(np.random.default_rng(0).normal(size=4)))


def counted(rate, rng):
    return rng.poisson(rate) * 1.0


def test_draws_without_a_path_are_refused():
    with pytest.raises(srcgrad.SrcgradError):
        srcgrad.grad(counted, fallback="error")(2.0, np.random.default_rng(0))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(x.view(np.int64)) * 1.0,
        lambda x: float(str(x[0])),
        lambda x: float(len(x.tobytes())) + np.frombuffer(x.tobytes())[0],
    ],
    ids=["bits", "text", "bytes"],
)
def test_bits_and_text_of_an_active_value_are_refused(f):
    with pytest.raises(srcgrad.SrcgradError):
        srcgrad.grad(f, fallback="error")(np.ones(2))
