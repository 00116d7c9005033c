"""`try`: a handler is reached from wherever the body raises, and sees what the body has done up to there.

Which handler takes a ``raise`` is known while compiling. Where it is raised, a variable notes the handler, and the
block is left as by ``return``; behind the body an `If` on that variable runs the handler. An operation that may raise
what a handler takes is tried first (`runtime.raises`): where it raises, the block is left in the same way, and what
follows runs otherwise. Nothing is tried where nobody could take what it raises.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from srcgrad import runtime
from srcgrad.frontend.activations import Arm, Frame
from srcgrad.frontend.branches import branch, possible, run_block, truth
from srcgrad.frontend.context import Context
from srcgrad.frontend.exceptions import ANYTHING, Classes, classes_of, floats, made_exception, may_raise
from srcgrad.frontend.raising import raise_again
from srcgrad.frontend.values import UNDEFINED, Abstract, Const, Maybe, Ref, State, Sym
from srcgrad.ir.core import GO, Block, Call, Func, Operand, Value
from srcgrad.ir.types import Num, Opaque
from srcgrad.ir.walk import callees, walk
from srcgrad.rules.core import lookup

THROWN = "<thrown>"  # which handler of a `try` is to run; 0 for none
CAUGHT = "<caught>"  # the exception
MOST_COPIES = 4  # of a short handler
SHORT = ("Assign", "AugAssign", "AnnAssign", "Expr", "Return", "Raise", "Pass", "Break", "Continue")


@dataclass(eq=False)
class Attempt:
    """A `try` whose body is interpreted: the activation it is in, and which exceptions its handlers take."""

    frame: Frame
    classes: list[Classes]
    token: int
    named: list[bool]  # which handlers look at the exception
    whole: bool = False  # takes everything, and hands it on as it is
    errors: int = 0  # how many `np.errstate` are around it
    seen: set[int] = field(default_factory=set)

    def handler(self, cls: type[BaseException]) -> int:
        """The number of the handler that takes an exception, from 1; 0 where none does."""
        return next((k + 1 for k, taken in enumerate(self.classes) if issubclass(cls, taken)), 0)

    def key(self, name: str) -> tuple[int, str]:
        """A variable of this `try`."""
        return self.frame.number, f"{name}{self.token}"

    def caught(self, number: int) -> tuple[int, str]:
        """The variable of the exception that a handler takes."""
        return self.key(f"{CAUGHT}{number} of ")

    def note(self, ctx: Context, number: int, cls: type, args: list[Abstract], kwargs: dict[str, Abstract]) -> None:
        """An exception that the program raises goes to a handler."""
        self.take(ctx, number, made_exception(ctx, cls, args, kwargs) if self.named[number - 1] else None)

    def take(self, ctx: Context, number: int, error: Abstract | None) -> None:
        """An exception goes to a handler."""
        self.seen.add(number)
        self.restore(ctx)
        if error is not None:
            if self.whole and not isinstance(error, Sym):
                error = Sym(ctx.operand(error))
            ctx.state.variables[self.caught(number)] = error
        ctx.state.variables[self.key(THROWN)] = Const(number)

    def restore(self, ctx: Context) -> None:
        """Leave every `np.errstate` that is inside this `try`."""
        if len(ctx.errors) > self.errors:
            ctx.emit(runtime.restore_errors, ctx.errors[self.errors][0], must=True)

    def candidates(self, raised: Classes) -> list[int]:
        """The numbers of the handlers that may take one of these."""
        found: dict[int, None] = {}
        for cls in raised:
            if cls is ANYTHING:
                found.update((k + 1, None) for k, _ in enumerate(self.classes))
            elif self.handler(cls):
                found[self.handler(cls)] = None
        return sorted(found)

    def watch(self, ctx: Context, fn: Any, args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> None:
        """Before a call is emitted: leave for a handler, of this or an outer `try`, where it raises."""
        raised = may_raise(fn, args, kwargs)
        if any(strict for _, strict in ctx.errors) and floats(fn):
            raised = (*raised, FloatingPointError)
        for attempt in reversed(ctx.attempts):
            numbers = attempt.candidates(raised)
            if numbers:
                refuse_untried(ctx, fn, attempt.classes[numbers[0] - 1][0])
                attempt.divert(ctx, fn, args, kwargs, numbers)
                raised = tuple(cls for cls in raised if cls is ANYTHING or not attempt.handler(cls))

    def divert(self, ctx: Context, fn: Any, args: tuple[Operand, ...], kwargs: dict[str, Operand],
               numbers: list[int]) -> None:  # fmt: skip
        """Leave for a handler where a call raises."""
        is_one = len(numbers) == 1
        classes = self.classes[numbers[0] - 1] if is_one else tuple(self.classes)
        test = ctx.emit_call(runtime.raises, (classes, fn, *args), kwargs, type_=Num("int"))

        def error() -> Value:
            return ctx.emit_call(runtime.exception_of, (fn, *args), kwargs, type_=Opaque("exception"))

        self.leave(ctx, test, Const(numbers[0]) if is_one else Sym(test), numbers, error)

    def leave(self, ctx: Context, test: Value, number: Abstract, numbers: list[int], error: Any) -> None:
        """Leave for the handler of a number, where the test holds."""
        self.seen |= set(numbers)

        def note() -> None:
            self.restore(ctx)
            named = [k for k in numbers if self.named[k - 1]]
            made = Sym(error()) if named else None
            ctx.state.variables.update((self.caught(k), made) for k in named if made is not None)
            ctx.state.variables[self.key(THROWN)] = number

        ctx.split(test, note)


def refuse_untried(ctx: Context, fn: Any, taken: type[BaseException]) -> None:
    """A call that acts cannot be tried first."""
    rule = lookup(fn)
    if not isinstance(fn, Func) and (rule is None or rule.effect in ("", "raise")):
        return
    name = fn.name if isinstance(fn, Func) else getattr(fn, "__name__", "this")
    raise ctx.unsupported(f"cannot tell whether `{name}` raises {taken.__name__} here",
                          "Test for the exceptional case with `if` before it arises.",
                          "it acts, or calls itself, and so cannot be tried first")  # fmt: skip


@dataclass
class Plan:
    """What belongs to a body that is attempted: its handlers, and what runs where nothing was raised."""

    body: Callable[[], Operand]
    handle: Callable[[int], Operand]
    otherwise: Callable[[Operand], Operand]
    short: bool  # may the handlers be written out several times?


def try_statement(ctx: Context, node: Any) -> Operand:
    """``try``, ``except``, ``else``, ``finally``."""

    def body() -> Operand:
        return attempted(ctx, node) if node.handlers else run_block(ctx, node.body)

    if not node.finalbody:
        return body()
    return finished(
        ctx, body, Last(lambda: run_block(ctx, node.finalbody), lambda error: None, is_short(node.finalbody))
    )


@dataclass
class Last:
    """What runs however a body is left. `take` gives a test of whether it keeps an exception, None for never."""

    run: Callable[[], Operand]
    take: Callable[[Abstract], Abstract | None]
    short: bool
    always: bool = False  # it looks at exceptions


def finished(ctx: Context, body: Callable[[], Operand], last: Last) -> Operand:
    """A body, and what runs after it also where an exception leaves the program, if anybody can see that."""
    start = Place.here(ctx)
    if not last.always:
        status = body()
        before = Place.here(ctx)
        ending = last.run()
        if not acts(ctx, before, ending):
            return status if ending == GO else ending
        start.back(ctx)

    def otherwise(status: Operand) -> Operand:
        return after_ending(ctx, last.run(), lambda: status)

    attempt = Attempt(ctx.frame, [(BaseException,)], len(ctx.attempts), [True], True, len(ctx.errors))

    def handle(number: int) -> Operand:
        error = caught_by(ctx, attempt, number)
        kept = last.take(error)
        ending = last.run() if kept is None else GO
        test = truth(ctx, kept) if kept is not None else False
        if isinstance(test, bool):
            return GO if test else after_ending(ctx, ending, lambda: raise_again(ctx, error, []))
        return branch(ctx, test, lambda: (GO, None), lambda: (raise_again(ctx, error, []), None))[0]

    return run_attempt(ctx, attempt, Plan(body, handle, otherwise, last.short))


def after_ending(ctx: Context, ending: Operand, go_on: Callable[[], Operand]) -> Operand:
    """What follows a clean-up: what was to come, where it did not leave the block in a way of its own."""
    kinds = possible(ctx, ctx.block, ending)
    if kinds == {GO}:
        return go_on()
    if GO not in kinds:
        return ending
    going = ctx.emit(operator.eq, ending, GO, type_=Num("bool"), must=False)
    return branch(ctx, going, lambda: (go_on(), None), lambda: (ending, None))[0]


@dataclass
class Place:
    """A place in the program that is made, to go back to."""

    state: State
    block: Block
    ops: int
    splits: int

    @classmethod
    def here(cls, ctx: Context) -> Place:
        """Where we are."""
        return cls(ctx.state.copy(), ctx.block, len(ctx.block.ops), len(ctx.splits))

    def back(self, ctx: Context) -> None:
        """Forget what was interpreted since."""
        del ctx.active_blocks[len(ctx.active_blocks) - (len(ctx.splits) - self.splits) :]
        del ctx.splits[self.splits :]
        ctx.state, ctx.block = self.state.copy(), self.block
        del ctx.block.ops[self.ops :]
        ctx.views.pop(id(ctx.block), None)


def acts(ctx: Context, before: Place, ending: Operand) -> bool:
    """Does what was interpreted since do something that is seen after an exception?"""
    made = ctx.block.ops if ctx.block is not before.block else ctx.block.ops[before.ops :]
    calls = [op for op in walk(Block(ops=list(made))) if isinstance(op, Call)]
    return ending != GO or any(map(is_act, calls)) or ctx.differs_outside(before.state)


def is_act(call: Call) -> bool:
    """Is it done for its effect?"""
    if isinstance(call.fn, Func):
        return any(is_act(op) for each in [call.fn, *callees(call.fn.block)] for op in walk(each.block)
                   if isinstance(op, Call) and not isinstance(op.fn, Func))  # fmt: skip
    rule = lookup(call.fn)
    return rule is not None and rule.effect in ("io", "random")


def attempted(ctx: Context, node: Any) -> Operand:
    """The body and its handlers."""
    named = [handler.name is not None or reraises(handler) for handler in node.handlers]
    classes = [classes_of(ctx, handler) for handler in node.handlers]
    attempt = Attempt(ctx.frame, classes, len(ctx.attempts), named, errors=len(ctx.errors))
    short = all(is_short(handler.body) for handler in node.handlers)
    return run_attempt(ctx, attempt, Plan(
        lambda: run_block(ctx, node.body), lambda number: handled(ctx, node, attempt, number),
        lambda status: otherwise(ctx, node, status), short))  # fmt: skip


def run_attempt(ctx: Context, attempt: Attempt, plan: Plan) -> Operand:
    """Interpret a body, and the handlers of what it raises."""
    thrown = attempt.key(THROWN)
    ctx.state.variables[thrown] = Const(0)
    for number in range(1, len(attempt.classes) + 1):
        ctx.state.variables.pop(attempt.caught(number), None)
    if attempt.candidates((IndexError,)):
        read_views(ctx)
    before, count = ctx.attempts, len(ctx.splits)
    ctx.attempts = [*before, attempt]
    try:
        status = plan.body()
    finally:
        ctx.attempts = before
    if in_place(ctx, attempt, plan, count):
        for split in ctx.splits[count:]:
            handle_there(ctx, attempt, plan, split.left)
        ctx.state.variables.pop(thrown)
        return ctx.join_splits(count, plan.otherwise(status), None)[0]
    is_ours = not isinstance(status, Value) and all(throws(attempt, split.left) for split in ctx.splits[count:])
    joined, _ = ctx.join_splits(count, status, None)
    which = ctx.operand(ctx.state.variables.pop(thrown))
    ended = status if is_ours else joined  # where none of these handlers runs
    return after_body(ctx, attempt, plan, ended, which, sorted(attempt.seen))


def read_views(ctx: Context) -> None:
    """Before a `try` that takes an `IndexError`: views made so far would have raised theirs where they were made."""
    for thing in list(ctx.state.variables.values()):
        if isinstance(thing, Ref) and thing.steps and isinstance(ctx.state.memory.get(thing.storage), Value):
            ctx.contents(thing.storage, thing.steps)


def throws(attempt: Attempt, left: Arm) -> bool:
    """Does a way out surely lead to a handler of this `try`, and not to one further out?"""
    number = left.state.variables[attempt.key(THROWN)]
    return isinstance(number, Const) and bool(number.value)


def in_place(ctx: Context, attempt: Attempt, plan: Plan, count: int) -> bool:
    """May the handlers run where the body is left? They are written out once for each way out."""
    splits = ctx.splits[count:]
    falls = ctx.state.variables[attempt.key(THROWN)]
    if not splits or not isinstance(falls, Const) or falls.value:
        return False
    few = len(splits) == 1 or (plan.short and len(splits) <= MOST_COPIES)
    return few and all(throws(attempt, split.left) for split in splits)


def is_short(body: list[Any]) -> bool:
    """Is a handler's body short enough to be written out several times?"""
    return len(body) <= 2 and all(type(part).__name__ in SHORT for part in body)


