"""Derivatives of whole functions: gradient, value and gradient, forward and pullback, jvp."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.absent import may_be_absent
from srcgrad.analysis.effects import must_run
from srcgrad.api.left import keep_entry_values
from srcgrad.autodiff.activity import varied
from srcgrad.autodiff.bar_types import kind_of
from srcgrad.autodiff.cotangents import Bars
from srcgrad.autodiff.definitions import expand
from srcgrad.autodiff.forward import Dots, Forward
from srcgrad.autodiff.functions import Pairs, Tangents
from srcgrad.autodiff.naming import guess_names
from srcgrad.autodiff.recall import recall
from srcgrad.autodiff.recall_plan import may_stop
from srcgrad.autodiff.reverse import Mirror, Reverse
from srcgrad.autodiff.shifts import stop_shifts
from srcgrad.autodiff.texts import refuse_numbers_from_text
from srcgrad.frontend.context import operand_type
from srcgrad.frontend.signature import MappingSpec, SequenceSpec, Spec
from srcgrad.ir.core import Block, Call, Func, Leaf, Loop, Op, Operand, Value, map_operand, values_in
from srcgrad.ir.types import ANY, Arr, Num, Opaque, Tup, Type, may_vary
from srcgrad.ir.verify import verify_if_asked
from srcgrad.ir.walk import callees, clone_func, free_values, replace_values, walk
from srcgrad.passes.pipeline import PREPARE, optimise, simplify

Target = tuple[Any, ...]  # a parameter's position, then a path of keys into it


@dataclass(frozen=True)
class Wanted:
    """What is differentiated; `single` for one bare gradient, else a tuple."""

    targets: tuple[Target, ...]
    single: bool

    def holds(self, leaf: Leaf) -> bool:
        """Is the leaf part of what is differentiated?"""
        place = (leaf.param, *leaf.path)
        return any(place[: len(target)] == target for target in self.targets)


@dataclass
class Primal:
    """A primal, prepared: optimised, its effects marked."""

    func: Func
    specs: list[Spec]
    aux: bool = False
    tags: dict[str, Any] = field(default_factory=dict)

    def leaves(self, wanted: Wanted) -> list[Leaf]:
        """The leaves that have a derivative, in order of parameters."""
        return [leaf for leaf in self.func.leaves if wanted.holds(leaf) and may_vary(leaf.value.type)]


def prepare(func: Func, specs: list[Spec]) -> Primal:
    """Mark what has to run, and optimise before differentiating."""
    for each in (func, *callees(func.block)):
        for op in walk(each.block):
            if isinstance(op, Call) and not op.must:
                op.must = must_run(op.fn, op.args, op.kwargs)
    return Primal(optimise(func, passes=PREPARE), specs)


def copy_with_leaves(primal: Primal, wanted: Wanted) -> tuple[Func, list[Leaf]]:
    """A copy to work on, and its leaves to differentiate."""
    func = clone_func(primal.func)
    keep_entry_values(func, wanted.targets)
    chosen = primal.leaves(wanted)
    positions = [k for k, leaf in enumerate(primal.func.leaves) if any(leaf is c for c in chosen)]
    leaves = [func.leaves[k] for k in positions]
    if expand(func, [leaf.value for leaf in leaves]):
        optimise(func, passes=PREPARE)
    refuse_numbers_from_text(func, [leaf.value for leaf in leaves])
    stop_shifts(func, [leaf.value for leaf in leaves])
    return func, leaves


@dataclass
class Derived:
    """A derivative in IR; `unused` are the targets that do not influence the result."""

    func: Func
    unused: tuple[Target, ...] = ()


def gradient(primal: Primal, wanted: Wanted, *, value: bool = False, aux: bool = False, name: str = "",
             holomorphic: bool = False) -> Derived:  # fmt: skip
    """``grad`` and ``value_and_grad``: the forward and the reverse sweep in one function."""
    func, leaves = copy_with_leaves(primal, wanted)
    target, extra = parted(func, aux)
    check_at_run_time(func, target, holomorphic)
    wanted_values = [target if value else None, extra]
    swept = sweep_back(func, leaves, lambda reverse: seeds_of(reverse, target), wanted_values)
    target_now, extra = swept.kept
    grads = arrange(func, primal.specs, wanted, leaves, swept.bars)
    func.block.yields = [outcome(target_now, grads, extra, value=value, aux=aux)]
    func.name = name or f"{primal.func.name}_grad"
    return Derived(finish(func), unused_targets(primal, wanted, swept.reached))


def parted(func: Func, aux: bool) -> tuple[Operand, Operand]:
    """The result, and what comes beside it with ``has_aux``."""
    result = func.block.yields[0]
    if not aux:
        return result, None
    if not isinstance(result, Value):
        return result[0], result[1]
    kinds = result.type.items if isinstance(result.type, Tup) else (ANY, ANY)
    outs = [Value(kind) for kind in kinds]
    func.block.ops += [Call(operator.getitem, (result, k), {}, out) for k, out in enumerate(outs)]
    return outs[0], outs[1]


def one_number(x: Any, holomorphic: bool) -> None:
    """Raise unless `x` is one real number, or a complex one where that is allowed."""
    kind = np.asarray(x).dtype.kind
    if np.size(x) != 1:
        problem = f"an array of shape {np.shape(x)}"
    elif kind in "biu":
        problem = "a bool" if kind == "b" else "an int"
    elif kind == "c" and not holomorphic:
        problem = "a complex"
    else:
        return
    raise TypeError(problem)


def check_at_run_time(func: Func, target: Operand, holomorphic: bool) -> None:
    """Append the check that types cannot make: is the result one number?"""
    if isinstance(target, Value) and not surely_one(target.type):
        check = Call(one_number, (target, holomorphic), {}, Value(Opaque("check")), func.span)
        check.must = True
        func.block.ops.append(check)


def surely_one(kind: Type) -> bool:
    """Does the type prove that a value is one number?"""
    if isinstance(kind, Num):
        return kind.kind is not None
    return isinstance(kind, Arr) and kind.dtype is not None and kind.dims is not None and all(d == 1 for d in kind.dims)


def outcome(target: Operand, grads: Operand, extra: Operand, *, value: bool, aux: bool) -> Operand:
    """What the derivative returns: the gradients, with the value and aux where they are asked for."""
    if value:
        return ((target, extra) if aux else target, grads)
    return (grads, extra) if aux else grads


def unused_targets(primal: Primal, wanted: Wanted, reached: set[Target]) -> tuple[Target, ...]:
    """The targets with leaves of which none is reached from the result, and no `stop_gradient` is the reason."""
    leaves = primal.leaves(wanted)
    found = []
    for place in wanted.targets:
        own = [leaf for leaf in leaves if (leaf.param, *leaf.path)[: len(place)] == place]
        missed = own and not any((leaf.param, *leaf.path) in reached for leaf in own)
        if missed and not is_stopped(primal.func, [leaf.value for leaf in own]):
            found.append(place)
    return tuple(found)


def is_stopped(func: Func, inputs: list[Value]) -> bool:
    """Does a value that depends on the inputs go through `stop_gradient`?"""
    moving = varied(func.block, inputs)
    calls = [op for op in walk(func.block) if isinstance(op, Call) and op.fn is runtime.stop_gradient]
    return any(value in moving for op in calls for value in values_in(op.args))


def seeds_of(reverse: Reverse, target: Operand) -> Bars:
    """The cotangent the sweep starts from; none where the result is a constant."""
    return {target: seed(reverse, target)} if isinstance(target, Value) else {}


def seed(reverse: Reverse, target: Value) -> Operand:
    """The cotangent of the result itself: one."""
    if isinstance(target.type, Num):
        dtype = target.type.dtype
        return 1.0 if dtype is None or dtype == np.float64 else dtype.type(1)
    return reverse.applier.emit(np.ones_like, target)


@dataclass
class Swept:
    """What a reverse sweep gave: cotangents, the operands to keep, which leaves it reached, and where it begins."""

    bars: Bars
    kept: list[Operand]
    reached: set[Target]
    turn: int


def sweep_back(func: Func, leaves: list[Leaf], seeds: Any, keep: list[Operand],
               functions: Pairs | None = None) -> Swept:  # fmt: skip
    """Append the reverse sweep to a function."""
    inputs = [leaf.value for leaf in leaves]
    reverse = Reverse(varied(func.block, inputs), set(inputs), may_be_complex(func.block),
                      functions=functions or Pairs(sweep_back))  # fmt: skip
    block = Block()
    with reverse.applier.within(block):
        bars: Bars = {v: bar for v, bar in seeds(reverse).items() if v in reverse.active}
        reverse.ops(func.block.ops, bars)
        reached = {(leaf.param, *leaf.path) for leaf in leaves if leaf.value in bars}
        results = [reverse.whole(v, bars) for v in inputs]
    forward = Block(func.block.params, func.block.ops, [])
    mark_sweeps(forward, block)
    turn = Call(turning_point, (), {}, Value(ANY), must=True)
    func.block = Block(forward.params, [*forward.ops, turn, *block.ops], [*results, *keep])
    mark_walks(reverse.mirrors)
    simplify(func, check=False, rounds=2)  # while reads still cross regions, which is not well-formed
    unmark_walks(func.block)
    at = next(k for k, op in enumerate(func.block.ops) if op is turn)
    forward.ops, backward = func.block.ops[:at], func.block.ops[at + 1 :]
    func.block.ops = [*forward.ops, *recall(forward, backward, reverse.mirrors)]
    found = func.block.yields
    return Swept(dict(zip(inputs, found, strict=False)), found[len(inputs) :], reached, len(forward.ops))


def turning_point() -> None:
    """Stands between the two sweeps while they are simplified together."""


def walked_back(stop: Any) -> None:
    """Stands in a reverse loop likewise: how often it goes round only its forward loop tells, which has to stay."""


def mark_walks(mirrors: dict[int, Mirror]) -> None:
    """Let the reverse loop of each loop that may end early read how that one ended."""
    for mirror in mirrors.values():
        loop, back = mirror.forward_op, mirror.reverse_op
        if isinstance(loop, Loop) and isinstance(back, Loop) and may_stop(loop):
            back.body.ops.insert(0, Call(walked_back, (loop.outs[0],), {}, Value(ANY), must=True))


def unmark_walks(block: Block) -> None:
    """Take those reads out again."""
    block.ops = [op for op in block.ops if not (isinstance(op, Call) and op.fn is walked_back)]
    for op in block.ops:
        for inner in op.blocks:
            unmark_walks(inner)


def may_be_complex(block: Block) -> bool:
    """Is any value complex, or of a kind that is not known?"""
    values = [*block.params, *(out for op in walk(block) for out in op.outs)]
    return any(kind_of(value.type) in (None, "complex") and may_vary(value.type) for value in values)


def mark_sweeps(forward: Block, reverse: Block) -> None:
    """Say of each call which sweep it belongs to."""
    for block, word in ((forward, "forward"), (reverse, "reverse")):
        for op in walk(block):
            if isinstance(op, Call) and not op.sweep:
                op.sweep = word


def mark_tangents(block: Block, primal_calls: set[Op]) -> None:
    """Tell the calls that were made for tangents from those of the primal."""
    for op in walk(block):
        if isinstance(op, Call) and not op.sweep and op not in primal_calls:
            op.sweep = "tangent"


def finish(func: Func) -> Func:
    """Optimise the derivative; it is IR like any other."""
    optimise(func)
    verify_if_asked(func, "derivative")
    return func


def arrange(func: Func, specs: list[Spec], wanted: Wanted, leaves: list[Leaf], bars: dict[Value, Operand]) -> Operand:
    """The gradients in the structure of the arguments."""
    by_path = {(leaf.param, *leaf.path): bars[leaf.value] for leaf in leaves}
    made = [like(func, spec_at(specs, target), func.params[target[0]], target, by_path) for target in wanted.targets]
    return made[0] if wanted.single else tuple(made)


def spec_at(specs: list[Spec], target: Target) -> Spec:
    """The signature of a target."""
    spec = specs[target[0]]
    for key in target[1:]:
        if isinstance(spec, SequenceSpec):
            spec = spec.items[key]
        elif isinstance(spec, MappingSpec):
            spec = spec.items[spec.keys.index(key)]
    return spec


def like(func: Func, spec: Spec, value: Operand, path: tuple[Any, ...], bars: dict[Any, Operand]) -> Operand:
    """One argument's structure, with gradients at its leaves and None where there is no derivative."""
    match spec:
        case SequenceSpec(cls, items):
            parts = [like(func, item, part_of(func, item, value, k), (*path, k), bars) for k, item in enumerate(items)]
            return parts if issubclass(cls, list) else tuple(parts) if cls is tuple else cls(*parts)
        case MappingSpec(cls, keys, items):
            by_name = cls is not dict
            named = {key: like(func, item, part_of(func, item, value, key, by_name), (*path, key), bars)
                     for key, item in zip(keys, items, strict=True)}  # fmt: skip
            if cls is dict:
                return named
            out = Value(ANY, "gradient")
            named = {key: own(func, part) for key, part in named.items()}
            func.block.ops.append(Call(runtime.with_attributes, (value, named), {}, out))
            return out
    return bars.get(path)


