"""Random comprehensions and generator expressions: nested, conditional, over arrays, ranges and pairs."""

from __future__ import annotations

from tests.fuzz.expressions import damped, expression
from tests.fuzz.lists import define_list
from tests.fuzz.writer import Items, Shape, Var, Writer


def _value(w: Writer, e: str) -> str:
    """A number made of the variable of a comprehension and of names around it."""
    c, other = w.number(), expression(w, (), 1)
    return w.one_of([f"np.sin({e} * {c}) + {other}", f"{e} * {other}", f"np.tanh({e}) * {c}", f"{e} ** 2 - {other}"])


def _over(w: Writer) -> tuple[str, str, int]:
    """A head, the number it gives, how many of them."""
    e = w.fresh("e")
    options = [(f"for {e} in range(3)", f"0.3 * {e}", 3), (f"for {e} in (0.2, 0.7)", e, 2)]
    if w.arrays(1):
        var = w.one_of(w.arrays(1))
        i = w.fresh("i")
        options += [(f"for {e} in {var.name}", e, var.shape[0]),
                    (f"for {i} in range(len({var.name}))", f"{var.name}[{i}]", var.shape[0]),
                    (f"for {i}, {e} in enumerate({var.name})", f"({e} + 0.1 * {i})", var.shape[0])]  # fmt: skip
    return w.one_of(options)


def list_comprehension(w: Writer) -> bool:
    """A list of numbers."""
    if not w.may("list comprehension"):
        return False
    w.note("list comprehension")
    (head, e, count), xs = _over(w), w.fresh("xs")
    w.line(f"{xs} = [{_value(w, e)} {head}]")
    define_list(w, Items(xs, (), count))
    return True


def conditional(w: Writer) -> bool:
    """Only some items, by their values or by their places."""
    if not w.may("conditional comprehension"):
        return False
    w.note("conditional comprehension")
    (head, e, _), xs = _over(w), w.fresh("xs")
    test = w.one_of([f"{e} > {w.number(-0.3, 0.6)}", f"{e} != {w.number()}", f"{e} < {w.number(0.2, 1.2)}"])
    if w.chance(0.3):
        w.line(f"{xs} = [{_value(w, e)} if {test} else {w.number()} {head}]")
    else:
        w.line(f"{xs} = [{_value(w, e)} {head} if {test}]")
    define_list(w, Items(xs, (), 0, fixed=False))
    name = w.fresh("s")
    w.line(f"{name} = {w.number()} * sum({xs})")
    w.define(Var(name))
    return True


def nested(w: Writer) -> bool:
    """A matrix as nested lists, or a flat list over two loops."""
    if not w.may("nested comprehension"):
        return False
    w.note("nested comprehension")
    (outer, a, n), (inner, b, m), name = _over(w), _over(w), w.fresh("m")
    value = f"np.sin({a} * {b}) + {w.number()} * {expression(w, (), 1)}"
    if w.chance(0.5):
        w.line(f"{name} = np.array([[{value} {inner}] {outer}])")
        w.define(Var(name, (n, m)))
    else:
        xs = w.fresh("xs")
        w.line(f"{xs} = [{value} {outer} {inner}]")
        define_list(w, Items(xs, (), n * m))
    return True


def of_arrays(w: Writer) -> bool:
    """A list of arrays, or rows of a matrix, one by one."""
    rows = w.arrays(2)
    if not rows or not w.may("list comprehension", "list of arrays"):
        return False
    w.note("list comprehension", "list of arrays")
    var, row, xs = w.one_of(rows), w.fresh("row"), w.fresh("xs")
    shape: Shape = var.shape[1:]
    item = w.one_of([f"{row} * {w.number()}", f"np.sin({row})", f"{row} - {row}.mean()"])
    w.line(f"{xs} = [{item} for {row} in {var.name}]")
    define_list(w, Items(xs, shape, var.shape[0]))
    return True


def generator_expression(w: Writer) -> bool:
    """`sum`, `max` or `any` of a generator expression."""
    if not w.may("generator expression"):
        return False
    w.note("generator expression")
    (head, e, _), name, c = _over(w), w.fresh("s"), w.number()
    if w.chance(0.25):
        w.line(f"{name} = {damped(w, ())} if {w.one_of(['any', 'all'])}({e} > {c} {head}) else {damped(w, (), 1)}")
    else:
        w.line(f"{name} = {w.one_of(['sum', 'sum', 'max', 'min'])}({_value(w, e)} {head})")
        w.line(f"{name} = np.tanh({name})")
    w.define(Var(name))
    return True
