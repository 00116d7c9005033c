"""Every code block of the README and of the docs runs, and prints what the page says."""

from __future__ import annotations

import pytest

from tests.docs.blocks import ROOT, blocks_of, pages, run

COMMANDS = [
    "pip install -e '.[all]' && python examples/01_digits.py",
    "pip install -e '.[all,test]' && pytest -n 2",
]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_blocks_print_what_the_page_says(page, tmp_path):
    blocks = blocks_of(page.read_text(encoding="utf-8"))
    for block, printed in zip(blocks, run(blocks, tmp_path), strict=True):
        if block.output is not None:
            assert printed == block.output, f"{page.name}, block in line {block.line}"


def test_readme_has_the_two_commands():
    shell = [line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("pip ")]
    assert shell == COMMANDS


def test_blocks_are_found():
    text = "a\n```python\nprint(1)\n```\n\n```text\n1\n```\n```python\nx = 2\n```\n"
    found = blocks_of(text)
    assert [(b.code, b.output, b.line) for b in found] == [("print(1)\n", "1\n", 3), ("x = 2\n", None, 10)]
