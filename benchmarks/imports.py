"""What importing costs beyond NumPy, measured: ``python -m benchmarks.imports``.

Fresh interpreters in turn, with bytecode written beforehand as an installation has it; medians of what a statement
takes longer than ``import numpy`` does in the same round.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

BASE = "import numpy"
STATEMENTS = ("import numpy, srcgrad", "import numpy; from srcgrad import grad", "import numpy, gast, optree")
ROUNDS = 15
AIM = 40.0  # milliseconds, for the first statement


def environment(bytecode: str) -> dict[str, str]:
    """That of this process, with bytecode written into a folder of its own."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": bytecode}


def seconds(statement: str, env: dict[str, str]) -> float:
    """From the start of an interpreter to its end."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], env=env, check=True)
    return time.perf_counter() - start


def main() -> int:
    """Measure, print, and fail where the aim is missed."""
    beyond: dict[str, list[float]] = {statement: [] for statement in STATEMENTS}
    with tempfile.TemporaryDirectory() as bytecode:
        env = environment(bytecode)
        for statement in (BASE, *STATEMENTS):
            seconds(statement, env)
        for _ in range(ROUNDS):
            base = seconds(BASE, env)
            for statement in STATEMENTS:
                beyond[statement].append((seconds(statement, env) - base) * 1e3)
    medians = {statement: statistics.median(times) for statement, times in beyond.items()}
    for statement, median in medians.items():
        print(f"{statement:40} {median:6.1f} ms over `{BASE}`")
    print(f"aim for `{STATEMENTS[0]}`: at most {AIM:.0f} ms")
    return int(medians[STATEMENTS[0]] > AIM)


if __name__ == "__main__":
    sys.exit(main())
