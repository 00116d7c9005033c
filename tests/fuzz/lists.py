"""Random lists: made, grown, cut, written, read and joined, of numbers and of arrays."""

from __future__ import annotations

from dataclasses import replace

from tests.fuzz.blocks import body
from tests.fuzz.expressions import condition, damped, expression
from tests.fuzz.pieces import prefix, some_shape, update
from tests.fuzz.writer import Int, Items, Shape, Var, Writer


def define_list(w: Writer, items: Items) -> None:
    """Enter a list, and its first and last item as names that can be read and written."""
    w.frames[-1].lists[items.name] = items
    if items.least:
        for place in ("0", "-1"):
            w.define(Var(f"{items.name}[{place}]", items.shape, bound=False, contiguous=False))


def number_text(w: Writer, items: Items) -> str:
    """A number made of a list of numbers or arrays, also an empty one."""
    xs, c = items.name, w.number()
    if items.shape:
        return w.one_of([f"{c} * sum(np.sum(t) for t in {xs})", f"np.tanh(sum([np.mean(t) for t in {xs}]))"])
    options = [f"{c} * sum({xs})", f"np.sum(np.array({xs}))", f"{c} * len({xs})"]
    if items.least:
        options += [f"max({xs})", f"np.mean({xs})", f"{xs}[len({xs}) // 2]", f"np.prod(np.tanh({xs}))"]
    return w.one_of(options)


def make_list(w: Writer) -> bool:
    """A list with a few items."""
    return w.may("list literal") and made(w) is not None


def made(w: Writer) -> Items:
    """A list with a few items, of numbers or of arrays."""
    shape: Shape = some_shape(w) if w.may("list of arrays") else ()
    count, xs = int(w.rng.integers(1, 4)), w.fresh("xs")
    w.note("list literal", *(["list of arrays"] if shape else []))
    w.line(f"{xs} = [{', '.join(damped(w, shape, 1) for _ in range(count))}]")
    items = Items(xs, shape, count)
    define_list(w, items)
    return items


def _chosen(w: Writer) -> Items | None:
    """One of the lists in scope, or a new one."""
    if w.lists() and w.chance(0.9):
        return w.one_of(w.lists())
    return made(w) if w.may("list literal") else None


def _grown(w: Writer, items: Items, more: int) -> None:
    """The list is longer by `more`, at least where it was defined."""
    for frame in w.frames:
        if items.name in frame.lists:
            here = frame is w.frames[-1]
            frame.lists[items.name] = replace(items, least=items.least + (more if here else 0), fixed=here)


def grow(w: Writer) -> bool:
    """``append``, ``insert``, ``extend``, ``+=``."""
    items = _chosen(w)
    kind = w.one_of(["list append", "list insert", "list extend"])
    if items is None or not w.may(kind, *(["run-time list"] if w.loops else [])):
        return False
    w.note(kind)
    xs, value = items.name, damped(w, items.shape, 1)
    texts = {"list append": f"{xs}.append({value})", "list insert": f"{xs}.insert({w.rng.integers(0, 2)}, {value})"}
    more = w.one_of([f"{xs}.extend([{value}, {damped(w, items.shape, 1)}])", f"{xs} += [{value}, {value}]"])
    w.line(texts.get(kind, more))
    _grown(w, items, 1)
    return True


def pop(w: Writer) -> bool:
    """An item leaves the list and is used."""
    items = _chosen(w)
    if items is None or items.least < 2 or not w.may("list pop") or w.depth:
        return False
    w.note("list pop")
    name, place = w.fresh(prefix(items.shape)), w.one_of(["", "", "0", "-1"])
    w.line(f"{name} = {items.name}.pop({place})")
    w.define(Var(name, items.shape, contiguous=False))
    w.frames[0].lists[items.name] = replace(items, least=items.least - 1)
    return True


def guarded_pop(w: Writer) -> bool:
    """An item leaves the list if others are left."""
    items = _chosen(w)
    if items is None or items.least < 1 or not w.may("list pop", "run-time list", "if"):
        return False
    w.note("list pop", "run-time list", "if")
    test = f"len({items.name}) > {max(1, items.least)}" + (f" and {condition(w, 0)}" if w.chance(0.5) else "")
    w.line(f"if {test}:")
    w.line(f"    {items.name}.pop()")
    return True


def item_write(w: Writer) -> bool:
    """An item is replaced or updated."""
    items = _chosen(w)
    if items is None or not items.least or not w.may("list item write"):
        return False
    w.note("list item write")
    place = w.one_of([f"{items.name}[0]", f"{items.name}[-1]"])
    own = any(items.name in frame.lists for frame in w.frames[-1:])
    if items.shape and (not own or w.chance(0.5)):
        w.line(w.one_of([f"{place} {update(w, items.shape)}", f"{place}[...] {update(w, items.shape)}"]))
    else:
        w.line(w.one_of([f"{place} = {damped(w, items.shape)}", f"{place} {update(w, items.shape)}"]))
    return True


