"""Items and attributes of arrays, containers, modules and objects."""

from __future__ import annotations

import enum
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.frontend import runtime_lists, tables
from srcgrad.frontend.boxes import NO_ITEM, replace_content
from srcgrad.frontend.choices import at_place, for_each_option, place_in_list, place_of_key
from srcgrad.frontend.context import Context, operand_type, result_type
from srcgrad.frontend.draws import drawing_method
from srcgrad.frontend.index_objects import indexed
from srcgrad.frontend.methods import ATTRIBUTES, METHODS
from srcgrad.frontend.objects import is_object, object_attribute, outside_attribute, tuple_attribute
from srcgrad.frontend.promotion import alike_items, from_items, list_type, long_numbers, promote
from srcgrad.frontend.surroundings import BUILT_IN, value_attribute
from srcgrad.frontend.surroundings import item_of as item_at
from srcgrad.frontend.tables import is_open_key, table_of
from srcgrad.frontend.values import Abstract, Box, Chosen, Const, Method, Outside, RangeOf, Ref, Special, Sym, TupleOf
from srcgrad.ir.core import Operand, Value
from srcgrad.ir.types import PY_INT, Arr, Num, Opaque, Tup, is_one


def item_of(ctx: Context, container: Abstract, index: Abstract) -> Abstract:
    """``container[index]``."""
    if isinstance(index, Chosen):
        return for_each_option(ctx, index, lambda key: item_of(ctx, container, key))
    if is_object(container):
        return ctx.call(Const(operator.getitem), [container, index], {})
    match container:
        case Ref() if list_type(ctx, container) is not None:
            return runtime_lists.read(ctx, container, index)
        case Ref():
            return read_array(ctx, container, ctx.operand(index))
        case TupleOf(items):
            alike = alike_items(ctx, container, index)
            if alike is not None:
                return runtime_lists.read(ctx, from_items(ctx, alike), index)
            if ctx.is_undecided(index):
                return at_place(ctx, list(items), place_in_list(ctx, len(items), ctx.operand(index)))
            return pick(ctx, items, ctx.static(index, "the index into a tuple"))
        case Box():
            return box_item(ctx, container, index)
        case Outside(value, label):
            key = ctx.static(index, f"the index into `{label}`")
            return ctx.outside_value(f"{label}[{key!r}]", item_at(container, key))
        case Const(dict() as value) if value and is_open_key(ctx, index):
            return at_place(ctx, [*map(Const, value.values())], place_of_key(ctx, list(value), ctx.operand(index)))
        case Const(list() | tuple() | str() as value) if value and ctx.is_undecided(index):
            return at_place(ctx, [*map(Const, value)], place_in_list(ctx, len(value), ctx.operand(index)))
        case Const(value) if not isinstance(value, np.ndarray) or isinstance(index, Const):
            made = indexed(ctx, value, index)
            return made if made is not None else Const(value[ctx.static(index, "the index into a constant")])
        case Sym(value):
            return ctx.wrap(ctx.emit(operator.getitem, value, ctx.operand(index)))
        case RangeOf():
            return range_item(ctx, container, index)
        case Chosen():
            return for_each_option(ctx, container, lambda option: item_of(ctx, option, index))
        case Special():
            return container.item(ctx, index)
    raise ctx.unsupported("cannot index this", "Index an array, a list, a tuple or a dict.")


def range_item(ctx: Context, counted: RangeOf, index: Abstract) -> Abstract:
    """``range(start, stop, step)[k]``."""
    parts = [counted.start, counted.stop, counted.step]
    if all(isinstance(part, Const) for part in (*parts, index)):
        found = range(*(ctx.static(part, "") for part in parts))[ctx.static(index, "")]
        if isinstance(found, int):
            return Const(found)
        return RangeOf(Const(found.start), Const(found.stop), Const(found.step))
    if isinstance(index, Const) and isinstance(index.value, slice):
        raise ctx.unsupported("cannot slice a range of unknown length", "Write the range that is meant.")
    return Sym(ctx.emit(operator.getitem, ctx.operand(counted), ctx.operand(index), type_=PY_INT))


