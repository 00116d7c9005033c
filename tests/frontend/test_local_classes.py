"""Classes that are made in the function, and classes that answer for attributes they do not have."""

from __future__ import annotations

import collections
import dataclasses

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


class Vec:
    def __init__(self, items):
        self.items = items

    def __getitem__(self, k):
        return self.items[k]

    def __setitem__(self, k, v):
        self.items[k] = v

    def __len__(self):
        return len(self.items)

    def __iter__(self):
        return iter(self.items)

    def __contains__(self, k):
        return k < len(self.items)


@case(X)
def objitems(x):
    v = Vec([x[0], x[1]])
    v[0] = v[1] * x[2]
    return v[0] * v[1] * len(v) if 1 in v else 0.0


@case(X)
def objitems2(x):
    v = Vec(x * 1.0)
    v[0] = v[1] * x[2]
    s = 0.0
    for e in v:
        s += e * e
    return s * len(v)


@case(X)
def localclass(x):
    class P:
        k = 2.0

        def __init__(self, a):
            self.a = a

        def area(self):
            return self.a**2 * self.k

    return P(x[0]).area() * x[1]


@case(X)
def localdc(x):
    @dataclasses.dataclass
    class P:
        a: float
        b: float = 2.0

    p = P(x[0])
    p.b = p.b * x[1]
    return p.a * p.b


class GA2:
    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, n):
        return getattr(self.inner, n)


@case(X)
def getattr_(x):
    return np.sum(GA2(Vec([x[0], x[1]])).items)


@case(X)
def lc1(x):
    class Base:
        scale = 2.0

        def __init__(self, a):
            self.a = a
            self.n = 0

        def area(self):
            self.n += 1
            return self.a**2 * self.scale

        @property
        def twice(self):
            return 2 * self.area()

        @staticmethod
        def sq(v):
            return v * v

        @classmethod
        def make(cls, v):
            return cls(v * cls.scale)

        def __add__(self, o):
            return Base(self.a + o.a)

        def __call__(self, v):
            return self.a * v

    class Der(Base):
        scale = 3.0

        def __init__(self, a, b):
            super().__init__(a)
            self.b = b * x[2]

        def area(self):
            return super().area() + self.b

    d = Der(x[0], x[1])
    b = Base.make(x[1])
    return d.twice * d.n + Base.sq(x[2]) + (b + d).area() + d(x[1]) * isinstance(d, Base)


@case(X)
def lc2(x):
    @dataclasses.dataclass
    class St:
        q: float
        p: float = 1.0
        hist: list = dataclasses.field(default_factory=list)

        def energy(self):
            return 0.5 * self.p**2 + self.q**2

    s = St(x[0])
    for k in range(len(x)):
        s.p = s.p - 0.1 * s.q * x[1]
        s.q += 0.1 * s.p
        s.hist.append(s.energy())
    return s.energy() + sum(s.hist)


@case(X)
def lc3(x):
    s = 0.0
    for v in x:

        class C:
            def __init__(self, a):
                self.a = a

            def f(self):
                return self.a * v

        s += C(v).f()
    return s


@case(X)
def lc4(x):
    class It:
        def __init__(self, n):
            self.n = n

        def __iter__(self):
            for k in range(self.n):
                yield x[k] ** 2

        def __len__(self):
            return self.n

        def __getitem__(self, k):
            return x[k]

    i = It(3)
    return sum(i) * len(i) * i[1]


@case(X)
def lc5(x):
    P = collections.namedtuple("P", ["a", "b"])
    p = P(x[0], x[1])
    q = p._replace(a=x[2])
    return p.a * q.a * q.b


class Kw:
    def __init__(self, **kw):
        self.__dict__.update(kw)

    def __getattr__(self, n):
        if n.startswith("sq_"):
            return getattr(self, n[3:]) ** 2
        raise AttributeError(n)


@case(X)
def ga(x):
    k = Kw(a=x[0], b=x[1])
    return k.sq_a * k.b + sum(k.__dict__.values()) + len(vars(k))


@case(X, Kw(a=X, b=2.0))
def ga2(x, k):
    return np.sum(k.sq_a * x * k.b)


class Wrap:
    def __init__(self, m):
        self.m = m

    def __getattr__(self, n):
        return getattr(self.m, n)


@case(X)
def ga3(x):
    w = Wrap(x**2)
    return w.sum() * w.T[0] * w.shape[0]


@case(X)
def inn(x):
    v = Vec([1, 2, 3])

    class L:
        def __init__(self, i):
            self.i = i

        def __iter__(self):
            return iter(self.i)

    return x[0] ** 2 * (2 in L([1, 2])) + x[1] * (5 not in L([1]))


@pytest.mark.parametrize(("fn", "args"), PROGRAMS)
def test_program(fn, args):
    agree(fn, *args, order=1)
