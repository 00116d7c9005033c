"""Random assignments to names: plain, tuple, chained, augmented, annotated, swaps, literals."""

from __future__ import annotations

from dataclasses import replace

from tests.fuzz.expressions import damped, expression, index
from tests.fuzz.pieces import in_c_order, prefix, some_shape, update, written
from tests.fuzz.writer import Int, Var, Writer


def assign(w: Writer) -> bool:
    shape = some_shape(w)
    text, name = damped(w, shape), w.fresh(prefix(shape))
    w.note("assign")
    if not shape and w.may("annotated assign") and w.chance(0.15):
        w.note("annotated assign")
        w.line(f"{name}: float = {text}")
    else:
        w.line(f"{name} = {text}")
    w.define(Var(name, shape, contiguous=in_c_order(text)))
    return True


def rebind(w: Writer) -> bool:
    found = [v for v in w.vars() if v.dtype == "float64" and w.may_rebind(v)]
    if not found or not w.may("rebind"):
        return False
    var = w.one_of(found)
    text = damped(w, var.shape)
    w.note("rebind")
    w.line(f"{var.name} = {text}")
    w.rebind(var, in_c_order(text))
    return True


def change_kind(w: Writer) -> bool:
    """A name that was an array becomes a number: only where nothing that ran before reads it again."""
    found = [
        v for v in w.arrays() if v.name in w.frames[-1].vars and v.bound and v.name not in w.pinned and not v.argument
    ]
    if not found or w.depth or not w.may("change kind"):
        return False
    var = w.one_of(found)
    w.note("change kind")
    w.line(f"{var.name} = np.mean({damped(w, var.shape, 1)})")
    w.define(Var(var.name))
    return True


def tuple_assign(w: Writer) -> bool:
    if not w.may("tuple assign"):
        return False
    w.note("tuple assign")
    shapes = [some_shape(w), ()]
    names, texts = [w.fresh(prefix(s)) for s in shapes], [damped(w, s, 1) for s in shapes]
    w.line(w.one_of([f"{', '.join(names)} = {', '.join(texts)}", f"({', '.join(names)}) = [{', '.join(texts)}]"]))
    for name, shape, text in zip(names, shapes, texts, strict=True):
        w.define(Var(name, shape, contiguous=in_c_order(text)))
    return True


def swap(w: Writer) -> bool:
    """Two names, or two elements, change places."""
    found = [v for v in w.find(some_shape(w)) if w.may_rebind(v)]
    local = all(v.name in w.frames[-1].vars for v in found)
    if len(found) < 2 or not w.may("swap") or not (local or w.chance(0.5)):
        return _swap_elements(w)
    order = w.rng.permutation(len(found))
    a, b = found[int(order[0])], found[int(order[1])]
    w.note("swap")
    w.line(f"{a.name}, {b.name} = {b.name}, {a.name}")
    if local:  # the memories change hands
        frame = w.frames[-1].vars
        frame[a.name], frame[b.name] = replace(b, name=a.name), replace(a, name=b.name)
    return True


def _swap_elements(w: Writer) -> bool:
    if not w.arrays(1) or not w.may("swap", "index write"):
        return False
    var = written(w, w.one_of(w.arrays(1)))
    i, j = index(w, var.shape[0]), index(w, var.shape[0])
    w.note("swap", "index write")
    w.line(f"{var.name}[{i}], {var.name}[{j}] = {var.name}[{j}], {var.name}[{i}]")
    return True


def chained_assign(w: Writer) -> bool:
    """``a = b = value``: two names of one array, or of one number."""
    shape = some_shape(w)
    if not w.may("chained assign") or (shape and not w.may("alias")):
        return False
    text, names = damped(w, shape), [w.fresh(prefix(shape)) for _ in range(2)]
    w.note("chained assign", *(["alias"] if shape else []))
    w.line(f"{names[0]} = {names[1]} = {text}")
    first = w.define(Var(names[0], shape, contiguous=in_c_order(text)))
    w.define(replace(first, name=names[1], storage=first.storage if shape else -1))
    return True


def augmented_assign(w: Writer) -> bool:
    """An update of a number (rebinds) or of an array (in place, seen by every name of its memory)."""
    found = [v for v in w.vars() if v.dtype == "float64" and (v.shape or v.bound)]
    if not found or not w.may("augmented assign"):
        return False
    var = w.one_of(found)
    w.note("augmented assign")
    if var.shape:
        if not w.may("augmented write"):
            return False
        written(w, var)
    if not var.bound:  # an item of a container cannot be an augmented target: its array can
        w.line(f"{var.name}[:] {update(w, var.shape)}")
    else:
        w.line(f"{var.name} {update(w, var.shape)}")
    return True


def number_list(w: Writer) -> bool:
    """A list or tuple literal, read back by constant index or unpacked."""
    kind = w.one_of(["list literal", "tuple literal"])
    if not w.may(kind):
        return False
    w.note(kind)
    name, items = w.fresh("xs"), [expression(w, (), 1) for _ in range(3)]
    w.line(f"{name} = [{', '.join(items)}]" if kind == "list literal" else f"{name} = ({', '.join(items)})")
    if w.chance(0.4) and w.may("unpack"):
        w.note("unpack")
        names = [w.fresh("s") for _ in items]
        w.line(f"{', '.join(names)} = {name}")
        for each in names:
            w.define(Var(each))
    else:
        w.define(Var(f"{name}[{w.rng.integers(-3, 3)}]", bound=False))
    return True


def buffer(w: Writer) -> bool:
    """A new array of zeros or like another, filled element by element."""
    if not w.arrays(1) or not w.may("index write", "zeros or full"):
        return False
    var, name = w.one_of(w.arrays(1)), w.fresh("v")
    n = var.shape[0]
    w.note("zeros or full", "index write")
    w.line(
        f"{name} = "
        + w.one_of(
            [
                f"np.zeros({n})",
                f"np.zeros_like({var.name})",
                f"np.full({n}, {w.number()})",
                f"np.ones({n})",
                f"np.empty_like({var.name})",
            ]
        )
    )
    if "empty" in w.lines[-1]:
        w.line(f"{name}[:] = {damped(w, (n,))}")
        w.note("slice write")
    w.define(Var(name, (n,)))
    w.line(f"{name}[{index(w, n)}] = {damped(w, ())}")
    return True


def int_then_float(w: Writer) -> bool:
    """A counter that starts as an integer and becomes a float in a loop."""
    if not w.may("int then float", "for range") or w.depth >= w.max_depth:
        return False
    w.note("int then float", "for range", "augmented assign")
    name, i = w.fresh("s"), w.fresh("i")
    w.line(f"{name} = 0")
    w.line(f"for {i} in range({w.rng.integers(1, 4)}):")
    with w.block(loop=True):
        w.frames[-1].ints[i] = Int(i, 0, 3)
        w.line(f"{name} += {w.number(0.1, 0.5)} * {damped(w, ())}")
    w.define(Var(name))
    return True
