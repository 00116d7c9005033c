"""Derivative operators called inside the program: the function is read here, and its derivative becomes part of it.

How a function in IR is differentiated is not known in this folder: `install` is handed it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcgrad.frontend import spelled
from srcgrad.frontend.closing import outside_values
from srcgrad.frontend.containers import attribute, item_of
from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.lost_writes import same_content
from srcgrad.frontend.reading import read_in_place
from srcgrad.frontend.values import Abstract, Box, Const, Outside, Ref, Special, State, Sym, TupleOf
from srcgrad.ir.core import Block, Call, Func, Leaf, Operand, Value
from srcgrad.ir.types import PY_FLOAT, AnyType, Arr, Num, may_vary
from srcgrad.ir.walk import callees, clone_block, free_values, replace_values, walk

Args = list[Abstract]
Kwargs = dict[str, Abstract]


@dataclass
class Engine:
    """How functions in IR are differentiated by all their parameters."""

    gradient: Callable[..., Func] | None = None  # (func, value=, aux=): yields what ``value_and_grad`` gives
    tangent: Callable[..., Func] | None = None  # (func): the tangents are further parameters; yields (value, tangent)


ENGINE = Engine()
OPERATORS: dict[Any, Callable[[Context, Args, Kwargs], Abstract]] = {}


@dataclass(frozen=True, eq=False)
class Derivative(Special):
    """A derivative of a function, to be called."""

    kind: str  # grad, value_and_grad, jacobian or hessian
    fn: Abstract
    argnums: int | tuple[int, ...] = 0
    aux: bool = False

    def call(self, ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
        """The derivative at these arguments."""
        if self.kind in ("jacobian", "hessian"):
            return rows(ctx, self, args, kwargs)
        numbers = (self.argnums,) if isinstance(self.argnums, int) else self.argnums
        chosen = positions(ctx, numbers, len(args))
        inner = Inner(ctx)
        inner.read(self.fn, args, kwargs, chosen, self.aux)
        value = self.kind == "value_and_grad"
        assert ENGINE.gradient is not None
        found = inner.place(ENGINE.gradient(inner.func, value=value, aux=self.aux), inner.operands)
        kept, grads = taken_apart(found, value, self.aux)
        parts = iter(grads)
        made = [inner.rebuilt(args[k], parts) for k in chosen]
        gradient = made[0] if isinstance(self.argnums, int) else TupleOf(tuple(made))
        return outcome(ctx, kept, gradient, value, self.aux)


def taken_apart(found: Any, value: bool, aux: bool) -> tuple[list[Operand], Any]:
    """What comes beside the gradients, and they."""
    if value:
        main, grads = found
        return list(main) if aux else [main], grads
    return ([found[1]], found[0]) if aux else ([], found)


def outcome(ctx: Context, kept: list[Operand], gradient: Abstract, value: bool, aux: bool) -> Abstract:
    """The results in the order in which the operator gives them."""
    things = [ctx.wrap(operand) for operand in kept]
    if value:
        return TupleOf((TupleOf(tuple(things)) if aux else things[0], gradient))
    return TupleOf((gradient, things[0])) if aux else gradient


def positions(ctx: Context, numbers: Sequence[int], count: int) -> list[int]:
    """The arguments that are differentiated."""
    if not all(-count <= k < count for k in numbers):
        raise ctx.unsupported(f"argnums={tuple(numbers)} is out of range: there are {count} positional arguments", "")
    return [k % count for k in numbers]


@dataclass
class Inner:
    """A function that is read into a block of its own; the leaves of its arguments are the parameters."""

    ctx: Context
    operands: list[Operand] = field(default_factory=list)
    func: Func = field(default_factory=lambda: Func("inner", Block()))
    free: list[Value] = field(default_factory=list)

    def read(self, fn: Abstract, args: Args, kwargs: Kwargs, chosen: list[int], aux: bool) -> None:
        """Interpret the call, the chosen arguments replaced by parameters."""
        ctx = self.ctx
        args = [opened(ctx, arg) if k in chosen else arg for k, arg in enumerate(args)]
        before = ctx.state
        with ctx.region(self.func.block, ctx.state.copy()):
            given = [self.enter(arg) if k in chosen else arg for k, arg in enumerate(args)]
            result = ctx.settle(ctx.call(fn, given, kwargs))
            if aux and not (isinstance(result, TupleOf) and len(result.items) == 2):
                raise ctx.unsupported("has_aux=True needs a function that returns a pair", "Return (value, aux).")
            self.func.block.yields = [ctx.operand(result)]
            refuse_writes(ctx, before, ctx.state)
        if any(outside_values(list(callees(self.func.block))).values()):
            raise ctx.unsupported("cannot differentiate inside the program a function that calls itself",
                                  "Differentiate it outside, or write a loop.")  # fmt: skip
        self.func.leaves = [Leaf(k, (), param) for k, param in enumerate(self.func.block.params)]
        self.close()

    def close(self) -> None:
        """What is read from around the function becomes further parameters."""
        block = self.func.block
        self.free = [value for value in free_values(block) if value not in block.params]
        inner = {value: Value(value.type, value.hint, value.span) for value in self.free}
        replace_values(block, dict(inner))
        block.params = [*block.params, *inner.values()]
        self.func.captured = [f"outer_{k}" for k in range(len(inner))]

    def enter(self, thing: Abstract) -> Abstract:
        """The thing with parameters at its leaves."""
        match thing:
            case TupleOf(items, cls):
                return TupleOf(tuple(map(self.enter, items)), cls)
            case Box(kind=kind, cls=cls):
                content = self.ctx.items(thing)
                box = Box(kind, cls=cls)
                self.ctx.state.boxes[box.number] = mapped(self.enter, content)
                return box
        return self.leaf(thing) if is_leaf(self.ctx, thing) else thing

    def leaf(self, thing: Abstract) -> Abstract:
        """A parameter for a number or an array."""
        operand = self.ctx.operand(thing)
        kind = operand_type(operand)
        if isinstance(kind, Num) and kind.kind in ("int", None) and kind.dtype is None:
            kind = PY_FLOAT
            operand = float(operand) if not isinstance(operand, Value) else operand
        param = Value(kind, operand.hint if isinstance(operand, Value) else "x")
        self.func.block.params.append(param)
        self.operands.append(operand)
        return self.ctx.new_array(param, param.hint) if isinstance(kind, (Arr, AnyType)) else Sym(param)

    def place(self, derived: Func, operands: list[Operand]) -> Any:
        """Put the derivative's ops here; its result, a tree of operands."""
        mapping: dict[Value, Operand] = dict(zip(derived.block.params, [*operands, *self.free], strict=True))
        params, derived.block.params = derived.block.params, []
        block = clone_block(derived.block, mapping)
        derived.block.params = params
        for op in walk(block):
            if isinstance(op, Call):
                op.sweep = ""
                op.span = op.span or self.ctx.span
        for each in block.ops:
            self.ctx.append(each)
        return block.yields[0]

    def rebuilt(self, thing: Abstract, parts: Iterator[Operand]) -> Abstract:
        """The gradient in the structure of an argument."""
        ctx = self.ctx
        thing = opened(ctx, thing)
        match thing:
            case TupleOf(items, cls):
                return TupleOf(tuple(self.rebuilt(item, parts) for item in items), cls)
            case Box(kind=kind, cls=cls):
                content = ctx.items(thing)
                return boxed(ctx, kind, mapped(lambda item: self.rebuilt(item, parts), content), cls)
        return ctx.wrap(next(parts)) if is_leaf(ctx, thing) else Const(None)


