"""Calls of functions on tensors: the result, and the node that remembers how it came about."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import srcgrad.rules
from srcgrad import runtime
from srcgrad.errors import UnsupportedError
from srcgrad.rules.core import Rule, lookup
from srcgrad.tracer.forward import push
from srcgrad.tracer.gone import Gone
from srcgrad.tracer.leaving import note_text, refuse, user_span
from srcgrad.tracer.lift import Lifter
from srcgrad.tracer.modes import MODE
from srcgrad.tracer.node import Node, Pick, Place, Plan, Whole, current, fit_of, name_of, plan_of, shown
from srcgrad.tracer.saved import packed
from srcgrad.tracer.tensor import Tensor, holds_tensor, is_array, make, plain, store_of
from srcgrad.tracer.views import view

Kwargs = dict[str, Any]
CHAPTERS = srcgrad.rules.CHAPTERS
SMALL = 1024  # elements: what is saved although only its shape is needed
COPIERS = {np.array, np.astype, runtime.as_type}  # which do not copy where they are asked not to
OPAQUE = "OSUVMm"  # kinds of dtype that hold no numbers a derivative could follow
STEERS = {
    "condition",
    "where",
    "indices",
    "x2",
    "sorter",
    "initial",
    "kth",
}  # their derivative is zero, if they have one


BEFORE: list[Callable[[Any, tuple[Any, ...]], tuple[Any, ...]]] = []  # may change the arguments of every call


def record(fn: Any, args: tuple[Any, ...], kwargs: Kwargs) -> Any:
    """Call `fn` on arguments among which are tensors."""
    for change in BEFORE:
        args = change(fn, args)
    if MODE.profile is not None:
        return MODE.profile.timed(name_of(fn), args, called, fn, args, kwargs)
    return called(fn, args, kwargs)


def called(fn: Any, args: tuple[Any, ...], kwargs: Kwargs) -> Any:
    """The same, when the arguments are settled."""
    rule = lookup(fn)
    if rule is None:
        return without_rule(fn, args, kwargs)
    if rule.kind == "defined":
        return LIFTER.seen(rule.vjp)(*args, **kwargs)
    if rule.kind in ("elementwise", "bilinear"):
        args = tuple([joined(arg) for arg in args])
    values, named = plain(args), plain(kwargs) if kwargs else kwargs
    result = fn(*values, **named)
    if getattr(getattr(result, "dtype", None), "kind", "f") in OPAQUE:
        check_readable(fn, args, kwargs)
    if rule.kind == "constant":
        check_not_refused(fn, rule, args, kwargs)
        if result is None or isinstance(result, str):
            note_text(args)
        return settled(result)
    shared = shared_view(fn, rule, args, values, named, result) if rule.view or fn in COPIERS else None
    if shared is not None:
        return shared
    if not MODE.on and not MODE.levels:
        return wrapped(result)
    operands = list(operands_in(rule, args, kwargs))
    check_nothing_lost(fn, rule, args, kwargs)
    out = noted(fn, rule, operands, args, kwargs, result) if MODE.on else wrapped(result)
    if MODE.levels:
        push(fn, rule, args, kwargs, out, lifted)
        remember(out)
    return out


def remember(out: Any) -> None:
    """Let the node of a result know its tangents, for a sweep back under a forward sweep."""
    if isinstance(out, Tensor):
        node = out._node
        if node is not None and node.out is not None and out._dots and not isinstance(node.out, (list, tuple, Gone)):
            node.out = shadow(out)
    elif isinstance(out, (list, tuple)) and any(isinstance(item, Tensor) and item._dots for item in out):
        nodes = [item._node for item in out if isinstance(item, Tensor) and item._node is not None]
        whole = nodes[0].edges[0] if nodes else None
        if whole is not None and whole.out is not None:
            whole.out = rebuilt(out, [shadow(item) if isinstance(item, Tensor) else item for item in out])


def shadow(tensor: Tensor) -> Tensor:
    """The value and the tangents of a tensor, without its node."""
    made = make(tensor._value)
    made._dots = tensor._dots
    return made


def anew(value: Any, node: Node) -> Tensor:
    """A saved value as a tensor of the graph again."""
    if not isinstance(value, Tensor):
        return make(value, node)
    made = make(value._value, node)
    made._dots = value._dots
    return made


def lifted(fn: Any) -> Any:
    """The function as it is called on tensors."""
    return LIFTER.called(fn) if isinstance(fn, type) else LIFTER.seen(fn)


def wrap_array(value: Any) -> Any:
    """A new array as a tensor, so that tensors can be written into it."""
    return make(value) if is_array(value) and value.dtype.kind in "fc" else value


LIFTER = Lifter(record, wrap_array)


def joined(arg: Any) -> Any:
    """A list of tensors, given where an array is meant, as one tensor."""
    return record(np.array, (arg,), {}) if isinstance(arg, (list, tuple)) and holds_tensor(arg) else arg


# Results


def wrapped(result: Any) -> Any:
    """Arrays and numbers of a result as tensors without node."""
    if isinstance(result, (tuple, list)):
        return rebuilt(result, [wrapped(item) for item in result])
    known = isinstance(result, (np.ndarray, np.generic, float, complex)) and not isinstance(result, Tensor)
    return make(result) if known else result


def settled(result: Any) -> Any:
    """A result without derivative: arrays of numbers can still be written into, single numbers are plain."""
    if is_array(result) and (result.dtype.kind in "fc" or not MODE.tracing) and result.dtype.kind in "fciub":
        return make(result)
    return result


def rebuilt(like: Any, items: list[Any]) -> Any:
    """The items in the kind of container that `like` is."""
    return type(like)(*items) if hasattr(like, "_fields") else type(like)(items)


def is_inexact(value: Any) -> bool:
    """Is it a floating or complex number, or an array of them?"""
    if isinstance(value, (float, complex)):
        return True
    dtype = getattr(value, "dtype", None)
    return dtype is not None and dtype.kind in "fc"


def shared_view(fn: Any, rule: Rule, args: Any, values: Any, named: Kwargs, result: Any) -> Any:
    """The result as views of the first argument, None where it is not."""
    first = args[0] if args else None
    if not isinstance(first, Tensor) or not isinstance(values[0], np.ndarray):
        return None
    step = (functools.partial(fn, **named) if named else fn, values[1:])
    if isinstance(result, np.ndarray):
        return view(first, step, result) if np.may_share_memory(result, values[0]) else None
    if not isinstance(result, (tuple, list)) or not all(isinstance(r, np.ndarray) for r in result):
        return None
    if not all(np.may_share_memory(r, values[0]) for r in result):
        return None
    return rebuilt(result, [view(first, step, item, (item_of, (k,))) for k, item in enumerate(result)])


def item_of(items: Any, k: int) -> Any:
    """One of several results."""
    return items[k]


# Nodes


def noted(fn: Any, rule: Rule, operands: list[Any], args: Any, kwargs: Kwargs, result: Any) -> Any:
    """The result with the node of the call, if an operand wants a cotangent."""
    active = [entry for entry in operands if entry[3]._node is not None]
    if not active:
        return wrapped(result)
    node = node_of(fn, rule, active, args, kwargs, result)
    if isinstance(result, (tuple, list)):
        return picked(node, result, ())
    return make(result, node) if is_inexact(result) else settled(result)


def picked(node: Node, result: Any, path: Place) -> Any:
    """The items of a result, each with its node."""
    if isinstance(result, (tuple, list)):
        return rebuilt(result, [picked(node, item, (*path, k)) for k, item in enumerate(result)])
    return anew(result, Pick(node, path)) if is_inexact(plain(result)) else result


def likes_of(result: Any) -> Any:
    """Shapes and dtypes in the structure of a result."""
    return [likes_of(item) for item in result] if isinstance(result, (tuple, list)) else fit_of(result)


def node_of(fn: Any, rule: Rule, active: list[Any], args: Any, kwargs: Kwargs, result: Any) -> Node:
    """The node of a call on the operands that want a cotangent."""
    plan = plan_of(fn, rule, tuple(sorted({k for k, *_ in active})))
    guards: list[Any] = []
    names = parameter_names(rule, len(args))
    kept = tuple([saved(arg, plan.keeps(name), guards) for arg, name in zip(args, names, strict=True)])
    several = isinstance(result, (tuple, list))
    node = (Whole if several else Node)(plan, kept, kept_result(plan, result), tuple([current(t) for *_, t in active]))
    if isinstance(node, Whole):
        node.likes = likes_of(result)
    node.kwargs = {name: saved(arg, plan.keeps(name), guards) for name, arg in kwargs.items()}
    node.places = tuple([entry[:3] for entry in active])
    node.fits = tuple([fit_of(t._value) for *_, t in active])
    node.guards = guards or None
    shown(node)
    return node


def kept_result(plan: Plan, result: Any) -> Any:
    """What a node keeps of its result: perhaps only the shape."""
    if plan.keeps_out or not plan.asks_out:
        return packed(result) if plan.keeps_out else None
    return Gone(result) if isinstance(result, np.ndarray) and result.size > SMALL else result


def saved(arg: Any, keep: bool, guards: list[Any]) -> Any:
    """What a node keeps of an argument: plain arrays that could be written are copied, tensors are watched."""
    if isinstance(arg, Tensor):
        value = arg._value
        if not keep:
            return Gone(value) if isinstance(value, np.ndarray) and value.size > SMALL else value
        if arg._node is None and isinstance(value, np.ndarray):
            store = store_of(arg)
            guards.append((store, store.version))
        return packed(shadow(arg) if arg._dots else value)
    if isinstance(arg, (list, tuple)):
        return rebuilt(arg, [saved(item, keep, guards) if keep else plain(item) for item in arg])
    if is_array(arg) and keep and arg.flags.writeable:
        return arg.copy()
    return arg


@functools.lru_cache(maxsize=4096)
def positional(rule: Rule) -> tuple[tuple[str, ...], str]:
    """The names of the parameters that take positional arguments, and that of the one that takes the rest."""
    assert rule.vjp is not None
    parameters = list(inspect.signature(rule.vjp).parameters.values())[rule.skip :]
    single = tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))
    return single, next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), "")


def parameter_names(rule: Rule, count: int) -> list[str]:
    """The names of the parameters of this many positional arguments."""
    single, rest = positional(rule)
    return [*single[:count], *[rest] * (count - len(single))]


def operands_in(rule: Rule, args: Any, kwargs: Kwargs) -> Iterator[tuple[int, Place, Place, Tensor]]:
    """Every tensor in an operand: the operand's number, the place in the call, the place in the operand, the tensor."""
    single, rest = positional(rule)
    for k, name in enumerate(rule.operands):
        if name in kwargs:
            yield from ((k, (name, *path), path, t) for path, t in tensors_in(kwargs[name]))
        elif name == rest:
            start = len(single)
            yield from ((k, (start + p[0], *p[1:]), p, t) for p, t in tensors_in(tuple(args[start:])))
        elif name in single and single.index(name) < len(args):
            at = single.index(name)
            yield from ((k, (at, *path), path, t) for path, t in tensors_in(args[at]))


