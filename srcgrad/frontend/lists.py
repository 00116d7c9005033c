"""Methods of lists, dicts and sets whose structure is known while compiling."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable
from typing import Any

from srcgrad import runtime
from srcgrad.frontend import runtime_lists
from srcgrad.frontend.boxes import replace_content
from srcgrad.frontend.choices import at_place
from srcgrad.frontend.context import Context
from srcgrad.frontend.promotion import promote
from srcgrad.frontend.sorting import in_order
from srcgrad.frontend.tables import by_key, is_open_key, table_method, table_of
from srcgrad.frontend.trips import held, trips_of
from srcgrad.frontend.values import Abstract, Box, Const, Iteration, RangeOf, Ref, Sym, TupleOf
from srcgrad.ir.types import PY_INT, Opaque

Args = list[Abstract]
Kwargs = dict[str, Abstract]

NONE = Const(None)
MISSING: Any = object()


def new_box(ctx: Context, kind: str, content: Any) -> Box:
    """A new container of the caller's own."""
    box = Box(kind)
    ctx.state.boxes[box.number] = content
    return box


def new_dict(ctx: Context, content: dict[Any, Abstract]) -> Box:
    """A new dict of known keys."""
    return new_box(ctx, "dict", content)


def new_set(ctx: Context, members: tuple[Any, ...]) -> Box:
    """A new set of known members."""
    return new_box(ctx, "set", dict.fromkeys(members, NONE))


def change(ctx: Context, box: Box, content: Any) -> None:
    """Replace what a container holds."""
    ours = ctx.is_outside(box.number) or ctx.is_entered(box.number)
    if box.protected and len(content) != len(ctx.items(box)) and not ours:
        raise ctx.unsupported("cannot write into a container that belongs to the caller",
                              "Build a new one, and return it.")  # fmt: skip
    if box.number in ctx.walked and len(content) != len(ctx.items(box)):
        raise ctx.unsupported("cannot change the length of a container while a loop walks it",
                              "Walk a copy: for item in list(items).")  # fmt: skip
    replace_content(ctx, box, content)


def spread(ctx: Context, thing: Abstract) -> list[Abstract]:
    """The items of anything that can be walked, one by one."""
    thing = held(ctx, thing)
    if isinstance(thing, RangeOf):
        parts = (thing.start, thing.stop, thing.step)
        return [Const(k) for k in range(*(ctx.static(part, "the length of a range") for part in parts))]
    trips = trips_of(ctx, thing)
    if trips.length is None and trips.limit is not None:
        ctx.emit(runtime.check_trips, trips.stop(), trips.limit, must=True, type_=Opaque("check"))
        return [trips.item(Const(k)) for k in range(trips.limit)]
    if trips.length is None:
        raise ctx.unsupported("cannot put items whose number is not known into this container", "Append in a loop.")
    return [trips.item(Const(k)) for k in range(trips.length)]


# --- lists ----------------------------------------------------------------------------------------------------------


def append(ctx: Context, box: Box, item: Abstract) -> None:
    """``xs.append(item)``."""
    settled = ctx.settle(box)
    if isinstance(settled, Ref):
        runtime_lists.append(ctx, settled, [item], {})
    else:
        change(ctx, box, last_of(ctx, box, (*ctx.items(box), item)))


def last_of(ctx: Context, box: Box, items: tuple[Abstract, ...]) -> tuple[Abstract, ...]:
    """What a `deque` of a greatest length keeps; all items of a list."""
    limit = ctx.limits.get(box.number)
    return items[max(0, len(items) - limit) :] if isinstance(limit, int) else items


