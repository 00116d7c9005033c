"""``vjp``, ``jvp``, ``hvp`` and the Jacobians against finite differences and against each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

import srcgrad
from tests.finite import slope


def mix(x, w):
    y = np.tanh(w @ x)
    for i in range(3):
        y = y * np.sin(y) + x[i]
    return y


def stencil(u, a, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += a * (u[2:] - 2 * u[1:-1] + u[:-2]) ** 2
        if u[1] > 10:
            break
    return u


def scalar(x, y):
    total = x
    while total < 5:
        total = total * y + np.sin(x)
    return total * y


def tree(p, s):
    return {"a": p["w"] * s, "b": [p["b"] ** 2 * s, p["w"].sum()], "n": p["n"]}


class Pair(NamedTuple):
    left: object
    right: object


@dataclass
class Layer:
    w: object
    b: object
    name: str = "one"


X = np.array([0.3, -0.2, 0.5])
W = np.eye(3) + 0.1
CASES = [
    (mix, (X, W), (np.array([0.1, 0.7, -0.3]), np.arange(9.0).reshape(3, 3) / 9)),
    (stencil, (np.linspace(0, 1, 6) ** 2, 0.3, 3), (np.arange(6.0) / 5, 0.7, None)),
    (scalar, (1.1, 1.4), (0.3, -0.8)),
]


def shifted(args, dots, h):
    return tuple(a if d is None else a + h * d for a, d in zip(args, dots, strict=True))


@pytest.mark.parametrize(("f", "args", "dots"), CASES, ids=lambda c: getattr(c, "__name__", ""))
def test_jvp_is_the_slope(f, args, dots):
    value, tangent = srcgrad.jvp(f, args, dots)
    np.testing.assert_allclose(value, f(*args), rtol=1e-14)
    np.testing.assert_allclose(tangent, slope(lambda h: f(*shifted(args, dots, h))).value, rtol=1e-7)


@pytest.mark.parametrize(("f", "args", "dots"), CASES, ids=lambda c: getattr(c, "__name__", ""))
def test_vjp_is_the_transpose_of_jvp(f, args, dots):
    value, pullback = srcgrad.vjp(f, *args)
    bar = np.cos(np.arange(np.size(value))).reshape(np.shape(value))
    _, tangent = srcgrad.jvp(f, args, dots)
    bars = pullback(bar)
    assert len(bars) == len(args)
    inner = sum(np.vdot(b, d) for b, d in zip(bars, dots, strict=True) if d is not None)
    np.testing.assert_allclose(np.vdot(bar, tangent), inner, rtol=1e-12)
    assert [b is None for b in bars] == [d is None for d in dots]


@pytest.mark.parametrize(("f", "args", "dots"), CASES, ids=lambda c: getattr(c, "__name__", ""))
def test_pullback_may_be_called_again_and_changes_nothing(f, args, dots):
    value, pullback = srcgrad.vjp(f, *args, argnums=0)
    bar = np.ones(np.shape(value))
    kept = bar.copy()
    first = np.array(pullback(bar))
    pullback(2 * bar)
    result = pullback(bar)
    np.testing.assert_array_equal(first, result)
    np.testing.assert_array_equal(bar, kept)
    if isinstance(result, np.ndarray):
        result[...] = 7
        np.testing.assert_array_equal(first, pullback(bar))


def test_pullback_does_not_see_later_changes_of_the_arguments():
    x = X.copy()
    _, pullback = srcgrad.vjp(lambda x: x**3, x)
    x[:] = 100
    np.testing.assert_allclose(pullback(np.ones(3))[0], 3 * X**2)


@pytest.mark.parametrize(("f", "args", "dots"), CASES, ids=lambda c: getattr(c, "__name__", ""))
@pytest.mark.parametrize("jacobian", [srcgrad.jacobian, srcgrad.jacfwd, srcgrad.jacrev])
def test_jacobians(jacobian, f, args, dots):
    numbers = tuple(k for k, d in enumerate(dots) if d is not None)
    made = jacobian(f, argnums=numbers)(*args)
    assert isinstance(made, tuple)
    for k, block in zip(numbers, made, strict=True):
        assert np.shape(block) == np.shape(f(*args)) + np.shape(args[k])
    _, tangent = srcgrad.jvp(f, args, dots)
    along = sum(np.tensordot(block, dots[k], np.ndim(dots[k])) for k, block in zip(numbers, made, strict=True))
    np.testing.assert_allclose(along, tangent, rtol=1e-12)


@pytest.mark.parametrize("jacobian", [srcgrad.jacobian, srcgrad.jacfwd, srcgrad.jacrev])
def test_jacobian_of_containers(jacobian):
    p = {"w": np.array([1.0, 2.0]), "n": 3, "b": 4.0}
    made = jacobian(tree)(p, 2.0)
    assert list(made) == ["a", "b", "n"]
    assert list(made["a"]) == ["w", "n", "b"]
    np.testing.assert_allclose(made["a"]["w"], 2 * np.eye(2))
    np.testing.assert_array_equal(made["a"]["b"], np.zeros(2))
    assert made["a"]["n"] is None
    assert made["b"][0]["b"] == 16.0
    assert type(made["b"][0]["b"]) is float
    np.testing.assert_array_equal(made["b"][1]["w"], np.ones(2))
    assert made["n"] is None


@pytest.mark.parametrize("jacobian", [srcgrad.jacobian, srcgrad.jacfwd, srcgrad.jacrev])
def test_jacobian_kinds(jacobian):
    assert type(jacobian(lambda x: x**2)(3.0)) is float
    assert type(jacobian(lambda x: x**2)(3)) is float
    assert type(jacobian(lambda x: x**2)(np.float32(3))) is np.float32
    assert jacobian(lambda x: x**2)(np.array(3.0)).shape == ()
    assert jacobian(lambda x: x**2)(np.ones(2, np.float32)).dtype == np.float32
    assert jacobian(lambda x: x * 2)(np.ones(0)).shape == (0, 0)


@pytest.mark.parametrize("jacobian", [srcgrad.jacobian, srcgrad.jacfwd, srcgrad.jacrev])
def test_jacobian_with_aux(jacobian):
    made, aux = jacobian(lambda x: (x**2, {"norm": x @ x}), has_aux=True)(X)
    np.testing.assert_allclose(made, np.diag(2 * X))
    np.testing.assert_allclose(aux["norm"], X @ X)


@pytest.mark.parametrize("jacobian", [srcgrad.jacobian, srcgrad.jacfwd, srcgrad.jacrev])
def test_complex_jacobians(jacobian):
    z = np.array([1.0 + 2j, -0.5 + 1j])
    np.testing.assert_allclose(jacobian(lambda z: z**3, holomorphic=True)(z), np.diag(3 * z**2))
    # real to complex
    np.testing.assert_allclose(jacobian(lambda x: x**2 * (1 + 2j))(X), np.diag(2 * X * (1 + 2j)))
    # complex to real: d/dx - i d/dy
    np.testing.assert_allclose(jacobian(lambda z: np.real(z * np.conj(z)))(z), np.diag(2 * np.conj(z)))
    with pytest.raises(srcgrad.NonDifferentiableError, match="holomorphic=True"):
        jacobian(lambda z: z * np.conj(z))(z)


def quartic(x, y):
    return np.sum(x**4) * y + np.prod(x[:2]) * y**2


def test_hessian():
    h = srcgrad.hessian(quartic)(X, 2.0)
    g = srcgrad.grad(quartic)
    for k, unit in enumerate(np.eye(3)):
        np.testing.assert_allclose(h[:, k], slope(lambda t: g(X + t * unit, 2.0)).value, rtol=1e-7, atol=1e-9)
    both = srcgrad.hessian(quartic, argnums=(0, 1))(X, 2.0)
    np.testing.assert_allclose(both[0][0], h)
    np.testing.assert_allclose(both[0][1], both[1][0])
    np.testing.assert_allclose(both[1][1], 2 * X[0] * X[1])
    assert type(both[1][1]) is float


def test_hessian_with_aux():
    h, aux = srcgrad.hessian(lambda x: (np.sum(x**3), x[0]), has_aux=True)(X)
    np.testing.assert_allclose(h, np.diag(6 * X))
    assert aux == X[0]


def test_hvp_is_the_hessian_times_the_vector():
    v = np.array([0.2, 1.0, -0.4])
    np.testing.assert_allclose(srcgrad.hvp(quartic, (X, 2.0), v), srcgrad.hessian(quartic)(X, 2.0) @ v, rtol=1e-12)
    given = srcgrad.hvp(quartic, (X, 2.0), (v, 1.0), argnums=(0, 1))
    assert type(given[1]) is float
    assert srcgrad.hvp(lambda p: p["a"] ** 3 * p["b"], ({"a": 2.0, "b": 1.0},), {"a": 1.0, "b": None}) == {
        "a": 12.0,
        "b": 12.0,
    }


def test_orders():
    f = lambda x: np.sin(x) * x**3
    g = f
    for _ in range(3):
        before, g = g, srcgrad.grad(g)
        np.testing.assert_allclose(g(1.3), slope(lambda h, b=before: b(1.3 + h)).value, rtol=1e-7)


def test_second_order_of_loops_and_writes():
    f = lambda u, a: np.sum(stencil(u, a, 3) ** 2)
    u = np.linspace(0, 1, 6) ** 2
    g = srcgrad.grad(f, argnums=(0, 1))
    v = np.cos(np.arange(6.0))
    truth = slope(lambda h: np.concatenate([g(u + h * v, 0.3)[0], [g(u + h * v, 0.3)[1]]])).value
    given = srcgrad.hvp(f, (u, 0.3), (v, None), argnums=(0, 1))
    np.testing.assert_allclose(np.concatenate([given[0], [given[1]]]), truth, rtol=1e-6)
    _, again = srcgrad.jvp(g, (u, 0.3), (v, 0.0))
    np.testing.assert_allclose(again[0], given[0])
    _, pull = srcgrad.vjp(g, u, 0.3, argnums=0)
    np.testing.assert_allclose(pull((v, 0.0)), given[0], rtol=1e-10)


def test_derivatives_of_derivatives():
    vg = srcgrad.value_and_grad(quartic, argnums=(0, 1))
    (value, grads), (dvalue, dgrads) = srcgrad.jvp(vg, (X, 2.0), (np.ones(3), None))
    np.testing.assert_allclose(value, quartic(X, 2.0))
    np.testing.assert_allclose(dvalue, np.sum(grads[0]))
    np.testing.assert_allclose(dgrads[0], srcgrad.hvp(quartic, (X, 2.0), np.ones(3)))
    np.testing.assert_allclose(srcgrad.jacrev(srcgrad.grad(quartic))(X, 2.0), srcgrad.hessian(quartic)(X, 2.0))
    np.testing.assert_allclose(srcgrad.jacfwd(srcgrad.grad(quartic))(X, 2.0), srcgrad.hessian(quartic)(X, 2.0))
    np.testing.assert_allclose(srcgrad.grad(srcgrad.grad(quartic, 1), 1)(X, 2), 2 * X[0] * X[1])


def test_containers_of_tangents():
    layer = Layer(np.array([1.0, 2.0]), 3.0)

    def f(layer, pair, x):
        return (layer.w * x + layer.b, pair.left * pair.right)

    args = (layer, Pair(2.0, 5), 1.5)
    value, tangent = srcgrad.jvp(f, args, (Layer(np.ones(2), None, None), Pair(1.0, None), None))
    np.testing.assert_allclose(tangent[0], [1.5, 1.5])
    assert tangent[1] == 5.0
    value, pullback = srcgrad.vjp(f, *args)
    bars = pullback((np.ones(2), None))
    assert isinstance(bars[0], Layer)
    assert bars[0].name is None
    assert bars[0].b == 2.0
    np.testing.assert_allclose(bars[0].w, [1.5, 1.5])
    assert bars[1] == Pair(0.0, None)
    assert bars[2] == 3.0


def test_vjp_with_aux_and_keywords():
    value, pullback, aux = srcgrad.vjp(lambda x, *, k: (x * k, x + 1), 3.0, k=2.0, has_aux=True, argnums=0)
    assert (value, pullback(1.0), aux) == (6.0, 2.0, 4.0)
    value, pullback = srcgrad.vjp(lambda x, y: x * y, 3.0, 4.0, argnums=(1,))
    assert pullback(1) == (3.0,)


def test_one_value_at_two_places():
    _, pullback = srcgrad.vjp(lambda x: (x, [x, 2 * x]), 3.0)
    assert pullback((1.0, [10.0, 100.0])) == (211.0,)


WRONG_COTANGENTS = [
    ({"a": np.ones(3), "b": None, "n": None}, ValueError, r"cotangent\['a'\].*shape \(3,\), and \(2,\) is needed"),
    ({"a": None, "b": [1.0], "n": None}, ValueError, r"cotangent\['b'\].*1 item, and 2 items are needed"),
    ({"a": None, "b": (1.0, 2.0), "n": None}, TypeError, r"cotangent\['b'\].*must be a list, not a tuple"),
    ({"a": None, "b": [1j, 2.0], "n": None}, TypeError, r"cotangent\['b'\]\[0\].*complex"),
    ({"a": None, "b": None, "n": 1.0}, TypeError, r"cotangent\['n'\].*must be None"),
    ({"a": None, "b": None}, ValueError, "the keys 'a', 'b', and the keys 'a', 'b', 'n' are needed"),
    ({"a": "x", "b": None, "n": None}, TypeError, r"cotangent\['a'\].*numbers, not str"),
    (3.0, TypeError, "must be a dict, not a float"),
]


@pytest.mark.parametrize(("cotangent", "error", "text"), WRONG_COTANGENTS)
def test_cotangents_are_checked(cotangent, error, text):
    _, pullback = srcgrad.vjp(tree, {"w": np.ones(2), "n": 3, "b": 4.0}, 2.0)
    with pytest.raises(error, match=text) as info:
        pullback(cotangent)
    assert isinstance(info.value, srcgrad.SrcgradError)


WRONG_TANGENTS = [
    ((np.ones(2), None), ValueError, r"tangent of `x`.*shape \(2,\), and \(3,\) is needed"),
    ((np.ones(3),), ValueError, "1 tangents were given for 2 arguments"),
    ((1j * np.ones(3), None), TypeError, "tangent of `x`.*complex"),
    (([1.0, 2.0], None), ValueError, "tangent of `x`"),
    (3.0, ValueError, "tangents must be a tuple"),
]


@pytest.mark.parametrize(("tangents", "error", "text"), WRONG_TANGENTS)
def test_tangents_are_checked(tangents, error, text):
    with pytest.raises(error, match=text):
        srcgrad.jvp(mix, (X, W), tangents)


def test_tangent_of_an_integer_array_is_refused():
    with pytest.raises(TypeError, match="`k`"):
        srcgrad.jvp(lambda x, k: x * k, (1.0, np.arange(2)), (1.0, np.ones(2)))


def test_draws_and_prints_happen_once(capsys):
    def f(x):
        print("here")
        return x * np.arange(3.0)

    for jacobian in (srcgrad.jacobian, srcgrad.jacfwd, srcgrad.jacrev):
        np.testing.assert_allclose(jacobian(f)(X), np.diag(np.arange(3.0)))
        assert capsys.readouterr().out == "here\n"


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
def test_dtypes(dtype):
    x = np.array([1, 2, 3], dtype)
    value, pullback = srcgrad.vjp(lambda x: x * x, x)
    assert pullback(np.ones(3))[0].dtype == dtype
    value, tangent = srcgrad.jvp(lambda x: x * x, (x,), (np.ones(3, np.float32),))
    assert value.dtype == tangent.dtype == dtype


@pytest.mark.parametrize("outer", [srcgrad.jacobian, srcgrad.jacfwd, srcgrad.jacrev])
@pytest.mark.parametrize("inner", [srcgrad.jacfwd, srcgrad.jacrev, srcgrad.jacobian])
def test_jacobians_of_jacobians(outer, inner):
    first = inner(lambda x: np.sin(x) * x[::-1] ** 2)
    made = outer(first)(X)
    truth = np.stack([slope(lambda h, e=e: first(X + h * e)).value for e in np.eye(3)], -1)
    np.testing.assert_allclose(made, truth, rtol=1e-7, atol=1e-9)


def test_third_order_through_hessians():
    h = srcgrad.hessian(lambda x: np.sum(x**4) * x[0])
    truth = np.stack([slope(lambda t, e=e: h(X + t * e)).value for e in np.eye(3)], -1)
    np.testing.assert_allclose(srcgrad.jacfwd(h)(X), truth, rtol=1e-7, atol=1e-8)
    assert srcgrad.grad(srcgrad.hessian(lambda x: x**5))(2.0) == pytest.approx(5 * 4 * 3 * 4)
    with pytest.raises(srcgrad.UnsupportedError, match="once more"):
        srcgrad.jacfwd(srcgrad.jacrev(tree), fallback="error")({"w": np.ones(2), "n": 3, "b": 4.0}, 2.0)
