"""The fuzzer notices each of the faults, and nothing once it is taken back."""

from __future__ import annotations

import pytest

from srcgrad.rules import core
from tests.fuzz.check import check
from tests.fuzz.generate import generate
from tests.fuzz.mutations import MUTATIONS, Mutation
from tests.fuzz.program import WEIGHTS
from tests.fuzz.run import FromSource

MOST = 60  # programs that concern a fault; the first or second nearly always shows it


def noticed(mutation: Mutation) -> int | None:
    """The seed of the first program that is wrong, or fails, because of the fault."""
    tried = 0
    for seed in range(20 * MOST):
        program = generate(seed, WEIGHTS[mutation.weights])
        if mutation.concerns(program.text):
            tried += 1
            with mutation.applied():
                faulty = check(program, FromSource())
            if faulty.kind in ("wrong", "error") and check(program, FromSource()).kind == "ok":
                return seed
        if tried == MOST:
            break
    return None


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.name)
def test_the_fault_is_noticed(mutation: Mutation) -> None:
    assert noticed(mutation) is not None


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.name)
def test_a_fault_is_taken_back(mutation: Mutation) -> None:
    before = dict(core._TABLE)
    with mutation.applied():
        pass
    assert core._TABLE == before


def test_there_are_enough_faults_of_both_kinds() -> None:
    kinds = [mutation.name.split(":")[0] for mutation in MUTATIONS]
    assert kinds.count("rule") >= 5
    assert kinds.count("pass") >= 5
    assert sum(mutation.weights == "language" for mutation in MUTATIONS) >= 10
