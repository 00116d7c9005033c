"""Cotangents of values: added up, cast to their primals' dtypes, gathered for tuples and handed on to their items."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field

import numpy as np

from srcgrad import runtime
from srcgrad.autodiff.apply import Applier, may_stretch
from srcgrad.autodiff.bar_types import cotangent_type, dtype_of, kind_of
from srcgrad.autodiff.masks import Masks
from srcgrad.frontend.context import operand_type
from srcgrad.ir.core import Call, Operand, Value, values_in
from srcgrad.ir.types import ANY, Arr, ListOf, Num, Tup

Bars = dict[Value, Operand]


@dataclass
class Cotangents:
    """What is known of the cotangents of one reverse sweep, and how they are added up."""

    active: set[Value]
    inputs: set[Value] = field(default_factory=set)  # what is differentiated: their cotangents are the result
    complex: bool = False  # are there complex numbers in the program, as far as is known?
    applier: Applier = field(default_factory=Applier)

    def __post_init__(self) -> None:
        self.masks = Masks(self.applier)

    def gather(self, owner: Value, parts: dict[int, Operand], bars: Bars) -> None:
        """Add cotangents of some of a tuple's items."""
        before = bars.get(owner, {})
        if not isinstance(before, dict):
            count = len(owner.type.items) if isinstance(owner.type, Tup) else 0
            before = {k: self.applier.emit(operator.getitem, before, k) for k in range(count)}
        summed = {k: self.sum(before[k], part) if k in before else part for k, part in parts.items()}
        bars[owner] = {**before, **summed}

    def whole(self, x: Value, bars: Bars) -> Operand:
        """The cotangent of a value as one operand, zero where there is none."""
        bar = bars.get(x)
        if bar is None:
            return self.zero(x)
        return self.whole_tuple(x, bar) if isinstance(bar, dict) else bar

    def whole_tuple(self, out: Value, parts: dict[int, Operand]) -> tuple[Operand, ...]:
        """The cotangent of a tuple from those of its items."""
        assert isinstance(out.type, Tup)
        return tuple(
            parts[k] if k in parts
            else self.zero(self.applier.emit(operator.getitem, out, k, type_=item))
            for k, item in enumerate(out.type.items)
        )  # fmt: skip

    def add(self, x: Value, bar: Operand, bars: Bars) -> None:
        """Add a contribution to the cotangent of `x`."""
        if x not in self.active:
            return
        bar = self.cast(self.unsummed(bar, x), x)
        name = f"{x.hint}_bar" if x.hint else ""
        before = bars.get(x)
        if before is not None:
            bar = self.sum(before, bar)
        if isinstance(bar, Value) and name and (not bar.hint or before is not None):
            bar.hint = name
        bars[x] = bar

    def unsummed(self, bar: Operand, x: Value) -> Operand:
        """The cotangent without a `sum_to` that the types show to be needless."""
        made = self.maker(bar)
        if made is None or made.fn is not runtime.sum_to or may_stretch(operand_type(made.args[0]), x.type):
            return bar
        return made.args[0]

    def sum(self, before: Operand, bar: Operand) -> Operand:
        """``before + bar``; what was scattered into fresh zeros is scattered into `before` instead."""
        scattered = self.scattered(bar)
        if scattered is not None:
            args = (before, *scattered.args[1:])
            return self.applier.ctx.emit_call(scattered.fn, args, scattered.kwargs, type_=operand_type(bar))
        if isinstance(operand_type(bar), (ListOf, Tup)) or isinstance(operand_type(before), (ListOf, Tup)):
            return self.applier.emit(runtime.add_bars, before, bar, type_=operand_type(before))
        if not isinstance(before, Value) and not isinstance(bar, Value):
            return before + bar
        return self.masks.sum(before, bar, self.sum) or self.applier.emit(operator.add, before, bar)

    def scattered(self, bar: Operand) -> Call | None:
        """The call that scattered `bar` into zeros, None if it was made otherwise."""
        made = self.maker(bar)
        if made is None or made.fn not in (runtime.add_item, runtime.list_add):
            return None
        base = self.maker(made.args[0]) if isinstance(made.args[0], Value) else None
        return made if base is not None and base.fn in (np.zeros_like, runtime.zeros_of, np.zeros) else None

    def maker(self, operand: Operand) -> Call | None:
        """The call of the reverse sweep that made a value."""
        return self.applier.ctx.calls.get(operand) if isinstance(operand, Value) else None

    def cast(self, bar: Operand, x: Value) -> Operand:
        """A cotangent has its primal's dtype, and is real where the primal is."""
        have, want = dtype_of(operand_type(bar)), dtype_of(x.type)
        if have is None or want is None:
            return self.real(bar, x)
        if have == want:
            return bar
        bar = self.real(bar, x)
        have = dtype_of(operand_type(bar))
        if have is None or have == want:
            return bar
        return self.masks.under(bar, lambda part: self.applier.emit(runtime.as_type, part, want))

    def real(self, bar: Operand, x: Value) -> Operand:
        """The real part, where the primal is a real number."""
        kinds = kind_of(operand_type(bar)), kind_of(x.type)
        maybe = kinds[0] == "complex" or (kinds[0] is None and self.complex)
        if maybe and kinds[1] in ("float", "int", "bool"):
            return self.masks.under(bar, lambda part: self.applier.emit(np.real, part))
        return bar

    def zero(self, x: Operand) -> Operand:
        """The zero cotangent of a value."""
        match operand_type(x):
            case Num(kind, None):
                return 0j if kind == "complex" else 0.0
            case Num(_, dtype) if dtype is not None and dtype.kind == "f" and dtype.itemsize == 8:
                return 0.0
            case Arr():
                return self.applier.emit(np.zeros_like, x)
        zeros = runtime.zeros_of_pack if operand_type(x) == ListOf(ANY) else runtime.zeros_of
        return self.applier.emit(zeros, x, type_=operand_type(x))

    def distribute(self, operand: Operand, bar: Operand, bars: Bars) -> None:
        """Hand a cotangent to an operand of its structure, to each item of a tuple."""
        if isinstance(operand, Value):
            self.receive(operand, bar, bars)
        elif isinstance(operand, (tuple, list)):
            for k, item in enumerate(operand):
                if any(value in self.active for value in values_in(item)) and (not isinstance(bar, dict) or k in bar):
                    self.distribute(item, self.item(bar, k, item), bars)

    def item(self, bar: Operand, k: int, like: Operand) -> Operand:
        """One item of a tuple's cotangent."""
        if not isinstance(bar, Value):
            return bar[k]
        return self.applier.emit(operator.getitem, bar, k, type_=cotangent_type(like))

    def receive(self, value: Value, bar: Operand, bars: Bars) -> None:
        """Hand a region result's cotangent to what the region yielded."""
        if isinstance(bar, dict):
            self.gather(value, bar, bars)
            return
        if isinstance(bars.get(value), dict) and isinstance(value.type, Tup):
            items = enumerate(value.type.items)
            self.gather(value, {k: self.item(bar, k, Value(kind)) for k, kind in items}, bars)
            return
        self.add(value, bar, bars)
