"""Calls: of builtins, methods and objects that are known; which of the ways to call it is meant."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.frontend.builtins import SPECIAL
from srcgrad.frontend.choices import for_each_option
from srcgrad.frontend.context import Context
from srcgrad.frontend.derivatives import OPERATORS
from srcgrad.frontend.draws import unbound
from srcgrad.frontend.dunders import DUNDERS, OBJECTS, invoke, operate
from srcgrad.frontend.exceptions import ON_EXCEPTIONS
from srcgrad.frontend.functional import GETTERS, getter
from srcgrad.frontend.heaps import HEAPS
from srcgrad.frontend.higher import HIGHER, vectorized
from srcgrad.frontend.inlining import inline_closure, inline_object
from srcgrad.frontend.inplace import INPLACE
from srcgrad.frontend.known_calls import fold, is_pure
from srcgrad.frontend.lists import container_method
from srcgrad.frontend.methods import METHODS, SPREAD
from srcgrad.frontend.objects import LocalMethod, class_of, is_object
from srcgrad.frontend.promotion import list_type
from srcgrad.frontend.rule_calls import call_rule
from srcgrad.frontend.runtime_lists import list_method
from srcgrad.frontend.spreading import call_spread, has_spread
from srcgrad.frontend.standard import STANDARD, chosen_by_class, make_named
from srcgrad.frontend.ufuncs import ufunc_method
from srcgrad.frontend.values import Abstract, Bound, Box, Chosen, Closure, Const, Method, Ref, Special, Sym, TupleOf
from srcgrad.rules.core import lookup

WALKERS = {
    sum,
    list,
    tuple,
    sorted,
    set,
    frozenset,
    any,
    all,
    max,
    min,
    enumerate,
    zip,
}  # what asks an object to `iter`


def call(ctx: Context, fn: Abstract, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """Call anything."""
    style = kwargs.pop("<style>", None)
    match fn:
        case Closure():
            return inline_closure(ctx, fn, args, kwargs)
        case Method(owner, name):
            return call_method(ctx, owner, name, args, kwargs)
        case Bound(inner, own, named):
            return call(ctx, inner, [*own, *args], {**named, **kwargs})
        case Const(value) if class_of(fn) is None or lookup(value) is not None:
            return call_object(ctx, value, args, kwargs, style.value if isinstance(style, Const) else "")
        case Chosen():
            return for_each_option(ctx, fn, lambda option: call_option(ctx, option, args, dict(kwargs)))
        case Sym() | Ref():
            raise ctx.unsupported("cannot tell which function this calls", "Call a function that is known by name.")
    if isinstance(fn, Special):
        return fn.call(ctx, args, kwargs)
    if class_of(fn) is not None:
        return invoke(ctx, fn, "__call__", args, kwargs)
    raise ctx.unsupported("cannot call this", "")


def call_option(ctx: Context, fn: Abstract, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """Call one of the things that may be meant: None, too."""
    if isinstance(fn, Const) and fn.value is None:
        raise ctx.raises(TypeError, "'NoneType' object is not callable")
    return call(ctx, fn, args, kwargs)


def call_object(ctx: Context, fn: Any, args: list[Abstract], kwargs: dict[str, Abstract], style: str) -> Abstract:
    """Call a Python object that is known."""
    if has_spread(args) and not isinstance(fn, types.FunctionType | types.MethodType | LocalMethod):
        return call_spread(ctx, Const(fn), args, kwargs)
    if isinstance(fn, types.MethodType) and isinstance(fn.__func__, LocalMethod):
        return inline_closure(ctx, fn.__func__.thing, [Const(fn.__self__), *args], kwargs)
    if _hashable(fn) and fn in WALKERS and (len(args) == 1 or fn is zip):
        args = [ctx.settle(ctx.call(Const(iter), [arg], {})) if is_object(arg) else arg for arg in args]
    if isinstance(fn, LocalMethod):
        return inline_closure(ctx, fn.thing, args, kwargs)
    for handler in handlers(fn):
        result = handler(ctx, args, kwargs)
        if result is not NotImplemented:
            found: Abstract = result
            return found
    if isinstance(getattr(fn, "__self__", None), np.ufunc):
        return ufunc_method(ctx, fn.__self__, fn.__name__, args, kwargs)
    drawn = unbound(fn)
    if drawn is not None:
        return call_object(ctx, drawn[0], [Const(drawn[1]), *args], kwargs, "method")
    if fn is np.astype:  # the function of the method's name; a device means nothing
        named = {key: arg for key, arg in kwargs.items() if key != "device"}
        return call_object(ctx, runtime.as_type, args, named, "method")
    rule = lookup(fn)
    if rule is not None:
        return call_rule(ctx, rule, fn, args, kwargs, style)
    return call_without_rule(ctx, fn, args, kwargs)


def call_without_rule(ctx: Context, fn: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """Call what stands for another callable, can be evaluated at once, or has source."""
    if isinstance(fn, functools.partial):
        own = keywords_of(ctx, fn)
        first = [ctx.fixed(v, f"argument_{k}") for k, v in enumerate(fn.args)]
        return call_object(ctx, fn.func, [*first, *args], {**own, **kwargs}, "")
    if isinstance(fn, GETTERS):
        return getter(ctx, fn, args)
    chosen = chosen_by_class(ctx, fn, args)
    if chosen is not None:
        return call_object(ctx, chosen, args, kwargs, "")
    point = make_named(ctx, fn, args)
    if point is not None:
        return point
    if isinstance(fn, type) and fn in GETTERS:
        return Const(fn(*(ctx.static(arg, "what to get") for arg in args)))
    folded = fold(ctx, fn, args, kwargs) if is_pure(fn) else None
    if folded is not None:
        return folded
    return inline_object(ctx, fn, args, kwargs)


def handlers(fn: Any) -> list[Callable[..., Any]]:
    """What may interpret a call of this object in a way of its own, first come first served."""
    if not _hashable(fn):
        return []
    if type(fn) is np.vectorize and lookup(fn) is None:
        return [vectorized(fn)]
    tables = (ON_EXCEPTIONS, OBJECTS, SPECIAL, STANDARD, HEAPS, INPLACE, HIGHER, OPERATORS)
    known = [table[fn] for table in tables if fn in table]
    first = known[:1] if fn in ON_EXCEPTIONS else []
    return [*first, functools.partial(on_objects, fn), *known] if fn in DUNDERS else known


def on_objects(fn: Any, ctx: Context, args: list[Abstract], kwargs: dict[str, Abstract]) -> Any:
    """An operator or builtin on an object of the user's class."""
    if kwargs or all(class_of(thing) is None for thing in args):
        return NotImplemented
    return operate(ctx, fn, args)


