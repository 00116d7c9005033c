"""How freely an expression may move: what it does besides giving a value."""

from __future__ import annotations

from srcgrad.analysis.effects import has_effect
from srcgrad.ir.core import Call, Func
from srcgrad.rules.core import lookup

__all__ = ["ACTS", "MAY_RAISE", "PURE", "weight"]

# Nothing; may raise, so it passes no act and no exit; acts, so it keeps its place among the acts.
PURE, MAY_RAISE, ACTS = 0, 1, 2


def weight(call: Call) -> int:
    """`PURE`, `MAY_RAISE` or `ACTS`."""
    if isinstance(call.fn, Func):
        return ACTS if has_effect(call) else MAY_RAISE
    rule = lookup(call.fn)
    if rule is not None:
        return {"": MAY_RAISE if call.must else PURE, "raise": MAY_RAISE}.get(rule.effect, ACTS)
    return ACTS if has_effect(call) or _is_check(call) else MAY_RAISE if call.must else PURE


def _is_check(call: Call) -> bool:
    """Is it called only so that it may raise?"""
    name = getattr(call.fn, "__name__", "")
    return name in ("raise_error", "raise_from", "check_length", "check_trips", "check_bound")
