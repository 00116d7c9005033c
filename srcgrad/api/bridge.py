"""Functions differentiated from source, called on tensors: each call is one node of the graph.

The node's forward is the function's source-transformed forward half, its sweep back the pullback. Where the sweep is
itself recorded, the pullback is called the same way, as a function of its own, so that every order is at hand.
"""

from __future__ import annotations

import functools
import inspect
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import srcgrad.api.trees as containers
from srcgrad.api.compiled import Compiled
from srcgrad.api.options import Options, choose
from srcgrad.api.products import Backward, Pull, kept, vjp
from srcgrad.api.traced import spread
from srcgrad.errors import FallbackWarning, SourceError, UnsupportedError
from srcgrad.runtime import with_attributes
from srcgrad.tracer.adjoints import SECOND_TIME, overwritten
from srcgrad.tracer.engine import Parts
from srcgrad.tracer.leaving import user_span
from srcgrad.tracer.modes import MODE
from srcgrad.tracer.node import Node, Pick, current
from srcgrad.tracer.record import is_inexact
from srcgrad.tracer.tensor import Store, Tensor, make, store_of

Path = tuple[Any, ...]
SPECIAL = (np.ndarray, np.generic, type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, Compiled)
_warned: set[Any] = set()


def compile(fn: Callable[..., Any], *, fallback: str = "warn") -> Callable[..., Any]:
    """A function of tensors that runs its source-transformed forward and backward.

    Parameters
    ----------
    fn : callable
        A function written for arrays or tensors; or a module, whose parameters get gradients too.
    fallback : str
        What happens where the source cannot be differentiated, or reads tensors from outside, so that the call has to
        be recorded operation by operation: "warn", "silent" or "error".

    Returns
    -------
    callable
        Takes what `fn` takes. Called on tensors that require a gradient, it gives tensors, and its call is one node of
        their graph.

    Examples
    --------
    >>> import numpy as np, srcgrad
    >>> x = srcgrad.tensor([0.0, 1.0], requires_grad=True)
    >>> f = srcgrad.compile(lambda x: np.sum(x**2))
    >>> f(x).backward()
    >>> x.grad
    tensor([0., 2.])
    """
    owner = not isinstance(fn, types.FunctionType | types.MethodType) and holds_tensor(fn)

    @functools.wraps(fn, updated=())
    def compiled(*args: Any, **kwargs: Any) -> Any:
        if MODE.tracing:
            return fn(*args, **kwargs)
        name = None if owner else next(captured_tensors(fn), None)
        if name is not None:
            fall_back(fn, f"reads the tensor `{name}` from outside. Pass it as an argument", fallback)
            return fn(*args, **kwargs)
        try:
            return apply(call_object, (fn, args, kwargs), {}, True) if owner else apply(fn, args, kwargs, True)
        except (UnsupportedError, SourceError) as error:
            if fallback == "error":
                raise
            fall_back(fn, f"cannot be differentiated from source: {error}", fallback)
        return fn(*args, **kwargs)

    return compiled