def box_item(ctx: Context, box: Box, index: Abstract) -> Abstract:
    """An item of a list or dict of known structure."""
    if long_numbers(ctx, box, index):
        return runtime_lists.read(ctx, promote(ctx, box), index)
    if table_of(ctx, box) is not None:
        return tables.read(ctx, box, index)
    content = ctx.items(box)
    alike = alike_items(ctx, box, index)
    if alike is not None:
        own = ctx.is_undecided(index) and not box.protected and any(isinstance(item, (Box, Ref)) for item in alike)
        return runtime_lists.read(ctx, promote(ctx, box) if own else from_items(ctx, alike), index)
    if isinstance(content, dict) and is_open_key(ctx, index) and (not content or box.number in ctx.factories):
        return tables.read(ctx, box, index)
    if content and is_open_key(ctx, index) and isinstance(content, dict):
        return at_place(ctx, list(content.values()), place_of_key(ctx, list(content), ctx.operand(index)))
    if content and ctx.is_undecided(index):
        return at_place(ctx, list(content), place_in_list(ctx, len(content), ctx.operand(index)))
    key = ctx.static(index, "the index into a list or dict")
    if isinstance(content, dict):
        if key not in content and ctx.factories.get(box.number) is NO_ITEM:
            return Const(0)
        if key not in content and box.number in ctx.factories:
            made = ctx.settle(ctx.call(ctx.factories[box.number], [], {}))
            replace_content(ctx, box, {**ctx.items(box), key: made})
            return made
        if key not in content and ctx.attempts:
            raise ctx.raises(KeyError, key)
        if key not in content:
            raise ctx.unsupported(f"the dict has no key {key!r}", f"Its keys are {list(content)}.")
        thing: Abstract = content[key]
        return thing
    picked = pick(ctx, content, key)
    if isinstance(key, slice):
        assert isinstance(picked, TupleOf)
        return new_list(ctx, picked.items)
    return picked


def new_list(ctx: Context, items: tuple[Abstract, ...]) -> Box:
    """A new list of known structure."""
    box = Box("list")
    ctx.state.boxes[box.number] = items
    return box


def pick(ctx: Context, items: tuple[Abstract, ...], key: Any) -> Abstract:
    """An item, or a slice, of a tuple."""
    try:
        picked = items[key]
    except (IndexError, TypeError) as error:
        if ctx.attempts:
            raise ctx.raises(type(error), str(error)) from None
        raise ctx.unsupported(f"cannot take item {key!r} of {len(items)} items", str(error)) from None
    return TupleOf(picked) if isinstance(picked, tuple) else picked


def read_array(ctx: Context, array: Ref, index: Operand) -> Abstract:
    """``array[index]``: a view, a number or a copy, as in NumPy."""
    if not is_basic(index):
        return ctx.wrap(ctx.emit(operator.getitem, ctx.operand(array), index))
    current = ctx.operand(array)
    found = result_type(operator.getitem, (current, index), {})
    if isinstance(found, Num):
        return Sym(ctx.emit(operator.getitem, current, index))
    if isinstance(found, Arr) and isinstance(operand_type(current), Arr):
        return ctx.tried(Ref(array.storage, (*array.steps, (operator.getitem, (index,)))))
    return ctx.maybe_view(array, ctx.emit(operator.getitem, current, index))


def is_basic(index: Operand) -> bool:
    """Integers, slices, None and Ellipsis give views; arrays and lists give copies."""
    if isinstance(index, tuple):
        return all(map(is_basic, index))
    if isinstance(index, Value):
        return isinstance(index.type, Num) and index.type.kind in ("int", None)
    if index is None or index is Ellipsis:
        return True
    return isinstance(index, (slice, int, np.integer)) and not isinstance(index, bool)


def attribute(ctx: Context, owner: Abstract, name: str) -> Abstract:
    """``owner.name``."""
    if name == "maxlen" and isinstance(owner, (Box, Ref)):
        limit = ctx.limits.get(owner.number if isinstance(owner, Box) else owner.storage)
        if limit is not None:
            return Const(limit)
    match owner:
        case Outside():
            return outside_attribute(ctx, owner, name)
        case Const(value):
            return constant_attribute(ctx, value, name)
        case Ref() if list_type(ctx, owner) is not None:
            return Method(owner, name)
        case Ref() | Sym():
            return array_attribute(ctx, owner, name)
        case TupleOf():
            return tuple_attribute(ctx, owner, name)
        case Box(kind="object"):
            return object_attribute(ctx, owner, name)
        case Box():
            return Method(owner, name)
        case RangeOf() if name in ("start", "stop", "step"):
            found: Abstract = getattr(owner, name)
            return found
        case Chosen():
            return for_each_option(ctx, owner, lambda option: attribute(ctx, option, name))
        case Special():
            return owner.attribute(ctx, name)
    raise ctx.unsupported(f"cannot read the attribute `{name}` here", "")


