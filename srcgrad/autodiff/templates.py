"""What a rule emitted for operands of some types, kept to be emitted again: reading its source is what takes time.

Interpreting a rule depends on the types of its operands and on its constants only. What is kept is a straight line of
calls; a rule that branches at run time is interpreted each time. Names of lengths do not matter, but which are equal:
types are compared with their lengths numbered.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from srcgrad.frontend.context import Context
from srcgrad.frontend.values import Abstract, Const, Ref, State, Sym, TupleOf
from srcgrad.ir.core import PLAIN, Call, Func, Op, Operand, Value, map_operand, values_in
from srcgrad.ir.types import AnyType, Arr, Dim, ListOf, Num, Tup, Type
from srcgrad.rules.results import fresh_dim

__all__ = ["Given", "again", "keep", "key_of"]

MAX_KEPT = 4096
OWN_RULES = "srcgrad.rules."  # their globals never change, as those of a user's rule may


@dataclass(frozen=True)
class Given:
    """A rule's function and the operands it is applied to."""

    fn: Callable[..., Any]
    args: list[Operand]
    kwargs: dict[str, Operand]

    @property
    def operands(self) -> list[Operand]:
        """All of them, in order."""
        return [*self.args, *self.kwargs.values()]

    @property
    def values(self) -> list[Value]:
        """Those that are values."""
        return [operand for operand in self.operands if isinstance(operand, Value)]


@dataclass(frozen=True)
class Step:
    """One call of a template as it was when it was emitted: passes change the call itself."""

    fn: Any
    args: tuple[Operand, ...]
    kwargs: dict[str, Operand]
    out: Value
    type: Type
    hint: str
    style: str
    must: bool


@dataclass(frozen=True)
class Template:
    """The calls that a rule emitted for some values, and what it returned."""

    values: list[Value]
    steps: list[Step]
    result: Operand
    symbols: dict[str, None]  # of the lengths of the values as they were
    own: bool  # are there lengths that no operand has?


_kept: dict[Hashable, Template] = {}


def key_of(ctx: Context, given: Given) -> Hashable | None:
    """What interpreting depends on; None where that is more than can be compared."""
    if not getattr(given.fn, "__module__", "").startswith(OWN_RULES):
        return None
    first: dict[Value, int] = {}
    keys: list[Hashable] = [given.fn, len(given.args), *given.kwargs]
    for k, operand in enumerate(given.operands):
        key = _value_key(ctx, operand) if isinstance(operand, Value) else _constant_key(operand)
        if key is None:
            return None
        keys.append((first.setdefault(operand, k), key) if isinstance(operand, Value) else key)
    return tuple(keys)


def _value_key(ctx: Context, value: Value) -> Hashable | None:
    """The type, with what is known of each length; None where more than the type is known of the value."""
    type_ = value.type
    if value in ctx.lengths.shapes or value in ctx.lengths.numbers or not isinstance(type_, (Num, Arr, AnyType)):
        return None
    dims = (type_.dims if isinstance(type_, Arr) else None) or ()
    return type_, tuple([(type(dim), dim.one if isinstance(dim, Dim) else None) for dim in dims])


@functools.lru_cache(MAX_KEPT)
def numbered(key: Hashable) -> Hashable:
    """A key in which lengths have numbers for names, in the order in which they come."""
    names: dict[str, str] = {}

    def numbered_part(part: Any) -> Hashable:
        if isinstance(part, Type):
            return _renamed(part, lambda symbol: names.setdefault(symbol, str(len(names))))
        return tuple([numbered_part(item) for item in part]) if type(part) is tuple else part

    return numbered_part(key)


def _constant_key(operand: Operand) -> Hashable | None:
    """Equal for constants of the same type and bits."""
    kind = type(operand)
    if kind in PLAIN:
        return kind, repr(operand)
    keys = [_constant_key(item) for item in operand] if kind is tuple else [None]
    return None if None in keys else (kind, *keys)


def again(ctx: Context, key: Hashable | None, given: Given) -> Abstract | None:
    """Emit what the rule emitted for operands of these types before; None where it was not kept."""
    if key is None:
        return None
    template = _kept.get(numbered(key))
    if template is None:
        return None
    mapping: dict[Value, Operand] = dict(zip(template.values, given.values, strict=True))
    names = dict(zip(template.symbols, _symbols(given.values), strict=True))
    renames = template.own or any(old != new for old, new in names.items())
    for step in template.steps:
        mapping[step.out] = _emit(ctx, step, lambda value: mapping[value], names if renames else None)
    ctx.state = State()
    return _thing(ctx, map_operand(lambda value: mapping[value], template.result))


