"""The page of the language says what is: each example runs, on the path that its row tells, and is right."""

from __future__ import annotations

import re

import pytest

import srcgrad
from tests.docs.language import PAGE, Verdict, X, differences, functions, rows_of, verdict_of, with_tables

TEXT = PAGE.read_text(encoding="utf-8")
NAMES = [row.name for row in rows_of(TEXT)]


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """The functions of the page."""
    return functions(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def verdicts():
    """What was found out, to compare the tables with at the end."""
    return {}


@pytest.mark.parametrize("name", NAMES)
def test_the_path_is_what_the_table_says(name, examples, verdicts):
    found = verdicts[name] = verdict_of(examples[name])
    assert f"| `{name}` | {found} |" in TEXT
    told = srcgrad.explain(examples[name], X.copy()).path
    assert told == found.path or (told == "traced" and found.path == "refused")


@pytest.mark.parametrize("name", NAMES)
def test_the_derivative_is_right(name, examples):
    if f"`{name}` | refused" not in TEXT:
        assert max(differences(examples[name])) < 1e-7


def test_the_tables_are_as_they_are_written(examples, verdicts):
    missing = {name: verdict_of(examples[name]) for name in NAMES if name not in verdicts}
    assert with_tables(TEXT, {**verdicts, **missing}) == TEXT


def test_every_example_is_named_once():
    assert len(NAMES) == len(set(NAMES))
    assert len(NAMES) > 130


def test_nothing_in_the_page_is_an_example_without_a_row():
    assert len(re.findall(r"^(?:async )?def \w+\(x\):$", TEXT, re.M)) == len(NAMES)


def test_a_verdict_in_words():
    assert str(Verdict("source")) == "source"
    assert str(Verdict("traced", "`SourceError`, gone")) == "traced: `SourceError`, gone"
