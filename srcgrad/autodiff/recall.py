"""How the reverse sweep gets a value of the forward sweep back.

For a value of a region that is over, the choices are: *keep* (it is in scope), *again* (recompute: views, reads of
what nothing overwrites, counters), *tape* (a loop collects it per trip; an `If` yields it).
"""

from __future__ import annotations

import builtins
import operator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.autodiff.reverse import Mirror
from srcgrad.ir.core import ABSENT, GO, Block, Call, If, Items, Loop, Op, Operand, Range, Value, map_operand, values_in
from srcgrad.ir.types import ListOf, Num
from srcgrad.ir.walk import definitions, replace_operands, walk
from srcgrad.rules.core import lookup

INTEGER_ACTS = {operator.add, operator.sub, operator.mul, operator.neg, operator.mod, operator.floordiv}
SHAPE_ACTS = {np.shape, np.size, np.ndim, builtins.len}


@dataclass
class Level:
    """One mirrored region on the way down to where a value is needed."""

    mirror: Mirror
    block: Block  # of the reverse sweep
    known: dict[Value, Operand] = field(default_factory=dict)
    prelude: list[Op] = field(default_factory=list)


class Recall:
    """Makes every value that a reverse sweep reads available to it."""

    def __init__(self, forward: Block, mirrors: dict[int, Mirror]) -> None:
        self.mirrors = mirrors
        self.home: dict[Value, Block] = {}
        self.made: dict[Value, Any] = definitions(forward)
        self.overwritten = overwritten(forward)
        self.top = forward
        self.note(forward)

    def note(self, block: Block) -> None:
        """Where each value of the forward sweep lives."""
        for value in block.params:
            self.home[value] = block
        for op in block.ops:
            for out in op.outs:
                self.home[out] = block
            for inner in op.blocks:
                self.note(inner)

    def run(self, ops: list[Op], levels: list[Level]) -> None:
        """Repair the reads of reverse ops, region by region."""
        for op in ops:
            replace_operands(op, lambda value: self.get(value, levels))
            for block in op.blocks:
                self.region(op, block, levels)

    def region(self, op: Op, block: Block, levels: list[Level]) -> None:
        """A block of the reverse sweep, mirrored or a rule's own."""
        mirror = self.mirrors.get(id(block))
        inner = [*levels, Level(mirror, block)] if mirror is not None else levels
        self.run(block.ops, inner)
        block.yields = [self.replaced(y, inner) for y in block.yields]
        if mirror is not None:
            if isinstance(op, Loop):
                self.drive(op, inner)
            block.ops[:0] = inner[-1].prelude

    def replaced(self, operand: Operand, levels: list[Level]) -> Operand:
        """An operand with its reads repaired."""
        return map_operand(lambda value: self.get(value, levels), operand)

    def get(self, value: Value, levels: list[Level]) -> Operand:
        """The value as the reverse sweep can have it inside the innermost of `levels`."""
        home = self.home.get(value)
        if home is None or home is self.top:
            return value
        for k, level in enumerate(levels):
            if value in level.known:
                return level.known[value]
            if level.mirror.forward_block is home:
                found = self.bring(value, levels[: k + 1])
                level.known[value] = found
                return found
        raise AssertionError(f"{value} is read where its region is not mirrored")

    def bring(self, value: Value, levels: list[Level]) -> Operand:
        """Choose how a value of the region mirrored by the last level comes back."""
        level = levels[-1]
        mirror = level.mirror
        if isinstance(mirror.forward_op, Loop) and value in mirror.forward_op.items and not may_stop(mirror.forward_op):
            return self.walk_again(value, levels)
        if self.is_cheap(value, levels):
            return self.compute_again(value, levels)
        return self.tape(value, levels)

    # --- again --------------------------------------------------------------------------------------------------

    def walk_again(self, item: Value, levels: list[Level]) -> Operand:
        """The reverse loop walks the same source from its other end."""
        mirror = levels[-1].mirror
        forward, reverse = mirror.forward_op, mirror.reverse_op
        assert isinstance(forward, Loop)
        assert isinstance(reverse, Loop)
        source = forward.sources[forward.items.index(item)]
        outer = levels[:-1]
        if isinstance(source, Range):
            copy: Any = Range(*(self.replaced(part, outer) for part in (source.start, source.stop, source.step)))
        else:
            copy = Items(self.replaced(source.value, outer))
        return add_source(reverse, copy, item)

    def is_cheap(self, value: Value, levels: list[Level]) -> bool:
        """May it be computed again from what is there anyway?"""
        op = self.made.get(value)
        if not isinstance(op, Call) or not again_is_cheap(op):
            return False
        return all(self.is_there(v, levels) for v in values_in((op.args, op.kwargs)))

    def is_there(self, value: Value, levels: list[Level]) -> bool:
        """Is it at hand without being taped?"""
        home = self.home.get(value)
        if home is None:
            return True
        if home is self.top:
            return value not in self.overwritten
        for k, level in enumerate(levels):
            if value in level.known:
                return value not in self.overwritten
            if level.mirror.forward_block is home:
                forward = level.mirror.forward_op
                if isinstance(forward, Loop) and value in forward.items:
                    return not may_stop(forward)
                return self.is_cheap(value, levels[: k + 1])
        return False

    def compute_again(self, value: Value, levels: list[Level]) -> Operand:
        """A copy of the op, at the start of the reverse region."""
        op = self.made[value]
        assert isinstance(op, Call)
        out = Value(value.type, value.hint, value.span)
        args = tuple(self.replaced(arg, levels) for arg in op.args)
        kwargs = {key: self.replaced(arg, levels) for key, arg in op.kwargs.items()}
        levels[-1].prelude.append(Call(op.fn, args, kwargs, out, op.span, op.style))
        return out

    # --- tape ---------------------------------------------------------------------------------------------------

    def tape(self, value: Value, levels: list[Level]) -> Operand:
        """Have the forward region give the value out, and fetch it from there."""
        mirror = levels[-1].mirror
        if isinstance(mirror.forward_op, If):
            out = yield_from_arm(mirror.forward_op, mirror.forward_block, value)
            self.settle(out, mirror.forward_op)
            return self.get(out, levels[:-1])
        tape = collect(mirror.forward_op, value)
        self.settle(tape, mirror.forward_op)
        reverse = mirror.reverse_op
        assert isinstance(reverse, Loop)
        return add_source(reverse, Items(self.oriented(tape, reverse, levels[:-1])), value)

    def oriented(self, tape: Value, reverse: Loop, levels: list[Level]) -> Operand:
        """The tape, turned round where the reverse loop walks its sources from the front."""
        found = self.get(tape, levels)
        if reverse.reverse:
            return found
        turned = Value(tape.type, tape.hint)
        call = Call(runtime.reversed_list, (found,), {}, turned)
        self.before(reverse, call, levels)
        return turned

    def before(self, reverse: Loop, call: Call, levels: list[Level]) -> None:
        """Put a call before a reverse loop."""
        if levels:
            levels[-1].prelude.append(call)
        else:
            self.outermost.append((reverse, call))

    outermost: list[tuple[Loop, Call]]

    def settle(self, out: Value, forward: If | Loop) -> None:
        """A new result of a forward region lives where the region does."""
        for block in self.blocks:
            if forward in block.ops:
                self.home[out] = block
                self.made[out] = forward
                return
        raise AssertionError("the forward region is gone")

    @property
    def blocks(self) -> list[Block]:
        """Every block of the forward sweep."""
        found = [self.top]
        for op in walk(self.top):
            found += op.blocks
        return found

    def drive(self, reverse: Loop, levels: list[Level]) -> None:
        """A reverse loop needs something that says how often: the same range, or a tape."""
        if reverse.sources:
            return
        forward = levels[-1].mirror.forward_op
        assert isinstance(forward, Loop)
        if forward.sources and not may_stop(forward):
            self.walk_again(forward.items[0], levels)
            return
        tape = collect(forward, GO)
        self.settle(tape, forward)
        add_source(reverse, Items(self.oriented(tape, reverse, levels[:-1])), Value(Num("int"), "_"))


