"""Random functions that keep something: captured arrays they write, module-level state, tables of functions."""

from __future__ import annotations

from collections.abc import Callable

from tests.fuzz.expressions import condition, damped, expression
from tests.fuzz.pieces import written
from tests.fuzz.writer import Helper, Var, Writer


def array_writer(w: Writer) -> bool:
    """A function inside the function that writes an array of it."""
    found = [v for v in w.arrays(1) if not v.argument]
    if not found or not w.may("captured array write"):
        return False
    var, name, i = written(w, w.one_of(found)), w.fresh("put"), int(w.rng.integers(0, 2))
    w.note("captured array write", "closure")
    w.pinned.add(var.name)
    w.line(f"def {name}(t):")
    with w.block():
        w.line(w.one_of([f"{var.name}[{i % var.shape[0]}] = np.sin(t)", f"{var.name}[:] *= np.cos(t)",
                         f"{var.name}[-1] += {w.number()} * t"]))  # fmt: skip
        w.line(f"return {w.number()} * {var.name}[0] + t")
    w.frames[-1].helpers.append(Helper(name, (("t", (), False),), (), "captured array write"))
    return True


def factory(w: Writer) -> bool:
    """A function made by a function; two of them have state of their own."""
    if not w.may("closure factory"):
        return False
    w.note("closure factory", "closure", "nonlocal")
    make = w.at_module("make", "def {}(k):", "    total = k * 0.5", "", "    def add(t):", "        nonlocal total",
                       "        total = 0.6 * total + np.sin(t) * k", "        return total", "",
                       "    return add")  # fmt: skip
    for _ in range(int(w.rng.integers(1, 3))):
        name = w.fresh("add")
        w.line(f"{name} = {make}({expression(w, (), 1)})")
        w.frames[-1].helpers.append(Helper(name, (("t", (), False),), (), "closure factory"))
    return True


def dispatch(w: Writer) -> bool:
    """A dict of functions, called by key, in a loop or not."""
    if not w.may("dispatch dict"):
        return False
    w.note("dispatch dict", "lambda")
    name, s, k = w.fresh("ops"), w.fresh("s"), w.fresh("key")
    captured = expression(w, (), 1)
    w.pinned |= {v.name for v in w.vars()}
    w.line(f"{name} = {{'a': np.sin, 'b': lambda t: t * {w.number()} + {captured}, 'c': math.tanh}}")
    w.line(f"{s} = {name}['{w.one_of('abc')}']({expression(w, (), 1)})")
    w.define(Var(s))
    if w.chance(0.5):
        w.line(f"for {k} in ('b', 'a'):")
        w.line(f"    {s} = {w.number()} * {name}[{k}]({s}) + {expression(w, (), 1)}")
    return True


def nested_recursion(w: Writer) -> bool:
    """A function inside the function that calls itself, and two at module level that call each other."""
    if w.chance(0.5) and w.may("mutual recursion"):
        w.note("mutual recursion", "recursion")
        odd, c = w.fresh("odd") + w.tag, w.number()
        even = w.at_module("even", "def {}(t, d):", f"    if d <= 0 or t > {w.number(0.8, 1.5)}:",
                           "        return t * 0.7",
                           f"    return np.sin({odd}(t * {c}, d - 1))", "", "", f"def {odd}(t, d):", "    if d <= 0:",
                           "        return np.tanh(t)", "    return {}(t + 0.1, d - 1) * 0.9")  # fmt: skip
        s = w.fresh("s")
        w.line(f"{s} = {even}({expression(w, (), 1)}, {w.rng.integers(1, 5)})")
        w.define(Var(s))
        return True
    if not w.may("nested recursion"):
        return False
    w.note("nested recursion", "recursion", "closure")
    name, s, c = w.fresh("rec"), w.fresh("s"), expression(w, (), 1)
    w.pinned |= {v.name for v in w.vars()}
    w.line(f"def {name}(t, d):")
    with w.block():
        w.line(f"if d == 0 or {condition(w, 0)}:")
        w.line("    return t")
        w.line(f"return {w.number()} * {name}(np.sin(t), d - 1) + {w.number(0.1, 0.3)} * {c}")
    w.line(f"{s} = {name}({damped(w, (), 1)}, {w.rng.integers(1, 4)})")
    w.define(Var(s))
    return True


def module_state(w: Writer) -> bool:
    """A buffer that is overwritten before it is used, a table, a counter, a log among the arguments."""
    kind = w.one_of(["global buffer", "global counter", "global table", "log argument"])
    if w.tag or not w.may(kind):
        return False
    return _STATE[kind](w)


def _buffer(w: Writer) -> bool:
    if len(w.frames) > 1:
        return False
    w.note("global buffer")
    w.prelude["BUFFER"] = "BUFFER = np.zeros(3)"
    w.line(f"BUFFER[:] = {w.one_of([w.number(), damped(w, (), 1), '[0.1, 0.4, -0.2]'])}")
    w.define(Var("BUFFER", (3,), bound=False))
    return True


def _counter(w: Writer) -> bool:
    w.note("global counter")
    w.prelude["COUNTS"] = "COUNTS = {'calls': 0}"
    w.line(f"COUNTS['calls'] += {w.rng.integers(1, 3)}")
    return True


def _table(w: Writer) -> bool:
    w.note("global table")
    values = ", ".join(w.number(-0.9, 0.9) for _ in range(4))
    w.prelude.setdefault("TABLE", f"TABLE = np.array([{values}])")
    w.define(Var("TABLE[1:]", (3,), bound=False, argument=True, contiguous=False))
    w.define(Var("TABLE[0]", bound=False))
    return True


def _log(w: Writer) -> bool:
    w.note("log argument")
    w.line(f"n_log.append({w.rng.integers(0, 9)})")
    return True


_STATE: dict[str, Callable[[Writer], bool]] = {
    "global buffer": _buffer, "global counter": _counter, "global table": _table, "log argument": _log,
}  # fmt: skip
