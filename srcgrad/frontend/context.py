"""The interpreter's state and its few basic acts: emit an op, read a variable, turn a thing into an operand."""

from __future__ import annotations

import builtins
import contextlib
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from srcgrad import runtime
from srcgrad.errors import AliasError, Span, UnsupportedError
from srcgrad.frontend.activations import Arm, Frame, NeedStatic, Raises, Split
from srcgrad.frontend.lengths import Lengths
from srcgrad.frontend.values import (
    Abstract,
    Box,
    Chosen,
    Const,
    Generator,
    Maybe,
    Poison,
    RangeOf,
    Ref,
    State,
    Steps,
    Storage,
    Sym,
    Table,
    TupleOf,
)
from srcgrad.frontend.world import World
from srcgrad.ir.core import ABSENT, RETURN, Block, Call, Leaf, Op, Operand, Value, map_operand
from srcgrad.ir.types import ANY, AnyType, Arr, ListOf, Num, Opaque, Tup, Type, of_constant
from srcgrad.rules.core import lookup

RAISED = 8  # the status of statements that always raise; never a loop's stop kind
CONTINUE = 9  # the rest of the trip is skipped
MAX_OPS = 20_000


Handler = Callable[..., Any]


@dataclass(eq=False)
class Context(World):
    """One lowering. The rooms of the frontend register what they interpret in the three tables."""

    expressions: dict[str, Handler]
    statements: dict[str, Handler]
    caller: Handler
    block: Block = field(default_factory=Block)
    state: State = field(default_factory=State)
    frames: list[Frame] = field(default_factory=list)
    shares: dict[Storage, set[Storage]] = field(default_factory=dict)
    repeated: set[Storage] = field(default_factory=set)  # run-time lists that may hold one thing at two places
    swapping: dict[Storage, Any] = field(default_factory=dict)  # the half of an exchange of two items that is done
    factories: dict[int, Abstract] = field(default_factory=dict)  # what makes the missing items of a `defaultdict`
    limits: dict[int | Storage, Operand] = field(default_factory=dict)  # how long a `deque` may be
    held_from: dict[Storage, Span | None] = field(default_factory=dict)  # where a list took a new array in
    by_path: set[Span | None] = field(default_factory=set)  # where names of it lead into the list from then on
    not_ours: set[Storage] = field(default_factory=set)  # the memory of arguments
    borrowed: set[int] = field(default_factory=set)  # dicts and objects that a list of unknown length holds, too
    same_boxes: dict[int, set[int]] = field(default_factory=dict)  # containers that are one on some paths
    maybe_views: list[tuple[Storage, Storage]] = field(default_factory=list)
    span: Span | None = None
    fixed_span: bool = False
    ops: int = 0
    counter: int = 0
    capture: Callable[[Frame, str, Any], Abstract] | None = None
    recursion: Any = None
    stop_kinds: dict[Value, set[int]] = field(default_factory=dict)  # how the loop a stop kind is of may end
    calls: dict[Value, Call] = field(default_factory=dict)  # which call made a value
    active_blocks: list[Block] = field(default_factory=list)  # the blocks whose values are visible here
    views: dict[int, dict[Any, Any]] = field(default_factory=dict)  # per block: views that were read there
    lengths: Lengths = field(default_factory=Lengths)
    attempts: list[Any] = field(default_factory=list)  # the `try` statements whose bodies are interpreted
    handling: list[Abstract] = field(default_factory=list)  # the exceptions whose handlers are interpreted
    errors: list[tuple[Value, bool]] = field(default_factory=list)  # per `np.errstate`: what was before; may it raise
    splits: list[Split] = field(default_factory=list)  # the ways out of this block so far
    local_classes: dict[tuple[int, int], tuple[type, dict[str, Any]]] = field(default_factory=dict)
    class_of_method: dict[int, type] = field(default_factory=dict)  # of classes made in the function
    undecided: set[Span | None] = field(default_factory=set)  # where what is needed is known only at run time
    may_trace: bool = False  # what cannot be read is traced, while the rest is compiled
    hopeless: set[Span | None] = field(default_factory=set)  # where what is needed cannot be known, whatever is tried
    islands: list[Any] = field(default_factory=list)  # the parts that are traced, and what they may touch
    promotes: bool = False  # lists of numbers become run-time lists where an index is not known
    walked: list[int] = field(default_factory=list)  # the containers that loops walk now, by number
    walked_lists: list[Storage] = field(default_factory=list)  # the same of run-time lists
    open_blocks: list[Block] = field(default_factory=list)  # every block entered, for tracing a value to its roots
    leaves: list[Leaf] = field(default_factory=list)
    entered: list[tuple[Box, Operand, Any]] = field(default_factory=list)  # the arguments' containers, as they came in
    entered_arrays: list[tuple[Leaf, Storage]] = field(default_factory=list)  # the arrays in them

    # --- interpreting -------------------------------------------------------------------------------------------

    @property
    def frame(self) -> Frame:
        """The innermost activation."""
        return self.frames[-1]

    def expr(self, node: Any) -> Abstract:
        """Interpret an expression."""
        handler = self.expressions.get(type(node).__name__)
        before = self.span
        if not self.fixed_span:
            self.at(node)
        if handler is None:
            raise self.unsupported(f"cannot differentiate through {type(node).__name__} here", "")
        result: Abstract = handler(self, node)
        if type(result) is Box:
            result = self.settle(result)
        self.span = before
        return result

    def statement(self, node: Any) -> Operand:
        """Interpret a statement; how it ends."""
        handler = self.statements.get(type(node).__name__)
        if handler is None:
            raise self.unsupported(f"cannot differentiate through {type(node).__name__} here", "")
        status: Operand = handler(self, node)
        return status

    def call(self, fn: Abstract, args: Sequence[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        """Interpret a call."""
        result: Abstract = self.caller(self, fn, list(args), kwargs)
        return result

    def at(self, node: Any) -> None:
        """Remember where in the user's source we are."""
        if not self.fixed_span and not self.frame.silent and hasattr(node, "lineno"):
            self.span = self.frame.span(node)

    @contextlib.contextmanager
    def region(self, block: Block, state: State) -> Iterator[None]:
        """Emit into `block` and change `state` for a while; both are put back whatever happens."""
        saved = self.block, self.state, self.span, self.splits, len(self.frames), len(self.active_blocks)
        self.block, self.state, self.splits = block, state, []
        self.open_blocks.append(block)
        self.active_blocks.append(block)
        try:
            yield
            if self.splits:
                raise self.unsupported("cannot catch what is raised here", "Move it out of the `try`.")
        finally:
            self.block, self.state, self.span, self.splits = saved[:4]
            del self.frames[saved[4] :]
            del self.active_blocks[saved[5] :]

    def arm(self, run: Callable[[], tuple[Operand, Abstract | None]], block: Block | None = None) -> Arm:
        """Interpret a region that starts from the state here."""
        arm = Arm(block or Block(), self.state.copy())
        with self.region(arm.block, arm.state):
            try:
                arm.status, arm.result = run()
            except Raises as error:
                arm.status = RAISED if error.frame is None else RETURN
            arm.status, arm.result = self.join_splits(0, arm.status, arm.result)
            arm.state = self.state
        return arm

    def split(self, test: Operand, leave: Callable[[], None]) -> None:
        """Leave the block as by `return` where `test` holds, after `leave`; what is emitted from here on runs else."""

        def run() -> tuple[Operand, None]:
            leave()
            return RETURN, None

        self.splits.append(Split(test, self.arm(run), self.block))
        self.block = Block()
        self.open_blocks.append(self.block)
        self.active_blocks.append(self.block)

    def pass_on(self) -> None:
        """After an expression or a call: an exception in it that a `try` around it takes is on its way there."""
        for attempt in self.attempts:
            key = attempt.key("<thrown>")
            thing = self.state.variables.get(key)
            if isinstance(thing, Sym):
                self.split(self.emit(operator.ne, thing.value, 0, type_=Num("bool")), lambda: None)
                self.state.variables[key] = Const(0)
            elif isinstance(thing, Const) and thing.value:
                raise Raises(attempt.frame)

    # --- emitting -----------------------------------------------------------------------------------------------

    def emit(self, fn: Any, *args: Operand, hint: str = "", style: str = "", must: bool | None = None,
             type_: Type | None = None, **kwargs: Operand) -> Value:  # fmt: skip
        """Append a call and give its value."""
        return self.emit_call(fn, args, kwargs, hint, style, must, type_)

    def emit_call(self, fn: Any, args: tuple[Operand, ...], kwargs: dict[str, Operand], hint: str = "",
                  style: str = "", must: bool | None = None, type_: Type | None = None) -> Value:  # fmt: skip
        """`emit` for keyword names that would clash."""
        if self.attempts:
            self.attempts[-1].watch(self, fn, args, kwargs)
        if type_ is None:
            type_ = self.lengths.refine(fn, args, kwargs, result_type(fn, args, kwargs))
        out = Value(type_, hint, self.span)
        self.lengths.learn(fn, args, out)
        call = Call(fn, args, kwargs, out, self.span, style)
        call.must = bool(must) or (must is None and bool(self.errors))  # stays among the settings of `np.errstate`
        self.append(call)
        return out

    def append(self, op: Op) -> None:
        """Append an op to the current block."""
        self.block.ops.append(op)
        if isinstance(op, Call):
            self.calls[op.out] = op
        self.ops += 1
        if self.ops > MAX_OPS:
            raise self.unsupported("the program is too large once its loops over static structures are unrolled",
                                   "Use arrays instead of long Python lists.")  # fmt: skip

    def wrap(self, value: Operand, hint: str = "") -> Abstract:
        """The kind of thing an emitted value is."""
        if not isinstance(value, Value):
            return Const(value)
        match value.type:
            case Arr() | AnyType() | ListOf():
                return self.new_array(value, hint)
            case Tup(items, form):
                return self.formed(form, tuple(self.wrap(self.emit(operator.getitem, value, k, type_=t, must=False))
                                               for k, t in enumerate(items)))  # fmt: skip
        return Sym(value)

    def formed(self, form: Any, items: tuple[Abstract, ...]) -> Abstract:
        """What a list of unknown length holds in the form of a tuple: a named tuple, a dict, an object."""
        if form is None or self.fixed_span:  # to a rule it is a tuple
            return TupleOf(items)
        if form[0] == "tuple":
            return TupleOf(items, form[1])
        kind, cls, keys = form
        box = Box(kind, cls=cls)
        self.state.boxes[box.number] = dict(zip(keys, items, strict=True))
        self.borrowed.add(box.number)
        return box

    def new_array(self, value: Operand, hint: str = "", *, captured: bool = False) -> Ref:
        """A new piece of memory that holds `value`."""
        storage = Storage(hint, self.span, captured)
        self.state.memory[storage] = value
        return Ref(storage)

    # --- reading ------------------------------------------------------------------------------------------------

    def operand(self, thing: Abstract) -> Operand:
        """What an op may take for this thing."""
        match thing:
            case Const(value):
                return value
            case Sym(value):
                return value
            case Ref(storage, steps):
                return self.contents(storage, steps)
            case Chosen(which, options) if all(isinstance(option, Const) for option in options):
                values = [self.operand(option) for option in options]
                kind = Opaque(f"enum {type(values[0]).__name__}")
                return self.emit(operator.getitem, tuple(values), self.operand(which), type_=kind, must=False)
            case TupleOf(items, cls):
                values = [self.operand(item) for item in items]
                return tuple(values) if cls is None else cls(*values)
            case Box(kind="list"):
                promoted = self.settle(thing)
                if isinstance(promoted, Ref):
                    return self.operand(promoted)
                return [self.operand(item) for item in self.items(thing)]
            case Box(kind="dict"):
                return {key: self.operand(item) for key, item in self.items(thing).items()}
            case Maybe() | Poison():
                return self.operand(self.settle(thing))
            case Box(kind="object", cls=cls) if cls is not None and issubclass(cls, BaseException):
                return self.exception(thing)
            case RangeOf(start, stop, step):
                return self.emit(builtins.range, *(self.operand(p) for p in (start, stop, step)), type_=Opaque("range"))
        raise self.unsupported("a function, a method or an object cannot be passed on here",
                               "Call it, or pass numbers and arrays.")  # fmt: skip

    def settle(self, thing: Abstract, name: str = "") -> Abstract:
        """The thing itself where a variable may be unbound, checked at run time; or the error of a poisoned one."""
        if type(thing) is Box:
            content = self.state.boxes.get(thing.number)
            return content if isinstance(content, Ref) else thing
        if type(thing) is Poison:
            raise thing.error()
        if type(thing) is not Maybe:
            return thing
        held = thing.held
        match held:
            case Sym(value):
                return Sym(self.emit(runtime.check_bound, value, name, ABSENT, type_=value.type, must=True))
            case Ref(storage):
                current = self.state.memory[storage]
                if isinstance(current, Value):
                    self.state.memory[storage] = self.emit(
                        runtime.check_bound, current, name, ABSENT, type_=current.type, must=True
                    )
                return held
            case TupleOf(items, cls):
                return TupleOf(tuple(self.settle(Maybe(item), name) for item in items), cls)
        return held

    def contents(self, storage: Storage, steps: Steps = ()) -> Operand:
        """The array as it is now, seen through views."""
        value = self.state.memory.get(storage)
        if value is None:
            raise self.unsupported(f"`{storage.hint or 'an array'}` is not known on this path", "")
        if isinstance(value, Poison):
            raise value.error()
        return self.seen(value, steps) if steps else value

    def tried(self, view: Ref) -> Ref:
        """A view that is made in a `try` is read there: an index may be out of range, and nobody else look at it."""
        if self.attempts:
            self.contents(view.storage, view.steps)
        return view

    def seen(self, value: Operand, steps: Steps) -> Value:
        """An array seen through views; the same value where the same view of the same contents was read before."""
        key = (id(value), id(steps))
        for block in reversed(self.active_blocks or [self.block]):
            known = self.views.get(id(block), {}).get(key)
            if known is not None:
                seen: Value = known[0]
                return seen
        made: Any = value
        for fn, args in steps:
            made = self.emit(fn, made, *args)
        self.views.setdefault(id(self.block), {})[key] = (made, value, steps, self.block)
        result: Value = made
        return result

    def items(self, box: Box | Generator) -> Any:
        """The contents of a container: a tuple, or a dict."""
        content = self.state.boxes.get(box.number)
        doubt = content.error() if isinstance(content, Poison) else None
        if isinstance(doubt, AliasError):
            raise doubt
        if content is None or isinstance(content, (Poison, Ref, Table)):
            raise self.unsupported("the structure of this container depends on the path taken",
                                   "Give the container the same structure on every path.")  # fmt: skip
        return content

    def static(self, thing: Abstract, why: str) -> Any:
        """The Python object, which has to be known while compiling."""
        match thing:
            case Const(value):
                return value
            case TupleOf(items, cls):
                values = [self.static(item, why) for item in items]
                return tuple(values) if cls is None else cls(*values)
            case Box(kind="list"):
                return [self.static(item, why) for item in self.items(thing)]
            case Sym(value):
                raise NeedStatic(value, why, self.span)
        raise self.unsupported(f"{why} must be known before the program runs", "")

    def raises(self, cls: type[BaseException], *args: Operand) -> Raises:
        """An exception that is certain, taken by a `try` or emitted; what is given back ends the statement."""
        taken = self.thrown(cls, [Const(arg) for arg in args], {})
        if taken is not None:
            return taken
        self.emit(runtime.raise_error, cls, *args, must=True, type_=Opaque("never"))
        return Raises()

    def thrown(self, cls: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Raises | None:
        """Note which handler of which `try` takes an exception; None where it leaves the program."""
        for attempt in reversed(self.attempts):
            number = attempt.handler(cls) if isinstance(cls, type) else 0
            if number:
                attempt.note(self, number, cls, args, kwargs)
                return Raises(attempt.frame)
        return None

    def is_undecided(self, index: Abstract) -> bool:
        """Is it an index that only the running program knows, at a place where an earlier attempt found that out?"""
        return isinstance(index, Sym) and self.span in self.undecided

    # --- complaining --------------------------------------------------------------------------------------------

    def unsupported(self, message: str, repair: str, reason: str = "") -> UnsupportedError:
        """An error about the place we are at."""
        return UnsupportedError(message, span=self.span, reason=reason, repair=repair)


def is_text(thing: Abstract) -> bool:
    """Is it a text?"""
    if isinstance(thing, Sym):
        return thing.value.type == Opaque("str")
    return isinstance(thing, Const) and isinstance(thing.value, str)


@contextlib.contextmanager
def unattempted(ctx: Context) -> Iterator[None]:
    """No `try` takes what is raised here."""
    before, ctx.attempts = ctx.attempts, []
    try:
        yield
    finally:
        ctx.attempts = before


def operand_type(operand: Operand) -> Type:
    """The type of an operand."""
    if isinstance(operand, Value):
        return operand.type
    if isinstance(operand, tuple):
        return Tup(tuple(map(operand_type, operand)))
    if isinstance(operand, (list, dict, slice)):
        return Opaque(type(operand).__name__)
    return of_constant(operand)


def _type_of(value: Value) -> Type:
    return value.type


def result_type(fn: Any, args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    """The type of a call's result: its rule says, and what it cannot say is unknown."""
    rule = lookup(fn)
    if rule is None or rule.result is None:
        return ANY
    typed = [arg.type if type(arg) is Value else map_operand(_type_of, arg) for arg in args]
    named = {key: map_operand(_type_of, arg) for key, arg in kwargs.items()} if kwargs else kwargs
    try:
        return rule.result(*typed, **named)
    except (TypeError, ValueError, IndexError, KeyError, AttributeError):
        return ANY  # arguments the function itself will refuse when it runs
