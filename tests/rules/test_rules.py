"""Every rule on its samples: reverse against forward against finite differences, in every dtype."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad.rules.core import Rule, Sample
from tests.rules import cases

RULES = cases.named_rules()
DIFFERENTIABLE = sorted(name for name, (_, rule) in RULES.items() if rule.kind not in ("constant", "defined"))


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_rule(name):
    fn, rule = RULES[name]
    rng = cases.generator(name, 1)
    smooth = []
    for k, (args, kwargs) in enumerate(cases.samples_of(name)):
        try:
            smooth.append(cases.check(fn, rule, args, kwargs, rng))
        except cases.Mismatch as error:
            raise AssertionError(f"sample {k}: {error}: {name}(*{args}, **{kwargs})") from None
    assert np.mean(smooth) > 0.7, "most samples must be where finite differences can be trusted"


def broken(vjp, kind="elementwise", **facts):
    """A rule for np.sin with something wrong in it."""
    return Rule((np.sin,), kind, ("x",), vjp, **facts)


BROKEN = {
    "wrong sign": (broken(lambda out, x: -np.cos(x)), np.array([0.3, 0.4])),
    "wrong by a little": (broken(lambda out, x: np.cos(x) * (1 + 1e-5)), np.array([0.3, 0.4])),
    "reverse differs from forward": (
        broken(lambda bar, out, x: 2 * bar * np.cos(x), "custom", jvp_fn=lambda out, x, *, x_dot: np.cos(x) * x_dot),
        np.array([0.3, 0.4]),
    ),
    "wrong in one element": (broken(lambda out, x: np.where(x > 0.35, 0.0, np.cos(x))), np.array([0.3, 0.4])),
    "conjugated": (broken(lambda out, x: np.conj(np.cos(x))), np.array([0.3 + 1j, 0.4 - 1j])),
    "leaks double precision": (broken(lambda out, x: np.cos(np.float64(1) * x)), np.array([0.3, 0.4], np.float32)),
    "wrong in single precision": (
        broken(lambda out, x: np.cos(x) + np.asarray(0.1 if x.dtype == np.float32 else 0, x.dtype)),
        np.array([0.3, 0.4], np.float32),
    ),
    "not linear": (broken(lambda bar, x: bar, "linear"), np.array([0.3, 0.4])),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_rule_is_noticed(fault):
    rule, x = BROKEN[fault]
    with pytest.raises(cases.Mismatch):
        cases.check(np.sin, rule, *Sample((x,)), np.random.default_rng(0))


@pytest.mark.parametrize("name", sorted(RULES))
def test_there_are_samples(name):
    assert cases.samples_of(name)
