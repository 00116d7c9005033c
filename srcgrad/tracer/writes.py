"""Reading and writing parts of tensors, and operations in place."""

from __future__ import annotations

import dis
import operator
import sys
import types
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.errors import AliasError, TracedValueError
from srcgrad.tracer.forward import levels_in
from srcgrad.tracer.leaving import refuse, user_span
from srcgrad.tracer.modes import MODE, SPECIAL
from srcgrad.tracer.node import AccumulateGrad, Node, Read, Same, Write, current
from srcgrad.tracer.operators import ARITHMETIC
from srcgrad.tracer.record import is_inexact, lifted, record, settled
from srcgrad.tracer.tensor import Overlapping, Tensor, make, plain, store_of
from srcgrad.tracer.views import Steps, View, root_of, view

LEAF = "a leaf Variable that requires grad is being used in an in-place operation."
VIEW = "a view of a leaf Variable that requires grad is being used in an in-place operation."


def private(index: Any) -> Any:
    """An index that nobody changes afterwards."""
    if isinstance(index, tuple):
        return tuple([private(part) for part in index])
    return np.array(index) if isinstance(index, (np.ndarray, list)) else index


def read(tensor: Tensor, index: Any) -> Any:
    """``tensor[index]``: a view where NumPy gives one."""
    if SPECIAL and MODE.profile is not None:
        return MODE.profile.timed("Select", (tensor,), taken, tensor, index)
    return taken(tensor, index)


def taken(tensor: Tensor, index: Any) -> Any:
    """The same."""
    index = plain(index)
    value = tensor._value
    out = value[index]
    if isinstance(out, np.ndarray) and out.base is not None and np.may_share_memory(out, value):
        return view(tensor, (operator.getitem, (index,)), out)
    if not is_inexact(out):
        return settled(out)
    result = make(out)
    root, steps = root_of(tensor)
    if MODE.on and root._node is not None:
        result._node = Read(current(root), root._value, private(index), steps)
    if tensor._dots:
        result._dots = {level: dot[index] for level, dot in tensor._dots.items()}
    return result


def write(tensor: Tensor, index: Any, value: Any) -> None:
    """``tensor[index] = value``."""
    if isinstance(value, View) and value._value.ndim > 0 and root_of(value)[0] is root_of(tensor)[0]:
        refuse_shuffle(sys._getframe(1))
    if SPECIAL and MODE.profile is not None:
        MODE.profile.timed("CopySlices", (tensor,), put_item, tensor, index, value)
    else:
        put_item(tensor, index, value)


def refuse_shuffle(frame: types.FrameType) -> None:
    """NumPy's `shuffle` swaps the rows of what is no array as if they were copies, but they are views."""
    instruction = dis.opname[frame.f_code.co_code[frame.f_lasti]]
    if instruction.startswith("CALL") and "setitem" not in frame.f_code.co_names:
        raise refuse(TracedValueError("C code exchanges rows of a value that has a derivative", span=user_span(),
                                      reason="shuffled this way it would hold some of them twice",
                                      repair="Draw an order, rng.permutation(len(x)), and index with it."))  # fmt: skip


def put_item(tensor: Tensor, index: Any, value: Any) -> None:
    """The same."""
    root, steps = root_of(tensor)
    new = value if isinstance(value, Tensor) else None
    refuse_leaf(tensor, root)
    if not isinstance(value, Tensor) and isinstance(value, (list, tuple)):
        value = lifted(np.array)(value)
        new = value if isinstance(value, Tensor) else None
    index = private(plain(index))
    separate(root, tensor)
    part = runtime.view_of(root._value, steps)
    check_write(root, part, new)
    dots = written_dots(root, index, value, steps)
    part[index] = plain(value)
    if isinstance(tensor, View):
        tensor._held = None
    stamp(root, new, index, steps, value)
    if dots:
        root._dots = dots


