"""Every rule with every sample it brings, and what must hold for each."""

from __future__ import annotations

import importlib
import zlib
from functools import lru_cache

import numpy as np

import srcgrad.rules
from srcgrad.rules.core import LATE, all_rules, register_late
from tests.finite import slope
from tests.rules.direct import Called, draw_like, is_active, leaves, pairing, step, tree

SINGLE = {np.dtype(np.float32), np.dtype(np.complex64), np.dtype(np.float16)}


def name_of(fn):
    """A readable name for a callable."""
    if isinstance(fn, np.ufunc) and getattr(np, fn.__name__, None) is not fn:
        return f"scipy.special.{fn.__name__}"
    if hasattr(getattr(fn, "__self__", None), "shapes"):
        return f"scipy.stats.{fn.__self__.name}.{fn.__name__}"
    module = getattr(fn, "__module__", None) or "numpy"
    return f"{module}.{getattr(fn, '__qualname__', None) or getattr(fn, '__name__', repr(fn))}"


def named_rules():
    """Every callable with samples and its rule, by name."""
    assert srcgrad.rules.CHAPTERS
    for module in [*LATE]:
        importlib.import_module(module)
    register_late()
    return {name_of(fn): (fn, rule) for rule in all_rules() if rule.samples for fn in rule.fns}


def generator(name, seed=0):
    """The same random numbers for the same rule, whatever else there is."""
    return np.random.default_rng([zlib.crc32(name.encode()), seed])


@lru_cache(maxsize=1)
def _named():
    return named_rules()


def samples_of(name, seed=0):
    """The samples of one rule."""
    return list(_named()[name][1].samples(generator(name, seed)))


def single(nest):
    """Is anything in it of less than double precision?"""
    return any(np.asarray(leaf).dtype in SINGLE for leaf in leaves(nest) if isinstance(leaf, (np.generic, np.ndarray)))


def double(nest):
    """The same in double precision."""
    wide = {"f": np.float64, "c": np.complex128}

    def one(leaf):
        kind = getattr(getattr(leaf, "dtype", None), "kind", "")
        return leaf.astype(wide[kind]) if kind in wide else leaf

    return tree(one, nest) if isinstance(nest, (list, tuple)) else one(nest)


class Mismatch(AssertionError):
    """A rule that does not hold."""


def require(holds, text):
    """Raise `Mismatch` with the text unless it holds."""
    if not holds:
        raise Mismatch(text)


def directions(rng, called):
    """A random tangent for every active operand; along symmetric matrices where the rule says so."""
    dots = {n: draw_like(rng, x) for n, x in called.operands.items()}
    if called.rule.symmetric:
        dots = {n: (d + np.conj(np.swapaxes(d, -1, -2))) / 2 for n, d in dots.items()}
    return dots


def check(fn, rule, args, kwargs, rng):
    """Reverse against forward, forward against finite differences, precision and dtypes, for one sample.

    Returns whether finite differences had a say: they have none at a kink, or in single precision.
    """
    called = Called(rule, fn, args, kwargs)
    with np.errstate(all="ignore"):
        out = called.primal()
        if not is_active(out) or not called.operands:
            return True
        if single(args) or single(out):
            check_single(called, rng)
            return True
        dots = directions(rng, called)
        out_dot = called.jvp(out, dots)
        smooth = _check_forward(called, out, out_dot, dots)
        out_bar = draw_like(rng, out)
        bars = called.fitted_vjp(out, out_bar)
        forward, reverse = pairing(out_bar, out_dot), sum(pairing(bars[n], dots[n]) for n in dots)
        scale = 1 + abs(forward) + sum(np.sum(np.abs(d)) for d in leaves(out_dot))
        require(abs(forward - reverse) <= 1e-10 * scale, f"reverse {reverse} is not forward {forward}")
        return smooth


def _check_forward(called, out, out_dot, dots):
    """The tangent against finite differences; the result's shape and dtype as well."""

    def moved(t):
        found = called.primal({n: tree(lambda v, d: step(v, d, t), called.operands[n], dots[n]) for n in dots})
        return np.concatenate([np.ravel(leaf).astype(complex) for leaf in leaves(found)])

    for o, d in zip(leaves(out), leaves(out_dot), strict=True):
        require(np.shape(o) == np.shape(d), f"tangent of shape {np.shape(d)}, result of shape {np.shape(o)}")
    found = np.concatenate([np.ravel(d).astype(complex) for d in leaves(out_dot)])
    usable = np.isfinite(np.concatenate([np.ravel(o) for o in leaves(out)]))
    truth = slope(lambda t: np.where(usable, moved(t), 0))
    scale = 1 + np.max(np.abs(truth.value), initial=0)
    if not truth.trusted(scale, 1e-5):
        return False
    worst = np.max(np.abs(np.where(usable, found, 0) - truth.value), initial=0)
    require(worst <= 1e-7 * scale + 10 * truth.error, f"tangent is off by {worst} where the scale is {scale}")
    return True


def check_single(called, rng):
    """Single precision gives what double gives, to its own precision, and a cotangent does not change precision."""
    out = called.primal()
    wide = Called(called.rule, called.fn, double(called.args), called.kwargs)
    out_bar = draw_like(rng, out)
    wide_out = tree(lambda o, w: np.asarray(o).astype(np.asarray(w).dtype)[()], out, wide.primal())
    raw, bars = called.vjp(out, out_bar), called.fitted_vjp(out, out_bar)
    truth = wide.fitted_vjp(wide_out, double(out_bar))
    tangent = called.jvp(out, {n: draw_like(rng, x) for n, x in called.operands.items()})
    _check_dtypes(called, out, raw, tangent)
    for n, bar in bars.items():
        for b, w in zip(leaves(bar), leaves(truth[n]), strict=True):
            close = np.allclose(b, w, rtol=2e-3, atol=2e-3 * (1 + np.max(np.abs(w), initial=0)))
            require(close, f"{n}: single precision gives {b}, double {w}")


def _check_dtypes(called, out, raw, tangent):
    widest = np.result_type(*(np.asarray(leaf).dtype for leaf in leaves(out)))
    for n, bar in raw.items():
        for x, b in zip(leaves(called.operands[n]), leaves(bar), strict=True):
            if isinstance(x, (np.generic, np.ndarray)):
                most = np.result_type(widest, x.dtype)
                found = np.result_type(b)
                require(
                    np.ndim(b) == 0 and not isinstance(b, np.generic) or found.itemsize <= most.itemsize,
                    f"{n}: a cotangent of {found} for {x.dtype} to {widest}",
                )
    for o, d in zip(leaves(out), leaves(tangent), strict=True):
        mixed = any(isinstance(x, float) for operand in called.operands.values() for x in leaves(operand))
        require(
            mixed or np.result_type(d).itemsize <= np.result_type(o).itemsize,
            f"a tangent of {np.result_type(d)} for a result of {np.result_type(o)}",
        )
