"""Arrays that a loop fills are their own tape: where no later write touches what was read, and nowhere else."""

from __future__ import annotations

import warnings

import numpy as np

import srcgrad
from srcgrad.analysis.history import Histories
from srcgrad.autodiff.recall_plan import Forward
from srcgrad.ir.core import Loop
from srcgrad.ir.parse import parse
from tests import finite
from tests.autodiff.histories import arguments, loaded, program

N_PROGRAMS = 60


def source_of(f, *args):
    """The gradient is right; its source."""
    grad = srcgrad.grad(f, argnums=tuple(range(len(args))), fallback="error")
    found = grad(*args)
    for k in range(len(args)):
        expected, error = finite.gradient(f, args, k)
        assert error < 1e-6
        np.testing.assert_allclose(found[k], expected, rtol=1e-6, atol=1e-8)
    return grad.source


def check_taped(f, *args):
    """Right, with a tape."""
    assert ".append(" in source_of(f, *args)


def check_tapeless(f, *args):
    """Right, without."""
    assert ".append(" not in source_of(f, *args)


X, Y = arguments(3)


# No later write touches what was read


def test_a_recurrence():
    def f(x, y):
        h = np.zeros(x.size + 1)
        for t in range(x.size):
            h[t + 1] = np.tanh(h[t] * y[t] + x[t])
        return np.sum(h**2)

    check_tapeless(f, X, Y)


def test_a_recurrence_that_runs_backwards():
    def f(x, y):
        h = x.copy()
        for t in range(x.size - 2, -1, -1):
            h[t] = np.tanh(h[t + 1] * y[t])
        return np.sum(h**2)

    check_tapeless(f, X, Y)


def test_a_reversed_range():
    def f(x, y):
        h = np.zeros(x.size + 2)
        h[-1] = 0.5
        for t in reversed(range(x.size)):
            h[t + 1] = np.sin(h[t + 2] * y[t]) + x[t]
        return np.sum(h**2)

    check_tapeless(f, X, Y)


def test_two_steps_at_a_time():
    def f(x, y):
        h = x.copy()
        for t in range(1, x.size - 1, 2):
            h[t] = np.sin(h[t - 1] * h[t + 1] * y[t])
        return np.sum(h**2)

    check_tapeless(f, X, Y)


def test_a_slice_before_the_write():
    def f(x, y):
        h = x.copy()
        for t in range(x.size):
            h[t] = x[t] + np.sum(h[:t] * h[:t]) * y[t]
        return np.sum(h**2)

    assert ".append(sum_" in source_of(f, X, 0.3 * Y)  # which is not worth doing again, and no part of the array


def test_rows_of_a_history():
    def f(x, y):
        h = np.zeros((5, 3))
        h[0] = x
        for t in range(1, 5):
            h[t] = np.tanh(h[t - 1] * h[t - 1] * y[t])
        return np.sum(h**2)

    check_tapeless(f, X[:3], Y)


def test_a_table_filled_by_two_loops():
    def f(x, y):
        d = np.zeros((x.size, y.size))
        for i in range(1, x.size):
            for j in range(1, y.size):
                d[i, j] = d[i - 1, j] * d[i, j - 1] * y[j] + d[i, j - 1] * x[i] + d[i - 1, j - 1] * x[i] * y[j]
        return np.sum(d)

    check_tapeless(f, X[:4], Y[:4] + 0.5)


def test_items_of_a_row():
    def f(x, y):
        d = np.ones((x.size, y.size))
        for i in range(1, x.size):
            for j in range(1, y.size):
                d[i, j] = d[i - 1][j] * y[j] * d[i][j - 1] * x[i]
        return np.sum(d)

    check_tapeless(f, X[:4], Y[:4] + 0.5)


def test_a_trip_that_ends_the_loop():
    def f(x, y):
        h = np.ones(x.size + 1)
        for t in range(x.size):
            if y[t] > 0.9:
                break
            h[t + 1] = np.tanh(h[t] * y[t] + x[t])
        return np.sum(h**2)

    source = source_of(f, X, np.array([0.1, 0.2, -0.3, 0.95, 0.3, 0.2, 0.1]))
    assert "trips.append(t)" in source or "ts.append(t)" in source


def test_no_trip_at_all():
    def f(x, y):
        h = x.copy()
        for t in range(x.size, x.size):
            h[t] = np.sin(h[t - 1] * y[t])
        return np.sum(h**2)

    source_of(f, X, Y)


