"""Recursion on run-time values: the function becomes a `Func` of its own that calls itself."""

from __future__ import annotations

from typing import Any

from srcgrad.frontend.context import Context, Frame
from srcgrad.frontend.values import Abstract


class Recursion:
    """Notices when a function is called again from within itself with nothing new known."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    def through(self, ctx: Context, frame: Frame, bound: dict[str, Abstract]) -> Abstract | None:
        """The result of the call if it is recursive, None if it is to be interpreted in place."""
        return None


__all__ = ["Any", "Recursion"]
