"""Derivative operators called inside the program that is differentiated."""

import numpy as np
import pytest

from srcgrad import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
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


def loss(w, x):
    return np.sum((w * x - np.sin(x)) ** 2)


gloss = grad(loss)


@program(X, X[::-1].copy())
def maml(w, x):
    for _ in range(3):
        w = w - 0.1 * grad(loss)(w, x)
    return loss(w, x * 2)


@program(X, X[::-1].copy(), argnums=(0, 1))
def maml2(w, x):
    u = w - 0.1 * gloss(w, x)
    v, g = value_and_grad(loss, argnums=1)(u, x)
    return v * np.sum(g**2)


@program(0.7)
def lam(x):
    return grad(lambda y: np.sin(x * y) * y)(x**2)


@program(0.7)
def lam2(x):
    return grad(grad(lambda y: y**4 * x))(x)


@program({"w": X, "b": 0.5}, X)
def params(q, x):

    def inner(r):
        return np.sum((r["w"] * x + r["b"]) ** 3)

    g = grad(inner)(q)
    new = {k: q[k] - 0.01 * g[k] for k in q}
    return inner(new)


@program(X)
def newton(x):
    f = lambda z: np.sum(np.cosh(z * x))
    z = np.ones(4)
    for _ in range(3):
        z = z - np.linalg.solve(hessian(f)(z), grad(f)(z)) * 0.5
    return np.sum(z**2) + f(z)


@program(X)
def jac(x):
    J = jacobian(lambda y: np.sin(y) * x + y[0])(x * 2)
    return np.sum(J**2)


@program(X)
def jv(x):
    v, d = jvp(lambda y: y**2 * x, (x,), (np.sin(x),))
    return np.sum(v * d)


@program(X)
def vj(x):
    v, pull = vjp(lambda y: y**2 * x, x)
    (g,) = pull(np.cos(x))
    return np.sum(v * g)


@program(X)
def hv(x):
    return np.sum(hvp(lambda y: np.sum(y**3 * x), (x,), x**2) ** 2)


@program(0.6)
def implicit(a):
    f = lambda y: y**3 + a * y - 2.0
    y = 1.0
    while abs(f(y)) > 1e-12:
        y = y - f(y) / grad(f)(y)
    return y * y


class Pot:
    def __init__(self, k):
        self.k = k

    def energy(self, q):
        return 0.5 * self.k * np.sum(q**2) + np.sum(q**4)

    def force(self, q):
        return -grad(self.energy)(q)


@program(X, 0.7, argnums=(0, 1))
def hamil(q, k):
    pot = Pot(k)
    v = np.zeros(4)
    for _ in range(3):
        v = v + 0.1 * pot.force(q)
        q = q + 0.1 * v
    return pot.energy(q)


@program(X)
def aux(x):
    g, a = grad(lambda y: (np.sum(y**3), y * 2), has_aux=True)(x)
    (v, b), h = value_and_grad(lambda y: (np.sum(y**2), y * 3), has_aux=True)(x)
    return np.sum(g * a) + v * np.sum(b * h)


def leaks(x):
    held = np.zeros(1)

    def inner(y):
        held[0] = y
        return y * y

    return grad(inner)(x) + held[0]


def of_two(x):
    return jacobian(lambda y, z: y * z, argnums=(0, 1))(np.array([x]), np.array([x]))[0][0, 0]


REFUSED = {
    leaks: "cannot differentiate inside the program a function that writes into what is around it",
    of_two: "cannot take this jacobian inside the program",
}


@pytest.mark.parametrize("fn", REFUSED, ids=lambda fn: fn.__name__)
def test_refused(fn):
    assert refused(fn, 1.5) == REFUSED[fn]


def test_prints_of_the_inner_function_appear_once(capsys):
    def loud(y):
        print("inner")
        return y**3

    assert grad(lambda x: grad(loud)(x))(2.0) == 12.0
    assert capsys.readouterr().out == "inner\n"


