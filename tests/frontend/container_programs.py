"""Programs with lists, dicts, sets and objects as numerical code has them."""

from __future__ import annotations

import bisect
from collections import defaultdict, deque, namedtuple
from dataclasses import dataclass

import numpy as np

PROGRAMS = []


def program(fn):
    """Take a program into the list."""
    PROGRAMS.append(fn)
    return fn


@program
def spread_static(x, n):
    a = np.transpose(x.reshape(1, 3, 1), [1, 0, *range(2, 3)])
    return np.sum(a[:, 0, 0] ** 2)


@program
def spread_arg(x, n):
    xs = [1, 0, *range(2, n)]
    return xs[-1] * x[0] + len(xs)


@program
def sum_arrays(x, n):
    return np.sum(sum([x, x**2, np.sin(x)]) ** 2)


@program
def sum_arrays_rt(x, n):
    xs = [np.sin(x * k) for k in range(n)]
    return np.sum(sum(xs) ** 2)


@program
def sum_arrays_start(x, n):
    xs = [np.sin(x * k) for k in range(n)]
    return np.sum(sum(xs, np.zeros(3)) ** 2)


@program
def max_key(x, n):
    return max([x[0], x[1], x[2]], key=lambda v: -v) ** 2


@program
def max_key_rt(x, n):
    xs = [np.sin(x[0] * k) for k in range(n)]
    return max(xs, key=lambda v: v * v) ** 2 + min(xs)


@program
def max_key_tuple(x, n):
    xs = [(k, np.sin(x[0] * k)) for k in range(n)]
    return max(xs, key=lambda t: t[1])[1] ** 2


@program
def max_range_key(x, n):
    xs = [np.sin(x[0] * k) for k in range(n)]
    k = max(range(n), key=lambda i: xs[i])
    return xs[k] ** 2 + k * x[1]


@program
def index_static(x, n):
    names = ["a", "b", "c"]
    return x[names.index("b")] ** 2


@program
def index_rt(x, n):
    xs = [np.sin(x[0] * k) for k in range(n)]
    k = xs.index(max(xs))
    return x[1] * k + xs[k]


@program
def index_numbers(x, n):
    xs = [x[0], x[1], x[2]]
    k = xs.index(min(xs))
    return x[k] ** 2 + k


@program
def dict_zip(x, n):
    d = dict(zip(["a", "b", "c"], x))
    return d["a"] * d["c"] ** 2 + d["b"]


@program
def dict_zip_lists(x, n):
    d = dict(zip(("a", "b"), [x, x**2]))
    return np.sum(d["a"] * d["b"])


@program
def dict_zip_rt_keys(x, n):
    keys = [k * 2 for k in range(n)]
    d = dict(zip(keys, [np.sin(x[0] * k) for k in range(n)]))
    return d[2] * x[1]


@program
def dict_int_keys(x, n):
    d = {}
    for i in range(4):
        d[i] = x[0] * i + (d[i - 1] if i > 0 else x[1])
    return d[3] * d[1]


@program
def dict_int_keys_rt(x, n):
    d = {0: x[0]}
    for i in range(1, n):
        d[i] = d[i - 1] * x[1] + i
    return d[n - 1]


@program
def dict_tuple_keys(x, n):
    d = {}
    for i in range(3):
        for j in range(2):
            d[i, j] = x[i] * (j + 1)
    return d[2, 1] * d[0, 0] + sum(d.values())


@program
def memo(x, n):
    cache = {}

    def fib(k):
        if k in cache:
            return cache[k]
        cache[k] = x[0] if k < 2 else fib(k - 1) * x[1] + fib(k - 2)
        return cache[k]

    return fib(6)


@program
def nested_array(x, n):
    def f(i, j):
        return np.sin(x[0] * i) + x[1] * j

    a = np.array([[f(i, j) for j in range(n)] for i in range(n + 1)])
    return np.sum(a**2) + a[1, 2] * a.shape[0]


@program
def nested_array_lens(x, n):
    m = len(x)
    a = np.array([[x[i] * x[j] for j in range(m)] for i in range(m)])
    return np.sum(a @ a)


