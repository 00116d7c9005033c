"""Dicts and sets whose keys only the running program knows: a run-time list of the keys beside one of the values.

A dict of known keys becomes such a table where a key is written that is not known. Keys keep the order in which they
came, so the place of a key is its place in both lists.
"""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable

from srcgrad import runtime
from srcgrad.frontend import runtime_lists
from srcgrad.frontend.boxes import NO_ITEM, replace_content
from srcgrad.frontend.branches import branch
from srcgrad.frontend.context import Context
from srcgrad.frontend.promotion import may_be_table, tabled
from srcgrad.frontend.values import Abstract, Box, Const, Iteration, Ref, Sym, Table, TupleOf
from srcgrad.ir.core import GO, Operand
from srcgrad.ir.types import PY_INT, Num

Args = list[Abstract]
Kwargs = dict[str, Abstract]


def table_of(ctx: Context, thing: Abstract) -> Table | None:
    """The table of a dict or set, None where its keys are known."""
    content = ctx.state.boxes.get(thing.number) if isinstance(thing, Box) else None
    return content if isinstance(content, Table) else None


def as_table(ctx: Context, box: Box) -> Table:
    """Turn a dict or set of known keys into a table."""
    known = table_of(ctx, box)
    if known is not None:
        return known
    content = ctx.items(box)
    if box.protected or not may_be_table(ctx, content):
        raise ctx.unsupported("a key must be known before the program runs",
                              "Use an array, or a dict of numbers and arrays made in the function.")  # fmt: skip
    made = tabled(ctx, box.kind, content)
    replace_content(ctx, box, made)
    return made


def key_of(ctx: Context, key: Abstract) -> Operand:
    """A key as an operand: a number, a text, or a tuple of such."""
    key = ctx.settle(key)
    if not isinstance(key, (Const, Sym, TupleOf)):
        raise ctx.unsupported("cannot use this as a key", "Use numbers, texts, or tuples of them.")
    return ctx.operand(key)


def is_in(ctx: Context, table: Table, key: Operand) -> Operand:
    """``key in d``."""
    return ctx.emit(operator.contains, ctx.operand(table.keys), key, type_=Num("bool"))


def place(ctx: Context, table: Table, key: Operand) -> Abstract:
    """The place of a key; the error of Python where it is missing."""
    return Sym(ctx.emit(runtime.place_of_key, ctx.operand(table.keys), key, type_=PY_INT))


def values_of(table: Table) -> Ref:
    """The values of a dict."""
    assert table.values is not None
    return table.values


def read(ctx: Context, box: Box, index: Abstract) -> Abstract:
    """``d[key]``."""
    as_table(ctx, box)
    if ctx.factories.get(box.number) is NO_ITEM:
        return get(ctx, box, [index, Const(0)], {})
    return runtime_lists.read(ctx, *entry(ctx, box, index))


def entry(ctx: Context, box: Box, index: Abstract) -> tuple[Ref, Abstract]:
    """The list of values, and the place of a key in it; a `defaultdict` makes what is missing."""
    as_table(ctx, box)
    key, factory = key_of(ctx, index), ctx.factories.get(box.number)
    if factory is not None:
        unless_there(ctx, box, key, lambda: ctx.settle(ctx.call(factory, [], {})))
    table = as_table(ctx, box)
    return values_of(table), place(ctx, table, key)


def unless_there(ctx: Context, box: Box, key: Operand, made: Callable[[], Abstract]) -> None:
    """Enter a key that is not there yet."""

    def enter() -> tuple[Operand, None]:
        append(ctx, as_table(ctx, box), key, made())
        return GO, None

    branch(ctx, is_in(ctx, as_table(ctx, box), key), lambda: (GO, None), enter)


def append(ctx: Context, table: Table, key: Operand, thing: Abstract | None) -> None:
    """A new key, and its value."""
    current = ctx.operand(table.keys)
    runtime_lists.replace(ctx, table.keys, ctx.emit(runtime.list_append, current, key, hint="keys"))
    if thing is not None:
        runtime_lists.append(ctx, values_of(table), [thing], {})


