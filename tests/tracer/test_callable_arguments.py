"""Objects with `__call__` among the arguments: traced, they have gradients as from source."""

import math

import numpy as np

import srcgrad


class Model:
    """A small model."""

    def __init__(self):
        self.w = np.array([0.3, 0.4])
        self.s = 0.7

    def __call__(self, x):
        return np.sum(self.w * x) * math.sin(self.s)


def loss(model, x):
    return model(x) * model.s


def test_a_callable_object_has_a_gradient_of_its_attributes():
    x = np.array([0.5, -0.2])
    value, (bar, x_bar) = srcgrad.value_and_grad(loss, (0, 1), mode="trace")(Model(), x)
    expected, (bar_source, x_bar_source) = srcgrad.value_and_grad(loss, (0, 1), fallback="error")(Model(), x)
    assert value == expected
    np.testing.assert_allclose(bar.w, x * math.sin(0.7) * 0.7, rtol=1e-12)
    np.testing.assert_allclose(bar.s, bar_source.s, rtol=1e-12)
    np.testing.assert_allclose(x_bar, x_bar_source, rtol=1e-12)


def test_a_function_among_the_arguments_stays_what_it_is():
    found = srcgrad.grad(lambda x, f: f(x) * x, mode="trace")(0.3, np.sin)
    assert found == srcgrad.grad(lambda x: np.sin(x) * x)(0.3)
