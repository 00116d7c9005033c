"""Models through `srcgrad.compile`: one node of the graph, and the gradients of the recorded operations."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import srcgrad
from srcgrad import nn, optim
from srcgrad.tracer import no_grad, tensor

RNG = np.random.default_rng(8)


class Tied(nn.Module):
    """Two layers with one weight, one of them used twice."""

    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(5, 5), nn.Linear(5, 5)
        self.two.weight = self.one.weight

    def forward(self, x):
        return self.two(np.tanh(self.one(self.one(x))))


class Attending(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention, self.norm = nn.MultiheadAttention(6, 2), nn.LayerNorm(6)

    def forward(self, x):
        return self.norm(x + self.attention(x, x, x)[0])


MODELS = {
    "perceptron": (lambda: nn.Sequential(nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, 2), nn.LogSoftmax(1)), (4, 5)),
    "activations": (lambda: nn.Sequential(nn.Linear(5, 6), nn.GELU(), nn.SiLU(), nn.ELU(), nn.Softplus(), nn.ReLU(),
                                          nn.LeakyReLU(0.2), nn.Sigmoid()), (4, 5)),
    "convolutional": (lambda: nn.Sequential(nn.Conv2d(2, 4, 3, padding=1, groups=2), nn.ReLU(), nn.MaxPool2d(2),
                                            nn.AvgPool2d(2), nn.Flatten(), nn.Linear(16, 3)), (2, 2, 8, 8)),
    "normalized": (lambda: nn.Sequential(nn.Linear(5, 6), nn.LayerNorm(6), nn.BatchNorm1d(6)).eval(), (4, 5)),
    "RNN": (lambda: nn.RNN(5, 4), (3, 2, 5)),
    "LSTM": (lambda: nn.LSTM(5, 4, num_layers=2), (3, 2, 5)),
    "attending": (Attending, (4, 2, 6)),
    "tied": (Tied, (4, 5)),
    "embedding": (lambda: nn.Sequential(nn.Embedding(5, 4), nn.Flatten(), nn.Linear(8, 2)), None),
}  # fmt: skip


def gradients(model, forward, x):
    """The results, the gradients of all parameters, and the node that made the result."""
    model.zero_grad()
    out = forward(tensor(x))
    out = out[0] if isinstance(out, tuple) else out
    (out * np.cos(np.arange(out.size)).reshape(out.shape)).sum().backward()
    return out, {name: np.array(p.grad.numpy()) for name, p in model.named_parameters()}


@pytest.mark.parametrize("name", MODELS)
def test_gradients(name):
    make, shape = MODELS[name]
    nn.manual_seed(0)
    model, x = make(), RNG.integers(0, 5, (3, 2)) if shape is None else RNG.normal(size=shape)
    compiled = srcgrad.compile(model, fallback="error")
    for _ in range(2):
        wanted, bars = gradients(model, model, x)
        found, bars_2 = gradients(model, compiled, x)
        assert "Mul" not in repr(found.grad_fn)
        assert found.grad_fn.next_functions
        np.testing.assert_allclose(found.detach().numpy(), wanted.detach().numpy(), 1e-12, 1e-13)
        assert sorted(bars) == sorted(bars_2)
        for key, bar in bars.items():
            np.testing.assert_allclose(bars_2[key], bar, 1e-10, 1e-12, err_msg=key)
        with no_grad():  # what is called next has other values
            for param in model.parameters():
                param.mul_(0.7)


def test_training():
    """Step by step the same parameters."""
    nets = []
    for how in (lambda m: m, lambda m: srcgrad.compile(m, fallback="error")):
        nn.manual_seed(3)
        net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 2)).float()
        forward, optimizer = how(net), optim.Adam(net.parameters(), lr=0.1)
        x = tensor(np.linspace(-1, 1, 30, dtype=np.float32).reshape(10, 3))
        for _ in range(5):
            optimizer.zero_grad()
            nn.functional.cross_entropy(forward(x), np.arange(10) % 2).backward()
            optimizer.step()
        nets.append(net)
    for one, two in zip(*[net.parameters() for net in nets], strict=True):
        np.testing.assert_allclose(one.detach().numpy(), two.detach().numpy(), 1e-4, 1e-5)


def test_dropout_is_drawn_anew_each_time_and_not_in_evaluation():
    net = nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5))
    compiled, x = srcgrad.compile(net), tensor(np.ones((5, 3)))
    nn.manual_seed(0)
    first, second = compiled(x).detach().numpy(), compiled(x).detach().numpy()
    nn.manual_seed(0)
    np.testing.assert_array_equal(net(x).detach().numpy(), first)
    assert not np.array_equal(first, second)
    net.eval()
    np.testing.assert_array_equal(compiled(x).detach().numpy(), net(x).detach().numpy())


def test_frozen_parameters_get_no_gradient():
    net = nn.Linear(3, 2)
    net.bias.requires_grad_(False)
    srcgrad.compile(net, fallback="error")(tensor(np.ones(3))).sum().backward()
    assert net.bias.grad is None
    assert net.weight.grad is not None


def test_batch_statistics_are_kept():
    """Whether from source or recorded: the buffers are those of a model that was called once."""
    net, other = nn.BatchNorm1d(3), nn.BatchNorm1d(3)
    x = tensor(RNG.normal(size=(6, 3)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", srcgrad.FallbackWarning)
        srcgrad.compile(net)(x)
    other(x)
    for key, value in other.state_dict().items():
        np.testing.assert_array_equal(net.state_dict()[key].numpy(), value.numpy(), err_msg=key)
