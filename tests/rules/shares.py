"""Which of many cases CI tries: the first of each rule and a fixed share of the rest; `-m sweep` tries the others."""

from __future__ import annotations

import zlib
from typing import Any

import pytest

ONE_IN = 6


def share(cases: list[Any], one_in: int = ONE_IN) -> list[Any]:
    """The cases, those that CI leaves out marked as sweep."""
    return [case if _is_kept(case.id, one_in) else pytest.param(*case.values, id=case.id, marks=pytest.mark.sweep)
            for case in cases]  # fmt: skip


def _is_kept(name: str, one_in: int) -> bool:
    return name.endswith("-0") or zlib.crc32(name.encode()) % one_in == 0
