"""What the engine promises of large graphs: no recursion, memory in proportion, what was saved freed as it goes."""

from __future__ import annotations

import gc
import tracemalloc
import weakref

import numpy as np
import pytest

import srcgrad
from srcgrad import autograd, tensor


def chain(x, count):
    y = x
    for _ in range(count // 2):
        y = y * 0.999999 + x
    return y


def test_no_recursion_in_a_long_graph():
    x = tensor(1.0, requires_grad=True)
    y = chain(x, 100_000)
    y.backward()
    assert x.grad.item() == pytest.approx(np.sum(0.999999 ** np.arange(50_001)), rel=1e-10)
    del y


@pytest.mark.sweep
def test_a_graph_of_a_million_nodes():
    x = tensor(1.0, requires_grad=True)
    y = chain(x, 1_000_000)
    y.backward()
    assert x.grad.item() == pytest.approx(np.sum(0.999999 ** np.arange(500_001)), rel=1e-10)
    del y
    gc.collect()


def test_no_recursion_in_second_order_and_in_views():
    x = tensor(1.001, requires_grad=True)
    y = x
    for _ in range(3000):
        y = y * x
    (g,) = autograd.grad(y, x, create_graph=True)
    (h,) = autograd.grad(g, x)
    assert h.item() == pytest.approx(3001 * 3000 * 1.001**2999, rel=1e-10)
    z = tensor(np.ones(4), requires_grad=True) * 1
    for _ in range(3000):
        z[1:] = z[:-1] * 0.5
    z.sum().backward()


def peak(count):
    x = tensor(1.0, requires_grad=True)
    gc.collect()
    tracemalloc.start()
    y = chain(x, count)
    y.backward()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_memory_is_linear():
    small, large = peak(4000), peak(16000)
    assert large < 4.6 * small
    assert large < 16000 * 1000  # bytes for each operation, with both sweeps


def test_saved_values_are_freed_as_the_sweep_goes():
    x = srcgrad.ones(2000, requires_grad=True)
    alive, y = [], x
    for _ in range(20):
        y = np.sin(y)
        alive.append(weakref.ref(y.grad_fn.args[0]) if y.grad_fn.args[0] is not x._value else lambda: None)
    counts = []
    x.register_hook(lambda grad: counts.append(sum(ref() is not None for ref in alive)))
    out = y.sum()
    del y
    assert sum(ref() is not None for ref in alive) == 19
    out.backward()
    assert counts == [0]


def test_a_graph_that_is_let_go_is_freed():
    x = srcgrad.ones(3, requires_grad=True)
    y = np.exp(x)
    node = weakref.ref(y.grad_fn)
    gc.disable()
    try:
        del y
        assert node() is None
    finally:
        gc.enable()


def test_gradients_accumulate_in_place():
    x = srcgrad.ones(3, requires_grad=True)
    (x * 2).sum().backward()
    memory = x.grad.numpy()
    (x * 3).sum().backward()
    assert x.grad.numpy() is memory
    assert memory.tolist() == [5, 5, 5]


def test_choices_do_not_let_infinity_through():
    x = tensor([0.0, 4.0], requires_grad=True)
    np.maximum(np.sqrt(x), 1.0).sum().backward()
    assert x.grad.tolist() == [0, 0.25]
    y = tensor([0.0, 4.0], requires_grad=True)
    np.where(y.detach() > 1, np.sqrt(y), 0.0).sum().backward()
    assert y.grad.tolist() == [0, 0.25]
