"""From a callable to the plain Python function that runs when it is called, and the arguments already bound to it."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from srcgrad.errors import SourceError

Unwrapped = tuple[types.FunctionType, tuple[Any, ...], dict[str, Any]]

# Compiled wrappers that are known to give what the function under them gives, and where they keep it. A wrapper that
# is not listed may do anything (scale, retry, log), so its `__wrapped__` is not what runs and is never followed.
TRANSPARENT = {
    "builtins.staticmethod": "__func__",
    "functools._lru_cache_wrapper": "__wrapped__",
    "numpy._ArrayFunctionDispatcher": "_implementation",
    "numba.core.registry.CPUDispatcher": "py_func",
}


def unwrap(obj: Callable[..., Any], args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None) -> Unwrapped:
    """The function that runs when `obj` is called.

    Parameters
    ----------
    obj : callable
        A function, method, ``functools.partial``, callable instance, or a compiled wrapper of a known kind.
    args : tuple
        Positional arguments bound by what was taken off already; they come after those found here.
    kwargs : mapping, optional
        Keyword arguments bound already; they win over those found here.

    Returns
    -------
    tuple
        The function, the bound positional arguments (``self`` first) and the bound keyword arguments.

    Raises
    ------
    SourceError
        For classes, compiled functions, and wrappers that cannot be read.
    """
    kwargs = dict(kwargs or {})
    if isinstance(obj, types.FunctionType):
        return obj, args, kwargs
    if isinstance(obj, types.MethodType):
        return unwrap(obj.__func__, (obj.__self__, *args), kwargs)
    if isinstance(obj, type):
        _refuse_class(obj)
    call = _call_of(obj)
    if call is not None and not isinstance(call, types.WrapperDescriptorType):
        return unwrap(_bind(call, obj), args, kwargs)
    if isinstance(obj, functools.partial):
        return unwrap(obj.func, _positions(obj, args), {**obj.keywords, **kwargs})
    inner = getattr(obj, TRANSPARENT.get(_type_name(obj), ""), None)
    if inner is None:
        _refuse(obj)
    return unwrap(inner, args, kwargs)


def name_of(obj: object) -> str:
    """What to call `obj` in a message: its name where it has one, else its type's."""
    name = getattr(obj, "__name__", None)
    return name if isinstance(name, str) else type(obj).__name__


def _positions(part: functools.partial[Any], args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The positional arguments of a partial, then `args`; Python 3.14 placeholders are not filled in."""
    hole = getattr(functools, "Placeholder", None)
    if hole is not None and any(arg is hole for arg in part.args):
        raise SourceError(
            f"`{name_of(part.func)}` is bound with `functools.Placeholder`",
            reason="which argument fills which place is known only at the call",
            repair="write a lambda or a def that passes the arguments in order",
        )
    return (*part.args, *args)


def _call_of(obj: object) -> Any:
    """What a call of `obj` looks up: `__call__` of its type, not of the instance, and not yet bound."""
    return next((vars(k)["__call__"] for k in type(obj).__mro__ if "__call__" in vars(k)), None)


def _bind(call: Any, obj: object) -> Any:
    """`call` as found in a class, seen from the instance `obj`."""
    get = getattr(type(call), "__get__", None)
    return call if get is None else get(call, obj, type(obj))


def _type_name(obj: object) -> str:
    return f"{type(obj).__module__}.{type(obj).__qualname__}"


def _refuse_class(cls: type) -> NoReturn:
    raise SourceError(
        f"`{cls.__name__}` is a class, not a function",
        reason="calling a class builds an object, which is not a value to differentiate",
        repair="write a function that builds the object and returns a number computed with it",
    )


def _refuse(obj: object) -> NoReturn:
    name = name_of(obj)
    if not callable(obj):
        raise SourceError(
            f"an object of type `{type(obj).__name__}` cannot be called",
            reason="only functions, methods, partials and objects with `__call__` have a derivative",
            repair="pass the function itself, not its result",
        )
    if getattr(obj, "__wrapped__", None) is not None:
        raise SourceError(
            f"`{name}` has no Python source",
            reason=f"it is a compiled wrapper ({_type_name(obj)}), and what it adds to the wrapped function is unknown",
            repair=f"pass `{name}.__wrapped__` if the wrapper does not change the value",
        )
    raise SourceError(
        f"`{name}` has no Python source",
        reason=f"it is compiled code ({_type_name(obj)})",
        repair=f"call it inside a Python function: `lambda *args: {name}(*args)`",
    )
