"""Islands: calls that cannot be read are traced at run time, while the rest of the function is compiled.

How a function is traced is not known in this folder: `install` is handed it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from srcgrad.errors import UnsupportedError
from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.values import Abstract, Const, Ref, Sym
from srcgrad.ir.core import Call, Func, Operand
from srcgrad.ir.types import AnyType, Arr, Num
from srcgrad.ir.walk import callees, walk
from srcgrad.rules.island import link, start, value_of

Tracer = Callable[["Island", tuple[Any, ...]], Any]
MAX_UNFIT = 1024
PLAIN = (bool, int, float, complex, str, type(None))
_TRACERS: list[Tracer] = []
_UNFIT: dict[int, Any] = {}  # functions that turned out not to be islands, by identity


class IslandError(UnsupportedError):
    """What was traced is not what the code around it can use: the whole function has to be traced."""


def unfit(island: Island, what: str) -> IslandError:
    """The error for a call that can only be traced with everything around it; from now on that is known."""
    if len(_UNFIT) >= MAX_UNFIT:
        _UNFIT.clear()
    _UNFIT[id(island.fn)] = island.fn
    error = island.error
    return IslandError(f"{error.message}; traced at run time, it {what}", span=error.span, reason=error.reason,
                       repair='Pass mode="trace" to trace the whole function.')  # fmt: skip


def install(tracer: Tracer) -> None:
    """Set what runs an island: ``tracer(island, arguments)`` gives its value and the parts of its pullback."""
    _TRACERS[:] = [tracer]


@dataclass(eq=False)
class Island:
    """A call that is traced.

    Attributes
    ----------
    fn : what is called
    error : why it cannot be read, and where
    named : the names of the last arguments
    """

    fn: Callable[..., Any]
    error: UnsupportedError
    named: tuple[str, ...] = ()

    def __call__(self, *args: Any) -> Any:
        """Run it."""
        return _TRACERS[0](self, args)

    def __repr__(self) -> str:
        return f"<island {getattr(self.fn, '__name__', self.fn)}>"


def as_island(ctx: Context, fn: Any, args: list[Abstract], kwargs: dict[str, Abstract], error: UnsupportedError
              ) -> Abstract:  # fmt: skip
    """Emit a call that is traced; raise the refusal where that cannot be, for then everything has to be."""
    given = [*args, *kwargs.values()]
    own = (getattr(fn, "__module__", None) or "").startswith("srcgrad.")
    if own or not _TRACERS or id(fn) in _UNFIT or isinstance(fn, type) or not all(is_plain(ctx, arg) for arg in given):
        raise error
    operands = tuple(ctx.operand(arg) for arg in given)
    run = ctx.emit_call(start, (Island(fn, error, tuple(kwargs)), *operands), {}, hint="run", must=True)
    value = ctx.emit_call(value_of, (run,), {})
    for k, operand in enumerate(operands):
        if may_vary_here(operand):
            value = ctx.emit_call(link, (value, operand, run, k, operands), {})
    return ctx.wrap(value)


def is_plain(ctx: Context, thing: Abstract) -> bool:
    """Is it an array, a number, or a constant that cannot change?"""
    if isinstance(thing, Const):
        return isinstance(thing.value, PLAIN)
    return isinstance(thing, (Ref, Sym)) and isinstance(operand_type(ctx.operand(thing)), (Arr, Num, AnyType))


def may_vary_here(operand: Operand) -> bool:
    """May the operand have a derivative?"""
    kind = operand_type(operand)
    if isinstance(kind, Num):
        return kind.kind in ("float", "complex")
    return isinstance(kind, (Arr, AnyType))


def islands_in(func: Func) -> Iterator[Island]:
    """The islands of a program."""
    for block in (func.block, *(each.block for each in callees(func.block) if each is not func)):
        for op in walk(block):
            if isinstance(op, Call) and op.fn is start:
                yield op.args[0]
