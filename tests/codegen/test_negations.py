"""A negation is printed where it is read only if what it negates has a name: an item may have been written since."""

import numpy as np

import srcgrad
from tests import finite


def test_an_item_is_read_before_it_is_written():
    def f(x):
        x = x.copy()
        x[[0, 2, 1]] *= np.cos(-x[2])
        return np.mean(x)

    x = np.array([0.3, 0.4, 0.5])
    gradient = srcgrad.grad(f, fallback="error")
    np.testing.assert_allclose(gradient(x), finite.gradient(f, (x,), 0)[0], atol=1e-9)
