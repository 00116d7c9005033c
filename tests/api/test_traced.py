"""What `grad` and friends give by tracing: the same as from source."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import srcgrad
from srcgrad.api import making
from srcgrad.errors import AliasError, FallbackWarning, NonScalarError, TracedValueError, UnusedArgumentWarning

X = np.array([0.1, 0.2, 0.3])


def squares(x):
    h = np.zeros(3)
    for i in range(3):
        h[i] = np.sin(x[i])
    return np.sum(h**2)


def parts(d, scale=2.0, *rest, power, **more):
    return np.sum(d["a"] ** power) * d["b"][0] * scale * rest[0] * more["k"]


def without_source():
    scope = {}
    exec("import numpy as np\ndef g(x):\n    return np.sum(np.exp(x))", scope)
    return scope["g"]


def test_grad_and_value():
    np.testing.assert_allclose(srcgrad.grad(squares, mode="trace")(X), srcgrad.grad(squares)(X), rtol=1e-14)
    value, grad = srcgrad.value_and_grad(squares, mode="trace")(X)
    assert value == squares(X)
    assert grad.flags.writeable


def test_hessian_and_jacobian():
    np.testing.assert_allclose(srcgrad.hessian(squares, mode="trace")(X), srcgrad.hessian(squares)(X), atol=1e-14)
    found = srcgrad.jacobian(lambda x: x**2 * srcgrad.stop_gradient(x), mode="trace")(X)
    np.testing.assert_allclose(found, np.diag(2 * X**2))


def test_every_kind_of_parameter():
    d = {"a": X, "b": [3.0], "n": 1}
    args, kwargs = (d, 2.0, 5.0), {"power": 3, "k": 7.0}
    for choice in ({"argnums": (0, 1, 2)}, {"argnames": ("k", "d")}):
        found = srcgrad.grad(parts, mode="trace", **choice)(*args, **kwargs)
        expected = srcgrad.grad(parts, **choice)(*args, **kwargs)
        for got, wanted in zip(found, expected, strict=True):
            if isinstance(wanted, dict):
                assert got["n"] is None
                np.testing.assert_allclose(got["a"], wanted["a"])
                assert got["b"] == pytest.approx(wanted["b"])
            else:
                assert type(got) is type(wanted)
                assert got == pytest.approx(wanted)


def test_python_numbers_stay_python_numbers():
    assert srcgrad.grad(lambda x: x**3, mode="trace")(2) == 12.0
    assert type(srcgrad.grad(lambda x: x**3, mode="trace")(2)) is float


def test_derivatives_inside():
    def penalty(x):
        return np.sum(srcgrad.grad(squares)(x) ** 2)

    np.testing.assert_allclose(srcgrad.grad(penalty, mode="trace")(X), srcgrad.grad(penalty)(X), rtol=1e-12)


def test_has_aux():
    grad, aux = srcgrad.grad(lambda x: (np.sum(x**2), x * 2), has_aux=True, mode="trace")(X)
    np.testing.assert_allclose(grad, 2 * X)
    np.testing.assert_allclose(aux, 2 * X)
    assert type(aux) is np.ndarray


def test_errors():
    with pytest.raises(NonScalarError, match="an array of shape"):
        srcgrad.grad(lambda x: x * 2, mode="trace")(X)
    with pytest.raises(NonScalarError, match="None"):
        srcgrad.grad(lambda x: None, mode="trace")(X)
    with pytest.raises(TracedValueError, match="a value that has a derivative"):
        srcgrad.grad(lambda x: x[0] * x.tolist()[1], mode="trace")(X)
    with pytest.warns(UnusedArgumentWarning, match="does not depend on `y`"):
        srcgrad.grad(lambda x, y: x, 1, mode="trace")(1.0, 2.0)


def written_first(a, b):
    a[0] = 5.0
    return np.sum(a * b)


def test_shared_memory():
    with pytest.raises(AliasError, match="shares memory"):
        srcgrad.grad(written_first, mode="trace")(X[:2], X[1:])
    first, second = srcgrad.grad(lambda a, b: np.sum(a * b**2), (0, 1), mode="trace")(X, X)
    np.testing.assert_allclose(first, X**2)
    np.testing.assert_allclose(second, 2 * X * X)


def test_falls_back(monkeypatch):
    monkeypatch.setattr(making, "TRACED", ("warn", "silent"))
    g = without_source()
    with pytest.warns(FallbackWarning, match="g is traced at run time: the source of `g` is missing"):
        np.testing.assert_allclose(srcgrad.grad(g)(X), np.exp(X))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(srcgrad.grad(g)(X), np.exp(X))  # once is enough
        np.testing.assert_allclose(srcgrad.vjp(g, X)[1](1.0)[0], np.exp(X))
        np.testing.assert_allclose(srcgrad.jvp(g, (X,), (X,))[1], np.sum(X * np.exp(X)))
        np.testing.assert_allclose(srcgrad.hvp(g, (X,), X), X * np.exp(X))
        np.testing.assert_allclose(srcgrad.hessian(g)(X), np.diag(np.exp(X)))
    assert srcgrad.explain(g, X).path == "traced"
    with pytest.raises(srcgrad.SourceError):
        srcgrad.grad(g, fallback="error")(X)


def test_silent():
    np.testing.assert_allclose(srcgrad.grad(without_source(), fallback="silent")(X), np.exp(X))
