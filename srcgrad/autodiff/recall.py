"""How the reverse sweep gets a value of the forward sweep back.

For a value of a region that is over, the choices are: *keep* (it is in scope), *again* (recompute, or read again: from
what nothing overwrites, or from a later version that still holds it), *tape* (a loop collects it per trip; an `If`
yields it). Which of them is decided in `recall_plan`; here it is done.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, field

from srcgrad import runtime
from srcgrad.analysis.history import Place
from srcgrad.autodiff.recall_cost import again_is_cheap
from srcgrad.autodiff.recall_plan import Forward, Recipe, may_stop, plan
from srcgrad.autodiff.reverse import Mirror
from srcgrad.ir.core import ABSENT, GO, Block, Call, If, Items, Loop, Op, Operand, Range, Value, map_operand
from srcgrad.ir.types import ListOf, Num
from srcgrad.ir.walk import replace_operands

__all__ = ["again_is_cheap", "recall"]


@dataclass
class Level:
    """One mirrored region on the way down to where a value is needed."""

    mirror: Mirror
    block: Block  # of the reverse sweep
    known: dict[Value, Operand] = field(default_factory=dict)
    prelude: list[Op] = field(default_factory=list)


class Recall:
    """Makes every value that a reverse sweep reads available to it."""

    def __init__(self, forward: Forward, mirrors: dict[int, Mirror], again: dict[Value, Recipe]) -> None:
        self.forward = forward
        self.mirrors = mirrors
        self.again = again
        self.outermost: list[tuple[Loop, Call]] = []

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
        home = self.forward.home.get(value)
        if home is None or home is self.forward.top:
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
        """Have a value of the region mirrored by the last level come back as it was chosen."""
        recipe = self.again.get(value)
        match recipe:
            case None:
                return self.tape(value, levels)
            case Call():
                return self.compute(value, recipe, levels)
            case Place(array, index):
                read = Call(operator.getitem, (array, index), {}, value, value.span)
                return self.compute(value, read, levels)
        return self.walk_again(value, recipe, levels)

    # --- again --------------------------------------------------------------------------------------------------

    def walk_again(self, item: Value, source: Range | Items, levels: list[Level]) -> Operand:
        """The reverse loop walks the same source from its other end."""
        reverse = levels[-1].mirror.reverse_op
        assert isinstance(reverse, Loop)
        outer = levels[:-1]
        if isinstance(source, Items):
            return add_source(reverse, Items(self.replaced(source.value, outer)), item)
        start, stop, step = (self.replaced(part, outer) for part in (source.start, source.stop, source.step))
        return add_source(reverse, Range(start, stop, step), item)

    def compute(self, value: Value, op: Call, levels: list[Level]) -> Operand:
        """A copy of the op, at the start of the reverse region; it checks shapes only where nothing else still does."""
        out = Value(value.type, value.hint, value.span)
        args = tuple(self.replaced(arg, levels) for arg in op.args)
        kwargs = {key: self.replaced(arg, levels) for key, arg in op.kwargs.items()}
        checks = op.must and op is not self.forward.made[value]
        levels[-1].prelude.append(Call(op.fn, args, kwargs, out, op.span, op.style, checks))
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

    def settle(self, out: Value, region: If | Loop) -> None:
        """A new result of a forward region lives where the region does."""
        self.forward.settle([out], region, self.forward.block[region])

    def drive(self, reverse: Loop, levels: list[Level]) -> None:
        """A reverse loop needs something that says how often: the same range, or a tape."""
        if reverse.sources:
            return
        forward = levels[-1].mirror.forward_op
        assert isinstance(forward, Loop)
        if not may_stop(forward):
            self.walk_again(forward.items[0], forward.sources[0], levels)
            return
        tape = collect(forward, GO)
        self.settle(tape, forward)
        add_source(reverse, Items(self.oriented(tape, reverse, levels[:-1])), Value(Num("int"), "_"))


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
    facts = Forward(forward)
    work = Recall(facts, mirrors, plan(facts, reverse, mirrors))
    work.run(reverse, [])
    placed: list[Op] = []
    for op in reverse:
        placed += [call for loop, call in work.outermost if loop is op]
        placed.append(op)
    return placed