def part_of(func: Func, spec: Spec, value: Operand, key: Any, by_name: bool = False) -> Operand:
    """The item that an object's gradient is made like; where there is no object in it, nothing is read."""
    if not holds_object(spec):
        return None
    out = Value(ANY, str(key) if by_name else "")
    func.block.ops.append(Call(getattr if by_name else operator.getitem, (value, key), {}, out))
    return out


def holds_object(spec: Spec) -> bool:
    """Is it an object, or a container with an object in it?"""
    match spec:
        case SequenceSpec(_, items):
            return any(map(holds_object, items))
        case MappingSpec(cls, _, items):
            return cls is not dict or any(map(holds_object, items))
    return False


def own(func: Func, part: Operand) -> Operand:
    """An array that goes into an object, with memory of its own."""
    if not isinstance(part, Value) or not isinstance(part.type, Arr):
        return part
    out = Value(part.type, part.hint)
    func.block.ops.append(Call(np.copy, (part,), {}, out, style="method"))
    return out


@dataclass
class Pullback:
    """The two halves of ``vjp``: `forward` gives ``(value, residuals[, aux])``; `backward` takes cotangents, residuals.

    `template` is the value's structure with, at each place that has a derivative, the number of its cotangent.
    """

    forward: Func
    backward: Func
    template: Operand
    count: int