def _hashable(fn: Any) -> bool:
    try:
        hash(fn)
    except TypeError:
        return False
    return True


def call_method(ctx: Context, owner: Abstract, name: str, args: list[Abstract], kwargs: dict[str, Abstract]
                ) -> Abstract:  # fmt: skip
    """A method of an array, a number or a container."""
    if isinstance(owner, Ref) and list_type(ctx, owner) is not None:
        return list_method(ctx, owner, name, args, kwargs)
    if isinstance(owner, Box) and owner.kind == "object":
        return inline_object(ctx, getattr(owner.cls, name), [owner, *args], kwargs)
    if isinstance(owner, Box):
        return container_method(ctx, owner, name, args, kwargs)
    if name == "item" and args:
        raise ctx.unsupported("cannot read through `.item(index)`", "Index the array.")
    if name in SPREAD and args and not isinstance(args[0], (TupleOf, Box, Ref)) and not _is_tuple_constant(args[0]):
        args = [TupleOf(tuple(args))]
    return call_object(ctx, METHODS[name], [owner, *args], kwargs, "method")


def _is_tuple_constant(thing: Abstract) -> bool:
    return isinstance(thing, Const) and isinstance(thing.value, (tuple, type(None)))


def keywords_of(ctx: Context, fn: functools.partial[Any]) -> dict[str, Abstract]:
    """The keywords of a partial, which can be changed."""
    names = list(fn.keywords)
    ctx.guard(lambda: list(fn.keywords) == names, True)
    return {key: ctx.plain(value, key, keyword_of(fn, key)) for key, value in fn.keywords.items()}


def keyword_of(fn: functools.partial[Any], key: str) -> Callable[[], Any]:
    """The reader of a keyword."""
    return lambda: fn.keywords[key]