def mapped(change: Callable[[Abstract], Abstract], content: Any) -> Any:
    """The contents of a container with each item replaced."""
    if isinstance(content, dict):
        return {key: change(item) for key, item in content.items()}
    return tuple([change(item) for item in content])


def is_leaf(ctx: Context, thing: Abstract) -> bool:
    """A number or array that may vary; a bare Python int counts as one."""
    if not isinstance(thing, (Const, Sym, Ref)) or isinstance(thing, Outside):
        return False
    if isinstance(thing, Const) and type(thing.value) not in (int, float, complex):
        return False
    kind = operand_type(ctx.operand(thing))
    return may_vary(kind) or (isinstance(kind, Num) and kind.kind == "int")


def opened(ctx: Context, thing: Abstract) -> Abstract:
    """A container of the surrounding program as one of known structure."""
    if not isinstance(thing, Outside):
        return thing
    value = thing.value
    if isinstance(value, (list, tuple)):
        items = tuple(opened(ctx, item_of(ctx, thing, Const(k))) for k in range(len(value)))
        if isinstance(value, tuple):
            return TupleOf(items, None if type(value) is tuple else type(value))
        return boxed(ctx, "list", items)
    if isinstance(value, dict):
        return boxed(ctx, "dict", {key: opened(ctx, item_of(ctx, thing, Const(key))) for key in value})
    names = [name for name in vars(value) if isinstance(name, str)]
    return boxed(ctx, "object", {name: opened(ctx, attribute(ctx, thing, name)) for name in names}, type(value))


def boxed(ctx: Context, kind: str, content: Any, cls: type | None = None) -> Box:
    """A new container."""
    box = Box(kind, cls=cls)
    ctx.state.boxes[box.number] = content
    return box


