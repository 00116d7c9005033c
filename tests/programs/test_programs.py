"""Whole programs as people write them: both modes agree with differences, and their source is read, never traced."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import srcgrad
from tests import trees
from tests.programs.programs import NAMES, Program, forward, load, reverse, slopes


@pytest.fixture(scope="module")
def known() -> dict[str, list[float]]:
    """Slopes already worked out."""
    return {}


def truth(known: dict[str, list[float]], program: Program) -> list[float]:
    """The slopes of a program, once."""
    if program.name not in known:
        known[program.name] = slopes(program)
    return known[program.name]


@pytest.mark.parametrize("name", NAMES)
def test_gradient(name: str, known: dict[str, list[float]]) -> None:
    program = load(name)
    np.testing.assert_allclose(reverse(program, fallback="error"), truth(known, program), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_tangent(name: str, known: dict[str, list[float]]) -> None:
    program = load(name)
    np.testing.assert_allclose(forward(program), truth(known, program), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_arguments_stay(name: str) -> None:
    program = load(name)
    args = program.fresh()
    srcgrad.grad(program.f, argnums=program.argnums, fallback="error")(*args)
    for path, leaf in trees.leaves(program.args):
        np.testing.assert_array_equal(trees.at(args, path), leaf)


def test_most_are_read_from_source() -> None:
    paths = [_path(load(name)) for name in NAMES]
    assert paths.count("source") >= 0.95 * len(NAMES)


def _path(program: Program) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", srcgrad.FallbackWarning)
        call = srcgrad.grad(program.f, argnums=program.argnums)
        call(*program.fresh())
        return srcgrad.explain(call).path
