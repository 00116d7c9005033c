"""One call of a rule's function inside a program: both modes against differences, at first and second order."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

import srcgrad
from srcgrad.rules.core import Rule
from tests import finite, trees


def parts(result: Any) -> list[Any]:
    """The arrays of a result that is one array or several."""
    return list(result) if isinstance(result, (list, tuple)) else [result]


def operand_of(rule: Rule, path: trees.Path) -> str:
    """The parameter that a leaf of ``(args, kwargs)`` is given for."""
    if path[0] == 1:
        return str(path[1])
    parameters = list(inspect.signature(rule.vjp or (lambda: None)).parameters.values())[rule.skip :]
    spread = [k for k, p in enumerate(parameters) if p.kind is p.VAR_POSITIONAL]
    return parameters[min([path[1], *spread])].name


def turned(rule: Rule, dot: Any) -> Any:
    """The direction, along symmetric matrices where the rule is about those."""
    return (dot + np.conj(np.swapaxes(dot, -1, -2))) / 2 if rule.symmetric else dot


def check(fn: Any, rule: Rule, args: Any, kwargs: Any) -> None:
    """The derivatives of a function of everything that the call returns."""
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