def constant_attribute(ctx: Context, value: Any, name: str) -> Abstract:
    """An attribute of a module, a class, a number, ..."""
    if isinstance(value, slice) and name in ("start", "stop", "step"):
        part = getattr(value, name)
        return Sym(part) if isinstance(part, Value) else Const(part)
    if isinstance(value, (int, float, complex)) and name in METHODS:
        return Method(Const(value), name)
    if not hasattr(value, name):
        raise ctx.unsupported(f"{getattr(value, '__name__', type(value).__name__)!r} has no attribute {name!r}", "")
    found, read = getattr(value, name), value_attribute(value, name)
    if isinstance(value, enum.Enum) and isinstance(found, (bool, int, float, complex, str, tuple)):
        return Const(found)  # a member never changes
    if isinstance(found, (int, float)) and getattr(value, "__name__", "") in BUILT_IN:
        ctx.guard(read, found)
        return Const(found)
    return ctx.outside_value(f"{getattr(value, '__name__', 'value')}.{name}", read)


def array_attribute(ctx: Context, owner: Ref | Sym, name: str) -> Abstract:
    """``x.shape``, ``x.T``, ``x.sum``, ..."""
    kind = operand_type(ctx.operand(owner))
    drawn = drawing_method(kind, owner, name)
    if drawn is not None:
        return drawn
    if name in METHODS:
        return Method(owner, name)
    if name == "shape":
        return shape(ctx, owner)
    if name == "ndim":
        rank = kind.ndim if isinstance(kind, Arr) else 0 if isinstance(kind, Num) else None
        return Const(rank) if rank is not None else Sym(_attribute(ctx, owner, np.ndim, PY_INT))
    if name == "size":
        return Sym(_attribute(ctx, owner, np.size, PY_INT))
    if name == "dtype":
        dtype = getattr(kind, "dtype", None)
        return Const(dtype) if dtype is not None else Sym(_attribute(ctx, owner, np.result_type, Opaque("dtype")))
    if name in ATTRIBUTES:
        return ctx.call(Const(ATTRIBUTES[name]), [owner], {"<style>": Const("attribute")})
    raise ctx.unsupported(f"cannot differentiate through the array attribute `{name}`", "")


def _attribute(ctx: Context, owner: Abstract, fn: Callable[..., Any], type_: Any) -> Value:
    return ctx.emit(fn, ctx.operand(owner), style="attribute", type_=type_, must=False)


def shape(ctx: Context, owner: Abstract) -> Abstract:
    """The shape: a tuple where the rank is known."""
    kind = operand_type(ctx.operand(owner))
    if isinstance(kind, Num):
        return TupleOf(())
    if not isinstance(kind, Arr) or kind.dims is None:
        return Sym(_attribute(ctx, owner, np.shape, Opaque("shape")))
    value = _attribute(ctx, owner, np.shape, Tup((PY_INT,) * len(kind.dims)))
    return TupleOf(tuple(
        Const(1) if is_one(dim) else Sym(ctx.emit(operator.getitem, value, k, type_=PY_INT, must=False))
        for k, dim in enumerate(kind.dims)
    ))  # fmt: skip


def join_lists(ctx: Context, fn: Callable[..., Any], left: Abstract, right: Abstract) -> Abstract | None:
    """``+`` and ``*`` of tuples and lists; None where neither side is one."""
    if fn is operator.mul and (isinstance(right, (TupleOf, Box)) or list_type(ctx, right) is not None):
        left, right = right, left
    if fn is operator.mul and isinstance(right, Ref) and list_type(ctx, right) is None:
        return None  # NumPy makes an array of the list
    lists = [list_type(ctx, thing) is not None for thing in (left, right)]
    if fn is operator.add and any(lists) and all(found or isinstance(thing, Box) for found, thing in
                                                 zip(lists, (left, right), strict=True)):  # fmt: skip
        return runtime_lists.joined(ctx, left, right)
    if fn is operator.mul and (lists[0] or (isinstance(left, Box) and isinstance(right, Sym))):
        if isinstance(left, Box) and left.kind != "list":
            return None
        known = list(ctx.items(left)) if isinstance(left, Box) else None
        return runtime_lists.repeated(ctx, known, left, right)
    if not isinstance(left, TupleOf) and not (isinstance(left, Box) and left.kind == "list"):
        return None
    items = left.items if isinstance(left, TupleOf) else ctx.items(left)
    if fn is operator.mul:
        combined = items * ctx.static(right, "the number of copies")
    elif fn is operator.add and type(right) is type(left):
        more = right.items if isinstance(right, TupleOf) else ctx.items(right) if isinstance(right, Box) else ()
        combined = items + more
    elif fn is operator.add and isinstance(right, Const) and isinstance(right.value, tuple):
        combined = items + tuple(Const(v) for v in right.value)
    else:
        return None
    return TupleOf(combined) if isinstance(left, TupleOf) else new_list(ctx, combined)