def tensors_in(x: Any, path: Place = ()) -> Iterator[tuple[Place, Tensor]]:
    """Every tensor in nested lists and tuples, with its place."""
    if isinstance(x, Tensor):
        yield path, x
    elif isinstance(x, (list, tuple)):
        for k, item in enumerate(x):
            yield from tensors_in(item, (*path, k))


# Refusals


def check_nothing_lost(fn: Any, rule: Rule, args: Any, kwargs: Kwargs) -> None:
    """Refuse a derivative with respect to a parameter that the rule does not differentiate."""
    if getattr(fn, "__module__", "") == "srcgrad.runtime":
        return
    named = [*zip(parameter_names(rule, len(args)), args, strict=True), *kwargs.items()]
    for name, arg in named:
        free = name in rule.operands or name in STEERS or name in rule.shape_only
        if not free and isinstance(arg, Tensor) and (arg._node is not None or arg._dots) and is_inexact(arg._value):
            raise refuse(
                UnsupportedError(
                    f"`{label(fn)}` has no derivative by its argument `{name}`",
                    span=user_span(),
                    repair="detach() the argument if its derivative does not matter.",
                )
            )


def check_not_refused(fn: Any, rule: Rule, args: Any, kwargs: Kwargs) -> None:
    """Refuse a derivative where a rule says that there is none."""
    if rule.refuses and any(t._dots or t._node is not None for _, t in tensors_in((args, tuple(kwargs.values())))):
        raise refuse(
            UnsupportedError(f"cannot differentiate `{label(fn)}`", span=user_span(), reason=rule.refuses[0][1])
        )


