"""Calls: of functions with a rule, of functions with source (interpreted in place), of builtins and methods."""

from __future__ import annotations

import enum
import functools
import inspect
import operator
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.errors import SourceError, UnsupportedError
from srcgrad.frontend.activations import Frame
from srcgrad.frontend.array_like import sequences_as_arrays
from srcgrad.frontend.binding import bind_arguments
from srcgrad.frontend.branches import branch, possible, run_block
from srcgrad.frontend.builtins import SPECIAL
from srcgrad.frontend.choices import for_each_option
from srcgrad.frontend.classes import is_users
from srcgrad.frontend.construction import construct
from srcgrad.frontend.containers import new_list
from srcgrad.frontend.context import RAISED, Context, operand_type
from srcgrad.frontend.defined import definition_type, know_settings
from srcgrad.frontend.derivatives import OPERATORS, made_derivative
from srcgrad.frontend.draws import unbound
from srcgrad.frontend.dunders import DUNDERS, OBJECTS, invoke, operate
from srcgrad.frontend.exceptions import ON_EXCEPTIONS, is_exception, made_exception
from srcgrad.frontend.functional import GETTERS, getter
from srcgrad.frontend.generators import generator, is_generator
from srcgrad.frontend.heaps import HEAPS
from srcgrad.frontend.higher import HIGHER, vectorized
from srcgrad.frontend.inplace import INPLACE
from srcgrad.frontend.islands import as_island
from srcgrad.frontend.layout import NEW, SAME, VIEW, einsum_views, note_layout, relation, split_slices
from srcgrad.frontend.lists import container_method
from srcgrad.frontend.liveness import analyse
from srcgrad.frontend.methods import METHODS, SPREAD
from srcgrad.frontend.objects import LocalMethod, class_of, find, is_object
from srcgrad.frontend.promotion import list_type
from srcgrad.frontend.runtime_lists import as_array, list_method
from srcgrad.frontend.source import Source, locate
from srcgrad.frontend.spreading import call_spread, has_spread
from srcgrad.frontend.standard import STANDARD, chosen_by_class, make_named
from srcgrad.frontend.statements import RESULT
from srcgrad.frontend.ufuncs import into, ufunc_method
from srcgrad.frontend.values import (
    Abstract,
    Bound,
    Box,
    Chosen,
    Closure,
    Const,
    Maybe,
    Method,
    Ref,
    Special,
    Sym,
    TupleOf,
)
from srcgrad.ir.core import GO, Operand, Value
from srcgrad.ir.types import Arr, Num
from srcgrad.rules.core import Rule, lookup

OF_LISTS = {np.array, np.stack, np.concatenate, np.vstack, np.hstack, np.dstack, np.column_stack}
PLAIN_RESULTS = (bool, int, float, complex, str, type(None), np.generic, np.dtype, np.finfo, np.iinfo, tuple, enum.Enum,
                 types.UnionType)  # fmt: skip
MAX_DEPTH = 60
OF_TEXT = ("re", "string", "textwrap", "fnmatch", "shlex")  # modules of functions that are evaluated on what is known
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
    folded = fold(ctx, fn, args, kwargs) if _pure(fn) else None
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


def _pure(fn: Any) -> bool:
    module = getattr(fn, "__module__", None) or ""
    if isinstance(fn, types.BuiltinMethodType) and isinstance(fn.__self__, (str, tuple, int, float)):
        return True
    if isinstance(fn, enum.EnumMeta) or module in OF_TEXT or type(getattr(fn, "__self__", None)).__module__ == "re":
        return True
    pure = ("math", "operator", "_operator", "numpy", "builtins", "cmath")
    return module.split(".")[0] in pure and "random" not in module


