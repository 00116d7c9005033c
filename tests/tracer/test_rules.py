"""Every rule through its own samples, on tensors: gradients, second derivatives and tangents are the slopes."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from srcgrad.tracer import Tensor, grad
from srcgrad.tracer.create import leaf
from srcgrad.tracer.record import record
from srcgrad.tracer.sweeps import pushed
from srcgrad.tracer.tensor import plain
from tests.finite import slope
from tests.rules.cases import directions, generator, named_rules, samples_of, single
from tests.rules.direct import Called, draw_like, is_active, leaves, pairing, step, tree

NAMES = sorted(name for name, (_, rule) in named_rules().items() if rule.kind != "constant")


class Bound(Called):
    """A call bound to its rule, of whatever kind."""

    def __post_init__(self):
        parameters = list(inspect.signature(self.rule.vjp).parameters.values())[self.rule.skip :]
        self.bound = inspect.Signature(parameters).bind(*self.args, **self.kwargs)
        self.operands = {n: v for n, v in self.bound.arguments.items() if n in self.rule.operands and is_active(v)}


def called_of(name, sample):
    fn, rule = named_rules()[name]
    args, kwargs = sample if hasattr(sample, "kwargs") else (sample, {})
    return Bound(rule, fn, tuple(args), dict(kwargs))


def on_tensors(called, operands):
    """The function called on tensors in the place of its operands."""
    args, kwargs = called.arguments(operands)
    return record(called.fn, tuple(args), kwargs)


def as_leaves(x):
    return tree(lambda v: leaf(v) if is_active(v) else v, x)


def tensors(nest):
    return [t for t in leaves(nest) if isinstance(t, Tensor)]


def contraction(out, out_bar):
    """``Re(sum(out_bar * out))`` on tensors."""
    total = 0.0
    for o, b in zip(leaves(out), leaves(out_bar), strict=True):
        if isinstance(o, Tensor):
            total = total + np.sum(np.real(o * b))
    return total


def along(bars, inputs, dots):
    """The directional derivative that gradients promise; PyTorch's are conjugated."""
    bars = [np.conj(plain(b)) if b is not None else np.zeros(np.shape(t)) for b, t in zip(bars, inputs, strict=True)]
    return pairing(bars, dots)


def gradient(called, out_bar, graph=False):
    inputs = {n: as_leaves(v) for n, v in called.operands.items()}
    out = on_tensors(called, inputs)
    value = contraction(out, out_bar)
    flat = tensors(list(inputs.values()))
    if not isinstance(value, Tensor) or not value.requires_grad:
        return flat, [None] * len(flat)
    return flat, list(grad(value, flat, create_graph=graph, allow_unused=True))


def active_dots(called, dots):
    pairs = zip(leaves(list(called.operands.values())), leaves(list(dots.values())), strict=True)
    return [d for v, d in pairs if is_active(v)]


def moved(called, dots, t):
    return {n: tree(lambda v, d: step(v, d, t) if is_active(v) else v, called.operands[n], dots[n]) for n in dots}


def close(found, truth, scale, what):
    if truth.trusted(scale, 1e-5):
        assert abs(found - truth.value) <= 1e-6 * scale + 10 * truth.error, what


@pytest.mark.parametrize("name", NAMES)
def test_gradient(name):
    rng = generator(name, 7)
    for sample in samples_of(name):
        called = called_of(name, sample)
        with np.errstate(all="ignore"):
            out = called.primal()
            if not is_active(out) or not called.operands:
                continue
            out_bar = draw_like(rng, out)
            dots = directions(rng, called)
            flat, bars = gradient(called, out_bar)
            found = along(bars, flat, active_dots(called, dots))
            for t, b in zip(flat, bars, strict=True):
                if b is not None:
                    assert np.shape(b) == np.shape(t._value)
                    assert np.result_type(plain(b)) == np.result_type(t._value)
            if single(called.args) or single(out):
                if called.rule.kind == "defined":
                    continue
                expected = called.fitted_vjp(out, out_bar)
                own = pairing(list(expected.values()), list(dots.values()))
                assert abs(found - own) <= 1e-4 * (1 + abs(own))
                continue
            usable = tree(np.isfinite, out)

            def phi(t):
                value = called.primal(moved(called, dots, t))
                return pairing(tree(lambda v, u: np.where(u, v, 0), value, usable), out_bar)

            truth = slope(phi)
            close(found, truth, 1 + abs(truth.value) + sum(np.sum(np.abs(d)) for d in leaves(out_bar)), (name, sample))


@pytest.mark.parametrize("name", NAMES)
def test_second_derivative(name):
    rng = generator(name, 8)
    for sample in samples_of(name)[:4]:
        called = called_of(name, sample)
        with np.errstate(all="ignore"):
            out = called.primal()
            if not is_active(out) or not called.operands or single(called.args) or single(out):
                continue
            out_bar, dots, weights = draw_like(rng, out), directions(rng, called), directions(rng, called)
            flat, bars = gradient(called, out_bar, graph=True)
            pairs = zip(bars, active_dots(called, weights), strict=True)
            scalar = sum(np.sum(np.real(np.conj(b) * w)) for b, w in pairs if b is not None)
            if isinstance(scalar, Tensor) and scalar.requires_grad:
                twice = grad(scalar, flat, allow_unused=True)
            else:
                twice = [None] * len(flat)

            def phi(t):
                args, kwargs = called.arguments(moved(called, dots, t))
                there = Bound(called.rule, called.fn, tuple(args), kwargs)
                first, found = gradient(there, out_bar)
                return along(found, first, active_dots(called, weights))

            truth = slope(phi)
            found = along(twice, flat, active_dots(called, dots))
            close(found, truth, 1 + abs(truth.value), (name, sample))


@pytest.mark.parametrize("name", NAMES)
def test_tangent(name):
    rng = generator(name, 9)
    for sample in samples_of(name):
        called = called_of(name, sample)
        with np.errstate(all="ignore"):
            out = called.primal()
            if not is_active(out) or not called.operands or single(called.args) or single(out):
                continue
            dots = directions(rng, called)
            names = list(called.operands)

            def f(*operands):
                return on_tensors(called, dict(zip(names, operands, strict=True)))

            value, dot = pushed(f, tuple(called.operands.values()), tuple(dots[n] for n in names))
            if called.rule.kind == "defined":
                truth = slope(
                    lambda t: np.concatenate([np.ravel(v) for v in leaves(called.primal(moved(called, dots, t)))])
                )
                found = np.concatenate([np.ravel(plain(d)) for d in leaves(dot)])
                if truth.trusted(1.0, 1e-5):
                    np.testing.assert_allclose(found, truth.value, rtol=1e-6, atol=1e-6)
                continue
            expected = called.jvp(out, dots)
            for d, e, o in zip(leaves(dot), leaves(expected), leaves(out), strict=True):
                if is_active(o):
                    np.testing.assert_allclose(np.broadcast_to(plain(d), np.shape(o)), e, rtol=1e-10, atol=1e-10)


def test_names_are_all_of_them():
    assert len(NAMES) > 150