@dataclass(frozen=True)
class Place:
    """In a template: which cotangent belongs here."""

    number: int


def pullback(primal: Primal, wanted: Wanted, *, aux: bool = False, name: str = "") -> Pullback:
    """``vjp``: two functions, and what passes from one to the other."""
    func, leaves = copy_with_leaves(primal, wanted)
    target, extra = parted(func, aux)
    outs = list(dict.fromkeys(v for v in values_in(target) if may_vary(v.type)))
    cotangents = [Value(v.type, f"{v.hint or 'out'}_bar") for v in outs]
    template = map_operand(lambda v: Place(outs.index(v)) if v in outs else None, target)
    swept = sweep_back(func, leaves, lambda _: dict(zip(outs, cotangents, strict=True)), [target, extra])
    target, extra = swept.kept
    grads = arrange(func, primal.specs, wanted, leaves, swept.bars)
    first = func.block.ops[: swept.turn]
    backward = Block(list(cotangents), func.block.ops[swept.turn :], [grads])
    label = name or primal.func.name
    needed = [v for v in free_values(backward) if v not in cotangents]
    guess_names(needed, Block(ops=first))
    inner = {v: Value(v.type, v.hint, v.span) for v in needed}
    forward = Func(f"{label}_forward", Block(func.block.params, first, []), func.captured, func.leaves)
    forward.block.yields = [(target, tuple(needed), *([extra] if aux else []))]
    back = Func(f"{label}_pullback", _with_params(backward, inner))
    absent = may_be_absent(forward.block)
    back.optional = {new for value, new in inner.items() if value in absent}
    return Pullback(finish(forward), finish(back), template, len(outs))


