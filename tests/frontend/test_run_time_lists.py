"""Lists whose length is known only at run time."""

import numpy as np
import pytest

import srcgrad
from tests.frontend.agree import agree, refused

V = np.array([1.0, 2.0, 3.0])


def appended(x, n):
    xs = []
    for k in range(n):
        xs.append(np.sin(x * k))
    return sum(xs) * xs[-1]


def comprehended(x, n):
    xs = [np.sin(x * k) for k in range(n)]
    return np.sum(np.array(xs) ** 2) + xs[0] * len(xs)


def table(x, n):
    T = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            T[i][j] = x * (i + j) + (T[i - 1][j] * x if i > 0 else 1.0)
            T[i][j] += np.sin(T[i][j])
    return T[n - 1][n - 1] * T[0][0]


def popped(x, n):
    xs = []
    for k in range(n):
        if k % 2 == 0:
            xs.append((k, x**k))
    s = 1.0
    for k, v in xs:
        s += k * v
    while len(xs) > 1:
        k, v = xs.pop()
        s = s * v
    return s


def longer(x, n):
    xs = [x, 2.0]
    while len(xs) < n:
        xs.insert(0, xs[0] * xs[-1] + 0.1)
    xs.extend([v * 2 for v in xs])
    ys = xs + [x]
    ys.reverse()
    zs = ys[1:3]
    if zs:
        zs[0] = zs[0] * x
    return sum(ys) * zs[0] * zs.pop(0) + max(ys)


@pytest.mark.parametrize("program", [appended, comprehended, table, popped, longer], ids=lambda p: p.__name__)
def test_numbers(program):
    agree(program, 0.7, 4)


def test_states_of_a_recurrence():
    def f(x, n):
        hs = [x]
        for k in range(n):
            hs.append(np.tanh(hs[-1]) + x * k)
        return np.sum(np.stack(hs) ** 2)

    agree(f, V, 3)


def test_two_lists_side_by_side():
    def f(x, n):
        xs, ys = [], []
        for k in range(n):
            xs.append(x[0] * k)
            ys.append(np.sin(xs[k] + x[1]))
        return sum(a * b for a, b in zip(xs, ys)) + np.mean(ys) + np.dot(np.array(xs), np.array(ys))

    agree(f, V, 4)


def test_a_filter_on_values():
    def f(x):
        ys = [v for v in x if v > 1.5]
        return sum(v * v for v in ys) + max(ys) + np.prod(ys)

    agree(f, V)


def test_an_append_on_one_path():
    def f(x):
        out = []
        if x[0] > 0:
            out.append(x[1] * 2)
        out.append(x[2])
        return sum(out) * out[-1]

    agree(f, V)
    agree(f, -V)


def test_an_array_in_a_list_is_changed():
    def f(x, n):
        hs = [x * k for k in range(n)]
        hs[1][0] = x[1] ** 2
        hs[2] *= x
        return np.sum(hs[1] * hs[2])

    agree(f, V, 3)


def test_a_list_of_many_numbers_is_not_written_out():
    def f(x, n):
        dp = [0.0] * 20
        dp[0] = x
        for i in range(1, 20):
            dp[i] = dp[i - 1] * 0.9 + x * x
        return dp[19]

    agree(f, 0.7, 3)
    g = srcgrad.grad(f)
    g(0.7, 3)
    assert "for i in" in g.source


def test_an_array_appended_and_then_written_is_refused():
    def f(x, n):
        h = x.copy()
        hs = []
        for _ in range(n):
            h += 1.0
            hs.append(h)
        return np.sum(np.array(hs) ** 2)

    assert refused(f, V, 3).startswith("cannot differentiate a write through `h`: it shares memory with `hs`")


def test_the_code_is_the_users_loop():
    g = srcgrad.grad(appended)
    g(0.7, 4)
    assert "        xs.append(np.sin(x * k))\n" in g.source
    assert "        xs_bar.pop()\n" in g.source


def push(xs, v):
    xs.append(v)
    return xs


def alias(x, n):
    xs = []
    ys = xs
    for k in range(n):
        ys.append(x * k)
        xs.append(x)
    return sum(xs) * len(ys) * ys[-1]


def swap(x, n):
    xs = [x * (k + 1) for k in range(n)]
    for i in range(n // 2):
        xs[i], xs[n - 1 - i] = xs[n - 1 - i], xs[i]
    a, b = xs[0], xs[1]
    return a * 2 + b + sum(k * v for k, v in enumerate(xs))


def slices(x, n):
    xs = [x * (k + 1) for k in range(n)]
    ys = xs[1:]
    ys.append(x)
    ys[0] = 3.0
    xs[1] *= 2
    return sum(ys) * sum(xs) + sum(xs[::2]) + sum(v for v in reversed(xs))


def stack(x, n):
    todo = [(0, x)]
    total = 0.0
    while todo:
        depth, v = todo.pop()
        total += v * v
        if depth < n:
            todo.append((depth + 1, v * 0.5))
            todo.append((depth + 1, np.sin(v)))
    return total


def inner(x, n):
    out = []
    for i in range(n):
        r = []
        for j in range(i + 1):
            r.append(x * (i - j))
        out.append(sum(r) if len(r) > 1 else x)
    return max(out) * min(out) + sum(out)


def heads(x, n):
    xs = [x]
    for k in range(n):
        h = xs[-1]
        xs.append(np.sin(h))
        xs.append(h * x)
    return sum(xs)


def early(x, n):
    xs = []
    for k in range(n):
        if k == 3:
            break
        if k == 1:
            continue
        xs.append(x * k)
        if x * k > 100:
            return sum(xs)
    return sum(xs) + len(xs)


def tern(x, n):
    xs = [x] if n > 2 else [x, x * 2]
    ys = xs + [x] * n
    return sum(ys) * len(xs) + (3.0 in xs)


def callee(x, n):
    xs = []
    for k in range(n):
        push(xs, x**k)
    ys = push(xs, x)
    return ys[0] * xs[-1] * xs[1]


@pytest.mark.parametrize(
    "program", [alias, swap, slices, stack, inner, heads, early, tern, callee], ids=lambda p: p.__name__
)
def test_lists_as_people_use_them(program):
    agree(program, 0.7, 4, order=1)


def test_copies_of_a_state():
    def arrays(x, n):
        h = x.copy()
        hs = []
        for k in range(n):
            h += x * k
            hs.append(h.copy())
        a = hs[0]
        b = hs[-1]
        return np.sum(a * b) + np.concatenate(hs)[0] + np.mean(hs) + np.array(hs)[1:, 0].sum()

    agree(arrays, V, 3, order=1)


def test_a_row_changed_after_it_was_appended():
    def row_after(x, n):
        T = []
        for i in range(n):
            r = [x, x * i]
            T.append(r)
            r[0] = x * x
        return T[0][0] * T[-1][1] + T[1][0]

    agree(row_after, 0.7, 3, order=1)
