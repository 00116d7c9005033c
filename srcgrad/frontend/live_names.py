"""Which variables still matter where paths meet."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from srcgrad.frontend.context import Context
from srcgrad.frontend.values import Key


def live_filter(ctx: Context, live: Iterable[str] | None) -> Callable[[Key], bool]:
    """Variables of other activations always matter; those of this one if they are live."""
    number = ctx.frame.number if ctx.frames else -1
    names = None if live is None else set(live)
    return lambda key: key[0] != number or names is None or key[1] in names or key[1].startswith("<")
