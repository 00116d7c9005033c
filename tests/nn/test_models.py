"""Whole models: gradients of all parameters against finite differences, in both precisions; and they learn."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad import nn, optim
from srcgrad.tracer import grad, no_grad, tensor
from tests import finite

RNG = np.random.default_rng(11)


class Attending(nn.Module):
    """A block of a transformer."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(7, 8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.first, self.second = nn.LayerNorm(8), nn.LayerNorm(8)
        self.after = nn.Sequential(nn.Linear(8, 12), nn.GELU(), nn.Linear(12, 8))
        self.head = nn.Linear(8, 7)

    def forward(self, tokens):
        x = self.table(tokens)
        y = self.first(x)
        x = x + self.attention(y, y, y, attn_mask=np.triu(np.ones((5, 5), bool), 1), need_weights=False)[0]
        return self.head(x + self.after(self.second(x)))


class Reading(nn.Module):
    """A recurrent network that looks at its last state."""

    def __init__(self, kind):
        super().__init__()
        self.reader = kind(2, 4, num_layers=2, bidirectional=True)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        return self.head(self.reader(x)[0][-1])


def perceptron():
    net = nn.Sequential(nn.Linear(5, 6), nn.SiLU(), nn.BatchNorm1d(6), nn.Linear(6, 4), nn.ELU(), nn.Linear(4, 3))
    return net, RNG.normal(size=(8, 5)), nn.CrossEntropyLoss(label_smoothing=0.1), RNG.integers(0, 3, 8)


def convolutional():
    net = nn.Sequential(nn.Conv2d(2, 4, 3, padding=1, groups=2), nn.BatchNorm2d(4), nn.Tanh(), nn.MaxPool2d(2),
                        nn.Conv2d(4, 6, (2, 3), stride=2, dilation=1), nn.Softplus(), nn.AvgPool2d((2, 1)),
                        nn.Flatten(), nn.Linear(6, 2), nn.LogSoftmax(1))  # fmt: skip
    return net, RNG.normal(size=(3, 2, 8, 9)), nn.NLLLoss(), RNG.integers(0, 2, 3)


def attending():
    return Attending(), RNG.integers(0, 7, (3, 5)), lambda out, y: nn.functional.cross_entropy(
        np.swapaxes(out, 1, 2), y), RNG.integers(0, 7, (3, 5))  # fmt: skip


def reading(kind):
    return lambda: (Reading(kind), RNG.normal(size=(3, 4, 2)), nn.HuberLoss(), RNG.normal(size=(4, 3)))


MODELS = {"perceptron": perceptron, "convolutional": convolutional, "attending": attending,
          "LSTM": reading(nn.LSTM), "GRU": reading(nn.GRU), "RNN": reading(nn.RNN)}  # fmt: skip


def given(array, dtype=np.float64):
    return tensor(array if array.dtype.kind == "i" else array.astype(dtype))


def gradients(net, x, loss, y, dtype=np.float64):
    net.zero_grad()
    loss(net(given(x, dtype)), given(y, dtype)).backward()
    return {name: np.array(param.grad.numpy()) for name, param in net.named_parameters()}


@pytest.mark.parametrize("name", MODELS)
def test_gradients(name):
    nn.manual_seed(2)
    net, x, loss, y = MODELS[name]()
    found = gradients(net, x, loss, y)
    start = {key: np.array(param.detach().numpy()) for key, param in net.named_parameters()}
    for key, param in net.named_parameters():
        direction = RNG.normal(size=param.shape)

        def moved(t, param=param, key=key, direction=direction):
            with no_grad():
                param.copy_(start[key] + t * direction)
                return float(loss(net(given(x)), given(y)))

        estimate = finite.slope(moved)
        with no_grad():
            param.copy_(start[key])
        assert np.sum(found[key] * direction) == pytest.approx(estimate.value, rel=1e-7, abs=1e-8), key


