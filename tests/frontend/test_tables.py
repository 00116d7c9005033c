"""Dicts and sets whose keys only the running program knows."""

from __future__ import annotations

import collections

import numpy as np
import pytest

import srcgrad
from srcgrad.errors import AliasError
from tests.frontend.agree import agree

X = np.array([0.3, 0.7, 1.2])
PROGRAMS = []


def case(*args):
    """Take a program with its arguments into the list."""

    def take(fn):
        PROGRAMS.append(pytest.param(fn, args, id=fn.__name__))
        return fn

    return take


@case(X)
def defdict(x):
    total = collections.defaultdict(float)
    for k, v in enumerate(x):
        total[k % 2] += v * v
    return total[0] * total[1]


@case(X)
def memo(x):
    m = {}

    def fib(k):
        if k in m:
            return m[k]
        m[k] = x[k] if k < 3 else fib(k - 1) * x[0] + fib(k - 2)
        return m[k]

    return fib(5)


@case(X)
def memo2(x):
    m = {(i, 0): x[i] for i in range(3)}
    for j in range(1, 3):
        for i in range(3):
            m[i, j] = m[i, j - 1] * x[j] + m.get((i - 1, j), 0.0)
    return m[2, 2]


@case(X)
def setrt(x):
    seen = set()
    s = 0.0
    for v in x:
        k = int(v * 2)
        if k not in seen:
            seen.add(k)
            s += v * v
    return s * len(seen)


@case(X)
def dictrt(x):
    d = {}
    for i, v in enumerate(x):
        k = int(v > 0.5)
        d[k] = d.get(k, 0.0) + v**2
    return sum(d.values()) * d[1]


@case(X)
def dictlists(x):
    groups = collections.defaultdict(list)
    for i, v in enumerate(x):
        groups[i % 2].append(v)
    return sum(np.prod(np.array(g)) for g in groups.values())


@case(X)
def dictlists2(x):
    groups = {}
    for i, v in enumerate(x):
        groups.setdefault(int(v > 0.5), []).append(v)
    return sum(np.prod(g) * k for k, g in groups.items())


@case(X)
def rd1(x):
    d = {}
    for v in x:
        d[int(v * 2)] = v * v
    return sum(d.values()) + sum(k * v for k, v in d.items()) + len(d) * x[0] + sum(d[k] for k in d)


@case(X)
def rd2(x):
    acc = {}
    for i in range(len(x)):
        k = ("a", "b")[int(x[i] > 0.5)]
        if k in acc:
            acc[k] = acc[k] + x[i] ** 2
        else:
            acc[k] = x[i]
    return acc["a"] * acc["b"] + (acc["c"] if "c" in acc else x[0])


@case(X)
def rd3(x):
    acc = collections.defaultdict(lambda: np.zeros(2))
    for i, v in enumerate(x):
        acc[int(v > 0.5)][i % 2] += v
    return np.sum(acc[0] * acc[1]) + np.sum(acc[7])


@case(X)
def rd4(x):
    acc = collections.defaultdict(lambda: np.zeros(3))
    s = 0.0
    for i, v in enumerate(x):
        k = int(v > 0.5)
        acc[k] += v * x
    return np.sum(acc[0] * acc[1])


@case(X, 4)
def rd5(x, n):
    memo = {}

    def f(i, j):
        if (i, j) in memo:
            return memo[i, j]
        r = x[i % 3] if j == 0 else f(i, j - 1) * x[(i + j) % 3] + (f(i - 1, j - 1) if i > 0 else 0.0)
        memo[(i, j)] = r
        return r

    return f(n, 3)


@case(X, 5)
def rd6(x, n):
    table = {}
    for i in range(n):
        for j in range(n):
            table[i, j] = x[i % 3] if j == 0 else table[i, j - 1] * 0.5 + (table[i - 1, j - 1] if i > 0 else x[j % 3])
    return table[n - 1, n - 1]


@case(X)
def rd7(x):
    state = 0
    trans = {(0, True): 1, (0, False): 0, (1, True): 2, (1, False): 0, (2, True): 2, (2, False): 1}
    s = 0.0
    for v in x:
        state = trans[(state, bool(v > 0.5))]
        s += v * (state + 1)
    return s


