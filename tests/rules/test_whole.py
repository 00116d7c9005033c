"""Rules of whole functions through programs: both modes at first and second order against differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests import trees
from tests.rules import cases
from tests.rules.shares import share
from tests.rules.test_defined import compare, operand_of, parts, turned

CHAPTERS = (
    "bessel",
    "gammas",
    "parts",
    "pieces",
    "scipy_linalg",
    "sets",
    "signals",
    "softmax",
    "solvers",
    "special",
    "windows",
)
RULES = {
    name: (fn, rule)
    for name, (fn, rule) in cases.named_rules().items()
    if rule.vjp is not None and rule.kind != "defined" and rule.vjp.__module__.rpartition(".")[2] in CHAPTERS
}
CASES = [
    pytest.param(name, args, kwargs, id=f"{name}-{k}")
    for name in sorted(RULES)
    for k, (args, kwargs) in enumerate(cases.samples_of(name))
    if not cases.single((args, list(kwargs.values())))
]


@pytest.mark.parametrize(("name", "args", "kwargs"), share(CASES))
def test_derivatives(name: str, args: Any, kwargs: Any) -> None:
    fn, rule = RULES[name]
    rng = np.random.default_rng(3)
    weights = [rng.normal(size=np.shape(part)) for part in parts(fn(*args, **kwargs))]

    def one(given: Any) -> Any:
        return np.sum(weights[0] * np.abs(fn(*given[0], **given[1]) + 0.3) ** 2)

    def several(given: Any) -> Any:
        total = 0.0
        for weight, part in zip(weights, fn(*given[0], **given[1])):
            total = total + np.sum(weight * np.abs(part + 0.3) ** 2)
        return total

    given = (tuple(args), dict(kwargs))
    ways = trees.random_direction(rng, given)
    way = {path: turned(rule, dot) for path, dot in ways.items() if operand_of(rule, path) in rule.operands}
    compare(several if isinstance(fn(*args, **kwargs), (list, tuple)) else one, given, way)
