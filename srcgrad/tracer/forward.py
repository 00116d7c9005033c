"""Forward mode: the tangent of a call by its rule. Sweeps may be nested; each has a level of its own.

The tangent of level k is made of values and tangents of lower levels only: so sweeps that surround each other never mix
up their perturbations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.errors import UnsupportedError
from srcgrad.rules.core import Rule
from srcgrad.tracer.node import plan_of
from srcgrad.tracer.sweeps import with_lower
from srcgrad.tracer.tensor import Tensor

Kwargs = dict[str, Any]
Lift = Callable[[Any], Any]


def push(fn: Any, rule: Rule, args: Any, kwargs: Kwargs, out: Any, lifted: Lift) -> None:
    """Give the result of a call its tangents."""
    for level in sorted(levels_in((*args, *kwargs.values()))):
        low = [below(arg, level) for arg in args], {name: below(arg, level) for name, arg in kwargs.items()}
        dots = [dot_of(arg, level) for arg in args], {name: dot_of(arg, level) for name, arg in kwargs.items()}
        call = Pushed(fn, rule, *low, *dots, below(out, level), lifted)
        give(out, level, call.tangent())


def levels_in(x: Any) -> set[int]:
    """The levels of all tangents in it."""
    if isinstance(x, Tensor):
        return set(x._dots or ())
    return set().union(*map(levels_in, x)) if isinstance(x, (list, tuple)) else set()


def below(x: Any, level: int) -> Any:
    """An argument with the tangents of lower levels only; lists and tuples item by item."""
    if isinstance(x, (list, tuple)):
        items = [below(item, level) for item in x]
        return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
    return with_lower(x, level) if isinstance(x, Tensor) else x


def dot_of(x: Any, level: int) -> Any:
    """The tangent of an argument, None where it has none; lists and tuples item by item."""
    if isinstance(x, Tensor):
        return (x._dots or {}).get(level)
    if isinstance(x, (list, tuple)):
        items = [dot_of(item, level) for item in x]
        return type(x)(items) if any(item is not None for item in items) and not hasattr(x, "_fields") else None
    return None


def give(out: Any, level: int, dot: Any) -> None:
    """Store a tangent in a result."""
    if dot is None:
        return
    if isinstance(out, (list, tuple)):
        for item, part in zip(out, dot, strict=True):
            give(item, level, part)
    elif isinstance(out, Tensor):
        out._dots = {**(out._dots or {}), level: dot}


def zeros(x: Any, dot: Any) -> Any:
    """The tangent of an argument, with zeros where it has none."""
    if isinstance(x, (list, tuple)):
        dots = dot if dot is not None else [None] * len(x)
        return type(x)(zeros(item, part) for item, part in zip(x, dots, strict=True))
    if dot is not None:
        return dot
    value = x._value if isinstance(x, Tensor) else x
    return value * 0.0 if isinstance(value, (int, float, complex)) else np.zeros_like(value)


class Pushed:
    """A call of a function with a rule, and the tangents of its arguments."""

    def __init__(self, fn: Any, rule: Rule, args: list[Any], kwargs: Kwargs, dots: list[Any], named_dots: Kwargs,
                 out: Any, lifted: Lift) -> None:  # fmt: skip
        self.fn, self.rule, self.args, self.kwargs = fn, rule, args, kwargs
        self.dots, self.named_dots, self.out, self.lifted = dots, named_dots, out, lifted
        self.places = self._places()

    def _places(self) -> dict[str, Any]:
        """Each operand's position, name, or stretch of positions."""
        vjp: Any = self.rule.vjp
        names = list(vjp.__code__.co_varnames[: vjp.__code__.co_argcount])[self.rule.skip :]
        found: dict[str, Any] = {}
        for name in self.rule.operands:
            if name in self.kwargs:
                found[name] = name
            elif name not in names:
                found[name] = (len(names),)
            elif names.index(name) < len(self.args):
                found[name] = names.index(name)
        return found

    def arg(self, place: Any) -> Any:
        """What was given there."""
        if isinstance(place, tuple):
            return tuple(self.args[place[0] :])
        return self.kwargs[place] if isinstance(place, str) else self.args[place]

    def dot(self, place: Any) -> Any:
        """Its tangent."""
        if isinstance(place, str):
            return self.named_dots[place]
        if isinstance(place, tuple):
            found = tuple(self.dots[place[0] :])
            return found if any(d is not None for d in found) else None
        return self.dots[place]

    def again(self, changes: dict[Any, Any]) -> Any:
        """The function on other arguments."""
        args, kwargs = list(self.args), dict(self.kwargs)
        for place, value in changes.items():
            if isinstance(place, str):
                kwargs[place] = value
            elif isinstance(place, tuple):
                args[place[0] :] = value
            else:
                args[place] = value
        return self.lifted(self.fn)(*args, **kwargs)

    def tangent(self) -> Any:
        """The tangent of the result, None where the arguments that vary do not matter."""
        active = {name: place for name, place in self.places.items() if self.dot(place) is not None}
        if not active:
            return None
        by_kind = {"elementwise": self.elementwise, "linear": self.linear, "bilinear": self.bilinear}
        return by_kind.get(self.rule.kind, self.custom)(active)

    def elementwise(self, active: dict[str, Any]) -> Any:
        """The sum of ``x_dot * partial``."""
        wanted = tuple(k for k, name in enumerate(self.rule.operands) if name in active)
        found = self.lifted(plan_of(self.fn, self.rule, wanted).call)(self.out, *self.args, **self.kwargs)
        terms = [times(self.dot(active[self.rule.operands[k]]), found if len(wanted) == 1 else found[k])
                 for k in wanted]  # fmt: skip
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        shape = np.shape(self.out)
        return total if np.shape(total) == shape else np.broadcast_to(total, shape)

    def linear(self, active: dict[str, Any]) -> Any:
        """The function itself on the tangents."""
        changes = {place: zeros(self.arg(place), self.dot(place)) for place in self.places.values()
                   if self.arg(place) is not None}  # fmt: skip
        changes |= {name: 0 for name in self.rule.zeros if self.kwargs.get(name) is not None}
        return self.again(changes)

    def bilinear(self, active: dict[str, Any]) -> Any:
        """``f(x_dot, y) + f(x, y_dot)``."""
        terms = [self.again({place: self.dot(place)}) for place in active.values()]
        return terms[0] if len(terms) == 1 else terms[0] + terms[1]

    def custom(self, active: dict[str, Any]) -> Any:
        """The rule's own forward mode."""
        dots = {f"{name}_dot": zeros(self.arg(place), self.dot(place)) for name, place in active.items()}
        absent = {f"{name}_dot": None for name in self.rule.operands if name not in active}
        jvp = self.rule.jvp_fn
        if jvp is None:
            raise UnsupportedError(f"the rule of `{getattr(self.fn, '__name__', self.fn)}` has no forward mode")
        return self.lifted(jvp)(self.out, *self.args, **self.kwargs, **dots, **absent)


def times(dot: Any, partial: Any) -> Any:
    """``dot * partial``, without the factors 1 and -1."""
    if type(partial) is int and partial in (1, -1):
        return dot if partial == 1 else -dot
    return dot * partial