@case(X)
def rd9(x):
    adj = {0: [1, 2], 1: [0], 2: [0, 1]}
    h = x
    for _ in range(2):
        new = np.zeros(3)
        for i in adj:
            for j in adj[i]:
                new[i] += h[j] / len(adj[i])
        h = np.tanh(new + h)
    return np.sum(h)


@case(X, np.array([[0, 1], [1, 2], [2, 0]]))
def rd11(x, edges):
    adj = collections.defaultdict(list)
    for a, b in edges:
        adj[a].append(b)
        adj[b].append(a)
    return sum(x[a] * sum(x[b] ** 2 for b in nb) for a, nb in adj.items())


@case(X)
def rd12(x):
    seen = set()
    s = 0.0
    for v in x:
        k = round(float(v) * 2)
        if k in seen:
            continue
        seen.add(k)
        s += v**2
    return s * len(seen)


@case(X)
def rd13(x):
    c = collections.Counter()
    for v in x:
        c[int(v > 0.5)] += 1
    return x[0] ** 2 * c[1] + c[5]


@case(X)
def rd14(x):
    best = {}
    for i, v in enumerate(x):
        k = i % 2
        if k not in best or v > best[k]:
            best[k] = v
    return best[0] * best[1] + max(best.values()) + best.get(9, x[1])


@case(X)
def rd15(x):
    d = {"a": x[0]}
    for v in x:
        k = "a" if v > 0.5 else "b"
        d[k] = d.get(k, 1.0) * v
    return d["a"] + d["b"] ** 2


@case(X)
def rd16(x):
    rows = [[] for _ in range(2)]
    for i in range(len(x)):
        rows[i % 2].append(x[i] ** 2)
    return sum(rows[0]) * sum(rows[1]) + len(rows[0]) * x[0]


@case(X)
def rd17(x):
    buckets = [[], []]
    for v in x:
        buckets[int(v > 0.5)].append(v)
    return np.prod(buckets[0]) + np.sum(np.array(buckets[1]) ** 2)


@case(X)
def rd18(x):
    st = [[x[0]], [x[1]]]
    for k in range(len(x)):
        t = st[k % 2]
        t.append(x[k] * t[-1])
        if len(t) > 2:
            st[k % 2].pop(0)
    return sum(st[0]) + sum(st[1]) ** 2


@case(X)
def rd19(x):
    d = {}
    for v in x:
        d[int(v * 2)] = v * x
    a = d[0]
    a *= 2
    return np.sum(d[0] * d[2])


@case(np.array([0.3, 0.7, 1.2]))
def polydict(x):
    p = {(1, 0): x[0], (0, 1): x[1], (0, 0): 1.0}
    q = dict(p)
    for _ in range(2):
        out = collections.defaultdict(float)
        for (a, b), c in p.items():
            for (d, e), f in q.items():
                out[a + d, b + e] += c * f
        p = dict(out)
    return sum(c * (1 + a + 2 * b) * x[2] ** a for (a, b), c in p.items())


@case(X)
def b1(x):
    p = {(1, 0): x[0], (0, 1): x[1]}
    for _ in range(2):
        out = {}
        for v in x:
            out[int(v * 2), 0] = v
        p = out
    return sum(p.values())


@case(X)
def b2(x):
    p = {(1, 0): x[0], (0, 1): x[1]}
    for _ in range(2):
        out = {}
        for (a, b), c in p.items():
            out[a + 1, b] = c * 2
        p = dict(out)
    return sum(p.values())


@pytest.mark.parametrize(("fn", "args"), PROGRAMS)
def test_program(fn, args):
    agree(fn, *args, order=1)


def rd20(x):
    d = {}
    y = x * 2
    for v in x:
        d[int(v * 2)] = y
    y[0] = 5.0
    return np.sum(d[0] * d[2])


def rd21(x):
    d = {}
    y = x * 2
    for v in x:
        d[int(v * 2)] = y
    d[0][1] *= 3
    return np.sum(d[0] * d[2]) + np.sum(y)


@pytest.mark.parametrize("fn", [rd20, rd21])
def test_what_is_held_twice_is_not_written(fn):
    with pytest.raises(AliasError):
        srcgrad.grad(fn, fallback="error")(X)