@program
def enum_zip(x, n):
    s = 0.0
    for k, (a, b) in enumerate(zip(x, x[1:])):
        s = s + k * a * b
    for k, (a, b) in enumerate(zip([x[0], x[1]], (2.0, x[2])), 1):
        s = s + k * a * b
    return s


@program
def enum_zip_mixed(x, n):
    s = 0.0
    for k, (a, b) in enumerate(zip([1.0, 2.0, 3.0], x)):
        s += k * a * b
    return s


@program
def zip_short_array(x, n):
    s = 0.0
    for a, b in zip([1.0, 2.0, 3.0, 4.0, 5.0], x):
        s += a * b
    return s


@program
def zip_objects_array(x, n):
    s = 0.0
    for f, b in zip([np.sin, np.cos, np.exp], x):
        s += f(b)
    return s


@program
def format_keys(x, n):
    p = {f"w{i}": x * (i + 1) for i in range(3)}
    h = x
    for i in range(3):
        h = np.tanh(h * p[f"w{i}"] + p["w%d" % i] + p["w{}".format(i)])
    return np.sum(h)


@program
def format_keys_rt(x, n):
    p = {}
    for i in range(n):
        p["w" + str(i)] = x * i
    h = x
    for i in range(n):
        h = np.tanh(h + p["w" + str(i)])
    return np.sum(h)


@program
def nested_update(x, n):
    p = {"a": {"w": x, "b": x[0]}, "c": {"w": x * 2, "b": x[1]}}
    for k in range(n):
        for name in p:
            p[name]["w"] = p[name]["w"] * 0.9 + p[name]["b"]
            p[name]["b"] += 0.1 * k
    return np.sum(p["a"]["w"] * p["c"]["w"]) * p["a"]["b"]


@program
def nested_rebuilt(x, n):
    p = {"a": {"w": x, "b": x[0]}, "c": {"w": x * 2, "b": x[1]}}
    for k in range(n):
        p = {name: {k2: v * 0.9 + 0.1 for k2, v in layer.items()} for name, layer in p.items()}
    return np.sum(p["a"]["w"] * p["c"]["w"]) * p["a"]["b"]


@program
def tuple_rebuilt(x, n):
    s = (x, x[0])
    for k in range(n):
        s = (s[0] * s[1], np.sin(s[1]))
    return np.sum(s[0]) * s[1]


State = namedtuple("State", "q v")


@program
def namedtuple_rebuilt(x, n):
    s = State(x, x[0])
    for k in range(n):
        s = s._replace(q=s.q + 0.1 * s.v, v=s.v * 0.9)
    for k in range(n):
        s = State(s.q * 1.1, s.v + np.sum(s.q))
    return np.sum(s.q) * s.v


@dataclass
class Obj:
    q: object
    v: object


@program
def object_rebuilt(x, n):
    s = Obj(x, x[0])
    for k in range(n):
        s = Obj(s.q + 0.1 * s.v, s.v * 0.9)
    return np.sum(s.q) * s.v


@program
def list_rebuilt(x, n):
    ps = [x, x**2, x[:2]]
    for k in range(n):
        ps = [q - 0.1 * q**2 for q in ps]
    return np.sum(ps[0] * ps[1]) + np.sum(ps[2])


@program
def list_of_pairs_rebuilt(x, n):
    ps = [(x, x[0]), (x[:2], x[1])]
    for k in range(n):
        ps = [(w - 0.1 * w**2, b * 0.9) for w, b in ps]
    return np.sum(ps[0][0]) * ps[1][1] * ps[0][1]


@program
def sort_key(x, n):
    xs = [(3, x[0]), (1, x[1]), (2, x[2])]
    xs.sort(key=lambda t: t[0])
    return xs[0][1] * 2 + xs[1][1] ** 2 + sorted(xs, key=lambda t: -t[0])[0][1] ** 3


@program
def sort_key_rt(x, n):
    xs = [(x[2], x[0]), (x[0], x[1]), (x[1], x[2])]
    xs.sort(key=lambda t: t[0])
    return xs[0][1] * 2 + xs[1][1] ** 2


@program
def sort_numbers(x, n):
    xs = [x[2] * 1.0, x[0], x[1]]
    xs.sort()
    return xs[0] * 2 + xs[1] ** 2


