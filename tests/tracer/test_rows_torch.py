"""Every row of the define-by-run table gives what torch gave when it was recorded; and gives today, where installed."""

from __future__ import annotations

import importlib
import importlib.util
import json

import numpy as np
import pytest

from tests.house.tree import ROOT
from tests.tracer.rows import OURS, ROWS, numbers
from tests.tracer.sequences import RECORDED, run

DATA = ROOT / "tests" / "data"
needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")


def recorded(name):
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def torch_now():
    torch = importlib.import_module("torch")
    importlib.import_module("torch.utils.checkpoint")
    torch.set_default_dtype(torch.float64)
    return torch


def same(found, wanted):
    """Numbers nearly equal, everything else equal."""
    if isinstance(wanted, list):
        assert isinstance(found, list)
        assert len(found) == len(wanted), (found, wanted)
        for a, b in zip(found, wanted, strict=True):
            same(a, b)
    elif isinstance(wanted, float):
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)
    else:
        assert found == wanted


def same_sequence(found, wanted):
    """The same values, flags, versions, errors and gradients.

    What torch refuses after a write in place may work here, where the operation that wrote had kept what it needed; and
    a view of a tensor that got a gradient after the view was made, which torch takes for a leaf.
    """
    if set(found["raised"]) < set(wanted["raised"]):
        return
    for key in ("raised", "value", "pool", "flags", "versions"):
        same(found[key], wanted[key])
    assert wanted["refused"] or not found["refused"], found.get("why")
    if not wanted["refused"]:
        same(found["gradients"], wanted["gradients"])


@pytest.mark.parametrize("name", ROWS)
def test_row(name):
    same(json.loads(json.dumps(numbers(ROWS[name](OURS)))), recorded("torch_tracer.json")["rows"][name])


@pytest.mark.parametrize("seed", RECORDED)
def test_sequence(seed):
    same_sequence(run(OURS, seed), recorded("torch_tracer_sequences.json")["sequences"][str(seed)])


def test_gradients_that_torch_refuses_are_right():
    """Where a sequence works here and not in torch, the gradient is that of differences."""
    seeds = [seed for seed, case in recorded("torch_tracer_sequences.json")["sequences"].items() if case["refused"]]
    ours = [run(OURS, int(seed)) for seed in seeds]
    compared = 0
    for seed, found in zip(seeds, ours, strict=True):
        if not found["refused"] and not any("detach" in line or "no_grad" in line for line in found["lines"]):
            compared += 1
            flat = np.ravel(found["gradients"][0] + sum(found["gradients"][1], []))
            steps = [(value(seed, k, 1e-6) - value(seed, k, -1e-6)) / 2e-6 for k in range(8)]
            np.testing.assert_allclose(flat, steps, rtol=1e-5, atol=1e-6)
    assert compared


def value(seed, place, step):
    return run(OURS, int(seed), shift=(place, step))["value"]


@pytest.mark.filterwarnings("ignore:Anomaly Detection:UserWarning")
@pytest.mark.parametrize("name", ROWS)
@needs_torch
def test_row_as_torch_has_it_now(name):
    same(json.loads(json.dumps(numbers(ROWS[name](OURS)))), json.loads(json.dumps(numbers(ROWS[name](torch_now())))))


@pytest.mark.sweep
@pytest.mark.parametrize("start", range(0, 2000, 100))
@needs_torch
def test_two_thousand_sequences(start):
    torch = torch_now()
    for seed in range(start, start + 100):
        same_sequence(run(OURS, seed), run(torch, seed))
