"""A process in which the tracer cannot be imported: ``python -m tests.house.no_tracer example NAME`` or ``fuzz COUNT``.

Whatever is differentiated from source has to work there: examples in a small form, random programs, the whole API.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import warnings
from collections import Counter
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import srcgrad
from srcgrad.errors import FallbackWarning
from tests.fuzz.generate import generate
from tests.fuzz.run import Options
from tests.house.tree import ROOT

TRACER = "srcgrad.tracer"
# What makes an example short: constants of its module and their values.
SHORT: dict[str, dict[str, Any]] = {
    "01_digits": {"EPOCHS": 1},
    "02_heat": {"SIZE": 10, "STEPS": 20},
    "03_orbit": {"TOLERANCE": 1e-5},
}


class Barrier:
    """A finder in front of all others that refuses the tracer package and everything in it."""

    def find_spec(self, name: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """None for anything else, so that the next finder is asked."""
        if name == TRACER or name.startswith(f"{TRACER}."):
            raise ImportError(f"{name} is out of reach here")
        return None


def close_off() -> None:
    """From here on the tracer cannot be imported; it must not have been so far."""
    loaded = sorted(name for name in sys.modules if name.startswith(TRACER))
    assert loaded == [], f"already imported: {loaded}"
    sys.meta_path.insert(0, Barrier())


def run_example(name: str) -> None:
    """Run the `main` of an example in its short form; a fallback to the tracer is an error."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", ROOT / "examples" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for constant, value in SHORT.get(name, {}).items():
        assert hasattr(module, constant), f"{name} has no {constant} any more"
        setattr(module, constant, value)
    with warnings.catch_warnings():
        warnings.simplefilter("error", FallbackWarning)
        module.main()


def run_programs(count: int, first: int = 7000) -> Counter[str]:
    """Outcomes of random programs, by the path that `explain` names: "source ok" is what is hoped for."""
    found: Counter[str] = Counter()
    options = Options(modes=("reverse", "forward"))
    for seed in range(first, first + count):
        program = generate(seed)
        path = srcgrad.explain(program.load(), *program.args, argnums=program.argnums).path
        found[f"{path} {options.check(program).kind}"] += 1
    return found


def main() -> None:
    """Do what the command line says; the last line printed is JSON."""
    close_off()
    what, argument = sys.argv[1:]
    if what == "example":
        run_example(argument)
        print(json.dumps("done"))
    else:
        print(json.dumps(run_programs(int(argument))))


if __name__ == "__main__":
    main()
