"""Layers, losses, optimizers and schedules as they are written for PyTorch and for this package, and how both are run.

Nothing here belongs to one of the two libraries: `run` and its kin are given one, with its `nn`, `optim`, `tensor`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


def called(thing, *inputs):
    return thing(*inputs)


@dataclass
class Case:
    """What is built, what it is called with, and which inputs want a gradient (the first so many)."""

    build: Any
    inputs: Any
    wanted: int = 1
    call: Any = called
    train: bool = True


def normal(*shapes, scale=1.0, shift=0.0):
    return lambda rng: [shift + scale * rng.normal(size=shape) for shape in shapes]


def labelled(shape, classes, *target_shape):
    return lambda rng: [rng.normal(size=shape), rng.integers(0, classes, size=target_shape)]


def probabilities(*shape):
    return lambda rng: [rng.uniform(0.05, 0.95, shape), rng.uniform(0, 1, shape)]


def logs(rng):
    p, q = rng.dirichlet(np.ones(5), 4), rng.dirichlet(np.ones(5), 4)
    q[0, 1] = 0.0
    return [np.log(p), q]


def with_padding(rng):
    masks = np.zeros((2, 6), bool)
    masks[0, 4:] = True
    return [*[rng.normal(size=(2, 6, 8)) for _ in range(3)], masks, np.triu(np.ones((6, 6), bool), 1)]


def corners(rng):
    """Where activations have corners, and far from there."""
    return [np.concatenate([rng.normal(size=20) * 3, [0.0, 1.0, -1.0, 6.0, 30.0, -30.0, 1e-9, -800.0, 800.0]])]


def ignoring(rng):
    target = rng.integers(0, 5, size=(4, 3))
    target[0, 1] = target[2, 2] = -100
    return [rng.normal(size=(4, 5, 3)), target]


WEIGHTS = np.array([0.5, 2.0, 1.0, 0.1, 1.5])
IMAGES = normal((2, 4, 7, 8))
SEQUENCE = normal((5, 3, 4))

ACTIVATIONS = ["ReLU", "ReLU6", "LeakyReLU", "ELU", "CELU", "SELU", "GELU", "SiLU", "Sigmoid", "LogSigmoid", "Tanh",
               "Softplus", "Softsign", "Hardtanh"]  # fmt: skip
CASES = {name: Case(lambda nn, name=name: getattr(nn, name)(), corners) for name in ACTIVATIONS}
CASES |= {
    "GELU tanh": Case(lambda nn: nn.GELU(approximate="tanh"), corners),
    "LeakyReLU slope": Case(lambda nn: nn.LeakyReLU(0.3), corners),
    "ELU alpha": Case(lambda nn: nn.ELU(0.7), corners),
    "Softplus beta": Case(lambda nn: nn.Softplus(3.0, 2.0), corners),
    "Softmax": Case(lambda nn: nn.Softmax(dim=1), normal((3, 5), scale=30.0)),
    "LogSoftmax": Case(lambda nn: nn.LogSoftmax(dim=0), normal((3, 5), scale=30.0)),
    "Linear": Case(lambda nn: nn.Linear(4, 3), normal((2, 5, 4))),
    "Linear vector": Case(lambda nn: nn.Linear(4, 3, bias=False), normal((4,))),
    "Embedding": Case(lambda nn: nn.Embedding(6, 3), lambda rng: [rng.integers(0, 6, (2, 4))], 0),
    "Embedding padding": Case(lambda nn: nn.Embedding(4, 3, padding_idx=-1), lambda rng: [rng.integers(0, 4, 9)], 0),
    "Flatten": Case(lambda nn: nn.Flatten(), normal((2, 3, 4))),
    "Flatten some": Case(lambda nn: nn.Flatten(1, 2), normal((2, 3, 4, 2))),
    "Unflatten": Case(lambda nn: nn.Unflatten(1, (2, 3)), normal((2, 6, 2))),
    "Conv2d": Case(lambda nn: nn.Conv2d(4, 3, 3), IMAGES),
    "Conv2d one image": Case(lambda nn: nn.Conv2d(4, 3, 3), normal((4, 5, 5))),
    "Conv2d everything": Case(lambda nn: nn.Conv2d(4, 6, (3, 2), (2, 1), (1, 2), (1, 3), groups=2), IMAGES),
    "Conv2d same": Case(lambda nn: nn.Conv2d(4, 3, (4, 3), padding="same", bias=False), IMAGES),
    "Conv2d depthwise": Case(lambda nn: nn.Conv2d(4, 8, 3, stride=2, groups=4), IMAGES),
    "Conv1d": Case(lambda nn: nn.Conv1d(4, 6, 3, 2, 1, 2, 2), normal((3, 4, 9))),
    "Conv1d same": Case(lambda nn: nn.Conv1d(4, 2, 4, padding="same"), normal((3, 4, 9))),
    "MaxPool2d": Case(lambda nn: nn.MaxPool2d(2), IMAGES),
    "MaxPool2d everything": Case(lambda nn: nn.MaxPool2d((3, 2), (2, 1), (1, 1), (2, 1)), IMAGES),
    "MaxPool2d ties": Case(lambda nn: nn.Sequential(nn.ReLU(), nn.MaxPool2d(3, 2)), IMAGES),
    "AvgPool2d": Case(lambda nn: nn.AvgPool2d(3, (2, 1), (1, 0)), IMAGES),
    "AdaptiveAvgPool2d": Case(lambda nn: nn.AdaptiveAvgPool2d((3, 5)), IMAGES),
    "LayerNorm": Case(lambda nn: nn.LayerNorm((3, 4)), normal((2, 3, 4))),
    "LayerNorm plain": Case(lambda nn: nn.LayerNorm(4, elementwise_affine=False), normal((2, 3, 4))),
    "GroupNorm": Case(lambda nn: nn.GroupNorm(2, 4), IMAGES),
    "BatchNorm1d": Case(lambda nn: nn.BatchNorm1d(4), normal((6, 4))),
    "BatchNorm1d lengths": Case(lambda nn: nn.BatchNorm1d(4, momentum=None), normal((6, 4, 2))),
    "BatchNorm1d eval": Case(lambda nn: nn.BatchNorm1d(4), normal((6, 4)), train=False),
    "BatchNorm1d untracked": Case(lambda nn: nn.BatchNorm1d(4, track_running_stats=False, affine=False),
                                  normal((6, 4)), train=False),
    "BatchNorm2d": Case(lambda nn: nn.BatchNorm2d(4, eps=0.1), IMAGES),
    "RNN": Case(lambda nn: nn.RNN(4, 3), SEQUENCE),
    "RNN relu": Case(lambda nn: nn.RNN(4, 3, 2, nonlinearity="relu", bias=False), SEQUENCE),
    "RNN single": Case(lambda nn: nn.RNN(4, 3), normal((5, 4), (1, 3)), 2),
    "LSTM": Case(lambda nn: nn.LSTM(4, 3), SEQUENCE),
    "LSTM everything": Case(lambda nn: nn.LSTM(4, 3, 2, batch_first=True, bidirectional=True),
                            normal((3, 5, 4), (4, 3, 3), (4, 3, 3)), 3, lambda m, x, h, c: m(x, (h, c))),
    "GRU": Case(lambda nn: nn.GRU(4, 3), SEQUENCE),
    "GRU everything": Case(lambda nn: nn.GRU(4, 3, 2, bias=False, bidirectional=True), SEQUENCE),
    "MultiheadAttention": Case(lambda nn: nn.MultiheadAttention(8, 2), normal((5, 3, 8), (6, 3, 8), (6, 3, 8)), 3),
    "MultiheadAttention masks": Case(
        lambda nn: nn.MultiheadAttention(8, 2, bias=False, batch_first=True), with_padding, 3,
        lambda m, q, k, v, padding, mask: m(q, k, v, key_padding_mask=padding, attn_mask=mask,
                                            average_attn_weights=False)),
    "MultiheadAttention lengths": Case(lambda nn: nn.MultiheadAttention(8, 4, kdim=3, vdim=5),
                                       normal((5, 8), (6, 3), (6, 5)), 3),
    "attention causal": Case(lambda nn: nn.functional.scaled_dot_product_attention,
                             normal((2, 4, 3), (2, 5, 3), (2, 5, 2)), 3, lambda f, q, k, v: f(q, k, v, is_causal=True)),
    "normalize": Case(lambda nn: nn.functional.normalize, normal((3, 4))),
    "pad": Case(lambda nn: nn.functional.pad, normal((2, 3, 4, 5)), 1, lambda f, x: f(x, (1, 2, 0, 2), "reflect")),
    "Sequential": Case(lambda nn: nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 2)), normal((3, 4))),
    "MSELoss": Case(lambda nn: nn.MSELoss(), normal((3, 4), (3, 4)), 2),
    "MSELoss sum": Case(lambda nn: nn.MSELoss(reduction="sum"), normal((3, 4), (3, 4)), 2),
    "L1Loss": Case(lambda nn: nn.L1Loss(reduction="none"), normal((3, 4), (3, 4))),
    "SmoothL1Loss": Case(lambda nn: nn.SmoothL1Loss(beta=0.5), normal((3, 4), (3, 4))),
    "HuberLoss": Case(lambda nn: nn.HuberLoss(delta=0.7), normal((3, 4), (3, 4))),
    "CrossEntropyLoss": Case(lambda nn: nn.CrossEntropyLoss(), labelled((4, 5), 5, 4)),
    "CrossEntropyLoss one": Case(lambda nn: nn.CrossEntropyLoss(), labelled((5,), 5)),
    "CrossEntropyLoss ignoring": Case(lambda nn: nn.CrossEntropyLoss(), ignoring),
    "CrossEntropyLoss soft": Case(lambda nn: nn.CrossEntropyLoss(label_smoothing=0.1),
                                  lambda rng: [rng.normal(size=(4, 5, 2)),
                                               rng.dirichlet(np.ones(5), (4, 2)).swapaxes(1, 2)]),
    "NLLLoss": Case(lambda nn: nn.NLLLoss(reduction="none"), ignoring),
    "BCELoss": Case(lambda nn: nn.BCELoss(), probabilities(3, 4)),
    "BCELoss ends": Case(lambda nn: nn.BCELoss(reduction="none"),
                         lambda rng: [np.array([0.0, 1.0, 0.3]), np.array([0.0, 1.0, 1.0])], 0),
    "BCEWithLogitsLoss": Case(lambda nn: nn.BCEWithLogitsLoss(reduction="none"),
                              lambda rng: [np.array([0.0, 3.0, -40.0, 800.0, -800.0]), rng.uniform(0, 1, 5)]),
    "KLDivLoss": Case(lambda nn: nn.KLDivLoss(reduction="batchmean"), logs),
    "KLDivLoss logs": Case(lambda nn: nn.KLDivLoss(log_target=True), normal((3, 4), (3, 4))),
}  # fmt: skip


def weighted_cases(lib):
    """The losses with factors, which are tensors of the library."""
    weight = lib.tensor(WEIGHTS)
    return {
        "CrossEntropyLoss weighted": Case(lambda nn: nn.CrossEntropyLoss(weight, label_smoothing=0.2), ignoring),
        "CrossEntropyLoss sum": Case(lambda nn: nn.CrossEntropyLoss(weight, ignore_index=3, reduction="sum"),
                                     labelled((4, 5), 5, 4)),
        "CrossEntropyLoss soft weighted": Case(lambda nn: nn.CrossEntropyLoss(weight), lambda rng: [
            rng.normal(size=(4, 5)), rng.dirichlet(np.ones(5), 4)]),
        "NLLLoss weighted": Case(lambda nn: nn.NLLLoss(weight), ignoring),
        "BCELoss weighted": Case(lambda nn: nn.BCELoss(weight), probabilities(4, 5)),
        "BCEWithLogitsLoss weighted": Case(lambda nn: nn.BCEWithLogitsLoss(weight, pos_weight=2 * weight),
                                           lambda rng: [rng.normal(size=(4, 5)), rng.uniform(0, 1, (4, 5))]),
    }  # fmt: skip


def cases_of(lib):
    return CASES | weighted_cases(lib)


NAMES = [*CASES, "CrossEntropyLoss weighted", "CrossEntropyLoss sum", "CrossEntropyLoss soft weighted",
         "NLLLoss weighted", "BCELoss weighted", "BCEWithLogitsLoss weighted"]  # fmt: skip


def fill(lib, module, rng):
    """Give parameters and running statistics values that do not depend on the library."""
    if not hasattr(module, "state_dict"):
        return
    state = {}
    for name, value in sorted(module.state_dict().items()):
        old = lib.array(value)
        if name not in ("weight", "pos_weight") or hasattr(module, "parameters") and list(module.parameters()):
            new = rng.uniform(0.5, 1.5, old.shape) if "var" in name else 0.5 * rng.normal(size=old.shape)
            old = old if old.dtype.kind == "i" else new
        state[name] = lib.tensor(old)
    module.load_state_dict(state)


def run(lib, name, dtype=np.float64):
    """Everything that comes out: results, gradients of inputs and parameters, buffers; as arrays by name."""
    case, rng = cases_of(lib)[name], np.random.default_rng(sum(map(ord, name)))
    thing = case.build(lib.nn)
    if hasattr(thing, "double"):
        thing = thing.double() if dtype is np.float64 else thing.float()
        thing.train(case.train)
    fill(lib, thing, rng)
    arrays = [a.astype(dtype) if a.dtype.kind == "f" else a for a in map(np.asarray, case.inputs(rng))]
    inputs = [lib.tensor(a, requires_grad=k < case.wanted) for k, a in enumerate(arrays)]
    results = list(flat(case.call(thing, *inputs)))
    found = {f"result {k}": lib.array(r) for k, r in enumerate(results)}
    total = sum((r * lib.tensor(np.cos(np.arange(lib.array(r).size)).reshape(lib.array(r).shape).astype(dtype))).sum()
                for r in results)  # fmt: skip
    if total.requires_grad:
        total.backward()
    found |= {f"input {k}": lib.array(x.grad) for k, x in enumerate(inputs[: case.wanted])}
    if hasattr(thing, "named_parameters"):
        found |= {f"grad {key}": lib.array(p.grad) for key, p in thing.named_parameters() if p.grad is not None}
        found |= {f"buffer {key}": lib.array(b) for key, b in thing.named_buffers()}
    return found


def flat(result):
    """The tensors of a result."""
    if isinstance(result, (tuple, list)):
        for part in result:
            yield from flat(part)
    elif result is not None:
        yield result


OPTIMIZERS = {
    "SGD": ("SGD", {"lr": 0.02}),
    "SGD momentum": ("SGD", {"lr": 0.01, "momentum": 0.9, "dampening": 0.1, "weight_decay": 0.05}),
    "SGD nesterov": ("SGD", {"lr": 0.01, "momentum": 0.8, "nesterov": True}),
    "SGD maximize": ("SGD", {"lr": 0.001, "maximize": True, "momentum": 0.5}),
    "Adam": ("Adam", {"lr": 0.05}),
    "Adam defaults": ("Adam", {}),
    "Adam amsgrad": ("Adam", {"lr": 0.05, "betas": (0.7, 0.8), "amsgrad": True, "weight_decay": 0.1, "eps": 1e-3}),
    "AdamW": ("AdamW", {"lr": 0.05, "weight_decay": 0.3}),
    "AdamW amsgrad": ("AdamW", {"lr": 0.02, "amsgrad": True, "maximize": True}),
    "RMSprop": ("RMSprop", {"lr": 0.02}),
    "RMSprop everything": ("RMSprop", {"lr": 0.01, "alpha": 0.9, "centered": True, "momentum": 0.6,
                                       "weight_decay": 0.1, "eps": 1e-4}),
}  # fmt: skip


def valley(w, v):
    """Something neither quadratic nor convex."""
    return ((1 - w[:-1]) ** 2 + 5 * (w[1:] - w[:-1] ** 2) ** 2).sum() + (v * v).sum() ** 2 / 4 + (v @ v).sum()


def trajectory(lib, name, steps=20):
    """The parameters after each step; the second one's group has a learning rate of its own."""
    kind, options = OPTIMIZERS[name]
    w = lib.tensor(np.array([-0.4, 0.7, 1.2]), requires_grad=True)
    v = lib.tensor(np.array([[0.5, -0.3], [0.8, 0.1]]), requires_grad=True)
    groups = [{"params": [w]}, {"params": [v], "lr": 0.5 * options.get("lr", 1e-3)}]
    optimizer = getattr(lib.optim, kind)(groups, **options)
    path = []
    for _ in range(steps):
        optimizer.zero_grad()
        valley(w, v).backward()
        optimizer.step()
        path.append(np.concatenate([lib.array(w).ravel(), lib.array(v).ravel()]))
    return np.array(path)


