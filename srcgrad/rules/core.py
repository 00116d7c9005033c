"""How a rule is written, and the table of all rules.

A rule is an ordinary function over NumPy. The source transform reads it with the frontend that reads user code and
inlines it; the tracer calls it. Its parameters are those of the function it is about, under the same names and with
the same defaults, so that a call binds to the rule the way it binds to the function.

=============  ======================================================  =========================================
kind           what the decorated function returns                     forward mode
=============  ======================================================  =========================================
constant       nothing: there is no derivative                         zero
elementwise    ``(out, x, ...)``: one partial per operand              sum of ``x_dot * partial``
linear         ``(out_bar, x, ...)``: one cotangent per operand        the function itself, on the tangents
bilinear       ``(out_bar, x, y, ...)``: two cotangents                ``f(x_dot, y) + f(x, y_dot)``
custom         ``(out_bar, out, x, ...)``: one cotangent per operand   its own ``.jvp``: ``(out, x, ..., *, x_dot)``
defined        ``(x, ...)``: the same result, by other functions       that of the definition
=============  ======================================================  =========================================
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from srcgrad.ir.types import Type

Fn = Callable[..., Any]


class Sample(NamedTuple):
    """Arguments to try a rule with."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any] = {}


Samples = Callable[["np.random.Generator"], Iterable[Sample]]


@dataclass(eq=False)
class Rule:
    """What is known of a callable.

    Attributes
    ----------
    fns : the callables it is about
    kind : constant, elementwise, linear, bilinear, custom or defined
    operands : names of the parameters that have a derivative; a parameter that is a list of arrays is one operand
    vjp : the decorated function (for `elementwise` its partials, for `defined` the definition)
    jvp : forward mode of a `custom` rule
    zeros : keywords of a `linear` rule that add constants: for tangents they are 0
    shape_only : parameters of which only the shape matters
    result : the type of the result: called like the function, values replaced by their types
    view : may the result share memory with the first operand: True, False or "maybe" (depends on the layout)
    effect : "" none, "io", "random" (draws), "raise" (may raise on valid shapes)
    samples : arguments to test it with
    symmetric : is it about symmetric matrices?
    refuses : parameters (``*``: all) by which there is no derivative, each with the reason and what to do instead
    """

    fns: tuple[Fn, ...]
    kind: str
    operands: tuple[str, ...] = ()
    vjp: Fn | None = None
    jvp_fn: Fn | None = None
    zeros: tuple[str, ...] = ()
    shape_only: tuple[str, ...] = ()
    result: Callable[..., Type] | None = None
    view: bool | str = False
    effect: str = ""
    samples: Samples | None = None
    symmetric: bool = False
    refuses: tuple[tuple[str, str], ...] = ()
    doc: str = field(default="", repr=False)

    @property
    def skip(self) -> int:
        """How many parameters of the decorated function come before those of the callable."""
        return SKIP[self.kind]

    def jvp(self, fn: Fn) -> Fn:
        """Decorate the forward mode of a `custom` rule: ``(out, x, ..., *, x_dot)``; an absent tangent is None."""
        self.jvp_fn = fn
        _EDITION[0] += 1
        return fn


SKIP = {"constant": 0, "elementwise": 1, "linear": 1, "bilinear": 1, "custom": 2, "defined": 0}
_TABLE: dict[Any, Rule] = {}
_EDITION = [0]  # counts what was registered


# Chapters about modules that take long to import: read once the user's program has imported those, not before.
LATE = {
    "numpy.random": ("srcgrad.rules.draws",),
    "numpy.polynomial": ("srcgrad.rules.series", "srcgrad.rules.orthogonal", "srcgrad.rules.domains"),
    "scipy.special": ("srcgrad.rules.special", "srcgrad.rules.bessel", "srcgrad.rules.softmax"),
    "scipy.stats": ("srcgrad.rules.distributions",),
    "scipy.linalg": ("srcgrad.rules.scipy_linalg",),
    "logging": ("srcgrad.rules.logs",),
    "threading": ("srcgrad.rules.locks",),
}


def lookup(fn: Any) -> Rule | None:
    """The rule of a callable, None where there is none."""
    try:
        found = _TABLE.get(fn)
    except TypeError:  # unhashable callables have no rule
        return None
    return _TABLE.get(fn) if found is None and register_late() else found


def register_late() -> bool:
    """Read the chapters about modules that are there by now. Were there any?"""
    ready = [chapter for module in [*LATE] if module in sys.modules for chapter in LATE.pop(module)]
    for chapter in ready:
        importlib.import_module(chapter)
    return bool(ready)


def all_rules() -> list[Rule]:
    """Every registered rule, once."""
    return list(dict.fromkeys(_TABLE.values()))


def register(rule: Rule) -> Rule:
    """Enter a rule for each of its callables."""
    for fn in rule.fns:
        _TABLE[fn] = rule
    _EDITION[0] += 1
    return rule


def edition() -> int:
    """A number that is another one when rules have been added: code made before may be out of date."""
    return _EDITION[0]


def constant(*fns: Fn, result: Callable[..., Type] | None = None, effect: str = "", samples: Samples | None = None,
             shape_only: tuple[str, ...] = (), view: bool | str = False) -> Rule:  # fmt: skip
    """Register callables whose derivative is zero almost everywhere, or that make constants."""
    return register(Rule(fns, "constant", result=result, effect=effect, samples=samples, shape_only=shape_only,
                         view=view))  # fmt: skip


def refused(*fns: Fn, why: str, effect: str = "") -> Rule:
    """Register callables that have no derivative by any argument: on constants they run, else `why` is said."""
    return register(Rule(fns, "constant", effect=effect, refuses=(("*", why),)))


def _decorator(kind: str) -> Callable[..., Callable[[Fn], Rule]]:
    def declare(*fns: Fn, operands: tuple[str, ...] | None = None, **facts: Any) -> Callable[[Fn], Rule]:
        def decorate(vjp: Fn) -> Rule:
            named = operands if operands is not None else _required(vjp, SKIP[kind])
            return register(Rule(fns, kind, named, vjp, doc=vjp.__doc__ or "", **facts))

        return decorate

    return declare


def _required(vjp: Fn, skip: int) -> tuple[str, ...]:
    """The names of the parameters without default, less the cotangent and the like: the operands."""
    parameters = list(inspect.signature(vjp).parameters.values())[skip:]
    return tuple(p.name for p in parameters if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD)


elementwise = _decorator("elementwise")
linear = _decorator("linear")
bilinear = _decorator("bilinear")
custom = _decorator("custom")
defined = _decorator("defined")
