"""What is differentiated from source needs no tracer: examples and random programs where it cannot be imported."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from tests.house.no_tracer import SHORT, Barrier
from tests.house.tree import ROOT

TRACED = {"05_define_by_run"}  # examples of define by run
EXAMPLES = sorted({path.stem for path in (ROOT / "examples").glob("*.py")} - TRACED)
EXTRAS = ("sklearn", "rich", "scipy", "matplotlib")


def without_tracer(what, argument, folder):
    """Run `tests.house.no_tracer` in a process of its own; give the last line that it prints."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "tests.house.no_tracer", what, str(argument)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_barrier_holds():
    for name in ("srcgrad.tracer", "srcgrad.tracer.tensor"):
        with pytest.raises(ImportError, match="out of reach"):
            Barrier().find_spec(name)
    assert Barrier().find_spec("srcgrad.tracers") is None
    assert importlib.util.find_spec("srcgrad.tracer") is not None


def test_every_short_form_is_of_an_example():
    assert set(SHORT) <= set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name, tmp_path):
    for extra in EXTRAS:
        pytest.importorskip(extra)
    assert without_tracer("example", name, tmp_path) == "done"


def test_random_programs(tmp_path):
    found = without_tracer("fuzz", 24, tmp_path)
    assert {kind for kind in found if kind.startswith("source")} <= {"source ok", "source not smooth"}, found
    assert found["source ok"] >= 21, found
