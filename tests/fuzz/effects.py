"""Random statements with effects: prints, asserts and raises that are never reached."""

from __future__ import annotations

from tests.fuzz.expressions import scalar_atom
from tests.fuzz.writer import Writer


def effect(w: Writer) -> bool:
    name = w.one_of([n for n in ("assert", "raise", "print") if w.may(n, *(["if"] if n == "raise" else []))] or [""])
    if not name:
        return False
    w.note(name, *(["if"] if name == "raise" else []))
    ints = w.ints()
    if name == "print":
        w.line(f'print("at {w.fresh("line")}"{", " + w.one_of(ints).name if ints else ""})')
    elif name == "assert":
        w.line(f'assert {scalar_atom(w)} < 1e9, "{w.fresh("too large ")}"')
    else:
        w.line(f"if {scalar_atom(w)} > 1e9:")
        w.line(f'    raise ValueError("{w.fresh("too large ")}")')
    return True
