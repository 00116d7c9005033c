"""Layers, losses, first values and checkpoints are PyTorch's: what was recorded of it, and itself where installed."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad import nn
from srcgrad.tracer import tensor
from tests.nn import cases
from tests.nn.library import DATA, OURS, beginnings, of_case, recorded, torch_itself


def assert_equal(found, wanted, rtol=1e-9, atol=1e-11):
    assert sorted(found) == sorted(wanted)
    for key, value in wanted.items():
        assert found[key].dtype == value.dtype, key
        np.testing.assert_allclose(found[key], value, rtol, atol, err_msg=key)


@pytest.mark.parametrize("name", cases.NAMES)
def test_layer(name):
    assert_equal(cases.run(OURS, name), of_case(name))


@pytest.mark.parametrize("name", ["Conv2d everything", "LSTM everything", "MultiheadAttention", "BatchNorm1d",
                                  "LayerNorm", "CrossEntropyLoss weighted", "GELU", "ELU", "MaxPool2d everything",
                                  "BCEWithLogitsLoss", "KLDivLoss", "GRU", "RNN relu", "Softplus", "SiLU", "SELU",
                                  "HuberLoss", "Hardtanh", "CrossEntropyLoss soft"])  # fmt: skip
def test_layer_in_single_precision(name):
    found, wanted = cases.run(OURS, name, np.float32), of_case(name)
    for key, value in wanted.items():
        if value.dtype.kind == "f":
            assert found[key].dtype == np.float32, key
            np.testing.assert_allclose(found[key], value, 1e-4, 1e-5, err_msg=key)


@pytest.mark.filterwarnings("ignore::UserWarning")  # torch has some
@pytest.mark.parametrize("name", cases.NAMES)
def test_layer_with_torch_itself(name):
    torch = torch_itself()
    if torch is None:
        pytest.skip("torch is not installed")
    assert_equal(cases.run(torch, name), of_case(name))


@pytest.mark.parametrize("name", cases.LAYERS)
def test_first_values(name):
    nn.manual_seed(3)
    found, wanted = cases.beginnings(OURS, name), beginnings()[name]
    assert list(found) == list(wanted)
    for key, (shape, numbers) in wanted.items():
        assert list(found[key][0]) == shape, key
        assert_same_distribution(found[key][1], numbers, np.prod(shape))


@pytest.mark.parametrize("name", cases.FILLS)
def test_initialisation(name):
    nn.manual_seed(5)
    values = tensor(np.zeros(cases.FILL_SHAPE), requires_grad=True)
    assert cases.FILLS[name](nn.init, values) is values
    assert values.requires_grad
    assert values.is_leaf
    assert_same_distribution(cases.summary(values.detach().numpy()), beginnings()[name], values.size)


def assert_same_distribution(found, wanted, count):
    """Mean and deviation within four standard errors of each other, ends within a tenth of the range."""
    (mean, std, low, high), (mean_2, std_2, low_2, high_2) = found, wanted
    assert abs(mean - mean_2) <= 6 * std_2 / np.sqrt(count) + 1e-12
    assert abs(std - std_2) <= 6 * std_2 / np.sqrt(count) + 1e-12
    slack = (0.3 if count < 1000 else 0.25) * (high_2 - low_2) / 2 + 1e-12
    assert abs(low - low_2) <= slack
    assert abs(high - high_2) <= slack


def test_a_checkpoint_of_torch():
    model = cases.model(nn)
    assert model.load_state_dict(recorded("torch_checkpoint")) == ([], [])
    out = model.eval()(tensor(cases.IMAGE))
    np.testing.assert_allclose(out.detach().numpy(), np.load(DATA / "torch_checkpoint_out.npy"), 1e-6, 1e-6)


def test_a_checkpoint_of_torch_from_its_file():
    state = nn.load(DATA / "torch_checkpoint.npz")
    assert list(state) == list(cases.model(nn).state_dict())
    assert state["0.weight"].dtype == np.float32
    assert state["1.num_batches_tracked"].dtype == np.int64
