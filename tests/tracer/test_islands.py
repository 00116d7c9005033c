"""Islands: calls that cannot be read are traced, while the function around them is compiled."""

from __future__ import annotations

import asyncio
import warnings

import numpy as np
import pytest

import srcgrad
from srcgrad.errors import FallbackWarning, UnsupportedError
from tests.finite import slope

TEXT = """
import numpy as np
COUNT = []
def total(x, s=1.0):
    return np.sum(np.sin(x)) * s
def counted(x, s=1.0):
    COUNT.append(1)
    return np.sum(np.sin(x)) * s
def both(a, b):
    return a * b + a
def pair(a):
    return a, a * 2
def other_pair(a):
    return a, a * 2
def writing(a):
    a[0] = 5.0
    return np.sum(a * a)
def itself(a):
    return a
def noisy(a):
    return a * RNG.normal()
RNG = np.random.default_rng(1)
"""
NAMES: dict = {}
exec(TEXT, NAMES)
total, counted, both, pair, other_pair, writing, itself, noisy = (
    NAMES[n] for n in "total counted both pair other_pair writing itself noisy".split()
)
X = np.array([0.1, 0.2, 0.3])


def once(x):
    y = x * 2
    return total(y) * np.sum(x)


def in_a_loop(x):
    t = 0.0
    for i in range(3):
        t = t + total(x * i, s=x[0]) * x[i]
    return t


def of_two_arrays(x):
    return np.sum(both(x, x**2) ** 2)


def carried(x):
    t = np.sum(x)
    for _ in range(4):
        t = both(t, x[1])
    return t


def in_an_arm(x):
    if x[0] > 0:
        return total(x)
    return np.sum(x)


def before_a_write(x):
    y = x * 1.0
    t = total(y)
    y[0] = 7.0
    return t * total(y)


def filled_in_a_loop(x):
    y = np.zeros(3)
    t = 0.0
    for i in range(3):
        t = t + total(y) * x[i] + both(y, y)[0]
        y[i] = x[i] ** 2
        y += x
    return t


def of_the_same_twice(x):
    return both(x, x) @ both(x, x)


def in_a_callee(x):
    return once(x) * in_an_arm(x)


SOUND = [
    once,
    in_a_loop,
    of_two_arrays,
    carried,
    in_an_arm,
    before_a_write,
    filled_in_a_loop,
    of_the_same_twice,
    in_a_callee,
]


def truth(fn, x):
    """The gradient by finite differences."""

    def at(row):
        return lambda t: fn(x + float(t) * row)

    return np.array([slope(at(row)).value for row in np.eye(len(x))])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fn", SOUND, ids=lambda fn: fn.__name__)
def test_gradient(fn):
    expected = truth(fn, X)
    np.testing.assert_allclose(srcgrad.grad(fn)(X), expected, rtol=1e-9)
    np.testing.assert_allclose(srcgrad.grad(fn)(X), expected, rtol=1e-9)
    assert srcgrad.explain(fn, X).path == "mixed"
    value, pull = srcgrad.vjp(fn, X)
    assert value == pytest.approx(fn(X))
    np.testing.assert_allclose(pull(2.0)[0], 2 * expected, rtol=1e-9)
    np.testing.assert_allclose(pull(1.0)[0], expected, rtol=1e-9)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fn", [in_a_loop, carried, filled_in_a_loop, of_the_same_twice], ids=lambda fn: fn.__name__)
def test_forward_and_second_order(fn):
    gradient = srcgrad.grad(fn, mode="trace")
    np.testing.assert_allclose(srcgrad.jvp(fn, (X,), (X,))[1], gradient(X) @ X, rtol=1e-9)
    rows = [truth(lambda x, k=k: gradient(x)[k], X) for k in range(3)]
    np.testing.assert_allclose(srcgrad.hessian(fn)(X), rows, rtol=1e-6, atol=1e-8)


