"""Rules for shapes, items, creation, products and linear algebra against finite differences, in both modes."""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from srcgrad.rules import create, fft, index, linalg, norms, products, shape
from srcgrad.rules.core import Rule, Sample, all_rules

CHAPTERS = (shape, index, create, products, linalg, norms, fft)
STEP = 1e-3


def chapter_rules() -> list[Rule]:
    """The rules of these chapters that have a derivative."""
    homes = {chapter.__name__ for chapter in CHAPTERS}
    return [rule for rule in all_rules() if rule.vjp is not None and rule.vjp.__module__ in homes]


def map_leaves(change: Callable[..., Any], x: Any, *others: Any) -> Any:
    """`x` with each floating or complex leaf changed; other leaves stay."""
    if isinstance(x, (list, tuple)):
        items = [map_leaves(change, *parts) for parts in zip(x, *others, strict=True)]
        return items if isinstance(x, list) else tuple(items)
    return change(x, *others) if np.asarray(x).dtype.kind in "fc" else x


def leaves(x: Any) -> Iterator[Any]:
    """The numbers and arrays in a structure."""
    if isinstance(x, (list, tuple)):
        for item in x:
            yield from leaves(item)
    else:
        yield x


def widened(x: Any) -> Any:
    """In double precision."""
    return np.asarray(x, complex if np.iscomplexobj(x) else float)


def random_like(rng: np.random.Generator, x: Any) -> Any:
    """Normal numbers, complex where `x` is."""
    parts = rng.normal(size=np.shape(x))
    return np.asarray(parts + 1j * rng.normal(size=np.shape(x)) if np.iscomplexobj(x) else parts)


def random_direction(rng: np.random.Generator, x: Any) -> Any:
    """Random numbers for each floating or complex leaf, zeros for the others."""
    if isinstance(x, (list, tuple)):
        return type(x)(random_direction(rng, item) for item in x)
    return random_like(rng, x) if np.asarray(x).dtype.kind in "fc" else np.zeros(np.shape(x))


def paired(bars: Any, dots: Any, primals: Any) -> float:
    """The sum of all products, of the real part of a bar where the primal is real."""
    total = 0.0
    for bar, dot, primal in zip(leaves(bars), leaves(dots), leaves(primals), strict=True):
        if np.asarray(primal).dtype.kind in "fc":
            assert np.shape(bar) == np.shape(primal)
            total += float(np.sum(np.real(bar * np.asarray(dot))))
    return total


class Try:
    """One rule with one sample."""

    def __init__(self, rule: Rule, fn: Any, sample: Sample, rng: np.random.Generator) -> None:
        self.rule, self.fn = rule, fn
        skip = 2 if rule.kind == "custom" else 1
        parameters = list(inspect.signature(rule.vjp).parameters.values())[skip:]
        self.bound = inspect.Signature(parameters).bind(*sample.args, **sample.kwargs)
        self.named = [name for name in rule.operands if name in self.bound.arguments]
        self.operands = {name: map_leaves(widened, self.bound.arguments[name]) for name in self.named}
        self.dots = {name: random_direction(rng, x) for name, x in self.operands.items()}
        if rule.symmetric:
            self.dots = {k: 0.5 * (d + np.conj(np.swapaxes(d, -1, -2))) for k, d in self.dots.items()}

    def call(self, fn: Any, values: dict[str, Any], *first: Any, **last: Any) -> Any:
        bound = inspect.BoundArguments(self.bound.signature, {**self.bound.arguments, **values})
        return fn(*first, *bound.args, **bound.kwargs, **last)

    def moved(self, step: float) -> Any:
        """The function's value a step along the direction."""

        def move(x: Any, dot: Any) -> Any:
            return np.asarray(x + step * dot)

        return self.call(self.fn, {k: map_leaves(move, x, self.dots[k]) for k, x in self.operands.items()})

    def numeric(self) -> Any:
        """The directional derivative, by central differences of fourth order."""
        step = 0.5 if self.rule.kind == "linear" else STEP  # a linear function has no truncation error
        outs = [_plain(self.moved(k * step)) for k in (1, -1, 2, -2)]
        return map_leaves(lambda a, b, c, d: (8 * (widened(a) - b) - (widened(c) - d)) / (12 * step), *outs)

    def forward(self, out: Any) -> Any:
        """The rule's directional derivative."""
        kind, rule = self.rule.kind, self.rule
        if kind == "linear":
            zeros = {name: 0.0 for name in rule.zeros if name in self.bound.arguments}
            return self.call(self.fn, {**self.dots, **zeros})
        if kind == "bilinear":
            x, y = self.named
            return self.call(self.fn, {**self.operands, x: self.dots[x]}) + self.call(
                self.fn, {**self.operands, y: self.dots[y]})  # fmt: skip
        return self.call(rule.jvp_fn, self.operands, out, **{f"{name}_dot": d for name, d in self.dots.items()})

    def reverse(self, out: Any, out_bar: Any) -> Any:
        """The rule's cotangents, per operand."""
        rule, values = self.rule, self.operands
        if rule.kind == "linear":  # only the shapes may be used
            values = {k: map_leaves(lambda x: np.full(np.shape(x), np.nan, np.asarray(x).dtype), x)
                      for k, x in values.items()}  # fmt: skip
        found = self.call(rule.vjp, values, *((out_bar, out) if rule.kind == "custom" else (out_bar,)))
        return dict(zip(rule.operands, found if len(rule.operands) > 1 else (found,), strict=True))


