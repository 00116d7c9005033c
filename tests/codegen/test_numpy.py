"""The careful emitter against the plain one, on random and on chosen functions."""

from __future__ import annotations

import copy
from random import Random

import numpy as np
import pytest

from srcgrad.analysis.aliases import Aliases
from srcgrad.codegen.nest import _Nester
from srcgrad.ir.verify import verify
from tests.codegen import corpus
from tests.codegen.compare import check, emitted
from tests.codegen.random_programs import arguments, random_program

COUNT = 120


def run(seed: int) -> None:
    """Check one random function."""
    func = random_program(Random(seed))
    with np.errstate(all="ignore"):
        check(func, arguments(np.random.default_rng(seed)))


@pytest.mark.parametrize("part", range(3))
def test_random_programs(part):
    for seed in range(COUNT * part, COUNT * (part + 1)):
        verify(random_program(Random(seed)))
        run(seed)


def failures(seeds: range) -> int:
    count = 0
    for seed in seeds:
        try:
            run(seed)
        except (AssertionError, ValueError, IndexError, TypeError):
            count += 1
    return count


MUTATIONS = [
    (Aliases, "reach", lambda self, mask, related=None: mask, 60),
    (Aliases, "_append", lambda self, call: None, 400),
    (_Nester, "invalidate", lambda self, pending, touched: None, 400),
]


@pytest.mark.parametrize(("owner", "name", "broken", "count"), MUTATIONS)
def test_a_missing_rule_is_noticed(owner, name, broken, count, monkeypatch):
    monkeypatch.setattr(owner, name, broken)
    assert failures(range(count)) > 0


@pytest.mark.parametrize("name", sorted(corpus.PROGRAMS))
def test_chosen_functions(name):
    made = corpus.PROGRAMS[name]()
    verify(made.func)
    check(made.func, copy.deepcopy(made.args))
    assert emitted(made.func) == made.text


def test_the_function_is_not_changed():
    func = random_program(Random(3))
    before = str(func)
    emitted(func)
    assert str(func) == before
