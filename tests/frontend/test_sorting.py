"""`sorted` and `list.sort` by numbers that only the running program knows; keys are made once."""

import numpy as np
import pytest

import srcgrad
from tests.frontend.agree import agree

X = np.array([0.3, 0.52, -0.7])


def by_key(x):
    return sorted([x[0], x[1], x[2]], key=lambda t: -t)[0] * 2 + sorted(x, key=abs)[2] ** 2


def in_place(x):
    xs = [x[0], -x[1], x[2]]
    xs.sort(key=abs, reverse=True)
    return xs[0] * xs[2] ** 2


def of_unknown_length(x):
    xs = []
    for t in x:
        xs.append(np.sin(t))
    xs.sort(reverse=True)
    return xs[0] + 2 * xs[1] ** 2


def of_tuples(x):
    ys = sorted(zip(x, [3, 1, 2], strict=True))
    zs = [(t, t * t) for t in x]
    zs.sort(key=lambda pair: -pair[0])
    return sum(a * b * (k + 1) for k, (a, b) in enumerate(ys)) + zs[0][1] * zs[1][0]


def of_arrays(x):
    xs = sorted([x * 2, x, x * 3], key=lambda t: -t[0])
    return np.sum(xs[0] * xs[2])


def of_places(x):
    order = sorted(range(len(x)), key=lambda k: -x[k])
    return x[order[0]] * x[order[1]] ** 2


PROGRAMS = (by_key, in_place, of_unknown_length, of_tuples, of_arrays, of_places)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_sorted(program):
    agree(program, X, order=1)


def test_equal_ranks_keep_their_order_both_ways():
    def f(x, backwards):
        ranks = [round(float(t)) for t in x]
        first = sorted(range(3), key=lambda k: ranks[k], reverse=backwards)[0]
        return x[first] * 1.0

    for backwards in (False, True):
        x = np.array([0.2, 0.3, 0.1])
        expected = np.eye(3)[0]
        np.testing.assert_array_equal(srcgrad.grad(f)(x, backwards), expected)


def test_nans_are_where_python_leaves_them():
    x = np.array([3.0, np.nan, 1.0])
    value, _ = srcgrad.value_and_grad(lambda x: sorted(x)[0], fallback="error")(x)
    assert value == sorted(x)[0] == 3.0


def test_keys_are_made_once():
    def f(x, seen):
        def rank(t):
            seen.append(1)
            return -t

        return sorted([x, x * 2], key=rank)[0]

    seen = []
    assert srcgrad.grad(f, fallback="error")(0.5, seen) == 2.0
    assert seen == [1, 1]
