"""Decides what is printed wherever it is read: sizes, negations, ``t + 1`` and items that need no name of their own."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterator

import numpy as np

from srcgrad.analysis.sharing import is_immutable
from srcgrad.codegen.effects import ACTS, weight
from srcgrad.codegen.quiet import calls_in
from srcgrad.codegen.statements import Define, Move, Repeat, Statement, Store, inner, operands
from srcgrad.ir.core import Call, Func, Range, Value, values_in
from srcgrad.ir.types import PY_INT, Arr, ListOf, Num, Opaque, Tup

__all__ = ["everywhere"]

SIZES = (np.shape, np.size, np.ndim, len)
MOST = 4  # places in which a size is as readable as a name for it
NEGATIONS = 4
TWICE = 2


def everywhere(func: Func, statements: list[Statement], counts: Counter[Value]) -> dict[Value, Call]:
    """What is printed in each place where it is read, though there may be several.

    Parameters
    ----------
    func : Func
        The function that is laid out as `statements`.
    counts : Counter
        How often each value is read.
    """
    found: dict[Value, Call] = {}
    hints = Counter(value.hint for value in _assigned(statements))
    acts = any(weight(call) >= ACTS for statement in statements for call in calls_in(statement))
    params = {param for param in func.params if not hints[param.hint]}
    _sizes(statements, set(params), counts, acts, found)
    _next_trips(statements, {param for param in func.params if param.type == PY_INT}, found)
    unnamed = {value for value in _assigned(statements) if counts[value] == 1}  # printed where they are read
    _negations(statements, unnamed | set(_targets(statements)), counts, found)
    if not acts:
        _items(statements, params, counts, found)
    return found


def _assigned(statements: list[Statement]) -> Iterator[Value]:
    """Every variable that some statement assigns."""
    for statement in statements:
        if isinstance(statement, (Define, Store)):
            yield statement.call.out
        for inside in inner(statement):
            yield from _assigned(inside)
    yield from _targets(statements, deep=False)


def _targets(statements: list[Statement], deep: bool = True) -> Iterator[Value]:
    """Every variable that may be assigned more than once."""
    for statement in statements:
        if isinstance(statement, Move):
            yield from (target for target, _ in statement.pairs)
        elif isinstance(statement, Repeat):
            yield from values_in(statement.targets)
        for inside in inner(statement) if deep else ():
            yield from _targets(inside)


# Sizes: ``x.size`` is as readable as a name for it


def _sizes(statements: list[Statement], cheap: set[Value], counts: Counter[Value], acts: bool,
           found: dict[Value, Call]) -> None:  # fmt: skip
    """Sizes of parameters, and parts of the user's containers; `acts`: something may change what those hold."""
    for statement in statements:
        if isinstance(statement, Define) and _is_size(statement.call, cheap):
            out, is_part = statement.call.out, _is_part(statement.call)
            if acts and is_part:
                continue
            if (not out.hint or is_part) and 1 <= counts[out] <= (1 if is_part else MOST):
                found[out] = statement.call
                cheap.add(out)
        for inside in inner(statement):
            _sizes(inside, cheap, counts, acts, found)


def _is_size(call: Call, cheap: set[Value]) -> bool:
    """Is it a size of a parameter, or an item of its shape?"""
    first = call.args[0] if call.args else None
    if not isinstance(first, Value) or first not in cheap:
        return False
    is_item = call.fn is operator.getitem and type(call.args[1]) is int and is_immutable(first.type)
    return is_item or _is_part(call) or any(call.fn is size for size in SIZES)


def _is_part(call: Call) -> bool:
    """Is it an item of a dict or a list of the user's, under a constant key?"""
    first = call.args[0] if call.args else None
    is_box = isinstance(first, Value) and isinstance(first.type, (Opaque, Tup, ListOf)) and not is_immutable(first.type)
    return is_box and call.fn is operator.getitem and type(call.args[1]) in (str, int)


# Indices


def _next_trips(statements: list[Statement], counters: set[Value], found: dict[Value, Call]) -> None:
    """``t + 1``, where `t` counts the trips or is a parameter."""
    for statement in statements:
        if isinstance(statement, Define) and _is_next(statement.call, counters):
            found[statement.call.out] = statement.call
        if isinstance(statement, Repeat):
            pairs = zip(statement.targets, statement.sources, strict=True)
            counters = counters | {t for t, s in pairs if isinstance(s, Range) and isinstance(t, Value)}
        for inside in inner(statement):
            _next_trips(inside, counters, found)


def _is_next(call: Call, counters: set[Value]) -> bool:
    """Is it a counter plus or minus a constant, without a name?"""
    if call.out.hint or call.fn not in (operator.add, operator.sub) or len(call.args) != 2:
        return False
    return call.args[0] in counters and type(call.args[1]) is int


# Negations and items


def _negations(statements: list[Statement], moved: set[Value], counts: Counter[Value],
               found: dict[Value, Call]) -> None:  # fmt: skip
    """``-t`` of a number that has a name and keeps its value, where it is read a few times."""
    for statement in statements:
        if isinstance(statement, Define) and statement.call.fn is operator.neg:
            call = statement.call
            first = call.args[0]
            is_number = isinstance(first, Value) and isinstance(first.type, Num) and first not in moved
            if is_number and not call.must and not call.out.hint and 1 < counts[call.out] <= NEGATIONS:
                found[call.out] = call
        for inside in inner(statement):
            _negations(inside, moved, counts, found)


def _items(statements: list[Statement], params: set[Value], counts: Counter[Value], found: dict[Value, Call]) -> None:
    """``x[0]`` of a parameter, which nothing writes, where it is read twice and in no loop."""
    reads = Counter(v for s in statements if isinstance(s, Define) for v in values_in(operands(s)))
    for k, statement in enumerate(statements):
        if isinstance(statement, Define) and _is_item(statement.call, params):
            out = statement.call.out
            if counts[out] == reads[out] == TWICE and _is_soon_read(out, statements[k + 1 :]):
                found[out] = statement.call


def _is_item(call: Call, params: set[Value]) -> bool:
    """Is it an item of an array that is a parameter, under a constant index, without a name?"""
    if call.fn is not operator.getitem or call.args[0] not in params or call.out.hint:
        return False
    index = call.args[1]
    constant = all(type(part) is int for part in (index if isinstance(index, tuple) else (index,)))
    return constant and isinstance(call.args[0].type, Arr)


def _is_soon_read(value: Value, after: list[Statement]) -> bool:
    """Is it read before anything leaves? There it is asked for, as where it stood, should there be no such item."""
    for statement in after:
        if not isinstance(statement, Define):
            return False
        if value in values_in(operands(statement)):
            return True
    return False
