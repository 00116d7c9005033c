"""The operators of tensors, and the elementwise functions: the path of every recorded operation, so it is short."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.rules.core import lookup
from srcgrad.tracer.modes import MODE, SPECIAL
from srcgrad.tracer.node import Node, Plan, current, next_number, plan_of
from srcgrad.tracer.record import is_inexact, record, settled, wrapped
from srcgrad.tracer.tensor import Tensor, plain

ndarray = np.ndarray
KNOWN = (float, int, complex, np.generic, np.ndarray, list, tuple)
OPERANDS = (Tensor, *KNOWN)
LIGHT = {float, int, np.float64, np.float32, bool, complex}
_new = object.__new__


def same_kind(a: Any, out: Any) -> bool:
    """Has a cotangent of the result the shape and dtype of the operand?"""
    kind = a.__class__
    if kind is not ndarray:
        return kind is out.__class__
    return hasattr(out, "dtype") and a.dtype is out.dtype and a.shape == out.shape


def fits_of(out: Any, *operands: Any) -> Any:
    """Shapes and dtypes of the operands, None where all are those of the result."""
    if all(same_kind(a, out) for a in operands):
        return None
    return tuple([(a.shape, a.dtype) if hasattr(a, "dtype") else ((), type(a)) for a in operands])


def linked(out: Any, plan: Plan, args: Any, edges: Any, fits: Any) -> Tensor:
    """A result with its node: both are made without a call of their own, for there is one of each per operation."""
    node: Node = _new(Node)
    node.plan = plan
    node.args = args
    node.out = out if plan.keeps_out else None
    node.edges = edges
    node.fits = fits
    node.number = next_number()
    node.life = node.more = None
    tensor: Tensor = _new(Tensor)
    tensor._value = out
    tensor._node = node
    tensor._grad = tensor._store = tensor._dots = None
    return tensor


def binary(fn: Any) -> Callable[[Any, Any], Any]:
    """Calls a function of two operands, of which one or both are tensors."""
    rule = lookup(fn)
    assert rule is not None
    first, second = rule.operands
    both, left, right = plan_of(fn, rule, (0, 1)), plan_of(fn, rule, (0,)), plan_of(fn, rule, (1,))
    both_a, both_b = both.keeps(first), both.keeps(second)
    left_a, left_b, right_a, right_b = left.keeps(first), left.keeps(second), right.keeps(first), right.keeps(second)

    def call(x: Any, y: Any) -> Any:
        if SPECIAL or not MODE.on:
            return record(fn, (x, y), {})
        kind = type(x)
        if kind in LIGHT:
            if (y_node := y._node) is None:
                return record(fn, (x, y), {})
            if y_node.life is not None:
                y_node = current(y)
            b = y._value
            out = fn(x, b)
            fits = None if same_kind(b, out) else fits_of(out, b)
            return linked(out, right, (x if right_a else None, b if right_b else None), (y_node,), fits)
        if not issubclass(kind, Tensor) or (x_node := x._node) is None:
            return record(fn, (x, y), {})
        if x_node.life is not None:
            x_node = current(x)
        a = x._value
        kind = type(y)
        if kind in LIGHT:
            out = fn(a, y)
            fits = None if same_kind(a, out) else fits_of(out, a)
            return linked(out, left, (a if left_a else None, y if left_b else None), (x_node,), fits)
        if not issubclass(kind, Tensor) or (y_node := y._node) is None:
            return record(fn, (x, y), {})
        if y_node.life is not None:
            y_node = current(y)
        b = y._value
        out = fn(a, b)
        fits = None if same_kind(a, out) and same_kind(b, out) else fits_of(out, a, b)
        return linked(out, both, (a if both_a else None, b if both_b else None), (x_node, y_node), fits)

    return call


def unary(fn: Any) -> Callable[[Any], Any]:
    """Calls a function of one operand, a tensor."""
    rule = lookup(fn)
    assert rule is not None
    plan = plan_of(fn, rule, (0,))
    keep, keep_out, nothing = plan.keeps(rule.operands[0]), plan.keeps_out, (None,)

    def call(x: Any) -> Any:
        edge, a = x._node, x._value
        if SPECIAL or edge is None or not MODE.on:
            return record(fn, (x,), {})
        if edge.life is not None:
            edge = current(x)
        out = fn(a)
        if out.__class__ is not a.__class__ or (out.__class__ is ndarray and out.dtype is not a.dtype):
            return (
                linked(out, plan, (a if keep else None,), (edge,), fits_of(out, a)) if is_inexact(out) else settled(out)
            )
        node: Node = _new(Node)
        node.plan, node.args, node.out = plan, (a,) if keep else nothing, out if keep_out else None
        node.edges, node.number = (edge,), next_number()
        node.fits = node.life = node.more = None
        made: Tensor = _new(Tensor)
        made._value, made._node = out, node
        made._grad = made._store = made._dots = None
        return made

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


def alike(fn: Any, other: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Calls an operator on two tensors of one shape and dtype, the usual case; `other` is for all else."""
    rule = lookup(fn)
    assert rule is not None
    plan = plan_of(fn, rule, (0, 1))
    keep, keep_out = any(map(plan.keeps, rule.operands)), plan.keeps_out
    nothing = (None, None)

    def call(x: Any, y: Any) -> Any:
        first, second, a, b = x._node, y._node, x._value, y._value
        if SPECIAL or first is None or second is None or first.life is not None or second.life is not None:
            return other(x, y)
        if a.__class__ is not b.__class__ or not MODE.on:
            return other(x, y)
        if a.__class__ is ndarray and (a.shape != b.shape or a.dtype is not b.dtype or not a.shape):
            return other(x, y)
        out = fn(a, b)
        if out.__class__ is not a.__class__:
            return other(x, y)
        node: Node = _new(Node)
        node.plan, node.args, node.out = plan, (a, b) if keep else nothing, out if keep_out else None
        node.edges, node.number = (first, second), next_number()
        node.fits = node.life = node.more = None
        made: Tensor = _new(Tensor)
        made._value, made._node = out, node
        made._grad = made._store = made._dots = None
        return made

    return call


def scaled(fn: Any, other: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Calls an operator on a tensor and a Python number; `other` is for what is unusual."""
    rule = lookup(fn)
    assert rule is not None
    plan = plan_of(fn, rule, (0,))
    (keep_a, keep_b), keep_out = map(plan.keeps, rule.operands), plan.keeps_out

    def call(x: Any, y: Any) -> Any:
        edge, a = x._node, x._value
        if SPECIAL or edge is None or edge.life is not None or not MODE.on:
            return other(x, y)
        out = fn(a, y)
        if out.__class__ is not a.__class__:
            return other(x, y)
        node: Node = _new(Node)
        node.plan, node.args, node.out = plan, (a if keep_a else None, y if keep_b else None), out if keep_out else None
        node.edges, node.number = (edge,), next_number()
        node.fits = node.life = node.more = None
        made: Tensor = _new(Tensor)
        made._value, made._node = out, node
        made._grad = made._store = made._dots = None
        return made

    return call


def arithmetic(fn: Any) -> tuple[Any, Any]:
    """An operator and its reflection."""
    call = binary(fn)
    on_tensors, on_number = alike(fn, call), scaled(fn, call)

    def forth(self: Tensor, other: Any) -> Any:
        kind = type(other)
        if kind is Tensor:
            return on_tensors(self, other)
        if kind is float or kind is int:
            return on_number(self, other)
        return call(self, other) if kind in LIGHT or isinstance(other, OPERANDS) else NotImplemented

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
