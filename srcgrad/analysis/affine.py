"""Which indices surely differ: integers as sums of loop variables and lengths, and what their ranges prove of them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from srcgrad.analysis.bounds import Bounds
from srcgrad.analysis.shapes import dims_of, type_of
from srcgrad.ir.core import Loop, Operand, Value
from srcgrad.ir.types import Dim, Num

__all__ = ["Affine", "Form", "Interval", "Renaming", "symbols_of"]

MAX_VARIABLES = 8  # more than a proof about indices ever needs


@dataclass(frozen=True)
class Form:
    """A sum of whole multiples of atoms, and a number. An atom is a value, or stands for a length."""

    const: int = 0
    terms: Mapping[Hashable, int] = field(default_factory=dict)

    def plus(self, other: Form, times: int = 1) -> Form:
        """``self + times * other``."""
        terms = dict(self.terms)
        for atom, count in other.terms.items():
            terms[atom] = terms.get(atom, 0) + times * count
        return Form(self.const + times * other.const, {atom: count for atom, count in terms.items() if count})

    def replaced(self, change: Callable[[Hashable], Form]) -> Form:
        """The form with other forms in the places of its atoms."""
        found = Form(self.const)
        for atom, count in self.terms.items():
            found = found.plus(change(atom), count)
        return found


class Limits(NamedTuple):
    """The least and the greatest that an atom can be; None where nothing is known."""

    low: Form | None = None
    high: Form | None = None


class Interval(NamedTuple):
    """The places ``low <= i < high`` of an axis; `high` None: to its end. None of them is negative."""

    low: Form
    high: Form | None


@dataclass(frozen=True)
class Later:
    """What an atom is in a later trip of a loop."""

    atom: Hashable


@dataclass(frozen=True)
class Gap:
    """By how much a loop variable has changed in a later trip."""

    atom: Hashable


@dataclass(frozen=True)
class Renaming:
    """A later trip of a loop: the atoms that it defines (`inside`) have other values there."""

    loop: Loop
    inside: frozenset[Value]


class Affine:
    """Proofs about integers.

    Parameters
    ----------
    bounds : Bounds
        Has entered all calls and loops.
    fixed : set of str
        The symbols of lengths that are the same all through the program: those of its parameters.
    """

    def __init__(self, bounds: Bounds, fixed: set[str]) -> None:
        self.bounds = bounds
        self.fixed = fixed
        self.steps: dict[Value, int] = {}

    def enter_loop(self, loop: Loop) -> None:
        """Take note of how the variables of a loop change from one trip to the next."""
        for item in loop.items:
            step = self.bounds.ranges[item].step if item in self.bounds.ranges else None
            if type(step) is int and step != 0:
                self.steps[item] = -step if loop.reverse else step

    # forms

    def form(self, operand: Operand) -> Form | None:
        """An integer as a sum; None for what is no integer."""
        if type(operand) is int:
            return Form(operand)
        if not isinstance(operand, Value) or not isinstance(operand.type, Num) or operand.type.kind != "int":
            return None
        dtype = operand.type.dtype
        if dtype is not None and (dtype.itemsize < 8 or dtype.kind == "u"):  # it may wrap round
            return Form(0, {operand: 1})
        return self._made(operand) or Form(0, {self._length(operand) or operand: 1})

    def _made(self, value: Value) -> Form | None:
        made = self.bounds.made.get(value)
        if made is None or made.kwargs or made.fn not in (operator.add, operator.sub, operator.mul):
            return None
        parts = [self.form(arg) for arg in made.args]
        a, b = parts if len(parts) == 2 else (None, None)
        if a is None or b is None:
            return None
        if made.fn is operator.mul:
            a, b = (a, b) if not b.terms else (b, a)
            return None if b.terms else Form().plus(a, b.const)
        return a.plus(b, 1 if made.fn is operator.add else -1)

    def _length(self, value: Value) -> Hashable:
        length = self.bounds.asked_length(self.bounds.made.get(value))
        return None if isinstance(length, str) and length not in self.fixed else length

    def interval(self, part: Operand, x: Value, axis: int) -> Interval | None:
        """The places that one part of an index selects; None where they are unknown, or may be counted from the end."""
        if isinstance(part, slice):
            return self._slice(part, x, axis)
        place = self._from_start(part, x, axis)
        return None if place is None else Interval(place, place.plus(Form(1)))

    def _slice(self, part: slice, x: Value, axis: int) -> Interval | None:
        """As if the ends were not clipped: no fewer places."""
        if part.step is not None and (type(part.step) is not int or part.step < 1):
            return None
        low = Form() if part.start is None else self._from_start(part.start, x, axis)
        high = None if part.stop is None else self._from_start(part.stop, x, axis)
        return None if low is None or (high is None and part.stop is not None) else Interval(low, high)

    def _from_start(self, part: Operand, x: Value, axis: int) -> Form | None:
        """An index as counted from the start of the axis."""
        form = self.form(part)
        if form is None:
            return None
        if not form.terms and form.const < 0:
            length = self.bounds.length(x, axis)
            return None if isinstance(length, str) and length not in self.fixed else Form(form.const, {length: 1})
        return form if self.is_natural(form) else None

    # proofs

    def limits(self, atom: Hashable) -> Limits:
        """What bounds an atom."""
        if isinstance(atom, Gap):
            step = self.steps.get(atom.atom) if isinstance(atom.atom, Value) else None
            return Limits() if step is None else Limits(Form(step)) if step > 0 else Limits(None, Form(step))
        source = self.bounds.ranges.get(atom) if isinstance(atom, Value) else None
        if source is None or type(source.step) is not int or source.step == 0:
            return Limits()
        start, stop = self.form(source.start), self.form(source.stop)
        if source.step > 0:
            return Limits(start, None if stop is None else stop.plus(Form(-1)))
        return Limits(None if stop is None else stop.plus(Form(1)), start)

    def is_natural(self, form: Form, renaming: Renaming | None = None) -> bool:
        """Is it 0 or more, whenever the place in the program is reached where it is computed?"""
        for _ in range(MAX_VARIABLES):
            atom = self._innermost(form, renaming)
            if atom is None:
                return form.const >= 0 and all(count > 0 and self._is_length(a) for a, count in form.terms.items())
            limits = self._limits(atom, renaming)
            count = form.terms[atom]
            bound = limits.low if count > 0 else limits.high
            if bound is None:
                return False
            form = form.plus(Form(0, {atom: 1}), -count).plus(bound, count)
        return False

    def _innermost(self, form: Form, renaming: Renaming | None) -> Hashable | None:
        """An atom with limits on which no other atom's limits depend."""
        bounded = [atom for atom in form.terms if self._limits(atom, renaming) != Limits()]
        for atom in bounded:
            others = [self._limits(other, renaming) for other in bounded if other != atom]
            if not any(part is not None and atom in part.terms for limits in others for part in limits):
                return atom
        return None

    def _limits(self, atom: Hashable, renaming: Renaming | None) -> Limits:
        if not isinstance(atom, Later) or renaming is None:
            return self.limits(atom)
        return Limits(*(None if part is None else self.renamed(part, renaming) for part in self.limits(atom.atom)))

    def _is_length(self, atom: Hashable) -> bool:
        """Is it the length of an axis? Values are integers of any sign."""
        return self._is_length(atom.atom) if isinstance(atom, Later) else isinstance(atom, (str, tuple))

    def renamed(self, form: Form, renaming: Renaming) -> Form:
        """The form as it is in a later trip."""
        return form.replaced(lambda atom: self._later(atom, renaming))

    def _later(self, atom: Hashable, renaming: Renaming) -> Form:
        if atom in renaming.loop.items and atom in self.steps:
            return Form(0, {atom: 1, Gap(atom): 1})
        return Form(0, {atom if self._is_invariant(atom, renaming) else Later(atom): 1})

    def _is_invariant(self, atom: Hashable, renaming: Renaming) -> bool:
        if isinstance(atom, str):
            return True
        value = atom[0] if isinstance(atom, tuple) else atom
        return isinstance(value, Value) and value not in renaming.inside

    def are_apart(self, a: list[Interval | None], b: list[Interval | None], renaming: Renaming | None = None) -> bool:
        """Have two selections no place in common, since on some axis they have none? `b` is in the later trip."""
        for first, second in zip(a, b, strict=False):
            if first is None or second is None:
                continue
            if renaming is not None:
                high = None if second.high is None else self.renamed(second.high, renaming)
                second = Interval(self.renamed(second.low, renaming), high)
            if self._is_before(first, second, renaming) or self._is_before(second, first, renaming):
                return True
        return False

    def _is_before(self, a: Interval, b: Interval, renaming: Renaming | None) -> bool:
        return a.high is not None and self.is_natural(b.low.plus(a.high, -1), renaming)


def symbols_of(values: list[Value]) -> set[str]:
    """The symbols of the lengths of arrays."""
    return {dim.symbol for value in values for dim in dims_of(type_of(value)) or () if isinstance(dim, Dim)}
