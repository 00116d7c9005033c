"""Functions of the package that are read in the place of what the user calls."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from srcgrad.frontend.context import Context
from srcgrad.frontend.values import Abstract, Const


@contextlib.contextmanager
def at_this_call(ctx: Context) -> Iterator[None]:
    """What is emitted belongs to the user's call, and globals never change."""
    saved = ctx.fixed_span
    ctx.fixed_span = True
    try:
        yield
    finally:
        ctx.fixed_span = saved


def read_in_place(ctx: Context, fn: Callable[..., Any], args: list[Abstract],
                  kwargs: dict[str, Abstract] | None = None) -> Abstract:  # fmt: skip
    """Interpret a function of the package as if the user had written its body here."""
    with at_this_call(ctx):
        return ctx.call(Const(fn), args, kwargs or {})
