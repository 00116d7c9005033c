"""Objects of the user's classes, made inside the function and passed in."""

import copy
import dataclasses
import functools
import operator
import typing
from dataclasses import dataclass, field

import numpy as np
import pytest

import srcgrad
from tests.frontend.agree import agree, refused

PROGRAMS = []


def program(*args, **options):
    """Collect a program with the arguments to try it on."""

    def collect(fn):
        PROGRAMS.append((fn, args, options))
        return fn

    return collect


X = np.array([1.2, 0.7, 2.1, 0.9])


M = np.array([[1.2, 0.3, 0.5], [0.7, 1.1, 0.2], [0.4, 0.6, 1.7]])


class Layer:
    scale = 0.5

    def __init__(self, w, b=0.0):
        self.w = w
        self.b = b
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        return np.tanh(self.scale * (x * self.w + self.b))

    @property
    def norm(self):
        return np.sum(self.w**2)

    @staticmethod
    def act(x):
        return np.exp(-x)

    @classmethod
    def unit(cls, n):
        return cls(np.ones(n))


class Deep(Layer):
    def __init__(self, w):
        super().__init__(w, 1.0)
        self.extra = w * 2

    def __call__(self, x):
        return super().__call__(x) + self.extra


@program(X)
def layers(x):
    l = Layer(x, x[0])
    d = Deep(x**2)
    y = d(l(x))
    return np.sum(y) + l.norm * d.norm + l.calls + np.sum(Layer.act(x)) + np.sum(Layer.unit(4)(x))


class Vec:
    def __init__(self, x, y):
        self.x, self.y = (x, y)

    def __add__(self, o):
        return Vec(self.x + o.x, self.y + o.y)

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __neg__(self):
        return Vec(-self.x, -self.y)

    def __matmul__(self, o):
        return self.x * o.x + self.y * o.y

    def __getitem__(self, i):
        return (self.x, self.y)[i]

    def __len__(self):
        return 2

    def __iter__(self):
        yield self.x
        yield self.y

    def __iadd__(self, o):
        self.x = self.x + o.x
        self.y = self.y + o.y
        return self

    def __abs__(self):
        return np.sqrt(self @ self)

    def __lt__(self, o):
        return abs(self) < abs(o)

    def __bool__(self):
        return bool(self.x > 0)

    def __contains__(self, v):
        return False


@program(X)
def vecs(x):
    a = Vec(x[0], x[1])
    b = 2.0 * Vec(x[2], x[3]) + a * 3.0
    a += b
    c = -a
    u, v = b
    m = a if a < b else b
    return a @ b + abs(c) + a[0] * b[1] + len(a) + sum((t for t in a)) + u * v + m @ m + (1.0 if a else 2.0)


@dataclass
class Body:
    pos: np.ndarray
    vel: np.ndarray
    mass: float = 1.0
    log: list = field(default_factory=list)

    def kick(self, f, dt):
        self.vel = self.vel + dt * f / self.mass

    def drift(self, dt):
        self.pos += dt * self.vel

    @property
    def energy(self):
        return 0.5 * self.mass * np.sum(self.vel**2) + np.sum(self.pos**4)


@program(X, X[::-1].copy())
def leap(x, v):
    b = Body(x.copy(), v * 1.0, mass=2.0)
    for _ in range(4):
        b.kick(-b.pos, 0.1)
        b.drift(0.1)
    return b.energy


@dataclass(frozen=True)
class State:
    u: np.ndarray
    t: float = 0.0

    def step(self, dt):
        return dataclasses.replace(self, u=self.u + dt * np.sin(self.u), t=self.t + dt)


@program(X)
def frozen(x):
    s = State(x)
    for _ in range(3):
        s = s.step(0.1)
    return np.sum(s.u**2) * s.t


class Params(typing.NamedTuple):
    w: np.ndarray
    b: float

    def apply(self, x):
        return np.sum(self.w * x) + self.b


@program(Params(X, 0.3), X)
def namedt(q, x):
    r = q._replace(b=q.b * 2.0)
    d = r._asdict()
    s = Params(b=q.b, w=q.w**2)
    return r.apply(x) * s.apply(x) + np.sum(d["w"])


@program(Body(X, X[::-1].copy()))
def objarg(b):
    b.kick(b.pos**2, 0.5)
    b.drift(0.5)
    b.pos[0] *= 2.0
    b.mass = b.mass * 2.0
    return b.energy


@program(Layer(X, 0.5), X)
def callobj(l, x):
    return np.sum(l(x)) * l.norm


class Cached:
    def __init__(self, w):
        self.w = w

    @functools.cached_property
    def gram(self):
        return np.outer(self.w, self.w)


@program(X)
def cached(x):
    c = Cached(x)
    return np.sum(c.gram) + np.sum(c.gram @ x)


OPS = {"sq": lambda x: x * x, "sin": np.sin, "add": operator.add}


@program(X)
def dispatch(x):
    y = x
    for k in ("sq", "sin"):
        y = OPS[k](y)
    f = getattr(np, "tanh")
    g = getattr(np.linalg, "norm")
    return np.sum(OPS["add"](y, x)) + np.sum(f(x)) * g(x)


@program(X)
def attrs(x):
    l = Layer(x)
    setattr(l, "k", x[0] * 2.0)
    if hasattr(l, "k") and (not hasattr(l, "zz")):
        l.k = getattr(l, "k") * 3.0
    return l.k * getattr(l, "missing", 2.0) + isinstance(l, Layer) + isinstance(l, Deep)


