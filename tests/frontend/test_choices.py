"""What is chosen while the program runs: functions, objects, members of an enum, keys of a known dict."""

from __future__ import annotations

import dataclasses
import enum
import functools

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


OPS = {"a": np.sin, "b": np.cos}


class Color(enum.Enum):
    RED = 1
    BLUE = 2


class Kind(str, enum.Enum):
    A = "a"
    B = "b"


@case(X)
def fchosen(x):
    f = np.sin if x[0] > 0.1 else np.cos
    return f(x[1])


@case(X)
def fchosen2(x):
    if x[0] > 5:
        act = np.tanh
    elif x[0] > 0.1:
        act = lambda v: v**2 * x[1]
    else:
        act = np.exp
    return np.sum(act(x) * 2)


@case(X, 2)
def opsk(x, k):
    ops = [np.sin, np.cos, lambda v: v**2]
    s = 0.0
    for i in range(k):
        s += ops[i % 3](x[i])
    return s


@case(X)
def opsdict(x):
    k = "a" if x[0] > 0.1 else "b"
    return OPS[k](x[1])


@case(X)
def dictkey(x):
    p = {0: x[0] ** 2, 1: x[1] ** 2}
    return p[int(x[0] > 0.5)]


@case(X)
def dictkey2(x):
    p = {"lo": x * 2, "hi": x**2}
    m = "hi" if x.sum() > 1 else "lo"
    return np.sum(p[m])


@case(X, Color.RED)
def enums(x, c):
    if c is Color.RED:
        return np.sum(x**2)
    return np.sum(x)


@case(X, Kind.A)
def enums2(x, c):
    d = {Kind.A: x[0] ** 2, Kind.B: x[1]}
    return d[c] * (2 if c == "a" else 1) * len(c.value)


@case(X, Color.BLUE)
def enums3(x, c):
    match c:
        case Color.RED:
            return x[0]
        case Color.BLUE:
            return x[1] ** 2


@case(X)
def enums4(x):
    s = 0.0
    for c in Color:
        s += x[c.value] ** c.value
    return s


class IE(enum.IntEnum):
    A = 0
    B = 1


class FL(enum.Flag):
    A = 1
    B = 2


@case(X, IE.B)
def ie(x, k):
    return x[k] ** 2 * (k + 1) + x[IE.A] * k


@case(X, FL.A | FL.B)
def fl(x, k):
    return x[0] ** 2 if k & FL.A else x[1]


@case(X)
def enumall(x):
    d = {c: x[c.value] ** 2 for c in Color}
    return d[Color.RED] * d[Color(2)] * d[Color["BLUE"]] * len(Color)


class M(enum.Enum):
    SUM = "sum"
    MEAN = "mean"

    def apply(self, v):
        return getattr(np, self.value)(v)

    @property
    def nice(self):
        return self.name.lower()

    @classmethod
    def default(cls):
        return cls.SUM


@case(X, M.MEAN)
def em(x, m):
    return m.apply(x**2) + M.default().apply(x) * len(m.nice)


@dataclasses.dataclass
class Cfg:
    mode: M
    lr: float


@case(X, Cfg(M.SUM, 0.3))
def emc(x, c):
    return c.mode.apply(x**c.lr) if c.mode is M.SUM else x[0]


@case(X)
def mtext(x):
    k = "a" if x[0] > 0.1 else "b"
    match k:
        case "a":
            return x[0] ** 2
        case "b" | "c":
            return x[1]
    return x[2]


def mk(a):
    def f(v):
        return a * v**2

    return f


def mk2(a, b):
    return lambda v: np.sin(a * v) + b


@case(X)
def facto(x):
    f = mk(x[1]) if x[0] > 0.1 else mk2(x[1], x[2])
    g = mk(x[1]) if x[0] > 10 else mk2(x[1], x[2])
    return f(x[2]) + g(x[0])


@case(X)
def loopf(x):
    f = np.sin
    s = 0.0
    for v in x:
        s += f(v)
        if v > 0.5:
            f = np.cos
        if s > 1:
            f = lambda t: t * s
    return s + f(x[0])


@case(X)
def loopf2(x):
    s = 0.0
    acts = [np.tanh, np.exp, lambda v: v**2]
    for v in x:
        k = int(v * 2) % 3
        s += acts[k](v) * acts[-1](s + v)
    return s


