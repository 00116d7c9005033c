"""What the interpreter asks of the outside world: names, values and writes of the surrounding program."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from srcgrad.errors import UnsupportedError
from srcgrad.frontend.activations import Frame
from srcgrad.frontend.source import Source
from srcgrad.frontend.values import Abstract, Box, Ref, State, Storage
from srcgrad.ir.core import Operand, Value


class World(ABC):
    """The questions and orders; `lower.Interpreter` answers them."""

    @abstractmethod
    def activation(self, node: Any, source: Source, parent: Frame | None) -> Frame:
        """A frame for a call."""

    @abstractmethod
    def forget(self, frame: Frame) -> None:
        """Drop the variables of a call that is over."""

    @abstractmethod
    def locals_of(self, frame: Frame) -> frozenset[str]:
        """The local names of a function."""

    @abstractmethod
    def exception(self, error: Box) -> Operand:
        """An exception that the program has made, for others to look at."""

    @abstractmethod
    def differs_outside(self, before: State) -> bool:
        """Does anything of the surrounding program hold something else than it did?"""

    @abstractmethod
    def leave_places(self) -> None:
        """Before an exception leaves the program: the surrounding program is as a plain call would leave it."""

    @abstractmethod
    def unbound(self, name: str) -> UnsupportedError:
        """A local variable is read that no path has assigned."""

    @abstractmethod
    def outside(self, frame: Frame, name: str) -> Abstract:
        """A cell, a global or a builtin."""

    @abstractmethod
    def plain(self, value: Any, label: str, read: Callable[[], Any]) -> Abstract:
        """The thing a Python object of the outside is."""

    @abstractmethod
    def guard(self, read: Callable[[], Any], value: Any) -> None:
        """The code is right as long as what is read is this object."""

    def fixed(self, value: Any, label: str) -> Abstract:
        """A Python object that cannot be replaced by another."""
        return self.plain(value, label, lambda: value)

    @abstractmethod
    def outside_value(self, label: str, read: Callable[[], Any]) -> Abstract:
        """An item or attribute of an outside object."""

    @abstractmethod
    def maybe_view(self, base: Ref, value: Value) -> Ref:
        """An array that may or may not be a view."""

    @abstractmethod
    def written_outside(self, storage: Storage) -> None:
        """An array of the surrounding program is written."""

    @abstractmethod
    def rebind(self, slot: Any, thing: Abstract) -> None:
        """A place of the surrounding program takes a new thing."""

    @abstractmethod
    def box_written(self, number: int) -> None:
        """A container is written that may belong to the surrounding program."""

    @abstractmethod
    def is_outside(self, number: int) -> bool:
        """Does a container belong to the surrounding program?"""

    @abstractmethod
    def is_entered(self, number: int) -> bool:
        """Did a container come in with the arguments?"""

    @abstractmethod
    def may_share(self, base: Storage, made: Storage) -> None:
        """Two pieces of memory may be one."""

    @abstractmethod
    def refuge(self) -> Any:
        """A place to go back to where what follows cannot be read; None where there is nothing but to refuse it."""

    @abstractmethod
    def traced(self, refuge: Any, statements: Any, error: Any) -> tuple[int, Operand]:
        """Go back, and trace some of the statements: how many, and how they end."""

    @abstractmethod
    def join_splits(self, count: int, status: Operand, result: Abstract | None) -> tuple[Operand, Abstract | None]:
        """The paths that left a block at its splits, down to `count` of them, meet the one that came to its end."""
