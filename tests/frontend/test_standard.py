"""Classes and functions of the standard library in numerical code, and calls with spread arguments."""

from __future__ import annotations

import collections
import dataclasses
import functools
import heapq
import itertools
import logging
import operator
import re
import threading
import types
import typing

import numpy as np
import pytest

from tests.frontend.agree import agree

X = np.array([0.3, 0.7, 1.2])
PROGRAMS = []


def case(*args):
    """Take a program with its arguments into the list."""

    def take(fn):
        PROGRAMS.append(pytest.param(fn, args, id=fn.__name__))
        return fn

    return take


log = logging.getLogger(__name__)


@case(X)
def logging_(x):
    y = x**2
    log.info("value %s after %d", y.sum(), 3)
    logging.debug(f"x is {x[0]:.3f}")
    for k, v in enumerate(x):
        log.warning("step %d v=%g", k, v) if False else None
        log.debug("v %s", v)
    return np.sum(y)


@case(X)
def logger_enabled(x):
    if log.isEnabledFor(logging.DEBUG):
        log.debug("big %s", x)
    return np.sum(x**2)


@case(X)
def starred(x):
    first, *rest = x
    return first * rest[0] + sum(rest)


@case(X)
def starred2(x):
    first, *mid, last = x
    return first * last + sum(v * v for v in mid) * len(mid)


@case(X)
def unzip(x):
    l, r = zip(*[(v, v * v) for v in x])
    return sum(l) * sum(r)


@case(X)
def unzip_np(x):
    ts = []
    for k in range(len(x)):
        ts.append((x[k] * 2, np.sin(x[k]), x * k))
    a, b, c = map(np.array, zip(*ts))
    return a @ b + np.sum(c**2)


@case(X)
def ziplong(x):
    return sum(a * b for a, b in itertools.zip_longest([x[0], x[1]], [x[2]], fillvalue=2.0))


@case(X)
def ziplong2(x):
    return sum(a * b for a, b in itertools.zip_longest(x, x[1:], fillvalue=2.0))


@case(X)
def ndindex(x):
    a = np.outer(x, x)
    for i, j in np.ndindex(3, 3):
        a[i, j] *= x[i]
    for i, j in np.ndindex(a.shape):
        a[i, j] += x[j]
    for idx in np.ndindex(*a.shape):
        a[idx] *= 2
    return np.sum(a)


@case(X)
def ndenum(x):
    return sum(v * (k[0] + 1) for k, v in np.ndenumerate(x**2)) + sum(
        v * v * i * j for (i, j), v in np.ndenumerate(np.outer(x, x))
    )


LOCK = threading.Lock()


@case(X)
def lock(x):
    with LOCK:
        y = x**2
    return np.sum(y)


@case(X)
def slices(x):
    s = slice(1, None)
    r = range(3)
    t = slice(0, r[2])
    return np.sum(x[s] ** 2) + np.sum(x[t]) + sum(x[i] for i in r) * r.stop + len(r) + r[-1]


class NT(typing.NamedTuple):
    a: float
    b: float = 2.0

    def area(self):
        return self.a * self.b


@case(X)
def nt(x):
    n = NT(x[0])
    m = n._replace(b=x[1] ** 2)
    return n.area() * m.area() + NT._make([x[0], x[2]]).b


@functools.singledispatch
def area(s):
    raise TypeError


@dataclasses.dataclass
class Sq:
    r: float


@dataclasses.dataclass
class Ci:
    r: float


@area.register
def _(s: Sq):
    return s.r**2


@area.register(Ci)
def _(s):
    return np.pi * s.r**2


@area.register(np.ndarray)
def _(s):
    return s.sum()


@case(X)
def sdisp(x):
    return area(Sq(x[0])) * area(Ci(x[1])) * area(x)


@case(X)
def getters(x):
    g = operator.itemgetter(0, 2)
    a, b = g(x)
    h = operator.attrgetter("r")
    m = operator.methodcaller("sum")
    return a * b + h(Sq(x[1])) ** 2 + m(x)


@case(X)
def counter2(x):
    c = collections.Counter()
    for k in ["a", "b", "a"]:
        c[k] += 1
    n, _ = c.most_common(1)[0]
    return x[0] * c["a"] * len(n)


@case(X)
def deq(x):
    q = collections.deque([x[0]], maxlen=2)
    for v in x:
        q.append(v * v)
    return q[0] * q[1] + len(q)


@case(X)
def deq2(x):
    q = collections.deque(maxlen=2)
    for i in range(len(x)):
        q.append(x[i] ** 2)
    return sum(q)


@case(X)
def deq3(x):
    q = collections.deque([x[0], x[1], x[2]])
    q.rotate(1)
    q.extendleft([x[1]])
    q.pop()
    return q[0] * q[1] + q[-1]


@case(X)
def simplens(x):
    n = types.SimpleNamespace(a=x[0], b=2.0)
    n.b *= x[1]
    n.c = n.a
    return n.a * n.b * n.c


@case(X, "RBF")
def strm(x, kind):
    if kind.lower() == "rbf":
        return np.exp(-np.sum(x**2))
    if kind.startswith("m") or kind in ("a", "b"):
        return np.sum(x)
    return x[0]


