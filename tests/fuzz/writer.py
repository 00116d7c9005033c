"""The state while a random function is written: text, names in scope with their shapes and memory, random choices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

T = TypeVar("T")
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Var:
    """A name in scope. Names with the same `storage` share memory; `bound` says whether it may be assigned anew."""

    name: str
    shape: Shape = ()
    dtype: str = "float64"
    storage: int = -1
    view: bool = False
    bound: bool = True
    argument: bool = False
    contiguous: bool = True


@dataclass(frozen=True)
class Int:
    """An integer in scope, and the range it is in (inclusive)."""

    name: str
    low: int
    high: int


@dataclass(frozen=True)
class Helper:
    """A function that can be called: the shapes of its parameters, which have defaults, and what it returns."""

    name: str
    params: tuple[tuple[str, Shape, bool], ...]
    returns: Shape | None
    construct: str = "call"


@dataclass(frozen=True)
class Items:
    """A list in scope: the shape of its items and how many it has at least; `fixed` where that is how many it has."""

    name: str
    shape: Shape
    least: int
    fixed: bool = True


@dataclass
class Frame:
    """The names that a block has defined."""

    vars: dict[str, Var] = field(default_factory=dict)
    lists: dict[str, Items] = field(default_factory=dict)
    ints: dict[str, Int] = field(default_factory=dict)
    helpers: list[Helper] = field(default_factory=list)


class Writer:
    """Writes one function; blocks are frames of names that vanish at their end."""

    def __init__(
        self, rng: np.random.Generator, allowed: frozenset[str], budget: int, max_depth: int = 3, tag: str = ""
    ) -> None:
        self.rng = rng
        self.allowed = allowed
        self.budget = budget
        self.max_depth = max_depth
        self.lines: list[str] = []
        self.seen: set[str] = set()
        self.frames = [Frame()]
        self.pinned: set[str] = set()
        self.indent = 1
        self.loops = 0
        self.returns: Shape = ()
        self.tag = tag
        self.attributes: set[str] = set()
        self.prelude: dict[str, str] = {}
        self.simple: list[tuple[float, Statement]] = []
        self.compound: list[tuple[float, Statement]] = []
        self.tries = 1
        self._names = 0

    # Random choices
    def chance(self, p: float) -> bool:
        """True with probability `p`."""
        return bool(self.rng.random() < p)

    def one_of(self, options: Sequence[T]) -> T:
        """One of several, evenly."""
        return options[int(self.rng.integers(len(options)))]

    def weighted(self, options: Sequence[tuple[float, T]]) -> T:
        """One of several by weight."""
        weights = np.array([weight for weight, _ in options])
        return options[int(self.rng.choice(len(options), p=weights / weights.sum()))][1]

    def number(self, low: float = 0.1, high: float = 0.9) -> str:
        """A literal with three digits, never a round one."""
        return f"{self.rng.uniform(low, high):.2f}{self.rng.integers(1, 10)}"

    # What may be written, and what has been
    def may(self, *constructs: str) -> bool:
        """Are all of these constructs wanted?"""
        return all(name in self.allowed for name in constructs)

    def note(self, *constructs: str) -> None:
        """These constructs occur."""
        self.seen.update(constructs)

    # Text
    def line(self, text: str) -> None:
        """Write a statement, or the head of a compound one."""
        self.lines.append("    " * self.indent + text)
        self.budget -= 1

    def at_module(self, prefix: str, *lines: str) -> str:
        """Write a definition at module level, where ``{}`` stands for its name, which is returned."""
        name = f"{self.fresh(prefix)}{self.tag}"
        self.prelude[name] = "\n".join(lines).replace("{}", name)
        self.budget -= sum(not line.strip().startswith(("def", "class", "@")) for line in lines) // 2
        return name

    @contextmanager
    def block(self, *, loop: bool = False) -> Iterator[None]:
        """An indented block; its names are gone afterwards."""
        self.frames.append(Frame())
        self.indent += 1
        self.loops += loop
        yield
        self.loops -= loop
        self.indent -= 1
        self.frames.pop()

    @property
    def depth(self) -> int:
        """How many blocks are open."""
        return len(self.frames) - 1

    def fresh(self, prefix: str) -> str:
        """A new name."""
        self._names += 1
        return f"{prefix}{self._names}"

    # Names in scope
    def define(self, var: Var) -> Var:
        """Enter a name into the innermost block, with memory of its own unless it says whose."""
        if var.storage < 0:
            self._names += 1
            var = replace(var, storage=self._names)
        self.frames[-1].vars[var.name] = var
        return var

    def rebind(self, var: Var, contiguous: bool = True) -> None:
        """The name gets a fresh value of the same kind."""
        self._names += 1
        frame = next(f for f in self.frames if var.name in f.vars)
        new = replace(var, storage=self._names, view=False, argument=False, contiguous=contiguous)
        frame.vars[var.name] = new

    def vars(self) -> list[Var]:
        """All numbers and arrays in scope."""
        return [var for frame in self.frames for var in frame.vars.values()]

    def find(self, shape: Shape, dtype: str = "float64") -> list[Var]:
        """The names of one shape and dtype."""
        return [var for var in self.vars() if var.shape == shape and var.dtype == dtype]

    def arrays(self, ndim: int | None = None) -> list[Var]:
        """The float64 arrays in scope, of one rank or any."""
        ranks = (1, 2) if ndim is None else (ndim,)
        return [var for var in self.vars() if len(var.shape) in ranks and var.dtype == "float64"]

    def ints(self) -> list[Int]:
        """The integers in scope."""
        return [i for frame in self.frames for i in frame.ints.values()]

    def lists(self) -> list[Items]:
        """The lists in scope."""
        return [items for frame in self.frames for items in frame.lists.values()]

    def helpers(self) -> list[Helper]:
        """The functions that can be called."""
        return [helper for frame in self.frames for helper in frame.helpers]

    def may_rebind(self, var: Var) -> bool:
        """May the name be assigned anew here, so that memory is never shared on some paths only?

        In the block that defines it, always. In an inner block only where neither it nor another name outside that
        block is a view of the same memory.
        """
        if not var.bound:
            return False
        if var.name in self.frames[-1].vars or not var.shape:
            return True
        outside = [v for frame in self.frames[:-1] for v in frame.vars.values()]
        shared = any(v.storage == var.storage and v.name != var.name for v in outside)
        return not (shared or var.view or var.argument)


Producer = Callable[[Writer, Shape, int], str | None]
Statement = Callable[[Writer], bool]
