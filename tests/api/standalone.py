"""Runs a saved module in a process that has no srcgrad."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import importlib, pickle, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "srcgrad":
            raise ImportError(name)

sys.meta_path.insert(0, Blocked())
sys.path.insert(0, sys.argv[1])
module = importlib.import_module(sys.argv[2])
(name,) = module.__all__
with open(sys.argv[3], "rb") as stream:
    args, kwargs = pickle.load(stream)
result = getattr(module, name)(*args, **kwargs)
assert not [name for name in sys.modules if name.startswith("srcgrad")]
with open(sys.argv[3], "wb") as stream:
    pickle.dump((name, result), stream)
"""


def run_alone(path: Path, *args: object, **kwargs: object) -> tuple[str, object]:
    """The name of a saved module's function, and what it gives."""
    exchange = path.with_suffix(".pickle")
    exchange.write_bytes(pickle.dumps((args, kwargs)))
    command = [sys.executable, "-c", SCRIPT, str(path.parent), path.stem, str(exchange)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=path.parent)
    assert done.returncode == 0, done.stderr
    return pickle.loads(exchange.read_bytes())