def call_object(owner: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call an object: it is an argument, so that its attributes are differentiated."""
    return owner(*args, **kwargs)


def fall_back(fn: Callable[..., Any], why: str, fallback: str) -> None:
    """Say that a function is recorded operation by operation."""
    text = f"{getattr(fn, '__name__', type(fn).__name__)} {why}"
    if fallback == "error":
        raise UnsupportedError(text)
    code = getattr(fn, "__code__", type(fn))
    if fallback != "silent" and (code, why) not in _warned:
        _warned.add((code, why))
        span = user_span()
        where = (span.file, span.line) if span is not None else ("", 1)
        warnings.warn_explicit(f"{text} (it is recorded operation by operation)", FallbackWarning, *where)


def captured_tensors(fn: Callable[..., Any]) -> Iterator[str]:
    """The names under which a function, or one that it calls, reaches tensors that are no arguments."""
    stack, seen = [fn], set()
    while stack:
        thing: Any = stack.pop()
        function = getattr(thing, "__func__", thing)
        if (
            not isinstance(function, types.FunctionType)
            or function in seen
            or function.__module__.startswith("srcgrad.")
        ):
            continue
        seen.add(function)
        held = inspect.getclosurevars(function)
        found = {**held.globals, **held.nonlocals}
        found |= {"self": thing.__self__} if isinstance(thing, types.MethodType) else {}
        for name, value in found.items():
            if isinstance(value, (types.FunctionType, types.MethodType)):
                stack.append(value)
            elif holds_tensor(value):
                yield name


# Trees


def parts_of(x: Any) -> list[tuple[Any, Any]] | None:
    """The items of a container or the attributes of an object, with their keys; None for a leaf."""
    if isinstance(x, Tensor):
        return None
    if isinstance(x, dict):
        return list(x.items())
    if isinstance(x, (list, tuple)):
        return list(enumerate(x))
    if isinstance(x, SPECIAL) or type(x).__module__ in ("builtins", "numpy") or not hasattr(x, "__dict__"):
        return None
    return list(vars(x).items())


def tensors_in(x: Any, path: Path = (), above: tuple[int, ...] = ()) -> Iterator[tuple[Path, Tensor]]:
    """Every tensor in nested containers and objects, with each of its paths."""
    if isinstance(x, Tensor):
        yield path, x
    elif id(x) not in above:
        for key, part in parts_of(x) or ():
            yield from tensors_in(part, (*path, key), (*above, id(x)))


def holds_tensor(x: Any) -> bool:
    """Is there a tensor in nested containers and objects?"""
    return next(tensors_in(x), None) is not None


def mapped(change: Callable[[Path, Any], Any], x: Any, path: Path = (), memo: dict[int, Any] | None = None) -> Any:
    """The same structure with leaves changed: what occurs twice in it, twice the same; unchanged things themselves."""
    memo = {} if memo is None else memo
    if id(x) not in memo:
        memo[id(x)] = remade(change, x, path, memo)
    return memo[id(x)]


def remade(change: Callable[[Path, Any], Any], x: Any, path: Path, memo: dict[int, Any]) -> Any:
    """One thing of it."""
    parts = parts_of(x)
    if parts is None:
        return change(path, x)
    made = {key: mapped(change, part, (*path, key), memo) for key, part in parts}
    if all(made[key] is part for key, part in parts):
        return x
    if isinstance(x, dict):
        return type(x)(made)
    if isinstance(x, (list, tuple)):
        return type(x)(*made.values()) if hasattr(x, "_fields") else type(x)(made.values())
    return with_attributes(x, made)


def at(x: Any, path: Path) -> Any:
    """The item of a tree; None where there is nothing."""
    for key in path:
        if x is None:
            return None
        x = x[key] if isinstance(x, (dict, list, tuple)) else vars(x)[key]
    return x


def value_of(path: Path, x: Any) -> Any:
    """A leaf as arrays have it; numbers are numbers."""
    if not isinstance(x, Tensor):
        return x
    value = x._value
    return value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value


# Calls


def check_reached(values: Any, active: list[tuple[Path, Tensor]]) -> None:
    """Refuse tensors in objects that are not differentiated: their gradients would be lost."""
    for path, _ in active:
        thing = values
        for key in path:
            parts = containers.parts_of(thing)
            if parts is None or key not in parts:
                raise UnsupportedError(f"a tensor in an object of `{type(thing).__name__}` cannot be differentiated")
            thing = parts[key]


def positional(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
    """The arguments, those with tensors in a position: only these are differentiated."""
    if not holds_tensor(kwargs):
        return args, kwargs
    bound = inspect.signature(fn).bind(*args, **kwargs)
    if holds_tensor(bound.kwargs):
        raise UnsupportedError("a tensor is given for a parameter that has no position", repair="Make it positional.")
    return bound.args, bound.kwargs


def forward(fn: Callable[..., Any], values: Any, named: Any, argnums: tuple[int, ...], strict: bool) -> tuple[Any, Any]:
    """The value of a function, and its pullback; where the source is refused that of tracing, unless it is `strict`."""
    options = Options("vjp", choose(argnums, None), fallback="error" if strict else "silent")
    given, pull = kept(Backward, fn, options).forward(values, named)
    return given[0], pull


def apply(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], strict: bool = False) -> Any:
    """Call a function of arrays on tensors: the result has one node.

    Parameters
    ----------
    fn : callable
        A function that `vjp` differentiates.
    args, kwargs
        Its arguments: tensors, containers of them, objects with tensors as attributes, anything else.
    strict : bool
        Refuse what cannot be differentiated from source.

    Returns
    -------
    object
        The result, its arrays and numbers as tensors.
    """
    args, kwargs = positional(fn, args, kwargs)
    leaves = list(tensors_in(args))
    active = [(path, t) for path, t in leaves if t._node is not None] if MODE.on else []
    if any(t._dots for _, t in leaves):
        return fn(*args, **kwargs)
    values, named = mapped(value_of, args), mapped(value_of, kwargs)
    if not active:
        return mapped(lambda _, x: entered(x, None), fn(*values, **named))
    check_reached(values, active)
    argnums = tuple(sorted({path[0] for path, _ in active}))
    out, pull = forward(fn, values, named, argnums, strict)
    node = Call(functools.partial(again, fn, args, kwargs), pull, argnums, active)
    node.label = getattr(fn, "__name__", type(fn).__name__)
    node.watched = [(store, store.version) for store in (store_of(t) for _, t in leaves)]
    memory = [t._value for _, t in leaves if isinstance(t._value, np.ndarray)]
    found = mapped(lambda path, x: linked(node, path if parts_of(out) is not None else None, x, memory), out)
    node.template = out
    return found


def entered(x: Any, node: Node | None) -> Any:
    """A leaf of the result as a tensor; what is no number stays as it is."""
    if isinstance(x, Tensor) or not (is_inexact(x) or isinstance(x, np.ndarray)):
        return x
    return make(np.asarray(x), node)


def linked(node: Call, path: Path | None, x: Any, memory: list[Any]) -> Any:
    """A leaf of the result with its node, in memory of its own."""
    shared = isinstance(x, np.ndarray) and any(np.may_share_memory(x, other) for other in memory)
    if shared:
        x = x.copy()
    made = entered(x, None)
    if isinstance(made, Tensor) and is_inexact(x):
        made._node = node if path is None else Pick(node, path)
        if not shared and holds(node.pullback, x):
            node.watched.append((store_of(made), 0))
    return made


def again(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], bars: Any) -> Any:
    """The pullback of a call, itself called on tensors: the cotangents of all arguments."""
    if kwargs:
        bound = inspect.signature(fn).bind(*args, **kwargs)
        bound.apply_defaults()
        if bound.kwargs:
            raise UnsupportedError("the second derivative of a call with keyword arguments", repair="Give positions.")
        args = bound.args
    return apply(pullback_of(fn), (bars, *args), {})


@functools.lru_cache(maxsize=256)
def pullback_of(fn: Callable[..., Any]) -> Callable[..., Any]:
    """The pullback of a function, as a function of the cotangent and of the arguments."""

    def pulled(bars: Any, *args: Any) -> Any:
        _, pullback = vjp(fn, *args)
        return pullback(bars)

    return pulled


def holds(pullback: Any, x: Any) -> bool:
    """May a pullback need a result, which must then stay as it is?"""
    if not isinstance(pullback, Pull):
        return True
    held = [part for part in arrays_in(pullback.residuals) if isinstance(x, np.ndarray)]
    return any(np.may_share_memory(part, x) for part in held)


def arrays_in(x: Any) -> Iterator[np.ndarray]:
    """The arrays in nested containers."""
    if isinstance(x, np.ndarray):
        yield x
    for _, part in parts_of(x) or ():
        yield from arrays_in(part)


class Call(Node):
    """One call of a function that is differentiated from source.

    Attributes
    ----------
    recorded : the pullback on tensors, for a sweep that is itself recorded
    pullback : the pullback; None once it is gone
    argnums : the positions that are differentiated
    paths : where in the arguments the tensors are that want a cotangent
    template : the result
    watched : the stores of arguments and results, with the versions that the pullback saw
    label : the function's name
    """

    __slots__ = ("argnums", "label", "paths", "pullback", "recorded", "template", "watched")

    label: str
    template: Any
    watched: list[tuple[Store, int]]

    def __init__(self, recorded: Any, pullback: Any, argnums: tuple[int, ...],
                 active: list[tuple[Path, Tensor]]) -> None:  # fmt: skip
        super().__init__(None, (), None, tuple([current(t) for _, t in active]))
        self.recorded, self.pullback, self.argnums = recorded, pullback, argnums
        self.paths = [path for path, _ in active]

    def name(self) -> str:
        """That of the function."""
        return f"{self.title}Backward"

    @property
    def title(self) -> str:
        """The function's name."""
        return self.label

    def pull(self, bar: Any, graph: bool, keep: bool) -> list[Any]:
        """Run the pullback."""
        if self.pullback is None:
            raise RuntimeError(SECOND_TIME)
        if any(store.version != version for store, version in self.watched):
            raise RuntimeError(overwritten(self, None))
        whole = not isinstance(bar, Parts)
        bars = bar if whole else mapped(lambda path, _: bar.items.get(path), self.template)
        found = self.recorded(bars) if graph else dict(zip(self.argnums, self.pullback(bars), strict=True))
        if not keep:
            self.pullback = self.recorded = self.template = None
        return [at(found[path[0]], path[1:]) for path in self.paths]


__all__ = ["apply", "compile", "holds_tensor", "spread"]