def refuse_leaf(tensor: Tensor, root: Tensor) -> None:
    """A leaf whose gradient is asked for cannot be written where that is recorded."""
    if MODE.on and isinstance(root._node, AccumulateGrad):
        raise RuntimeError(VIEW if isinstance(tensor, View) else LEAF)


def check_write(root: Tensor, part: Any, new: Tensor | None) -> None:
    """Refuse what would lose a derivative: a write of a value that has one into whole numbers."""
    if part is not root._value and not np.may_share_memory(part, root._value):
        raise RuntimeError("this is a view of an earlier layout of its array; write to the array itself")
    if new is not None and (new._node is not None or new._dots) and root._value.dtype.kind not in "fc":
        if MODE.tracing:
            raise refuse(
                TracedValueError(
                    "a value that has a derivative is written into an array of whole numbers",
                    span=user_span(),
                    repair="Make the array with a floating dtype.",
                )
            )
        raise RuntimeError("a value with a derivative is written into an array of whole numbers")


def separate(root: Tensor, writer: Tensor) -> None:
    """Numbers become arrays; in a trace, memory that others refer to (saved values, the caller) is left alone."""
    if isinstance(writer, View):
        writer._held = None
    if isinstance(root._store, Overlapping):
        raise refuse(
            AliasError(
                "an argument is written that shares memory with another argument",
                span=user_span(),
                repair="Pass a copy of one of the two.",
            )
        )
    if not isinstance(root._value, np.ndarray):
        root._value = np.array(root._value)
    elif MODE.tracing and (sys.getrefcount(root._value) > 2 or root._value.base is not None):
        root._value = root._value.copy(order="K")


def stamp(root: Tensor, new: Tensor | None, index: Any, steps: Steps, value: Any) -> None:
    """The root is a new version from now on."""
    old, incoming = root._node, current(new) if new is not None else None
    store = store_of(root) if not MODE.tracing else None
    if store is not None:
        store.version += 1
    if MODE.on and (old is not None or incoming is not None):
        root._node = Write(old, incoming, root._value, index, steps, plain(value))
    elif isinstance(old, AccumulateGrad):
        root._node = old.successor(root)
    elif old is not None:
        root._node = Same(old)
    if store is not None and root._node is not None:
        root._node.life = (store, store.version)


def written_dots(root: Tensor, index: Any, value: Any, steps: Steps) -> dict[int, Any]:
    """The tangents of the next version."""
    if not MODE.levels:
        return {}
    found = {}
    for level in levels_in((root, value)):
        dot = (root._dots or {}).get(level)
        moved = (value._dots or {}).get(level) if isinstance(value, Tensor) else None
        base = np.zeros_like(root._value) if dot is None else dot
        found[level] = lifted(runtime.set_item)(base, index, 0.0 if moved is None else moved, steps)
    return found


def shield(tensor: Tensor, value: Any) -> None:
    """The operation whose result is about to overwrite its own operand keeps a copy of that, if it needs it."""
    node, old = value._node if isinstance(value, Tensor) else None, tensor._node
    if MODE.tracing or node is None or not (old is None or old in node.edges):
        return
    held = tensor._value
    count = sum(arg is held for arg in node.args)
    if count:
        node.args = tuple([arg.copy() if arg is held and isinstance(arg, np.ndarray) else arg for arg in node.args])
        others = [guard for guard in node.guards or () if guard[0] is not tensor._store]
        if node.guards and len(node.guards) - len(others) <= count:  # else another name of the memory was saved as well
            node.guards = others or None
    if old is None:
        return
    twin = Same(old)
    twin.number = node.number - 0.5
    node.edges = tuple([twin if edge is old else edge for edge in node.edges])


def check_shapes(own: tuple[int, ...], given: tuple[int, ...]) -> None:
    """Refuse what would not fit: a result is not squeezed into less axes, as an assignment would do it."""
    if own != given and np.broadcast_shapes(own, given) != own:
        kind = ValueError if MODE.tracing else RuntimeError
        raise kind(f"output with shape {list(own)} doesn't match the broadcast shape {list(given)}")


