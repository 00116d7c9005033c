"""What a user chooses: which derivative, with respect to what, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad.errors import ArgumentError

ALLOWED = {
    "mode": ("auto", "source", "trace"),
    "fallback": ("warn", "error", "silent"),
    "unused": ("zero", "none", "error"),
    "backend": ("numpy", "plain"),
}


@dataclass(frozen=True)
class Choice:
    """The user's `argnums` or `argnames`; both None means every positional argument."""

    argnums: int | tuple[int, ...] | None = 0
    argnames: str | tuple[str, ...] | None = None

    @property
    def single(self) -> bool:
        """Is one bare gradient asked for?"""
        return isinstance(self.argnames, str) or (self.argnames is None and isinstance(self.argnums, int))

    @property
    def numbers(self) -> tuple[int, ...]:
        """The positions asked for."""
        return (self.argnums,) if isinstance(self.argnums, int) else self.argnums or ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names asked for."""
        return (self.argnames,) if isinstance(self.argnames, str) else self.argnames or ()


@dataclass(frozen=True)
class Options:
    """How a derivative is made."""

    kind: str  # grad, value_and_grad, vjp, jvp, jacfwd, jacrev, jacobian, hessian
    choice: Choice = Choice()
    has_aux: bool = False
    mode: str = "auto"
    fallback: str = "warn"
    unused: str = "zero"
    holomorphic: bool = False
    backend: str = "numpy"

    def __post_init__(self) -> None:
        for name, values in ALLOWED.items():
            given = getattr(self, name)
            if given not in values:
                raise ArgumentError(
                    f"{name}={given!r} is not known", repair=f"It is one of {', '.join(map(repr, values))}."
                )


def choose(argnums: Any, argnames: Any) -> Choice:
    """Check `argnums` and `argnames` as given to a decorator."""
    if argnames is not None:
        if not (argnums is None or (_is_int(argnums) and argnums == 0)):
            raise ArgumentError("give argnums or argnames, not both", repair="Leave one of them out.")
        return Choice(None, _names(argnames))
    if argnums is None:
        return Choice(None)
    if _is_int(argnums):
        return Choice(int(argnums))
    if isinstance(argnums, (tuple, list)) and all(map(_is_int, argnums)):
        return Choice(tuple(map(int, argnums)))
    raise ArgumentError(
        f"argnums must be an int or a tuple of ints, not {argnums!r}", repair="For instance argnums=(0, 1)."
    )


def _is_int(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _names(argnames: Any) -> str | tuple[str, ...]:
    if isinstance(argnames, str):
        return argnames
    if isinstance(argnames, (tuple, list)) and all(isinstance(name, str) for name in argnames):
        return tuple(argnames)
    raise ArgumentError(
        f"argnames must be a str or a tuple of str, not {argnames!r}", repair='For instance argnames=("w", "b").'
    )


__all__ = ["Choice", "Options", "choose"]