@pytest.mark.parametrize("name", MODELS)
def test_single_precision(name):
    nn.manual_seed(2)
    net, x, loss, y = MODELS[name]()
    wanted = gradients(net, x, loss, y)
    found = gradients(net.float(), x, loss, y, np.float32)
    for key, value in found.items():
        assert value.dtype == np.float32, key
        np.testing.assert_allclose(value, wanted[key], 2e-3, 2e-5, err_msg=key)


@pytest.mark.parametrize(("name", "make"), [
    ("perceptron", lambda p: optim.AdamW(p, lr=0.03)),
    ("convolutional", lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True)),
    ("attending", lambda p: optim.Adam(p, lr=0.02)),
    ("LSTM", lambda p: optim.RMSprop(p, lr=0.01)),
])  # fmt: skip
def test_they_learn(name, make):
    nn.manual_seed(1)
    net, x, loss, y = MODELS[name]()
    optimizer, values = make(net.parameters()), []
    for _ in range(40):
        optimizer.zero_grad()
        value = loss(net(given(x)), given(y))
        value.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
        values.append(float(value))
    assert values[-1] < 0.5 * values[0]
    assert all(np.isfinite(values))


def test_the_last_of_a_sequence_is_remembered():
    """A toy task that needs memory: the sign of the first number, after a while."""
    nn.manual_seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5, 64, 1))
    y = (x[0, :, 0] > 0).astype(int)
    reader, head = nn.LSTM(1, 8), nn.Linear(8, 2)
    optimizer = optim.Adam([*reader.parameters(), *head.parameters()], lr=0.05)
    for _ in range(80):
        optimizer.zero_grad()
        out = head(reader(given(x))[0][-1])
        nn.functional.cross_entropy(out, given(y)).backward()
        optimizer.step()
    assert np.mean(np.argmax(out.detach().numpy(), axis=1) == y) > 0.95


@pytest.mark.parametrize("name", ["perceptron", "convolutional", "attending", "LSTM"])
def test_a_penalty_on_gradients(name):
    """Backward through a backward: the gradient of the squared size of the gradient of the first parameters."""
    nn.manual_seed(4)
    net, x, loss, y = MODELS[name]()
    params = list(net.parameters())[:2]
    start = [np.array(p.detach().numpy()) for p in params]
    directions = [RNG.normal(size=p.shape) for p in params]

    def penalty(create_graph):
        bars = grad(loss(net(given(x)), given(y)), params, create_graph=create_graph)
        return sum((bar * bar).sum() for bar in bars)

    penalty(True).backward()
    found = sum(np.sum(p.grad.numpy() * d) for p, d in zip(params, directions, strict=True))

    def moved(t):
        with no_grad():
            for p, value, d in zip(params, start, directions, strict=True):
                p.copy_(value + t * d)
        return float(penalty(False))

    assert found == pytest.approx(finite.slope(moved).value, rel=1e-6, abs=1e-9)


def test_other_layouts():
    """A view of a result that does not lie in memory in C order: its adjoint, recorded too, reaches all elements."""
    w = tensor(RNG.normal(size=(2, 3, 4)), requires_grad=True)

    def picked():
        turned = np.swapaxes(w, 1, 2) * 2.0
        rows = np.reshape(np.moveaxis(turned, 1, -1), (-1, 4))
        return (rows[np.arange(6), np.zeros(6, int)] ** 2).sum()

    (plain,), (recorded,) = grad(picked(), [w]), grad(picked(), [w], create_graph=True)
    np.testing.assert_allclose(plain.numpy(), np.where(np.arange(4) == 0, 8 * w.detach().numpy(), 0.0))
    np.testing.assert_array_equal(recorded.detach().numpy(), plain.numpy())
    (second,) = grad(recorded.sum(), [w])
    np.testing.assert_array_equal(second.numpy(), np.broadcast_to(np.where(np.arange(4) == 0, 8.0, 0.0), (2, 3, 4)))
