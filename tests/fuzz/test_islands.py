"""Random programs of which random statements are islands: the derivatives are those of the program."""

import warnings

import pytest

from tests.fuzz.check import check
from tests.fuzz.generate import generate
from tests.fuzz.islands import Islands

SEEDS = (0, 3, 7, 11, 19, 23)


def outcome(seed, order=1):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return check(generate(seed), Islands(), order, ("reverse", "forward"))


@pytest.mark.parametrize("seed", SEEDS)
def test_random_statements_may_be_islands(seed):
    assert outcome(seed).kind == "ok"


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(5000, 5200))
def test_many(seed):
    assert outcome(seed).kind in ("ok", "rough", "not smooth")
