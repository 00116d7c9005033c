"""Containers of which it is not known whether they are one: after a write into one, the other is unknown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from srcgrad.errors import AliasError, SrcgradError
from srcgrad.frontend.context import Context
from srcgrad.frontend.values import Box, Const, Poison

NO_ITEM = Const(int)  # the factory of a `Counter`: missing items are 0, and stay missing


def replace_content(ctx: Context, box: Box, content: Any) -> None:
    """What a container holds from here on."""
    if box.number in ctx.borrowed:
        raise ctx.unsupported(f"cannot write into {'an object' if box.kind == 'object' else 'a dict'} that a list of "
                              "unknown length holds", "Build a new one, and put it into the list.")  # fmt: skip
    ctx.box_written(box.number)
    ctx.state.boxes[box.number] = content
    doubt_boxes(ctx, box.number)


def doubt_boxes(ctx: Context, number: int) -> None:
    """After a write: containers that may or may not be the same are unknown from here on."""
    for other in ctx.same_boxes.get(number, ()):
        if other in ctx.state.boxes:
            ctx.state.boxes[other] = Poison(_complaint(ctx.span))


def _complaint(written: Any) -> Callable[[], SrcgradError]:
    def make() -> SrcgradError:
        return AliasError(
            "cannot tell whether a container is changed here: it is the same as another on some paths only",
            span=written,
            repair="Make a copy before the write.",
        )

    return make
