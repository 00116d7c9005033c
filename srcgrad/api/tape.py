"""What a gradient keeps of its forward sweep for its reverse sweep, and how much memory that takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from srcgrad.analysis.sharing import sharing
from srcgrad.api.amounts import Amount, Amounts, constant, total
from srcgrad.ir.core import Block, Call, Func, If, Loop, Op, Operand, Value, values_in
from srcgrad.ir.types import Arr, Num, Tup
from srcgrad.ir.walk import definitions, free_values, uses, walk

__all__ = ["Recorded", "bytes_of", "recorded"]

# What CPython and NumPy take for objects, on 64 bits.
ARRAY, TUPLE, SLOT = 112, 56, 8
NUMBERS = {"float": 24, "int": 28, "complex": 32, "bool": 0, None: 32}


@dataclass(frozen=True)
class Recorded:
    """One value that is kept.

    Attributes
    ----------
    name : str
        The user's name for it, or that of what it is computed from; empty where it has none.
    type : str
        Its dtype and axes; of what one trip keeps, where it is kept in each.
    trips : str
        How often, as a formula; empty for what is kept once.
    line : int or None
        Where it is computed.
    held : bool
        It is not read again, and there only because a local variable is not cleared before the function returns.
    bytes : Amount
        The memory it takes, nothing for what is there anyway.
    """

    name: str
    type: str
    trips: str
    line: int | None
    bytes: Amount
    held: bool = False

    def __str__(self) -> str:
        often = f" in each of {self.trips} trips" if self.trips else ""
        return f"{self.name or 'a value'}: {self.type}{often}" + self._remark

    @property
    def _remark(self) -> str:
        parts = [*([f"line {self.line}"] if self.line else []), *(["held by its name only"] if self.held else [])]
        return f" ({', '.join(parts)})" if parts else ""


def recorded(func: Func, names: Sequence[str]) -> list[Recorded]:
    """What the reverse sweep of a gradient reads of the forward sweep; arguments are not counted."""
    ops = func.block.ops
    turn = next((k for k, op in enumerate(ops) if _is_reverse(op)), len(ops))
    made = {out for op in ops[:turn] for out in op.outs}
    reverse = Block(ops=ops[turn:], yields=func.block.yields)
    late = _late(func, Block(ops=ops[:turn]), reverse)
    kept = [v for v in free_values(reverse) if v in made and v not in late]
    finder = _Finder(func, names)
    found = [entry for value in kept for entry in finder.entries(value)]
    return found + [replace(finder.entry(v, ()), held=True) for v in _held(ops[:turn], kept) if finder.is_own(v, set())]


def _held(ops: list[Op], kept: list[Value]) -> list[Value]:
    """Arrays the reverse sweep does not read, and the user's name for them keeps alive nevertheless."""
    last = {op.out.hint: op.out for op in ops if isinstance(op, Call) and op.out.hint and isinstance(op.out.type, Arr)}
    others = {out.hint for op in ops if not isinstance(op, Call) for out in op.outs} | {v.hint for v in kept}
    return [value for hint, value in last.items() if hint not in others]


def _late(func: Func, forward: Block, reverse: Block) -> set[Value]:
    """What only the reverse sweep reads, once, and what is kept anyway gives: it is computed where it is read."""
    counts, before = uses(reverse), uses(forward)
    there = {*func.params, *(leaf.value for leaf in func.leaves), *free_values(reverse)}
    return {
        op.out
        for op in forward.ops
        if isinstance(op, Call) and counts[op.out] == 1 and not before[op.out] and there.issuperset(values_in(op.args))
    }


def _is_reverse(op: Op) -> bool:
    return any(isinstance(inner, Call) and inner.sweep == "reverse" for inner in walk(Block(ops=[op])))


