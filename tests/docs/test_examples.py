"""The examples run, and reach what they promise."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time

import pytest

from tests.docs.blocks import ROOT


def run_example(name, folder):
    """Run an example as a user does, in an empty folder; give what it printed."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg", "NO_COLOR": "1"}
    command = [sys.executable, str(ROOT / "examples" / name)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_digits(tmp_path):
    pytest.importorskip("sklearn")
    start = time.perf_counter()
    printed = run_example("01_digits.py", tmp_path)
    assert time.perf_counter() - start < 30
    accuracy = re.search(r"^test accuracy: (0\.\d+)", printed, re.M)
    assert accuracy is not None
    assert float(accuracy[1]) >= 0.96
    assert "def loss_value_and_grad(" in printed


def test_heat(tmp_path):
    pytest.importorskip("scipy")
    pytest.importorskip("matplotlib")
    printed = run_example("02_heat.py", tmp_path)
    error = re.search(r"^mean error of the field: (\d\.\d+)", printed, re.M)
    assert error is not None
    assert float(error[1]) < 0.1
    assert (tmp_path / "heat.png").stat().st_size > 10_000


def test_orbit(tmp_path):
    pytest.importorskip("scipy")
    printed = run_example("03_orbit.py", tmp_path)
    difference = re.search(r"^largest difference from finite differences: (\S+)", printed, re.M)
    missed = re.search(r"^missed by: (\S+)", printed, re.M)
    assert difference is not None
    assert missed is not None
    assert float(difference[1]) < 1e-6
    assert float(missed[1]) < 1e-4


def test_define_by_run(tmp_path):
    pytest.importorskip("sklearn")
    pytest.importorskip("rich")
    printed = run_example("05_define_by_run.py", tmp_path)
    reached = re.findall(r"^(\w+): training loss \d\.\d+, test accuracy (0\.\d+)", printed, re.M)
    assert [how for how, _ in reached] == ["recorded", "compiled"]
    assert all(float(accuracy) >= 0.96 for _, accuracy in reached)
    difference = re.search(r"^largest difference of the parameters: (\S+)", printed, re.M)
    assert difference is not None
    assert float(difference[1]) < 1e-3
    assert (tmp_path / "digits.safetensors").exists()