@program
def sort_numbers_rt(x, n):
    xs = [np.sin(x[0] * k) for k in range(n)]
    xs.sort()
    ys = sorted(xs, reverse=True)
    return xs[0] * 2 + ys[0] ** 2


@program
def int_set(x, n):
    seen = set()
    s = 0.0
    for k in [1, 2, 1, 3, 2]:
        if k in seen:
            continue
        seen.add(k)
        s += x[0] ** k
    return s * len(seen)


@program
def int_set_rt(x, n):
    seen = set()
    s = 0.0
    for k in range(n):
        if k % 2 in seen:
            continue
        seen.add(k % 2)
        s += x[0] ** (k + 1)
    return s * len(seen)


@program
def counter_dict(x, n):
    d = {}
    for w in ["a", "b", "a"]:
        d[w] = d.get(w, 0) + 1
    return d["a"] * x[0] + d["b"] * x[1] ** 2


@program
def dd(x, n):
    d = defaultdict(float)
    for w, v in zip(["a", "b", "a"], x):
        d[w] += v
    return d["a"] * d["b"]


@program
def bis(x, n):
    grid = [0.0, 0.5, 1.0, 2.0]
    s = 0.0
    for v in x:
        k = bisect.bisect_right(grid, v) - 1
        s += (v - grid[k]) * (k + 1)
    return s


@program
def bis_array(x, n):
    grid = np.array([0.0, 0.5, 1.0, 2.0])
    k = bisect.bisect(grid, x[0])
    return x[0] * k + grid[k]


@program
def insort(x, n):
    xs = [0.1, 0.5, 2.0]
    bisect.insort(xs, x[0])
    return xs[1] * xs[2] ** 2


@program
def slices_kept(x, n):
    cuts = {"a": slice(0, 2), "b": slice(2, None)}
    parts = [slice(k, k + 2) for k in range(2)]
    return np.sum(x[cuts["a"]]) * x[cuts["b"]][0] + sum(np.sum(x[s] ** 2) for s in parts)


@program
def slices_offset(x, n):
    off, parts = 0, []
    for size in (1, 2):
        parts.append(slice(off, off + size))
        off += size
    return np.sum(x[parts[0]]) * np.sum(x[parts[1]])


@program
def run_append_write(x, n):
    rows = []
    for k in range(n):
        row = np.zeros(3)
        rows.append(row)
        for j in range(3):
            row[j] = x[j] * k
    return np.sum(np.array(rows) ** 2)


@program
def optional(x, n):
    def g(v, k):
        return None if k == 2 else v * k

    s = 0.0
    for k in range(n):
        r = g(x[0], k)
        if r is None:
            continue
        s += r**2
    return s


@program
def best_so_far(x, n):
    best = None
    for k in range(n):
        c = np.sin(x[0] * k) + x[1]
        if best is None or c > best:
            best = c
    return best**2


@program
def table_tuple(x, n):
    edges = [(0, 1), (1, 2), (2, 0)]
    s = 0.0
    for k in range(n):
        i, j = edges[k % 3]
        s += x[i] * x[j] * (k + 1)
    return s


@program
def funcs_index(x, n):
    fs = [np.sin, np.cos, np.tanh]
    s = 0.0
    for k in range(3):
        s += fs[k](x[k])
    return s


@program
def write_static_list_rt_index(x, n):
    xs = [x * 1.0, x * 2.0, x * 3.0]
    for k in range(n):
        xs[k % 3] = xs[(k + 1) % 3] * 0.5 + x
    return np.sum(xs[0] * xs[1] * xs[2])


@program
def adj(x, n):
    graph = {0: [1, 2], 1: [2], 2: []}
    stack, seen, s = [0], [], 0.0
    while stack:
        v = stack.pop()
        if v in seen:
            continue
        seen.append(v)
        s = s * x[v] + x[v]
        stack.extend(graph[v])
    return s


@program
def queue(x, n):
    q = deque([x[0], x[1]])
    for k in range(n):
        a = q.popleft()
        q.append(a * x[2] + q[0])
    return q[0] * q[1]