def item_loop(w: Writer) -> bool:
    """Every item of a list is written, by a loop over its indices."""
    items = _chosen(w)
    if items is None or not w.may("list item write", "for range") or items.shape:
        return False
    w.note("list item write", "for range")
    i, xs = w.fresh("i"), items.name
    w.line(f"for {i} in range(len({xs})):")
    w.line(f"    {xs}[{i}] " + w.one_of([f"= {damped(w, (), 1)}", update(w, ()), f"*= np.cos({xs}[{i}])"]))
    return True


def list_slice(w: Writer) -> bool:
    """Part of a list is a new list; it may be written without the other."""
    items = _chosen(w)
    if items is None or not w.may("list slice"):
        return False
    w.note("list slice")
    ys, xs = w.fresh("ys"), items.name
    cut, least = w.one_of([("[:]", items.least), ("[::-1]", items.least), ("[1:]", max(0, items.least - 1)),
                           ("[-2:]", min(2, items.least)), (".copy()", items.least)])  # fmt: skip
    w.line(f"{ys} = {xs}{cut}")
    define_list(w, Items(ys, items.shape, least, items.fixed))
    return True


def join(w: Writer) -> bool:
    """Two lists in a row, a list several times over, or another name for a list."""
    items = _chosen(w)
    if items is None:
        return False
    ys, xs = w.fresh("ys"), items.name
    if items.fixed and w.may("list repetition") and w.chance(0.6):
        w.note("list repetition")
        w.line(f"{ys} = {w.one_of([f'{xs} * 2', f'2 * {xs}', f'[{damped(w, items.shape, 1)}] * 3'])}")
        define_list(w, Items(ys, items.shape, min(3, 2 * items.least)))
        return True
    if not w.may("list concatenation"):
        return False
    w.note("list concatenation")
    w.line(f"{ys} = " + w.one_of([f"{xs} + [{damped(w, items.shape, 1)}]", f"[{damped(w, items.shape, 1)}] + {xs}"]))
    define_list(w, Items(ys, items.shape, items.least + 1, items.fixed))
    return True


def read_list(w: Writer) -> bool:
    """A number, or an array, made of a list."""
    items = _chosen(w)
    if items is None or not w.may("array of list"):
        return False
    w.note("array of list")
    if items.fixed and items.least > 1 and not w.depth and w.chance(0.4):
        name, shape = w.fresh("v"), (items.least, *items.shape)
        if len(shape) < 3:
            w.line(f"{name} = {w.one_of(['np.array', 'np.stack', 'np.asarray'])}({items.name})")
            w.line(f"{name} = {name}[:{items.least}]")
            w.define(Var(name, shape, contiguous=False))
            return True
    name = w.fresh("s")
    w.line(f"{name} = {number_text(w, items)}")
    w.define(Var(name))
    return True


def collect(w: Writer) -> bool:
    """A loop appends to a list whose length depends on the data; then the list is read."""
    if not w.may("run-time list", "list append", "for range"):
        return False
    w.note("run-time list", "list append", "for range")
    shape: Shape = some_shape(w) if w.may("list of arrays") and w.chance(0.4) else ()
    xs, i = w.fresh("xs"), w.fresh("i")
    start = [damped(w, shape, 1)] if w.chance(0.5) else []
    items = Items(xs, shape, len(start), fixed=False)
    w.line(f"{xs} = [{', '.join(start)}]")
    w.line(f"for {i} in range({w.one_of(['n1'] if 'n1' in w.frames[0].ints else ['3', '4'])}):")
    with w.block(loop=True):
        w.frames[-1].ints[i] = Int(i, 0, 3)
        body(w, 1)
        _append_in_loop(w, items)
    define_list(w, items)
    name = w.fresh("s")
    w.line(f"{name} = {number_text(w, items)}")
    w.define(Var(name))
    return True


def _append_in_loop(w: Writer, items: Items) -> None:
    xs, value = items.name, expression(w, items.shape, 1)
    if items.least and w.chance(0.5):  # a recurrence
        value = f"{w.number()} * np.sin({xs}[-1]) + {w.number(0.1, 0.4)} * {value}"
    if w.may("if") and w.chance(0.5):
        w.note("if")
        w.line(f"if {condition(w, 0)}:")
        w.line(f"    {xs}.append(np.tanh({value}))")
    else:
        w.line(f"{xs}.append(np.tanh({value}))")
