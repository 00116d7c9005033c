"""Run the body of a rule on pairs of value and tangent, every call in it by its own rule: the second derivative.

What a body calls is differentiated the way any program is; a body that loses the derivative on the way shows here.
"""

from __future__ import annotations

import operator
import types

import numpy as np

from srcgrad.rules.constants import is_known
from srcgrad.rules.core import Rule, lookup
from tests.rules.direct import Called, is_active


class Dual(np.lib.mixins.NDArrayOperatorsMixin):
    """A number or array and its tangent."""

    def __init__(self, value, dot):
        self.value, self.dot = value, dot

    def __array_ufunc__(self, ufunc, method, *args, **kwargs):
        assert method == "__call__"
        return push(ufunc, args, kwargs)

    def __array_function__(self, func, kinds, args, kwargs):
        return push(func, args, kwargs)

    def __getitem__(self, index):
        return push(operator.getitem, (self, index), {})

    def __matmul__(self, other):
        return push(np.matmul, (self, other), {})

    def __rmatmul__(self, other):
        return push(np.matmul, (other, self), {})

    def __len__(self):
        return len(self.value)

    @property
    def T(self):
        return push(np.transpose, (self,), {})

    @property
    def real(self):
        return push(np.real, (self,), {})

    @property
    def imag(self):
        return push(np.imag, (self,), {})

    def conj(self):
        return push(np.conjugate, (self,), {})

    @property
    def shape(self):
        return np.shape(self.value)

    @property
    def ndim(self):
        return np.ndim(self.value)

    @property
    def size(self):
        return np.size(self.value)

    @property
    def dtype(self):
        return np.asarray(self.value).dtype


def plain(x):
    """Without tangents."""
    if isinstance(x, Dual):
        return x.value
    if isinstance(x, (list, tuple)):
        items = [plain(item) for item in x]
        return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
    return x


def has_dual(x):
    """Is there a tangent in it?"""
    return isinstance(x, Dual) or isinstance(x, (list, tuple)) and any(map(has_dual, x))


def tangent_of(x):
    """The tangents, zero where there is none."""
    if isinstance(x, Dual):
        return x.dot
    if isinstance(x, (list, tuple)):
        return type(x)(tangent_of(item) for item in x)
    return np.zeros(np.shape(x))


def paired(value, dot):
    """Values and tangents of the same structure as duals."""
    if isinstance(value, (list, tuple)):
        items = [paired(v, d) for v, d in zip(value, dot, strict=True)]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    return Dual(value, dot) if is_active(value) else value


def push(fn, args, kwargs):
    """Call `fn`, tangents by its rule."""
    rule = lookup(fn)
    assert rule is not None, f"{fn} has no rule"
    values, settings = plain(args), {k: plain(v) for k, v in kwargs.items()}
    out = fn(*values, **settings)
    if rule.kind == "constant" or not any(map(has_dual, (*args, *kwargs.values()))):
        return out
    called, bound = Called(rule, fn, values, settings), Called(rule, fn, args, kwargs).bound.arguments
    lost = [n for n, v in bound.items() if has_dual(v) and n not in rule.operands and n not in rule.shape_only]
    assert not lost or fn.__module__ == "srcgrad.runtime", f"{fn} has no derivative in {lost}"
    dots = {n: tangent_of(v) for n, v in bound.items() if n in rule.operands and has_dual(v) and n in called.operands}
    return paired(out, called.jvp(out, dots)) if dots and is_active(out) else out


def lifted(fn):
    """A function of `srcgrad.rules` whose calls of the house's own functions take duals too."""
    scope = dict(fn.__globals__)
    for name in (n for n in fn.__code__.co_names if n in scope):
        scope[name] = _lifted_name(scope[name])
    body = types.FunctionType(fn.__code__, scope, fn.__name__, fn.__defaults__, fn.__closure__)
    body.__kwdefaults__ = fn.__kwdefaults__
    return body


def _lifted_name(thing):
    if isinstance(thing, Rule):
        return thing
    if isinstance(thing, types.ModuleType) and thing.__name__ == "srcgrad.runtime":
        return types.SimpleNamespace(**{n: _lifted_name(v) for n, v in vars(thing).items() if not n.startswith("__")})
    if not isinstance(thing, types.FunctionType) or not thing.__module__.startswith("srcgrad."):
        return thing
    if thing is is_known:  # asks about the dual itself
        return thing
    if lookup(thing) is not None:
        return lambda *args, **kwargs: push(thing, args, kwargs)
    return lambda *args, **kwargs: lifted(thing)(*args, **kwargs)