def _plain(out: Any) -> Any:
    return tuple(out) if isinstance(out, tuple) else out


def cases() -> Iterator[Any]:
    for rule in chapter_rules():
        for fn in rule.fns:
            yield pytest.param(rule, fn, id=f"{rule.vjp.__module__.split('.')[-1]}-{fn.__module__}.{fn.__name__}")


@pytest.mark.parametrize(("rule", "fn"), cases())
def test_against_differences(rule: Rule, fn: Any) -> None:
    rng = np.random.default_rng(zlib.crc32(fn.__name__.encode()))
    assert rule.samples is not None
    for sample in rule.samples(rng):
        check(Try(rule, fn, sample, rng), rng, sample)


def check(trial: Try, rng: np.random.Generator, sample: Sample) -> None:
    out = _plain(trial.call(trial.fn, trial.operands))
    if any(np.asarray(leaf).dtype.kind not in "fc" for leaf in leaves(out)):
        return
    want = trial.numeric()
    note = str(sample)
    close = 1e-6 + 10 * max((np.finfo(np.asarray(leaf).dtype).eps for leaf in leaves(out)), default=0) / (
        1 if trial.rule.kind == "linear" else STEP)  # fmt: skip
    got = _plain(trial.forward(out))
    for a, b in zip(leaves(got), leaves(want), strict=True):
        np.testing.assert_allclose(a, b, rtol=close, atol=close, err_msg=note)
        assert np.shape(a) == np.shape(b), note
    out_bar = map_leaves(lambda x: random_like(rng, x), out)
    bars = trial.reverse(out, out_bar)
    left = paired(out_bar, want, out)
    right = sum(paired(bars[name], trial.dots[name], trial.operands[name]) for name in trial.named)
    np.testing.assert_allclose(right, left, rtol=close, atol=10 * close, err_msg=note)


@pytest.mark.parametrize(("rule", "fn"), cases())
def test_singles_run(rule: Rule, fn: Any) -> None:
    """Every sample as it is: the layouts and dtypes that widening takes away."""
    rng = np.random.default_rng(5)
    for sample in rule.samples(rng) if rule.samples else ():
        trial = Try(rule, fn, sample, rng)
        values = {name: trial.bound.arguments[name] for name in trial.named}
        out = _plain(fn(*sample.args, **sample.kwargs))
        out_bar = map_leaves(lambda x: random_like(rng, x).astype(np.asarray(x).dtype), out)
        trial.operands = values
        if all(np.asarray(leaf).dtype.kind in "fc" for leaf in leaves(out)):
            bars = trial.reverse(out, out_bar)
            assert all(np.shape(b) == np.shape(x) for k in values
                       for b, x in zip(leaves(bars[k]), leaves(values[k]), strict=True))  # fmt: skip
