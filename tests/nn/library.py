"""This package, and torch where it is installed, behind one interface; and what was recorded of torch."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from srcgrad import nn, optim
from srcgrad.tracer import tensor

DATA = Path(__file__).parents[1] / "data"
OURS = SimpleNamespace(nn=nn, optim=optim, tensor=lambda a, requires_grad=False: tensor(a, requires_grad=requires_grad),
                       array=lambda t: np.array(t.detach().numpy()))  # fmt: skip


@cache
def recorded(file):
    """The arrays of a file by name."""
    with np.load(DATA / f"{file}.npz", allow_pickle=False) as arrays:
        return dict(arrays)


@cache
def beginnings():
    return json.loads((DATA / "torch_beginnings.json").read_text(encoding="utf-8"))["beginnings"]


def torch_itself():
    """Torch behind the interface, None where it is not installed."""
    if importlib.util.find_spec("torch") is None:
        return None
    return importlib.import_module("tests.data.record_torch_nn").TORCH


def of_case(name):
    """What was recorded of a case."""
    start = f"{name}|"
    return {key[len(start) :]: value for key, value in recorded("torch_nn").items() if key.startswith(start)}
