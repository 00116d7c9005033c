"""The page of the language: its examples, what becomes of each, and the tables that say so.

A comment that begins with ``#:`` names a construct; the function below it is its example. After a change of the
language, write the tables again and read the difference::

    python -m tests.docs.language
"""

from __future__ import annotations

import os
import re
import tempfile
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import srcgrad
from tests import finite
from tests.docs.blocks import ROOT, blocks_of, run

PAGE = ROOT / "docs" / "language.md"
X = np.array([0.3, 0.7, 1.2])
ROW = re.compile(r"^#: (?P<what>.+)\n(?:@.+\n)*(?:async )?def (?P<name>\w+)\(x\):$", re.M)
SECTION = re.compile(
    r"^(?P<title>## [^\n]+\n\n)(?P<table>(?:\|[^\n]*\n)*\n?)(?P<blocks>```python\n.*?^```\n)", re.M | re.S
)
HEADER = ["| construct | example | path |", "|---|---|---|"]


@dataclass(frozen=True)
class Row:
    """A construct, and the name of its example."""

    what: str
    name: str


def rows_of(text: str) -> list[Row]:
    """The constructs of a text, in order."""
    return [Row(found["what"], found["name"]) for found in ROW.finditer(text)]


def functions(folder: Path) -> dict[str, Callable[..., Any]]:
    """Every function of the page, by name; the blocks are run as files of a folder."""
    page = types.ModuleType("page")
    for _ in run(blocks_of(PAGE.read_text(encoding="utf-8")), folder, page):
        continue
    return {name: thing for name, thing in vars(page).items() if callable(thing)}


@dataclass(frozen=True)
class Verdict:
    """What becomes of an example: the path, and the error where the source is not enough."""

    path: str
    error: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.error}" if self.error else self.path


def verdict_of(f: Callable[..., Any]) -> Verdict:
    """The path that `explain` tells, checked: the source must be enough, tracing must work, a refusal must come."""
    strict = failure(f, fallback="error")
    if strict is None:
        return Verdict("source")
    traced = failure(f, fallback="silent")
    path = srcgrad.explain(f, X.copy()).path
    return Verdict(path, said(strict)) if traced is None else Verdict("refused", said(traced))


def failure(f: Callable[..., Any], **options: Any) -> srcgrad.SrcgradError | None:
    """The error of a call, None where there is none. Any other exception than srcgrad's own is a bug."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            srcgrad.grad(f, **options)(X.copy())
    except srcgrad.SrcgradError as error:
        return error
    return None


def said(error: srcgrad.SrcgradError) -> str:
    """The class of an error, and its message."""
    message = error.message.rstrip(".").replace("|", "\\|")
    return f"`{type(error).__name__}`, {message}"


def differences(f: Callable[..., Any]) -> tuple[float, float]:
    """How far the gradient and the tangent are from finite differences."""
    expected, unsure = finite.gradient(f, (X,), 0)
    scale = 1 + float(np.max(np.abs(expected)))
    assert unsure < 1e-8 * scale, "the difference itself is not sure"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = srcgrad.grad(f, fallback="silent")(X.copy())
        slope = srcgrad.jvp(f, (X.copy(),), (np.array([1.0, -2.0, 0.5]),))[1]
    tangent = abs(float(slope) - float(expected @ [1.0, -2.0, 0.5]))
    return float(np.max(np.abs(found - expected))) / scale, tangent / scale


def table(rows: list[Row], known: dict[str, Verdict]) -> Iterator[str]:
    """The lines of a section's table."""
    yield from HEADER
    for row in rows:
        what = row.what.replace("|", "\\|")
        yield f"| {what} | `{row.name}` | {known[row.name]} |"


def with_tables(text: str, known: dict[str, Verdict]) -> str:
    """The page with its tables as they have to be."""

    def section(found: re.Match[str]) -> str:
        rows = rows_of(found["blocks"])
        lines = "\n".join(table(rows, known)) + "\n\n" if rows else ""
        return found["title"] + lines + found["blocks"]

    return SECTION.sub(section, text)


def write() -> None:
    """Write the tables into the page."""
    text = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        known = functions(Path(folder))
        verdicts = {row.name: verdict_of(known[row.name]) for row in rows_of(text)}
    PAGE.write_text(with_tables(text, verdicts), encoding="utf-8")


if __name__ == "__main__":
    os.environ["SRCGRAD_NO_CACHE"] = "1"
    write()
