"""Writes: a new version of a piece of memory, seen by every name that reaches it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.frontend import runtime_lists, tables
from srcgrad.frontend.boxes import NO_ITEM, replace_content
from srcgrad.frontend.choices import for_each_option
from srcgrad.frontend.containers import attribute
from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.layout import READ_ONLY
from srcgrad.frontend.moving import Aside
from srcgrad.frontend.objects import class_of, is_object, set_attribute
from srcgrad.frontend.poisons import doubt_sharers, poison_sharers
from srcgrad.frontend.promotion import list_type, long_numbers, promote, storable
from srcgrad.frontend.surroundings import Slot, origin
from srcgrad.frontend.surroundings import item_of as item_at
from srcgrad.frontend.tables import is_open_key, table_of
from srcgrad.frontend.values import Abstract, Box, Chosen, Const, Method, Outside, Ref, Special, Sym
from srcgrad.ir.core import Operand, Value
from srcgrad.ir.types import Arr, ListOf, Num, dtype_kind

LINEAR = {operator.add: False, operator.sub: True}
IN_PLACE: dict[Any, Any] = {
    operator.add: operator.iadd, operator.sub: operator.isub, operator.mul: operator.imul,
    operator.truediv: operator.itruediv, operator.matmul: operator.imatmul, operator.pow: operator.ipow,
    operator.floordiv: operator.ifloordiv, operator.mod: operator.imod,
}  # fmt: skip
PARTS: dict[str, Any] = {"real": np.real, "imag": np.imag, "flat": np.ndarray.flat}


def name_it(ctx: Context, thing: Abstract, name: str) -> Abstract:
    """Give a nameless value the name it is assigned to."""
    match thing:
        case Sym(value) if not value.hint:
            value.hint = name
        case Ref(storage, steps):
            current = ctx.state.memory.get(storage)
            if not steps and isinstance(current, Value) and not current.hint:
                current.hint = name
            if not storage.hint:
                storage.hint = name
    return thing


def write_item(ctx: Context, container: Abstract, index: Abstract, thing: Abstract) -> None:
    """``container[index] = thing``."""
    if isinstance(index, Chosen):
        for_each_option(ctx, index, lambda key: wrote(ctx, container, key, thing))
        return
    if isinstance(container, Chosen):
        for_each_option(ctx, container, lambda option: wrote(ctx, option, index, thing))
    elif is_object(container):
        ctx.call(Const(operator.setitem), [container, index, thing], {})
    elif isinstance(container, Box):
        write_box(ctx, container, index, thing)
    elif isinstance(container, Outside):
        write_outside(ctx, container, index, thing)
    elif list_type(ctx, container) is not None and isinstance(container, Ref):
        runtime_lists.write(ctx, container, index, thing)
    elif isinstance(container, Ref):
        store(ctx, container, runtime.set_item, ctx.operand(index), ctx.operand(thing))
    elif isinstance(container, Special):
        container.write(ctx, index, thing)
    else:
        raise ctx.unsupported("cannot write into this", "Write into an array or a list.")


def wrote(ctx: Context, container: Abstract, index: Abstract, thing: Abstract) -> Abstract:
    """`write_item` as an arm, which has a value."""
    write_item(ctx, container, index, thing)
    return Const(None)


def named(ctx: Context, owner: Abstract, name: str, thing: Abstract) -> Abstract:
    """`write_attribute` as an arm."""
    write_attribute(ctx, owner, name, thing)
    return Const(None)


def write_box(ctx: Context, box: Box, index: Abstract, thing: Abstract) -> None:
    """A write into a list or dict of known structure."""
    if long_numbers(ctx, box, index):
        runtime_lists.write(ctx, promote(ctx, box), index, thing)
        return
    if table_of(ctx, box) is not None or (box.kind == "dict" and is_open_key(ctx, index)):
        tables.write(ctx, box, index, thing)
        return
    if box.kind == "list" and not box.protected and ctx.is_undecided(index) and storable(ctx, box):
        runtime_lists.write(ctx, promote(ctx, box), index, thing)
        return
    key = ctx.static(index, "the index into a list or dict")
    content = ctx.items(box)
    if isinstance(content, dict):
        replace_content(ctx, box, {**content, key: thing})
        return
    if not isinstance(key, int) or not -len(content) <= key < len(content):
        raise ctx.unsupported("cannot assign to this part of a list", "Assign to one item.")
    items = list(content)
    items[key] = thing
    replace_content(ctx, box, tuple(items))


def write_outside(ctx: Context, owner: Outside, index: Abstract, thing: Abstract) -> None:
    """A write into a list or dict of the surrounding program."""
    key = ctx.static(index, f"the index into `{owner.label}`")
    read = item_at(owner, key)
    label = f"{owner.label}[{key!r}]"
    slot = Slot(origin(read), label, read, runtime.leave_item, runtime.Outside(owner.value), key)
    ctx.rebind(slot, ctx.settle(thing))


def write_attribute(ctx: Context, owner: Abstract, name: str, thing: Abstract) -> None:
    """``owner.name = thing``."""
    if isinstance(owner, Chosen):
        for_each_option(ctx, owner, lambda option: named(ctx, option, name, thing))
        return
    if isinstance(owner, Ref) and name in PARTS:
        part = ctx.call(Const(PARTS[name]), [owner], {"<style>": Const("attribute")})
        write_item(ctx, part, Const(Ellipsis), thing)
        return
    set_attribute(ctx, owner, name, thing)


def augment_attribute(ctx: Context, owner: Abstract, name: str, fn: Callable[..., Any],
                      right: Callable[[], Abstract]) -> None:  # fmt: skip
    """``owner.name op= right``: read, right side, store back even where the array is changed in place."""
    aside = Aside(ctx, ctx.settle(attribute(ctx, owner, name)))
    thing = right()
    changed = augment_name(ctx, aside.next(), fn, thing)
    if not isinstance(owner, Ref):
        write_attribute(ctx, owner, name, changed)


def store(ctx: Context, target: Ref, fn: Callable[..., Any], index: Operand, value: Operand) -> None:
    """Make the next version of the target's memory."""
    storage, steps = target.storage, target.steps
    if storage.captured:
        ctx.written_outside(storage)
    if storage.frozen:
        raise ctx.unsupported("cannot write into this array: it was made read-only", "Write into a copy.")
    if any(view in READ_ONLY for view, _ in steps):
        raise ctx.unsupported("cannot write into this view: NumPy gives it for reading only", "Write into a copy.")
    if any(view is np.imag for view, _ in steps):
        store_imaginary(ctx, target, fn, index, value)
        return
    current = ctx.contents(storage)
    kind = operand_type(current)
    if isinstance(kind, ListOf):
        runtime_lists.write_inside(ctx, target, fn, index, value)
        return
    args: tuple[Operand, ...] = (current, index, value)
    if steps:
        args = (*args, steps)
    check_cast(ctx, kind, operand_type(value), fn)
    new = ctx.emit_call(fn, args, {}, getattr(current, "hint", ""), type_=kind)
    ctx.state.memory[storage] = new
    poison_sharers(ctx, storage)


