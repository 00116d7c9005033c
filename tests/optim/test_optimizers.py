"""Optimizers and schedules beyond single steps: groups, states, closures, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad import nn, optim
from srcgrad.tracer import tensor
from tests.nn import cases
from tests.nn.library import OURS

KINDS = {"SGD": {"lr": 0.01, "momentum": 0.9}, "Adam": {"amsgrad": True}, "AdamW": {},
         "RMSprop": {"momentum": 0.5, "centered": True}}  # fmt: skip


def loss_of(net):
    return (net(tensor(np.eye(3))) ** 2).sum()


def steps(optimizer, net, count):
    for _ in range(count):
        optimizer.zero_grad()
        loss_of(net).backward()
        optimizer.step()


@pytest.mark.parametrize("kind", KINDS)
def test_going_on_from_a_state_is_as_never_having_stopped(kind, tmp_path):
    nn.manual_seed(0)
    net = nn.Linear(3, 2)
    optimizer = getattr(optim, kind)(net.parameters(), **KINDS[kind])
    steps(optimizer, net, 3)
    nn.save({"net": net.state_dict(), "optimizer": optimizer.state_dict()}, tmp_path / "state.npz")
    steps(optimizer, net, 3)
    other = nn.Linear(3, 2)
    again = getattr(optim, kind)(other.parameters(), **KINDS[kind])
    state = nn.load(tmp_path / "state.npz")
    other.load_state_dict(state["net"])
    again.load_state_dict(state["optimizer"])
    steps(again, other, 3)
    np.testing.assert_array_equal(other.weight.detach().numpy(), net.weight.detach().numpy())


@pytest.mark.parametrize("kind", KINDS)
def test_single_precision_stays(kind):
    net = nn.Linear(3, 2).float()
    optimizer = getattr(optim, kind)(net.parameters(), **KINDS[kind])
    for _ in range(2):
        (net(tensor(np.eye(3, dtype=np.float32))) ** 2).sum().backward()
        optimizer.step()
    assert net.weight.dtype == np.float32
    assert {a.dtype for a in optimizer.state[net.weight].values() if isinstance(a, np.ndarray)} == {np.dtype("f4")}


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_and_old_states_are_not_written(kind):
    w = nn.Parameter([1.0, 2.0])
    optimizer = getattr(optim, kind)([w], weight_decay=0.1, **{**KINDS[kind], "lr": 0.1})
    for _ in range(2):
        w.grad = tensor([1.0, -1.0])
        optimizer.step()
        assert w.grad.tolist() == [1.0, -1.0]


def test_groups():
    one, two = nn.Parameter([1.0]), nn.Parameter([1.0])
    optimizer = optim.SGD([{"params": one}], lr=0.1)
    optimizer.add_param_group({"params": [("two", two)], "lr": 1.0})
    one.grad, two.grad = tensor([1.0]), tensor([1.0])
    optimizer.step()
    assert (one.detach().tolist(), two.detach().tolist()) == ([0.9], [0.0])
    assert "Parameter Group 1\n    dampening: 0.0\n    lr: 1.0" in repr(optimizer)


def test_zero_grad():
    w = nn.Parameter([1.0])
    optimizer = optim.SGD([w])
    w.grad = tensor([1.0])
    optimizer.zero_grad(set_to_none=False)
    assert w.grad.tolist() == [0.0]
    optimizer.zero_grad()
    assert w.grad is None
    optimizer.step()
    assert w.detach().tolist() == [1.0]


def test_closure():
    w = nn.Parameter([1.0])
    optimizer = optim.SGD([w], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    assert float(optimizer.step(closure)) == 1
    assert w.detach().tolist() == [0.8]


def test_a_step_is_noticed_by_graphs_from_before():
    w = nn.Parameter([2.0])
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    optim.SGD([w], lr=0.1).step()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()
    (w * w).sum().backward()


def test_parameters_are_learned_where_they_are():
    net = nn.Linear(1, 1)
    weight, memory = net.weight, net.weight.detach().numpy()
    net(tensor([1.0])).sum().backward()
    optim.SGD(net.parameters(), lr=1.0).step()
    assert net.weight is weight
    assert weight.is_leaf
    assert np.shares_memory(memory, weight.detach().numpy())


@pytest.mark.parametrize(("make", "error", "text"), [
    (lambda w: optim.SGD([], lr=0.1), ValueError, "empty parameter list"),
    (lambda w: optim.SGD(w, lr=0.1), TypeError, "iterable of Tensors"),
    (lambda w: optim.SGD([np.ones(2)]), TypeError, "can only optimize Tensors"),
    (lambda w: optim.SGD([w * 2]), ValueError, "non-leaf"),
    (lambda w: optim.SGD([w, w]), ValueError, "more than one"),
    (lambda w: optim.SGD([w], lr=-1.0), ValueError, "Invalid lr value: -1.0"),
    (lambda w: optim.SGD([w], nesterov=True), ValueError, "Nesterov momentum requires"),
    (lambda w: optim.Adam([w], betas=(0.9, 1.0)), ValueError, "index 1: 1.0"),
    (lambda w: optim.RMSprop([w], eps=-1.0), ValueError, "Invalid eps"),
    (lambda w: optim.SGD([w]).load_state_dict(optim.SGD([w, nn.Parameter([1.0])]).state_dict()), ValueError,
     "doesn't match the size"),
    (lambda w: optim.lr_scheduler.LinearLR(optim.SGD([w]), 0.0), ValueError, "greater than 0"),
    (lambda w: optim.lr_scheduler.OneCycleLR(optim.SGD([w]), 1.0), ValueError, "total_steps OR"),
    (lambda w: optim.lr_scheduler.OneCycleLR(optim.RMSprop([w]), [1.0, 2.0], 5), ValueError, "one for each group"),
    (lambda w: optim.lr_scheduler.StepLR(w, 1), TypeError, "is not an Optimizer"),
    (lambda w: optim.lr_scheduler.StepLR(optim.SGD([w]), 1, last_epoch=3), KeyError, "initial_lr"),
    (lambda w: optim.lr_scheduler.ReduceLROnPlateau(optim.SGD([w]), factor=1.0), ValueError, "Factor"),
    (lambda w: optim.lr_scheduler.ReduceLROnPlateau(optim.SGD([w])).step(), TypeError, "needs the measure"),
])  # fmt: skip
def test_refusals(make, error, text):
    with pytest.raises(error, match=text):
        make(nn.Parameter([1.0]))


@pytest.mark.parametrize("name", [n for n in cases.SCHEDULES if n != "LambdaLR"])
def test_going_on_with_a_schedule(name):
    """Half the epochs, a state of optimizer and schedule, and the rest with new ones."""
    wanted = cases.rates(OURS, name)

    def begin():
        w, v = nn.Parameter(np.ones(2)), nn.Parameter(np.ones(2))
        optimizer = optim.SGD([{"params": [w]}, {"params": [v], "lr": 0.05}], lr=0.2, momentum=0.9)
        return optimizer, cases.SCHEDULES[name](optim.lr_scheduler, optimizer)

    optimizer, schedule = begin()
    path = [cases.seen(optimizer)]
    for k, measure in enumerate(cases.MEASURES):
        if k == 9:
            states = optimizer.state_dict(), schedule.state_dict()
            optimizer, schedule = begin()
            optimizer.load_state_dict(states[0])
            schedule.load_state_dict(states[1])
        schedule.step(measure) if name.startswith("Reduce") else schedule.step()
        path.append(cases.seen(optimizer))
    np.testing.assert_array_equal(path, wanted)
    assert schedule.get_last_lr() == path[-1][:2]


def test_a_schedule_can_end():
    schedule = optim.lr_scheduler.OneCycleLR(optim.SGD([nn.Parameter([1.0])]), 1.0, 2)
    schedule.step()
    schedule.step()
    with pytest.raises(ValueError, match="total steps is 2"):
        schedule.step()