def _with_params(block: Block, inner: dict[Value, Value]) -> Block:
    """The block with its free values turned into parameters, after its own."""
    replace_values(block, dict(inner))
    block.params = [*block.params, *inner.values()]
    return block


def tangent(primal: Primal, wanted: Wanted, *, value: bool = True, aux: bool = False, name: str = "") -> Func:
    """``jvp``: directional derivative, its `value` beside it; the tangents are parameters before the captured ones."""
    func, leaves = copy_with_leaves(primal, wanted)
    target, extra = parted(func, aux)
    given = [Value(leaf.value.type, f"{leaf.value.hint}_dot") for leaf in leaves]
    dots: Dots = dict(zip((leaf.value for leaf in leaves), given, strict=True))
    primal_calls = set(walk(func.block))
    forward = Forward(varied(func.block, dots), functions=Tangents())
    block, results = forward.function(func.block, dots, target)
    mark_tangents(block, primal_calls)
    count = len(func.params) - len(func.captured)
    params = [*func.params[:count], *given, *func.params[count:]]
    pair = (target, results, extra) if aux else (target, results)
    func.block = Block(params, block.ops, [pair if value else results])
    func.name = name or f"{primal.func.name}_jvp"
    return finish(func)


__all__ = ["Derived", "Place", "Primal", "Pullback", "Target", "Wanted", "gradient", "one_number", "operand_type",
           "prepare", "pullback", "tangent"]  # fmt: skip
