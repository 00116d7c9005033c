"""Containers as numerical code has them: right in every mode, or refused by name."""

import bisect
from typing import Any

import numpy as np
import pytest

import srcgrad
from srcgrad.errors import AliasError, UnsupportedError
from tests.frontend.agree import agree
from tests.frontend.container_programs import PROGRAMS

X = np.array([0.7, 0.4, 1.3])

REFUSED = {
    "dict_zip_rt_keys": UnsupportedError,  # keys that only the running program knows
    "popped_alias": AliasError,
    "two_lists": AliasError,
}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_program(program):
    if program.__name__ in REFUSED:
        with pytest.raises(REFUSED[program.__name__]):
            srcgrad.grad(program, fallback="error")(X, 4)
    else:
        agree(program, X, 4, order=1)


def test_what_does_not_vary_is_a_constant_index():
    def f(x, grid):
        k = bisect.bisect_left(grid, x)
        return (x - grid[k - 1]) / (grid[k] - grid[k - 1]) * k

    agree(f, 0.7, [0.0, 0.5, 1.0, 2.0], order=1)
    agree(f, 0.7, np.array([0.0, 0.5, 1.0, 2.0]), order=1)


def test_an_array_beside_functions_may_not_be_shorter():
    def f(x):
        s = 0.0
        for g, v in zip([np.sin, np.cos, np.exp], x):
            s += g(v)
        return s

    agree(f, X, order=1)
    with pytest.raises(ValueError, match="a list of 3 items ends after 2"):
        srcgrad.grad(f, fallback="error")(X[:2])


def test_text_keys_in_a_loop_of_the_callers_length():
    def f(x, n):
        p = {}
        for k in range(n):
            p["w" + str(k)] = x * k
        return sum(p[f"w{k}"] ** 2 for k in range(n))

    agree(f, 0.7, 3, order=1)


def test_a_dict_whose_keys_vary():
    def f(x, n):
        d = {}
        for v in x:
            d[v * 2] = v**n
        return sum(d.values()) + sum(key * value for key, value in d.items())

    agree(f, X, 3, order=1)


@pytest.mark.parametrize("shapes", [((5, 4), (2, 8)), ((5, 4), (8, 2)), ((5, 4), (4, 4))])
def test_arrays_of_one_name_in_different_containers_are_not_as_long(shapes: Any) -> None:
    """Lengths are called after the whole path, not after the last key."""
    rng = np.random.default_rng(0)
    p = {"a": {"w": rng.normal(size=shapes[0])}, "b": {"w": rng.normal(size=shapes[1])}}
    rows = np.array([[1, 2], [3, 4]])

    def f(p: Any, rows: Any) -> Any:
        x = p["a"]["w"][rows]
        return np.sum(np.reshape(x, (-1, 2)) ** 2) + np.sum(x) * np.sum(p["b"]["w"] ** 2)

    agree(f, p, rows)
    _, pull = srcgrad.vjp(f, p, rows, argnums=0)
    bar = pull(1.0)
    assert [bar[key]["w"].shape for key in "ab"] == list(shapes)
