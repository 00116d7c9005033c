"""Random `match` statements, walruses, f-strings, `del`, partial functions, operators and names as functions."""

from __future__ import annotations

from tests.fuzz.blocks import body
from tests.fuzz.expressions import condition, damped, expression
from tests.fuzz.writer import Int, Var, Writer


def match_value(w: Writer) -> bool:
    """Cases on an integer or on a text, with guards."""
    if not w.may("match value"):
        return False
    w.note("match value")
    subject, cases = w.one_of([("'{}'".format(w.one_of("abc")), ("'a'", "'b' | 'c'"))] + [
        (i.name, ("0", "1 | 2")) for i in w.ints() if "[" not in i.name])  # fmt: skip
    w.line(f"match {subject}:")
    w.indent += 1
    for case in (*cases, "_"):
        guard = f" if {condition(w, 0)}" if w.chance(0.3) and case != "_" else ""
        w.line(f"case {case}{guard}:")
        with w.block():
            body(w, 1)
    w.indent -= 1
    return True


def match_sequence(w: Writer) -> bool:
    """Cases on the shape of a tuple, its items bound."""
    if not w.may("match sequence"):
        return False
    w.note("match sequence")
    a, b, s = w.fresh("s"), w.fresh("s"), w.fresh("s")
    subject = w.one_of([f"({expression(w, (), 1)}, {expression(w, (), 1)})", f"[{damped(w, (), 1)}]",
                        f"('mul', {expression(w, (), 1)}, {expression(w, (), 1)})"])  # fmt: skip
    w.line(f"match {subject}:")
    w.line(f"    case ('mul', {a}, {b}):")
    w.line(f"        {s} = {a} * np.sin({b})")
    w.line(f"    case ({a}, {b}):")
    w.line(f"        {s} = {a} - {w.number()} * {b} ** 2")
    w.line(f"    case [{a}]:")
    w.line(f"        {s} = np.tanh({a})")
    w.define(Var(s))
    return True


def walrus(w: Writer) -> bool:
    """A name bound in a condition, in an expression, at the head of a while."""
    if not w.may("walrus"):
        return False
    w.note("walrus")
    t, s = w.fresh("s"), w.fresh("s")
    if w.chance(0.4):
        w.line(f"{s} = ({t} := {damped(w, (), 1)}) * {w.number()} + {t} ** 2")
    elif w.chance(0.5):
        w.line(f"{s} = {damped(w, (), 1)}")
        w.line(f"if ({t} := {damped(w, (), 1)}) > {w.number()}:")
        w.line(f"    {s} = {s} * {t}")
    else:
        k = w.fresh("k")
        w.line(f"{s}, {k} = {damped(w, (), 1)}, 0")
        w.line(f"while ({t} := {w.number()} * {s}) > {w.number(0.05, 0.3)} and {k} < 4:")
        w.line(f"    {s}, {k} = np.sin({t}), {k} + 1")
        w.frames[-1].ints[k] = Int(k, 0, 4)
    w.define(Var(t))
    w.define(Var(s))
    return True


def small_words(w: Writer) -> bool:
    """`del`, f-strings, `isinstance`, `functools.partial`, `operator`, `getattr`."""
    word = w.one_of(["del", "f-string", "isinstance", "partial", "operator module", "getattr"])
    if not w.may(word):
        return False
    w.note(word)
    s, t, c = w.fresh("s"), w.fresh("s"), expression(w, (), 1)
    lines = {
        "del": [f"{t} = {c}", f"{s} = np.sin({t})", f"del {t}"],
        "f-string": [f"{t} = f'{{{w.rng.integers(1, 99)}}}-{{\"k\"!r:>5}}'", f"{s} = {w.number()} * len({t}) * {c}"],
        "isinstance": [
            f"{s} = {c} if isinstance({c}, {w.one_of(['float', 'tuple', '(list, dict)'])}) else {w.number()}"
        ],
        "partial": [f"{t} = functools.partial(np.multiply, {c})", f"{s} = {t}({damped(w, (), 1)})"],
        "operator module": [f"{s} = operator.{w.one_of(['mul', 'add', 'sub'])}({c}, {damped(w, (), 1)})"],
        "getattr": [f"{s} = getattr(np, '{w.one_of(['sin', 'tanh', 'cos'])}')({c})"],
    }
    for line in lines[word]:
        w.line(line)
    w.define(Var(s))
    return True