def _emit(ctx: Context, step: Step, change: Callable[[Value], Operand], names: dict[str, str] | None) -> Value:
    args = tuple([map_operand(change, arg) for arg in step.args])
    kwargs = {name: map_operand(change, arg) for name, arg in step.kwargs.items()}
    type_ = step.type if names is None else _renamed(step.type, lambda symbol: _new_name(symbol, names))
    out = Value(type_, step.hint, ctx.span)
    ctx.lengths.learn(step.fn, args, out)
    ctx.append(Call(step.fn, args, kwargs, out, ctx.span, step.style, step.must))
    return out


def _new_name(symbol: str, names: dict[str, str]) -> str:
    """What a length is called now; a name of its own for one that is of this rule."""
    found = names.get(symbol)
    if found is None:
        found = names[symbol] = fresh_dim(symbol.rstrip("0123456789")).symbol
    return found


def _thing(ctx: Context, operand: Operand) -> Abstract:
    if isinstance(operand, Value):
        return Sym(operand) if isinstance(operand.type, Num) else ctx.new_array(operand)
    if isinstance(operand, tuple):
        return TupleOf(tuple([_thing(ctx, item) for item in operand]))
    return Const(operand)


def keep(ctx: Context, key: Hashable | None, given: Given, ops: list[Op], result: Abstract) -> None:
    """Keep what interpreting has just emitted, if it can be emitted again."""
    calls = [op for op in ops if isinstance(op, Call) and not isinstance(op.fn, Func)]
    if key is None or len(calls) != len(ops):
        return
    outs = [call.out for call in calls]
    found = _operand(ctx, result)
    known = {*given.values, *outs}
    used = values_in([*found, *((call.args, call.kwargs) for call in calls)])
    if not found or not known.issuperset(used):
        return
    steps = [Step(call.fn, call.args, dict(call.kwargs), call.out, call.out.type, call.out.hint, call.style, call.must)
             for call in calls]  # fmt: skip
    if len(_kept) >= MAX_KEPT:
        _kept.clear()
    symbols = _symbols(given.values)
    own = not _symbols(outs).keys() <= symbols.keys()
    _kept[numbered(key)] = Template(given.values, steps, found[0], symbols, own)


def _operand(ctx: Context, thing: Abstract) -> list[Operand]:
    """What a rule returned, as one operand; none where it is not simply numbers, arrays and tuples of them."""
    match thing:
        case Const(value) if type(value) in PLAIN:
            return [value]
        case Sym(value) if isinstance(value, Value) and isinstance(value.type, Num):
            return [value]
        case Ref(storage, ()):
            held = ctx.state.memory.get(storage)
            return [held] if isinstance(held, Value) and isinstance(held.type, (Arr, AnyType)) else []
        case TupleOf(items, None):
            parts = [_operand(ctx, item) for item in items]
            return [tuple([part[0] for part in parts])] if all(parts) else []
    return []


def _symbols(values: Iterable[Value]) -> dict[str, None]:
    """The symbols of all lengths in the types of some values, in the order in which they come."""
    return {symbol: None for value in values for symbol in _symbols_of(value.type)}


def _renamed(type_: Type, name: Callable[[str], str]) -> Type:
    """A type with other names for its lengths."""
    match type_:
        case Arr(dtype, dims) if dims:
            return Arr(dtype, tuple([Dim(name(d.symbol), d.minus, d.one) if isinstance(d, Dim) else d for d in dims]))
        case ListOf(item):
            return ListOf(_renamed(item, name))
        case Tup(items):
            return Tup(tuple([_renamed(item, name) for item in items]))
    return type_


def _symbols_of(type_: Type) -> Iterator[str]:
    match type_:
        case Arr(_, dims):
            yield from (dim.symbol for dim in dims or () if isinstance(dim, Dim))
        case ListOf(item):
            yield from _symbols_of(item)
        case Tup(items):
            for item in items:
                yield from _symbols_of(item)
