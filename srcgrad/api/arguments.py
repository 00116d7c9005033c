"""From a call's arguments to the function's parameters, and which of them are differentiated."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad.autodiff.derive import Target
from srcgrad.errors import ArgumentError, NonDifferentiableError

POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class Choice:
    """The user's `argnums` or `argnames`."""

    argnums: int | tuple[int, ...] | None = 0
    argnames: str | tuple[str, ...] | None = None

    @property
    def single(self) -> bool:
        """Is one bare gradient asked for?"""
        return isinstance(self.argnames, str) or (self.argnames is None and isinstance(self.argnums, int))


def choose(argnums: Any, argnames: Any) -> Choice:
    """Check `argnums` and `argnames` as given to a decorator."""
    if argnames is not None:
        if argnums not in (0, None):
            raise ArgumentError("give argnums or argnames, not both", repair="Leave one of them out.")
        return Choice(None, argnames if isinstance(argnames, str) else tuple(argnames))
    if argnums is None:
        return Choice(None)
    if isinstance(argnums, (int, np.integer)) and not isinstance(argnums, bool):
        return Choice(int(argnums))
    if isinstance(argnums, (tuple, list)) and all(isinstance(k, (int, np.integer)) for k in argnums):
        return Choice(tuple(int(k) for k in argnums))
    raise ArgumentError(f"argnums must be an int or a tuple of ints, not {argnums!r}", repair="For instance argnums=(0, 1).")


def signature_of(fn: Callable[..., Any]) -> inspect.Signature:
    """The function's signature as users see it."""
    try:
        return inspect.signature(fn)
    except (TypeError, ValueError):
        raise ArgumentError(f"the signature of {getattr(fn, '__name__', fn)!r} cannot be read",
                            repair="Wrap it: lambda x: f(x).") from None  # fmt: skip


def check_choice(choice: Choice, signature: inspect.Signature, label: str) -> None:
    """Raise at decoration what is wrong in any case."""
    parameters = list(signature.parameters.values())
    open_ended = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    count = sum(p.kind in POSITIONAL for p in parameters)
    numbers = (choice.argnums,) if isinstance(choice.argnums, int) else choice.argnums or ()
    for k in numbers:
        if not open_ended and not -count <= k < count:
            raise ArgumentError(f"argnums={k} is out of range: {label}() has {count} positional parameters",
                                repair=f"They are {', '.join(p.name for p in parameters if p.kind in POSITIONAL)}.")  # fmt: skip
    names = (choice.argnames,) if isinstance(choice.argnames, str) else choice.argnames or ()
    if not any(p.kind is p.VAR_KEYWORD for p in parameters):
        for name in names:
            if name not in signature.parameters:
                raise ArgumentError(f"{label}() has no parameter {name!r}",
                                    repair=f"Its parameters are {', '.join(signature.parameters)}.")  # fmt: skip


def targets_of(choice: Choice, signature: inspect.Signature, values: dict[str, Any], label: str) -> tuple[Target, ...]:
    """Where in the parameters the differentiated arguments are."""
    names = list(signature.parameters)
    if choice.argnames is not None:
        wanted = (choice.argnames,) if isinstance(choice.argnames, str) else choice.argnames
        return tuple(_named(name, signature, values, names, label) for name in wanted)
    places = positions(signature, values, names)
    if choice.argnums is None:
        return tuple(places)
    numbers = (choice.argnums,) if isinstance(choice.argnums, int) else choice.argnums
    for k in numbers:
        if not -len(places) <= k < len(places):
            raise ArgumentError(f"argnums={k} is out of range: {label}() was called with {len(places)} positional arguments")
    return tuple(places[k] for k in numbers)


def positions(signature: inspect.Signature, values: dict[str, Any], names: list[str]) -> list[Target]:
    """The positional arguments in order, those in ``*args`` last."""
    found: list[Target] = []
    for k, parameter in enumerate(signature.parameters.values()):
        if parameter.kind in POSITIONAL:
            found.append((k,))
        elif parameter.kind is parameter.VAR_POSITIONAL:
            found += [(k, j) for j in range(len(values[parameter.name]))]
    return found


def _named(name: str, signature: inspect.Signature, values: dict[str, Any], names: list[str], label: str) -> Target:
    parameter = signature.parameters.get(name)
    if parameter is not None and parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
        return (names.index(name),)
    for other in signature.parameters.values():
        if other.kind is other.VAR_KEYWORD and name in values[other.name]:
            return (names.index(other.name), name)
    raise ArgumentError(f"{label}() has no argument {name!r}", repair=f"It was given {', '.join(values)}.")


def bind(signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """All parameters, in order, defaults applied."""
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    return dict(bound.arguments)


def as_float(values: dict[str, Any], targets: tuple[Target, ...]) -> dict[str, Any]:
    """Differentiated Python ints become floats; integer arrays are refused."""
    names = list(values)
    for target in targets:
        name = names[target[0]]
        if len(target) == 1:
            values[name] = float_leaf(values[name], name)
        elif isinstance(values[name], tuple):
            items = list(values[name])
            items[target[1]] = float_leaf(items[target[1]], f"{name}[{target[1]}]")
            values[name] = tuple(items)
        else:
            values[name] = {**values[name], target[1]: float_leaf(values[name][target[1]], str(target[1]))}
    return values


def float_leaf(value: Any, label: str) -> Any:
    """One differentiated argument."""
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "biu" or isinstance(value, (bool, str)) or value is None:
        kind = getattr(value, "dtype", None) or type(value).__name__
        raise NonDifferentiableError(
            f"cannot differentiate with respect to `{label}`: it holds {kind}, and only floats vary",
            repair="Pass floats, or leave the argument out of argnums.",
        )
    return value