def list_append(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``xs.append(item)``."""
    append(ctx, box, args[0])
    return NONE


def list_extend(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``xs.extend(items)``."""
    thing = held(ctx, args[0])
    if isinstance(thing, Iteration) and not has_known_length(ctx, thing):
        thing = ctx.settle(ctx.call(Const(builtins.list), [thing], {}))
    if isinstance(thing, Ref):
        return runtime_lists.extend(ctx, promote(ctx, box), [thing], kwargs)
    change(ctx, box, last_of(ctx, box, (*ctx.items(box), *spread(ctx, thing))))
    return NONE


def has_known_length(ctx: Context, thing: Iteration) -> bool:
    """Is it known how many items there are?"""
    trips = trips_of(ctx, thing)
    return trips.length is not None or trips.limit is not None


def list_insert(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``xs.insert(k, item)``."""
    items = list(ctx.items(box))
    items.insert(ctx.static(args[0], "where to insert"), args[1])
    change(ctx, box, tuple(items))
    return NONE


def list_pop(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``xs.pop()``, ``xs.pop(k)``."""
    items = list(ctx.items(box))
    key = ctx.static(args[0], "the index to pop") if args else -1
    if not -len(items) <= key < len(items):
        raise ctx.raises(IndexError, "pop from empty list" if not items else "pop index out of range")
    item: Abstract = items.pop(key)
    change(ctx, box, tuple(items))
    return item


def extendleft(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``queue.extendleft(items)``: the last of them comes first."""
    for item in spread(ctx, args[0]):
        appendleft(ctx, box, [item], {})
    return NONE


def rotate(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``queue.rotate(n)``."""
    items = ctx.items(box)
    by = ctx.static(args[0], "by how much a deque is rotated") % len(items) if args and items else min(1, len(items))
    change(ctx, box, (*items[len(items) - by :], *items[: len(items) - by]))
    return NONE


def appendleft(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``queue.appendleft(item)``."""
    items = (*args, *ctx.items(box))
    limit = ctx.limits.get(box.number)
    change(ctx, box, items[:limit] if isinstance(limit, int) else items)
    return NONE


def popleft(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``queue.popleft()``."""
    return list_pop(ctx, box, [Const(0)], kwargs)


def list_clear(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``xs.clear()``, of a dict or set too."""
    change(ctx, box, () if box.kind == "list" else {})
    return NONE


def list_reverse(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``xs.reverse()``."""
    change(ctx, box, ctx.items(box)[::-1])
    return NONE


def list_sort(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``xs.sort(key=...)``."""
    change(ctx, box, tuple(in_order(ctx, list(ctx.items(box)), kwargs)))
    return NONE


def is_known(thing: Abstract) -> bool:
    """Is it known, with all that is in it?"""
    return isinstance(thing, Const) or (isinstance(thing, TupleOf) and all(map(is_known, thing.items)))


def searched(ctx: Context, fn: Callable[..., Any], xs: Abstract, wanted: Abstract) -> Abstract:
    """Where, or how often, a number is in a list of numbers, found out at run time."""
    things = (*contents(ctx, xs), wanted) if isinstance(xs, (Box, TupleOf)) else (wanted,)
    if not all(isinstance(thing, (Const, Sym)) for thing in things):
        raise ctx.unsupported("cannot look for this in a list", "Look for a number, in a list of numbers.")
    found = ctx.emit(fn, ctx.operand(xs), ctx.operand(wanted), must=True, type_=PY_INT)
    return Sym(found)


def list_index(ctx: Context, box: Box | TupleOf, args: Args, kwargs: Kwargs) -> Abstract:
    """``xs.index(value)``."""
    if not all(map(is_known, (*contents(ctx, box), args[0]))) and len(args) == 1:
        return searched(ctx, operator.indexOf, box, args[0])
    known = [ctx.static(item, "an item") for item in contents(ctx, box)]
    wanted = ctx.static(args[0], "the item to find")
    if wanted not in known:
        raise ctx.raises(ValueError, f"{wanted!r} is not in list")
    return Const(known.index(wanted))


def list_count(ctx: Context, box: Box | TupleOf, args: Args, kwargs: Kwargs) -> Abstract:
    """``xs.count(value)``."""
    if not all(map(is_known, (*contents(ctx, box), args[0]))):
        return searched(ctx, operator.countOf, box, args[0])
    known = [ctx.static(item, "an item") for item in contents(ctx, box)]
    return Const(known.count(ctx.static(args[0], "the item to count")))


def list_remove(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``xs.remove(value)``."""
    k = ctx.static(list_index(ctx, box, args, kwargs), "")
    items = ctx.items(box)
    change(ctx, box, (*items[:k], *items[k + 1 :]))
    return NONE


def contents(ctx: Context, thing: Box | TupleOf) -> Any:
    """The items of a tuple or list."""
    return thing.items if isinstance(thing, TupleOf) else ctx.items(thing)


def copied(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``xs.copy()``."""
    return new_box(ctx, box.kind, ctx.items(box))


# --- dicts ----------------------------------------------------------------------------------------------------------


def dict_view(kind: str) -> Callable[[Context, Box, Args, Kwargs], Abstract]:
    """``d.keys()``, ``d.values()``, ``d.items()``: what the dict has when the view is walked."""
    return lambda ctx, box, args, kwargs: Iteration(kind, (box,))


def dict_get(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``d.get(key, default)``."""
    default = args[1] if len(args) > 1 else NONE
    if is_open_key(ctx, args[0]):
        return get_chosen(ctx, box, args[0], default)
    found: Abstract = ctx.items(box).get(ctx.static(args[0], "a key"), default)
    return found


def get_chosen(ctx: Context, box: Box, key: Abstract, default: Abstract) -> Abstract:
    """``d.get(key, default)`` of a key that only the running program knows."""
    content = ctx.items(box)
    place = ctx.emit(runtime.place_of_key, tuple(content), ctx.operand(key), len(content), type_=PY_INT)
    return at_place(ctx, [*content.values(), default], Sym(place))


def dict_pop(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``d.pop(key, default)``."""
    content = dict(ctx.items(box))
    key = ctx.static(args[0], "a key")
    if key not in content and len(args) < 2:
        raise ctx.raises(KeyError, key)
    found: Abstract = content.pop(key, args[1] if len(args) > 1 else NONE)
    change(ctx, box, content)
    return found


def dict_popitem(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``d.popitem()``."""
    content = dict(ctx.items(box))
    if not content:
        raise ctx.raises(KeyError, "popitem(): dictionary is empty")
    key, thing = content.popitem()
    change(ctx, box, content)
    return TupleOf((Const(key), thing))


def move_to_end(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``d.move_to_end(key)`` of an ordered dict."""
    content, key = dict(ctx.items(box)), ctx.static(args[0], "a key")
    if key not in content:
        raise ctx.raises(KeyError, key)
    to_end = kwargs.get("last", args[1] if len(args) > 1 else Const(value=True))
    thing = content.pop(key)
    moved = {**content, key: thing} if ctx.static(to_end, "which end") else {key: thing, **content}
    change(ctx, box, moved)
    return NONE


def most_common(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``counter.most_common(n)`` of counts that are known."""
    counts = {key: ctx.static(held, "a count") for key, held in ctx.items(box).items()}
    ranked = sorted(counts.items(), key=lambda pair: pair[1], reverse=True)
    first = ranked[: ctx.static(args[0], "how many")] if args else ranked
    return new_box(ctx, "list", tuple(TupleOf((Const(key), Const(count))) for key, count in first))


def dict_setdefault(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``d.setdefault(key, default)``."""
    content, key = ctx.items(box), ctx.static(args[0], "a key")
    if key not in content:
        change(ctx, box, {**content, key: args[1] if len(args) > 1 else NONE})
    found: Abstract = ctx.items(box)[key]
    return found


def dict_update(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``d.update(other, key=value)``."""
    given = pairs(ctx, args[0]) if args else {}
    change(ctx, box, {**ctx.items(box), **given, **kwargs})
    return NONE


def pairs(ctx: Context, thing: Abstract) -> dict[Any, Abstract]:
    """A mapping, or pairs of key and value, as keys and things."""
    thing = ctx.settle(thing)
    if isinstance(thing, Const) and isinstance(thing.value, dict):
        return {key: ctx.fixed(value, str(key)) for key, value in thing.value.items()}
    if isinstance(thing, Box) and thing.kind == "dict":
        return dict(ctx.items(thing))
    found: dict[Any, Abstract] = {}
    for item in spread(ctx, thing):
        key, value = spread(ctx, item)
        found[ctx.static(key, "a key")] = value
    return found


# --- sets -----------------------------------------------------------------------------------------------------------


def members(ctx: Context, thing: Abstract) -> list[Any]:
    """The members of a set, or of anything that can be walked and is known."""
    thing = ctx.settle(thing)
    if isinstance(thing, Box) and thing.kind == "set":
        return list(ctx.items(thing))
    return [ctx.static(item, "a member of a set") for item in spread(ctx, thing)]


def add_member(ctx: Context, box: Box, item: Abstract) -> None:
    """``s.add(item)``."""
    change(ctx, box, {**ctx.items(box), ctx.static(item, "a member of a set"): NONE})


def set_add(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``s.add(item)``."""
    add_member(ctx, box, args[0])
    return NONE


def set_discard(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``s.discard(item)``."""
    gone = ctx.static(args[0], "a member of a set")
    change(ctx, box, {key: held for key, held in ctx.items(box).items() if key != gone})
    return NONE


def set_remove(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``s.remove(item)``."""
    gone = ctx.static(args[0], "a member of a set")
    if gone not in ctx.items(box):
        raise ctx.raises(KeyError, gone)
    return set_discard(ctx, box, args, kwargs)


def set_update(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
    """``s.update(items)``."""
    more = [key for arg in args for key in members(ctx, arg)]
    change(ctx, box, {**ctx.items(box), **dict.fromkeys(more, NONE)})
    return NONE


def set_operation(fn: Callable[[set[Any], set[Any]], Any]) -> Callable[[Context, Box, Args, Kwargs], Abstract]:
    """``s.union(t)``, ``s.issubset(t)``, ..."""

    def method(ctx: Context, box: Box, args: Args, kwargs: Kwargs) -> Abstract:
        found = set(members(ctx, box))
        for arg in args:
            found = fn(found, set(members(ctx, arg)))
        return new_set(ctx, tuple(found)) if isinstance(found, set) else Const(found)

    return method


def join_keyed(ctx: Context, fn: Callable[..., Any], left: Abstract, right: Abstract) -> Abstract | None:
    """``d | e`` of dicts; ``s | t``, ``s & t``, ``s - t``, ``s ^ t`` of sets; None of anything else."""
    if not isinstance(left, Box) or fn not in (operator.or_, operator.and_, operator.sub, operator.xor):
        return None
    if left.kind == "dict" and fn is operator.or_:
        return new_dict(ctx, {**ctx.items(left), **pairs(ctx, right)})
    return set_operation(fn)(ctx, left, [right], {}) if left.kind == "set" else None


CONTAINER_METHODS: dict[str, dict[str, Callable[[Context, Box, Args, Kwargs], Abstract]]] = {
    "list": {
        "append": list_append, "extend": list_extend, "insert": list_insert, "pop": list_pop, "clear": list_clear,
        "reverse": list_reverse, "sort": list_sort, "index": list_index, "count": list_count, "remove": list_remove,
        "copy": copied, "appendleft": appendleft, "popleft": popleft,
        "extendleft": extendleft, "rotate": rotate,
    },
    "dict": {
        "keys": dict_view("keys"), "values": dict_view("values"), "items": dict_view("items"), "get": dict_get,
        "pop": dict_pop, "popitem": dict_popitem, "setdefault": dict_setdefault, "update": dict_update,
        "move_to_end": move_to_end, "most_common": most_common, "copy": copied,
        "clear": list_clear,
    },
    "set": {
        "add": set_add, "discard": set_discard, "remove": set_remove, "update": set_update, "copy": copied,
        "clear": list_clear, "union": set_operation(operator.or_), "intersection": set_operation(operator.and_),
        "difference": set_operation(operator.sub), "symmetric_difference": set_operation(operator.xor),
        "issubset": set_operation(operator.le), "issuperset": set_operation(operator.ge),
        "isdisjoint": set_operation(lambda a, b: not a & b),
    },
}  # fmt: skip


def container_method(ctx: Context, owner: Box, name: str, args: Args, kwargs: Kwargs) -> Abstract:
    """A method of a container."""
    settled = ctx.settle(owner)
    if isinstance(settled, Ref):
        return runtime_lists.list_method(ctx, settled, name, args, kwargs)
    if table_of(ctx, owner) is not None or by_key(ctx, owner, name, args):
        return table_method(ctx, owner, name, args, kwargs)
    method = CONTAINER_METHODS.get(owner.kind, {}).get(name)
    if method is None:
        raise ctx.unsupported(f"cannot call the method `{name}` of a {owner.kind} here",
                              "Build the container as a literal, and read it by constant keys.")  # fmt: skip
    return method(ctx, owner, args, kwargs)
