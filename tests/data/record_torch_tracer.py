"""Record what torch gives for the rows and the random sequences: ``python -m tests.data.record_torch_tracer``, by hand.

Needs torch (the extra `peers`). Writes ``torch_tracer.json`` and ``torch_tracer_sequences.json`` beside this file.
"""

from __future__ import annotations

import importlib
import json
import warnings
from pathlib import Path

from tests.tracer.rows import ROWS, numbers
from tests.tracer.sequences import RECORDED, run

HERE = Path(__file__).parent


def record():
    """Write both files."""
    torch = importlib.import_module("torch")
    importlib.import_module("torch.utils.checkpoint")
    torch.set_default_dtype(torch.float64)
    warnings.simplefilter("ignore")
    rows = {name: numbers(fn(torch)) for name, fn in ROWS.items()}
    write("torch_tracer.json", {"torch": torch.__version__, "rows": rows})
    cases = {str(seed): run(torch, seed) for seed in RECORDED}
    for case in cases.values():
        case.pop("why", None)
        case.pop("lines")
    write("torch_tracer_sequences.json", {"torch": torch.__version__, "sequences": cases})


def write(name, content):
    """One line for each case."""
    text = json.dumps(content, indent=0).replace("\n", "\n")
    (HERE / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()