def write(ctx: Context, box: Box, index: Abstract, thing: Abstract) -> None:
    """``d[key] = thing``."""
    table, key = as_table(ctx, box), key_of(ctx, index)
    owner = values_of(table).storage
    thing = ctx.settle(thing)
    once = owner not in ctx.repeated and not (isinstance(thing, Ref) and thing.storage in ctx.shares.get(owner, ()))

    def change() -> tuple[Operand, None]:
        now = as_table(ctx, box)
        runtime_lists.write(ctx, values_of(now), place(ctx, now, key), thing)
        return GO, None

    def enter() -> tuple[Operand, None]:
        append(ctx, as_table(ctx, box), key, thing)
        return GO, None

    branch(ctx, is_in(ctx, table, key), change, enter)
    if once:  # each path puts it at one place
        ctx.repeated.discard(owner)


# --- methods --------------------------------------------------------------------------------------------------------


def get(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``d.get(key, default)``."""
    table, key = as_table(ctx, box), key_of(ctx, args[0])
    default = args[1] if len(args) > 1 else Const(None)

    def there() -> tuple[Operand, Abstract]:
        return GO, runtime_lists.read(ctx, values_of(table), place(ctx, table, key))

    _, found = branch(ctx, is_in(ctx, table, key), there, lambda: (GO, default))
    return Const(None) if found is None else ctx.settle(found)


def setdefault(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``d.setdefault(key, default)``."""
    as_table(ctx, box)
    key = key_of(ctx, args[0])
    unless_there(ctx, box, key, lambda: args[1] if len(args) > 1 else Const(None))
    table = as_table(ctx, box)
    return runtime_lists.read(ctx, values_of(table), place(ctx, table, key))


def keys(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``d.keys()``."""
    return as_table(ctx, box).keys


def values(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``d.values()``."""
    return values_of(as_table(ctx, box))


def items(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``d.items()``."""
    table = as_table(ctx, box)
    return Iteration("zip", (table.keys, values_of(table)))


def add(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``s.add(member)``."""
    as_table(ctx, box)
    key = key_of(ctx, args[0])

    def enter() -> tuple[Operand, None]:
        append(ctx, as_table(ctx, box), key, None)
        return GO, None

    branch(ctx, is_in(ctx, as_table(ctx, box), key), lambda: (GO, None), enter)
    return Const(None)


def copied(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``d.copy()``, ``dict(d)``."""
    table, made = as_table(ctx, box), Box(box.kind)
    if box.number in ctx.factories:
        ctx.factories[made.number] = ctx.factories[box.number]
    own = runtime_lists.copied(ctx, table.keys, [], {})
    held = None if table.values is None else runtime_lists.copied(ctx, table.values, [], {})
    assert isinstance(own, Ref)
    ctx.state.boxes[made.number] = Table(own, held if isinstance(held, Ref) else None)
    return made


TABLE_METHODS: dict[str, dict[str, Callable[[Context, Box, Args, Kwargs], Abstract]]] = {
    "dict": {"get": get, "setdefault": setdefault, "keys": keys, "values": values, "items": items, "copy": copied},
    "set": {"add": add, "copy": copied},
}


def by_key(ctx: Context, box: Box, name: str, args: Args) -> bool:
    """Does a method of a dict or set of known keys meet one that is not?"""
    asks = (box.kind, name) in (("dict", "get"), ("dict", "setdefault"), ("set", "add"))
    return asks and bool(args) and is_open_key(ctx, args[0]) and (name != "get" or not ctx.items(box))


def is_open_key(ctx: Context, key: Abstract) -> bool:
    """Is it a key, or a tuple with one, that an earlier attempt found to be known only at run time?"""
    if isinstance(key, TupleOf):
        return any(is_open_key(ctx, part) for part in key.items)
    return ctx.is_undecided(key)


def table_method(ctx: Context, box: Box, name: str, args: Args, kwargs: Kwargs) -> Abstract:
    """A method of a dict or set whose keys only the running program knows."""
    method = TABLE_METHODS.get(box.kind, {}).get(name)
    if method is None:
        raise ctx.unsupported(f"cannot call the method `{name}` of a {box.kind} whose keys are known only at run time",
                              "Use an array.")  # fmt: skip
    return method(ctx, box, args, kwargs)


def size(ctx: Context, table: Table) -> Operand:
    """``len(d)``."""
    return ctx.emit(builtins.len, ctx.operand(table.keys), type_=PY_INT)


__all__ = ["as_table", "by_key", "is_in", "is_open_key", "key_of", "read", "size", "table_method",
           "table_of", "write"]  # fmt: skip
