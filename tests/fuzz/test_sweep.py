"""Long runs: they stop, go on, share the work and add up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.check import Outcome
from tests.fuzz.program import CONSTRUCTS
from tests.fuzz.report import Report
from tests.fuzz.run import Options, run
from tests.fuzz.sweep import complaints, extend, read, seeds_of, summed_up, total

NUMERIC = Options(only="straight", library="numeric", statements=8)


def test_shards_cover_all_seeds_once() -> None:
    assert sorted([*seeds_of(5, 7, "0/2"), *seeds_of(5, 7, "1/2")]) == list(range(5, 12))


def test_a_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    record = tmp_path / "record"
    extend(record, NUMERIC, range(25), jobs=1, seconds=0.0)
    assert list(read(record)[1]) == list(range(10))
    with record.open("a") as file:
        file.write('{"seed": 10, "kin')  # as if stopped while it wrote
    extend(record, NUMERIC, range(25), jobs=1, seconds=1e9)
    assert list(read(record)[1]) == list(range(25))
    assert str(total([record])) == str(run(NUMERIC, range(25)))


def test_shards_add_up(tmp_path: Path) -> None:
    records = [tmp_path / "a", tmp_path / "b"]
    for k, record in enumerate(records):
        extend(record, NUMERIC, seeds_of(0, 12, f"{k}/2"), jobs=1, seconds=1e9)
    assert total(records).summary() == run(NUMERIC, range(12)).summary()


def test_other_programs_do_not_get_into_a_record(tmp_path: Path) -> None:
    extend(tmp_path / "record", NUMERIC, range(2), jobs=1, seconds=1e9)
    with pytest.raises(SystemExit, match="of other options"):
        extend(tmp_path / "record", Options(), range(2), jobs=1, seconds=1e9)


def filled(kind: str, bad: int, constructs: tuple[str, ...] = CONSTRUCTS) -> Report:
    """A report of 300 programs, some of a kind that is not right."""
    report = Report()
    for seed in range(300):
        report.add(seed, constructs, Outcome(kind if seed < bad else "ok", signature="why"))
    return report


def test_what_breaks_the_promise_is_said() -> None:
    assert complaints(filled("ok", 0)) == []
    assert complaints(filled("refused", 2)) == []
    assert complaints(filled("refused", 3)) == ["refused 1.00 %"]
    assert complaints(filled("wrong", 1)) == ["1 wrong"]
    assert complaints(filled("ok", 0, CONSTRUCTS[1:])) == [f"`{CONSTRUCTS[0]}` in 0.0 %"]
    assert "wrong 0: why" in summed_up(filled("wrong", 1))