Y = np.array([0.4, 0.7, 1.1])


@program(Y)
def maml_of_a_dict(x, n=3):
    def inner(q):
        return np.sum((np.tanh(q["w"] @ x + q["b"]) - 0.2) ** 2)

    p = {"w": np.outer(x, x[::-1]) * 0.3, "b": x * 0.1}
    for _ in range(n):
        g = grad(inner)(p)
        p = {k: p[k] - 0.1 * g[k] for k in p}
    return inner(p)


@program(Y)
def as_many_steps_as_the_argument_says(x):
    p = x
    for _ in range(int(np.sum(x) * 2)):
        p = p - 0.05 * grad(lambda q: np.sum(q**4 + q * x))(p)
    return np.sum(p)


@program(Y, order=1)
def descends_until_it_is_flat(x):
    y = x.copy()
    f = lambda z: np.sum(z**4) + np.sum((z - x) ** 2)
    k = 0
    while True:
        g = grad(f)(y)
        if np.sum(g * g) < 1e-3 or k > 50:
            break
        y = y - 0.05 * g
        k += 1
    return np.sum(y * x)


@program(Y, order=1)
def of_a_while_loop_with_break(x):
    def grown(t):
        s = t
        k = 0
        while s < 10.0:
            s = s * (1.5 + t * 0.1)
            k += 1
            if k > 20:
                break
        return s

    return grad(grown)(x[0] + 0.5) * np.sum(x)


@program(Y, order=1)
def newton_of_a_system(x):
    def residual(y):
        a = y[0] + 0.2 * (x[0] + 2.0) * y[1] ** 2 - 1.0
        return np.array([a, y[1] + 0.3 * x[1] * y[0] ** 2 - x[2]])

    y = np.array([0.5, 0.5])
    for _ in range(20):
        r = residual(y)
        if np.sum(np.abs(r)) < 1e-13:
            break
        y = y - np.linalg.solve(jacobian(residual)(y), r)
    return y[0] * y[1] + y[0]


@program(Y)
def third_order(x):
    f = lambda t: np.sum(np.exp(t * x))
    return grad(grad(grad(f)))(x[0])


@program(Y)
def of_a_matrix(x):
    return np.sum(jacobian(lambda u: np.outer(u, x))(x) ** 2 * x)


@program(Y)
def pulled_through_a_dict(x):
    def f(p):
        return {"a": p["u"] * p["u"], "b": np.sum(p["u"]) * p["c"], "n": 2.0}

    _, pull = vjp(f, {"u": x, "c": x[0]})
    (g,) = pull({"a": x, "b": 2.0, "n": None})
    return np.sum(g["u"] * x) + g["c"]


@program(Y)
def by_a_recipe(x):
    def repeated(f, n):
        return f if n == 0 else repeated(grad(f), n - 1)

    return repeated(lambda t: np.sin(t) * x[1], 3)(x[0]) + x[2]


@pytest.mark.parametrize(("fn", "args", "options"), PROGRAMS, ids=[fn.__name__ for fn, _, _ in PROGRAMS])
def test_program(fn, args, options):
    agree(fn, *args, **options)


INNER = [maml_of_a_dict, descends_until_it_is_flat, newton_of_a_system, third_order, of_a_matrix,
         pulled_through_a_dict, jv, hv]  # fmt: skip


@pytest.mark.parametrize("fn", INNER, ids=lambda fn: fn.__name__)
def test_traced_it_is_the_same(fn):
    x = Y if fn not in (jv, hv) else X
    found = grad(fn, mode="trace")(x)
    assert type(found) is np.ndarray
    np.testing.assert_allclose(found, grad(fn)(x), rtol=1e-9)


def test_a_cotangent_of_another_structure():
    def f(x):
        _, pull = vjp(lambda u: (u, u * 2), x)
        return np.sum(pull((x, x, x))[0])

    assert refused(f, X) == "the cotangent does not have the structure of the value"
