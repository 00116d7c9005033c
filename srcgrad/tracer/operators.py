"""The operators of tensors, and the elementwise functions: the path of every recorded operation, so it is short."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.rules.core import lookup
from srcgrad.tracer.modes import MODE
from srcgrad.tracer.node import Node, plan_of
from srcgrad.tracer.record import is_inexact, record, settled, wrapped
from srcgrad.tracer.tensor import Tensor, make, plain

ndarray = np.ndarray
KNOWN = (float, int, complex, np.generic, np.ndarray, list, tuple)
OPERANDS = (Tensor, *KNOWN)
LIGHT = {float, int, np.float64, np.float32, bool, complex}


def same_kind(a: Any, out: Any) -> bool:
    """Has a cotangent of the result the shape and dtype of the operand?"""
    if a.__class__ is not ndarray:
        return a.__class__ is out.__class__
    return a.shape == out.shape and a.dtype is out.dtype if hasattr(out, "dtype") else False


def fits_of(out: Any, *operands: Any) -> Any:
    """Shapes and dtypes of the operands, None where all are those of the result."""
    if all(same_kind(a, out) for a in operands):
        return None
    return tuple([(a.shape, a.dtype) if hasattr(a, "dtype") else ((), type(a)) for a in operands])


def binary(fn: Any) -> Callable[[Any, Any], Any]:
    """Calls a function of two operands, of which one or both are tensors."""
    rule = lookup(fn)
    assert rule is not None
    both, left, right = plan_of(fn, rule, (0, 1)), plan_of(fn, rule, (0,)), plan_of(fn, rule, (1,))
    first, second = rule.operands

    def call(x: Any, y: Any) -> Any:
        x_node = x._node if isinstance(x, Tensor) else None
        y_node = y._node if isinstance(y, Tensor) else None
        if MODE.levels or (x_node is None and type(x) not in LIGHT) or (y_node is None and type(y) not in LIGHT):
            return record(fn, (x, y), {})
        a = x if x_node is None else x._value
        b = y if y_node is None else y._value
        out = fn(a, b)
        if not MODE.on:
            return make(out)
        edges: tuple[Any, ...]
        if y_node is None:
            plan, edges = left, (x_node,)
            fits = None if same_kind(a, out) else fits_of(out, a)
        elif x_node is None:
            plan, edges = right, (y_node,)
            fits = None if same_kind(b, out) else fits_of(out, b)
        else:
            plan, edges = both, (x_node, y_node)
            fits = None if same_kind(a, out) and same_kind(b, out) else fits_of(out, a, b)
        keep_a, keep_b = kept[plan]
        node = Node(plan, (a if keep_a else None, b if keep_b else None), out if plan.keeps_out else None, edges, fits)
        return make(out, node)

    kept = {plan: (plan.keeps(first), plan.keeps(second)) for plan in (both, left, right)}
    return call


def unary(fn: Any) -> Callable[[Any], Any]:
    """Calls a function of one operand, a tensor."""
    rule = lookup(fn)
    assert rule is not None
    plan = plan_of(fn, rule, (0,))
    keep = plan.keeps(rule.operands[0])

    def call(x: Any) -> Any:
        if MODE.levels or x._node is None or not MODE.on:
            return record(fn, (x,), {})
        a = x._value
        out = fn(a)
        if not is_inexact(out):
            return settled(out)
        fits = None if same_kind(a, out) else fits_of(out, a)
        return make(out, Node(plan, (a if keep else None,), out if plan.keeps_out else None, (x._node,), fits))

    return call


def _is_fast(fn: Any, count: int) -> bool:
    rule = lookup(fn)
    return rule is not None and rule.kind == "elementwise" and len(rule.operands) == count


ARITHMETIC = {"add": operator.add, "sub": operator.sub, "mul": operator.mul, "truediv": operator.truediv,
              "pow": operator.pow, "mod": operator.mod}  # fmt: skip
COMPARISONS = ("gt", "ge", "lt", "le", "eq", "ne")
LOGIC = ("and_", "or_", "xor", "floordiv", "lshift", "rshift")
_UFUNCS = [u for u in vars(np).values() if isinstance(u, np.ufunc)]
FAST_BINARY = {u: binary(u) for u in _UFUNCS if u.nin == 2 and _is_fast(u, 2)}
FAST_UNARY = {u: unary(u) for u in _UFUNCS if u.nin == 1 and _is_fast(u, 1)}


def arithmetic(fn: Any) -> tuple[Any, Any]:
    """An operator and its reflection."""
    call = binary(fn)

    def forth(self: Tensor, other: Any) -> Any:
        if type(other) in LIGHT or isinstance(other, OPERANDS):
            return call(self, other)
        return NotImplemented

    def back(self: Tensor, other: Any) -> Any:
        return call(other, self) if isinstance(other, KNOWN) else NotImplemented

    return forth, back


def recorded(fn: Any) -> tuple[Any, Any]:
    """The same for an operator that has no short path."""

    def forth(self: Tensor, other: Any) -> Any:
        return record(fn, (self, other), {}) if isinstance(other, OPERANDS) else NotImplemented

    def back(self: Tensor, other: Any) -> Any:
        return record(fn, (other, self), {}) if isinstance(other, KNOWN) else NotImplemented

    return forth, back


def compared(fn: Any) -> Any:
    """A comparison: it has no derivative."""

    def compare(self: Tensor, other: Any) -> Any:
        if not isinstance(other, OPERANDS):
            return NotImplemented
        return settled(fn(self._value, plain(other)))

    return compare


def negate(self: Tensor) -> Any:
    """``-self``."""
    return _negative(self)


def magnitude(self: Tensor) -> Any:
    """``abs(self)``."""
    return record(abs, (self,), {})


def inverted(self: Tensor) -> Any:
    """``~self``."""
    return wrapped(~self._value)


def power(self: Tensor, other: Any, modulo: Any = None) -> Any:
    """``self ** other``."""
    if modulo is not None or not isinstance(other, OPERANDS):
        return NotImplemented
    return _power(self, other)


_negative, _power = unary(operator.neg), binary(operator.pow)


def install() -> None:
    """Give `Tensor` its operators."""
    for name, fn in ARITHMETIC.items():
        forth, back = arithmetic(fn)
        setattr(Tensor, f"__{name}__", forth)
        setattr(Tensor, f"__r{name}__", back)
    for name in LOGIC:
        forth, back = recorded(getattr(operator, name))
        setattr(Tensor, f"__{name.rstrip('_')}__", forth)
        setattr(Tensor, f"__r{name.rstrip('_')}__", back)
    forth, back = recorded(np.matmul)
    methods = {"__matmul__": forth, "__rmatmul__": back, "__pow__": power, "__neg__": negate, "__abs__": magnitude,
               "__invert__": inverted, "__pos__": lambda self: record(operator.pos, (self,), {})}  # fmt: skip
    for name in COMPARISONS:
        methods[f"__{name}__"] = compared(getattr(operator, name))
    for name, method in methods.items():
        setattr(Tensor, name, method)


install()
