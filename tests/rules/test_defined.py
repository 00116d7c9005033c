"""Functions that a rule defines by others: the same values, and right derivatives in both modes, twice."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import srcgrad
from srcgrad.rules.core import Rule
from tests import finite, trees
from tests.rules import cases
from tests.rules.shares import share

RULES: dict[str, tuple[Any, Rule]] = {
    name: pair for name, pair in cases.named_rules().items() if pair[1].kind == "defined"
}
CASES = [
    pytest.param(name, args, kwargs, id=f"{name}-{k}")
    for name in sorted(RULES)
    for k, (args, kwargs) in enumerate(cases.samples_of(name))
]


def parts(result: Any) -> list[Any]:
    """The arrays of a result that is one array or several."""
    return list(result) if isinstance(result, (list, tuple)) else [result]


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


def operand_of(rule: Rule, path: trees.Path) -> str:
    """The parameter that a leaf of ``(args, kwargs)`` is given for."""
    if path[0] == 1:
        return str(path[1])
    parameters = list(inspect.signature(rule.vjp or (lambda: None)).parameters.values())[rule.skip :]
    spread = [k for k, p in enumerate(parameters) if p.kind is p.VAR_POSITIONAL]
    return parameters[min([path[1], *spread])].name


DOUBLE = [case for case in CASES if not cases.single((case.values[1], list(case.values[2].values())))]


def turned(rule: Rule, dot: Any) -> Any:
    """The direction, along symmetric matrices where the rule is about those."""
    return (dot + np.conj(np.swapaxes(dot, -1, -2))) / 2 if rule.symmetric else dot


@pytest.mark.parametrize(("name", "args", "kwargs"), share(DOUBLE))
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


def compare(f: Any, x: Any, way: dict[trees.Path, Any]) -> None:
    """Both modes against a difference, and the difference of the gradient against the Hessian's product."""
    dots = trees.as_tangents(x, way)
    slope = finite.slope(lambda t: f(trees.moved(x, way, t)))
    scale = 1 + abs(float(slope.value))
    assert slope.error < 1e-6 * scale
    gradient = srcgrad.grad(f, fallback="error")
    assert abs(trees.pairing(gradient(x), way)[0] - slope.value) < 1e-7 * scale
    assert abs(srcgrad.jvp(f, (x,), (dots,))[1] - slope.value) < 1e-7 * scale
    second = finite.slope(lambda t: trees.pairing(gradient(trees.moved(x, way, t)), way)[0])
    product = trees.pairing(srcgrad.hvp(f, (x,), dots), way)[0]
    assert abs(product - second.value) < 1e-6 * (1 + abs(float(second.value)))
