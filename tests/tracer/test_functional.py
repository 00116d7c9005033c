"""Jacobians and Hessians of functions of tensors, modes, anomalies, and graphs that are long."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np
import pytest

import srcgrad
from srcgrad.tracer import detect_anomaly, inference_mode, is_grad_enabled, tensor
from srcgrad.tracer.functional import hessian, hvp, jacobian, jvp, vhp, vjp

X = np.array([0.3, -0.7, 1.1])
Y = np.array([0.5, 1.5])


def vector(x):
    return np.sin(x) * x[0] + np.sum(x**2)


def number(x):
    return np.sum(np.exp(x) * x[0]) * x[1]


def test_jacobian_is_that_of_the_source_path():
    np.testing.assert_allclose(jacobian(vector, tensor(X)).numpy(), srcgrad.jacobian(vector)(X), rtol=1e-12)
    np.testing.assert_allclose(hessian(number, tensor(X)).numpy(), srcgrad.hessian(number)(X), rtol=1e-12)


def test_tuples():
    def f(x, y):
        return np.outer(x, y), np.sum(x) * y

    (a, b), (c, d) = jacobian(f, (tensor(X), tensor(Y)))
    np.testing.assert_allclose(a.numpy(), np.einsum("ik,j->ijk", np.eye(3), Y))
    np.testing.assert_allclose(b.numpy(), np.einsum("i,jk->ijk", X, np.eye(2)))
    np.testing.assert_allclose(c.numpy(), np.outer(Y, np.ones(3)))
    np.testing.assert_allclose(d.numpy(), np.sum(X) * np.eye(2))


def test_hessian_of_two():
    ((a, b), (c, d)) = hessian(lambda x, y: np.sum(x) ** 2 * np.sum(y**3), (tensor(X), tensor(Y)))
    np.testing.assert_allclose(a.numpy(), 2 * np.sum(Y**3) * np.ones((3, 3)))
    np.testing.assert_allclose(b.numpy(), 2 * np.sum(X) * 3 * np.outer(np.ones(3), Y**2))
    np.testing.assert_allclose(c.numpy(), b.numpy().T)
    np.testing.assert_allclose(d.numpy(), np.sum(X) ** 2 * 6 * np.diag(Y))


def test_products():
    v = tensor([1.0, 2.0, 3.0])
    jac, hess = srcgrad.jacobian(vector)(X), srcgrad.hessian(number)(X)
    value, found = vjp(vector, tensor(X), v)
    np.testing.assert_allclose(value.numpy(), vector(X))
    np.testing.assert_allclose(found.numpy(), v.numpy() @ jac)
    np.testing.assert_allclose(jvp(vector, tensor(X), v)[1].numpy(), jac @ v.numpy())
    np.testing.assert_allclose(hvp(number, tensor(X), v)[1].numpy(), hess @ v.numpy())
    np.testing.assert_allclose(vhp(number, tensor(X), v)[1].numpy(), hess @ v.numpy())


def test_jacobian_can_be_differentiated():
    x = tensor(X, requires_grad=True)
    jacobian(lambda z: z**3, x, create_graph=True).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 6 * X)


def test_strict():
    x = tensor(X)
    assert jacobian(lambda z: tensor(Y), x).numpy().tolist() == np.zeros((2, 3)).tolist()
    with pytest.raises(RuntimeError, match="strict"):
        jacobian(lambda z: tensor(Y), x, strict=True)


def test_inference_mode():
    x = tensor(X, requires_grad=True)
    with inference_mode():
        assert (x * 2).grad_fn is None
        with inference_mode(False):
            assert not is_grad_enabled()
    with inference_mode(False):
        assert (x * 2).grad_fn is not None
    assert inference_mode(lambda: (x * 2).requires_grad)() is False


def test_anomaly_names_the_line():
    x = tensor([0.0, 1.0], requires_grad=True)
    with detect_anomaly():
        y = np.sqrt(x) * 0.0  # the line
        with pytest.raises(RuntimeError, match=r"SqrtBackward0.*nan values.*test_functional\.py:\d+.*the line"):
            y.sum().backward()
    np.sqrt(x).sum().backward()


def test_a_million_nodes():
    x = tensor(1.0, requires_grad=True)
    y = x
    gc.disable()
    for _ in range(1_000_000):
        y = y + 1.0
    gc.enable()
    y.backward()
    assert x.grad.item() == 1.0
    del y


def test_memory_is_linear():
    peaks = []
    for count in (5_000, 10_000):
        x = tensor(1.0, requires_grad=True)
        tracemalloc.start()
        y = x
        for _ in range(count):
            y = y * 1.0001
        y.backward()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2.4 * peaks[0]
