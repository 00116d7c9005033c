"""Checking gradients of tensors against differences, and pictures of graphs."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from srcgrad.tracer import Function, tensor
from srcgrad.tracer.gradcheck import GradcheckError, gradcheck, gradgradcheck
from srcgrad.tracer.picture import graph


class Wrong(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**2

    @staticmethod
    def backward(ctx, bar):
        (x,) = ctx.saved_tensors
        return 2 * x * bar * np.array([1.0, 1.0, 1.01])


def test_gradcheck():
    x = tensor([0.3, -0.7, 1.1], requires_grad=True)
    y = tensor([[1.0, 2.0, 3.0]])
    assert gradcheck(lambda a, b: (np.sin(a) * b, np.sum(a)), (x, y))
    assert gradgradcheck(lambda a: np.sin(a) * a[0], x)
    assert not gradcheck(Wrong.apply, x, raise_exception=False)
    with pytest.raises(GradcheckError, match=r"output 0 with respect to input 0, at \(2, 2\): numerical 2.2"):
        gradcheck(Wrong.apply, x)
    with pytest.raises(ValueError, match="require gradient"):
        gradcheck(np.sin, y)


def test_graph():
    x, y = tensor([2.0], requires_grad=True), tensor([3.0], requires_grad=True)
    q = (x * y + 2) ** 2
    dot = graph(q).dot
    for word in ("PowBackward0", "AddBackward0", "MulBackward0", "leaf\\nfloat64 [1]", "result"):
        assert word in dot
    assert dot.count("fillcolor=lightblue") == 2
    assert dot.startswith("digraph {")
    assert dot.endswith("n0 -> result\n}")
    assert "shape=note" not in graph(q, saved=False).dot
    assert "result" in graph(tensor([1.0])).dot
    first, second = np.split(x * np.ones(2), 2)
    assert graph(first + second).dot.count("->") >= 3
    if shutil.which("dot"):
        assert "<svg" in graph(q)._repr_svg_()
    else:
        with pytest.raises(RuntimeError, match="Graphviz"):
            graph(q).svg()
