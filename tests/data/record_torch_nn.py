"""Record what PyTorch gives for the cases of ``tests/nn/cases.py``; run by hand where torch is installed.

python -m tests.data.record_torch_nn
"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

from tests.nn import cases

HERE = Path(__file__).parent


def tensor(array, requires_grad=False):
    return torch.tensor(np.asarray(array), requires_grad=requires_grad)


def array(t):
    return t.detach().numpy().copy()


TORCH = SimpleNamespace(nn=torch.nn, optim=torch.optim, tensor=tensor, array=array)


def recorded_layers():
    for name in cases.NAMES:
        for key, value in cases.run(TORCH, name).items():
            yield f"{name}|{key}", value


def recorded_paths():
    for name in cases.OPTIMIZERS:
        yield f"optimizer|{name}", cases.trajectory(TORCH, name)
    for name in cases.SCHEDULES:
        yield f"schedule|{name}", cases.rates(TORCH, name)
    yield "schedule|OneCycleLR of Adam", cases.rates(TORCH, "OneCycleLR", "Adam")


def recorded_beginnings():
    torch.manual_seed(0)
    for name in cases.LAYERS:
        found = {key: [list(shape), list(numbers)] for key, (shape, numbers) in cases.beginnings(TORCH, name).items()}
        yield name, found
    for name, fill in cases.FILLS.items():
        values = torch.zeros(cases.FILL_SHAPE, dtype=torch.float64)
        fill(torch.nn.init, values)
        yield name, list(cases.summary(values.numpy()))


def recorded_training():
    """A checkpoint as it is saved in training, with views, a parameter and an optimizer's state."""
    torch.manual_seed(2)
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01, betas=(0.8, 0.9))
    for _ in range(2):
        optimizer.zero_grad()
        net(torch.eye(3)).square().sum().backward()
        optimizer.step()
    extras = {"turned": torch.arange(6.0).reshape(2, 3).T, "part": torch.arange(10)[2:8:2],
              "brain": torch.tensor([1.0, -3.0], dtype=torch.bfloat16), "half": torch.tensor(0.5, dtype=torch.float16),
              "empty": torch.zeros(0, 3), "flags": torch.tensor([True, False]), "parameter": net[0].bias,
              "complex": torch.tensor([1 + 2j])}  # fmt: skip
    return {"model": net.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 7, "rate": 0.25, "name": "net",
            "best": None, "extras": extras}  # fmt: skip


def recorded_checkpoint():
    torch.manual_seed(1)
    model = cases.model(torch.nn)
    model(tensor(cases.IMAGE.astype(np.float32)))  # so that there are running statistics
    state = {name: array(value) for name, value in model.state_dict().items()}
    out = array(model.eval().double()(tensor(cases.IMAGE)))
    return state, out


def main():
    torch.use_deterministic_algorithms(True)
    torch.backends.mkldnn.enabled = False
    np.savez_compressed(HERE / "torch_nn.npz", **dict(recorded_layers()))
    np.savez_compressed(HERE / "torch_paths.npz", **dict(recorded_paths()))
    state, out = recorded_checkpoint()
    np.savez_compressed(HERE / "torch_checkpoint.npz", **state)
    np.save(HERE / "torch_checkpoint_out.npy", out)
    training = recorded_training()
    torch.save(training, HERE / "torch_training.pt")
    states = {"model": training["model"], "extras": training["extras"]}
    arrays = {f"{kind}.{key}": array(v.float() if v.dtype == torch.bfloat16 else v)
              for kind, state in states.items() for key, v in state.items()}  # fmt: skip
    np.savez_compressed(HERE / "torch_training.npz", **arrays)
    notes = {"torch": torch.__version__, "beginnings": dict(recorded_beginnings())}
    (HERE / "torch_beginnings.json").write_text(json.dumps(notes, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
