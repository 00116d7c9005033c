"""Random statements that hold blocks: if, for, while, their exits, and the sequence of statements in a block."""

from __future__ import annotations

from tests.fuzz.assignments import assign, rebind
from tests.fuzz.expressions import condition, damped, expression
from tests.fuzz.writer import Int, Shape, Statement, Var, Writer


def body(w: Writer, size: int) -> None:
    """Up to `size` statements; at least one."""
    before, start = len(w.lines), w.budget
    while start - w.budget < size and w.budget > 0:
        statement(w)
    if len(w.lines) == before:
        w.one_of([assign, rebind])(w) or assign(w)


def statement(w: Writer) -> None:
    """One random statement: a simple one where the drawn one does not apply here."""
    room = w.depth < w.max_depth and w.budget >= 3
    for _ in range(w.tries):
        if w.weighted(w.simple + _EXITS + (w.compound if room else []))(w):
            return
    w.one_of([assign, rebind])(w)


def small(w: Writer) -> int:
    """How many statements a block has, fewer the deeper it is."""
    return int(w.rng.integers(1, 5 - w.depth + (w.depth == 0)))


# If


def if_statement(w: Writer) -> bool:
    if not w.may("if"):
        return False
    w.note("if")
    if w.chance(0.12) and w.arrays() and w.may("static if"):
        w.note("static if")
        w.line(f"if {w.one_of(w.arrays()).name}.{w.one_of(['ndim == 2', 'shape[0] > 3', 'size > 4'])}:")
    else:
        w.line(f"if {condition(w)}:")
    _arm(w)
    arms = 1
    while w.may("elif") and w.chance(0.3) and arms < 3:
        w.note("elif")
        w.line(f"elif {condition(w)}:")
        _arm(w)
        arms += 1
    if w.may("else") and w.chance(0.55):
        w.note("else")
        w.line("else:")
        _arm(w)
        _define_on_all_paths(w)
    return True


def _arm(w: Writer) -> None:
    with w.block():
        body(w, small(w))


def _define_on_all_paths(w: Writer) -> None:
    """After an if with else: one more if that defines a new name in both of its arms."""
    if not w.chance(0.3):
        return
    name = w.fresh("s")
    w.line(f"if {condition(w, 0)}:")
    w.line(f"    {name} = {damped(w, ())}")
    w.line("else:")
    w.line(f"    {name} = {damped(w, ())}")
    w.define(Var(name))


# For: the head, and the names it gives


def for_statement(w: Writer) -> bool:
    head = w.one_of(
        [_range, _range, _range, _array, _rows, _rows, _literal, _literal, _zip, _zip, _enumerate, _reversed]
    )
    found = head(w)
    if found is None:
        return False
    text, names, ints = found
    w.line(f"for {text}:")
    counts = [i for i in ints if i.high >= 0]
    with w.block(loop=True):
        for var in names:
            w.define(var)
        w.frames[-1].ints |= {i.name: i for i in counts}
        body(w, small(w) + 1)
    _else(w, "for else")
    if text.endswith(("range(2)", "range(3)")) and w.may("loop variable after"):
        w.note("loop variable after")
        w.frames[-1].ints |= {i.name: i for i in counts}
    return True


def _else(w: Writer, construct: str) -> None:
    if w.may(construct) and w.chance(0.35):
        w.note(construct)
        w.line("else:")
        with w.block():
            body(w, 2)


Head = tuple[str, list[Var], list[Int]]


def _range(w: Writer) -> Head | None:
    if not w.may("for range"):
        return None
    w.note("for range")
    i, arrays = w.fresh("i"), w.arrays(1)
    options = [
        ("range(2)", 0, 1),
        ("range(3)", 0, 2),
        ("range(1, 4)", 1, 3),
        ("range(3, 0, -1)", 1, 3),
        ("range(0, 4, 2)", 0, 2),
    ]
    if arrays:
        var = min((w.one_of(arrays), w.one_of(arrays)), key=lambda v: v.shape)
        n = var.shape[0]
        options += [(f"range(len({var.name}))", 0, n - 1), (f"range({var.name}.shape[0] - 1)", 0, n - 2)]
    options += [(f"range({c.name})", 0, c.high - 1) for c in w.ints() if c.name.startswith("n")] * 3
    text, low, high = w.one_of(options)
    return f"{i} in {text}", [], [Int(i, low, high)]


def _array(w: Writer) -> Head | None:
    if not w.arrays(1) or not w.may("for array"):
        return None
    w.note("for array")
    e = w.fresh("e")
    return f"{e} in {w.one_of(w.arrays(1)).name}", [Var(e)], []


def _rows(w: Writer) -> Head | None:
    if not w.arrays(2) or not w.may("for rows", "row view"):
        return None
    w.note("for rows", "row view")
    var, row = w.one_of(w.arrays(2)), w.fresh("row")
    return f"{row} in {var.name}", [_row_of(var, row)], []


def _row_of(var: Var, name: str) -> Var:
    return Var(name, var.shape[1:], "float64", var.storage, True, True, var.argument, var.contiguous)


def _literal(w: Writer) -> Head | None:
    kind = w.one_of(["for list", "for tuple"])
    if not w.may(kind):
        return None
    w.note(kind)
    shape: Shape = w.one_of(w.arrays()).shape if w.arrays() and w.chance(0.3) else ()
    e, items = w.fresh("e"), [expression(w, shape, 1) if not shape else damped(w, shape, 1) for _ in range(3)]
    text = f"[{', '.join(items)}]" if kind == "for list" else f"({', '.join(items)})"
    return f"{e} in {text}", [Var(e, shape)], []


