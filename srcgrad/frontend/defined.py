"""What the frontend has to know of arguments and results by reading a rule: settings, and the types of definitions."""

from __future__ import annotations

import inspect
import itertools
from functools import lru_cache

from srcgrad.frontend.context import RAISED, Context, operand_type
from srcgrad.frontend.promotion import item_type
from srcgrad.frontend.reading import read_in_place
from srcgrad.frontend.values import Abstract, Sym, TupleOf
from srcgrad.ir.core import GO, Operand
from srcgrad.ir.types import ANY, Num, Type
from srcgrad.rules.core import Rule

# What decides the rank or the kind of a result: part of the signature.
SETTINGS = frozenset({"axis", "axes", "keepdims", "ord", "axis1", "axis2", "axisa", "axisb", "axisc", "source",
                      "destination", "rowvar", "bias", "returned", "ind", "m", "deg", "pow"})  # fmt: skip


@lru_cache(maxsize=4096)
def names_of(rule: Rule) -> tuple[str, ...]:
    """The parameters of a rule's function that take one positional argument each, in order."""
    if rule.vjp is None:
        return ()
    own = list(inspect.signature(rule.vjp).parameters.values())[rule.skip :]
    return tuple(p.name for p in itertools.takewhile(lambda p: p.kind is not p.VAR_POSITIONAL, own))


def know_settings(ctx: Context, rule: Rule, args: list[Abstract], kwargs: dict[str, Abstract]) -> None:
    """Ask for the settings of a call that are numbers of the running program; rules have no others to ask for."""
    if ctx.fixed_span:
        return
    for name, thing in [*zip(names_of(rule), args, strict=False), *kwargs.items()]:
        if name in SETTINGS and _runs(thing):
            ctx.static(thing, f"`{name}`")


def _runs(thing: Abstract) -> bool:
    if isinstance(thing, TupleOf):
        return any(map(_runs, thing.items))
    return isinstance(thing, Sym) and isinstance(thing.value.type, Num) and thing.value.type.kind in ("int", "bool")


def definition_type(ctx: Context, rule: Rule, args: list[Abstract], kwargs: dict[str, Abstract]) -> Type:
    """The type of what a definition gives for these arguments, found by reading it where nothing is kept."""
    found: list[Type] = []

    def run() -> tuple[Operand, Abstract | None]:
        assert rule.vjp is not None
        thing = read_in_place(ctx, rule.vjp, args, kwargs)
        is_named = isinstance(thing, TupleOf) and thing.cls is not None
        found.append(item_type(ctx, thing) if is_named else operand_type(ctx.operand(thing)))
        return GO, None

    arm = ctx.arm(run)
    return ANY if arm.status == RAISED or not found else found[0]
