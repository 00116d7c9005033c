"""Every public name of NumPy, `math`, `operator` and the builtins, and what becomes of each."""

from __future__ import annotations

import builtins
import math
import operator
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.lib import stride_tricks
from numpy.polynomial import chebyshev, hermite, hermite_e, laguerre, legendre, polynomial, polyutils

from srcgrad.frontend.calls import handlers
from srcgrad.frontend.draws import unbound
from srcgrad.frontend.functional import GETTERS
from srcgrad.frontend.methods import ATTRIBUTES, METHODS
from srcgrad.rules import classes, refusals
from srcgrad.rules.core import lookup

MODULES: tuple[ModuleType, ...] = (
    np, np.linalg, np.fft, np.emath, np.random, stride_tricks, np.polynomial, polynomial, chebyshev, legendre, hermite,
    hermite_e, laguerre, polyutils, math, operator, builtins,
)  # fmt: skip
CLASSES: dict[str, type] = {
    "numpy.ndarray": np.ndarray, "numpy.ufunc": np.ufunc, "numpy.random.Generator": np.random.Generator,
    "numpy.random.RandomState": np.random.RandomState,
}  # fmt: skip
NEWEST = (2, 4)  # the newest minor version of NumPy whose names are known
TOLD = {"shape", "ndim", "size", "dtype", "strides", "nbytes", "itemsize"}  # attributes of arrays that are no numbers
UFUNC_METHODS = {"at", "reduce", "accumulate", "outer", "reduceat"}
OPAQUE_RULES = {*refusals.TEXT, *refusals.FILES, *refusals.BYTES}
WHOLE = {"randint", "integers", "random_integers", "bytes", "seed"}  # which take whole numbers only
BY_FRONTEND = {np.astype, np.errstate, *GETTERS}  # what the frontend knows by itself


@dataclass(frozen=True)
class Name:
    """A public name.

    Attributes
    ----------
    kind : its class; "" where nothing is known of it
    why : where it has no derivative, the reason
    """

    where: str
    name: str
    kind: str
    why: str = ""
    takes_floats: bool = True


def where_of(module: ModuleType) -> str:
    """The namespace's public name."""
    return "numpy.emath" if module is np.emath else module.__name__


def public(thing: Any) -> Iterator[tuple[str, Any]]:
    """The public names of a module or a class."""
    for name in dir(thing):
        if not name.startswith("_"):
            yield name, getattr(thing, name)


def everything() -> list[Name]:
    """All names with their classes."""
    known = classes.declared()
    found = [named(known, where_of(module), name, fn) for module in MODULES for name, fn in public(module)
             if callable(fn)]  # fmt: skip
    return found + [named(known, where, name, fn) for where, cls in CLASSES.items() for name, fn in public(cls)]


def named(known: dict[tuple[str, str], classes.Declared], where: str, name: str, fn: Any) -> Name:
    """A name with its class; one that is declared has to have neither rule nor handler."""
    told = known.get((where, name))
    kind, why = class_of(where, name, fn)
    if told is not None:
        assert not kind, f"{where}.{name} is declared as {told.kind}, but it is {kind}"
        return Name(where, name, told.kind, told.why, told.takes_floats)
    return Name(where, name, kind, why, not is_kind(fn) and name not in WHOLE)


def is_kind(fn: Any) -> bool:
    """Is it a class of exceptions, or another class that makes no numbers?"""
    return isinstance(fn, type) and issubclass(fn, BaseException)


def class_of(where: str, name: str, fn: Any) -> tuple[str, str]:
    """What the rules and the frontend say of a callable, and why."""
    if where == "numpy.ndarray":
        if name in TOLD:
            return classes.CONSTANT, ""
        fn = METHODS.get(name, ATTRIBUTES.get(name))
    if where == "numpy.ufunc" and name in UFUNC_METHODS:
        return classes.INTERPRETED, ""
    if isinstance(fn, type) and fn is not polynomial.ABCPolyBase and issubclass(fn, polynomial.ABCPolyBase):
        return classes.UNSUPPORTED, classes.CALLS
    drawn = unbound(fn) if fn is not None else None
    return by_rule(drawn[0] if drawn is not None else fn)


def by_rule(fn: Any) -> tuple[str, str]:
    """The class of what has a rule, or is interpreted."""
    if fn is None:
        return "", ""
    if handlers(fn) or (isinstance(fn, type) and issubclass(fn, BaseException)) or fn in BY_FRONTEND:
        return classes.INTERPRETED, ""
    rule = lookup(fn)
    if rule is None:
        return "", ""
    why = dict(rule.refuses).get("*", "")
    if why:
        is_opaque = fn in OPAQUE_RULES or getattr(fn, "__name__", "") == "bytes"
        return classes.OPAQUE if is_opaque else classes.UNSUPPORTED, why
    if rule.kind == "constant":
        return classes.CONSTANT, ""
    assert rule.kind != "custom" or rule.jvp_fn is not None, f"{fn} has no forward mode"
    return classes.DIFFERENTIABLE, ""


def counts(names: list[Name]) -> Counter[str]:
    """How many names there are of each class."""
    return Counter(each.kind for each in names)


def share_unsupported(names: list[Name]) -> float:
    """The share of what is not supported among all that takes floats."""
    taking = [each for each in names if each.takes_floats]
    return sum(each.kind == classes.UNSUPPORTED for each in taking) / len(taking)