SCHEDULES = {
    "StepLR": lambda s, o: s.StepLR(o, 3, 0.5),
    "MultiStepLR": lambda s, o: s.MultiStepLR(o, [2, 5, 5, 11], 0.3),
    "ExponentialLR": lambda s, o: s.ExponentialLR(o, 0.9),
    "CosineAnnealingLR": lambda s, o: s.CosineAnnealingLR(o, 8, 0.01),
    "LambdaLR": lambda s, o: s.LambdaLR(o, [lambda k: 0.9**k, lambda k: 1 / (1 + k)]),
    "MultiplicativeLR": lambda s, o: s.MultiplicativeLR(o, lambda k: 1 - 0.01 * k),
    "ConstantLR": lambda s, o: s.ConstantLR(o, 0.25, 4),
    "LinearLR": lambda s, o: s.LinearLR(o, 0.1, 0.8, 6),
    "OneCycleLR": lambda s, o: s.OneCycleLR(o, [0.5, 0.3], total_steps=24),
    "OneCycleLR linear": lambda s, o: s.OneCycleLR(o, 0.5, epochs=4, steps_per_epoch=6, anneal_strategy="linear",
                                                   three_phase=True, pct_start=0.4, div_factor=10.0),
    "SequentialLR": lambda s, o: s.SequentialLR(
        o, [s.LinearLR(o, 0.1, 1.0, 4), s.CosineAnnealingLR(o, 10), s.ExponentialLR(o, 0.5)], [4, 15]),
    "ReduceLROnPlateau": lambda s, o: s.ReduceLROnPlateau(o, factor=0.4, patience=2, cooldown=1, min_lr=[0.01, 0.0]),
    "ReduceLROnPlateau max": lambda s, o: s.ReduceLROnPlateau(o, "max", 0.5, 1, 0.1, "abs"),
}  # fmt: skip
MEASURES = [3.0, 2.0, 2.0, 2.1, 2.2, 1.9, 1.95, 1.9, 1.9, 1.9, 1.8, 1.8, 1.8, 1.8, 1.8, 1.8, 1.7, 2.0, 2.1, 2.2,
            2.3, 2.4, 2.5]  # fmt: skip


