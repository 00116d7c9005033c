"""The records in `tests/data`: numbers as JSON and back, bit for bit."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

DATA = Path(__file__).resolve().parents[1] / "data"


def encoded(result: dict[str, Any]) -> dict[str, Any]:
    """Numbers and nested lists of them."""
    value = float(np.real(np.asarray(result["value"])).item())
    parts = {part: [np.asarray(x).tolist() for x in result[part]] for part in ("gradient", "second") if part in result}
    return {"value": value, **parts}


@cache
def read(peer: str) -> dict[str, dict[str, Any]]:
    """The cases of one package by name."""
    cases: dict[str, dict[str, Any]] = json.loads((DATA / f"peers_{peer}.json").read_text())["cases"]
    return cases


def peers() -> list[str]:
    """The packages that there are records of."""
    return sorted(path.stem.removeprefix("peers_") for path in DATA.glob("peers_*.json"))