def _zip(w: Writer) -> Head | None:
    if len(w.arrays()) < 2 or not w.may("for zip"):
        return None
    w.note("for zip")
    a, b = w.one_of(w.arrays()), w.one_of(w.arrays(1) or w.arrays())
    names = [w.fresh("e"), w.fresh("e")]
    made = [_row_of(v, name) if len(v.shape) == 2 else Var(name) for v, name in zip((a, b), names, strict=True)]
    if any(v.shape for v in made) and not w.may("row view"):
        return None
    return f"{', '.join(names)} in zip({a.name}, {b.name})", made, []


def _enumerate(w: Writer) -> Head | None:
    if not w.arrays() or not w.may("for enumerate"):
        return None
    w.note("for enumerate")
    var, i, e = w.one_of(w.arrays()), w.fresh("i"), w.fresh("e")
    if len(var.shape) == 2 and not w.may("row view"):
        return None
    made = _row_of(var, e) if len(var.shape) == 2 else Var(e)
    return f"{i}, {e} in enumerate({var.name})", [made], [Int(i, 0, var.shape[0] - 1)]


def _reversed(w: Writer) -> Head | None:
    if not w.may("for reversed"):
        return None
    w.note("for reversed")
    i, e = w.fresh("i"), w.fresh("e")
    if w.arrays(1) and w.chance(0.3):
        return f"{e} in reversed({w.one_of(w.arrays(1)).name})", [Var(e)], []
    if w.chance(0.3):
        return f"{e} in reversed([{expression(w, (), 1)}, {expression(w, (), 1)}])", [Var(e)], []
    return f"{i} in reversed(range(3))", [], [Int(i, 0, 2)]


# While


def while_statement(w: Writer) -> bool:
    if not w.may("while"):
        return False
    w.note("while")
    return w.one_of([_while_count, _while_value, _while_true])(w)


def _while_count(w: Writer) -> bool:
    k, limit = w.fresh("k"), int(w.rng.integers(1, 4))
    w.line(f"{k} = 0")
    w.line(f"while {k} < {limit}" + (f" and {condition(w, 0)}:" if w.chance(0.5) else ":"))
    with w.block(loop=True):
        w.line(f"{k} += 1")
        w.frames[-1].ints[k] = Int(k, 1, limit)
        body(w, small(w))
    _else(w, "while else")
    w.frames[-1].ints[k] = Int(k, 0, limit)
    return True


def _while_value(w: Writer) -> bool:
    """The number of trips depends on a number that has a derivative."""
    if not w.may("while on value"):
        return False
    w.note("while on value")
    t = w.fresh("s")
    w.line(f"{t} = {w.number(0.1, 0.3)} * {damped(w, ())}")
    w.line(f"while {t} < {w.number(0.5, 0.9)}:")
    with w.block(loop=True):
        w.line(f"{t} = {t} + {w.number(0.3, 0.5)} + {w.number(0.1, 0.2)} * np.sin({expression(w, (), 1)})")
        w.define(Var(f"{t} * 1.0", bound=False))
        body(w, small(w))
    _else(w, "while else")
    w.define(Var(t))
    return True


def _while_true(w: Writer) -> bool:
    if not w.may("while true", "break"):
        return False
    w.note("while true", "break", "if")
    k = w.fresh("k")
    w.line(f"{k} = 0")
    w.line("while True:")
    with w.block(loop=True):
        w.line(f"{k} += 1")  # counted and left at the top, where no `continue` can skip it
        w.frames[-1].ints[k] = Int(k, 1, 4)
        w.line(f"if {k} > {w.rng.integers(1, 4)}" + (f" or {condition(w, 0)}:" if w.chance(0.5) else ":"))
        w.line("    break")
        body(w, small(w))
    w.frames[-1].ints[k] = Int(k, 1, 4)
    return True


# Exits: always under a condition, or as the last statement of an arm


def leave_loop(w: Writer) -> bool:
    word = w.one_of(["break", "continue"])
    if not w.loops or not w.may(word, "if"):
        return False
    w.note(word, "if")
    w.line(f"if {condition(w)}:")
    if w.chance(0.4) and w.depth < w.max_depth:
        with w.block():
            body(w, 1)
            w.line(word)
    else:
        w.line(f"    {word}")
    return True


def early_return(w: Writer) -> bool:
    construct = "return in loop" if w.loops else "early return"
    if construct == "early return" and w.chance(0.5):
        return False
    if not w.may(construct, "if"):
        return False
    w.note(construct, "if")
    w.line(f"if {condition(w, 0)}:")
    with w.block():
        finish(w, 2)
    return True


def finish(w: Writer, terms: int = 8) -> None:
    """Return a value made of many of the names in scope, so that all of them matter."""
    if w.returns:
        w.line(f"return {damped(w, w.returns)}")
        return
    names = [v for v in w.vars() if v.dtype == "float64"]
    order = w.rng.permutation(len(names))[:terms]
    parts = [_term(w, names[int(i)]) for i in sorted(order)]
    w.line(f"return {' + '.join(parts or [damped(w, ())])}")


def _term(w: Writer, var: Var) -> str:
    if not var.shape:
        return f"{w.number()} * {var.name}"
    return w.one_of(
        [f"{w.number()} * np.sum(np.sin({var.name}))", f"np.mean({var.name} ** 2)", f"{w.number()} * {var.name}.sum()"]
    )


COMPOUND: list[tuple[float, Statement]] = [(7, if_statement), (11, for_statement), (4.5, while_statement)]
_EXITS: list[tuple[float, Statement]] = [(5, leave_loop), (2, early_return)]
