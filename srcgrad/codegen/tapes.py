"""Turns what loops collect into lists that are appended to; lists that are read together become one list of tuples."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from srcgrad.codegen.effects import ACTS, weight
from srcgrad.ir.core import (
    GO,
    Block,
    Call,
    Func,
    If,
    Items,
    Loop,
    Operand,
    Range,
    Source,
    Value,
    map_operand,
    values_in,
)
from srcgrad.ir.same import same_operand
from srcgrad.ir.types import ABSENT, ANY, PY_INT, ListOf, Tup, Type, of_constant
from srcgrad.ir.walk import blocks_of, uses, walk

__all__ = ["lower_tapes"]


@dataclass(eq=False)
class Tape:
    """A list that one loop fills.

    Attributes
    ----------
    outs, yields : the collected lists that it replaces, and what a trip adds to each
    readers : the loops that walk it, each with its own sources
    flags : conditions of a trip: where one is not met, the trip adds nothing
    """

    value: Value
    outs: list[Value]
    yields: list[Operand]
    readers: list[tuple[Loop, list[Items]]]
    flags: list[tuple[Operand, bool]] = field(default_factory=list)


def lower_tapes(func: Func) -> dict[Value, Value]:
    """Rewrite, in place, every loop that collects: make its lists before it, append in its body.

    Returns
    -------
    dict
        For what a loop takes from such a list, the value that was put there.
    """
    twins: dict[Value, Value] = {}
    counts = uses(func.block)
    makers = {out: op for op in walk(func.block) if isinstance(op, If) for out in op.outs}
    readers: dict[Value, list[tuple[Loop, Items]]] = {}
    for op in walk(func.block):
        if isinstance(op, Loop):
            for source in op.sources:
                if isinstance(source, Items) and isinstance(source.value, Value):
                    readers.setdefault(source.value, []).append((op, source))
    for block in list(blocks_of(func.block)):
        for loop in [op for op in block.ops if isinstance(op, Loop) and op.collected_outs]:
            _sort(loop)
            tapes = list(_grouped(loop, readers, counts))
            count = 1 + len(loop.inits)
            loop.outs, loop.body.yields = loop.outs[:count], loop.body.yields[:count]
            for tape in tapes:
                _read_together(tape, twins, makers)
                block.ops.insert(block.ops.index(loop), Call(list, (), {}, tape.value, loop.span))
                _place(loop.body, tape, tape.yields, tape.flags)
    _follow_lists(func, twins)
    return twins


def _sort(loop: Loop) -> None:
    """Put what is collected in the order in which a trip computes it."""
    count = 1 + len(loop.inits)
    made = [*loop.body.params, *(out for op in loop.body.ops for out in op.outs)]
    place = {value: k for k, value in enumerate(made)}
    pairs = list(zip(loop.collected_outs, loop.collected_yields, strict=True))
    pairs.sort(key=lambda pair: place.get(pair[1], -1) if isinstance(pair[1], Value) else len(made))
    loop.outs[count:] = [out for out, _ in pairs]
    loop.body.yields[count:] = [item for _, item in pairs]


def _follow_lists(func: Func, twins: dict[Value, Value]) -> None:
    """Extend what items stand for to the items of lists that were themselves kept in a list."""
    for op in walk(func.block):
        if isinstance(op, Loop):
            for item, source in zip(op.items, op.sources, strict=True):
                walked = source.value if isinstance(source, Items) else None
                kept = twins.get(walked) if isinstance(walked, Value) else None
                if kept in twins and item not in twins:
                    twins[item] = twins[kept]
                    item.hint = "" if item.hint == "trips" else item.hint


def _grouped(loop: Loop, readers: dict[Value, list[tuple[Loop, Items]]], counts: dict[Value, int]) -> Iterator[Tape]:
    groups: dict[tuple[int, ...], Tape] = {}
    for out, item in zip(loop.collected_outs, loop.collected_yields, strict=True):
        found = readers.get(out, [])
        if not counts[out]:
            continue
        if len(found) != counts[out]:  # it is more than walked: it stays a list of its own
            yield Tape(out, [out], [item], [])
            continue
        key = tuple(id(reader) for reader, _ in found)
        tape = groups.setdefault(key, Tape(out, [], [], [(reader, []) for reader, _ in found]))
        tape.outs.append(out)
        tape.yields.append(item)
        for (_, sources), (_, source) in zip(tape.readers, found, strict=True):
            sources.append(source)
    for tape in groups.values():
        _use_index(loop, tape)
        yield tape


def _use_index(loop: Loop, tape: Tape) -> None:
    """Where the one reader also counts like the loop that fills the list, keep the number in the list instead.

    So it is where there are trips without a record, or where a record has several items anyway.
    """
    if len(tape.readers) != 1:
        return
    reader, sources = tape.readers[0]
    if len(tape.outs) == 1 and _flag(reader, sources, 1) is None:
        return
    for source in [source for source in reader.sources if source not in sources]:
        twins = [k for k, other in enumerate(loop.sources) if _equal(other, source)]
        if not twins:
            return
        out = Value(ListOf(PY_INT), "")
        tape.outs.insert(0, out)
        tape.yields.insert(0, loop.items[twins[0]])
        reader.sources[reader.sources.index(source)] = new = Items(out)
        sources.insert(0, new)


def _equal(a: Source, b: Source) -> bool:
    if isinstance(a, Range) and isinstance(b, Range):
        return same_operand((a.start, a.stop, a.step), (b.start, b.stop, b.step))
    return isinstance(a, Items) and isinstance(b, Items) and a.value is b.value


def _flag(reader: Loop, sources: list[Items], extra: int = 0) -> tuple[If, Value, bool] | None:
    """The `If` in one of whose arms a trip of the reader does nothing, its condition, and what that is in the other."""
    ops, yields = reader.body.ops, reader.body.yields
    if len(reader.sources) > len(sources) + extra or reader.collected_outs or isinstance(yields[0], Value):
        return None
    op = ops[-1] if ops else None
    if yields[0] != GO or not isinstance(op, If) or op.cond not in reader.items or not isinstance(op.cond, Value):
        return None
    if not all(isinstance(before, Call) and not before.must and weight(before) < ACTS for before in ops[:-1]):
        return None
    wanted = next((side for side in (True, False) if _is_idle(reader, op, op.orelse if side else op.then)), None)
    return None if wanted is None else (op, op.cond, wanted)


def _is_idle(reader: Loop, op: If, arm: Block) -> bool:
    """Does the trip carry on what it got, where it takes this arm?"""
    given = dict(zip(op.outs, arm.yields, strict=True))
    after = [given.get(y, y) if isinstance(y, Value) else y for y in reader.body.yields[1:]]
    return not arm.ops and all(y is param for y, param in zip(after, reader.carried, strict=True))


def _origin(value: Value, makers: Mapping[Value, If]) -> Value:
    """The value itself, or what an arm gives for it."""
    while value in makers:
        op = makers[value]
        given = [arm.yields[op.outs.index(value)] for arm in op.blocks]
        found = next((item for item in given if isinstance(item, Value)), None)
        if found is None:
            break
        value = found
    return value


def _read_together(tape: Tape, twins: dict[Value, Value], makers: Mapping[Value, If]) -> None:
    """Make each reader walk the one list, and take its items apart."""
    if len(tape.readers) == 1:
        _skip_idle_trips(tape)
    for reader, sources in tape.readers:
        for item, source in zip(reader.items, reader.sources, strict=True):
            position = next((k for k, own in enumerate(sources) if own is source), None)
            if position is not None and isinstance(tape.yields[position], Value):
                twins[item] = _origin(tape.yields[position], makers)
                item.hint = "" if item.hint == "trips" else item.hint
    if len(tape.outs) == 1:
        if isinstance(tape.yields[0], Value) and tape.value.hint in ("", "trips"):
            tape.value.hint = ""
            twins[tape.value] = _origin(tape.yields[0], makers)
        return
    types = tuple(_type(item) for item in tape.yields)
    tape.value = Value(ListOf(Tup(types)), "trips")
    for reader, sources in tape.readers:
        _take_apart(reader, sources, tape.value, types)


def _take_apart(reader: Loop, sources: list[Items], tape: Value, types: tuple[Type, ...]) -> None:
    trip = Value(Tup(types), "trip")
    carried, items = reader.carried, dict(zip(map(id, reader.sources), reader.items, strict=True))
    parts = [Call(operator.getitem, (trip, k), {}, items[id(source)], reader.span) for k, source in enumerate(sources)]
    reader.body.ops[:0] = parts
    kept = [source for source in reader.sources if not any(source is other for other in sources)]
    reader.sources = [*kept, Items(tape)]
    reader.body.params = [*(items[id(source)] for source in kept), trip, *carried]


def _skip_idle_trips(tape: Tape) -> None:
    """Do not record a trip that the reader would do nothing with."""
    reader, sources = tape.readers[0]
    while (found := _flag(reader, sources)) is not None and len(sources) > 1:
        op, flag, wanted = found
        if uses(reader.body)[flag] != 1:
            return
        k = next(k for k, item in enumerate(reader.items) if item is flag)
        n = next(n for n, source in enumerate(sources) if source is reader.sources[k])
        tape.flags.append((tape.yields.pop(n), wanted))
        del sources[n], tape.outs[n], reader.sources[k], reader.body.params[k]
        arm = op.then if wanted else op.orelse
        reader.body.ops[-1:] = arm.ops
        given = dict(zip(op.outs, arm.yields, strict=True))
        reader.body.yields = [given.get(y, y) if isinstance(y, Value) else y for y in reader.body.yields]
    tape.value = tape.outs[0]


def _place(block: Block, tape: Tape, items: list[Operand], flags: list[tuple[Operand, bool]]) -> None:
    """Append as early as the items are there, in the arms of an `If` where an item exists in one of them only."""
    flags = [(flag, wanted) for flag, wanted in flags if not (isinstance(flag, bool) and flag is wanted)]
    if any(flag is ABSENT or (isinstance(flag, bool) and flag is not wanted) for flag, wanted in flags):
        return
    needed = set(values_in((items, [flag for flag, _ in flags])))
    last = max((k for k, op in enumerate(block.ops) if needed.intersection(op.outs)), default=-1)
    guard = next((k for k, op in enumerate(block.ops) if _decides(op, flags)), -1)
    op = block.ops[max(last, guard)] if max(last, guard) >= 0 else None
    if isinstance(op, If) and (guard >= last or _sinks(op, needed)):
        for arm, taken in ((op.then, True), (op.orelse, False)):
            known = dict(zip(op.outs, arm.yields, strict=True))
            arm_items = [_in_arm(item, known) for item in items]
            arm_flags = [(_known(flag, op, known, taken), wanted) for flag, wanted in flags]
            _place(arm, tape, arm_items, arm_flags)
        return
    block.ops.insert(last + 1, _guarded(_append(tape, items), flags))


def _in_arm(item: Operand, known: dict[Value, Operand]) -> Operand:
    """What an item, or each part of one, is in an arm."""
    return map_operand(lambda value: known.get(value, value), item)


def _known(flag: Operand, op: If, known: dict[Value, Operand], taken: bool) -> Operand:
    if not isinstance(flag, Value):
        return flag
    return taken if flag is op.cond else known.get(flag, flag)


def _decides(op: object, flags: list[tuple[Operand, bool]]) -> bool:
    return isinstance(op, If) and any(flag is op.cond for flag, _ in flags if isinstance(flag, Value))


def _sinks(op: If, needed: set[Value]) -> bool:
    """Does an arm lack one of the items?"""
    return any(out in needed and any(arm.yields[k] is ABSENT for arm in op.blocks) for k, out in enumerate(op.outs))


def _append(tape: Tape, items: list[Operand]) -> Call:
    item = items[0] if len(items) == 1 else tuple(items)
    return Call(list.append, (tape.value, item), {}, Value(ANY), None, "method")


def _guarded(call: Call, flags: list[tuple[Operand, bool]]) -> Call | If:
    if not flags:
        return call
    (flag, wanted), *rest = flags
    inner, nothing = Block([], [_guarded(call, rest)], []), Block()
    return If(flag, inner, nothing, []) if wanted else If(flag, nothing, inner, [])


def _type(operand: Operand) -> Type:
    if isinstance(operand, Value):
        return operand.type
    if isinstance(operand, tuple):
        return Tup(tuple(map(_type, operand)))
    return of_constant(operand)