def test_a_write_elsewhere_after_the_loop():
    def f(x, y):
        h = np.ones(x.size + 1)
        for t in range(x.size - 1):
            h[t + 1] = np.tanh(h[t] * y[t] + x[t])
        h[-1] = y[0]
        return np.sum(h**2)

    source_of(f, X, Y)


# A later write may


def test_an_index_that_wraps_round():
    def f(x, y):
        h = x.copy()
        for t in range(x.size):
            h[t] = np.sin(h[t - 1] * y[t])  # h[-1] at first, which the last trip writes
        return np.sum(h**2)

    check_taped(f, X, Y)


def test_an_index_that_wraps_round_backwards():
    def f(x, y):
        h = x.copy()
        for t in range(1, -4, -1):
            h[t] = np.sin(h[t + 1] * y[t])
        return np.sum(h**2)

    check_taped(f, X, Y)


def test_a_slice_that_wraps_round():
    def f(x, y):
        h = x.copy()
        for t in range(x.size):
            h[t] = np.sum(h[: t - 1] ** 2) * y[t]  # h[:-1] at first
        return np.sum(h**2)

    check_taped(f, X, Y)


def test_a_read_of_what_the_next_trip_writes():
    def f(x, y):
        h = x.copy()
        for t in range(x.size - 1):
            h[t] = np.sin(h[t + 1] * y[t])
        return np.sum(h**2)

    check_taped(f, X, Y)


def test_a_read_of_what_the_next_trip_writes_backwards():
    def f(x, y):
        h = x.copy()
        for t in range(x.size - 1, 0, -1):
            h[t] = np.sin(h[t - 1] * y[t])
        return np.sum(h**2)

    check_taped(f, X, Y)


def test_the_step_reaches_the_place():
    def f(x, y):
        h = x.copy()
        for t in range(0, x.size - 2, 2):
            h[t] = np.sin(h[t + 2] * y[t])
        return np.sum(h**2)

    check_taped(f, X, Y)


def test_a_write_in_the_same_trip_after_the_read():
    def f(x, y):
        h = x.copy()
        for t in range(1, x.size):
            a = h[t - 1]
            h[t] = np.sin(a * y[t])
            h[t - 1] = a * a
        return np.sum(h**2)

    check_taped(f, X, Y)


def test_a_write_of_all_in_another_loop():
    def f(x, y):
        h = x.copy()
        for t in range(1, x.size):
            h[t] = np.sin(h[t - 1] * y[t])
        for t in range(x.size):
            h[t] = h[t] * h[t]
        return np.sum(h**2)

    check_taped(f, X, Y)


def test_a_write_after_the_loop():
    def f(x, y):
        h = x.copy()
        for t in range(1, x.size):
            h[t] = np.sin(h[t - 1] * y[t])
        h[2] = y[3]
        return np.sum(h**2)

    check_taped(f, X, Y)


def test_a_table_that_the_outer_loop_writes_over():
    def f(x, y):
        h = x.copy()
        for _ in range(3):
            for t in range(1, x.size):
                h[t] = np.sin(h[t - 1] * y[t])
        return np.sum(h**2)

    check_taped(f, X, Y)


def test_a_row_above_that_a_later_trip_writes():
    def f(x, y):
        d = np.outer(x, y)
        for i in range(x.size):
            for j in range(1, y.size):
                d[i - 1, j] = np.sin(d[i, j] * d[i, j - 1])
        return np.sum(d)

    check_taped(f, X[:4], Y[:4])


def test_a_write_through_a_view():
    def f(x, y):
        h = x.copy()
        view = h[::-1]
        for t in range(1, x.size):
            h[t] = np.sin(h[t - 1] * y[t])
            view[t] *= y[t]
        return np.sum(h**2)

    check_taped(f, X, Y)


def test_a_swap_of_two_arrays():
    def f(x, y):
        a, b = x.copy(), y.copy()
        for t in range(1, x.size):
            a[t] = np.sin(a[t - 1] * b[t])
            a, b = b, a
        return np.sum(a**2) + np.sum(b * a)

    check_taped(f, X, Y)


def test_an_index_that_the_trip_computes():
    def f(x, y):
        h, k = x.copy(), 0
        for t in range(x.size):
            k = (k + 3) % x.size
            h[k] = np.sin(h[t] * y[t])
        return np.sum(h**2)

    check_taped(f, X, Y)


def test_an_old_version_that_another_array_is_made_from():
    def f(x, y):
        h = 1 * x  # of which nothing is left but the copy: the array that the loop writes begins as x
        for t in range(x.size - 2, 0, -1):
            h[t + 1] = np.sin(h[t] * x[t])
        return np.sum(h**2 * y)

    source_of(f, X, Y)


