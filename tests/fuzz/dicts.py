"""Random dicts: literals, built in loops, read by key, `get`, `items`, updated, and dicts of arrays."""

from __future__ import annotations

from dataclasses import replace

from tests.fuzz.expressions import condition, damped
from tests.fuzz.pieces import some_shape, update
from tests.fuzz.writer import Shape, Var, Writer

KEYS = ("w", "b", "rate")


def _slots(w: Writer) -> list[Var]:
    """The items of the dicts in scope; a dict is made where there is none."""
    if not _found(w):
        make_dict(w)
    return _found(w)


def _found(w: Writer) -> list[Var]:
    return [v for v in w.vars() if v.name.startswith("d") and v.name.endswith("]") and v.dtype == "float64"]


def make_dict(w: Writer) -> bool:
    """A dict of numbers and arrays, literal, by `dict` or merged from another."""
    if not w.may("dict literal"):
        return False
    w.note("dict literal")
    shapes: list[Shape] = [some_shape(w) if w.may("dict of arrays") else (), (), ()]
    d, values = w.fresh("d"), [damped(w, shape, 1) for shape in shapes]
    w.note(*(["dict of arrays"] if shapes[0] else []))
    if w.chance(0.3):
        w.line(f"{d} = dict({', '.join(f'{key}={value}' for key, value in zip(KEYS, values, strict=True))})")
    else:
        w.line(f"{d} = {{{', '.join(f'{key!r}: {value}' for key, value in zip(KEYS, values, strict=True))}}}")
    for key, shape in zip(KEYS, shapes, strict=True):
        w.define(Var(f"{d}['{key}']", shape, bound=False, contiguous=False))
    return True


def write_item(w: Writer) -> bool:
    """An item gets a new value, by key or by `update`, or is updated."""
    if not _slots(w) or not w.may("dict item write"):
        return False
    var = w.one_of(_slots(w))
    d, key = var.name[:-1].split("[", 1)
    if w.chance(0.4):
        w.note("dict item write")
        w.line(f"{var.name} {update(w, var.shape)}")
    elif not w.may_rebind(replace(var, bound=True)):
        return False
    elif w.may("dict update") and w.chance(0.6):
        w.note("dict update")
        value = damped(w, var.shape, 1)
        name = key.strip("'")
        by_name = f"{d}.update({name}={value})" if name.isidentifier() else f"{d} |= {{{key}: {value}}}"
        w.line(w.one_of([f"{d}.update({{{key}: {value}}})", by_name]))
        w.rebind(var, contiguous=False)
    else:
        w.note("dict item write")
        w.line(f"{var.name} = {damped(w, var.shape, 1)}")
        w.rebind(var, contiguous=False)
    return True


def get_item(w: Writer) -> bool:
    """Reads with a default, used or not, and under `in`."""
    slots = [v for v in _slots(w) if not v.shape]
    if not slots or not w.may("dict get"):
        return False
    w.note("dict get")
    d, key = w.one_of(slots).name[:-1].split("[", 1)
    name, other = w.fresh("s"), damped(w, (), 1)
    w.line(f"{name} = " + w.one_of([f"{d}.get({key}, {other})", f"{d}.get('other', {other})",
                                    f"{d}[{key}] if {key} in {d} else 0.0",
                                    f"{d}.setdefault({key}, {other})"]))  # fmt: skip
    w.define(Var(name))
    return True


def items_loop(w: Writer) -> bool:
    """A sum over keys, values or items."""
    dicts = sorted({v.name.split("[", 1)[0] for v in _slots(w)})
    if not dicts or not w.may("dict items"):
        return False
    w.note("dict items")
    d, s, k, v, c = w.one_of(dicts), w.fresh("s"), w.fresh("key"), w.fresh("val"), w.number()
    form = int(w.rng.integers(0, 3))
    if form == 2:
        w.line(f"{s} = {c} * sum(np.sum({v}) for {v} in {d}.values())")
    else:
        w.line(f"{s} = {damped(w, (), 1)}")
        w.line(f"for {k}, {v} in {d}.items():" if form else f"for {k} in {d}:")
        value = v if form else f"{d}[{k}]"
        test = f" if {k} != 'b' else {c}" if w.chance(0.4) else ""
        w.line(f"    {s} = 0.5 * {s} + np.mean(np.sin({value})){test}")
    w.define(Var(s))
    return True


def build(w: Writer) -> bool:
    """A dict that a loop builds, over literal keys or over a range."""
    if not w.may("dict build"):
        return False
    w.note("dict build")
    d, k = w.fresh("d"), w.fresh("key")
    over, keys = w.one_of(
        [("('p', 'q')", ["'p'", "'q'"]), ("range(3)", ["0", "1", "2"]), ("['a', 'b']", ["'a'", "'b'"])]
    )
    if w.may("dict comprehension") and w.chance(0.4):
        w.note("dict comprehension")
        w.line(f"{d} = {{{k}: {damped(w, (), 1)} for {k} in {over}}}")
    else:
        w.line(f"{d} = {{}}")
        w.line(f"for {k} in {over}:")
        w.line(f"    {d}[{k}] = {damped(w, (), 1)}")
        if w.chance(0.4) and w.may("if"):
            w.line(f"    if {condition(w, 0)}:")
            w.line(f"        {d}[{k}] *= {w.number()}")
    for key in keys:
        w.define(Var(f"{d}[{key}]", bound=False))
    return True


def mapped(w: Writer) -> bool:
    """A dict made of another: each item scaled, as an optimiser does."""
    dicts = sorted({v.name.split("[", 1)[0] for v in _slots(w)})
    if not dicts or not w.may("dict comprehension"):
        return False
    w.note("dict comprehension")
    d, new, k, v = w.one_of(dicts), w.fresh("d"), w.fresh("key"), w.fresh("val")
    w.line(f"{new} = {{{k}: {v} - {w.number(0.1, 0.3)} * np.sin({v}) for {k}, {v} in {d}.items()}}")
    for var in _slots(w):
        if var.name.startswith(f"{d}["):
            w.define(Var(new + var.name[len(d) :], var.shape, bound=False, contiguous=False))
    return True
