"""The rows of the define-by-run table whose results are stated there: by the definition, not by torch."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

import srcgrad
from srcgrad import autograd, tensor
from srcgrad.autograd import functional, profiler
from tests.tracer.rows import OURS, ROWS, numbers

STATED = {
    "vector_backward": [2, 2, 2],
    "chained": [[4, 5, 6], [9, 12, 15]],
    "in_place": [[2, 2, 2], 1],
    "accumulation": [2, 4, "raises RuntimeError"],
    "detach": [True, [5, 7, 9]],
    "retain_grad": [[1 / 3] * 3, [1 / 3] * 3],
    "create_graph": [2, [24]],
    "my_relu": [[0, 0, 1], [0, 1, 1], "MyReLUBackward", [0, 0, 1.5]],
    "graph_as_objects": [["PowBackward0", "AddBackward0", "MulBackward0", "AccumulateGrad"], True, 1, True],
    "half_leaf": ["float16", [3, 3]],
    "autocast": ["float16", "float32", "float32", [[2, 2], [2, 2]]],
    "grad_scaler": [8, [0.8, 1.6], 4, [0.8, 1.6], 8, [0.48, 0.96]],
}


@pytest.mark.parametrize("name", STATED)
def test_stated(name):
    found = json.loads(json.dumps(numbers(ROWS[name](OURS))))
    assert flat(found) == pytest.approx(flat(STATED[name]))


def flat(x):
    return [y for item in x for y in flat(item)] if isinstance(x, list) else [x]


def test_representation():
    x, y = tensor([2.0], requires_grad=True), tensor([3.0], requires_grad=True)
    assert repr(x * y) == "tensor([6.], grad_fn=<MulBackward0>)"
    assert repr(((x * y + 2) ** 2).grad_fn) == "<PowBackward0>"


def test_messages():
    x = tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        x.mul_(2)
    y = x.exp()
    y.add_(1)
    with pytest.raises(RuntimeError, match="that ExpBackward0 saved"):
        y.sum().backward()
    z = (x * x).sum()
    z.backward()
    with pytest.raises(RuntimeError, match="retain_graph=True"):
        z.backward()
    with pytest.raises(RuntimeError, match=r"input number 1, of shape \(3,\)"):
        autograd.grad((x * 2).sum(), [x, srcgrad.ones(3, requires_grad=True)])


def test_control_flow_equals_the_source_path():
    def f(x, n):
        h = x * 0.0
        for k in range(n):
            h = np.tanh(x * h + k) if np.sum(h) < 1.5 else np.sin(h * x)
        return np.sum(h)

    x = tensor([0.4, -0.3], requires_grad=True)
    f(x, 6).backward()
    np.testing.assert_allclose(x.grad.numpy(), srcgrad.grad(f)(np.array([0.4, -0.3]), 6), rtol=1e-13)


def test_functional_equals_the_source_path():
    def f(x):
        return np.sum(np.sin(x) * x**2) * x[0]

    at, v = np.array([0.4, -0.3, 0.8]), np.array([1.0, 2.0, -1.0])
    x, w = tensor(at), tensor(v)
    pairs = [(functional.jacobian(f, x), srcgrad.jacobian(f)(at)), (functional.hessian(f, x), srcgrad.hessian(f)(at)),
             (functional.hvp(f, x, w)[1], srcgrad.hvp(f, (at,), v)),
             (functional.vhp(f, x, w)[1], srcgrad.hvp(f, (at,), v)),
             (functional.jvp(f, x, w)[1], srcgrad.jvp(f, (at,), (v,))[1]),
             (functional.vjp(f, x)[1], srcgrad.vjp(f, at)[1](1.0)[0])]  # fmt: skip
    for traced, source in pairs:
        np.testing.assert_allclose(traced.numpy(), source, rtol=1e-12)


def test_graph_picture():
    x = tensor(np.ones((2, 3)), requires_grad=True)
    picture = autograd.graph((x * x).sum())
    for word in ("SumBackward0", "MulBackward0", "leaf\\nfloat64 [2, 3]", "shape=note"):
        assert word in str(picture)
    assert (picture._repr_svg_() is not None) == (shutil.which("dot") is not None)


def test_profiler(tmp_path):
    x = srcgrad.ones(50, 50, requires_grad=True)
    with profiler.profile(record_shapes=True) as prof:
        with profiler.record_function("product"):
            y = np.sin(x) @ x
        y[0].sum().backward()
    found = {one.key: one for one in prof.key_averages()}
    assert {"Sin", "Mm", "Sum", "Select", "product", "AccumulateGrad"} <= set(found)
    assert found["Sin"].count == found["Sin"].back_count == 1
    assert found["Mm"].saved == 2 * x.nbytes
    assert found["product"].total_forward >= found["Mm"].total_forward > 0
    assert found["product"].self_forward <= found["product"].total_forward - found["Mm"].total_forward
    assert any(event.shapes == ((50, 50), (50, 50)) for event in prof.events())
    by_line = prof.key_averages(group_by_line=True)
    assert any(one.key.startswith(__file__) and one.back_count for one in by_line)
    for word in ("Name", "Self fwd", "Total bwd", "Mm"):
        assert word in str(prof)
    prof.export_chrome_trace(str(tmp_path / "trace.json"))
    trace = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    assert {event["cat"] for event in trace} == {"forward", "backward"}
    assert all(event["dur"] >= 0 for event in trace)
    before = len(prof.events())
    x * 2
    assert len(prof.events()) == before


def simulated(x):
    y = np.sin(x) * x
    z = 0.0
    for k in range(20):
        z += np.sum(y) * k
    return z


def test_profiler_of_source():
    g = srcgrad.grad(simulated)
    with profiler.profile() as prof:
        g(np.linspace(0, 1, 1000))
    lines = {line.text: line for line in prof.lines()}
    product = lines["y = np.sin(x) * x"]
    assert product.reverse > 0
    assert product.forward + product.reverse < 1
    assert "y = np.sin(x) * x" in str(prof)
    with profiler.profile() as prof:
        srcgrad.value_and_grad(simulated)(np.linspace(0, 1, 1000))
    assert {line.text: line for line in prof.lines()}["y = np.sin(x) * x"].forward > 0


def test_anomaly_names_the_line():
    x = tensor([0.0], requires_grad=True)
    with autograd.detect_anomaly():
        y = np.sqrt(x) * 0
        with pytest.raises(RuntimeError, match=r"'SqrtBackward0' returned nan .*test_rows_stated.py:\d+"):
            y.sum().backward()
    assert not autograd.is_anomaly_enabled()
    autograd.set_detect_anomaly(True)
    assert autograd.is_anomaly_enabled()
    autograd.set_detect_anomaly(False)
    assert (np.sqrt(x) * 0).grad_fn is not None


def test_gradcheck_says_which_entry():
    class Wrong(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * np.array([2.0, 2.5])

    with pytest.raises(RuntimeError, match=r"\(1, 1\): numerical 2.* analytical 2.5, they differ by 0.5"):
        autograd.gradcheck(Wrong.apply, tensor([1.0, 2.0], requires_grad=True))


def test_once_differentiable():
    class Square(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**2

        @staticmethod
        @autograd.once_differentiable
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return 2 * x * g

    x = tensor([1.0, 2.0], requires_grad=True)
    Square.apply(x).sum().backward()
    assert x.grad.tolist() == [2, 4]
    (g,) = autograd.grad(Square.apply(x).sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        (g + x).sum().backward()


def test_function_in_forward_mode():
    class Cube(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return 3 * x**2 * g

    class Both(Cube):
        @staticmethod
        def jvp(ctx, dot):
            (x,) = ctx.saved_tensors
            return 3 * x**2 * dot

    for function in (Cube, Both):
        _, dot = functional.jvp(lambda x: function.apply(x) * x, tensor([2.0]), tensor([1.0]))
        assert dot.tolist() == [32]


def test_checkpoint_saves_memory_and_repeats_random_numbers():
    x = srcgrad.ones(5000, requires_grad=True)

    def noisy(x):
        for _ in range(10):
            x = np.sin(x) * (1 + 0.1 * srcgrad.randn(5000))
        return x

    srcgrad.manual_seed(0)
    plain = autograd.grad(noisy(x).sum(), x)[0].numpy()
    srcgrad.manual_seed(0)
    out = srcgrad.checkpoint(noisy, x).sum()
    after = srcgrad.rand(1).item()
    np.testing.assert_array_equal(autograd.grad(out, x)[0].numpy(), plain)
    assert srcgrad.rand(1).item() != after
    assert held(noisy(x).sum()) > 100_000
    assert held(srcgrad.checkpoint(noisy, x).sum()) < 10_000


def held(out):
    """The bytes of the arrays that a graph holds."""
    seen, stack, total = set(), [out.grad_fn], 0
    while stack:
        node = stack.pop()
        if node is not None and node not in seen:
            seen.add(node)
            total += sum(x.nbytes for x in (*node.args, node.out) if isinstance(x, np.ndarray))
            stack += node.edges
    return total


def test_checkpoint_of_what_was_changed_since():
    x = srcgrad.ones(3, requires_grad=True)
    y = x * 1
    out = srcgrad.checkpoint(np.sin, y)
    y.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.sum().backward()


def test_modes_of_threads():
    import threading

    seen = []
    with srcgrad.no_grad():
        thread = threading.Thread(target=lambda: seen.append(srcgrad.is_grad_enabled()))
        thread.start()
        thread.join()
        seen.append(srcgrad.is_grad_enabled())
    assert seen == [True, False]


def test_seed():
    srcgrad.manual_seed(3)
    a = srcgrad.randn(4).tolist(), srcgrad.randint(0, 9, (3,)).tolist(), srcgrad.randperm(5).tolist()
    srcgrad.manual_seed(3)
    assert a == (srcgrad.randn(4).tolist(), srcgrad.randint(0, 9, (3,)).tolist(), srcgrad.randperm(5).tolist())
    assert srcgrad.zeros(2).normal_().requires_grad is False
