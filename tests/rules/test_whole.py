"""Rules of whole functions through programs: both modes at first and second order against differences."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules import cases
from tests.rules.derivatives import check
from tests.rules.shares import share

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
    check(fn, rule, args, kwargs)
