"""Random programs: the machinery on a numerical library, right and wrong on purpose, then srcgrad itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from srcgrad.errors import UnsupportedError
from tests import trees
from tests.fuzz.check import check, quiet, truth_of
from tests.fuzz.generate import generate
from tests.fuzz.numeric import Numeric
from tests.fuzz.program import CONSTRUCTS, GROUPS, WIDER, Program, allowed_constructs, wanted_constructs
from tests.fuzz.report import Report
from tests.fuzz.run import Options, run
from tests.fuzz.shrink import shrink


class Wrong(Numeric):
    """Forgets a quarter of the gradient of a function that has a loop."""

    def value_and_grad(self, f: Any, argnums: Any) -> Callable[..., Any]:
        right = super().value_and_grad(f, argnums)
        constants = f.__code__.co_names

        def both(*args: Any) -> Any:
            value, bars = right(*args)
            return value, trees.map_leaves(lambda _, x: 0.75 * x, bars) if "range" in constants else bars

        return both


class Refusing(Numeric):
    """Refuses everything."""

    def value_and_grad(self, f: Any, argnums: Any) -> Callable[..., Any]:
        raise UnsupportedError("not today")


class Careless(Numeric):
    """Writes into the arguments it is given."""

    def value_and_grad(self, f: Any, argnums: Any) -> Callable[..., Any]:
        right = super().value_and_grad(f, argnums)

        def both(x: Any, *args: Any) -> Any:
            found = right(x, *args)
            x += 1
            return found

        return both


class Crashing(Numeric):
    """Fails as a bug would."""

    def jvp(self, f: Any, args: Any, tangents: Any) -> Any:
        raise KeyError("no such value")


def test_the_same_seed_gives_the_same_program() -> None:
    assert generate(5).text == generate(5).text
    assert generate(5).text != generate(6).text


def test_programs_are_defined_bounded_and_smooth() -> None:
    report = Report()
    for seed in range(120):
        program = generate(seed)
        assert program.statements <= 40
        truth = truth_of(program)
        assert np.isfinite(truth.value)
        report.kinds["smooth"] += truth.smooth
    assert report.kinds["smooth"] > 108


def test_every_construct_occurs_often_enough() -> None:
    for weights, programs, least in (("spine", 1000, 4.5), ("language", 800, 2.5)):
        report = Report()
        for seed in range(programs):
            report.seen.update(generate(seed, allowed_constructs(None, weights)).constructs)
            report.programs += 1
        assert report.rare(wanted_constructs(weights), least) == []


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_a_group_alone_gives_programs_of_that_group(group: str) -> None:
    wanted = allowed_constructs(f"straight,{group}")
    for seed in range(15):
        program = generate(seed, wanted)
        with quiet():
            assert np.isfinite(program.load()(*trees.copied(program.args)))
        assert program.constructs <= wanted, program.text


def test_constants_have_no_tangent() -> None:
    assert trees.as_tangents(({"w": 2.0, "steps": 3}, 4), {}) == ({"w": 0.0, "steps": None}, None)


def test_unknown_groups_are_named() -> None:
    with pytest.raises(ValueError, match="unknown group or construct \\['loops'\\]"):
        allowed_constructs("straight,loops")


def test_every_construct_has_a_group() -> None:
    assert len(set(CONSTRUCTS)) == len(CONSTRUCTS)


def test_a_right_library_is_found_right() -> None:
    report = run(Options(library="numeric"), range(25))
    assert report.kinds["ok"] >= 22, str(report)
    assert report.kinds["wrong"] == report.kinds["error"] == 0, str(report)


@pytest.mark.parametrize(("library", "kind"), [(Refusing(), "refused"), (Careless(), "wrong"), (Crashing(), "error")])
def test_what_goes_wrong_has_its_kind(library: Numeric, kind: str) -> None:
    assert {check(generate(seed), library).kind for seed in range(5)} <= {kind, "not smooth"}


def test_a_wrong_program_shrinks_to_what_matters() -> None:
    library = Wrong()
    program = next(p for p in map(generate, range(100)) if check(p, library).kind == "wrong")
    small = shrink(program, partial(check, library=library), check(program, library), attempts=300)
    assert small.statements < program.statements
    assert small.statements <= 5
    assert "range" in small.text


def test_refusals_are_counted_by_construct_and_cause() -> None:
    report = Report()
    for seed in range(3):
        program: Program = generate(seed)
        report.add(seed, program.constructs, check(program, Refusing()))
    assert report.kinds["refused"] == 3
    assert "3 x refused: UnsupportedError: not today" in str(report)
    assert "3 refused (100.0 %)" in report.summary()


# srcgrad itself


def test_random_programs_survive_the_way_to_ir_and_back() -> None:
    report = run(Options(primal=True), range(9000, 9040))
    print(report)
    assert report.kinds["wrong"] == report.kinds["error"] == 0, report.failures[0]


def test_random_programs_are_right() -> None:
    report = run(Options(), range(200))
    print(report)
    assert report.kinds["wrong"] == report.kinds["error"] == 0, report.failures[0]
    assert report.share(report.kinds["refused"]) < 1.0, str(report)
    assert report.share(report.kinds["not smooth"]) < 10.0


def test_random_programs_of_the_language_are_right() -> None:
    report = run(Options(weights="language", second=6), range(60))
    print(report)
    assert report.kinds["wrong"] == report.kinds["error"] == 0, report.failures[0]


def test_what_is_not_claimed_is_refused_not_wrong() -> None:
    report = run(Options(weights="refused"), range(700, 740))
    print(report)
    assert report.kinds["wrong"] == report.kinds["error"] == 0, report.failures[0]


def test_language_programs_are_defined_and_make_use_of_it() -> None:
    wider = 0
    for seed in range(150):
        program = generate(seed, allowed_constructs(None, "refused"))
        with quiet():
            assert np.isfinite(program.load()(*trees.copied(program.args)))
        wider += len(program.constructs & WIDER)
    assert wider > 150 * 4


def test_random_programs_are_right_at_second_order() -> None:
    report = run(Options(order=2), range(5000, 5020))
    print(report)
    assert report.kinds["wrong"] == report.kinds["error"] == 0, report.failures[0]
