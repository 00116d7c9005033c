"""Second order: the bodies of the rules are differentiated forward with the rules themselves, against differences."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from srcgrad.rules import create, index, linalg, norms, products, shape
from srcgrad.rules.core import Rule, Sample, all_rules, lookup
from srcgrad.runtime import cofactor
from tests.rules.direct import Called, is_active, leaves, tree

CHAPTERS = (shape, index, create, products, linalg, norms)
STEP = 1e-3


class Dual(np.lib.mixins.NDArrayOperatorsMixin):
    """A value and its tangent; every operation on it goes through the rule table."""

    def __init__(self, value: Any, dot: Any) -> None:
        self.value, self.dot = value, dot

    shape = property(lambda self: np.shape(self.value))
    ndim = property(lambda self: np.ndim(self.value))
    dtype = property(lambda self: self.value.dtype)
    T = property(lambda self: push(np.transpose, (self,), {}))

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        assert method == "__call__"
        return push(ufunc, args, kwargs)

    def __array_function__(self, fn: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return push(fn, args, kwargs)

    def __getitem__(self, item: Any) -> Any:
        return push(operator.getitem, (self, item), {})


def value_of(x: Any) -> Any:
    if isinstance(x, (list, tuple)):
        return type(x)(map(value_of, x))
    return x.value if isinstance(x, Dual) else x


def dot_of(x: Any) -> Any:
    if isinstance(x, (list, tuple)):
        return type(x)(map(dot_of, x))
    if isinstance(x, Dual):
        return x.dot
    return np.zeros(np.shape(x), np.asarray(x).dtype) if is_active(x) else x


def has_dual(x: Any) -> bool:
    return any(map(has_dual, x)) if isinstance(x, (list, tuple)) else isinstance(x, Dual)


def push(fn: Any, args: Any, kwargs: Any) -> Any:
    """The function on duals, by its rule."""
    rule = lookup(fn)
    assert rule is not None, f"{fn} has no rule"
    out = fn(*value_of(args), **{k: value_of(v) for k, v in kwargs.items()})
    out = tuple(out) if isinstance(out, tuple) else out
    if rule.kind == "constant":
        return out
    called = Called(rule, fn, value_of(args), {k: value_of(v) for k, v in kwargs.items()})
    given = Called(rule, fn, args, kwargs).bound.arguments
    dots = {name: dot_of(given[name]) for name in rule.operands if name in given and has_dual(given[name])}
    if rule.kind == "elementwise":
        dots = {name: np.asarray(dot) for name, dot in dots.items()}
    return paired(out, called.jvp(out, dots)) if dots else out


def paired(out: Any, dot: Any) -> Any:
    if isinstance(out, (list, tuple)):
        return type(out)(map(paired, out, dot))
    return Dual(out, dot)


def through_rules(fn: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the runtime that takes duals too."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return push(fn, args, kwargs) if has_dual(args) or has_dual(tuple(kwargs.values())) else fn(*args, **kwargs)

    return call


@pytest.fixture
def dual_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    for chapter in CHAPTERS:
        for name, value in list(vars(chapter).items()):
            if callable(value) and getattr(value, "__module__", "") == "srcgrad.runtime":
                monkeypatch.setattr(chapter, name, through_rules(value))


def bars_of(rule: Rule, fn: Any, sample: Sample, name: str, x: Any, out_bar: Any) -> Any:
    """The rule's cotangents at `x`, which may be dual."""
    found = Called(rule, fn, *sample)
    position = list(found.bound.signature.parameters).index(name)
    args = list(sample.args)
    args[position] = x
    out = push(fn, tuple(args), sample.kwargs) if isinstance(x, Dual) else fn(*args, **sample.kwargs)
    lead = (out_bar, tuple(out) if isinstance(out, tuple) else out) if rule.kind == "custom" else (out_bar,)
    return rule.vjp(*lead, *args, **sample.kwargs)


def cases() -> Iterator[Any]:
    for rule in all_rules():
        home = getattr(rule.vjp, "__module__", "")
        chapters = (linalg.__name__, norms.__name__, products.__name__)
        if rule.kind in ("custom", "bilinear") and home in chapters and rule.samples:
            for fn in rule.fns:
                if rule.operands != ("operands",):
                    yield pytest.param(rule, fn, id=fn.__name__)


@pytest.mark.usefixtures("dual_runtime")
@pytest.mark.parametrize(("rule", "fn"), cases())
def test_second_order(rule: Rule, fn: Any) -> None:
    rng = np.random.default_rng(3)
    assert rule.samples is not None
    for sample in rule.samples(rng):
        doubles = all(np.asarray(leaf).dtype in (float, complex) for leaf in leaves(sample.args) if np.ndim(leaf))
        if doubles and not (fn is cofactor and np.min(np.abs(np.linalg.det(sample.args[0])), initial=1) < 1e-9):
            for name in Called(rule, fn, *sample).operands:
                check(rule, fn, sample, name, rng)


def check(rule: Rule, fn: Any, sample: Sample, name: str, rng: np.random.Generator) -> None:
    x = np.asarray(Called(rule, fn, *sample).operands[name])
    if not np.any(x):
        return  # norms have a kink at zero
    dot = rng.normal(size=x.shape) + (1j * rng.normal(size=x.shape) if np.iscomplexobj(x) else 0)
    if rule.symmetric:
        dot = 0.5 * (dot + np.conj(np.swapaxes(dot, -1, -2)))
    out = fn(*sample.args, **sample.kwargs)
    out_bar = tree(lambda o: rng.normal(size=np.shape(o)), tuple(out) if isinstance(out, tuple) else out)

    def bars(t: float) -> Any:
        return bars_of(rule, fn, sample, name, x + t * dot, out_bar)

    near, far = (bars(STEP), bars(-STEP)), (bars(2 * STEP), bars(-2 * STEP))
    duals = leaves(bars_of(rule, fn, sample, name, Dual(x, dot), out_bar))
    for found, a, b, c, d in zip(duals, *map(leaves, near + far), strict=True):
        want = (8 * (a - b) - (c - d)) / (12 * STEP)
        got = found.dot if isinstance(found, Dual) else np.zeros_like(want)
        scale = 1 + np.max(np.abs(want), initial=0)
        np.testing.assert_allclose(np.broadcast_to(got, np.shape(want)), want, rtol=1e-6, atol=3e-7 * scale,
                                   err_msg=f"{name}: {sample}")  # fmt: skip
