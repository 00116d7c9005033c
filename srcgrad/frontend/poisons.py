"""After a write: memory that may or may not be the same is unknown, and reading it is refused with both places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from srcgrad.errors import AliasError, SrcgradError
from srcgrad.frontend.activations import NeedLayout, NeedPath
from srcgrad.frontend.context import Context
from srcgrad.frontend.values import Poison, Storage
from srcgrad.ir.core import Value
from srcgrad.ir.types import AnyType, ListOf, Tup, Type


def poison_sharers(ctx: Context, storage: Storage) -> None:
    """After a write: memory that may or may not be the same is unknown from here on."""
    written = ctx.span
    need_path(ctx, storage)
    if any(base.unknown_layout and storage in (base, made) for base, made in ctx.maybe_views):
        raise NeedLayout
    for other in ctx.shares.get(storage, ()):
        if other not in ctx.state.memory:  # `storage` itself is among them where a list may hold an array twice
            continue
        ctx.state.memory[other] = Poison(alias_complaint(storage, other, written))


def need_path(ctx: Context, storage: Storage) -> None:
    """Start again where a list took in what is written now, with its names as paths into the list."""
    if storage in ctx.held_from and ctx.held_from[storage] not in ctx.by_path and not ctx.fixed_span:
        raise NeedPath(ctx.held_from[storage])


def poison_holders(ctx: Context, storage: Storage) -> None:
    """After a change of a list: a list that may have it as an item is unknown from here on."""
    need_path(ctx, storage)
    for other in ctx.shares.get(storage, ()):
        current = ctx.state.memory.get(other)
        if other is not storage and isinstance(current, Value) and holds_lists(current.type):
            ctx.state.memory[other] = Poison(alias_complaint(storage, other, ctx.span))


def holds_lists(kind: Type) -> bool:
    """May a list of this type have lists in it?"""
    item = kind.item if isinstance(kind, ListOf) else None
    if isinstance(item, Tup):
        return any(isinstance(part, (ListOf, AnyType)) or holds_lists(ListOf(part)) for part in item.items)
    return isinstance(item, (ListOf, AnyType))


def doubt_sharers(ctx: Context, storage: Storage) -> None:
    """After ``name op= value`` on what is a number (the name is rebound) or an array (it is written).

    The name itself stands for the result in both cases; whatever else may be the array is unknown from here on.
    """
    written = ctx.span
    for other in (storage, *ctx.shares.get(storage, ())):
        if other in ctx.state.memory:
            ctx.state.memory[other] = Poison(_doubt_complaint(other, written))


def _doubt_complaint(other: Storage, written: Any) -> Callable[[], SrcgradError]:
    name = f"`{other.hint}`" if other.hint else "an array"

    def make() -> SrcgradError:
        return AliasError(
            f"cannot tell whether {name} is changed here: an array would be written in place, a number would not",
            span=written,
            repair="Write `x = x + y` for a new value, or `x[...] += y` to change the array.",
        )

    return make


def alias_complaint(storage: Storage, other: Storage, written: Any) -> Callable[[], SrcgradError]:
    """The error of memory that was written through another name."""
    name, other_name = storage.hint or "an array", other.hint or "another array"
    related = [(storage.span or other.span, "shared here"), (written, "written here")]

    def make() -> SrcgradError:
        return AliasError(
            f"cannot differentiate a write through `{name}`: it shares memory with `{other_name}` on some paths only.",
            span=written,
            related=tuple((span, note) for span, note in related if span is not None),
            repair=f"Write `{name} = {name}.copy()` before the write.",
        )

    return make
