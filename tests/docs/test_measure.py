"""The page of figures: each row has a command, and each command names what is there."""

from __future__ import annotations

import importlib
import importlib.util
import re
import shlex
import shutil

import pytest

from tests.docs.blocks import ROOT

ROW = re.compile(r"^\| (?P<claim>.+?) \| (?P<commands>`.+?`.*?) \| (?P<figure>.+?) \|$", re.M)
DATED = re.compile(r"20\d\d-\d\d-\d\d$")
NOT_MEASURED = "–"


def rows():
    """Claim, commands and figure of each row."""
    text = (ROOT / "docs" / "measure.md").read_text(encoding="utf-8")
    table = [line for line in text.splitlines() if line.startswith("|")][2:]
    for line in table:
        match = ROW.match(line)
        assert match is not None, line
        yield match["claim"], re.findall(r"`(.+?)`", match["commands"]), match["figure"]


def commands():
    """Every single command."""
    return [part.strip() for _, found, _ in rows() for line in found for part in line.split("&&")]


#: Programs that the tests' own set-up does not bring.
OWN_SET_UP = {"sphinx-build", "pre-commit"}


@pytest.mark.parametrize("command", commands())
def test_command_names_what_is_there(command):
    program, *arguments = shlex.split(command)
    if program == "python" and arguments[0] == "-m":
        assert importlib.util.find_spec(arguments[1]) is not None
        claims = getattr(importlib.import_module(arguments[1]), "CLAIMS", None)
        assert claims is None or set(arguments[2:]) <= set(claims)
    elif program in ("python", "pytest"):
        paths = [a for a in arguments if "/" in a]
        assert paths
        assert [a for a in paths if not (ROOT / a).exists()] == []
    else:
        assert (ROOT / program).exists() or shutil.which(program) or program in OWN_SET_UP


def test_figures_have_a_date():
    assert [claim for claim, _, figure in rows() if figure != NOT_MEASURED and not DATED.search(figure)] == []
