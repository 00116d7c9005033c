"""What is promised of the three functions the product is measured by, and of third derivatives."""

from __future__ import annotations

import ast

import numpy as np
import pytest

import srcgrad
from tests import finite
from tests.golden.test_golden import FOLDER, load, ours

THREE = ["loss", "heat", "settle"]


def source_of(name):
    """The generated source for the sample."""
    golden = load(name)
    derivative = ours(golden)
    derivative(*golden.args)
    return derivative.source


def calls_in(text):
    """The names of the functions that a source calls, without the module in front."""
    called = [node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    return {ast.unparse(f).split(".")[-1] for f in called}


@pytest.mark.parametrize("name", THREE)
def test_gradients_are_right_to_nine_digits(name):
    golden = load(name)
    found = srcgrad.grad(golden.f, golden.positions)(*golden.args)
    for i, bar in zip(golden.positions, found, strict=True):
        truth, error = finite.gradient(golden.f, golden.args, i)
        assert error < 1e-8  # a bound on what the extrapolation leaves, and a coarse one
        np.testing.assert_allclose(bar, truth, rtol=1e-9, atol=1e-9)


def test_the_gradient_of_the_loss_computes_no_log_and_no_mean():
    assert calls_in(source_of("loss")) & {"log", "mean"} == set()


def test_the_gradient_of_heat_with_respect_to_the_field_has_no_tape():
    text = source_of("heat_field")
    assert calls_in(text) & {"append", "pop", "reversed"} == set()
    assert "[]" not in text


@pytest.mark.parametrize("name", THREE)
def test_nothing_is_copied_that_the_user_does_not_copy(name):
    primal = (FOLDER / f"{name}.py").read_text().split("def f_")[0]
    assert source_of(name).count(".copy()") == primal.count(".copy()")


@pytest.mark.parametrize("name", ["heat_field"])
def test_lines_of_the_primal_stand_unchanged_in_the_forward_sweep(name):
    forward = source_of(name).split("# reverse sweep")[0]
    for line in ("u = u.copy()", "for _ in range(steps):", "u[1:-1] += alpha * (u[2:] - 2 * u[1:-1] + u[:-2])"):
        assert line in forward


# Third derivatives


def field(a):
    """Writes through slices, in a loop."""
    u = np.sin(np.arange(6.0)) * a
    for _ in range(4):
        u[1:-1] += 0.2 * a * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**3)


def history(a):
    """Writes by index that later trips read."""
    y = np.zeros(6)
    y[0] = a
    for i in range(1, 6):
        y[i] = np.sin(y[i - 1]) * a + 0.5 * y[i - 1] ** 2
    return y[5] + y[3] * y[4]


def through_view(a):
    """Writes through a row of a matrix, accumulating."""
    m = np.ones((3, 4)) * a
    for k in range(3):
        row = m[k]
        row *= np.cos(a) + 0.1 * k
        row[1:] += row[:-1] ** 2
    return np.sum(m * m[::-1])


def with_break(a):
    """A while loop that is left."""
    x = a
    count = 0
    while True:
        x = x * (1.3 - 0.2 * x * a)
        count += 1
        if count > 5:
            break
    return x * x


def nested(a):
    """Loops in loops, with a branch that is skipped."""
    total = a
    for i in range(3):
        for j in range(3):
            if (i + j) % 2:
                continue
            total += np.exp(-total) * a / (1 + j)
    return total


@pytest.mark.parametrize("f", [field, history, through_view, with_break, nested], ids=lambda f: f.__name__)
def test_third_derivatives(f):
    """Each order by differences of the one below, from the function itself upward."""
    order = f
    for _ in range(3):
        below, order = order, srcgrad.grad(order, fallback="error")
        truth = finite.slope(lambda h, below=below: below(0.7 + h))
        np.testing.assert_allclose(order(0.7), truth.value, rtol=1e-7, atol=1e-7)
