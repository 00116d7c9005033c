"""From a call's arguments to the function's parameters, and which of them are differentiated."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.api.derive import Target
from srcgrad.api.options import Choice
from srcgrad.errors import ArgumentError, NonDifferentiableError

POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
OPEN = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def label_of(fn: Any) -> str:
    """The name of a callable."""
    while isinstance(fn, functools.partial):
        fn = fn.func
    return str(getattr(fn, "__name__", type(fn).__name__))


def signature_of(fn: Callable[..., Any], follow: bool = False) -> inspect.Signature:
    """The signature of what runs: for a wrapper its own, and that of the function it wraps only to `follow` it."""
    try:
        return inspect.signature(fn if follow else unwrapping_nothing(fn))
    except (TypeError, ValueError):
        raise ArgumentError(
            f"the signature of {label_of(fn)!r} cannot be read", repair="Wrap it: lambda x: f(x)."
        ) from None


def unwrapping_nothing(fn: Callable[..., Any]) -> Callable[..., Any]:
    """The same function without what `functools.wraps` noted on it."""
    if isinstance(fn, types.MethodType) and isinstance(fn.__func__, types.FunctionType):
        return types.MethodType(unwrapping_nothing(fn.__func__), fn.__self__)
    if type(fn) is functools.partial:
        return functools.partial(unwrapping_nothing(fn.func), *fn.args, **fn.keywords)
    if not isinstance(fn, types.FunctionType) or not {"__wrapped__", "__signature__"} & vars(fn).keys():
        return fn
    bare = types.FunctionType(fn.__code__, fn.__globals__, fn.__name__, fn.__defaults__, fn.__closure__)
    bare.__kwdefaults__ = fn.__kwdefaults__
    return bare


def with_source(fn: Callable[..., Any]) -> Callable[..., Any]:
    """A ufunc as a function of its operands: its many keywords have no derivative. Anything else as it is."""
    if not isinstance(fn, np.ufunc) or fn.nin > 2:
        return fn
    return (lambda x: fn(x)) if fn.nin == 1 else (lambda x1, x2: fn(x1, x2))


class Parameters:
    """The parameters of a callable: those the caller sees, and those of the function that a `partial` calls."""

    def __init__(self, fn: Callable[..., Any]) -> None:
        self.label = label_of(fn)
        fn = with_source(fn)
        self.given, self.shown = fn, signature_of(fn, follow=True)
        self.first: tuple[Any, ...] = ()
        self.partials: list[functools.partial[Any]] = []  # the innermost first
        while type(fn) is functools.partial:
            self.first, self.partials = (*fn.args, *self.first), [fn, *self.partials]
            fn = fn.func
        self.fn = with_source(fn)
        self.read()

    @property
    def keywords(self) -> dict[str, Any]:
        """The keywords that partials give, as they are now."""
        return {key: value for part in self.partials for key, value in part.keywords.items()}

    def read(self) -> None:
        """Take the signature, with the defaults of now."""
        self.seen = signature_of(self.given)
        self.full = signature_of(self.fn)
        self.names = list(self.full.parameters)
        self.kinds = [p.kind for p in self.full.parameters.values()]
        self.defaults = self.defaults_now()
        bound = bool(self.first or self.keywords)
        self.plain = not bound and all(kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for kind in self.kinds)
        self.known = set(self.names)
        self.orders: dict[Any, tuple[str, ...]] = {}
        self.count = len(self.names) if self.plain else -1
        self.default_values = {p.name: p.default for p in self.full.parameters.values() if p.default is not p.empty}

    def defaults_now(self) -> tuple[Any, ...]:
        """The code and the defaults of a plain function: they may be replaced."""
        fn = self.fn.__func__ if isinstance(self.fn, types.MethodType) else self.fn
        if not isinstance(fn, types.FunctionType):
            return ()
        named = fn.__kwdefaults__ or {}
        return fn.__code__, fn.__defaults__, *named, *named.values()

    def refreshed(self) -> bool:
        """Read the signature again if the function was changed since; was it?"""
        now = self.defaults_now()
        if len(now) == len(self.defaults) and all(a is b for a, b in zip(now, self.defaults, strict=True)):
            return False
        self.read()
        return True

    def arrange(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """One value per parameter of the function, in order."""
        self.refreshed()
        rest = self.orders.get((len(args), *kwargs))
        if rest is not None:  # every parameter given, as in a call before
            return (*args, *[kwargs[name] for name in rest])
        if self.plain and len(args) <= self.count:
            given = {**self.default_values, **dict(zip(self.names, args, strict=False)), **kwargs}
            rest = tuple(self.names[len(args) :])
            if kwargs.keys() == set(rest) and len(self.orders) < 64:
                self.orders[(len(args), *kwargs)] = rest
            if given.keys() == self.known and kwargs.keys().isdisjoint(self.names[: len(args)]):
                return tuple([given[name] for name in self.names])
        try:
            bound = self.full.bind(*self.first, *args, **{**self.keywords, **kwargs})
        except TypeError as error:
            raise TypeError(f"{self.label}() {error}") from None
        bound.apply_defaults()
        return tuple(bound.arguments.values())

    # --- which are differentiated -------------------------------------------------------------------------------

    def check(self, choice: Choice) -> None:
        """Raise at decoration what is wrong in any case."""
        seen = list(self.seen.parameters.values())
        ordered = [p.name for p in seen if p.kind in POSITIONAL]
        if not any(p.kind is p.VAR_POSITIONAL for p in seen):
            for k in choice.numbers:
                if not -len(ordered) <= k < len(ordered):
                    raise ArgumentError(f"argnums={k} is out of range: {self.label}() has {_many(ordered)}",
                                        repair=_listed(ordered))  # fmt: skip
        if not any(p.kind is p.VAR_KEYWORD for p in seen):
            for name in choice.names:
                if name not in {*self.seen.parameters, *self.shown.parameters}:
                    raise ArgumentError(
                        f"{self.label}() has no parameter {name!r}", repair=_listed(list(self.seen.parameters))
                    )

    def targets(self, choice: Choice, values: tuple[Any, ...]) -> tuple[Target, ...]:
        """Where in the parameters the differentiated arguments are."""
        if choice.argnames is not None:
            return tuple(self._named(name, values) for name in choice.names)
        places = self.positions(values)
        if choice.argnums is None:
            return tuple(places)
        for k in choice.numbers:
            if not -len(places) <= k < len(places):
                raise ArgumentError(
                    f"argnums={k} is out of range: {self.label}() was called with {len(places)} positional arguments"
                )
        return tuple(places[k] for k in choice.numbers)

    def positions(self, values: tuple[Any, ...]) -> list[Target]:
        """The caller's positional arguments in order, those in ``*args`` last."""
        found: list[Target] = []
        for parameter in self.seen.parameters.values():
            if parameter.kind in POSITIONAL:
                found.append((self.names.index(parameter.name),))
            elif parameter.kind is parameter.VAR_POSITIONAL:
                k = self.names.index(parameter.name)
                bound = max(0, len(self.first) - sum(kind in POSITIONAL for kind in self.kinds))
                found += [(k, j) for j in range(bound, len(values[k]))]
        return found

    def _named(self, name: str, values: tuple[Any, ...]) -> Target:
        if name in self.names and self.kinds[self.names.index(name)] not in OPEN:
            return (self.names.index(name),)
        for k, kind in enumerate(self.kinds):
            if kind is inspect.Parameter.VAR_KEYWORD and name in values[k]:
                return (k, name)
        places = self.positions(values)
        shown = list(self.shown.parameters)
        if name in shown and shown.index(name) < len(places):  # a parameter of what a wrapper with `*args` wraps
            return places[shown.index(name)]
        raise ArgumentError(f"{self.label}() has no argument {name!r}", repair=_listed(self.names))

    def name_of(self, target: Target) -> str:
        """What to call a differentiated argument in a message."""
        name, *rest = self.names[target[0]], *target[1:]
        if rest and self.kinds[target[0]] is inspect.Parameter.VAR_KEYWORD:
            name, *rest = rest
        return name + "".join(f"[{key!r}]" for key in rest)