@case(X)
def nonef(x):
    cb = None
    if x[0] > 0.1:
        cb = lambda v: v * x[1]
    y = x**2
    if cb is not None:
        y = cb(y)
    if cb:
        y = y * 2
    return np.sum(y)


@case(X)
def methf(x):
    a = x * 2
    m = a.sum if x[0] > 0.1 else x.mean
    return m() ** 2


@case(X)
def partf(x):
    f = functools.partial(np.power, x[1]) if x[0] > 0.1 else functools.partial(np.multiply, x[2])
    return f(x[0])


class Doubling:
    def __init__(self, w):
        self.w = w

    def f(self, x):
        self.w = self.w * 2
        return self.w * x


class Square:
    def __init__(self, w):
        self.w = w

    def f(self, x):
        return self.w + x**2


@case(X)
def objch(x):
    a = Doubling(x[1])
    b = Square(x[2])
    o = a if x[0] > 0.1 else b
    r = o.f(x[0])
    return r + a.w * b.w


@case(X)
def nearest(x):
    table = {"a": (x[0], np.sin), "b": (x[1], np.cos)}
    k = min(table, key=lambda n: table[n][0])
    v, f = table[k]
    return f(v * 2)


@case(X)
def dd(x):
    layers = [{"w": x, "b": x[0]}, {"w": x**2, "b": x[1]}]
    k = 0
    s = 0.0
    while s < 5:
        l = layers[k % 2]
        s += np.sum(l["w"]) * l["b"] + 0.3
        k += 1
    return s


@case(X)
def keyerr(x):
    d = {"a": x[0], "b": x[1]}
    k = "c" if x[0] > 0.1 else "a"
    try:
        r = d[k]
    except KeyError:
        r = x[2] ** 2
    return r


@case(X)
def newton_m(x):
    methods = {
        "newton": lambda v: v - (v**2 - x[1]) / (2 * v),
        "halley": lambda v: v - 2 * (v**2 - x[1]) * 2 * v / (2 * 4 * v**2 - (v**2 - x[1]) * 2),
    }
    v = 1.0
    for i in range(4):
        m = "newton" if abs(v**2 - x[1]) > 0.1 else "halley"
        v = methods[m](v)
    return v


@case(X)
def dget(x):
    d = {"a": x[0], "b": x[1]}
    k = "c" if x[0] > 0.1 else "a"
    return d.get(k, x[2] ** 2) * (3 if "a" in d else 1) * (2 if k in d else 5)


@case(X)
def tupset(x):
    k = int(x[0] > 0.1)
    return (x**2, np.sin(x))[k].sum()


class Mode(enum.Enum):
    COAST = 0
    BURN = 1
    BRAKE = 2


@case(np.array([2.0, 0.5]), 30)
def lander(p, n):
    thrust, drag = p
    h, v = 10.0, 0.0
    mode = Mode.COAST
    fuel = 0.0
    log = []
    laws = {
        Mode.COAST: lambda v: -1.0,
        Mode.BURN: lambda v: thrust - 1.0,
        Mode.BRAKE: lambda v: -1.0 - drag * v * abs(v),
    }
    for _ in range(n):
        if h < 3 and v < -1:
            mode = Mode.BURN
        elif v > -0.5:
            mode = Mode.COAST
        else:
            mode = Mode.BRAKE
        a = laws[mode](v)
        if mode is Mode.BURN:
            fuel += thrust * 0.1
        v += 0.1 * a
        h += 0.1 * v
        log.append((mode, h))
        if h <= 0:
            break
    return h**2 + v**2 + 0.1 * fuel + sum(hh for m, hh in log if m is Mode.BURN)


@case(np.array([1.2, 0.3, 0.05]))
def pid(k):
    def P(e, i, d):
        return k[0] * e

    def PI(e, i, d):
        return k[0] * e + k[1] * i

    def PID(e, i, d):
        return k[0] * e + k[1] * i + k[2] * d

    y, i, prev = 0.0, 0.0, 1.0
    cost = 0.0
    for t in range(20):
        e = 1 - y
        i += e * 0.1
        d = (e - prev) / 0.1
        prev = e
        ctrl = P if abs(e) > 0.8 else (PI if abs(e) > 0.3 else PID)
        y += 0.1 * ctrl(e, i, d) - 0.02 * y
        cost += e**2
    return cost


@pytest.mark.parametrize(("fn", "args"), PROGRAMS)
def test_program(fn, args):
    agree(fn, *args, order=1)
