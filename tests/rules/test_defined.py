"""Functions that a rule defines by others: the same values, and right derivatives in both modes, twice."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from srcgrad.rules.core import Rule
from tests.rules import cases
from tests.rules.derivatives import check, parts
from tests.rules.shares import share

RULES: dict[str, tuple[Any, Rule]] = {
    name: pair for name, pair in cases.named_rules().items() if pair[1].kind == "defined"
}
CASES = [
    pytest.param(name, args, kwargs, id=f"{name}-{k}")
    for name in sorted(RULES)
    for k, (args, kwargs) in enumerate(cases.samples_of(name))
]


@pytest.mark.parametrize(("name", "args", "kwargs"), CASES)
def test_value(name: str, args: Any, kwargs: Any) -> None:
    fn, rule = RULES[name]
    assert rule.vjp is not None
    for mine, theirs in zip(parts(rule.vjp(*args, **kwargs)), parts(fn(*args, **kwargs)), strict=True):
        assert np.shape(mine) == np.shape(theirs)
        assert np.asarray(mine).dtype == np.asarray(theirs).dtype
        np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", sorted(name for name, (fn, _) in RULES.items() if not isinstance(fn, np.ufunc)))
def test_signature(name: str) -> None:
    """Every parameter of the function is one of the definition, with the same default."""
    fn, rule = RULES[name]
    assert rule.vjp is not None
    own = inspect.signature(rule.vjp).parameters
    for key, parameter in inspect.signature(fn).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        assert key in own
        if parameter.default not in (inspect.Parameter.empty, np._NoValue):
            assert own[key].default == parameter.default


DOUBLE = [case for case in CASES if not cases.single((case.values[1], list(case.values[2].values())))]


@pytest.mark.parametrize(("name", "args", "kwargs"), share(DOUBLE))
def test_derivatives(name: str, args: Any, kwargs: Any) -> None:
    fn, rule = RULES[name]
    check(fn, rule, args, kwargs)