def _many(names: list[str]) -> str:
    return f"{len(names)} positional parameter{'' if len(names) == 1 else 's'}"


def _listed(names: list[str]) -> str:
    return f"They are {', '.join(names)}." if names else "It takes none."


def pick(values: Any, place: Target) -> Any:
    """What stands at a place: items of sequences and dicts, attributes of objects."""
    for key in place:
        values = values[key] if isinstance(values, (dict, list, tuple)) else getattr(values, key)
    return values


def put(values: tuple[Any, ...], place: Target, new: Any) -> tuple[Any, ...]:
    """The arguments with one of them replaced; containers on the way are copied."""
    items = list(values)
    inner = items[place[0]]
    if len(place) > 1:
        inner = (
            {**inner, place[1]: new} if isinstance(inner, dict) else (*inner[: place[1]], new, *inner[place[1] + 1 :])
        )
    items[place[0]] = inner if len(place) > 1 else new
    return tuple(items)


def check_differentiable(value: Any, label: str) -> None:
    """Refuse what cannot vary: integer arrays, flags, text."""
    dtype = getattr(value, "dtype", None) if isinstance(value, (np.ndarray, np.generic)) else None
    if (dtype is not None and dtype.kind in "biu") or isinstance(value, (bool, str)) or value is None:
        kind = f"{type(value).__name__} of {dtype}" if isinstance(value, np.ndarray) else dtype or type(value).__name__
        raise NonDifferentiableError(
            f"cannot differentiate with respect to `{label}`: it is {_article(str(kind))}, and only floats vary",
            repair="Pass floats, or leave the argument out of argnums.",
        )


def _article(word: str) -> str:
    return word if word == "NoneType" else f"{'an' if word.startswith(('int', 'nd')) else 'a'} {word}"


__all__ = ["Parameters", "check_differentiable", "label_of", "pick", "put", "signature_of"]
