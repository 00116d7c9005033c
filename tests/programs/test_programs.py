"""Whole programs as people write them: both modes agree with differences, and their source is read, never traced."""

from __future__ import annotations

import numpy as np
import pytest

import srcgrad
from tests import trees
from tests.programs.programs import NAMES, load, paired, slopes, tangents


@pytest.mark.parametrize("name", NAMES)
def test_both_modes(name: str) -> None:
    program = load(name)
    truth = slopes(program)
    gradient = srcgrad.grad(program.f, argnums=program.argnums, fallback="error")
    args = program.fresh()
    np.testing.assert_allclose(paired(program, gradient(*args)), truth, rtol=1e-7, atol=1e-7)
    assert srcgrad.explain(gradient).path == "source"
    for path, leaf in trees.leaves(program.args):
        np.testing.assert_array_equal(trees.at(args, path), leaf)
    np.testing.assert_allclose(tangents(program), truth, rtol=1e-7, atol=1e-7)


def test_there_are_sixty() -> None:
    assert len(NAMES) >= 60