def store_imaginary(ctx: Context, target: Ref, fn: Callable[..., Any], index: Operand, value: Operand) -> None:
    """A write through ``z.imag``: the complex numbers are put together anew."""
    at = [view for view, _ in target.steps].index(np.imag)
    whole = Ref(target.storage, target.steps[:at])
    z = ctx.operand(whole)
    imaginary = ctx.emit(np.imag, z, style="attribute")
    after = target.steps[at + 1 :]
    new = ctx.emit(fn, imaginary, index, value, *([after] if after else []), type_=imaginary.type)
    turned = ctx.emit(operator.mul, 1j, new)
    real = ctx.emit(np.real, z, style="attribute")
    store(ctx, whole, runtime.set_item, Ellipsis, ctx.emit(operator.add, real, turned))


def check_cast(ctx: Context, into: Any, value: Any, fn: Callable[..., Any]) -> None:
    """NumPy refuses to add floats into an integer array; so do we, before anything is computed."""
    if fn is runtime.add_item:
        check_same_kind(ctx, into, value)


def check_same_kind(ctx: Context, into: Any, value: Any) -> None:
    """Refuse what NumPy refuses to store without being asked: floats as integers, complex numbers as real ones."""
    if not isinstance(into, Arr) or into.dtype is None:
        return
    kinds = ("bool", "int", "float", "complex")
    dtype = getattr(value, "dtype", None)
    given = value.kind if isinstance(value, Num) else dtype_kind(dtype) if dtype is not None else None
    own = dtype_kind(into.dtype)
    if given in kinds and own in kinds and kinds.index(given) > kinds.index(own):
        raise ctx.unsupported(f"cannot add {given} numbers into an array of {into.dtype}: NumPy refuses the cast",
                              "Make the array float.")  # fmt: skip


def augment_name(ctx: Context, current: Abstract, fn: Callable[..., Any], thing: Abstract) -> Abstract:
    """``name op= thing``: an array is changed in place, anything else is rebound."""
    if isinstance(current, Ref) and is_array(ctx, current):
        update(ctx, current, Ellipsis, fn, thing)
        return current
    grows = list_type(ctx, current) is not None or (isinstance(current, Box) and current.kind == "list")
    if grows and fn is operator.add:
        ctx.call(Method(current, "extend"), [thing], {})
        return ctx.settle(current)
    if isinstance(current, Box) and current.kind in ("dict", "set") and fn is operator.or_:
        ctx.call(Method(current, "update"), [thing], {})
        return current
    if class_of(current) is not None:
        return ctx.call(Const(IN_PLACE.get(fn, fn)), [current, thing], {})
    result = ctx.call(Const(fn), [current, thing], {})
    if isinstance(current, Ref):
        doubt_sharers(ctx, current.storage)
    return result