@pytest.mark.filterwarnings("ignore")
def test_mixed_second_derivatives_are_not_lost():
    def product(x, y):
        return both(x, y) * x

    found = srcgrad.grad(lambda x, y: srcgrad.grad(product)(x, y), 1)(2.0, 3.0)
    assert found == pytest.approx(4.0)
    assert srcgrad.grad(srcgrad.grad(product), 1)(2.0, 3.0) == pytest.approx(4.0)


def test_says_where_and_why():
    def f(x):
        return total(x) * 2.0

    with pytest.warns(FallbackWarning, match="`total`: it has no rule and no source"):
        srcgrad.grad(f)(X)
    found = srcgrad.explain(f, X)
    (file, line, text) = found.reasons[0]
    assert file == __file__
    assert line == f.__code__.co_firstlineno + 1
    assert "exec" in text
    with pytest.raises(UnsupportedError, match="no rule and no source"):
        srcgrad.grad(f, fallback="error")(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        srcgrad.grad(lambda x: total(x) * 3.0, fallback="silent")(X)


@pytest.mark.filterwarnings("ignore")
def test_runs_once():
    def f(x):
        return counted(x) * 2.5

    assert srcgrad.explain(f, X).path == "traced"  # an island whose value is of no use would have to run again

    NAMES["COUNT"].clear()
    srcgrad.grad(f)(X)
    assert len(NAMES["COUNT"]) == 1


@pytest.mark.filterwarnings("ignore")
def test_what_was_drawn_is_what_is_differentiated():
    value, grad = srcgrad.value_and_grad(lambda x: noisy(x) * 2.0)(3.0)
    assert grad * 3.0 == pytest.approx(value)


def uses_pair(x):
    a, b = pair(x)
    return np.sum(a * b)


def uses_pair_later(x):
    both_of_them = other_pair(x)
    return np.sum(both_of_them[0] * both_of_them[1])


def uses_writing(x):
    y = x * 1.0
    return writing(y) * y[0]


def uses_itself(x):
    y = x * 1.0
    z = itself(y)
    z[0] = 3.0
    return np.sum(y * x)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fn", [uses_pair_later, uses_itself], ids=lambda fn: fn.__name__)
def test_what_is_no_island_is_traced_as_a_whole(fn):
    expected = truth(fn, X)
    np.testing.assert_allclose(srcgrad.vjp(fn, X)[1](1.0)[0], expected, rtol=1e-9)
    np.testing.assert_allclose(srcgrad.grad(fn)(X), expected, rtol=1e-9)
    np.testing.assert_allclose(srcgrad.grad(fn)(X), expected, rtol=1e-9)
    assert srcgrad.explain(fn, X).path == "traced"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fn", [uses_pair, uses_writing], ids=lambda fn: fn.__name__)
def test_what_is_written_and_what_is_unpacked_at_once(fn):
    np.testing.assert_allclose(srcgrad.grad(fn)(X), truth(fn, X), rtol=1e-9)
    assert srcgrad.explain(fn, X).path == "mixed"


# Statements and functions that have a source, but cannot be read


def sender(x):
    total = 0.0
    while True:
        factor = yield total
        if factor is None:
            return
        total = total + factor * x[0]


def sends(x):
    steps = sender(x)
    next(steps)
    t = 0.0
    for k in range(3):
        t = t + steps.send(x[k])
    return t


async def slowly(x):
    await asyncio.sleep(0)
    return np.sum(x * x) * x[0]


def groups(x):
    try:
        y = x * x
    except* ValueError:
        y = x
    return np.sum(y)


def pair_of_groups(a, d):
    try:
        made = a * d["w"] + d["b"], a * a
    except* ValueError:
        made = a, a
    return made


def a_callee(x):
    y = np.sin(x)
    s = sends(y)
    return s * np.sum(y)


def a_coroutine(x):
    y = x * 2
    z = asyncio.run(slowly(y))
    return z * y[1]


def a_return(x):
    y = x * 3
    return asyncio.run(slowly(y))


def a_callee_with_groups(x):
    t = groups(x)
    return t * x[0]


def a_statement(x):
    z = np.exp(x)
    try:
        y = z * x
    except* ValueError:
        y = x
    return np.sum(y) * z[0]


def a_definition_and_its_use(x):
    y = x + 1

    async def inner(v):
        return v * y

    r = asyncio.run(inner(x))
    return np.sum(r * y)


def a_statement_in_a_loop(x):
    t = np.sum(x)
    for k in range(3):
        try:
            t = t * 1.1 + x[k]
        except* ValueError:
            t = 0.0
    return t * t


def a_statement_in_an_arm(x):
    if x[0] > 0.05:
        try:
            y = x * x
        except* ValueError:
            y = x
        return np.sum(y) * x[1]
    return np.sum(x)


def a_statement_that_writes(x):
    y = x * 1.0
    try:
        y[0] += x[1] * y[2]
    except* ValueError:
        pass
    z = y * y
    y[1] = 3.0
    return np.sum(z * x) + np.sum(y)


def a_write_through_a_view(x):
    y = np.outer(x, x)
    row = y[1]
    try:
        row[:] = row * x[0]
    except* ValueError:
        pass
    return np.sum(y * y)


def a_nested_function(x):
    c = x[0] * 2

    def scaled(v):
        return v * c

    try:
        y = scaled(x)
    except* ValueError:
        y = x
    return np.sum(y**2)


def containers(x):
    xs = [x * 2, x[0]]
    d = {"a": x, "b": 2.0}
    try:
        y = xs[0] * d["b"] + d["a"] * xs[1]
    except* ValueError:
        y = x
    return np.sum(y**2)


def unpacked_at_once(x):
    p, q = pair_of_groups(x, {"w": x[0], "b": np.sum(x)})
    return np.sum(p * q)


def reads_a_global(x):
    t = with_global(x)
    return t * np.sum(TABLE * x)


STATEMENTS = [
    a_callee, a_coroutine, a_return, a_callee_with_groups, a_statement, a_definition_and_its_use,
    a_statement_in_a_loop, a_statement_in_an_arm, a_statement_that_writes, a_write_through_a_view, a_nested_function,
    containers, unpacked_at_once, reads_a_global,
]  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fn", STATEMENTS, ids=lambda fn: fn.__name__)
def test_what_has_a_source_but_cannot_be_read(fn):
    expected = truth(fn, X)
    value, found = srcgrad.value_and_grad(fn)(X)
    assert value == pytest.approx(fn(X))
    np.testing.assert_allclose(found, expected, rtol=1e-8)
    assert srcgrad.explain(fn, X).path == "mixed"


V = np.array([0.2, -0.5, 0.9])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fn", STATEMENTS[::3], ids=lambda fn: fn.__name__)
def test_every_mode_and_order_is_mixed(fn):
    gradient = srcgrad.grad(fn, mode="trace")
    np.testing.assert_allclose(srcgrad.jvp(fn, (X,), (V,))[1], gradient(X) @ V, rtol=1e-8)
    along = slope(lambda t: gradient(X + float(t) * V)).value
    np.testing.assert_allclose(srcgrad.hvp(fn, (X,), V), along, rtol=1e-6, atol=1e-8)
    twice = srcgrad.grad(lambda x: srcgrad.grad(fn)(x) @ V)
    np.testing.assert_allclose(twice(X), along, rtol=1e-6, atol=1e-8)
    assert srcgrad.explain(twice, X).path == "mixed"


@pytest.mark.filterwarnings("ignore")
def test_third_order():
    def f(t):
        return both(t, t) * total(t)

    third = srcgrad.grad(srcgrad.grad(srcgrad.grad(f)))
    second = srcgrad.grad(srcgrad.grad(f, mode="trace"))
    assert third(0.4) == pytest.approx(slope(lambda t: second(0.4 + float(t))).value)


# What the code around an island keeps in variables of its own is not an island's to touch


def bumped_between_reads(x):
    a = np.sum(TABLE * x)
    t = bump(x)
    return a * t + np.sum(TABLE * x)


def number_between_reads(x):
    a = SETTINGS["n"] * x[0]
    t = bump_setting(x)
    return a * t + SETTINGS["n"] * x[1]


def written_before(x):
    SETTINGS["n"] = 3.0
    t = with_setting(x)
    SETTINGS["n"] = 5.0
    return t * with_setting(x)


def kept_for_the_next(x):
    return keeps(x) * np.sum(x) + keeps(x * 2.0)


def kept_in_a_loop(x):
    t = 0.0
    for i in range(3):
        t = t + adds_up(x * i) * x[i]
    return t


def kept_in_a_default(x):
    return remembers(x) * remembers(x * 2.0)


def appended_inside(x):
    out = []
    try:
        for v in x:
            out.append(v * v)
    except* ValueError:
        pass
    return sum(out) * x[0]


def two_views(x):
    y = x * 1.0
    z = y[1:]
    try:
        z[0] = x[0] ** 2
        y[0] += x[1]
    except* ValueError:
        pass
    return np.sum(y * x)


NAMES |= {"TABLE": np.array([1.0, 2.0, 3.0]), "SETTINGS": {"n": 1.0}}
exec(
    """
def bump(x):
    TABLE[0] = TABLE[0] + 1.0
    return np.sum(x * x)
def bump_setting(x):
    SETTINGS["n"] = SETTINGS["n"] + 1.0
    return np.sum(x)
def with_setting(x):
    return np.sum(x) * SETTINGS["n"]
def with_global(x):
    return np.sum(x * TABLE)
KEPT = {}
TOTAL = 0.0
def keeps(x):
    if "x" not in KEPT:
        KEPT["x"] = np.sum(x * x)
    return KEPT["x"]
def adds_up(x):
    global TOTAL
    TOTAL = TOTAL + np.sum(x * x)
    return TOTAL
def remembers(x, known=[]):
    known.append(np.sum(x * x))
    return sum(known)
""",
    NAMES,
)
bump, bump_setting, with_setting, with_global, TABLE, SETTINGS, keeps, adds_up, remembers = (
    NAMES[n] for n in "bump bump_setting with_setting with_global TABLE SETTINGS keeps adds_up remembers".split()
)


def anew(fn):
    """The function on the state it starts from."""

    def run(x):
        TABLE[:] = [1.0, 2.0, 3.0]
        SETTINGS["n"] = 1.0
        NAMES["KEPT"].clear()
        NAMES["TOTAL"] = 0.0
        remembers.__defaults__[0].clear()
        return fn(x)

    return run


SHARED = [
    kept_for_the_next, kept_in_a_loop, kept_in_a_default, bumped_between_reads, number_between_reads, written_before,
    appended_inside, two_views,
]  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fn", SHARED, ids=lambda fn: fn.__name__)
def test_what_is_shared_with_an_island_is_never_stale(fn):
    expected = truth(anew(fn), X)
    anew(fn)(X)
    left = TABLE.copy(), dict(SETTINGS)
    for _ in range(2):
        np.testing.assert_allclose(anew(srcgrad.grad(fn))(X), expected, rtol=1e-8)
        np.testing.assert_array_equal(TABLE, left[0])
        assert left[1] == SETTINGS


@pytest.mark.filterwarnings("ignore")
def test_a_callee_of_an_island_that_is_replaced():
    space = {"np": np, "TABLE": TABLE, "inner": lambda x: np.sum(x)}
    exec("def outer(x):\n    return inner(x) * 2.0", space)
    outer = space["outer"]

    def f(x):
        return np.sum(TABLE * x) * outer(x) * np.sum(TABLE)

    gradient = srcgrad.grad(f)
    np.testing.assert_allclose(anew(gradient)(X), truth(anew(f), X), rtol=1e-8)
    space["inner"] = bump
    np.testing.assert_allclose(anew(gradient)(X), truth(anew(f), X), rtol=1e-8)


def acts(x, data, thing, draws):
    SETTINGS["n"] = SETTINGS["n"] + 1.0
    thing.count = thing.count + 1
    thing.buffer[0] += data[1]
    try:
        y = x * x
    except* ValueError:
        y = x
    return np.sum(y) * draws.normal() * SETTINGS["n"] + thing.buffer[0] * x[0]


def acts_and_raises(x, data, thing, draws):
    value = acts(x, data, thing, draws)
    if x[0] > 0:
        raise ValueError("stop")
    return value


class Thing:
    def __init__(self):
        self.count, self.buffer = 0, np.zeros(2)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fn", [acts, acts_and_raises], ids=lambda fn: fn.__name__)
def test_what_a_call_leaves_behind(fn):
    def left(run):
        SETTINGS["n"] = 1.0
        x, thing, draws = X.copy(), Thing(), np.random.default_rng(3)
        try:
            run(x, np.array([1.0, 2.0]), thing, draws)
        except ValueError:
            pass
        np.testing.assert_array_equal(x, X)
        return SETTINGS["n"], thing.count, list(thing.buffer), draws.bit_generator.state

    assert srcgrad.explain(fn, X, np.ones(2), Thing(), np.random.default_rng(3)).path == "mixed"
    gradient = srcgrad.grad(fn)
    assert left(fn) == left(gradient) == left(gradient)
    assert left(fn) == left(lambda x, *rest: srcgrad.jvp(lambda t: fn(t, *rest), (x,), (x,)))
    assert left(fn) == left(lambda x, *rest: srcgrad.hvp(lambda t: fn(t, *rest), (x,), x))


READ_ONLY = np.arange(3.0)
READ_ONLY.flags.writeable = False
KINDS = [np.ones(3, np.float32), np.array(0.7), np.zeros(0), np.arange(6.0)[::2], READ_ONLY, 0.3, np.float32(0.3),
         np.ones((2, 0)), np.asfortranarray(np.arange(6.0).reshape(2, 3))]  # fmt: skip


def of_any_kind(x):
    y = x * 2
    try:
        z = np.sin(y) * y
    except* ValueError:
        z = y
    return np.sum(z)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("x", KINDS, ids=lambda x: f"{type(x).__name__}{np.shape(x)}")
def test_kinds_of_arguments(x):
    found = srcgrad.grad(of_any_kind)(x)
    assert type(found) is type(x)
    assert np.shape(found) == np.shape(x)
    assert getattr(found, "dtype", None) == getattr(x, "dtype", None)
    np.testing.assert_allclose(found, 2 * (np.cos(2 * x) * 2 * x + np.sin(2 * x)), rtol=1e-5)


def test_a_numpy_function_without_rule_is_refused_at_its_line():
    def f(x):
        y = x * 2
        return np.sum(np.apply_over_axes(np.sum, np.frompyfunc(lambda t: t * t, 1, 1)(y), 0))

    with pytest.raises(UnsupportedError, match="it has no rule") as caught:
        srcgrad.grad(f, fallback="silent")(X)
    assert caught.value.span.line == f.__code__.co_firstlineno + 2


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("how", ["jvp", "hvp", "jacfwd", "jacrev", "hessian"])
def test_what_is_no_island_is_found_out_by_every_operator(how):
    space = {"np": np}
    exec("def pair(a):\n    return a, a * a", space)
    pair_of = space["pair"]

    def f(x):
        held = pair_of(x)
        return np.sum(held[0] * held[1])

    if how == "jvp":
        assert srcgrad.jvp(f, (X,), (V,))[1] == pytest.approx(np.sum(3 * X**2 * V))
    elif how == "hvp":
        np.testing.assert_allclose(srcgrad.hvp(f, (X,), V), 6 * X * V)
    elif how == "hessian":
        np.testing.assert_allclose(srcgrad.hessian(f)(X), np.diag(6 * X))
    else:
        np.testing.assert_allclose(getattr(srcgrad, how)(f)(X), 3 * X**2)
