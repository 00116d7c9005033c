"""Steps of optimizers and learning rates of schedules are PyTorch's."""

from __future__ import annotations

import numpy as np
import pytest

from tests.nn import cases
from tests.nn.library import OURS, recorded, torch_itself


@pytest.mark.parametrize("name", cases.OPTIMIZERS)
def test_twenty_steps(name):
    found = cases.trajectory(OURS, name)
    assert found.shape == (20, 7)
    np.testing.assert_allclose(found, recorded("torch_paths")[f"optimizer|{name}"], 1e-9, 1e-11)


@pytest.mark.parametrize("name", cases.SCHEDULES)
def test_schedule(name):
    np.testing.assert_allclose(cases.rates(OURS, name), recorded("torch_paths")[f"schedule|{name}"], 1e-10, 1e-14)


def test_one_cycle_changes_the_first_beta():
    found = cases.rates(OURS, "OneCycleLR", "Adam")
    np.testing.assert_allclose(found, recorded("torch_paths")["schedule|OneCycleLR of Adam"], 1e-10, 1e-14)


@pytest.mark.parametrize("name", [*cases.OPTIMIZERS, *cases.SCHEDULES])
def test_with_torch_itself(name):
    torch = torch_itself()
    if torch is None:
        pytest.skip("torch is not installed")
    kind, run = ("optimizer", cases.trajectory) if name in cases.OPTIMIZERS else ("schedule", cases.rates)
    np.testing.assert_allclose(run(torch, name), recorded("torch_paths")[f"{kind}|{name}"], 1e-9, 1e-12)