@program(X)
def counter(x):
    n = 0
    tot = 0.0

    def bump(v):
        nonlocal n, tot
        n += 1
        tot = tot + v**2
        return n

    for i in range(4):
        bump(x[i])
    return tot * n


class Opt:
    def __init__(self, n, lr):
        self.m = np.zeros(n)
        self.v = np.zeros(n)
        self.t = 0
        self.lr = lr

    def step(self, g):
        self.t += 1
        self.m[:] = 0.9 * self.m + 0.1 * g
        self.v *= 0.99
        self.v += 0.01 * g * g
        return self.lr * self.m / (np.sqrt(self.v) + 0.001)


@program(X)
def adam(x):
    o = Opt(4, 0.1)
    w = x.copy()
    for _ in range(3):
        w = w - o.step(2 * w)
    return np.sum(w**2) + o.t


class Stack:
    def __init__(self):
        self.items = []
        self.table = {}

    def push(self, v):
        self.items.append(v)
        self.table[len(self.items)] = v


@program(X)
def branchobj(x):
    s = State(x, 1.0)
    if x[0] > 1:
        s = State(x * 2, 2.0)
    else:
        s = State(x * 3)
    d = {"a": x[0], "b": x}
    if x[1] < 1:
        d["a"] = d["a"] * 2
    return np.sum(s.u) * s.t * d["a"]


class Node:
    def __init__(self, val, left=None, right=None):
        self.val, self.left, self.right = (val, left, right)

    def total(self):
        s = self.val**2
        if self.left is not None:
            s = s + self.left.total()
        if self.right is not None:
            s = s + self.right.total() * self.val
        return s


@program(X)
def tree(x):
    return Node(x[0], Node(x[1]), Node(x[2], Node(x[3]))).total()


class Temp:
    def __init__(self, c):
        self._c = c

    @property
    def f(self):
        return self._c * 1.8 + 32

    @f.setter
    def f(self, v):
        self._c = (v - 32) / 1.8


@program(2.0)
def setter(x):
    t = Temp(x)
    t.f = t.f**2
    t.f += x
    return t._c


@program(X)
def copies(x):
    a = Body(x.copy(), x)
    b = copy.deepcopy(a)
    c = copy.copy(a)
    b.pos[0] = 5.0
    c.pos[1] = 7.0
    return np.sum(a.pos**2) + np.sum(b.pos * x)


class Base:
    def f(self, x):
        return self.g(x) * 2

    def g(self, x):
        raise NotImplementedError


class Impl(Base):
    def g(self, x):
        return np.sum(x**3)


@program(X)
def template(x):
    return Impl().f(x)


impl = Impl()


@program(X)
def template2(x):
    return impl.f(x)


class Linear:
    def __init__(self, w):
        self.w = w

    def __call__(self, x):
        return x @ self.w


class MLP:
    def __init__(self, ws):
        self.layers = [Linear(w) for w in ws]
        self.act = np.tanh

    def __call__(self, x):
        for l in self.layers[:-1]:
            x = self.act(l(x))
        return self.layers[-1](x)


@program(MLP([M, M.T.copy()]), X[:3])
def mlp(m, x):
    return np.sum(m(x) ** 2)


@program([M, M.T.copy()], X[:3])
def mlp2(ws, x):
    return np.sum(MLP(ws)(x) ** 2)


@pytest.mark.parametrize(("fn", "args", "options"), PROGRAMS, ids=[fn.__name__ for fn, _, _ in PROGRAMS])
def test_program(fn, args, options):
    agree(fn, *args, **options)


def test_gradients_are_objects_of_the_same_classes():
    found = srcgrad.grad(mlp)(MLP([M, M.T.copy()]), X[:3])
    assert type(found) is MLP
    assert [type(layer) for layer in found.layers] == [Linear, Linear]
    assert type(srcgrad.grad(namedt)(Params(X, 0.3), X)) is Params


class Plain:
    def __init__(self, w):
        self.w = w


@dataclass(frozen=True)
class Fixed:
    w: float


class Tuple(tuple):
    pass


def no_attribute(x):
    return Plain(x).missing


def no_operator(x):
    return Plain(x) + 1.0


def frozen_write(x):
    s = Fixed(x)
    s.w = 2.0
    return s.w


def builtin_base(x):
    return Tuple([x])[0]


def either(x):
    a, b = Plain(x), Plain(2.0 * x)
    c = a if x > 0 else b
    c.w = 3.0 * x
    return a.w


REFUSED = {
    no_attribute: "`Plain` object has no attribute `missing`",
    no_operator: "unsupported operand for add: `Plain`",
    frozen_write: "cannot assign to field `w`: `Fixed` is frozen",
    builtin_base: "cannot make a `Tuple` here: it has its own `__new__`",
    either: "cannot tell whether a container is changed here: it is the same as another on some paths only",
}


@pytest.mark.parametrize("fn", REFUSED, ids=lambda fn: fn.__name__)
def test_refused(fn):
    assert refused(fn, 1.5) == REFUSED[fn]


def test_replaced_methods_are_seen():
    class Local:
        rate = 2.0

        def scale(self, x):
            return self.rate * x

    held = Local()
    derivative = srcgrad.grad(lambda x: held.scale(x))
    assert derivative(1.0) == 2.0
    Local.rate = 3.0
    assert derivative(1.0) == 3.0
    Local.scale = lambda self, x: 7.0 * x
    assert derivative(1.0) == 7.0