def test_a_value_that_the_array_rounds():
    def f(x, y):
        h = np.zeros(x.size, dtype=np.float16)
        a = x[0]
        for t in range(x.size):
            a = np.tanh(a * y[t] + x[t])
            h[t] = a
        return a + np.sum(h * h) * 0.0

    source_of(f, X, Y)


def test_a_copy_that_is_written_and_thrown_away():
    def f(x, y):
        h = x.copy()
        for t in range(x.size - 1):
            g = 1 * h
            g[: t + 1] *= y[: t + 1]
            h[t + 1] = np.tanh(g[t] * g[t])
        return np.sum(h**2 * y)

    source_of(f, X, Y)


def test_a_version_that_is_thrown_away():
    def f(x, y):
        h, a = x.copy(), x[0]
        for t in range(x.size - 1):
            old = 1 * h
            h[t + 1] = np.tanh(h[t] * y[t])
            a = a * np.tanh(h[t + 1]) + h[t + 1] ** 3
            if y[t] < 0:
                h = old
        return a + np.sum(h**2 * y)

    source_of(f, X, Y)


def test_a_value_stored_on_some_paths():
    def f(x, y):
        h, a = np.zeros(x.size), x[0]
        for t in range(x.size):
            a = np.tanh(a * y[t] + x[t])
            if y[t] > 0:
                h[t] = a
        return a * a + np.sum(h**2)

    source_of(f, X, Y)


# To second order: loops that run backwards


def test_reverse_over_reverse():
    def f(x):
        h = np.ones(x.size + 1)
        for t in range(x.size):
            h[t + 1] = np.tanh(h[t] * x[t])
        return np.sum(h**2)

    def wrapped(x):
        h = 1 * x
        for t in range(x.size):
            h[t] = h[t - 1] * x[t] * h[t]
        return np.sum(h * h)

    def stencil(x):
        h = x * x
        for t in range(x.size - 1):
            h[t] = h[t] * h[t + 1] + np.sin(h[t])
        return np.sum(h * h)

    for function in (f, wrapped, stencil):
        grad = srcgrad.grad(function)
        expected, error = finite.gradient(lambda x, grad=grad: np.sum(np.sin(grad(x))), (X,), 0)
        assert error < 1e-6
        found = srcgrad.grad(lambda x, grad=grad: np.sum(np.sin(grad(x))))(X)
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)


def test_loops_that_run_backwards():
    text = """func f(%x: float64[x0], %n: int) {{
      %stop: int, %h: float64[x0] = loop {}%t: int in range(1, %n, 1) carry %h_1: float64[x0] = %x {{
        %at: int = operator.{}(%t, 1)
        %a: np.float64 = operator.getitem(%h_1, %at)
        %h_2: float64[x0] = srcgrad.runtime.set_item(%h_1, %t, 1.0)
        yield 0, %h_2
      }}
      return %h
    }}"""
    cases = [("", "sub", True), ("", "add", False), ("reverse ", "sub", False), ("reverse ", "add", True)]
    for word, act, proved in cases:
        func = parse(text.format(word, act))
        forward = Forward(func.block)
        (loop,) = (op for op in func.block.ops if isinstance(op, Loop))
        read = loop.body.ops[1].outs[0]
        place = Histories(forward.top, forward.home, forward.made, forward.bounds).find(read)
        assert (place is not None) is proved, (word, act)
        assert place is None or place.array is loop.carried_outs[0]


# Random programs


def test_random_programs(monkeypatch):
    found = []
    find = Histories.find
    monkeypatch.setattr(Histories, "find", lambda self, value: found.append(find(self, value)) or found[-1])
    tried = proved = 0
    for seed in range(N_PROGRAMS):
        f, args = loaded(program(seed), f"<history {seed}>"), arguments(seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                f(*args)
            except (IndexError, ValueError):
                continue
            found.clear()
            same(f, args)
        tried += 1
        proved += any(place is not None for place in found)
    assert tried > N_PROGRAMS // 3
    assert proved > tried // 10


def same(f, args):
    """The gradient is that of finite differences, where these are good."""
    bars = srcgrad.grad(f, argnums=(0, 1), fallback="error")(*args)
    for k, bar in enumerate(bars):
        expected, error = finite.gradient(f, args, k)
        if error < 1e-6:
            np.testing.assert_allclose(bar, expected, rtol=1e-6, atol=1e-7)
