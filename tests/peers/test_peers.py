"""srcgrad beside what other packages gave when `tests.peers.record` was run: equal, or differing for a known reason."""

from __future__ import annotations

import json

import numpy as np
import pytest

import srcgrad
from tests.peers.differences import DIFFERENCES
from tests.peers.functions import CASES
from tests.peers.record import direction
from tests.peers.recorded import DATA, peers, read

BY_NAME = {case.name: case for case in CASES}


def found(case):
    """What srcgrad gives, in the form of the records."""
    places = tuple(range(len(case.args)))
    value, gradient = srcgrad.value_and_grad(case.f, places, fallback="error")(*case.args)
    result = {"value": value, "gradient": gradient}
    if case.twice:
        g = srcgrad.grad(case.f, places, fallback="error")
        result["second"] = srcgrad.jvp(g, case.args, direction(case.args))[1]
    return result


def close(ours, theirs):
    return all(np.allclose(a, b, rtol=1e-9, atol=1e-11, equal_nan=True) for a, b in zip(ours, theirs, strict=True))


def disagreements(ours, theirs):
    """The parts that differ; none where the package could not."""
    if "refused" in theirs:
        return []
    parts = [part for part in ("gradient", "second") if part in theirs and not close(ours[part], theirs[part])]
    return parts if close([ours["value"]], [theirs["value"]]) else ["value", *parts]


@pytest.mark.parametrize("name", BY_NAME)
def test_as_recorded(name):
    ours = found(BY_NAME[name])
    records = {peer: read(peer)[name] for peer in peers()}
    differing = {peer: theirs for peer, theirs in records.items() if disagreements(ours, theirs)}
    expected = DIFFERENCES[name].peers if name in DIFFERENCES else ()
    assert set(differing) == set(expected), f"srcgrad: {ours}, {differing}"


@pytest.mark.parametrize("name", DIFFERENCES)
def test_where_peers_differ_the_conventions_hold(name):
    gradient = found(BY_NAME[name])["gradient"]
    assert close(gradient, DIFFERENCES[name].gradient), gradient


def test_every_case_is_recorded_and_none_is_left_over():
    assert peers() == ["autograd", "casadi", "jax", "torch"]
    assert {peer: set(read(peer)) for peer in peers()} == {peer: set(BY_NAME) for peer in peers()}
    assert len(BY_NAME) == len(CASES) >= 60


def test_versions_are_recorded():
    for peer in peers():
        assert peer in json.loads((DATA / f"peers_{peer}.json").read_text())["versions"]


def test_most_cases_are_compared_with_several_packages():
    compared = [sum("refused" not in read(peer)[name] for peer in peers()) for name in BY_NAME]
    assert min(compared) >= 1
    assert sum(count >= 3 for count in compared) >= 60
