"""Derivatives of whole functions: gradient, value and gradient, forward and pullback, jvp."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.effects import must_run
from srcgrad.autodiff.activity import varied
from srcgrad.autodiff.forward import Forward
from srcgrad.autodiff.recall import recall
from srcgrad.autodiff.reverse import Bars, Reverse
from srcgrad.frontend.context import operand_type
from srcgrad.frontend.signature import MappingSpec, SequenceSpec, Spec
from srcgrad.ir.core import Block, Call, Func, Leaf, Operand, Value, values_in
from srcgrad.ir.types import ANY, Arr, Num, Type, may_vary
from srcgrad.ir.verify import verify
from srcgrad.ir.walk import clone_func, free_values, replace_values, walk
from srcgrad.passes.dce import dce
from srcgrad.passes.fold import fold
from srcgrad.passes.pipeline import optimise


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
    for op in walk(func.block):
        if isinstance(op, Call) and not op.must:
            op.must = must_run(op.fn, op.args, op.kwargs)
    return Primal(optimise(func), specs)


def copy_with_leaves(primal: Primal, wanted: Wanted) -> tuple[Func, list[Leaf]]:
    """A copy to work on, and its leaves to differentiate."""
    func = clone_func(primal.func)
    chosen = primal.leaves(wanted)
    positions = [k for k, leaf in enumerate(primal.func.leaves) if any(leaf is c for c in chosen)]
    return func, [func.leaves[k] for k in positions]


def gradient(primal: Primal, wanted: Wanted, *, value: bool = False, aux: bool = False, name: str = "") -> Func:
    """``grad`` and ``value_and_grad``: the forward and the reverse sweep in one function."""
    func, leaves = copy_with_leaves(primal, wanted)
    result = func.block.yields[0]
    target, extra = (result[0], result[1]) if aux else (result, None)
    wanted_values = [target if value else None, extra]
    bars, (target_now, extra) = sweep_back(func, leaves, lambda reverse: seeds_of(reverse, target), wanted_values)
    grads = arrange(func, primal.specs, wanted, leaves, bars)
    func.block.yields = [outcome(target_now, grads, extra, value=value, aux=aux)]
    func.name = name or f"{primal.func.name}_grad"
    return finish(func)


def outcome(target: Operand, grads: Operand, extra: Operand, *, value: bool, aux: bool) -> Operand:
    """What the derivative returns: the gradients, with the value and aux where they are asked for."""
    if value:
        return ((target, extra) if aux else target, grads)
    return (grads, extra) if aux else grads


def seeds_of(reverse: Reverse, target: Operand) -> Bars:
    """The cotangent the sweep starts from; none where the result is a constant."""
    return {target: seed(reverse, target)} if isinstance(target, Value) else {}


def seed(reverse: Reverse, target: Value) -> Operand:
    """The cotangent of the result itself: one."""
    if isinstance(target.type, Num):
        return 1.0
    return reverse.applier.emit(np.ones_like, target)


def sweep_back(func: Func, leaves: list[Leaf], seeds: Any, keep: list[Operand]) -> tuple[Bars, list[Operand]]:
    """Append the reverse sweep to a function: the cotangents of its leaves, and the operands to keep."""
    inputs = [leaf.value for leaf in leaves]
    reverse = Reverse(varied(func.block, inputs), set(inputs))
    block = Block()
    with reverse.applier.within(block):
        bars: Bars = {v: bar for v, bar in seeds(reverse).items() if v in reverse.active}
        reverse.ops(func.block.ops, bars)
        results = [reverse.whole(v, bars) for v in inputs]
    forward = Block(func.block.params, func.block.ops, [])
    mark_sweeps(forward, block)
    ours = {id(op) for op in forward.ops}
    func.block = Block(forward.params, [*forward.ops, *block.ops], [*results, *keep])
    simplify(func)
    forward.ops = [op for op in func.block.ops if id(op) in ours]
    backward = [op for op in func.block.ops if id(op) not in ours]
    func.block.ops = [*forward.ops, *recall(forward, backward, reverse.mirrors)]
    found = func.block.yields
    return dict(zip(inputs, found, strict=False)), found[len(inputs) :]


def mark_sweeps(forward: Block, reverse: Block) -> None:
    """Say of each call which sweep it belongs to."""
    for block, word in ((forward, "forward"), (reverse, "reverse")):
        for op in walk(block):
            if isinstance(op, Call) and not op.sweep:
                op.sweep = word


def simplify(func: Func) -> Func:
    """Fold and remove, while reads may still cross regions."""
    for _ in range(2):
        fold(func)
        dce(func)
    return func


def finish(func: Func) -> Func:
    """Optimise the derivative; it is IR like any other."""
    optimise(func)
    verify(func, "finish")
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
            parts = [like(func, item, value, (*path, k), bars) for k, item in enumerate(items)]
            return parts if issubclass(cls, list) else tuple(parts) if cls is tuple else cls(*parts)
        case MappingSpec(cls, keys, items):
            named = {key: like(func, item, value, (*path, key), bars) for key, item in zip(keys, items, strict=True)}
            if cls is dict:
                return named
            out = Value(ANY, "gradient")
            func.block.ops.append(Call(runtime.with_attributes, (value, named), {}, out))
            return out
    return bars.get(path)


@dataclass
class Pullback:
    """The two halves of ``vjp``: `forward` gives the value and what `backward` needs; `backward` takes it first."""

    forward: Func
    backward: Func


def pullback(primal: Primal, wanted: Wanted, *, aux: bool = False) -> Pullback:
    """``vjp``: two functions, and what passes from one to the other."""
    func, leaves = copy_with_leaves(primal, wanted)
    result = func.block.yields[0]
    target, extra = (result[0], result[1]) if aux else (result, None)
    outs = list(dict.fromkeys(v for v in values_in(target) if may_vary(v.type)))
    cotangents = [Value(bar_of(v.type), "out_bar") for v in outs]
    forward_ops = list(func.block.ops)
    bars, (target, extra) = sweep_back(func, leaves, lambda reverse: dict(zip(outs, cotangents, strict=True)), [target, extra])
    grads = arrange(func, primal.specs, wanted, leaves, bars)
    alive = {id(op) for op in forward_ops}
    first = [op for op in func.block.ops if id(op) in alive]
    rest = [op for op in func.block.ops if not any(op is f for f in first)]
    backward = Block(list(cotangents), rest, [grads])
    needed = [v for v in free_values(backward) if v not in cotangents]
    inner = {v: Value(v.type, v.hint, v.span) for v in needed}
    forward = Func(f"{primal.func.name}_forward", Block(func.block.params, first, []), func.captured, func.leaves)
    forward.block.yields = [(target, tuple(needed), *([extra] if aux else []))]
    back = Func(f"{primal.func.name}_pullback", _with_params(backward, inner))
    return Pullback(finish(forward), finish(back))


def bar_of(kind: Type) -> Type:
    """The type of a cotangent given by the caller."""
    return kind if isinstance(kind, (Arr, Num)) else ANY


def _with_params(block: Block, inner: dict[Value, Value]) -> Block:
    """The block with its free values turned into parameters, after its own."""
    replace_values(block, inner)
    block.params = [*block.params, *inner.values()]
    return block


def tangent(primal: Primal, wanted: Wanted, *, aux: bool = False, name: str = "") -> Func:
    """``jvp``: the function and its directional derivative, side by side."""
    func, leaves = copy_with_leaves(primal, wanted)
    result = func.block.yields[0]
    target, extra = (result[0], result[1]) if aux else (result, None)
    dots = {leaf.value: Value(bar_of(leaf.value.type), f"{leaf.value.hint}_dot") for leaf in leaves}
    forward = Forward(varied(func.block, dots))
    block, results = forward.function(func.block, dots, target)
    outs = (target, results, extra) if aux else (target, results)
    func.block = Block([*func.params, *dots.values()], block.ops, [outs])
    func.captured = [*func.captured, *(dot.hint for dot in dots.values())]
    func.name = name or f"{primal.func.name}_jvp"
    return finish(func)


__all__ = ["Primal", "Pullback", "Wanted", "gradient", "operand_type", "prepare", "pullback", "tangent"]
