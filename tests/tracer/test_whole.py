"""Whole functions by tracing: the agreed conventions, the golden functions, random programs."""

from __future__ import annotations

import numpy as np
import pytest

import srcgrad
from tests import trees
from tests.conventions.test_golden_table import ROWS, copied, directions
from tests.fuzz.check import check, quiet
from tests.fuzz.generate import generate
from tests.golden.test_golden import NAMES, load
from tests.tracer.library import ByTracing

TRACER = ByTracing()
# Two calls of eigh are one after common subexpressions are found, which is the source path's business alone: NaN here.
HERE = [row for row in ROWS if "no rule" not in row.xfail and row.name != "eigh, what both vectors span"]
# The square root of a sum of squares is recognised on the way back only.
FORWARD_NORMS = [
    row.name for row in ROWS if row.name.startswith(("sqrt(sum", "sqrt(x @", "sqrt(dot", "sum(x**2)**0.5"))
]


@pytest.mark.parametrize("row", HERE, ids=lambda row: row.name)
def test_convention(row):
    args = copied(row.args)
    with np.errstate(all="ignore"):
        found = TRACER.grad(row.f, row.argnums)(*args)
    for got, wanted in zip(found, row.wanted, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-13)
    for after, before in zip(args, row.args, strict=True):
        np.testing.assert_array_equal(after, before)


@pytest.mark.parametrize("row", [r for r in HERE if r.name not in FORWARD_NORMS], ids=lambda row: row.name)
def test_convention_forward(row):
    for argnum, wanted in zip(row.argnums, row.wanted, strict=True):
        for step, index in directions(row.args[argnum]):
            tangents = tuple(step if i == argnum else None for i in range(len(row.args)))
            with np.errstate(all="ignore"):
                found = TRACER.jvp(row.f, copied(row.args), tangents)[1]
            slope = np.asarray(wanted)[index] * (step if index == () else 1)
            np.testing.assert_allclose(found, np.real(slope), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", NAMES)
def test_golden_function(name):
    golden = load(name)
    if golden.mode not in ("grad", "value_and_grad"):
        return
    with quiet():
        value, expected = srcgrad.value_and_grad(golden.f, golden.positions)(*trees.copied(golden.args))
        ours, found = TRACER.value_and_grad(golden.f, golden.positions)(*trees.copied(golden.args))
    assert float(ours) == pytest.approx(float(value), rel=1e-12)
    for path, leaf in trees.leaves(expected):
        got = trees.at(found, path)
        assert type(got) is type(leaf)
        assert getattr(got, "dtype", None) == getattr(leaf, "dtype", None)
        np.testing.assert_allclose(got, leaf, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("seed", range(7000, 7120))
def test_random_program(seed):
    outcome = check(generate(seed), TRACER, 2 if seed % 3 == 0 else 1)
    assert outcome.kind in ("ok", "not smooth"), outcome.detail
