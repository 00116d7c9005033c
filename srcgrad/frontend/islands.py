"""Islands: parts of a program that cannot be read are traced at run time, while the rest of it is compiled.

How something is traced is not known in this folder: `install` is handed it.
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.errors import AliasError, UnsupportedError
from srcgrad.frontend.attempts import Place
from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.lifted import Lifted, lift
from srcgrad.frontend.poisons import poison_sharers
from srcgrad.frontend.reach import Touch, touch_of
from srcgrad.frontend.scopes import assign_name
from srcgrad.frontend.surroundings import code_of as code_reader
from srcgrad.frontend.surroundings import global_of
from srcgrad.frontend.values import Abstract, Box, Const, Maybe, Outside, Poison, Ref, Sym, TupleOf
from srcgrad.frontend.writes import name_it, store
from srcgrad.ir.core import GO, RETURN, Call, Func, Operand, Value
from srcgrad.ir.types import ANY, AnyType, Arr, Num, Type
from srcgrad.ir.walk import callees, walk
from srcgrad.rules.island import Outs, start, tied

Path = tuple[Any, ...]
Tracer = Callable[["Island", tuple[Any, ...]], Any]
MAX_UNFIT = 1024
PLAIN = (bool, int, float, complex, str, bytes, type(None), slice, np.dtype, np.generic, type, types.ModuleType,
         types.FunctionType, types.BuiltinFunctionType, np.ufunc)  # fmt: skip
RESULT = "<result>"
_TRACERS: list[Tracer] = []
_UNFIT: dict[Any, Any] = {}  # what turned out not to be an island, by its code


class IslandError(UnsupportedError):
    """What was traced is not what the code around it can use: the whole function has to be traced."""


def unfit(island: Island, what: str) -> IslandError:
    """The error for a part that can only be traced with everything around it; from now on that is known."""
    if len(_UNFIT) >= MAX_UNFIT:
        _UNFIT.clear()
    _UNFIT[code_of(island.fn)] = island.fn
    error = island.error
    return IslandError(f"{error.message}; traced at run time, it {what}", span=error.span, reason=error.reason,
                       repair='Pass mode="trace" to trace the whole function.')  # fmt: skip


def code_of(fn: Any) -> Any:
    """What stands for a function that is made again and again."""
    return fn.__code__ if isinstance(fn, types.FunctionType) else id(fn)


def install(tracer: Tracer) -> None:
    """Set what runs an island: ``tracer(island, arguments)`` gives a run, with its values and derivatives."""
    _TRACERS[:] = [tracer]


def installed() -> bool:
    """Is there something that runs islands?"""
    return bool(_TRACERS)


@dataclass(frozen=True)
class Slot:
    """The place of a run-time value in the arguments."""

    number: int


@dataclass(eq=False)
class Island:
    """A part that is traced.

    Attributes
    ----------
    fn : what is called
    error : why it cannot be read, and where
    args, kwargs : its arguments, with slots for what is known at run time only
    paths : where in the arguments the slots are
    varying : the slots of what may have a derivative
    count : how many items of a tuple it gives; None: one number or array
    written : the slots of the arrays that it may write
    writes : may it change anything that was there before?
    """

    fn: Callable[..., Any]
    error: UnsupportedError
    args: list[Any] = field(default_factory=list)
    kwargs: dict[str, Any] = field(default_factory=dict)
    paths: list[Path] = field(default_factory=list)
    varying: tuple[int, ...] = ()
    count: int | None = None
    written: tuple[int, ...] = ()
    writes: bool = True

    def __call__(self, *given: Any) -> Any:
        """Run it."""
        return _TRACERS[0](self, given)

    def __repr__(self) -> str:
        return f"<island {getattr(self.fn, '__name__', self.fn)}>"


# --- calls -------------------------------------------------------------------------------------------------------


def as_island(ctx: Context, fn: Any, args: Sequence[Abstract], kwargs: dict[str, Abstract], error: UnsupportedError
              ) -> Abstract:  # fmt: skip
    """Emit a call that is traced; raise the refusal where that cannot be, for then everything has to be."""
    own = (getattr(fn, "__module__", None) or "").startswith("srcgrad.")
    if own or isinstance(fn, type) or not gives_value(fn):
        raise error
    (value,) = Maker(ctx, Island(fn, error)).emit(args, kwargs)
    return value


def gives_value(fn: Any) -> bool:
    """May the call of a function give a number or an array? That of a generator or a coroutine does not."""
    steps = (inspect.isgeneratorfunction, inspect.iscoroutinefunction, inspect.isasyncgenfunction)
    return not any(is_kind(fn) for is_kind in steps)


class Maker:
    """Emits what runs an island."""

    def __init__(self, ctx: Context, island: Island) -> None:
        self.ctx, self.island = ctx, island
        self.operands: list[Operand] = []
        self.refs: list[Ref | None] = []
        self.takes_containers = False

    def emit(self, args: Sequence[Abstract], kwargs: dict[str, Abstract]) -> list[Abstract]:
        """The run, and what it gives."""
        ctx, island = self.ctx, self.island
        if not _TRACERS or code_of(island.fn) in _UNFIT:
            raise island.error
        island.args = [self.taken(arg, (k,)) for k, arg in enumerate(args)]
        island.kwargs = {name: self.taken(arg, (name,)) for name, arg in kwargs.items()}
        touch = touch_of(island.fn)
        if touch.acts or (touch.writes and self.takes_containers):
            raise island.error
        island.writes = touch.writes or not touch.functions
        island.written = self.may_be_written() if touch.arrays else ()
        run = ctx.emit_call(start, (island, *self.operands), {}, hint="run", must=True)
        count = 1 if island.count is None else island.count
        kinds: list[Type] = [ANY] * count + [operand_type(self.operands[k]) for k in island.written]
        island.varying = tuple(k for k, operand in enumerate(self.operands) if may_vary_here(operand))
        inputs = [self.operands[k] for k in island.varying]
        made = ctx.wrap(ctx.emit_call(tied, (run, Outs(tuple(kinds)), *inputs), {}))
        assert isinstance(made, TupleOf)
        for k, thing in zip(island.written, made.items[count:], strict=True):
            self.put_back(k, ctx.operand(thing))
        self.guard(touch)
        ctx.islands.append((island, touch))
        return list(made.items[:count])

    def guard(self, touch: Touch) -> None:
        """What it may touch was judged by these functions."""
        for fn in touch.functions:
            self.ctx.guard(code_reader(fn), fn.__code__)
        for scope, name, value in touch.callables:
            self.ctx.guard(global_of(scope, name), value)

    def taken(self, thing: Abstract, path: Path) -> Any:
        """An argument as the island keeps it."""
        thing = self.ctx.settle(thing)
        self.takes_containers = self.takes_containers or isinstance(thing, Box)
        match thing:
            case Outside():
                raise self.island.error
            case Const(value) if isinstance(value, PLAIN):
                return value
            case TupleOf(items, cls):
                made = [self.taken(item, (*path, k)) for k, item in enumerate(items)]
                return tuple(made) if cls is None else cls(*made)
            case Box(kind="list"):
                return [self.taken(item, (*path, k)) for k, item in enumerate(self.ctx.items(thing))]
            case Box(kind="dict"):
                return {key: self.taken(item, (*path, key)) for key, item in self.ctx.items(thing).items()}
            case Ref() | Sym():
                return self.slot(thing, path)
        raise self.island.error

    def slot(self, thing: Ref | Sym, path: Path) -> Slot:
        """The place of a run-time value."""
        operand = self.ctx.operand(thing)
        if not isinstance(operand_type(operand), (Arr, Num, AnyType)):
            raise self.island.error
        self.operands.append(operand)
        self.refs.append(thing if isinstance(thing, Ref) else None)
        self.island.paths.append(path)
        return Slot(len(self.operands) - 1)

    def may_be_written(self) -> tuple[int, ...]:
        """The arrays that are handed over; refused where two of them may be one piece of memory."""
        found = [(k, ref) for k, ref in enumerate(self.refs) if ref is not None]
        for n, (_, one) in enumerate(found):
            near = self.ctx.shares.get(one.storage, set())
            if any(other.storage is one.storage or other.storage in near for _, other in found[:n]):
                raise self.island.error
        return tuple(k for k, _ in found)

    def put_back(self, k: int, value: Operand) -> None:
        """An array that was handed over is what the island left in it."""
        ref = self.refs[k]
        assert ref is not None
        if ref.steps:
            store(self.ctx, ref, runtime.set_item, Ellipsis, value)
            return
        if ref.storage.captured:
            self.ctx.written_outside(ref.storage)
        self.ctx.state.memory[ref.storage] = value
        poison_sharers(self.ctx, ref.storage)


def may_vary_here(operand: Operand) -> bool:
    """May the operand have a derivative?"""
    kind = operand_type(operand)
    if not isinstance(operand, Value):
        return False
    if isinstance(kind, Num):
        return kind.kind in ("float", "complex")
    return isinstance(kind, AnyType) or (isinstance(kind, Arr) and (kind.dtype is None or kind.dtype.kind in "fc"))


def unpacked(ctx: Context, thing: Ref, count: int) -> list[Abstract] | None:
    """The items of what a call that is traced gives, where it is unpacked at once; None for anything else."""
    if not ctx.islands or thing.steps:
        return None
    island, _ = ctx.islands[-1]
    ops = ctx.block.ops
    value = ctx.state.memory.get(thing.storage)
    first = next(
        (k for k, op in enumerate(ops) if isinstance(op, Call) and op.fn is start and op.args[0] is island), -1
    )
    whole = ops[first + 1] if 0 <= first < len(ops) - 1 else None
    if island.count is not None or island.written or not isinstance(whole, Call) or len(ops) != first + 3:
        return None
    if not isinstance(value, Value) or value not in ops[-1].outs:
        return None
    island.count = count
    kinds: tuple[Type, ...] = (ANY,) * count
    del ops[first + 1 :]
    made = ctx.wrap(ctx.emit_call(tied, (whole.args[0], Outs(kinds), *whole.args[2:]), {}))
    assert isinstance(made, TupleOf)
    return list(made.items)


# --- statements --------------------------------------------------------------------------------------------------


@dataclass
class Refuge:
    """A place in the interpretation to go back to, where what follows cannot be read."""

    place: Place
    lists: list[tuple[list[Any], list[Any]]]
    span: Any
    attempts: list[Any]
    handling: list[Any]
    islands: int

    @classmethod
    def here(cls, ctx: Context) -> Refuge | None:
        """Where we are; None while nothing may be traced: at the first attempt, and in a rule."""
        if not ctx.may_trace or ctx.fixed_span:
            return None
        lists = (ctx.frames, ctx.errors, ctx.walked, ctx.walked_lists, ctx.open_blocks)
        return cls(Place.here(ctx), [(each, list(each)) for each in lists], ctx.span, ctx.attempts, ctx.handling,
                   len(ctx.islands))  # fmt: skip

    def back(self, ctx: Context, error: UnsupportedError) -> None:
        """Forget what was interpreted since; raise the error where that is no reason to trace."""
        if isinstance(error, (AliasError, IslandError)):
            raise error
        self.place.back(ctx)
        for each, before in self.lists:
            each[:] = before
        ctx.span, ctx.attempts, ctx.handling = self.span, self.attempts, self.handling
        del ctx.islands[self.islands :]


def island_of(ctx: Context, statements: Sequence[Any], error: UnsupportedError) -> tuple[int, Operand]:
    """Trace the first of some statements, with those that belong to it; how many they are, and how they end."""
    lifted = lift(ctx, statements)
    if lifted is None or any(f.consumer is not None for f in ctx.frames[-1:]):
        raise error
    island = Island(lifted.fn, error, count=1 if lifted.returns else len(lifted.outputs))
    given = {name: ctx.state.variables[key] for name, key in lifted.inputs.items()}
    if any(isinstance(thing, (Maybe, Poison)) for thing in given.values()):
        raise error
    made = Maker(ctx, island).emit(list(given.values()), {})
    bind_outputs(ctx, lifted, made)
    return lifted.count, RETURN if lifted.returns else GO


def bind_outputs(ctx: Context, lifted: Lifted, made: list[Abstract]) -> None:
    """Give the names what the statements bound to them."""
    if lifted.returns:
        ctx.state.variables[(ctx.frame.number, RESULT)] = made[0]
    for name, thing in zip(lifted.outputs, made, strict=False):
        assign_name(ctx, name, name_it(ctx, thing, name))


# --- the surroundings --------------------------------------------------------------------------------------------


def check_islands(ctx: Any) -> None:
    """Refuse islands that read what the code around them writes, which is there only at its end."""
    held = {id(value) for value in kept_outside(ctx)}
    roots = {root_of(place.label) for place in (*ctx.captured.values(), *ctx.known.slots.values())}
    if not (ctx.known.written or ctx.known.slots or ctx.known.boxes):
        return
    for island, touch in ctx.islands:
        if held & set(touch.outside) or roots & touch.names:
            raise island.error


def is_start(op: Any) -> bool:
    """Does an island begin here?"""
    return isinstance(op, Call) and op.fn is start


def kept_outside(ctx: Any) -> Iterator[Any]:
    """The arrays and containers of the surrounding program that the code reads once."""
    yield from (value for c in ctx.captured.values() if isinstance(value := c.read(), np.ndarray))
    yield from (owner.value for owner in ctx.containers.values())
    yield from (guard.value for guard in ctx.guards if isinstance(guard.value, (list, dict, set)))
    for slot in ctx.known.slots.values():
        yield slot.owner.held if isinstance(slot.owner, runtime.Outside) else slot.owner


def root_of(label: str) -> str:
    """The name that a label begins with."""
    return re.split(r"[.\[]", label, maxsplit=1)[0]


def islands_in(func: Func) -> Iterator[Island]:
    """The islands of a program."""
    for block in (func.block, *(each.block for each in callees(func.block) if each is not func)):
        for op in walk(block):
            if isinstance(op, Call) and op.fn is start:
                yield op.args[0]
