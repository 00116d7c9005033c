"""The bodies of rules are programs to differentiate: their derivative against finite differences of the rule."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad.rules.core import Rule
from tests.finite import slope
from tests.rules import cases
from tests.rules.direct import Called, draw_like, is_active, leaves, step, tree
from tests.rules.duals import lifted, paired, plain, push, tangent_of

RULES = cases.named_rules()
CURVED = sorted(
    name
    for name, (_, rule) in RULES.items()
    if rule.kind in ("elementwise", "bilinear", "custom") and not name.startswith("scipy.")  # those: test_whole.py
)
MOST = 12  # samples per rule: what a body does not depend on much more than the rank


def flat(bars):
    """All numbers of a nest in one array."""
    return np.concatenate([np.zeros(0, complex), *(np.ravel(b).astype(complex) for b in leaves(list(bars)))])


def curvature(fn, rule, args, kwargs, rng):
    """The derivative of what a rule returns along a random direction: by duals, and by differences."""
    called = Called(rule, fn, args, kwargs)
    out_bar = draw_like(rng, called.primal())
    dots = cases.directions(rng, called)

    def moved(t):
        there = {n: tree(lambda v, d: step(v, d, t), called.operands[n], dots[n]) for n in dots}
        return flat(plain(returned(called, there, out_bar, rule.vjp)))

    duals = {n: paired(called.operands[n], dots[n]) for n in dots}
    found = returned(called, duals, out_bar, lifted(rule.vjp))
    return flat(tangent_of(found)), slope(moved)


def returned(called, operands, out_bar, vjp):
    """What a rule returns for these operands, as far as it belongs to active ones."""
    args, kwargs = called.arguments(operands)
    out = push(called.fn, tuple(args), kwargs) if called.rule.kind in ("custom", "elementwise") else None
    lead = {"elementwise": (out,), "custom": (out_bar, out)}.get(called.rule.kind, (out_bar,))
    bars = called.by_name(vjp(*lead, *args, **kwargs))
    return [bars[n] for n in called.operands]


def smooth_samples(name):
    """Some of the samples in double precision."""
    rule = RULES[name][1]
    found = [s for s in cases.samples_of(name) if not cases.single(s.args)]
    return found[:: max(1, len(found) // MOST)][:MOST]


@pytest.mark.parametrize("name", CURVED)
def test_body_is_differentiable(name):
    fn, rule = RULES[name]
    rng = cases.generator(name, 2)
    for k, (args, kwargs) in enumerate(smooth_samples(name)):
        with np.errstate(all="ignore"):
            out = fn(*args, **kwargs)
            if not is_active(out) or not Called(rule, fn, args, kwargs).operands:
                continue
            found, truth = curvature(fn, rule, args, kwargs, rng)
        scale = 1 + np.max(np.abs(truth.value), initial=0)
        if truth.trusted(scale, 1e-5):
            worst = np.max(np.abs(found - truth.value), initial=0)
            assert worst <= 1e-6 * scale + 10 * truth.error, f"sample {k}: {name}(*{args}, **{kwargs}): off by {worst}"


def test_a_body_that_loses_the_derivative_is_noticed():
    def body(out, x):
        return np.cos(np.floor(1e9 * x) / 1e9)

    rule = Rule((np.sin,), "elementwise", ("x",), body)
    with np.errstate(all="ignore"):
        found, truth = curvature(np.sin, rule, (np.array([0.3, 0.4]),), {}, np.random.default_rng(0))
    assert np.max(np.abs(found)) == 0
    assert np.max(np.abs(truth.value)) > 0.01
