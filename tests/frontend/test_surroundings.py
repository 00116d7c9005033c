"""What a program reads from its surroundings and writes into them: exact, and afterwards as a plain call leaves it."""

import copy

import numpy as np
import pytest

import srcgrad
from tests import finite

X = np.array([1.2, 0.7, 2.1, 0.9])
BUFFER = np.zeros(4)
TABLE = np.zeros(4)
COUNT = 0
CONFIG = {"n": 0, "u": np.ones(4), "rate": 0.5}


class Simulation:
    def __init__(self):
        self.u = np.ones(4)
        self.n = 0
        self.t = 1.0
        self.k = 2.0

    def step(self, x):
        self.u[1:-1] += self.k * x[1:-1] * self.u[:-2]
        self.n += 1
        self.t = self.t + 0.5
        return np.sum(self.u**2) * self.t

    def twice(self, x):
        return self.step(x) + self.step(x)

    def rebind(self, x):
        for _ in range(3):
            self.u = self.u * x
            self.n += 1
        return np.sum(self.u) + self.n

    def on_one_path(self, x):
        if x[0] > 1:
            self.t = 2.0
        self.u[0] = x[0]
        return np.sum(self.u * x) * self.t


SIMULATION = Simulation()


def reset():
    global COUNT
    BUFFER[:] = [1.0, 2.0, 3.0, 4.0]
    TABLE[:] = [1.0, 2.0, 3.0, 4.0]
    COUNT = 0
    CONFIG.update(n=0, rate=0.5)
    CONFIG["u"][:] = 1.0
    vars(SIMULATION).update(vars(Simulation()))


def snapshot():
    return copy.deepcopy((BUFFER, TABLE, COUNT, CONFIG, vars(SIMULATION)))


def buffer(x):
    y = np.sum(BUFFER * x)
    BUFFER[:2] = x[:2] ** 2
    BUFFER[...] *= 2.0
    return y + np.sum(BUFFER**2)


def rebound(x):
    global COUNT
    COUNT += 1
    COUNT = COUNT * 2
    TABLE[COUNT] += x[0] * TABLE[0]
    return np.sum(TABLE**2) * COUNT


def configured(x):
    CONFIG["n"] += 1
    CONFIG["u"][1:-1] += x[1:-1]
    CONFIG["rate"] = CONFIG["rate"] * 3.0
    return np.sum(CONFIG["u"] ** 2) * CONFIG["n"]


def in_a_branch(x):
    if x[0] > 100:
        BUFFER[0] = x[1]
    for i in range(3):
        BUFFER[i + 1] = BUFFER[i] * x[i]
    return np.sum(BUFFER * x)


def read_later_in_reverse(x):
    y = BUFFER * x
    z = y * BUFFER
    BUFFER[...] = z
    return np.sum(z * x)


def by_method(x):
    return SIMULATION.twice(x)


PROGRAMS = [buffer, rebound, configured, in_a_branch, read_later_in_reverse, by_method, SIMULATION.twice,
            SIMULATION.rebind, SIMULATION.on_one_path]  # fmt: skip


def left_by(call):
    """What a call gives, and what is there after it."""
    reset()
    result = call()
    return result, snapshot()


def same(one, other):
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and np.allclose(one, other, rtol=1e-13)


def fresh(fn):
    """The function on surroundings that are reset before each call."""
    return lambda x: (reset(), fn(x))[1]


