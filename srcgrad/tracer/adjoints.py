"""What a node does with its cotangent: the cotangents of its operands, by its rule."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.tracer.gone import Gone
from srcgrad.tracer.node import FREED, POWERS, ROOTS, Node, Place
from srcgrad.tracer.record import anew, lifted, picked
from srcgrad.tracer.saved import unpacked
from srcgrad.tracer.tensor import Tensor, plain

SECOND_TIME = ("Trying to backward through the graph a second time: what it saved is gone. "
               "Specify retain_graph=True in the first call.")  # fmt: skip


class Mask:
    """Where a choice (`where`, `maximum`, an index) let a cotangent through; found out only when it is asked."""

    __slots__ = ("depth", "find")

    def __init__(self, find: Callable[[], Any], depth: int = 0) -> None:
        self.find, self.depth = find, depth


# What was saved


def saved_values(node: Node, graph: bool) -> tuple[Any, Any, Any]:
    """Arguments, keyword arguments and result; as tensors of the graph where the adjoint itself is recorded."""
    args, kwargs, out = node.args, node.kwargs or {}, node.out
    if args is FREED:
        raise RuntimeError(SECOND_TIME)
    if node.more is not None:
        args, kwargs, out = unpacked(args), {k: unpacked(x) for k, x in kwargs.items()}, unpacked(out)
    if node.guards is not None and any(store.version != version for store, version in node.guards):
        raise RuntimeError(overwritten(node, None))
    for (_, place, _), edge in zip(places_of(node), node.edges, strict=True):
        if is_stale(edge):
            args, kwargs = replaced(args, kwargs, place, functools.partial(lost, node, edge))
        elif graph:
            args, kwargs = replaced(args, kwargs, place, functools.partial(anew, node=edge))
    if out is not None and is_stale(node):
        out = lost(node, node, out)
    elif graph and out is not None:
        out = graph_result(node, out)
    return args, kwargs, out


def graph_result(node: Node, out: Any) -> Any:
    """The result as tensors of the graph."""
    return picked(node, out, ()) if isinstance(out, (list, tuple)) else anew(out, node)


def lost(node: Node, source: Node, value: Any) -> Any:
    """What stands for a saved value that was overwritten since: whoever looks at it gets the error."""
    if value is None or isinstance(value, Gone):
        return value
    return Gone(np.asarray(value), overwritten(node, source))


def is_stale(node: Node) -> bool:
    """Was the result of the node overwritten?"""
    life = node.life
    return life is not None and life[0].version != life[1]


def overwritten(node: Node, source: Node | None) -> str:
    """The message for a saved value that was written."""
    made = f", which is the result of {source.name()}," if source is not None else ""
    return (f"one of the variables needed for gradient computation has been modified by an inplace operation: a value"
            f"{made} that {node.name()} saved. Write to a clone() of it.")  # fmt: skip


def places_of(node: Node) -> tuple[tuple[int, Place, Place], ...]:
    """Where in the arguments the operands are; an operator's are its arguments."""
    if node.places is not None:
        places: tuple[tuple[int, Place, Place], ...] = node.places
        return places
    return tuple([(k, (k,), ()) for k in node.plan.wanted])


def replaced(args: Any, kwargs: Any, place: Place, change: Callable[[Any], Any]) -> tuple[Any, Any]:
    """The arguments with one value changed."""
    if isinstance(place[0], str):
        return args, {**kwargs, place[0]: _put(kwargs[place[0]], place[1:], change)}
    return _put(args, place, change), kwargs


def _put(x: Any, path: Place, change: Callable[[Any], Any]) -> Any:
    if not path:
        return change(x)
    items = list(x)
    items[path[0]] = _put(items[path[0]], path[1:], change)
    return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)


# By kind


def pull(node: Node, bar: Any, graph: bool, mask: Mask | None) -> list[Any]:
    """The cotangent of each operand that wants one, None for zero."""
    args, kwargs, out = saved_values(node, graph)
    plan = node.plan
    call = lifted(plan.call) if graph else plan.call
    if plan.rule.kind == "elementwise":
        found = call(out, *args, **kwargs)
        return scaled(node, bar, found, graph, mask)
    lead = (bar, out) if plan.rule.kind == "custom" else (bar,)
    found = call(*lead, *args, **kwargs)
    return [fitted(at(parts_of(node, found, k), path), node.fits[i], graph)
            for i, (k, _, path) in enumerate(places_of(node))]  # fmt: skip


def parts_of(node: Node, found: Any, k: int) -> Any:
    """What a rule gave operand number `k`."""
    return found if len(node.plan.wanted) == 1 else found[k]


def at(found: Any, path: Place) -> Any:
    """The item of a nested cotangent."""
    for k in path:
        found = found[k] if found is not None else None
    return found


def scaled(node: Node, bar: Any, found: Any, graph: bool, mask: Mask | None) -> list[Any]:
    """``bar * partial`` for each operand; what is infinite off the mask counts for nothing."""
    bars = []
    single = len(node.plan.wanted) == 1
    for i, (k, _, _) in enumerate(places_of(node)):
        part = times(bar, found if single else found[k])
        if mask is not None and not np.all(np.isfinite(plain(part))):
            part = lifted(np.where)(mask.find(), part, 0)
        if node.plan.roots and node.out is not None and is_norm(node) and not np.all(plain(node.out)):
            part = lifted(np.where)(np.equal(plain(node.out), 0), 0, part)
        bars.append(part if node.fits is None else fitted(part, node.fits[i], graph))
    return bars