@program
def list_mult_rows(x, n):
    g = [[0.0 for _ in range(n)] for _ in range(n)]
    g[0][0] = x[0]
    for i in range(1, n):
        for j in range(n):
            g[i][j] = g[i - 1][j] * x[1] + (g[i][j - 1] if j else x[2])
    return sum(map(sum, g)) + sum(sum(r) for r in g)


@program
def columns(x, n):
    g = [[x[0] * i + x[1] * j for j in range(n)] for i in range(n)]
    cols = list(zip(*[[x[0], x[1]], [x[2], x[0]]]))
    return cols[0][1] * cols[1][0] + sum(g[i][i] for i in range(n))


@program
def gauss(x, n):
    a = [[np.sin(x[i] * (j + 1)) + (2.0 if i == j else 0.0) for j in range(3)] for i in range(3)]
    b = [x[0], x[1], x[2]]
    m = len(b)
    for i in range(m):
        p_ = max(range(i, m), key=lambda r: abs(a[r][i]))
        if p_ != i:
            a[i], a[p_] = a[p_], a[i]
            b[i], b[p_] = b[p_], b[i]
        for r in range(i + 1, m):
            f = a[r][i] / a[i][i]
            for c in range(i, m):
                a[r][c] -= f * a[i][c]
            b[r] -= f * b[i]
    y = [0.0] * m
    for i in reversed(range(m)):
        y[i] = (b[i] - sum(a[i][c] * y[c] for c in range(i + 1, m))) / a[i][i]
    return y[0] * y[1] + y[2]


@program
def walked_and_changed(x, n):
    xs = [x[0], x[1], x[2]]
    s = 0.0
    for k, v in enumerate(xs):
        if k + 1 < len(xs):
            xs[k + 1] = xs[k + 1] * v
        s += v**2
    return s


@program
def walked_and_changed_array(x, n):
    xs = [x[0], x[1], x[2]]
    s = 0.0
    for v, a in zip(xs, x):
        xs[2] = xs[2] * v
        s += v**2 * a
    return s


@program
def walked_tuple_gen(x, n):
    xs = [x[0], x[1], x[2]]

    def g():
        for v in xs:
            yield v

    s = 0.0
    for v in g():
        xs[2] = xs[2] * v
        s += v**2
    return s


@program
def walked_dict_changed(x, n):
    d = {"a": x[0], "b": x[1], "c": x[2]}
    s = 0.0
    for k, v in d.items():
        d["c"] = d["c"] * v
        s += v**2
    for v in d.values():
        d["c"] = d["c"] * v
        s += v**2
    return s


@program
def walked_zip_changed(x, n):
    xs = [x[0], x[1], x[2]]
    s = 0.0
    for a, b in zip(xs, xs[1:]):
        xs[1] = xs[1] * 2.0
        s += a * b
    return s


@program
def map_changed(x, n):
    xs = [x[0], x[1], x[2]]
    m = map(lambda v: v * 2, xs)
    xs[1] = x[0] * x[0]
    return sum(m) + sum(reversed(xs))


@program
def zip_lazy(x, n):
    xs = [x[0], x[1], x[2]]
    z = zip(xs, [1.0, 2.0, 3.0])
    e = enumerate(xs)
    r = reversed(xs)
    xs[1] = x[0] * x[0]
    return sum(a * b for a, b in z) + sum(k * v for k, v in e) + sum(r) * x[1]


@program
def views_live(x, n):
    d = {"a": x[0], "b": x[1]}
    v, it = d.values(), d.items()
    d["a"] = x[2] ** 2
    d["c"] = x[0] ** 3
    return sum(v) + sum(b for _, b in it) * len(v)


@program
def array_iter_changed(x, n):
    a = x * 1.0
    s = 0.0
    for k, v in enumerate(a):
        if k < 2:
            a[k + 1] = a[k + 1] * v
        s += v**2
    return s


@program
def popped_alias(x, n):
    xs = []
    a = x * 1.0
    for k in range(n):
        xs.append(a * k)
    xs.append(a)
    b = xs.pop()
    b[0] = 5.0
    return a[0] * a[1]


@program
def two_lists(x, n):
    xs, ys = [], []
    a = x * 1.0
    for k in range(n):
        xs.append(a * k)
        ys.append(a + k)
    xs.append(a)
    ys.append(a)
    xs[-1][0] = 5.0
    return np.sum(ys[-1])