def handle_there(ctx: Context, attempt: Attempt, plan: Plan, left: Arm) -> None:
    """Run the handler at the end of a path that left the body."""
    with ctx.region(left.block, left.state):
        number = ctx.static(ctx.state.variables.pop(attempt.key(THROWN)), "")
        left.status, _ = ctx.join_splits(0, plan.handle(number), None)
        left.state = ctx.state


def reraises(handler: Any) -> bool:
    """Is there a bare `raise` in a handler?"""
    return any(isinstance(part, ast.Raise) and part.exc is None for part in ast.walk(handler))


def after_body(ctx: Context, attempt: Attempt, plan: Plan, status: Operand, which: Operand, seen: list[int]) -> Operand:
    """Run the handler that was noted, `else`, or nothing."""
    if not isinstance(which, Value):
        return plan.handle(int(which)) if which else plan.otherwise(status)
    test = which  # where there is one handler, its number is as good as a truth value
    if len(attempt.seen) > 1:
        test = ctx.emit(operator.eq, which, seen[0], type_=Num("bool"), must=False)

    def rest() -> tuple[Operand, None]:
        if len(seen) > 1:
            return after_body(ctx, attempt, plan, status, which, seen[1:]), None
        return plan.otherwise(status), None

    return branch(ctx, test, lambda: (plan.handle(seen[0]), None), rest)[0]