def times(bar: Any, partial: Any) -> Any:
    """``bar * partial``, without the factors 1 and -1."""
    if type(partial) is int and partial in (1, -1):
        return bar if partial == 1 else -bar
    return bar * partial


def is_norm(node: Node) -> bool:
    """Is it the square root of a sum of squares, whose derivative at zero is zero?"""
    fn = node.plan.fn
    if fn not in ROOTS and not (fn in POWERS and is_power(node, 0.5)):
        return False
    inner = node.edges[0].plan
    if inner is None:
        return False
    below = node.edges[0].edges
    if inner.rule.kind == "bilinear":
        return len(below) == 2 and below[0] is below[1]
    return inner.fn is np.sum and is_square(below[0])


def is_power(node: Node, exponent: float) -> bool:
    """Is it a power with this number as its exponent?"""
    given = node.args[1]
    return node.plan.wanted == (0,) and (type(given) in (int, float) or np.ndim(given) == 0) and bool(given == exponent)


def is_square(node: Node) -> bool:
    """Does the node multiply something by itself?"""
    if node.plan is None or node.args is FREED:
        return False
    if node.plan.fn in POWERS:
        return is_power(node, 2)
    if node.plan.fn in (operator.mul, np.multiply):
        return len(node.edges) == 2 and node.edges[0] is node.edges[1]
    return node.plan.fn is np.square


def fitted(bar: Any, fit: Any, graph: bool) -> Any:
    """The cotangent in the shape and dtype of its operand, None where it is zero anyway."""
    if bar is None or (type(bar) in (int, float) and bar == 0):
        return None
    if graph or isinstance(bar, Tensor):
        return fitted_tensor(bar, *fit)
    shape, dtype = fit
    if np.shape(bar) != shape:
        bar = np.broadcast_to(bar, shape) if np.ndim(bar) == 0 else runtime.sum_to(bar, shape)
    if isinstance(dtype, type):  # a Python number
        return complex(bar) if dtype is complex else float(bar.real)
    have = getattr(bar, "dtype", None)  # None is equal to the dtype float64
    return cast(bar, dtype) if have is None or have != dtype else bar


def cast(bar: Any, dtype: Any) -> Any:
    """In the dtype of the operand, the real part where that is real."""
    if np.iscomplexobj(bar) and dtype.kind != "c":
        bar = np.real(bar)
    if dtype.kind not in "fc":
        return bar
    return bar.astype(dtype) if hasattr(bar, "astype") else dtype.type(bar)


def fitted_tensor(bar: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """The same where cotangents are recorded."""
    if np.shape(bar) != shape:
        bar = np.broadcast_to(bar, shape) if np.ndim(bar) == 0 else lifted(runtime.sum_to)(bar, shape)
    have = np.result_type(bar) if not isinstance(bar, (float, complex)) else None
    if isinstance(dtype, type) or have is None or have == dtype:
        return lifted(np.real)(bar) if dtype is float and have is not None and have.kind == "c" else bar
    if have.kind == "c" and dtype.kind != "c":
        bar = lifted(np.real)(bar)
    return lifted(runtime.as_type)(bar, dtype) if dtype.kind in "fc" and np.result_type(bar) != dtype else bar


# Masks


def masks_after(node: Node, bar: Any, mask: Mask | None) -> list[Mask | None]:
    """The masks of the operands' cotangents; `node` has not let go of what it saved."""
    plan = node.plan
    if plan is None:
        return [None] * len(node.edges)
    if plan.masks:
        return [Mask(chosen(node, np.shape(bar), i)) for i in range(len(node.edges))]
    if mask is None or mask.depth > 8:
        return [None] * len(node.edges)
    if plan.rule.kind == "elementwise" and node.fits is None:
        return [mask] * len(node.edges)
    if plan.rule.kind == "elementwise":
        return [Mask(summed(mask, fit[0]), mask.depth + 1) for fit in node.fits]
    if plan.rule.kind == "linear" and len(node.edges) == 1:
        return [Mask(carried(node, mask), mask.depth + 1)]
    return [None] * len(node.edges)


def chosen(node: Node, shape: tuple[int, ...], i: int) -> Callable[[], Any]:
    """Where operand number `i` was taken: where a cotangent of ones arrives."""
    copy = Node(node.plan, node.args, node.out, node.edges, node.fits)
    copy.kwargs, copy.places = node.kwargs, node.places
    return lambda: np.not_equal(_or_zero(pull(copy, np.ones(shape), False, None)[i], node.fits[i][0]), 0)


def summed(mask: Mask, shape: tuple[int, ...]) -> Callable[[], Any]:
    """The mask of what broadcasting stretched."""
    return lambda: np.not_equal(runtime.sum_to(np.asarray(mask.find(), float), shape), 0)


def carried(node: Node, mask: Mask) -> Callable[[], Any]:
    """The mask behind a linear map: where numbers that cannot cancel arrive."""
    copy = Node(node.plan, node.args, node.out, node.edges, node.fits)
    copy.kwargs, copy.places = node.kwargs, node.places

    def find() -> Any:
        marks = np.asarray(mask.find(), float)
        marks = marks * np.random.default_rng(0).uniform(1, 2, marks.shape)
        return np.not_equal(_or_zero(pull(copy, marks, False, None)[0], node.fits[0][0]), 0)

    return find


def _or_zero(bar: Any, shape: tuple[int, ...]) -> Any:
    return np.zeros(shape) if bar is None else bar
