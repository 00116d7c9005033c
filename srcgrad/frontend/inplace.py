"""NumPy's functions and methods that write into their argument."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.frontend import spelled
from srcgrad.frontend.binding import by_name
from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.flat import Flat
from srcgrad.frontend.reading import read_in_place
from srcgrad.frontend.values import Abstract, Const, Ref
from srcgrad.frontend.writes import check_same_kind, store
from srcgrad.ir.types import Arr, Num

Args = list[Abstract]
Kwargs = dict[str, Abstract]
NONE = Const(None)


def bound(ctx: Context, fn: Any, args: Args, kwargs: Kwargs) -> dict[str, Any]:
    """The arguments by name, defaults included."""
    found = by_name(ctx, fn, args, kwargs)
    return {key: v if isinstance(v, Abstract) else Const(v) for key, v in found.items()}


def written(ctx: Context, array: Abstract, name: str) -> tuple[Ref, Arr]:
    """The array a function writes into, which has to be one for certain."""
    kind = operand_type(ctx.operand(array)) if isinstance(array, Ref) else None
    if not isinstance(array, Ref) or not isinstance(kind, Arr):
        raise ctx.unsupported(f"cannot tell what `{name}` writes into", "Write into an array.")
    return array, kind


def is_number(ctx: Context, thing: Abstract) -> bool:
    """One number, for certain."""
    kind = operand_type(ctx.operand(thing))
    return isinstance(kind, Num) or (isinstance(kind, Arr) and kind.ndim == 0)


def require(ctx: Context, thing: Abstract, value: Any, what: str) -> None:
    """Refuse an option that is not at its default."""
    if not isinstance(thing, Const) or thing.value != value:
        raise ctx.unsupported(f"cannot differentiate {what}", "Leave it out.")


def copyto(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``np.copyto(dst, src, casting, where)``."""
    names = ("dst", "src", "casting", "where")
    given = {"casting": Const("same_kind"), "where": Const(True), **dict(zip(names, args, strict=False)), **kwargs}
    target, kind = written(ctx, given["dst"], "np.copyto")
    if not isinstance(given["casting"], Const) or given["casting"].value != "unsafe":
        check_same_kind(ctx, kind, operand_type(ctx.operand(given["src"])))
    if isinstance(given["where"], Const) and given["where"].value is True:
        store(ctx, target, runtime.set_item, Ellipsis, ctx.operand(given["src"]))
        return NONE
    return read_in_place(ctx, spelled.copy_where, [target, given["src"], given["where"]])


def put(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``np.put(a, ind, v)`` and ``a.put(ind, v)``."""
    names = ("a", "ind", "v", "mode")
    given = {"mode": Const("raise"), **dict(zip(names, args, strict=False)), **renamed(kwargs)}
    require(ctx, given["mode"], "raise", "`np.put` with this `mode`")
    written(ctx, given["a"], "np.put")
    single = is_number(ctx, given["v"])
    return read_in_place(ctx, spelled.put_one if single else spelled.put_each, [given[key] for key in names[:3]])


def renamed(kwargs: Kwargs) -> Kwargs:
    """The method's names of the parameters as the function's."""
    names = {"indices": "ind", "values": "v"}
    return {names.get(key, key): thing for key, thing in kwargs.items()}


def place(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``np.place(arr, mask, vals)``."""
    given = bound(ctx, np.place, args, kwargs)
    written(ctx, given["arr"], "np.place")
    return read_in_place(ctx, spelled.place, list(given.values()))


def putmask(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``np.putmask(a, mask, values)``."""
    given = {**dict(zip(("a", "mask", "values"), args, strict=False)), **kwargs}
    target, _ = written(ctx, given["a"], "np.putmask")
    if is_number(ctx, given["values"]):
        store(ctx, target, runtime.set_item, ctx.operand(given["mask"]), ctx.operand(given["values"]))
        return NONE
    return read_in_place(ctx, spelled.put_mask, [target, given["mask"], given["values"]])


def put_along_axis(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``np.put_along_axis(arr, indices, values, axis)``."""
    given = bound(ctx, np.put_along_axis, args, kwargs)
    written(ctx, given["arr"], "np.put_along_axis")
    if isinstance(given["axis"], Const) and given["axis"].value is None:
        raise ctx.unsupported("cannot differentiate `np.put_along_axis` without an axis",
                              "Write a.flat[indices] = values.")  # fmt: skip
    return read_in_place(ctx, spelled.put_along_axis, list(given.values()))


def fill_diagonal(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``np.fill_diagonal(a, val)``."""
    given = bound(ctx, np.fill_diagonal, args, kwargs)
    _, kind = written(ctx, given["a"], "np.fill_diagonal")
    require(ctx, given["wrap"], False, "`np.fill_diagonal` with `wrap`")
    if kind.ndim != 2:
        raise ctx.unsupported("cannot differentiate `np.fill_diagonal` of anything but a matrix", "Use an index.")
    single = is_number(ctx, given["val"])
    fn = spelled.fill_diagonal if single else spelled.fill_diagonal_each
    return read_in_place(ctx, fn, [given["a"], given["val"]])


def nan_to_num(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``np.nan_to_num``; with ``copy=False`` it writes."""
    given = bound(ctx, np.nan_to_num, args, kwargs)
    if isinstance(given["copy"], Const) and given["copy"].value is True:
        return NotImplemented
    written(ctx, given["x"], "np.nan_to_num")
    return read_in_place(ctx, spelled.nan_to_num, [given[key] for key in ("x", "nan", "posinf", "neginf")])


def array(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``np.array``; with ``copy=None`` or ``copy=False`` it is ``np.asarray``."""
    rest = dict(kwargs)
    copy = rest.pop("copy", None)
    if not isinstance(copy, Const) or copy.value is True:
        return NotImplemented
    return ctx.call(Const(np.asarray), args, rest)


def flat(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``a.flat``."""
    if not isinstance(args[0], Ref):
        raise ctx.unsupported("cannot read `.flat` of this", "Use an array.")
    return Flat(args[0])


def setflags(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``a.setflags(write=...)``: the memory is for reading only from here on, or no longer."""
    given = bound(ctx, spelled.setflags, args, kwargs)
    target, _ = written(ctx, given["a"], ".setflags()")
    require(ctx, given["align"], None, "`.setflags` with `align`")
    require(ctx, given["uic"], None, "`.setflags` with `uic`")
    write = ctx.static(given["write"], "what `.setflags` sets")
    if target.storage.captured or target.steps:
        raise ctx.unsupported("cannot set the flags of an array that is shared", "Set those of a copy.")
    target.storage.frozen = target.storage.frozen if write is None else not write
    return NONE


def method(fn: Callable[..., Any]) -> Callable[[Context, Args, Kwargs], Any]:
    """A method that is spelled out."""

    def handler(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
        if ctx.fixed_span:
            return NotImplemented
        given = bound(ctx, fn, args, kwargs)
        written(ctx, given[next(iter(given))], f".{fn.__name__}()")
        return read_in_place(ctx, fn, list(given.values()))

    return handler


INPLACE: dict[Any, Callable[[Context, Args, Kwargs], Any]] = {
    np.copyto: copyto, np.put: put, np.place: place, np.putmask: putmask, np.put_along_axis: put_along_axis,
    np.fill_diagonal: fill_diagonal, np.nan_to_num: nan_to_num, np.array: array, np.ndarray.flat: flat,
    spelled.setflags: setflags,
    **{fn: method(fn) for fn in (spelled.sort, spelled.partition, spelled.fill)},
}  # fmt: skip
