"""The derivative of a single call, straight from its rule: what the engine does, in its plainest form.

Cotangents pair with tangents as ``Re(sum(bar * dot))``, without a conjugate. A cotangent is summed to the shape of its
operand, is real where the operand is real, and has its dtype; before that it must not have lost or gained precision.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass

import numpy as np

from srcgrad.runtime import sum_to


def is_leaf(x):
    """A number or an array."""
    return isinstance(x, (int, float, complex, np.generic, np.ndarray))


def is_active(x):
    """Does it hold a float or complex number?"""
    if isinstance(x, (list, tuple)):
        return any(map(is_active, x))
    return is_leaf(x) and np.asarray(x).dtype.kind in "fc"


def tree(f, *nests):
    """`f` on corresponding leaves of lists and tuples."""
    first = nests[0]
    if isinstance(first, (list, tuple)):
        items = [tree(f, *parts) for parts in zip(*nests, strict=True)]
        return type(first)(*items) if hasattr(first, "_fields") else type(first)(items)
    return f(*nests)


def leaves(nest):
    """The leaves of lists and tuples."""
    return [leaf for item in nest for leaf in leaves(item)] if isinstance(nest, (list, tuple)) else [nest]


@dataclass
class Called:
    """A call bound to its rule."""

    rule: object
    fn: object
    args: tuple
    kwargs: dict

    def __post_init__(self):
        lead = 2 if self.rule.kind == "custom" else 1
        parameters = list(inspect.signature(self.rule.vjp).parameters.values())[lead:]
        self.bound = inspect.Signature(parameters).bind(*self.args, **self.kwargs)
        self.operands = {n: v for n, v in self.bound.arguments.items() if n in self.rule.operands and is_active(v)}

    def primal(self, replaced=None):
        """The function itself, some of the arguments that were given replaced."""
        args, kwargs = self.arguments(replaced)
        return self.fn(*args, **kwargs)

    def arguments(self, replaced=None):
        """The arguments as given, some of them replaced by name."""
        args, kwargs = list(self.args), dict(self.kwargs)
        for k, (name, parameter) in enumerate(self.bound.signature.parameters.items()):
            if name not in (replaced or {}):
                continue
            if name in kwargs:
                kwargs[name] = replaced[name]
            elif parameter.kind is parameter.VAR_POSITIONAL:
                args[k:] = replaced[name]
            elif k < len(args):
                args[k] = replaced[name]
        return args, kwargs

    def by_name(self, found):
        """One item per operand; a single one comes bare."""
        return dict(zip(self.rule.operands, (found,) if len(self.rule.operands) == 1 else found, strict=True))

    def vjp(self, out, out_bar):
        """The cotangent of every active operand by name, as the rule gives it."""
        lead = {"elementwise": (out,), "custom": (out_bar, out)}.get(self.rule.kind, (out_bar,))
        bars = self.rule.vjp(*lead, *self.args, **self.kwargs)
        bars = self.by_name(bars)
        if self.rule.kind == "elementwise":
            bars = {name: out_bar * bars[name] for name in self.operands}
        return {name: bars[name] for name in self.operands}

    def fitted_vjp(self, out, out_bar):
        """The cotangents as the engine hands them on."""
        raw = self.vjp(out, out_bar)
        return {n: tree(fit, self.operands[n], raw[n]) for n in self.operands}

    def jvp(self, out, dots):
        """The tangent of the result for tangents of all active operands."""
        kind = self.rule.kind
        if kind == "elementwise":
            partials = self.rule.vjp(out, *self.args, **self.kwargs)
            partials = self.by_name(partials)
            return sum(np.broadcast_to(dots[n] * partials[n], np.shape(out)) for n in dots)
        if kind == "linear":
            tangents = {
                n: dots.get(n, tree(np.zeros_like, v))
                for n, v in self.bound.arguments.items()
                if n in self.rule.operands
            }
            return self.primal({**tangents, **dict.fromkeys(self.rule.zeros, 0)})
        if kind == "bilinear":
            return _add(*(self.primal({n: dot}) for n, dot in dots.items()))
        return self.rule.jvp_fn(out, *self.args, **self.kwargs, **{f"{n}_dot": dot for n, dot in dots.items()})


def _add(first, *rest):
    for item in rest:
        first = tree(np.add, first, item)
    return first


def fit(x, bar):
    """The cotangent `bar` in the shape and dtype of the operand `x`."""
    bar = sum_to(np.asarray(bar), np.shape(x))
    assert np.shape(bar) == np.shape(x), f"cotangent of shape {np.shape(bar)} for an operand of shape {np.shape(x)}"
    if not np.iscomplexobj(x):
        bar = np.real(bar)
    return bar.astype(np.asarray(x).dtype) if np.asarray(x).dtype.kind in "fc" else bar


def step(x, dot, t):
    """``x + t * dot``, an array where `x` is one."""
    moved = x + t * dot
    return np.asarray(moved) if isinstance(x, np.ndarray) else moved


def pairing(bars, dots):
    """``Re(sum(bar * dot))`` over all leaves."""
    return sum(
        float(np.sum(np.real(np.asarray(b) * np.asarray(d)))) for b, d in zip(leaves(bars), leaves(dots), strict=True)
    )


def draw_like(rng, x):
    """Random numbers of the same structure, shape and dtype."""

    def one(x):
        leaf = np.asarray(x)
        values = np.asarray(rng.uniform(-1, 1, leaf.shape))
        if np.iscomplexobj(leaf):
            values = values + 1j * rng.uniform(-1, 1, leaf.shape)
        values = np.asarray(values, leaf.dtype) if leaf.dtype.kind in "fc" else np.zeros(leaf.shape)
        return values if isinstance(x, np.ndarray) else values[()]

    return tree(one, x)
