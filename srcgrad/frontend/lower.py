"""From a function and a signature to IR: the entry of the frontend."""

from __future__ import annotations

import builtins
import inspect
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gast

from srcgrad import runtime
from srcgrad.errors import AliasError, Span, UnsupportedError
from srcgrad.frontend import iterating
from srcgrad.frontend.activations import Arm, Frame, NeedPath, NeedStatic
from srcgrad.frontend.binding import parameter_name
from srcgrad.frontend.branches import Run, join_splits
from srcgrad.frontend.calls import call
from srcgrad.frontend.closing import close_functions
from srcgrad.frontend.comprehensions import NAME as COMPREHENSION
from srcgrad.frontend.exceptions import spelled
from srcgrad.frontend.expressions import EXPRESSIONS
from srcgrad.frontend.fence import OUTSIDE, check, refuse
from srcgrad.frontend.inlining import activate, guard_call, liveness_of
from srcgrad.frontend.islands import IslandError, Refuge, check_islands, installed, island_of
from srcgrad.frontend.recursion import Arms, Recursion
from srcgrad.frontend.roots import roots_of
from srcgrad.frontend.scopes import declared
from srcgrad.frontend.signature import Spec, enter, type_of
from srcgrad.frontend.source import Source, locate
from srcgrad.frontend.statements import STATEMENTS
from srcgrad.frontend.surroundings import (
    Captured,
    Guard,
    Known,
    NeedPlace,
    Surroundings,
    builtin_of,
    cell_of,
    code_of,
    global_of,
    take_entry_copies,
)
from srcgrad.frontend.values import Abstract, Box, Const, Ref, Storage
from srcgrad.ir.core import Block, Func, Operand, Value
from srcgrad.ir.types import Opaque
from srcgrad.rules.core import lookup


@dataclass
class Lowered:
    """The result: the function, what it reads from outside, and what it was built on."""

    func: Func
    captured: list[Captured]
    guards: list[Guard]
    statics: dict[tuple[Any, ...], Any]
    source: Source | None = None


class Interpreter(Surroundings):
    """A context that also knows the outside world."""

    entry: Block

    def prepare(self, known: Known) -> None:
        """Start with nothing captured."""
        self.surround(known)
        self.entry = self.block
        self.numbers = itertools.count()
        self.arms = Arms()

    def arm(self, run: Run, block: Block | None = None) -> Arm:
        """Interpret a region that starts from the state here."""
        return self.arms.arm(self, lambda: super(Interpreter, self).arm(run, block))

    def join_splits(self, count: int, status: Operand, result: Abstract | None) -> tuple[Operand, Abstract | None]:
        """The paths that left a block at its splits meet the one that came to its end."""
        return join_splits(self, count, status, result)

    def exception(self, error: Box) -> Operand:
        """An exception that the program has made, for others to look at."""
        cls, args, kwargs = spelled(self, error)
        named = {key: self.operand(thing) for key, thing in kwargs.items()}
        operands = (cls, *map(self.operand, args))
        return self.emit_call(runtime.make_error, operands, named, type_=Opaque("exception"))

    def activation(self, node: Any, source: Source, parent: Frame | None) -> Frame:
        """A frame for a call; the syntax is checked once per function."""
        if parent is None and not self.fixed_span:
            self.guard(code_of(source.fn), source.fn.__code__)
            if not self.may_trace or type(source.node) in OUTSIDE:
                check_once(source)
        silent = source.fn.__module__ == iterating.__name__
        return Frame(next(self.numbers), node, source, liveness_of(node), parent, self.span, silent)

    def statement(self, node: Any) -> Operand:
        """Interpret a statement; where the function was not looked through before, refuse the syntax here."""
        if self.may_trace and type(node) in OUTSIDE:
            refuse(self.frame.source, node)
        return super().statement(node)

    def refuge(self) -> Refuge | None:
        """A place to go back to; None at the first attempt, and in a rule."""
        return Refuge.here(self) if self.may_trace and not self.fixed_span else None

    def traced(self, refuge: Refuge, statements: Any, error: UnsupportedError | NeedStatic) -> tuple[int, Operand]:
        """Go back, and trace some of the statements."""
        if isinstance(error, NeedStatic):
            if error.span not in self.hopeless:
                raise error
            error = unknown(error)
        if self.attempts:  # what is traced acts, and cannot be tried first: the `try` as a whole may be
            raise error
        refuge.back(self, error)
        return island_of(self, statements, error)

    def forget(self, frame: Frame) -> None:
        """Drop the variables of a call that is over, unless a function made there may still read them."""
        if not frame.liveness.always:
            for key in [key for key in self.state.variables if key[0] == frame.number]:
                del self.state.variables[key]

    def locals_of(self, frame: Frame) -> frozenset[str]:
        """The local names of a function."""
        return local_names(frame.node)

    def unbound(self, name: str) -> UnsupportedError:
        """A local variable is read that no path has assigned."""
        return self.unsupported(f"local variable `{name}` is read before it has a value", "Assign it first.")

    def outside(self, frame: Frame, name: str) -> Abstract:
        """A cell, a global or a builtin."""
        source = frame.source
        if name in source.cells:
            cell = source.cells[name]
            try:
                value = cell.cell_contents
            except ValueError:
                raise self.unbound(name) from None
            return self.plain(value, name, cell_of(cell))
        if name in source.globals:
            scope = source.globals
            return self.plain(scope[name], name, global_of(scope, name))
        self.guard(builtin_of(source.globals, name), getattr(builtins, name, None))
        if hasattr(builtins, name):
            return Const(getattr(builtins, name))
        raise self.raises(NameError, f"name '{name}' is not defined")

    def maybe_view(self, base: Ref, value: Value) -> Ref:
        """An array that may or may not be a view: known until one of the two is written."""
        made = self.new_array(value)
        self.may_share(base.storage, made.storage)
        return made

    def may_share(self, base: Storage, made: Storage) -> None:
        """Two pieces of memory may be one, and so may all that may be one with the first."""
        self.maybe_views.append((base, made))
        for other in (base, *self.shares.get(base, ())):
            if other is not made:
                self.shares.setdefault(made, set()).add(other)
                self.shares.setdefault(other, set()).add(made)


