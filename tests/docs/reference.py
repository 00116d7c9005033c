"""The page of all public names, with the class of each. After a change of the rules, write it again::

python -m tests.docs.reference
"""

from __future__ import annotations

import sys
from itertools import groupby

import numpy as np

from tests.docs.blocks import ROOT
from tests.rules.classification import Name, counts, everything

PAGE = ROOT / "docs" / "reference.md"
HEAD = """# Every name

What becomes of each public name of NumPy, of `math`, `operator` and the builtins where a value with a derivative is
passed to it:

- *differentiable*: it has a rule, in both modes;
- *interpreted*: the transform reads or replaces the call, as it does with Python's own statements;
- *constant*: its derivative is zero almost everywhere, or it makes constants;
- *opaque*: text, bytes, files, the system; it is called with constants only;
- *not supported*: it is called with constants only, and the last column tells what to use instead.

`python -m tests.docs.reference` writes this page, and a test compares it with the rules.
"""


def versions() -> str:
    """What the page was written with."""
    return f"NumPy {'.'.join(np.__version__.split('.')[:2])}, Python {sys.version_info[0]}.{sys.version_info[1]}"


def row(each: Name) -> str:
    """A line of a table."""
    return f"| `{each.name}` | {each.kind} | {each.why} |"


def section(where: str, names: list[Name]) -> str:
    """The table of one namespace."""
    rows = [row(each) for each in sorted(names, key=lambda each: each.name)]
    return "\n".join([f"## {where}", "", "| name | class | why, and what instead |", "|---|---|---|", *rows, ""])


def page() -> str:
    """The whole page."""
    names = everything()
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(counts(names).items()))
    parts = [section(where, list(group)) for where, group in groupby(names, key=lambda each: each.where)]
    return "\n".join([HEAD, f"{versions()}: {len(names)} names, {told}.", "", *parts])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
