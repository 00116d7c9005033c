"""Recursion on run-time values: the function becomes a `Func` of its own that calls itself.

A call is interpreted in place until it turns out that the same function is called again from within itself with nothing
new known. Then the outermost call is undone, and made a call of a `Func`: one per form of the arguments, its result
found by interpreting the body again and again. At first the result of an inner call is not known, and a path that needs
it counts as one that is not taken.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from srcgrad import runtime
from srcgrad.errors import UnsupportedError
from srcgrad.frontend.calls import run_function
from srcgrad.frontend.context import RAISED, Arm, Context, Frame, NeedStatic, operand_type
from srcgrad.frontend.forms import (
    Builder,
    Flattener,
    Form,
    Path,
    differences,
    joined,
    parameter_type,
    take_apart,
)
from srcgrad.frontend.lost_writes import check_writes, hint_of
from srcgrad.frontend.merge import poison_sharers
from srcgrad.frontend.roots import roots_of
from srcgrad.frontend.values import Abstract, Ref, State, Storage, Sym, TupleOf
from srcgrad.ir.core import Block, Func, Operand, Value
from srcgrad.ir.types import Tup
from srcgrad.ir.walk import callees, defined_in, free_values

MAX_DEPTH = 24  # calls within calls that are interpreted in place; each takes some twenty calls of ours
MAX_CALLS = 64  # calls within one call that are interpreted in place
MAX_FORMS = 8
MAX_ROUNDS = 10

Run = Callable[[], Abstract]
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
    ops: int  # in the block
    count: int  # of all ops so far
    guards: int


@dataclass
class Made:
    """What one round of interpreting a body gave."""

    result: Form
    shares: frozenset[int | Storage]
    writes: frozenset[int]


class Recursion:
    """Notices when a function is called again from within itself with nothing new known."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.families: list[Family] = []
        self.active: list[Activation] = []
        self.making: list[Entry] = []
        self.done: list[Entry] = []
        self.symbols = itertools.count()
        plain = ctx.statements.items()
        ctx.statements = {name: handler if name[0] == "<" else guarded(handler) for name, handler in plain}

    def through(self, frame: Frame, bound: Things, run: Run) -> Abstract:
        """The result of a call: interpreted in place by `run`, or by a call of a `Func`."""
        family = self.family_of(frame)
        if any(entry.family is family for entry in self.making):
            return self.inner(family, frame, bound)
        active = [call for call in self.active if call.family is family]
        if not active:
            return self.outermost(family, frame, bound, run)
        self.decide(family, active, bound)
        return self.in_place(family, bound, run)

    def family_of(self, frame: Frame) -> Family:
        """The family a call belongs to."""
        for family in self.families:
            known = family.frame
            if known.node is frame.node and known.parent is frame.parent and known.source.fn is frame.source.fn:
                return family
        self.families.append(Family(frame))
        return self.families[-1]

    # --- in place ---------------------------------------------------------------------------------------------------

    def in_place(self, family: Family, bound: Things, run: Run) -> Abstract:
        """Interpret the call where it stands."""
        self.active.append(Activation(family, bound, self.ctx.block))
        count = len(self.active)
        try:
            return run()
        finally:
            del self.active[count - 1 :]

    def decide(self, family: Family, active: list[Activation], bound: Things) -> None:
        """Go on in place only while something new is known at each call."""
        active[0].calls += 1
        first, last, new = (self.form_of(family, things) for things in (active[0].bound, active[-1].bound, bound))
        changed = differences(last, new, ())
        is_deep = len(active) >= MAX_DEPTH or active[0].calls >= MAX_CALLS
        counts = changed is not None and changed & numbers_in(last, ()) and self.is_certain(family, active[-1])
        if not is_deep and (changed is None or counts):
            return
        raise Again(family, (changed or set()) | (differences(first, new, ()) or set()))

    def is_certain(self, family: Family, last: Activation) -> bool:
        """Does the last call surely make this one?"""
        return family.unroll or self.ctx.block is last.block

    def form_of(self, family: Family, bound: Things) -> Form:
        """The form of arguments, for comparing."""
        with self.ctx.region(Block(), self.ctx.state.copy()):
            return self.flat(family, bound)[0]

    def flat(self, family: Family, bound: Things) -> tuple[Form, Flattener]:
        """The form of arguments, and their values."""
        flattener = Flattener(self.ctx, family.wide)
        parts = tuple(flattener.form(thing, (k,)) for k, thing in enumerate(bound.values()))
        return Form("arguments", tuple(bound), parts), flattener

    # --- the outermost call -----------------------------------------------------------------------------------------

    def outermost(self, family: Family, frame: Frame, bound: Things, run: Run) -> Abstract:
        """A call that is not within another one of the family."""
        start = self.mark()
        if not family.is_func or family.unroll:
            try:
                return self.in_place(family, bound, run)
            except Again as again:
                if again.family is not family:
                    raise
                if family.unroll:
                    raise self.endless(family) from None
                family.is_func = True
                family.wide |= again.wide
            self.undo(start)
        try:
            return self.as_function(family, frame, bound)
        except NeedStatic as need:
            if not self.may_unroll(family, bound):
                raise
            self.undo(start)
            return self.unrolled(family, bound, run, need)

    def unrolled(self, family: Family, bound: Things, run: Run, need: NeedStatic) -> Abstract:
        """The call in place after all, because a number in it has to be known."""
        family.unroll, family.wide = True, set()
        try:
            return self.in_place(family, bound, run)
        except Again as again:
            raise need if again.family is family else again from None

    def mark(self) -> Mark:
        """Where we are."""
        ctx = self.ctx
        guards = getattr(ctx, "guards", [])
        return Mark(ctx.state.copy(), len(ctx.block.ops), ctx.ops, len(guards))

    def undo(self, start: Mark) -> None:
        """Forget what was interpreted since."""
        ctx = self.ctx
        ctx.state, ctx.ops = start.state.copy(), start.count
        del ctx.block.ops[start.ops :]
        del getattr(ctx, "guards", [])[start.guards :]
        ctx.views.pop(id(ctx.block), None)

    def may_unroll(self, family: Family, bound: Things) -> bool:
        """Is there a number that would be known if the call were interpreted in place?"""
        wide, family.wide = family.wide, set()
        form = self.form_of(family, bound)
        family.wide = wide
        return bool(numbers_in(form, ()) & wide) and not family.unroll

    def endless(self, family: Family) -> UnsupportedError:
        """The complaint about a recursion that has to be unrolled, and cannot."""
        return self.ctx.unsupported(f"the recursion of `{name_of(family)}` is too deep to be written out",
                                    "Let it depend on arrays and numbers only.")  # fmt: skip

    def as_function(self, family: Family, frame: Frame, bound: Things) -> Abstract:
        """Call a `Func`, made if there is none; places become wide until each inner call fits."""
        while True:
            start = self.mark()
            form, flattener = self.flat(family, bound)
            entry = self.known(family, form)
            try:
                if entry is None:
                    entry = self.make(family, frame, form, flattener)
                return self.emit(entry, flattener)
            except Again as again:
                is_ours = again.family is family and not any(e.family is family for e in self.making)
                if not is_ours or again.wide <= family.wide:
                    raise
                family.wide |= again.wide
                self.undo(start)

    def known(self, family: Family, form: Form) -> Entry | None:
        """The finished function for a form."""
        return next((e for e in self.done if e.family is family and e.form == form), None)

    # --- calls from within ------------------------------------------------------------------------------------------

    def inner(self, family: Family, frame: Frame, bound: Things) -> Abstract:
        """A call within a body that is becoming a `Func`."""
        form, flattener = self.flat(family, bound)
        making = [entry for entry in self.making if entry.family is family]
        for entry in making:
            if entry.form == form:
                entry.is_used = True
                return self.emit(entry, flattener)
        finished = self.known(family, form)
        if finished is not None:
            return self.emit(finished, flattener)
        for entry in making:
            wide = differences(entry.form, form, ())
            if wide is not None:
                raise Again(family, wide)
        if len(making) >= MAX_FORMS:
            message = f"the kinds of the arguments of `{name_of(family)}` change from call to call"
            raise self.ctx.unsupported(message, "Give them the same kinds (float, array rank) at every call.")
        return self.emit(self.make(family, frame, form, flattener), flattener)

    def emit(self, entry: Entry, arguments: Flattener) -> Abstract:
        """Emit the call, and put its result together."""
        if entry.result is None:
            raise NoResultYet
        ctx = self.ctx
        facts = [leaf.fact for leaf in entry.result.leaves()]
        written = sorted(entry.writes)
        kinds = (*facts, *(operand_type(arguments.leaves[k]) for k in written))
        kind = kinds[0] if len(kinds) == 1 else Tup(kinds)
        out = ctx.emit_call(entry.func, tuple(arguments.leaves), {}, type_=kind)
        items = take_apart(ctx, out, kinds)
        stored = (arguments.storages[k] for k in written)
        self.refuse_second_way(entry, [storage for storage in stored if storage is not None])
        for k, item in zip(written, items[len(facts) :], strict=True):
            self.write_back(entry, arguments, k, item)
        builder = Builder(ctx, iter(items[: len(facts)]), protected=False)
        result = builder.thing(entry.result)
        for array in builder.arrays:
            self.share(array.storage, entry, arguments)
        return result

    def refuse_second_way(self, entry: Entry, written: list[Storage]) -> None:
        """A function that writes into an argument, and reads the same memory from outside, would read it as it was."""
        if not written or any(known is entry for known in self.making):
            return
        reached = set(written).union(*(self.ctx.shares.get(storage, ()) for storage in written))
        contents = [self.ctx.state.memory.get(storage) for storage in reached]
        for value in outside_of(entry.func):
            source: Operand = value
            while isinstance(source, Value):
                if any(source is content for content in contents):
                    raise self.ctx.unsupported(
                        f"cannot differentiate `{entry.func.name}`: it calls itself, writes into an argument, "
                        f"and reads the same memory as `{value.hint or 'a variable'}` of the function around it",
                        "Pass it as the argument only.")  # fmt: skip
                made = self.ctx.calls.get(source)
                source = made.args[0] if made is not None and made.args else None

    def write_back(self, entry: Entry, arguments: Flattener, k: int, item: Operand) -> None:
        """The next version of an array that the call has written into."""
        ctx, storage = self.ctx, arguments.storages[k]
        if storage is None:
            return
        others = [other for m, other in enumerate(arguments.storages) if m != k and other is not None]
        if storage.captured or any(other is storage or other in ctx.shares.get(storage, ()) for other in others):
            what = "the surrounding program has too" if storage.captured else "another argument may share"
            message = f"cannot differentiate `{entry.func.name}`: it calls itself, and writes into memory that {what}"
            raise ctx.unsupported(message, "Pass a copy.")
        steps = arguments.steps.get(k, ())
        if steps:
            current = ctx.contents(storage)
            item = ctx.emit(runtime.set_item, current, Ellipsis, item, steps, type_=operand_type(current))
        ctx.state.memory[storage] = item
        poison_sharers(ctx, storage)

    def share(self, storage: Storage, entry: Entry, arguments: Flattener) -> None:
        """A result may be an argument, or a view of it."""
        shares = self.ctx.shares
        for source in entry.shares:
            origin = arguments.storages[source] if isinstance(source, int) else source
            if origin is not None:
                for other in {origin, *shares.get(origin, ())}:
                    shares.setdefault(storage, set()).add(other)
                    shares.setdefault(other, set()).add(storage)

    # --- making a function ------------------------------------------------------------------------------------------

    def make(self, family: Family, frame: Frame, form: Form, arguments: Flattener) -> Entry:
        """Interpret the body until its result is what its inner calls were taken to give."""
        entry = Entry(family, form, Func(name_of(family), Block(), span=frame.source.span(frame.node)))
        done, start = list(self.done), self.mark()
        self.making.append(entry)
        try:
            for _ in range(MAX_ROUNDS):
                self.undo(start)
                self.done, entry.is_used = list(done), False
                if self.accept(entry, self.first_or_next(entry, frame, arguments)):
                    break
            else:
                raise self.unsettled(family)
        finally:
            self.making.remove(entry)
        if not self.may_keep(entry):
            self.done = done
            return entry
        self.done.append(entry)
        return entry

    def first_or_next(self, entry: Entry, frame: Frame, arguments: Flattener) -> Made:
        """One round; an error where no path comes to an end."""
        try:
            return self.body(entry, frame, arguments)
        except NoResultYet:
            if any(outer.result is None for outer in self.making if outer is not entry):
                raise
            raise self.ctx.unsupported(f"no path through `{entry.func.name}` comes to an end without calling it again",
                                       "Return something without a recursive call on one path.") from None  # fmt: skip
        except NeedStatic as need:
            raise self.outside_need(entry, arguments, need) from None

    def accept(self, entry: Entry, made: Made) -> bool:
        """Take over what a round gave; True where it is what was assumed."""
        before = entry.result
        after = made.result if before is None else joined(before, made.result)
        if after is None:
            raise self.unsettled(entry.family)
        shares, writes = entry.shares | made.shares, entry.writes | made.writes
        same = after == before and shares == entry.shares and writes == entry.writes
        settled = same or not entry.is_used
        entry.result, entry.shares, entry.writes = after, shares, writes
        return settled

    def unsettled(self, family: Family) -> UnsupportedError:
        """The complaint about a result without a kind."""
        return self.ctx.unsupported(f"`{name_of(family)}` returns different kinds of things on different paths",
                                    "Return numbers, arrays, or tuples of them of one structure.")  # fmt: skip

    def may_keep(self, entry: Entry) -> bool:
        """Does the function mean the same at another place?"""
        if entry.family.frame.parent is not None or entry.form.holds_function():
            return False
        known = {captured.value for captured in getattr(self.ctx, "captured", {}).values()}
        return outside_of(entry.func) <= known

    def outside_need(self, entry: Entry, arguments: Flattener, need: NeedStatic) -> NeedStatic:
        """A number that has to be known, as one of the call's arguments."""
        values = dict(zip(entry.func.params, arguments.leaves, strict=True))
        given = [values[root] for root in roots_of(self.ctx, need.value) if root in values]
        outer = next((operand for operand in given if isinstance(operand, Value)), None)
        return NeedStatic(outer, need.why, need.span) if outer is not None else need

    def body(self, entry: Entry, frame: Frame, arguments: Flattener) -> Made:
        """Interpret the body into the function's block."""
        ctx = self.ctx
        block = entry.func.block = Block()
        new = ctx.activation(frame.node, frame.source, frame.parent)
        new.call_span = None  # the code is that of every call
        with ctx.region(block, ctx.state.copy()):
            own = self.enter(entry, new, arguments)
            before = ctx.state.copy()
            ctx.frames.append(new)
            result = ctx.settle(run_function(ctx, new))
            check_writes(ctx, before, block, name_of(entry.family), [s for s in own if s is not None])
            written = entry.writes | {k for k, s in enumerate(own) if s and ctx.contents(s) is not before.memory[s]}
            flattener = Flattener(ctx, None)
            form = flattener.form(result, ())
            self.check_result(form)
            leaves = [*flattener.leaves, *(ctx.contents(s) for k in sorted(written) if (s := own[k]))]
            block.yields = [leaves[0] if len(leaves) == 1 else tuple(leaves)]
            return Made(form, self.origins(flattener, own, before), written)

    def enter(self, entry: Entry, frame: Frame, arguments: Flattener) -> list[Storage | None]:
        """Make parameters and bind them; gives the memory of each."""
        ctx = self.ctx
        block = entry.func.block
        names = [hint_of(operand) for operand in arguments.leaves]
        for name, leaf in zip(names, entry.form.leaves(), strict=True):
            block.params.append(Value(parameter_type(leaf.fact, f"length{next(self.symbols)}_"), name))
        builder = Builder(ctx, iter(block.params), protected=True)
        for name, part in zip(entry.form.fact, entry.form.parts, strict=True):
            ctx.state.variables[(frame.number, name)] = builder.thing(part, name)
            self.named(ctx.state.variables[(frame.number, name)], name)
        by_value = {ctx.state.memory[array.storage]: array.storage for array in builder.arrays}
        return [by_value.get(param) for param in block.params]

    def named(self, thing: Abstract, name: str) -> None:
        """A parameter has the name it has in the source."""
        match thing:
            case Ref(storage):
                value = self.ctx.state.memory[storage]
                if isinstance(value, Value):
                    value.hint = name
            case TupleOf(items):
                for k, item in enumerate(items):
                    self.named(item, f"{name}_{k}")
            case Sym(value):
                value.hint = name

    def check_result(self, form: Form) -> None:
        """Functions made inside a function cannot leave it."""
        if form.kind in ("closure", "other"):
            raise self.ctx.unsupported("a function that calls itself cannot return a function",
                                       "Return numbers, arrays, or containers of them.")  # fmt: skip
        for part in form.parts:
            self.check_result(part)

    def origins(self, flattener: Flattener, own: list[Storage | None], before: State) -> frozenset[int | Storage]:
        """What the arrays in a result may share memory with."""
        found: set[int | Storage] = set()
        for storage in flattener.storages:
            if storage is not None:
                for other in {storage, *self.ctx.shares.get(storage, ())}:
                    if other in own:
                        found.add(own.index(other))
                    elif other in before.memory:
                        found.add(other)
        return frozenset(found)

    def dead_end(self) -> None:
        """A function never returns: while results are unknown, it is the unknown result that it needs."""
        if any(entry.result is None for entry in self.making):
            raise NoResultYet


class Arms:
    """Arms of expressions in which an inner call has no result yet: such an arm is not taken."""

    def __init__(self) -> None:
        self.dead: tuple[Block, int] | None = None

    def arm(self, ctx: Context, interpret: Callable[[], Arm]) -> Arm:
        """Interpret an arm; where both arms are dead, so is what is around them."""
        try:
            return interpret()
        except NoResultYet:
            if self.dead is not None and self.dead[0] is ctx.block and self.dead[1] == len(ctx.block.ops):
                self.dead = None
                raise
            self.dead = ctx.block, len(ctx.block.ops)
            return Arm(Block(), ctx.state.copy(), RAISED)


def guarded(handler: Callable[[Context, Any], Operand]) -> Callable[[Context, Any], Operand]:
    """A statement in which an inner call has no result yet ends its path."""

    def run(ctx: Context, node: Any) -> Operand:
        try:
            return handler(ctx, node)
        except NoResultYet:
            return RAISED

    return run


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
