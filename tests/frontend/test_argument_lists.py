"""Lists, dicts and objects among arguments that are not differentiated: afterwards as a plain call leaves them."""

import copy
from types import SimpleNamespace

import numpy as np
import pytest

import srcgrad


def appended(x, log):
    log.append(3)
    return x * 2


def in_a_loop(x, log):
    for k in range(4):
        log.append(k)
        x = np.sin(x)
    return x


def while_it_lasts(x, log):
    while x < 4.0:
        x = x * 1.7
        log.append(x)
    return x * log[-1]


def on_a_path(x, log):
    if x > 0.5:
        log.append(x * 2)
    return x * len(log)


def rebuilt(x, log):
    log[0] = x
    log.pop()
    log.insert(0, 7.0)
    log.extend([x, 2.0])
    return x * sum(log)


def new_keys(x, d):
    d["n"] = x
    d["m"] = 3
    return d["n"] * d["a"]


def removed_key(x, d):
    d["k"] = 2
    del d["a"]
    return x * d["k"]


def attributes(x, o):
    o.n = x * 2
    o.a = 5.0
    return o.n * o.a


CASES = (
    (appended, []), (in_a_loop, [1]), (while_it_lasts, []), (while_it_lasts, [1, 2.5]), (on_a_path, [1, 2]),
    (on_a_path, [np.ones(2)]), (rebuilt, [1.0, 2.0]), (new_keys, {"a": 2.0}), (removed_key, {"a": 2.0}),
    (attributes, SimpleNamespace(a=1.0)),
)  # fmt: skip


@pytest.mark.parametrize(("fn", "held"), CASES)
def test_left_as_by_a_plain_call(fn, held):
    plain, given = copy.deepcopy(held), copy.deepcopy(held)
    value = fn(0.7, plain)
    found, slope = srcgrad.value_and_grad(fn, fallback="error")(0.7, given)
    assert found == value
    assert repr(given) == repr(plain)
    step = 1e-6
    expected = (fn(0.7 + step, copy.deepcopy(held)) - fn(0.7 - step, copy.deepcopy(held))) / (2 * step)
    np.testing.assert_allclose(slope, expected, rtol=1e-8)


def test_arrays_stay_the_objects_that_they_are():
    array = np.ones(2)
    log = [array]
    srcgrad.grad(on_a_path, fallback="error")(0.7, log)
    assert log[0] is array
    assert len(log) == 2


def test_a_differentiated_list_keeps_its_items():
    def f(x, log):
        log.append(3.0)
        return x * log[0] * len(log)

    log = [1.5]
    assert srcgrad.grad(f, (0, 1), fallback="error")(2.0, log) == (3.0, [4.0])
    assert log == [1.5]
