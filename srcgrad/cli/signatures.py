"""Example arguments from text: ``float64[n, 3], float64[], steps=10``."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = ["SpecError", "examples", "examples_for"]

LENGTHS = (5, 4, 3, 6, 7, 8, 9)  # of n, m, ... in the order in which they are met
EMPTY = re.compile(r"(?<=[0-9A-Za-z_])\[\s*\]")  # ``float64[]``, which Python does not read
NUMBERS = ("float", "int", "complex", "bool")


class SpecError(Exception):
    """The text is not a signature."""


@dataclass
class _Maker:
    """Makes arguments; a letter stands for one length throughout."""

    rng: np.random.Generator
    sizes: dict[str, int] = field(default_factory=dict)

    def make(self, node: ast.expr) -> Any:
        """The argument of one item of a signature."""
        match node:
            case ast.Subscript(ast.Name(dtype), index):
                dims = index.elts if isinstance(index, ast.Tuple) else [index]
                return self.array(dtype, tuple(self.size(dim) for dim in dims))
            case ast.Name(kind) if kind in NUMBERS:
                return {"float": float, "int": int, "complex": complex, "bool": bool}[kind](self.number(kind))
            case ast.Name(dtype):
                return self.array(dtype, ())[()]
            case ast.Dict(keys, values):
                return {_key(key): self.make(value) for key, value in zip(keys, values, strict=True)}
            case ast.List(items):
                return [self.make(item) for item in items]
            case ast.Tuple(items):
                return tuple(self.make(item) for item in items)
        return _literal(node)

    def size(self, node: ast.expr) -> int:
        match node:
            case ast.Constant(int(number)) if number >= 0:
                return number
            case ast.Slice(None, None, None):
                return self.letter(f":{len(self.sizes)}")
            case ast.Name(letter):
                return self.letter(letter)
        raise SpecError(f"{ast.unparse(node)!r} is not a length: write a number, a letter or `:`")

    def letter(self, name: str) -> int:
        return self.sizes.setdefault(name, LENGTHS[len(self.sizes) % len(LENGTHS)])

    def number(self, kind: str) -> complex:
        if kind == "complex":
            return complex(self.rng.uniform(0.3, 1.3), self.rng.uniform(0.3, 1.3))
        return float(self.rng.uniform(0.3, 1.3)) if kind == "float" else 3 if kind == "int" else 1

    def array(self, name: str, shape: tuple[int, ...]) -> Any:
        """Positive numbers of the size of one, so that logarithms and roots exist."""
        try:
            dtype = np.dtype(name)
        except TypeError:
            raise SpecError(f"{name!r} is not a dtype; numbers are {', '.join(NUMBERS)}, text is quoted") from None
        if dtype.kind not in "biufc":
            raise SpecError(f"{name!r} is not a dtype of numbers")
        if dtype.kind in "biu":
            return np.asarray(self.rng.integers(0, 2 if dtype.kind == "b" else 4, shape)).astype(dtype)
        values: Any = self.rng.uniform(0.3, 1.3, shape)
        if dtype.kind == "c":
            values = values + 1j * self.rng.uniform(0.3, 1.3, shape)
        return np.asarray(values).astype(dtype)


def _key(node: ast.expr | None) -> Any:
    if isinstance(node, ast.Name):
        return node.id
    if node is None:
        raise SpecError("`**` has no meaning in a signature")
    return _literal(node)


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise SpecError(f"{ast.unparse(node)!r} is neither a kind of argument nor a literal") from None


def examples(text: str, seed: int = 0) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments of the kinds that a text lists.

    Parameters
    ----------
    text : str
        Separated by commas, optionally after ``name=``: ``float64[n, 3]`` for an array, ``float64[]`` for one without
        axes, ``float64`` for a NumPy number, ``float``, ``int``, ``complex``, a literal, or a container of these in
        Python's notation.
    seed : int
        Of the random numbers.

    Returns
    -------
    args, kwargs
        Positional arguments and those by name.
    """
    python = EMPTY.sub("[()]", text)
    try:
        tree = ast.parse(f"f({python})", mode="eval").body
    except SyntaxError:
        raise SpecError(f"{text!r} is not a signature: write it like float64[n, 3], float64[], steps=10") from None
    if not isinstance(tree, ast.Call):
        raise SpecError(f"{text!r} is not a signature")
    maker = _Maker(np.random.default_rng(seed))
    args = tuple(maker.make(node) for node in tree.args)
    return args, {str(keyword.arg): maker.make(keyword.value) for keyword in tree.keywords}


def examples_for(fn: Callable[..., Any], seed: int = 0) -> tuple[Any, ...] | None:
    """Arguments guessed from annotations; None where a parameter without default has none that helps."""
    maker = _Maker(np.random.default_rng(seed))
    args: list[Any] = []
    for parameter in inspect.signature(fn).parameters.values():
        if parameter.default is not parameter.empty or parameter.kind not in (0, 1):
            return tuple(args)
        kind = getattr(parameter.annotation, "__name__", parameter.annotation)
        if kind not in NUMBERS:
            return None
        args.append(maker.make(ast.Name(kind)))
    return tuple(args)