class _Finder:
    """Finds where kept values come from."""

    def __init__(self, func: Func, names: Sequence[str]) -> None:
        self.amounts = Amounts(func, names)
        self.makers = definitions(func.block)
        self.owners = {id(block): op for op in walk(func.block) for block in op.blocks}
        self.seen: set[Value] = set()

    def entries(self, value: Value, trips: tuple[Amount, ...] = ()) -> Iterator[Recorded]:
        """What keeping a value keeps: of a list, what each trip put there."""
        maker = self.makers.get(value)
        if isinstance(maker, Loop) and value in maker.collected_outs:
            item = maker.collected_yields[maker.collected_outs.index(value)]
            yield from self.items(item, (*trips, self.amounts.trips(maker)))
        elif value not in self.seen:
            self.seen.add(value)
            yield self.entry(value, trips)

    def items(self, operand: Operand, trips: tuple[Amount, ...]) -> Iterator[Recorded]:
        """What each trip keeps: values, or a slot of the list for a constant."""
        if isinstance(operand, Value):
            yield from self.entries(operand, trips)
        elif isinstance(operand, (tuple, list)):
            for item in operand:
                yield from self.items(item, trips)

    def entry(self, value: Value, trips: tuple[Amount, ...]) -> Recorded:
        """One value, kept in each of so many trips."""
        each = constant(SLOT * bool(trips)) + self.memory(value)
        whole = each
        for count in reversed(trips):
            whole = count * whole
        often = " * ".join(count.factor for count in trips)
        return Recorded(self.name(value), self.type_text(value), often, _line(value, self.makers.get(value)), whole)

    def memory(self, value: Value) -> Amount:
        """The memory of the object itself; none where it is part of one that is there anyway."""
        if not self.is_own(value, set()):
            return constant(ARRAY if isinstance(value.type, Arr) else 0)
        match value.type:
            case Arr(dtype, _) if dtype is not None:
                return constant(dtype.itemsize) * self.amounts.elements(value) + constant(ARRAY)
            case Num(kind, dtype):
                return constant(32 if dtype is not None else NUMBERS[kind])
            case Tup(items):
                return constant(TUPLE + SLOT * len(items))
        return self.amounts.elements(value)

    def is_own(self, value: Value, seen: set[Value]) -> bool:
        """Has the value memory that no argument has, and no value that was counted?"""
        if isinstance(value.type, Num):
            return True
        if value in seen:
            return True
        seen.add(value)
        maker = self.makers.get(value)
        match maker:
            case Call():
                shared = sharing(maker).values
                return not shared or any(v not in self.seen and self.is_own(v, seen) for v in shared)
            case Loop() if value in maker.carried_outs:
                return self.all_own([maker.carried_yields[maker.carried_outs.index(value)]], seen)
            case If():
                return self.all_own([arm.yields[maker.outs.index(value)] for arm in maker.blocks], seen)
            case Block():
                return self.is_carried_own(maker, value, seen)
        return False

    def is_carried_own(self, block: Block, value: Value, seen: set[Value]) -> bool:
        """Has what the trip before gave memory of its own, not counted as its result?"""
        loop = self.owners.get(id(block))
        if not isinstance(loop, Loop) or value not in loop.carried:
            return False
        given = loop.carried_yields[loop.carried.index(value)]
        return given not in self.seen if isinstance(given, Value) else False

    def all_own(self, operands: list[Operand], seen: set[Value]) -> bool:
        """Has one of several operands memory of its own?"""
        return any(isinstance(x, Value) and x not in self.seen and self.is_own(x, seen) for x in operands)

    def type_text(self, value: Value) -> str:
        """Dtype and axes, in the shapes of the arguments."""
        kind = value.type
        if not isinstance(kind, Arr) or kind.dims is None:
            return str(kind)
        return f"{kind.dtype or '?'}[{', '.join(self.amounts.axis(dim, value).text for dim in kind.dims)}]"

    def name(self, value: Value) -> str:
        """Its own name, or a word for what makes it."""
        maker = self.makers.get(value)
        if value.hint or not isinstance(maker, Call):
            return value.hint
        return str(getattr(maker.fn, "__name__", ""))


def _line(value: Value, maker: Op | Block | None) -> int | None:
    span = value.span or (None if maker is None or isinstance(maker, Block) else maker.span)
    return None if span is None else span.line


def bytes_of(entries: Sequence[Recorded]) -> Amount:
    """The memory of all of them."""
    return total([entry.bytes for entry in entries])
