"""The code blocks of a page: find them, run them in order in one namespace, compare or rewrite what they print.

A ``python`` block is run; a ``text`` block right after it is what it prints. Blocks of other languages are only shown.
After a change of what srcgrad prints, rewrite the pages and read the difference::

    python -m tests.docs.blocks README.md docs/*.md
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import tempfile
import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```python\n(?P<code>.*?)^```\n(?:\n*```text\n(?P<output>.*?)^```\n)?", re.M | re.S)


@dataclass
class Block:
    """Code, what the page says it prints (None: nothing is said), and where that stands in the page."""

    code: str
    output: str | None
    line: int
    output_at: tuple[int, int]


def pages() -> list[Path]:
    """The pages whose blocks are run."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks_of(text: str) -> list[Block]:
    """The runnable blocks of a page."""
    return [
        Block(m["code"], m["output"], text.count("\n", 0, m.start()) + 2, m.span("output"))
        for m in BLOCK.finditer(text)
    ]


def run(blocks: list[Block], folder: Path, page: types.ModuleType | None = None) -> Iterator[str]:
    """What each block prints; each is a file of its own, named by its number, so that messages can point into it."""
    page = types.ModuleType("page") if page is None else page
    sys.modules["page"] = page  # where classes look for their module
    namespace: dict[str, Any] = vars(page)
    for number, block in enumerate(blocks, 1):
        path = folder / f"example{number}.py"
        path.write_text(block.code, encoding="utf-8")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.chdir(folder):
            exec(compile(block.code, str(path), "exec"), namespace)
        yield printed.getvalue()


def refresh(page: Path) -> None:
    """Write what the blocks print now into the page."""
    text = page.read_text(encoding="utf-8")
    blocks = blocks_of(text)
    with tempfile.TemporaryDirectory() as folder:
        printed = list(run(blocks, Path(folder)))
    for block, output in reversed(list(zip(blocks, printed, strict=True))):
        start, end = block.output_at
        if block.output is not None:
            text = text[:start] + output + text[end:]
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    os.environ["SRCGRAD_NO_CACHE"] = "1"
    for name in sys.argv[1:]:
        refresh(Path(name))