# What binds names that are written as text: captures in patterns, exceptions, imports.
BINDERS: dict[str, Callable[[Any], list[str | None]]] = {
    "MatchAs": lambda node: [node.name], "MatchStar": lambda node: [node.name],
    "MatchMapping": lambda node: [node.rest], "ExceptHandler": lambda node: [node.name],
    "Import": lambda node: [alias.asname or alias.name.partition(".")[0] for alias in node.names],
    "ImportFrom": lambda node: [alias.asname or alias.name for alias in node.names],
}  # fmt: skip
COMPREHENSIONS = ("ListComp", "SetComp", "DictComp", "GeneratorExp")
_checked: set[int] = set()


def check_once(source: Source) -> None:
    """The fence, once per function."""
    if id(source.node) not in _checked:
        check(source)
        _checked.add(id(source.node))


def local_names(node: Any) -> frozenset[str]:
    """Parameters and every name stored in a function's own body."""
    found = _LOCALS.get(id(node))
    if found is None or found[0] is not node:
        bound_outside = _walrus_names(node) if getattr(node, "name", "") == COMPREHENSION else ()
        found = (node, frozenset(_stored(node)) - frozenset(declared(node)) - frozenset(bound_outside))
        _LOCALS[id(node)] = found
    return found[1]


_LOCALS: dict[int, tuple[Any, frozenset[str]]] = {}


def _stored(node: Any) -> Any:
    spec = node.args
    for parameter in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg):
        if parameter is not None:
            yield getattr(parameter, "arg", None) or parameter.id
    if isinstance(node.body, list):
        for statement in node.body:
            yield from _names_in(statement)


def _walrus_names(node: Any) -> set[str]:
    """The names that a comprehension binds in the function around it."""
    return {part.target.id for part in gast.walk(node) if type(part).__name__ == "NamedExpr"}


def _names_in(node: Any) -> Any:
    kind = type(node).__name__
    if kind in ("FunctionDef", "ClassDef"):
        yield node.name
        return
    if kind == "Lambda":
        return
    if kind in BINDERS:
        yield from (name for name in BINDERS[kind](node) if name is not None)
    if kind in COMPREHENSIONS:  # its own scope, but for `:=` and the first iterable
        for inner in gast.walk(node):
            if type(inner).__name__ == "NamedExpr":
                yield inner.target.id
        return
    if kind == "Name" and type(node.ctx).__name__ == "Store":
        yield node.id
    for child in gast.iter_child_nodes(node):
        yield from _names_in(child)


def new_context(span: Span | None = None) -> Interpreter:
    """An interpreter with every room registered."""
    ctx = Interpreter(EXPRESSIONS, STATEMENTS, call)
    ctx.prepare(Known())
    ctx.span = span
    ctx.fixed_span = span is not None
    return ctx


def lower(fn: Any, specs: dict[str, Spec], *, name: str = "", islands: bool = False) -> Lowered:
    """Interpret a function for a signature, one spec per parameter.

    With `islands`, what cannot be read is traced within it where that is possible.
    """
    try:
        return lower_with(fn, specs, name, may_trace=False)
    except UnsupportedError as error:
        if not islands or isinstance(error, (AliasError, IslandError)) or not installed():
            raise
        refusal = error
    try:
        return lower_with(fn, specs, name, may_trace=True)
    except UnsupportedError:
        raise refusal from None