def otherwise(ctx: Context, node: Any, status: Operand) -> Operand:
    """The body was left in another way than by an exception."""
    if isinstance(status, Value) and node.orelse:
        done = ctx.emit(operator.eq, status, GO, type_=Num("bool"), must=False)
        return branch(ctx, done, lambda: (run_block(ctx, node.orelse), None), lambda: (status, None))[0]
    return run_block(ctx, node.orelse) if not isinstance(status, Value) and status == GO else status


def caught_by(ctx: Context, attempt: Attempt, number: int) -> Abstract:
    """The exception that a handler has taken."""
    caught = ctx.state.variables.get(attempt.caught(number), Const(None))
    caught = caught.held if isinstance(caught, Maybe) else caught
    if isinstance(caught, Sym):
        caught.value.type = Opaque("exception")  # here it is one, and not None
    return caught


def handled(ctx: Context, node: Any, attempt: Attempt, number: int) -> Operand:
    """The handler's body, with the exception's name bound."""
    handler = node.handlers[number - 1]
    caught = caught_by(ctx, attempt, number)
    if handler.name is not None:
        ctx.state.variables[(ctx.frame.number, handler.name)] = caught
    before, ctx.handling = ctx.handling, [*ctx.handling, caught]
    try:
        return run_block(ctx, handler.body)
    finally:
        ctx.handling = before
        if handler.name is not None:
            ctx.state.variables[(ctx.frame.number, handler.name)] = UNDEFINED
