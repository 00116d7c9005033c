"""What recursion is made of: families of calls, functions in the making, and what is said about them."""

from __future__ import annotations

from dataclasses import dataclass, field

from srcgrad.frontend.activations import Frame
from srcgrad.frontend.forms import Form, Path
from srcgrad.frontend.values import Abstract, State, Storage
from srcgrad.ir.core import Block, Func, Value
from srcgrad.ir.walk import callees, defined_in, free_values

Things = dict[str, Abstract]


class NoResultYet(Exception):
    """An inner call is reached whose result is not known yet."""


class Again(Exception):
    """The outermost call of a family has to be a call of a `Func`, with the values at some places known at run time."""

    def __init__(self, family: Family, wide: set[Path]) -> None:
        super().__init__(family)
        self.family = family
        self.wide = wide


@dataclass(eq=False)
class Family:
    """A function, or a closure of one activation: all calls of it."""

    frame: Frame
    wide: set[Path] = field(default_factory=set)
    is_func: bool = False
    unroll: bool = False  # its numbers have to be known while compiling


@dataclass(eq=False)
class Activation:
    """A call that is being interpreted in place."""

    family: Family
    bound: Things
    block: Block
    calls: int = 0


@dataclass(eq=False)
class Entry:
    """A `Func`, finished or in the making, and what its result is taken to be."""

    family: Family
    form: Form
    func: Func
    result: Form | None = None
    shares: frozenset[int | Storage] = frozenset()  # what the result may share memory with: arguments by position
    writes: frozenset[int] = frozenset()  # which arguments it writes into: their new versions are further results
    is_used: bool = False


@dataclass
class Mark:
    """A place to go back to."""

    state: State
    block: Block
    ops: int  # in the block
    count: int  # of all ops so far
    guards: int
    splits: int


@dataclass
class Made:
    """What one round of interpreting a body gave."""

    result: Form
    shares: frozenset[int | Storage]
    writes: frozenset[int]


def name_of(family: Family) -> str:
    """The function's name."""
    return str(getattr(family.frame.node, "name", "recursive"))


def numbers_in(form: Form, path: Path) -> set[Path]:
    """The places of numbers that are known while compiling."""
    found = {path} if form.is_number else set()
    return found.union(*(numbers_in(part, (*path, k)) for k, part in enumerate(form.parts)))


def outside_of(func: Func) -> set[Value]:
    """The values that a function, or one it calls, reads from outside."""
    funcs = [func, *callees(func.block)]
    inside: set[Value] = set().union(*(defined_in(each.block) for each in funcs))
    return {value for each in funcs for value in free_values(each.block)} - inside