def lower_with(fn: Any, specs: dict[str, Spec], name: str, *, may_trace: bool) -> Lowered:
    """The same, with more static knowledge at each attempt where the program needs a number while it is compiled."""
    statics: dict[tuple[Any, ...], Any] = {}
    known = Known()
    promotes = False
    hopeless: set[Span | None] = set()
    undecided: set[Span | None] = set()
    by_path: set[Span | None] = set()
    while True:
        ctx = new_context()
        ctx.prepare(known)
        ctx.promotes, ctx.undecided, ctx.may_trace, ctx.hopeless = promotes, undecided, may_trace, hopeless
        ctx.by_path = by_path
        try:
            return lower_once(ctx, fn, specs, name, statics)
        except NeedPlace as need:
            known.add(need.place)
        except NeedPath as need:
            by_path.add(need.span)
        except NeedStatic as need:
            if resolve(ctx, need, known):
                continue
            if need.origin not in undecided:
                undecided.add(need.origin)
            elif promotes:
                if not may_trace or need.span in hopeless:
                    raise unknown(need) from None
                hopeless.add(need.span)
            promotes = True  # a list of numbers can be indexed at run time, too


def unknown(need: NeedStatic) -> UnsupportedError:
    """The refusal of what needs a number that only the running program knows."""
    return UnsupportedError(
        f"{need.why} must be known before the program runs",
        span=need.span,
        repair="Use an array instead of a list, or a constant.",
    )


class StaticArgument(Exception):
    """An argument's value has to be part of the signature."""

    def __init__(self, leaf: tuple[Any, ...]) -> None:
        super().__init__(leaf)
        self.leaf = leaf


def resolve(ctx: Interpreter, need: NeedStatic, known: Known) -> bool:
    """Make known what the needed number is computed from; False where that is impossible."""
    roots = roots_of(ctx, need.value)
    by_value = {captured.value: captured.key for captured in ctx.captured.values()}
    leaves = {leaf.value: (leaf.param, *leaf.path) for leaf in ctx.leaves}
    if not roots or any(root not in by_value and (root not in leaves or varies(root)) for root in roots):
        return False
    for root in roots:
        if root in by_value:
            known.static.add(by_value[root])
        else:
            raise StaticArgument(leaves[root])
    return True


def varies(leaf: Value) -> bool:
    """Is it an argument of floats? Built in, its derivative would be lost."""
    dtype = getattr(leaf.type, "dtype", None)
    return getattr(leaf.type, "kind", "") in ("float", "complex") or (dtype is not None and dtype.kind in "fc")


def lower_once(ctx: Interpreter, fn: Any, specs: dict[str, Spec], name: str, statics: dict[tuple[Any, ...], Any]
               ) -> Lowered:  # fmt: skip
    """One attempt."""
    ctx.leaves = []
    ctx.open_blocks, ctx.active_blocks = [ctx.block], [ctx.block]
    ctx.names = set(specs)
    params: list[Value] = []
    things: dict[str, Abstract] = {}
    for k, (key, spec) in enumerate(specs.items()):
        value = Value(type_of(spec, key), key)
        params.append(value)
        things[key] = enter(ctx, spec, value, (), ctx.leaves, k, key, statics)
    ctx.recursion = Recursion(ctx)
    ctx.not_ours = set(ctx.state.memory)
    ctx.open_places()
    result, source = run_entry(ctx, fn, things)
    returned = ctx.operand(result)
    ctx.close_places()
    check_islands(ctx)
    captured = list(ctx.captured.values())
    ctx.block.params = [*params, *(c.value for c in captured)]
    ctx.block.yields = [returned]
    label = name or getattr(fn, "__name__", "function")
    func = Func(label, ctx.block, [c.value.hint for c in captured], ctx.leaves)
    close_functions(func)
    take_entry_copies(ctx.block)
    return Lowered(func, captured, ctx.guards, dict(statics), source)


def run_entry(ctx: Interpreter, fn: Any, things: dict[str, Abstract]) -> tuple[Abstract, Source | None]:
    """Interpret the function's body, or call the function itself where it has a rule."""
    if lookup(fn) is not None:
        return ctx.call(Const(fn), [], dict(things)), None
    source = locate(fn)
    guard_call(ctx, fn)
    frame = ctx.activation(source.node, source, None)
    ctx.span = source.span(source.node)
    bound = {**things, **dict(bound_things(ctx, source))}
    return ctx.settle(ctx.recursion.through(frame, bound, lambda: activate(ctx, frame, bound))), source


def bound_things(ctx: Interpreter, source: Source) -> list[tuple[str, Abstract]]:
    """Parameters bound by a method or a `functools.partial`."""
    node = source.node
    ordered = [parameter_name(p) for p in (*node.args.posonlyargs, *node.args.args)]
    given = [*zip(ordered, source.bound_args, strict=False), *source.bound_kwargs.items()]
    return [(key, ctx.fixed(value, key)) for key, value in given]


def parameters_of(fn: Any) -> inspect.Signature:
    """The signature users see."""
    return inspect.signature(fn)