def may_stop(loop: Loop) -> bool:
    """May the body end the loop before its sources do?"""
    stop = loop.body.yields[0]
    return not loop.sources or isinstance(stop, Value) or stop != GO


def again_is_cheap(op: Call) -> bool:
    """Views, reads, shapes and integer arithmetic."""
    if op.fn in SHAPE_ACTS or op.fn is getattr:
        return True
    if op.fn in INTEGER_ACTS:
        return isinstance(op.out.type, Num) and op.out.type.kind == "int"
    if op.fn is operator.getitem:
        return not any(isinstance(v.type, ListOf) for v in values_in(op.args))
    rule = lookup(op.fn)
    return rule is not None and rule.view is True and not op.must


def overwritten(block: Block) -> set[Value]:
    """Arrays that a later write may reach: keeping them costs a copy."""
    found: set[Value] = set()
    for op in walk(block):
        if isinstance(op, Call) and op.fn in (runtime.set_item, runtime.add_item):
            found.update(values_in(op.args[0]))
        elif isinstance(op, Loop):
            found.update(v for init, p in zip(op.inits, op.carried, strict=True) for v in (*values_in(init), p))
    return found


def add_source(reverse: Loop, source: Range | Items, like: Value) -> Value:
    """A further source for a reverse loop; gives the item."""
    item = Value(like.type, like.hint, like.span)
    reverse.body.params.insert(len(reverse.sources), item)
    reverse.sources.append(source)
    return item


def collect(forward: If | Loop, value: Operand) -> Value:
    """Collect one more value per trip of a forward loop."""
    assert isinstance(forward, Loop)
    for out, known in zip(forward.collected_outs, forward.collected_yields, strict=True):
        if known is value and isinstance(value, Value):
            return out
    kind = value.type if isinstance(value, Value) else Num("int")
    hint = value.hint if isinstance(value, Value) else ""
    out = Value(ListOf(kind), plural(hint))
    forward.body.yields.append(value)
    forward.outs.append(out)
    return out


def plural(name: str) -> str:
    """The name of a list of such things."""
    return f"{name}s" if name else "trips"


def yield_from_arm(op: If, arm: Block, value: Value) -> Value:
    """Yield one more value from an arm; the other arm has none."""
    for k, known in enumerate(arm.yields):
        other = (op.orelse if arm is op.then else op.then).yields[k]
        if known is value and other is ABSENT:
            return op.outs[k]
    out = Value(value.type, value.hint, value.span)
    for block in op.blocks:
        block.yields.append(value if block is arm else ABSENT)
    op.outs.append(out)
    return out


def recall(forward: Block, reverse: list[Op], mirrors: dict[int, Mirror]) -> list[Op]:
    """Make the reverse ops valid after the forward block; gives them back, with what had to be put before them."""
    work = Recall(forward, mirrors)
    work.outermost = []
    work.run(reverse, [])
    placed: list[Op] = []
    for op in reverse:
        placed += [call for loop, call in work.outermost if loop is op]
        placed.append(op)
    return placed