def check_readable(fn: Any, args: Any, kwargs: Kwargs) -> None:
    """Refuse arrays of objects, text or records made of values with a derivative."""
    if any(t._dots or t._node is not None for _, t in tensors_in((args, tuple(kwargs.values())))):
        raise refuse(
            UnsupportedError(
                f"`{label(fn)}` makes an array of objects, text or records of a value that has a derivative",
                span=user_span(),
                repair="Use a floating dtype, or detach() the value.",
            )
        )


def without_rule(fn: Any, args: Any, kwargs: Kwargs) -> Any:
    """A function without rule can be called where no derivative is asked for."""
    found = [t for _, t in tensors_in((args, tuple(kwargs.values())))]
    if any(t._dots for t in found) or (MODE.on and any(t._node is not None for t in found)):
        raise refuse(
            UnsupportedError(
                f"cannot differentiate a call of `{label(fn)}`: it has no rule",
                span=user_span(),
                repair="Declare a rule for it, or write it in terms of NumPy functions.",
            )
        )
    return wrapped(fn(*plain(args), **plain(kwargs)))


def label(fn: Any) -> str:
    """How to name a function in a message."""
    module = (getattr(fn, "__module__", None) or "").split(".")[0]
    name = getattr(fn, "__name__", type(fn).__name__)
    return f"np.{name}" if module == "numpy" or isinstance(fn, np.ufunc) else str(name)