@case(X, "RBF")
def strm2(x, kind):
    name, _, order = f"poly_{2}".partition("_")
    a, b = "x,y".split(",")
    d = {f"w_{k}": x[k] for k in range(3)}
    return d["w_0"] ** int(order) + d[f"w_{1}"] * len(name.upper()) + d["w_" + "2"] + ("-".join([a, b]) == "x-y")


@case(X)
def isin(x):
    t = isinstance(x, np.ndarray | list) and isinstance(
        x[0], (int, float) | np.floating if False else (int, float, np.floating)
    )
    return np.sum(x**2) if t else x[0]


@case(X)
def walrus(x):
    return sum([y * y for v in x if (y := np.sin(v)) > 0.1]) + (n := len(x)) * x[0]


@case(X)
def argspread(x):
    def f(*v):
        return sum(v) * v[0]

    return f(*x)


@case(X)
def maxspread(x):
    return max(*x) + min(*[v * v for v in x])


@case(X)
def logloc(x):
    logger = logging.getLogger("abc")
    logger.info("a %s", x)
    logger.setLevel(10) if False else None
    return np.sum(x**2)


@case(X)
def lockexc(x):
    try:
        with LOCK:
            if x[0] > 0.1:
                raise ValueError("a")
            y = x
    except ValueError:
        y = x**2
    with LOCK:
        z = y * 2
    return np.sum(z)


@case(X)
def dq1(x):
    q = collections.deque(maxlen=2)
    s = 0.0
    for v in x:
        q.append(v * v)
        s += sum(q) * len(q)
    return s + q[0] * q[-1]


@case(X)
def dq2(x):
    q = collections.deque([0.0] * 2, maxlen=2)
    s = 0.0
    for v in x:
        q.append(v)
        s += np.mean(q) * q[0]
    return s


@case(X, 2)
def dq3(x, n):
    q = collections.deque(maxlen=n)
    s = 0.0
    for v in x:
        q.append(v * x)
        if len(q) == n:
            s += np.sum(np.array(q))
    return s


@case(X)
def dq4(x):
    q = collections.deque(x)
    q.appendleft(x[0] ** 2)
    a = q.popleft()
    b = q.pop()
    return a * b + sum(q)


@case(X)
def cnt(x):
    c = collections.Counter()
    d = collections.Counter(a=2)
    for k in "abca":
        c[k] += 1
    w = {k: x[i] ** c[k] for i, k in enumerate(sorted(c))}
    return sum(w[k] * n for k, n in c.most_common(2)) + c["zz"] + len(c) * x[0] + d["a"]


@case(X, 5)
def rng(x, n):
    r = range(1, n, 2)
    s = slice(r.start, r.stop)
    y = np.arange(10.0) * x[0]
    return np.sum(y[s]) * r[1] * len(r) + r[-1] + y[range(3)[-1]] * (2 if 3 in r else 1)


@case(X)
def tab(x):
    idx = [slice(0, 2), slice(1, 3)]
    return sum(np.prod(x[s]) for s in idx) + x[idx[0].stop]


def mw(a, b, c, d):
    return np.array([[a, b], [c, d]])


@case(np.array([0.3, 0.7, 1.2, 0.5]))
def sp1(r):
    return np.sum(mw(*r) @ mw(*r[::-1]))


@case(X, 5)
def sp2(e, n):
    a = np.array([n, *e])
    b = [n, *e, 1.0]
    return np.sum(a**2) + sum(v * v for v in b)


@case(X)
def txt(x):
    m = "val " + str(x) + str(x[0]) + str((x[1], 2))
    return np.sum(x**2) + len(m) * 0


@case(X)
def rex(x):
    m = re.match(r"rbf\(l=(\d+)\)", "rbf(l=3)")
    pat = re.compile("a+")
    return np.sum(x) * float(m.group(1)) if m and pat.match("aa") else x[0]


@case(X, 3)
def rep1(x, n):
    Fs = [np.outer(x, x)] * n
    v = x
    for F in Fs:
        v = F @ v
    return np.sum(v)


@case(X)
def rep2(x):
    Fs = [np.outer(x, x)] * len(x)
    v = x
    for k in range(len(x)):
        v = Fs[k] @ v
    return np.sum(v)


@case(np.array([[0.3], [0.5]]), 2)
def shp(z, d):
    if z.shape != (d, 1):
        z = z.T
    return np.sum(z * np.array([[1.0], [3.0]]))


@case(X)
def idx(x):
    layers = [x, x * 2, x**2]
    k = 0
    while np.sum(layers[k]) < 3:
        k += 1
    return np.sum(layers[k] * layers[k - 1])


@case(X)
def d1(x):
    pq = [(0.0, 0)]
    n = 0
    while pq:
        d, v = heapq.heappop(pq)
        if v < 2:
            heapq.heappush(pq, (d + x[v], v + 1))
        n += 1
    return d


@case(np.array([0.7, 0.4, 1.1]))
def events(rate):
    q = [(rate[0], 0), (rate[1], 1), (rate[2], 2)]
    heapq.heapify(q)
    total = 0.0
    for _ in range(5):
        t, k = heapq.heappop(q)
        total += t * (k + 1)
        heapq.heappush(q, (t + rate[k], k))
    return total


@pytest.mark.parametrize(("fn", "args"), PROGRAMS)
def test_program(fn, args):
    agree(fn, *args, order=1)
