"""Rules of one's own: declared by users, without samples."""

from __future__ import annotations

import math

import numpy as np
import pytest

import srcgrad
from tests.finite import slope

opaque = {"__name__": "opaque"}
exec(
    compile(
        "import numpy as np\ndef cube(x):\n    return x ** 3\ndef double(x):\n    return 2 * x\n"
        "def times(x, y):\n    return x * y\ndef root(x, k=2):\n    return np.power(x, 1 / k)\n",
        "<opaque>",
        "exec",
    ),
    opaque,
)
cube, double, times, root = (opaque[name] for name in ("cube", "double", "times", "root"))


@srcgrad.rule.elementwise(cube)
def _cube(out, x):
    return 3 * x * x


@srcgrad.rule.linear(double)
def _double(out_bar, x):
    return 2 * out_bar


@srcgrad.rule.bilinear(times)
def _times(out_bar, x, y):
    return out_bar * y, out_bar * x


def _root(out_bar, out, x, k=2):
    return out_bar * out / (k * x)


srcgrad.rule.defvjp(root, _root)
srcgrad.rule.defjvp(root, lambda out, x, k=2, *, x_dot: x_dot * out / (k * x))
X = np.array([0.5, 1.5, 2.5])


@pytest.mark.parametrize(
    "f", [cube, double, lambda x: times(x, cube(x)), root, lambda x: root(x, 3) * x, lambda x: root(cube(x), k=4)]
)
def test_rules_of_all_kinds(f):
    dot = np.array([0.3, -1.0, 0.7])
    truth = slope(lambda h: f(X + h * dot)).value
    np.testing.assert_allclose(srcgrad.jvp(f, (X,), (dot,))[1], truth, rtol=1e-8)
    np.testing.assert_allclose(srcgrad.jacrev(f)(X) @ dot, truth, rtol=1e-8)
    g = srcgrad.grad(lambda x: np.sum(f(x)))
    np.testing.assert_allclose(srcgrad.jacfwd(g)(X) @ dot, slope(lambda h: g(X + h * dot)).value, rtol=1e-6, atol=1e-8)


def test_a_rule_replaces_what_a_function_really_does():
    def clipped(x):
        return min(max(x, 0.0), 1.0)

    @srcgrad.rule.custom(clipped)
    def _(out_bar, out, x):
        return out_bar * 1.0

    assert srcgrad.grad(lambda x: clipped(x) * 2)(7.0) == 2.0


def test_forward_mode_needs_a_rule():
    with pytest.raises(srcgrad.ArgumentError, match="no reverse mode of its own yet"):
        srcgrad.rule.defjvp(math.nextafter, lambda out, x: x)
    with pytest.raises(srcgrad.ArgumentError, match="not 3"):
        srcgrad.rule.defvjp(3, lambda out_bar, out, x: x)
