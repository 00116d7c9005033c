"""What is made item by item, put into lists, displays, calls and sorted: walked once, of any length."""

import functools
import itertools

import numpy as np
import pytest

from tests.frontend.agree import agree

X = np.array([0.3, 0.52, 0.7])


def steps(t, n):
    for i in range(n):
        t = np.sin(t) + 0.1 * i
        yield t


def until(t, n):
    for i in range(n):
        if t > 0.45:
            return
        t = np.sin(t) + 0.1 * i
        yield t


def list_of_map(x):
    return sum(list(map(lambda t: t * t, x)))


def list_of_steps(x):
    xs = list(until(x[0], 4))
    return xs[-1] * len(xs) + sum(list(steps(x[1], 3)))


def extended(x):
    xs = [x[0]]
    xs.extend(until(x[0], 4))
    xs.extend(map(np.sin, x))
    xs += [t * t for t in x]
    xs += map(np.cos, x)
    return sum(a * b for a, b in zip(xs, xs[1:], strict=False))


def displayed(x):
    return sum([*map(np.sin, x), x[0], *steps(x[0], 2), *until(x[0], 4)])


def unpacked(x):
    a, b, c = map(np.sin, x)
    d, *rest = steps(a, 3)
    return a * b + c * d + sum(rest)


def side_by_side(x):
    total = 0.0
    for i, (a, b) in enumerate(zip(map(np.sin, x), until(x[0], 4), strict=False)):
        total += a * b * i
    return total + sum(b * c for b, c in zip(x, steps(x[0], 5), strict=False))


def listed_pairs(x):
    return sum(a * b for a, b in list(zip(until(x[0], 4), x, strict=False)))


def sorted_steps(x):
    return sorted(steps(x[0], 3))[1] * sorted(map(lambda t: -t * t, x))[0]


def extremes(x):
    return max(map(lambda t: t * t, x), default=0.0) + min(until(x[2], 3), default=x[1])


def from_iterable(x):
    return np.sum(np.fromiter((t * t for t in x), dtype=float) * x)


def chained(x):
    total = x[0]
    for t in itertools.chain(until(x[0], 4), map(np.sin, x)):
        total = total * 0.5 + t
    return total * functools.reduce(lambda a, b: np.sin(a) * b, until(x[0], 4), 1.0)


def walked_to_its_end_twice(x):
    ys = steps(x[0], 3)
    total = 0.0
    for t in ys:
        total += t
    for t in ys:
        total += 100 * t
    return total + len(list(ys))


PROGRAMS = (list_of_map, list_of_steps, extended, displayed, unpacked, side_by_side, listed_pairs, sorted_steps,
            extremes, from_iterable, chained, walked_to_its_end_twice)  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_lazy_items(program):
    agree(program, X, order=1)