def assign(tensor: Tensor, value: Any) -> Tensor:
    """Make the tensor's memory hold `value`, and its node that of `value`."""
    root, _ = root_of(tensor)
    check_shapes(np.shape(tensor._value), np.shape(value))
    shield(tensor, value)
    if root is not tensor or np.shape(value) != np.shape(tensor._value):
        write(tensor, ..., value)
        return tensor
    refuse_leaf(tensor, root)
    separate(root, root)
    np.copyto(root._value, plain(value), casting="same_kind")
    store = store_of(root) if not MODE.tracing else None
    if store is not None:
        store.version += 1
    if MODE.on:
        root._node = value._node if isinstance(value, Tensor) else None
    elif isinstance(root._node, AccumulateGrad):
        root._node = root._node.successor(root)
    elif root._node is not None:
        root._node = Same(root._node)
    if store is not None and root._node is not None:
        root._node = renewed(root._node)
        root._node.life = (store, store.version)
    if MODE.levels:
        root._dots = value._dots if isinstance(value, Tensor) else None
    return tensor


def renewed(node: Node) -> Node:
    """A node that no other tensor has, so that its life is that of the new version only."""
    return node if isinstance(node, (AccumulateGrad, Same)) or node.life is None else Same(node)


def in_place(fn: Any) -> Any:
    """``self += other`` and the like: NumPy numbers and, in a trace, Python numbers are rebound."""

    def change(self: Tensor, other: Any) -> Any:
        if MODE.tracing and not isinstance(self._value, np.ndarray):
            return fn(self, other)
        refuse_leaf(self, root_of(self)[0])
        return assign(self, fn(self, other))

    return change


def put_at(ufunc: np.ufunc, target: Tensor, index: Any, *value: Any) -> None:
    """``ufunc.at(target, index[, value])``: an item that the index names several times is changed several times."""
    index = plain(index)
    if ufunc in (np.add, np.subtract):
        change = value[0] if ufunc is np.add else -value[0]
        assign(target, record(runtime.add_item, (target, index, change), {}))
        return
    places = np.arange(np.size(target._value)).reshape(np.shape(target._value))[index]
    values = [np.ravel(np.broadcast_to(v, places.shape)) for v in value]
    flat = places.ravel()
    for chosen in rounds(flat):
        where = np.unravel_index(flat[chosen], np.shape(target._value))
        write(target, where, ufunc(read(target, where), *[v[chosen] for v in values]))


def rounds(places: Any) -> list[Any]:
    """The positions of first occurrences, of second ones, and so on."""
    order = np.argsort(places, kind="stable")
    ranked = places[order]
    starts = np.searchsorted(ranked, ranked)
    turn = np.empty(len(places), int)
    turn[order] = np.arange(len(places)) - starts
    return [np.flatnonzero(turn == k) for k in range(turn.max(initial=-1) + 1)]


def fill(self: Tensor, value: Any) -> None:
    """Write one value everywhere."""
    write(self, ..., value)


def length(self: Tensor) -> int:
    """The length of the first axis."""
    return len(self._value)


def iterate(self: Tensor) -> Any:
    """The items along the first axis."""
    if np.ndim(self._value) == 0:
        raise TypeError("iteration over a 0-d tensor")
    return (read(self, k) for k in range(len(self._value)))


def install() -> None:
    """Give `Tensor` its items."""
    for name, fn in {**ARITHMETIC, "matmul": operator.matmul, "floordiv": operator.floordiv}.items():
        setattr(Tensor, f"__i{name}__", in_place(fn))
    items: dict[str, Any] = {"__getitem__": read, "__setitem__": write, "__len__": length, "__iter__": iterate,
                             "fill": fill}  # fmt: skip
    for name, method in items.items():
        setattr(Tensor, name, method)


install()
