"""Random uses of the functions over sequences: zip, map, filter, enumerate, sorted, reduce, accumulate, stars."""

from __future__ import annotations

from tests.fuzz.expressions import damped, expression
from tests.fuzz.lists import define_list
from tests.fuzz.pieces import update
from tests.fuzz.writer import Items, Var, Writer


def _numbers(w: Writer) -> str:
    """A sequence with at least one number: a list, an array, a literal."""
    names = [items.name for items in w.lists() if not items.shape and items.least]
    names += [v.name for v in w.arrays(1)]
    return w.one_of(names) if names and w.chance(0.8) else f"[{expression(w, (), 1)}, {expression(w, (), 1)}]"


def _result(w: Writer, construct: str, text: str) -> bool:
    """One more number."""
    w.note(construct)
    name = w.fresh("s")
    w.line(f"{name} = np.tanh({text})")
    w.define(Var(name))
    return True


def over_zip(w: Writer) -> bool:
    """Two sequences at once, in a loop or in a comprehension."""
    if not w.may("zip lists"):
        return False
    w.note("zip lists")
    a, b, s, xs, ys = w.fresh("e"), w.fresh("e"), w.fresh("s"), _numbers(w), _numbers(w)
    value = w.one_of([f"{a} * np.sin({b})", f"({a} - {b}) ** 2", f"np.tanh({a} + {w.number()} * {b})"])
    if w.chance(0.4):
        return _result(w, "zip lists", f"sum([{value} for {a}, {b} in zip({xs}, {ys})])")
    i = w.fresh("i")
    w.line(f"{s} = {damped(w, (), 1)}")
    w.line(w.one_of([f"for {a}, {b} in zip({xs}, {ys}):", f"for {i}, ({a}, {b}) in enumerate(zip({xs}, {ys})):"]))
    w.line(f"    {s} = {w.number()} * {s} + {value}")
    w.define(Var(s))
    return True


def over_map(w: Writer) -> bool:
    """`map` with a lambda or a function of NumPy, over one or two sequences."""
    if not w.may("map"):
        return False
    w.note("map")
    xs, c = w.fresh("xs"), expression(w, (), 1)
    w.line(f"{xs} = list(" + w.one_of([f"map(lambda t: t * {w.number()} + np.sin({c}), {_numbers(w)})",
                                       f"map(np.sin, {_numbers(w)})",
                                       f"map(lambda t, u: t * u, {_numbers(w)}, {_numbers(w)})"]) + ")")  # fmt: skip
    w.pinned |= {v.name for v in w.vars()}
    define_list(w, Items(xs, (), 1, fixed=False))
    return True


def over_filter(w: Writer) -> bool:
    """`filter` on the values."""
    if not w.may("filter"):
        return False
    return _result(w, "filter", f"sum(filter(lambda t: t > {w.number(-0.4, 0.6)}, {_numbers(w)}))")


def over_enumerate(w: Writer) -> bool:
    """A list is updated by index while it is read."""
    found = [items for items in w.lists() if items.least]
    if not found or not w.may("enumerate list"):
        return False
    w.note("enumerate list")
    items, i, e = w.one_of(found), w.fresh("i"), w.fresh("e")
    w.line(f"for {i}, {e} in enumerate({items.name}):")
    with w.block(loop=True):
        w.line(f"{items.name}[{i}] = {w.number()} * {e} + {w.number(0.1, 0.3)} * np.sin({e} * ({i} + 1))")
        if items.shape and w.chance(0.3):
            w.line(f"{e} {update(w, ())}")
    return True


def in_order(w: Writer) -> bool:
    """`sorted`, with a key, downwards."""
    if not w.may("sorted"):
        return False
    w.note("sorted")
    xs, key = w.fresh("xs"), w.one_of(["", "", ", reverse=True"])
    if w.may("sort by key") and w.chance(0.7):
        w.note("sort by key")
        key = w.one_of([", key=lambda t: -t", ", key=abs"])
    w.line(f"{xs} = sorted({_numbers(w)}{key})")
    define_list(w, Items(xs, (), 1, fixed=False))
    return True


def folded(w: Writer) -> bool:
    """`functools.reduce`, `itertools.accumulate`."""
    kind = w.one_of(["reduce", "accumulate"])
    if not w.may(kind):
        return False
    step = f"lambda t, u: {w.number()} * t + np.sin(u)"
    if kind == "reduce":
        start = f", {damped(w, (), 1)}" if w.chance(0.6) else ""
        return _result(w, kind, f"functools.reduce({step}, {_numbers(w)}{start})")
    return _result(w, kind, f"sum(itertools.accumulate({_numbers(w)}, {step}))")


def star(w: Writer) -> bool:
    """The rest of a sequence by a star; a call with as many arguments as there are."""
    if w.chance(0.5) and w.may("star unpacking"):
        w.note("star unpacking")
        first, rest, last = w.fresh("s"), w.fresh("rest"), w.fresh("s")
        values = ", ".join(expression(w, (), 1) for _ in range(4))
        w.line(w.one_of([f"{first}, *{rest}, {last} = [{values}]", f"{first}, {last}, *{rest} = ({values})"]))
        w.define(Var(first))
        w.define(Var(last))
        define_list(w, Items(rest, (), 2))
        return True
    if not w.may("star args"):
        return False
    name = w.at_module("many", "def {}(*args, scale=0.7, **more):",
                       "    total = scale * args[0] + more.get('shift', 0.0)", "    for each in args[1:]:",
                       "        total = np.sin(total) * each", "    return total")  # fmt: skip
    values = ", ".join(expression(w, (), 1) for _ in range(3))
    call = w.one_of([f"{name}({values})", f"{name}(*[{values}], shift={damped(w, (), 1)})",
                     f"{name}(*({values}), **{{'scale': {w.number()}, 'shift': {expression(w, (), 1)}}})"])  # fmt: skip
    return _result(w, "star args", call)


def transposed(w: Writer) -> bool:
    """`zip(*pairs)`."""
    if not w.may("zip star"):
        return False
    a, b, pairs = w.fresh("as"), w.fresh("bs"), w.fresh("pairs")
    w.line(f"{pairs} = [({damped(w, (), 1)}, {expression(w, (), 1)}), ({expression(w, (), 1)}, {damped(w, (), 1)})]")
    w.line(f"{a}, {b} = zip(*{pairs})")
    return _result(w, "zip star", f"sum({a}) * {b}[0] - {b}[1]")
