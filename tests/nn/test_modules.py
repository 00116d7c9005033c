"""Modules: what their parts are, how they are named, loaded, frozen, converted, copied, shown."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from srcgrad import nn
from srcgrad.tracer import Tensor, no_grad, tensor


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(2, 2, bias=False)
        self.scale = nn.Parameter(2.0)
        self.register_buffer("seen", tensor([0.0]))
        self.register_buffer("scratch", tensor([1.0]), persistent=False)
        self.tail = nn.ModuleList([nn.Linear(2, 1), nn.ReLU()])

    def forward(self, x):
        return self.tail[1](self.tail[0](self.inner(x) * self.scale))


def names(pairs):
    return [name for name, _ in pairs]


def test_names():
    block = Block()
    assert names(block.named_parameters()) == ["scale", "inner.weight", "tail.0.weight", "tail.0.bias"]
    assert names(block.named_parameters("net", recurse=False)) == ["net.scale"]
    assert names(block.named_buffers()) == ["seen", "scratch"]
    assert names(block.named_children()) == ["inner", "tail"]
    assert names(block.named_modules()) == ["", "inner", "tail", "tail.0", "tail.1"]
    assert list(block.state_dict()) == ["scale", "seen", "inner.weight", "tail.0.weight", "tail.0.bias"]
    assert [type(m).__name__ for m in block.modules()] == ["Block", "Linear", "ModuleList", "Linear", "ReLU"]
    assert block.get_submodule("tail.0") is block.tail[0]
    with pytest.raises(AttributeError, match="no module 'tail.7'"):
        block.get_submodule("tail.7")


def test_shared_parameters_are_given_once():
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    net[1].weight = net[0].weight
    assert names(net.named_parameters()) == ["0.weight", "0.bias", "1.bias"]
    assert len(list(net.named_parameters(remove_duplicate=False))) == 4
    assert "1.weight" in net.state_dict()
    twice = nn.Sequential(net, net)
    assert len(list(twice.modules())) == 4
    assert len(list(twice.children())) == 1


def test_what_may_be_assigned():
    block = Block()
    with pytest.raises(TypeError, match="as parameter 'scale'"):
        block.scale = tensor([1.0])
    with pytest.raises(TypeError, match="as buffer 'seen'"):
        block.seen = 1.0
    block.scale = None
    assert "scale" not in block.state_dict()
    with pytest.raises(TypeError, match="as parameter 'scale'"):
        block.scale = np.ones(2)
    block.scale = nn.Parameter([3.0])
    assert names(block.named_parameters(recurse=False)) == ["scale"]
    with pytest.raises(TypeError, match="as parameter 'bias'"):
        block.inner.bias = tensor([1.0, 2.0])


@pytest.mark.parametrize("name", ["", "a.b", "seen"])
def test_names_of_new_parts_are_checked(name):
    block = Block()
    for register in (block.register_buffer, block.register_parameter, block.add_module):
        with pytest.raises(KeyError):
            register(name, None)


def test_a_module_without_forward_says_so():
    with pytest.raises(TypeError, match=r'\[Module\] is missing the required "forward"'):
        nn.Module()(1)


def test_load_copies_values_into_the_same_tensors():
    one, two = Block(), Block()
    before = two.inner.weight
    assert two.load_state_dict(one.state_dict()) == ([], [])
    assert two.inner.weight is before
    np.testing.assert_array_equal(before.detach().numpy(), one.inner.weight.detach().numpy())
    two.load_state_dict({name: value.detach().numpy() for name, value in one.state_dict().items()})
    two(tensor(np.ones((3, 2)))).sum().backward()
    assert before.grad is not None


def test_load_after_a_forward_is_noticed_by_its_backward():
    block = nn.Linear(2, 2)
    out = (block(tensor(np.ones(2))) @ block.weight).sum()
    block.load_state_dict(nn.Linear(2, 2).state_dict())
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.backward()


def test_load_changes_nothing_where_something_does_not_fit():
    block = Block()
    before = {name: np.array(value.detach().numpy()) for name, value in block.state_dict().items()}
    state = {name: 1 + value for name, value in before.items()}
    state["other"] = state.pop("seen")
    state["inner.weight"] = np.ones((3, 2))
    state["scale"] = np.array(1j)
    with pytest.raises(RuntimeError) as caught:
        block.load_state_dict(state)
    for text in ("for Block", 'Missing key(s) in state_dict: "seen"', 'Unexpected key(s) in state_dict: "other"',
                 "size mismatch for inner.weight", "(3, 2)", "dtype mismatch for scale"):  # fmt: skip
        assert text in str(caught.value)
    for name, value in block.state_dict().items():
        np.testing.assert_array_equal(value.detach().numpy(), before[name])


def test_load_that_is_not_strict():
    block = Block()
    found = block.load_state_dict({"scale": 7.0, "other": 1.0}, strict=False)
    assert found.missing_keys == ["seen", "inner.weight", "tail.0.weight", "tail.0.bias"]
    assert found.unexpected_keys == ["other"]
    assert float(block.scale) == 7.0


def test_modes():
    net = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(2))
    assert net.training
    assert net.eval() is net
    assert [m.training for m in net.modules()] == [False, False, False]
    x = tensor([[1.0, 2.0], [3.0, 5.0]])
    np.testing.assert_allclose(net(x).detach().numpy(), x.numpy() / np.sqrt(1 + 1e-5))
    assert net.train()[1].training


def test_freezing_and_clearing():
    block = Block()
    block.inner.requires_grad_(False)
    block(tensor(np.ones((3, 2)))).sum().backward()
    assert block.inner.weight.grad is None
    assert block.scale.grad is not None
    block.zero_grad(set_to_none=False)
    assert float(block.scale.grad) == 0
    block.zero_grad()
    assert block.scale.grad is None


def test_conversion_keeps_the_tensors():
    net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    weight, out = net[0].weight, net(tensor(np.arange(4.0).reshape(2, 2)))
    out.sum().backward()
    assert net.float() is net
    assert net[0].weight is weight
    assert {str(v.dtype) for v in net.state_dict().values()} == {"float32", "int64"}
    assert weight.grad.dtype == np.float32
    net.zero_grad()
    out = net(tensor(np.arange(4.0, dtype=np.float32).reshape(2, 2)))
    out.sum().backward()
    assert out.dtype == weight.grad.dtype == np.float32
    assert net.half()[0].weight.dtype == np.float16
    assert net.double()[0].weight.dtype == np.float64


def test_apply_goes_inside_out():
    order = []
    Block().apply(lambda m: order.append(type(m).__name__))
    assert order == ["Linear", "Linear", "ReLU", "ModuleList", "Block"]


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_are_modules_of_their_own(twin):
    block = Block()
    other = twin(block)
    assert names(other.named_parameters()) == names(block.named_parameters())
    assert all(isinstance(p, nn.Parameter) for p in other.parameters())
    with no_grad():
        other.inner.weight.zero_()
    assert np.any(block.inner.weight.detach().numpy())
    x = tensor(np.ones((1, 2)))
    assert block(x).shape == other(x).shape


def test_a_copy_keeps_what_is_shared():
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    net[1].weight = net[0].weight
    other = copy.deepcopy(net)
    assert other[1].weight is other[0].weight
    assert other[1].weight is not net[0].weight


def test_hooks():
    net, seen = nn.Linear(2, 1), []
    first = net.register_forward_pre_hook(lambda module, args: (2 * args[0],))
    second = net.register_forward_hook(lambda module, args, out: seen.append((args, out)))
    x = tensor([1.0, 1.0])
    out = net(x)
    np.testing.assert_array_equal(seen[0][0][0].numpy(), [2.0, 2.0])
    assert seen[0][1] is out
    first.remove()
    second.remove()
    assert net(x).shape == (1,)
    assert len(seen) == 1


def test_text():
    assert repr(Block()) == (
        "Block(\n"
        "  (inner): Linear(in_features=2, out_features=2, bias=False)\n"
        "  (tail): ModuleList(\n"
        "    (0): Linear(in_features=2, out_features=1, bias=True)\n"
        "    (1): ReLU()\n"
        "  )\n"
        ")"
    )
    assert repr(nn.Parameter([1.0])) == "Parameter containing:\ntensor([1.], requires_grad=True)"


def test_parameters():
    given = tensor([1.0, 2.0])
    shared = nn.Parameter(given)
    with no_grad():
        shared[0] = 5.0
    assert given.numpy()[0] == 5
    assert isinstance(shared, Tensor)
    assert shared.is_leaf
    assert not nn.Parameter([1.0], requires_grad=False).requires_grad
    with pytest.raises(RuntimeError, match="floating"):
        nn.Parameter(np.arange(3))


# Containers


def test_sequential():
    net = nn.Sequential({"first": nn.Linear(2, 3), "then": nn.Tanh()})
    assert list(net.state_dict()) == ["first.weight", "first.bias"]
    assert len(net) == 2
    assert net[-1] is net.then
    assert names(net[:1].named_parameters()) == ["first.weight", "first.bias"]
    net[1] = nn.ReLU()
    assert isinstance(net.then, nn.ReLU)
    numbered = nn.Sequential(nn.Linear(2, 2), nn.ReLU()).append(nn.Linear(2, 1))
    del numbered[1]
    assert names(numbered.named_children()) == ["0", "1"]
    assert numbered(tensor([1.0, 2.0])).shape == (1,)
    with pytest.raises(TypeError, match="is not a Module"):
        nn.Sequential(nn.ReLU(), np.tanh)


def test_module_list():
    parts = nn.ModuleList(nn.Linear(k + 1, 1) for k in range(3))
    parts.insert(0, nn.ReLU())
    assert names(parts.named_children()) == ["0", "1", "2", "3"]
    assert [type(p).__name__ for p in parts] == ["ReLU", "Linear", "Linear", "Linear"]
    assert isinstance(parts[1:3], nn.ModuleList)
    assert len(parts[1:3]) == 2
    parts.extend([nn.Tanh()])
    assert isinstance(parts[-1], nn.Tanh)
    with pytest.raises(IndexError):
        parts[9]


def test_module_dict():
    parts = nn.ModuleDict({"a": nn.Linear(1, 1), "b": nn.ReLU()})
    parts["c"] = nn.Tanh()
    del parts["b"]
    assert list(parts) == list(parts.keys()) == ["a", "c"]
    assert "b" not in parts
    assert len(parts) == 2
    assert [type(m).__name__ for m in parts.values()] == ["Linear", "Tanh"]
    assert dict(parts.items())["a"] is parts["a"]
    assert names(parts.named_parameters()) == ["a.weight", "a.bias"]
    with pytest.raises(KeyError, match="already exists"):
        parts["keys"] = nn.ReLU()


def test_parameter_list():
    parts = nn.ParameterList([np.ones(2), nn.Parameter([1.0])])
    assert len(parts) == 2
    assert names(parts.named_parameters()) == ["0", "1"]
    assert parts[1].shape == (1,)


# Refusals


@pytest.mark.parametrize(("call", "error", "text"), [
    (lambda: nn.Linear(3, 2)(tensor([1.0])), ValueError, "matmul"),
    (lambda: nn.Embedding(3, 2)(tensor([3])), IndexError, "index out of range"),
    (lambda: nn.Embedding(3, 2)(tensor([-1])), IndexError, "index out of range"),
    (lambda: nn.Embedding(3, 2)(tensor([1.0])), TypeError, "integer type"),
    (lambda: nn.MSELoss()(tensor([1.0]), tensor([[1.0]])), ValueError, "does not broadcast|has shape"),
    (lambda: nn.MSELoss(reduction="avg")(tensor([1.0]), tensor([1.0])), ValueError, "avg is not a valid value"),
    (lambda: nn.CrossEntropyLoss()(tensor([[1.0, 2.0]]), tensor([2])), IndexError, "Target 2 is out of bounds"),
    (lambda: nn.CrossEntropyLoss()(tensor([[1.0, 2.0]]), tensor([[1]])), ValueError, "target has shape"),
    (lambda: nn.NLLLoss()(tensor([[1.0, 2.0]]), tensor([1.0])), TypeError, "integer type"),
    (lambda: nn.Conv2d(3, 4, 3, groups=2), ValueError, "divisible by groups"),
    (lambda: nn.Conv2d(2, 4, 3)(tensor(np.ones((1, 3, 5, 5)))), RuntimeError, "to have 2 channels"),
    (lambda: nn.Conv2d(2, 4, 3)(tensor(np.ones((1, 2, 5, 2)))), RuntimeError, "greater than actual input size"),
    (lambda: nn.Conv2d(2, 4, 3, 2, "same")(tensor(np.ones((1, 2, 5, 5)))), ValueError, "strided"),
    (lambda: nn.MaxPool2d(2, padding=2)(tensor(np.ones((1, 2, 5, 5)))), RuntimeError, "at most half"),
    (lambda: nn.BatchNorm1d(2)(tensor(np.ones((1, 2)))), ValueError, "more than 1 value per channel"),
    (lambda: nn.BatchNorm1d(2)(tensor(np.ones((1, 2, 2, 2)))), ValueError, "expected 2D or 3D input"),
    (lambda: nn.LayerNorm(3)(tensor(np.ones((2, 2)))), RuntimeError, "normalized_shape"),
    (lambda: nn.LSTM(2, 3)(tensor(np.ones((4, 2, 5)))), RuntimeError, "Expected 2, got 5"),
    (lambda: nn.RNN(2, 3)(tensor(np.ones((4, 2, 2))), tensor(np.ones((1, 1, 3)))), RuntimeError, "hidden size"),
    (lambda: nn.RNN(2, 3, nonlinearity="sin"), ValueError, "Unknown nonlinearity"),
    (lambda: nn.MultiheadAttention(6, 4), ValueError, "divisible by num_heads"),
    (lambda: nn.Dropout(1.5), ValueError, "between 0 and 1"),
    (lambda: nn.GELU("fast")(tensor([1.0])), ValueError, "either none or tanh"),
    (lambda: nn.init.xavier_uniform_(tensor([1.0])), ValueError, "fewer than 2 dimensions"),
    (lambda: nn.init.calculate_gain("sine"), ValueError, "Unsupported nonlinearity"),
])  # fmt: skip
def test_refusals(call, error, text):
    with pytest.raises(error, match=text):
        call()


# Random numbers


def test_dropout():
    nn.manual_seed(0)
    drop, x = nn.Dropout(0.25), tensor(np.ones((200, 200)), requires_grad=True)
    out = drop(x)
    values = out.detach().numpy()
    assert set(np.unique(values)) == {0.0, 1 / 0.75}
    assert abs(np.mean(values == 0) - 0.25) < 0.01
    out.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), values)
    assert drop.eval()(x) is x
    assert not np.any(nn.Dropout(1.0)(x).detach().numpy())
    assert nn.Dropout(0.5)(tensor(np.ones(3, np.float32))).dtype == np.float32


def test_the_seed_decides():
    nn.manual_seed(4)
    one = nn.Linear(3, 3).state_dict()
    nn.manual_seed(4)
    two = nn.Linear(3, 3).state_dict()
    np.testing.assert_array_equal(one["weight"].numpy(), two["weight"].numpy())
    own = nn.init.normal_(tensor(np.zeros(3)), generator=np.random.default_rng(1)).numpy()
    np.testing.assert_array_equal(own, np.random.default_rng(1).normal(size=3))


def test_padding_row_is_zero_and_stays_so():
    table = nn.Embedding(4, 3, padding_idx=1)
    assert not np.any(table.weight.detach().numpy()[1])
    table(tensor([1, 2, 1])).sum().backward()
    assert not np.any(table.weight.grad.numpy()[1])
    assert np.all(table.weight.grad.numpy()[2] == 1)
    frozen = nn.Embedding.from_pretrained(np.eye(3))
    assert not frozen.weight.requires_grad
    assert frozen(tensor([2])).numpy().tolist() == [[0.0, 0.0, 1.0]]


def test_one_hot():
    assert nn.functional.one_hot(tensor([2, 0])).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert nn.functional.one_hot(np.array([1]), 4).tolist() == [[0, 1, 0, 0]]


# Clipping


def test_clip_by_norm():
    one, two = nn.Parameter([3.0]), nn.Parameter([[4.0]])
    one.grad, two.grad = tensor([3.0]), tensor([[4.0]])
    assert float(nn.utils.clip_grad_norm_([one, two], 2.5)) == 5
    np.testing.assert_allclose([one.grad.numpy()[0], two.grad.numpy()[0, 0]], [1.5, 2.0], 1e-6)
    assert float(nn.utils.clip_grad_norm_([one, two], 100.0, norm_type=np.inf)) == pytest.approx(2.0, 1e-6)
    np.testing.assert_allclose(two.grad.numpy(), [[2.0]], 1e-6)
    one.grad = tensor([np.inf])
    with pytest.raises(RuntimeError, match="non-finite"):
        nn.utils.clip_grad_norm_(one, 1.0, error_if_nonfinite=True)
    assert float(nn.utils.clip_grad_norm_([nn.Parameter([1.0])], 1.0)) == 0


def test_clip_by_value():
    w = nn.Parameter([1.0, 2.0, 3.0])
    w.grad = tensor([-9.0, 0.1, 9.0])
    nn.utils.clip_grad_value_(w, 0.5)
    assert w.grad.numpy().tolist() == [-0.5, 0.1, 0.5]


def test_vectors_of_parameters():
    net = nn.Linear(2, 2)
    vector = nn.utils.parameters_to_vector(net.parameters())
    assert vector.shape == (6,)
    nn.utils.vector_to_parameters(np.arange(6.0), net.parameters())
    assert net.weight.detach().tolist() == [[0.0, 1.0], [2.0, 3.0]]
    assert net.bias.detach().tolist() == [4.0, 5.0]