@pytest.mark.parametrize("fn", PROGRAMS, ids=lambda fn: fn.__name__)
def test_one_run_leaves_what_a_plain_call_leaves(fn):
    value, left = left_by(lambda: fn(X.copy()))
    truth, error = finite.gradient(fresh(fn), (X.copy(),), 0)
    assert error < 1e-6
    ones = np.ones(4)
    for derive, check in (
        (lambda: srcgrad.value_and_grad(fn)(X.copy()), lambda r: (r[0], r[1] @ ones)),
        (lambda: srcgrad.value_and_grad(fn)(X.copy()), lambda r: (r[0], r[1] @ ones)),
        (lambda: srcgrad.jvp(fn, (X.copy(),), (ones,)), lambda r: r),
        (lambda: srcgrad.vjp(fn, X.copy()), lambda r: (r[0], r[1](1.0)[0] @ ones)),
    ):
        result, found = left_by(derive)
        assert same(found, left)
        np.testing.assert_allclose(check(result), (value, np.sum(truth)), rtol=1e-8)
    np.testing.assert_allclose(left_by(lambda: srcgrad.grad(fn)(X.copy()))[0], truth, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("fn", PROGRAMS, ids=lambda fn: fn.__name__)
def test_second_order(fn):
    _, left = left_by(lambda: fn(X.copy()))
    found, after = left_by(lambda: srcgrad.hvp(fn, (X.copy(),), np.ones(4)))
    assert same(after, left)
    slope = finite.slope(lambda t: fresh(srcgrad.grad(fn))(X + t))
    np.testing.assert_allclose(found, slope.value, rtol=1e-6, atol=1e-7)


def counting():
    n, held = 0, np.zeros(4)

    def fn(x):
        nonlocal n
        n += 1
        held[0] += x[0] ** 2
        return np.sum(held) * n

    return fn, lambda: (n, held.copy())


def test_cells():
    (plain, state), (fn, other) = counting(), counting()
    for _ in range(3):
        plain(X)
        np.testing.assert_allclose(srcgrad.value_and_grad(fn)(X)[1][0], 2 * X[0] * state()[0])
        assert other()[0] == state()[0]
        np.testing.assert_array_equal(other()[1], state()[1])


class Layer:
    def __init__(self, w):
        self.w = w

    def __call__(self, x):
        return self.w * x

    def apply(self, x):
        return self.w * x


def scaled(k):
    return lambda x: k * x


FIRST, SECOND = Layer(2.0), Layer(3.0)
BOTH = [scaled(2.0), scaled(5.0)]


def test_places_of_one_name_are_told_apart():
    assert srcgrad.grad(lambda x: FIRST(x) + SECOND(x))(1.0) == 5.0
    assert srcgrad.grad(lambda x: FIRST.apply(x) * SECOND.apply(x))(1.0) == 12.0
    assert srcgrad.grad(lambda x: BOTH[0](x) * BOTH[1](x))(1.0) == 20.0


def stateful(state, x):
    state["u"][1:-1] += x[1:-1] ** 2
    state["n"] = state["n"] + 1.0
    return np.sum(state["u"] ** 2) * state["n"]


def test_containers_in_arguments():
    """Differentiated ones keep their entry values; others are left as a plain call leaves them."""
    given = {"u": np.ones(4), "n": 2.0}
    plain, other, kept = (copy.deepcopy(given) for _ in range(3))
    stateful(plain, X)
    found = srcgrad.grad(stateful, argnums=1)(other, X)
    assert same(other, plain)
    truth, _ = finite.gradient(lambda x: stateful(copy.deepcopy(given), x), (X,), 0)
    np.testing.assert_allclose(found, truth, rtol=1e-8, atol=1e-10)
    grads = srcgrad.grad(stateful)(kept, X)
    assert same(kept, given)
    truth, _ = finite.gradient(lambda s: stateful(copy.deepcopy(s), X), (given,), 0)
    np.testing.assert_allclose(grads["u"], truth["u"], rtol=1e-8)
    np.testing.assert_allclose(grads["n"], truth["n"], rtol=1e-8)


def test_shared_memory_is_refused():
    whole = np.ones(6)
    table, window = whole[:4], whole[2:]

    def overlapping(x):
        table[0] = x[0]
        return np.sum(table * x) + np.sum(window)

    with pytest.raises(srcgrad.AliasError, match="`table` is written here, and `window` shares its memory"):
        srcgrad.grad(overlapping)(X)


WEIGHTS = [1.0, 2.0]
RATES = {"a": 1.0, "b": 2.0}
LAYERS = [{"w": np.ones(3)}, {"w": 2 * np.ones(3)}]
HISTORY = []


def over_outside(x):
    total = x * WEIGHTS[-1] + len(WEIGHTS) * x
    for w in WEIGHTS:
        total = total * w
    for name in RATES:
        total = total + RATES[name] * x
    for _, rate in RATES.items():
        total = total + rate * x
    return total + sum(np.sum(layer["w"] * x) for layer in LAYERS)


def test_lists_and_dicts_outside_are_read_at_each_call():
    derivative = srcgrad.grad(over_outside)

    def check():
        truth = finite.slope(lambda t: over_outside(1.5 + t)).value
        np.testing.assert_allclose(derivative(1.5), truth, rtol=1e-9)

    check()
    WEIGHTS[0], RATES["a"], LAYERS[1]["w"] = 5.0, 7.0, 3 * np.ones(3)
    check()
    WEIGHTS.append(4.0)
    RATES["c"] = 0.5
    LAYERS.append({"w": np.ones(3)})
    check()


def recorded(x):
    y = x * x
    HISTORY.append(y)
    HISTORY.append(2.0 * HISTORY[-1])
    return HISTORY[0] * y


def test_appending_to_a_list_outside():
    for fn in (recorded, lambda x: srcgrad.value_and_grad(recorded)(x)[0]):
        HISTORY.clear()
        assert fn(1.5) == 1.5**4
        assert HISTORY == [2.25, 4.5]
    HISTORY.clear()
    assert srcgrad.grad(recorded)(1.5) == 4 * 1.5**3