def fold(ctx: Context, fn: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract | None:
    """The result of a call on constants, where it is a plain value; None where it has to wait."""
    everything = [*args, *kwargs.values()]
    if not all(_static(ctx, thing) for thing in everything):
        return None
    values = [ctx.static(thing, "") for thing in args]
    named = {key: ctx.static(thing, "") for key, thing in kwargs.items()}
    try:
        with np.errstate(all="raise"):
            result = fn(*values, **named)
    except (ArithmeticError, ValueError, TypeError, IndexError, KeyError, AttributeError):
        return None  # it will be raised, or warned of, when the program gets there
    if isinstance(result, list) and isinstance(getattr(fn, "__self__", None), str):
        return new_list(ctx, tuple(map(Const, result)))
    if (getattr(fn, "__module__", None) or type(getattr(fn, "__self__", None)).__module__) in OF_TEXT:
        return Const(result)
    if isinstance(result, PLAIN_RESULTS) and not isinstance(result, np.ndarray):
        return Const(result)
    return None


def _static(ctx: Context, thing: Abstract) -> bool:
    if isinstance(thing, TupleOf):
        return all(_static(ctx, item) for item in thing.items)
    if isinstance(thing, Box) and thing.kind == "list":
        return all(_static(ctx, item) for item in ctx.items(thing))
    if not isinstance(thing, Const):
        return False
    return not isinstance(thing.value, np.ndarray) and not _holds_values(thing.value)


def _holds_values(value: Any) -> bool:
    if isinstance(value, slice):
        return any(isinstance(part, Value) for part in (value.start, value.stop, value.step))
    return False


def call_rule(ctx: Context, rule: Rule, fn: Any, args: list[Abstract], kwargs: dict[str, Abstract], style: str
              ) -> Abstract:  # fmt: skip
    """Emit a call of a function that has a rule."""
    fn, args = with_arrays(ctx, fn, args)
    args, kwargs = sequences_as_arrays(ctx, rule, fn, args, kwargs)
    stored = into(ctx, rule, fn, args, kwargs, style)
    if stored is not None:
        return stored
    if rule.effect == "":
        folded = fold(ctx, fn, args, kwargs)
        if folded is not None:
            return folded
    know_settings(ctx, rule, args, kwargs)
    if may_view(rule, fn) and args and isinstance(args[0], Ref):
        viewed = view(ctx, rule, fn, args, kwargs, style)
        if viewed is not None:
            return viewed
    operands = tuple(ctx.operand(arg) for arg in args)
    named = {key: ctx.operand(arg) for key, arg in kwargs.items()}
    must = rule.effect in ("io", "random")
    known = definition_type(ctx, rule, args, kwargs) if rule.kind == "defined" else None
    made = ctx.wrap(ctx.emit_call(fn, operands, named, style=style, must=must, type_=known))
    if isinstance(made, Ref):
        note_layout(ctx, rule, fn, args, style, made)
        if fn is np.einsum and einsum_views(args) and isinstance(args[1], Ref):
            ctx.may_share(args[1].storage, made.storage)
    return made


def with_arrays(ctx: Context, fn: Any, args: list[Abstract]) -> tuple[Any, list[Abstract]]:
    """A function of NumPy takes a run-time list as an array, unless it is one of arrays side by side."""
    if not any(list_type(ctx, arg) is not None for arg in args) or fn in OF_LISTS:
        return fn, args
    if fn in (np.asarray, np.asanyarray, np.ascontiguousarray):
        return np.array, args
    if is_numpys(fn) or isinstance(fn, np.ufunc) or fn in METHODS.values():
        return fn, [as_array(ctx, arg) for arg in args]
    if getattr(fn, "__module__", "") == "_operator" and any(_is_numpys(ctx, arg) for arg in args):
        return fn, [as_array(ctx, arg) for arg in args]
    return fn, args


def _is_numpys(ctx: Context, thing: Abstract) -> bool:
    """Is it an array or a number of NumPy, which take a list beside them as an array?"""
    kind = operand_type(ctx.operand(thing)) if isinstance(thing, (Ref, Sym)) else None
    return isinstance(kind, Arr) or (isinstance(kind, Num) and kind.kind not in ("int", "bool"))


def may_view(rule: Rule, fn: Any) -> bool:
    """May the result be the first argument, or a view of it?"""
    return rule.view is not False or fn is runtime.as_type


def view(ctx: Context, rule: Rule, fn: Any, args: list[Abstract], kwargs: dict[str, Abstract], style: str
         ) -> Abstract | None:  # fmt: skip
    """A call whose result shares memory with its first argument."""
    base, copied = args[0], kwargs.get("copy")
    assert isinstance(base, Ref)
    if isinstance(copied, Const) and copied.value is True:
        return None
    kind = operand_type(ctx.operand(base))
    operands = [ctx.operand(arg) for arg in args]
    if kwargs:
        operands = positional(ctx, rule, fn, operands, {key: ctx.operand(arg) for key, arg in kwargs.items()})
    how = relation(rule, fn, base, kind, operands)
    if how in (SAME, NEW):
        return base if how == SAME else None
    value = ctx.emit_call(fn, tuple(operands), {}, style=style)
    if isinstance(value.type, Num):
        return Sym(value)
    steps = (*base.steps, (fn, tuple(operands[1:])))
    if how == VIEW and isinstance(value.type, Arr):
        return Ref(base.storage, steps)
    pieces = split_slices(ctx, fn, operands) if how == VIEW else None
    if pieces is not None:
        return TupleOf(tuple(Ref(base.storage, (*base.steps, (operator.getitem, (piece,)))) for piece in pieces))
    return ctx.maybe_view(base, value)


def positional(ctx: Context, rule: Rule, fn: Any, operands: list[Operand], named: dict[str, Operand]
               ) -> list[Operand]:  # fmt: skip
    """All arguments by position, as far as they are given."""
    if rule.vjp is None:
        return operands
    signature = inspect.signature(rule.vjp)
    names = list(signature.parameters.values())[rule.skip :]
    bound = signature.replace(parameters=names).bind(*operands, **named)
    given = max(k + 1 for k, parameter in enumerate(names) if parameter.name in bound.arguments)
    bound.apply_defaults()
    if fn is runtime.as_type:  # takes them all by position
        return [*bound.args, *bound.kwargs.values()]
    for name, value in bound.kwargs.items():
        if value is not signature.parameters[name].default:
            raise ctx.unsupported(f"cannot follow memory through `{name}=` here", "Leave it out.")
    spread = any(parameter.kind is parameter.VAR_POSITIONAL for parameter in names)
    return list(bound.args) if spread else list(bound.args[:given])


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


def inline_object(ctx: Context, fn: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """Interpret the source of a Python function at the place of the call."""
    if is_numpys(fn):
        name = f"{fn.__module__}.{fn.__name__}".replace("numpy", "np", 1)
        raise ctx.unsupported(f"cannot differentiate a call of `{name}`: it has no rule",
                              "Declare a rule for it, or write it in terms of functions that have one.")  # fmt: skip
    derivative = made_derivative(fn)
    if derivative is not None:
        return ctx.call(derivative, args, kwargs)
    if is_exception(fn):
        return made_exception(ctx, fn, args, kwargs)
    if is_users(fn):
        return construct(ctx, fn, args, kwargs)
    if isinstance(fn, type) or not callable(fn):
        raise ctx.unsupported(f"cannot call `{getattr(fn, '__name__', type(fn).__name__)}` here",
                              "Build arrays, tuples, lists or dicts instead.")  # fmt: skip
    if (getattr(fn, "__module__", None) or "").split(".")[0] == "logging":
        if fn.__name__ == "getLogger":  # of one name always the same
            return Const(fn(*(ctx.static(arg, "the name of a logger") for arg in args)))
        raise ctx.unsupported("cannot tell what a call of `logging` does", "Print, or log outside of the function.")
    try:
        source = rule_source(fn) if ctx.fixed_span and isinstance(fn, types.FunctionType) else locate(fn)
    except SourceError as error:
        label = getattr(fn, "__qualname__", repr(fn))
        message = f"cannot differentiate a call of `{label}`: it has no rule and no source"
        repair = "Declare a rule for it, or replace it by NumPy functions."
        return as_island(ctx, fn, args, kwargs, ctx.unsupported(message, repair, str(error)))
    refuge = ctx.refuge()
    try:
        return inline_source(ctx, fn, source, args, kwargs)
    except UnsupportedError as error:
        if refuge is None:
            raise
        refuge.back(ctx, error)
        return as_island(ctx, fn, args, kwargs, error)


def inline_source(ctx: Context, fn: Any, source: Source, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """Interpret the source of a function."""
    guard_call(ctx, fn)
    bound = [ctx.fixed(v, f"argument_{k}") for k, v in enumerate(source.bound_args)]
    named = {key: ctx.fixed(v, key) for key, v in source.bound_kwargs.items()}
    frame = ctx.activation(source.node, source, None)
    defaults = [_default(ctx, source, k) for k in range(len(source.fn.__defaults__ or ()))]
    kw_defaults = {key: _kw_default(ctx, source, key) for key in (source.fn.__kwdefaults__ or {})}
    return inline(ctx, frame, [*bound, *args], {**named, **kwargs}, defaults, kw_defaults)


def keywords_of(ctx: Context, fn: functools.partial[Any]) -> dict[str, Abstract]:
    """The keywords of a partial, which can be changed."""
    names = list(fn.keywords)
    ctx.guard(lambda: list(fn.keywords) == names, True)
    return {key: ctx.plain(value, key, keyword_of(fn, key)) for key, value in fn.keywords.items()}


def keyword_of(fn: functools.partial[Any], key: str) -> Callable[[], Any]:
    """The reader of a keyword."""
    return lambda: fn.keywords[key]


def guard_call(ctx: Context, fn: Any) -> None:
    """What a call of an object runs is decided by its class, whose method may be replaced."""
    if is_users(type(fn)):
        cls = type(fn)
        ctx.guard(lambda: (type(fn), find(type(fn), "__call__")) == (cls, method), True)
        method = find(cls, "__call__")


def is_numpys(fn: Any) -> bool:
    """Is it a function of NumPy's own? Its source is not a program that users can change."""
    module = getattr(fn, "__module__", None) or ""
    return module.split(".")[0] == "numpy" and hasattr(fn, "__name__") and not isinstance(fn, type)


@functools.lru_cache(maxsize=2048)
def rule_source(fn: types.FunctionType) -> Source:
    """The source of a rule, or of what a rule calls: of the same function always the same."""
    return locate(fn)


def _default(ctx: Context, source: Source, k: int) -> Abstract:
    label = f"{source.fn.__name__}.defaults[{k}]"
    if source.fn.__module__.startswith("srcgrad.frontend."):  # ours, and never changed
        return Const((source.fn.__defaults__ or ())[k])
    return ctx.plain((source.fn.__defaults__ or ())[k], label, lambda: (source.fn.__defaults__ or ())[k])


def _kw_default(ctx: Context, source: Source, key: str) -> Abstract:
    label = f"{source.fn.__name__}.{key}"
    return ctx.plain((source.fn.__kwdefaults__ or {})[key], label, lambda: (source.fn.__kwdefaults__ or {})[key])


def inline_closure(ctx: Context, fn: Closure, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
    """Interpret a nested function or lambda at the place of the call."""
    frame = ctx.activation(fn.node, fn.frame.source, fn.frame)
    return inline(ctx, frame, args, kwargs, list(fn.defaults), fn.kw_defaults)


def inline(ctx: Context, frame: Frame, args: list[Abstract], kwargs: dict[str, Abstract], defaults: list[Abstract],
           kw_defaults: dict[str, Abstract]) -> Abstract:  # fmt: skip
    """Run a function's body in an activation of its own."""
    bound = bind_arguments(ctx, frame.node, args, kwargs, defaults, kw_defaults)
    if is_generator(frame.node):
        return generator(ctx, frame, bound)
    if ctx.recursion is None:
        return activate(ctx, frame, bound)
    result: Abstract = ctx.recursion.through(frame, bound, lambda: activate(ctx, frame, bound))
    return result


def activate(ctx: Context, frame: Frame, bound: dict[str, Abstract]) -> Abstract:
    """Run a function's body on its parameters."""
    if sum(f.node is frame.node for f in ctx.frames) > MAX_DEPTH:
        raise ctx.unsupported("the recursion does not end while its arguments are known", "")
    for name, thing in bound.items():
        ctx.state.variables[(frame.number, name)] = thing
    span = ctx.span
    ctx.frames.append(frame)
    try:
        result = run_function(ctx, frame)
    finally:
        ctx.frames.pop()
        ctx.span = span
    ctx.forget(frame)
    return result


def run_function(ctx: Context, frame: Frame) -> Abstract:
    """Interpret the body of the innermost activation; its result."""
    node = frame.node
    if not isinstance(node.body, list):
        return ctx.settle(ctx.expr(node.body))
    status = run_block(ctx, node.body)
    if status == RAISED and ctx.recursion is not None:
        ctx.recursion.dead_end()
    return function_result(ctx, frame, status)


def function_result(ctx: Context, frame: Frame, status: Operand) -> Abstract:
    """What a function returns, None where it falls off its end."""
    key = (frame.number, RESULT)
    ctx.pass_on()
    if isinstance(status, Value) and GO in possible(ctx, ctx.block, status):
        fell = ctx.emit(operator.eq, status, GO, type_=Num("bool"), must=False)

        def none() -> tuple[Operand, None]:
            ctx.state.variables[key] = Const(None)
            return GO, None

        branch(ctx, fell, none, lambda: (GO, None))
    if status in (GO, RAISED):
        return Const(None)
    result = ctx.state.variables.get(key, Const(None))
    return result.held if isinstance(result, Maybe) else ctx.settle(result)


@functools.lru_cache(maxsize=512)
def liveness_of(node: Any) -> Any:
    """The liveness of a function, once."""
    return analyse(node)
