"""Source-differentiated functions called on tensors: one node, every order, the same numbers as recording."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import srcgrad
from srcgrad import FallbackWarning, UnsupportedError, autograd, nn, tensor


def loop(x, y):
    s = 0.0
    for k in range(3):
        s += np.sum(np.sin(x) * y**2) * k
    return s


def leaves():
    return tensor([0.3, 0.7], requires_grad=True), tensor([1.2, 0.4], requires_grad=True)


def orders(f):
    x, y = leaves()
    found = []
    out = f(x, y)
    for _ in range(3):
        gx, gy = autograd.grad(out, [x, y], create_graph=True)
        found += [gx.detach().numpy(), gy.detach().numpy()]
        out = np.sum(gx * gy)
    return found


def test_one_node_and_every_order():
    x, y = leaves()
    out = srcgrad.compile(loop)(x, y)
    assert out.grad_fn.name() == "loopBackward"
    assert [edge.name() for edge, _ in out.grad_fn.next_functions] == ["AccumulateGrad"] * 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compiled = orders(srcgrad.compile(loop))
    for a, b in zip(compiled, orders(loop), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11)


def test_derivatives_on_tensors():
    x, y = leaves()
    g = srcgrad.grad(loop)(x, y)
    assert isinstance(g, srcgrad.Tensor)
    g.sum().backward()
    expected = srcgrad.hvp(loop, (np.array([0.3, 0.7]), np.array([1.2, 0.4])), np.ones(2))
    np.testing.assert_allclose(x.grad.numpy(), expected)
    value, g = srcgrad.value_and_grad(loop)(x, y)
    x.grad = None
    (value + g.sum()).backward()
    first = srcgrad.grad(loop)(np.array([0.3, 0.7]), np.array([1.2, 0.4]))
    np.testing.assert_allclose(x.grad.numpy(), expected + first)


@pytest.mark.parametrize("call", [
    lambda x: srcgrad.jacobian(np.sin)(x), lambda x: srcgrad.hessian(np.sum)(x), lambda x: srcgrad.vjp(np.sin, x),
    lambda x: srcgrad.jvp(np.sin, (x,), (x,)), lambda x: srcgrad.hvp(np.sum, (x,), np.ones(2)),
    lambda x: srcgrad.jacfwd(np.sin)([x]),
])  # fmt: skip
def test_what_takes_arrays_only_says_so(call):
    with pytest.raises(srcgrad.ArgumentError, match="takes arrays, not tensors"):
        call(leaves()[0])


def test_no_gradient_wanted():
    x, y = leaves()
    with srcgrad.no_grad():
        assert srcgrad.compile(loop)(x, y).grad_fn is None
    assert srcgrad.compile(loop)(x.detach(), y.detach()).grad_fn is None
    assert srcgrad.grad(loop)(x.detach(), np.ones(2)).requires_grad is False


def test_containers_and_objects():
    class Box:
        def __init__(self, w):
            self.w = w

    def f(p, x):
        return {"a": p["box"].w * x, "b": [np.sum(p["other"] ** 2)], "n": 3}

    w, v = leaves()
    found = srcgrad.compile(f)({"box": Box(w), "other": v}, np.array([3.0, 4.0]))
    assert found["n"] == 3
    (found["a"].sum() + found["b"][0] * 2).backward()
    assert w.grad.tolist() == [3, 4]
    np.testing.assert_allclose(v.grad.numpy(), 4 * np.array([1.2, 0.4]))


def test_the_same_tensor_twice():
    x, _ = leaves()
    srcgrad.compile(lambda a, b: np.sum(a * b**2))(x, x).backward()
    np.testing.assert_allclose(x.grad.numpy(), 3 * np.array([0.3, 0.7]) ** 2)


def test_modules():
    srcgrad.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    x = srcgrad.randn(4, 2)
    (srcgrad.compile(model, fallback="error")(x) ** 2).mean().backward()
    compiled = [p.grad.numpy().copy() for p in model.parameters()]
    model.zero_grad()
    (model(x) ** 2).mean().backward()
    for grad, p in zip(compiled, model.parameters(), strict=True):
        np.testing.assert_allclose(grad, p.grad.numpy(), rtol=1e-12)


OUTSIDE = tensor([1.0, 2.0], requires_grad=True)


def inner(x):
    return x * OUTSIDE


def test_tensors_from_outside_are_recorded():
    x, _ = leaves()
    with pytest.warns(FallbackWarning, match="reads the tensor `OUTSIDE` from outside"):
        srcgrad.compile(lambda x: np.sum(inner(x)))(x).backward()
    np.testing.assert_allclose(OUTSIDE.grad.numpy(), [0.3, 0.7])
    np.testing.assert_allclose(x.grad.numpy(), [1.0, 2.0])
    with pytest.raises(UnsupportedError, match="OUTSIDE"):
        srcgrad.compile(inner, fallback="error")(x)


def test_what_was_overwritten_since():
    x, y = leaves()
    z = x * 1
    out = srcgrad.compile(loop)(z, y)
    z.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.backward()
    out = srcgrad.compile(loop)(x, y)
    out.backward()
    with pytest.raises(RuntimeError, match="retain_graph=True"):
        out.backward()


def test_results_have_memory_of_their_own():
    x, _ = leaves()
    part = srcgrad.compile(lambda x: x[:1])(x)
    part.mul_(5)
    assert x.detach().tolist() == [0.3, 0.7]
    part.sum().backward()
    assert x.grad.tolist() == [5, 0]


def test_dlpack():
    x = tensor([1.0, 2.0])
    shared = np.from_dlpack(x)
    shared[0] = 7
    assert x.tolist() == [7, 2]
    array = np.ones(2)
    y = srcgrad.from_dlpack(array)
    assert y.tolist() == [1, 1]
    with pytest.raises(BufferError, match="detach"):
        np.from_dlpack(tensor([1.0], requires_grad=True))
