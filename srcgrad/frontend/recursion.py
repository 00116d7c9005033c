"""Recursion on run-time values: the function becomes a `Func` of its own that calls itself.

A call is interpreted in place until it turns out that the same function is called again from within itself with nothing
new known. Then the outermost call is undone, and made a call of a `Func`: one per form of the arguments, its result
found by interpreting the body again and again. At first the result of an inner call is not known, and a path that needs
it counts as one that is not taken.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from srcgrad.errors import UnsupportedError
from srcgrad.frontend.activations import Arm, Frame, NeedStatic
from srcgrad.frontend.context import RAISED, Context
from srcgrad.frontend.families import (
    Activation,
    Again,
    Entry,
    Family,
    Made,
    Mark,
    NoResultYet,
    Things,
    name_of,
    numbers_in,
    outside_of,
)
from srcgrad.frontend.forms import Flattener, Form, differences, joined
from srcgrad.frontend.recursive_bodies import interpret
from srcgrad.frontend.recursive_calls import emit
from srcgrad.frontend.roots import roots_of
from srcgrad.frontend.values import Abstract
from srcgrad.ir.core import Block, Func, Operand, Value

MAX_DEPTH = 24  # calls within calls that are interpreted in place; each takes some twenty calls of ours
MAX_CALLS = 64  # calls within one call that are interpreted in place
MAX_FORMS = 8
MAX_ROUNDS = 10

Run = Callable[[], Abstract]


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
        return Mark(ctx.state.copy(), ctx.block, len(ctx.block.ops), ctx.ops, len(guards), len(ctx.splits))

    def undo(self, start: Mark) -> None:
        """Forget what was interpreted since."""
        ctx = self.ctx
        ctx.state, ctx.ops = start.state.copy(), start.count
        ctx.block = start.block
        del ctx.active_blocks[len(ctx.active_blocks) - len(ctx.splits) + start.splits :]
        del ctx.block.ops[start.ops :]
        del ctx.splits[start.splits :]
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
                return self.call(entry, flattener)
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
                return self.call(entry, flattener)
        finished = self.known(family, form)
        if finished is not None:
            return self.call(finished, flattener)
        for entry in making:
            wide = differences(entry.form, form, ())
            if wide is not None:
                raise Again(family, wide)
        if len(making) >= MAX_FORMS:
            message = f"the kinds of the arguments of `{name_of(family)}` change from call to call"
            raise self.ctx.unsupported(message, "Give them the same kinds (float, array rank) at every call.")
        return self.call(self.make(family, frame, form, flattener), flattener)

    def call(self, entry: Entry, arguments: Flattener) -> Abstract:
        """Call a function, finished or in the making."""
        return emit(self.ctx, entry, arguments, all(known is not entry for known in self.making))

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
            return interpret(self.ctx, entry, frame, arguments, self.symbols)
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
