"""One minute on any Python: the import works, and gradients of one function per part of the language are right."""

import math

import numpy as np
import pytest

import srcgrad


def straight(x):
    return np.sum(np.sin(x) * x)


def looped(x):
    total = 0.0
    for i in range(x.size):
        if x[i] < 0:
            continue
        total = total + x[i] ** 3
        if total > 50:
            break
    return total


def written(x):
    y = x.copy()
    for _ in range(3):
        y[1:-1] += 0.1 * (y[2:] - 2 * y[1:-1] + y[:-2])
    return np.sum(y**2)


def halved(x):
    y = x * 1.0
    while np.sum(y**2) > 0.5:
        y = y * 0.5
    return np.sum(y * x)


def scaled(x):
    return shared(x, 2.0) + shared(x * x, 0.5)


def shared(x, by):
    return by * np.sum(np.exp(-x))


FUNCTIONS = [straight, looped, written, halved, scaled]


def slope(f, x, index, step=1e-4):
    """Central differences, the error of order two removed (Richardson)."""

    def central(h):
        moved = np.zeros_like(x)
        moved[index] = h
        return (f(x + moved) - f(x - moved)) / (2 * h)

    return (4 * central(step / 2) - central(step)) / 3


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_gradient_against_differences(f):
    x = np.array([0.7, -0.4, 1.3, 0.2, 1.9])
    got = srcgrad.grad(f)(x)
    for index in range(x.size):
        assert got[index] == pytest.approx(slope(f, x, index), rel=1e-8, abs=1e-8)


def test_second_order_and_forward_mode():
    x = np.array([0.7, 1.3])
    hessian = srcgrad.hessian(straight)(x)
    np.testing.assert_allclose(hessian, np.diag(2 * np.cos(x) - x * np.sin(x)), atol=1e-12)
    value, tangent = srcgrad.jvp(straight, (x,), (np.ones(2),))
    assert value == straight(x)
    assert tangent == pytest.approx(np.sum(np.sin(x) + x * np.cos(x)))


def test_numbers_and_dicts():
    def f(p, t):
        return p["a"] * math.exp(-p["b"] * t)

    gradient = srcgrad.grad(f)({"a": 2.0, "b": 0.5}, 3.0)
    assert gradient == pytest.approx({"a": math.exp(-1.5), "b": -6 * math.exp(-1.5)})


def test_source_is_python():
    gradient = srcgrad.grad(written)
    gradient(np.ones(4))
    compile(gradient.source, "written_grad.py", "exec")