def is_array(ctx: Context, thing: Ref) -> bool:
    """An array for certain, not a number of unknown rank."""
    kind = operand_type(ctx.operand(thing))
    return isinstance(kind, Arr)


def augment_item(ctx: Context, container: Abstract, index: Abstract, fn: Callable[..., Any],
                 right: Callable[[], Abstract]) -> None:  # fmt: skip
    """``container[index] op= right``: container and index are evaluated once."""
    if isinstance(container, Box) and by_entry(ctx, container, index):
        augment_list(ctx, *tables.entry(ctx, container, index), fn, right)
        return
    if isinstance(container, (Box, Outside)):
        aside = Aside(ctx, ctx.call(Const(operator.getitem), [container, index], {}))
        thing = right()
        write_item(ctx, ctx.settle(container), index, augment_name(ctx, aside.next(), fn, thing))
        return
    if isinstance(container, Special):
        container.augment(ctx, index, fn, right)
        return
    if not isinstance(container, Ref):
        raise ctx.unsupported("cannot write into this", "Write into an array or a list.")
    if list_type(ctx, container) is not None:
        augment_list(ctx, container, index, fn, right)
        return
    augmented_store(ctx, container, index, fn, right)


def by_entry(ctx: Context, box: Box, index: Abstract) -> bool:
    """Is it an entry of a dict whose keys only the running program knows?"""
    is_open = table_of(ctx, box) is not None or is_open_key(ctx, index)
    return is_open and box.kind == "dict" and ctx.factories.get(box.number) is not NO_ITEM


def augment_list(ctx: Context, xs: Ref, index: Abstract, fn: Callable[..., Any], right: Callable[[], Abstract]
                 ) -> None:  # fmt: skip
    """``xs[index] op= right`` of a run-time list: an array in it is changed, a number replaced."""
    aside, before = Aside(ctx, xs, runtime_lists.read(ctx, xs, index)), ctx.state.memory[xs.storage]
    thing = right()
    xs, item = aside.take()
    same = ctx.state.memory.get(xs.storage) is before
    if isinstance(item, Ref) and (is_array(ctx, item) or list_type(ctx, item) is not None):
        changed = augment_name(ctx, item, fn, thing)
        if not same:
            runtime_lists.write(ctx, xs, index, changed)
        return
    if fn in LINEAR and isinstance(item, Sym) and same:
        value = ctx.operand(thing)
        runtime_lists.add(ctx, xs, index, negated(ctx, value) if LINEAR[fn] else value)
        return
    runtime_lists.write(ctx, xs, index, augment_name(ctx, item, fn, thing))


def augmented_store(ctx: Context, container: Ref, index: Abstract, fn: Callable[..., Any],
                    right: Callable[[], Abstract]) -> None:  # fmt: skip
    """``array[index] op= right``: with a repeated index the last one stays, as in NumPy."""
    key = ctx.operand(index)
    before = ctx.state.memory.get(container.storage)
    read = ctx.call(Const(operator.getitem), [container, index], {})
    fixed = ctx.operand(read)
    aside = Aside(ctx, container)
    thing = right()
    container = aside.next()
    if ctx.state.memory.get(container.storage) is before and fn in LINEAR and not repeats(key):
        value = ctx.operand(thing)
        store(ctx, container, runtime.add_item, key, negated(ctx, value) if LINEAR[fn] else value)
        return
    new = ctx.emit(fn, fixed, ctx.operand(thing))
    store(ctx, container, runtime.set_item, key, new)


def update(ctx: Context, target: Ref, index: Operand, fn: Callable[..., Any], thing: Abstract) -> None:
    """``target[index] op= thing`` on an array."""
    value = ctx.operand(thing)
    if fn in LINEAR:
        store(ctx, target, runtime.add_item, index, negated(ctx, value) if LINEAR[fn] else value)
        return
    current = ctx.operand(target)
    new = ctx.emit(fn, current, value)
    check_cast(ctx, operand_type(current), operand_type(new), runtime.add_item)
    store(ctx, target, runtime.set_item, index, new)


def negated(ctx: Context, value: Operand) -> Operand:
    """``-value``."""
    if not isinstance(value, Value):
        return -value
    return ctx.emit(operator.neg, value)


def repeats(index: Operand) -> bool:
    """May the index name one element twice? Only integer arrays and lists do."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(_is_fancy(part) for part in parts)


def _is_fancy(part: Operand) -> bool:
    if isinstance(part, Value):
        match part.type:
            case Num(kind):
                return kind not in ("int", "bool")
            case Arr(dtype):
                return dtype is None or dtype.kind != "b"
        return True
    return isinstance(part, (list, np.ndarray)) and np.asarray(part).dtype.kind != "b"