def rates(lib, name, kind="SGD"):
    """The learning rates of both groups, and their momenta, epoch by epoch."""
    w, v = (lib.tensor(np.ones(2), requires_grad=True) for _ in range(2))
    options = {"momentum": 0.9} if kind == "SGD" else {}
    optimizer = getattr(lib.optim, kind)([{"params": [w]}, {"params": [v], "lr": 0.05}], lr=0.2, **options)
    schedule = SCHEDULES[name](lib.optim.lr_scheduler, optimizer)
    path = [seen(optimizer)]
    for measure in MEASURES:
        optimizer.step()
        schedule.step(measure) if name.startswith("Reduce") else schedule.step()
        path.append(seen(optimizer))
    return np.array(path)


def seen(optimizer):
    momenta = [group["betas"][0] if "betas" in group else group["momentum"] for group in optimizer.param_groups]
    return [*[group["lr"] for group in optimizer.param_groups], *momenta]


LAYERS = {
    "Linear": lambda nn: nn.Linear(300, 200),
    "Conv2d": lambda nn: nn.Conv2d(16, 128, 3, groups=2),
    "Conv1d": lambda nn: nn.Conv1d(32, 400, 5),
    "Embedding": lambda nn: nn.Embedding(500, 40, padding_idx=3),
    "LayerNorm": lambda nn: nn.LayerNorm(50),
    "BatchNorm1d": lambda nn: nn.BatchNorm1d(50),
    "RNN": lambda nn: nn.RNN(40, 60),
    "LSTM": lambda nn: nn.LSTM(50, 60, 2, bidirectional=True),
    "GRU": lambda nn: nn.GRU(50, 60),
    "MultiheadAttention": lambda nn: nn.MultiheadAttention(96, 4),
    "MultiheadAttention lengths": lambda nn: nn.MultiheadAttention(96, 4, kdim=120, vdim=150),
}
FILLS = {
    "uniform_": lambda i, t: i.uniform_(t, -2.0, 3.0),
    "normal_": lambda i, t: i.normal_(t, 1.0, 0.5),
    "trunc_normal_": lambda i, t: i.trunc_normal_(t, 0.0, 1.0, -1.5, 2.0),
    "xavier_uniform_": lambda i, t: i.xavier_uniform_(t, 2.0),
    "xavier_normal_": lambda i, t: i.xavier_normal_(t),
    "kaiming_uniform_": lambda i, t: i.kaiming_uniform_(t, 0.2, "fan_out"),
    "kaiming_normal_": lambda i, t: i.kaiming_normal_(t, nonlinearity="relu"),
    "orthogonal_": lambda i, t: i.orthogonal_(t, 2.0),
    "constant_": lambda i, t: i.constant_(t, 0.3),
}
FILL_SHAPE = (120, 40, 3, 2)


def summary(array):
    """Mean, standard deviation, smallest and largest."""
    return np.array([array.mean(), array.std(), array.min(), array.max()])


def beginnings(lib, name):
    """Names, shapes and distributions of a new layer's state."""
    state = LAYERS[name](lib.nn).state_dict()
    return {key: (lib.array(value).shape, summary(lib.array(value).astype(float))) for key, value in state.items()}


def model(nn):
    """A network with a part of every kind, whose state is a checkpoint."""
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(2),
                         nn.LayerNorm(16), nn.Linear(16, 6), nn.Flatten(), nn.Linear(24, 3))  # fmt: skip


IMAGE = np.linspace(-1, 1, 2 * 64).reshape(2, 1, 8, 8) ** 3