def refuse_writes(ctx: Context, before: State, after: State) -> None:
    """A function that is differentiated inside the program may not change what is around it."""
    arrays = any(after.memory.get(storage) is not value for storage, value in before.memory.items())
    containers = any(not same_content(after.boxes.get(k), content) for k, content in before.boxes.items())
    names = any(after.variables.get(key, thing) is not thing for key, thing in before.variables.items())
    if arrays or containers or names:
        raise ctx.unsupported("cannot differentiate inside the program a function that writes into what is around it",
                              "Write into a copy, and return it.")  # fmt: skip


# --- rows of matrices -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Paired(Special):
    """``x -> sum(fn(x) * weights)``: its gradient is one pullback."""

    fn: Abstract
    others: tuple[Abstract, ...]
    at: int
    kwargs: dict[str, Abstract]

    def call(self, ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
        """The sum at `args[0]`, weighted by `args[1]`."""
        given = [*self.others[: self.at], args[0], *self.others[self.at :]]
        result = ctx.settle(ctx.call(self.fn, given, dict(self.kwargs)))
        return ctx.call(Const(np.sum), [ctx.call(Const(operator.mul), [result, args[1]], {})], {})


def rows(ctx: Context, made: Derivative, args: Args, kwargs: Kwargs) -> Abstract:
    """``jacobian`` and ``hessian`` by one argument, row by row."""
    if not isinstance(made.argnums, int) or made.aux:
        what = f"cannot take this {made.kind} inside the program"
        raise ctx.unsupported(what, "Take it by one argument, without aux.")
    fn = Derivative("grad", made.fn, made.argnums) if made.kind == "hessian" else made.fn
    at = positions(ctx, [made.argnums], len(args))[0]
    value = ctx.settle(ctx.call(fn, args, kwargs))
    kind = operand_type(ctx.operand(value)) if isinstance(value, (Ref, Sym, Const)) else None
    if isinstance(kind, Num):
        return Derivative("grad", fn, made.argnums).call(ctx, args, kwargs)
    if not isinstance(kind, (Arr, AnyType)):
        what = f"cannot take the {made.kind} inside the program of what is not an array"
        raise ctx.unsupported(what, "Return an array.")
    others = (*args[:at], *args[at + 1 :])
    pull = Derivative("grad", Paired(fn, others, at, kwargs), 0)
    is_vector = isinstance(kind, Arr) and kind.ndim == 1
    return read_in_place(ctx, spelled.jacobian if is_vector else spelled.jacobian_of_any, [pull, value, args[at]])


# --- the operators --------------------------------------------------------------------------------------------


def made_by(kind: str) -> Callable[[Context, Args, Kwargs], Abstract]:
    """``grad(f, argnums=0)`` and the like."""

    def handler(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
        rest = dict(kwargs)
        argnums = ctx.static(rest.pop("argnums", args[1] if len(args) > 1 else Const(0)), "argnums")
        aux = bool(ctx.static(rest.pop("has_aux", Const(False)), "has_aux"))
        if rest or not args or len(args) > 2:
            what = f"cannot use these arguments of `{kind}` inside the program"
            raise ctx.unsupported(what, "Use argnums and has_aux.")
        return Derivative(kind, args[0], tuple(argnums) if isinstance(argnums, (list, tuple)) else argnums, aux)

    return handler


def jvp(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``jvp(f, args, tangents)``."""
    if len(args) != 3 or kwargs:
        raise ctx.unsupported("cannot use these arguments of `jvp` inside the program", "Write jvp(f, args, tangents).")
    given, tangents = sequence(ctx, args[1]), sequence(ctx, args[2])
    inner = Inner(ctx)
    chosen = [k for k, part in enumerate(tangents) if not (isinstance(part, Const) and part.value is None)]
    inner.read(args[0], given, {}, chosen, aux=False)
    dots = [operand for k in chosen for operand in leaves_of(ctx, opened(ctx, tangents[k]))]
    if len(dots) != len(inner.operands):
        raise ctx.unsupported("the tangents do not have the structure of the arguments", "")
    assert ENGINE.tangent is not None
    value, dot = inner.place(ENGINE.tangent(inner.func), [*inner.operands, *dots])
    return TupleOf((ctx.wrap(value), ctx.wrap(dot)))


def leaves_of(ctx: Context, thing: Abstract) -> Iterator[Operand]:
    """The numbers and arrays in a thing, in order."""
    match thing:
        case TupleOf(items):
            for item in items:
                yield from leaves_of(ctx, item)
        case Box():
            content = ctx.items(thing)
            for item in content.values() if isinstance(content, dict) else content:
                yield from leaves_of(ctx, item)
        case _:
            if is_leaf(ctx, thing):
                yield ctx.operand(thing)


def sequence(ctx: Context, thing: Abstract) -> Args:
    """The items of a tuple or list."""
    thing = opened(ctx, thing)
    if isinstance(thing, TupleOf):
        return list(thing.items)
    if isinstance(thing, Box) and thing.kind == "list":
        return list(ctx.items(thing))
    raise ctx.unsupported("cannot tell which arguments these are", "Pass a tuple.")


@dataclass(frozen=True, eq=False)
class Pull(Special):
    """The pullback that ``vjp`` gives."""

    fn: Abstract
    args: tuple[Abstract, ...]

    def call(self, ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
        """The cotangents of all arguments."""
        weighted = Weighted(self.fn, len(self.args))
        everything = tuple(range(len(self.args)))
        return Derivative("grad", weighted, everything).call(ctx, [*self.args, args[0]], {})


@dataclass(frozen=True, eq=False)
class Weighted(Special):
    """``(*xs, w) -> sum(fn(*xs) * w)``."""

    fn: Abstract
    count: int

    def call(self, ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
        """The sum at the first arguments, weighted by the last."""
        result = ctx.settle(ctx.call(self.fn, args[: self.count], {}))
        total: Abstract = Const(0.0)
        for leaf, weight in pairs(ctx, result, opened(ctx, args[-1])):
            term = ctx.call(Const(np.sum), [ctx.call(Const(operator.mul), [leaf, weight], {})], {})
            total = ctx.call(Const(operator.add), [total, term], {}) if not isinstance(total, Const) else term
        return total


def pairs(ctx: Context, value: Abstract, weights: Abstract) -> Iterator[tuple[Abstract, Abstract]]:
    """The leaves of a value with their cotangents; None is zero."""
    value, weights = opened(ctx, ctx.settle(value)), ctx.settle(weights)
    if isinstance(weights, Const) and weights.value is None:
        return
    mine, theirs = parts_of(ctx, value), parts_of(ctx, weights)
    if mine is None or theirs is None:
        if mine is not theirs:
            raise ctx.unsupported("the cotangent does not have the structure of the value", "None stands for zero.")
        yield value, weights
        return
    if list(mine) != list(theirs):
        raise ctx.unsupported("the cotangent does not have the structure of the value", "None stands for zero.")
    for key, part in mine.items():
        yield from pairs(ctx, part, theirs[key])


def parts_of(ctx: Context, thing: Abstract) -> dict[Any, Abstract] | None:
    """The parts of a container by their keys or positions, None for a leaf."""
    if isinstance(thing, TupleOf):
        return dict(enumerate(thing.items))
    if not isinstance(thing, Box):
        return None
    content = ctx.items(thing)
    return dict(content) if isinstance(content, dict) else dict(enumerate(content))


def vjp(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``vjp(f, *args)``."""
    if kwargs or len(args) < 2:
        raise ctx.unsupported("cannot use these arguments of `vjp` inside the program", "Write vjp(f, *args).")
    value = ctx.settle(ctx.call(args[0], args[1:], {}))
    return TupleOf((value, Pull(args[0], tuple(args[1:]))))


def hvp(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``hvp(f, args, v)`` by the first argument."""
    if len(args) != 3 or kwargs:
        raise ctx.unsupported("cannot use these arguments of `hvp` inside the program", "Write hvp(f, args, v).")
    given = sequence(ctx, args[1])
    nones: Args = [Const(None)] * (len(given) - 1)
    made = jvp(ctx, [Derivative("grad", args[0]), TupleOf(tuple(given)), TupleOf((args[2], *nones))], {})
    assert isinstance(made, TupleOf)
    return made.items[1]


def made_derivative(fn: Any) -> Derivative | None:
    """A derivative that was made outside, such as a global ``loss_grad = grad(loss)``."""
    options: Any = getattr(fn, "options", None)
    if options is None or not type(fn).__module__.startswith("srcgrad.api"):
        return None
    kind = {"jacfwd": "jacobian", "jacrev": "jacobian"}.get(options.kind, options.kind)
    if kind not in ("grad", "value_and_grad", "jacobian", "hessian"):
        return None
    argnums = options.choice.argnums
    return Derivative(kind, Const(fn.primal), argnums, options.has_aux) if argnums is not None else None


def install(engine: Engine, operators: dict[str, Any]) -> None:
    """Take over how functions are differentiated, and the public functions that ask for it."""
    ENGINE.gradient, ENGINE.tangent = engine.gradient, engine.tangent
    handlers = {"jvp": jvp, "vjp": vjp, "hvp": hvp}
    for name, fn in operators.items():
        kind = "jacobian" if name in ("jacfwd", "jacrev") else name
        OPERATORS[fn] = handlers[name] if name in handlers else made_by(kind)
