"""Functions whose derivative the user writes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.tracer.engine import outside
from srcgrad.tracer.forward import dot_of, levels_in
from srcgrad.tracer.modes import MODE, GradMode
from srcgrad.tracer.node import Node, Pick, Place, fit_of
from srcgrad.tracer.record import is_inexact, wrapped
from srcgrad.tracer.saved import Packed, packed
from srcgrad.tracer.tensor import Tensor, make, plain, store_of
from srcgrad.tracer.views import View
from srcgrad.tracer.writes import refuse_leaf


class Context(Node):
    """What ``forward`` hands to ``backward``; it is the node of the graph as well.

    Attributes
    ----------
    needs_input_grad : which arguments want a gradient
    """

    __slots__ = ("__dict__", "dirty", "function", "likes", "materialize", "saved", "skipped", "slots")

    def __init__(self, function: type[Function], args: tuple[Any, ...]) -> None:
        nodes = [arg._node if isinstance(arg, Tensor) and MODE.on else None for arg in args]
        self.slots = [k for k, node in enumerate(nodes) if node is not None]
        super().__init__(None, (), None, tuple([node for node in nodes if node is not None]))
        self.function = function
        self.needs_input_grad = tuple(node is not None for node in nodes)
        self.saved: tuple[Any, ...] = ()
        self.dirty: tuple[Any, ...] = ()
        self.skipped: tuple[Any, ...] = ()
        self.likes: Any = None
        self.materialize = True

    def name(self) -> str:
        """That of the user's class."""
        return f"{self.function.__name__}Backward"

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep tensors; an error is raised if one is overwritten before ``backward``."""
        self.saved = tuple((packed(t), store_of(t).version if isinstance(t, Tensor) else 0) for t in tensors)

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What was kept."""
        if self.args == ("freed",):
            raise RuntimeError("Trying to backward through the graph a second time. Specify retain_graph=True.")
        for t, version in self.saved:
            if isinstance(t, Tensor) and store_of(t).version != version:
                raise RuntimeError("one of the variables needed for gradient computation has been modified by an "
                                   f"inplace operation: saved by {self.name()}")  # fmt: skip
        return tuple(t.unpack(t.handle) if isinstance(t, Packed) else t for t, _ in self.saved)

    def mark_dirty(self, *tensors: Any) -> None:
        """These arguments were written by ``forward``."""
        self.dirty = tensors

    def mark_non_differentiable(self, *tensors: Any) -> None:
        """These results have no derivative."""
        self.skipped = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Whether absent gradients of results come as zeros (else as None)."""
        self.materialize = value

    def pull(self, bar: Any, graph: bool, keep: bool) -> list[Any]:
        """Call the user's ``backward``."""
        with GradMode(graph):
            given = [self.incoming(bar, k, graph) for k in range(len(self.likes))]
            found = self.function.backward(self, *given)
        found = found if isinstance(found, tuple) else (found,)
        if len(found) != len(self.needs_input_grad):
            raise RuntimeError(f"function {self.name()} returned an incorrect number of gradients (expected "
                               f"{len(self.needs_input_grad)}, got {len(found)})")  # fmt: skip
        if not keep:
            self.free()
        return [outgoing(found[k], graph) for k in self.slots]

    def incoming(self, bar: Any, k: int, graph: bool) -> Any:
        """The gradient of result number `k`."""
        part = bar.items.get((k,)) if hasattr(bar, "items") else bar
        if part is None:
            return make(np.zeros(self.likes[k][0], self.likes[k][1])) if self.materialize else None
        part = outside(part)
        return part if isinstance(part, Tensor) else make(part)


def outgoing(found: Any, graph: bool) -> Any:
    """A cotangent from what the user's ``backward`` returned."""
    if found is None:
        return None
    return outside(found if graph else plain(found))


class Function:
    """Base of functions with a derivative of their own: ``forward(ctx, ...)`` and ``backward(ctx, *grads)``."""

    @staticmethod
    def forward(ctx: Any, *args: Any) -> Any:
        """Compute the result; `ctx` can keep things for ``backward``."""
        raise TypeError("a Function needs forward and backward")

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """The gradients of all arguments, None for those that have none."""
        raise TypeError("a Function needs forward and backward")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Keep things for ``backward``; where it is written, ``forward`` takes no `ctx`."""

    @staticmethod
    def jvp(ctx: Any, *grads: Any) -> Any:
        """The tangents of the results, for forward mode; None stands for an argument without tangent."""
        raise NoForwardMode("forward mode needs a Function with a jvp of its own")

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Call the function."""
        ctx = Context(cls, args)
        given = [alias(arg) if isinstance(arg, Tensor) else arg for arg in args]
        with GradMode(False), Without():
            result = called(cls, ctx, given)
        several = isinstance(result, tuple)
        results = [r if isinstance(r, Tensor) else wrapped(r) for r in (result if several else (result,))]
        ctx.saved = tuple((original(t, args), version) for t, version in ctx.saved)
        ctx.skipped = tuple(map(id, ctx.skipped))
        written = {id(given[k]): arg for k, arg in enumerate(args) if any(given[k] is t for t in ctx.dirty)}
        if ctx.edges:
            ctx.likes = [fit_of(plain(r)) for r in results]
        results = [finished(ctx, r, (k,) if several else None, written.get(id(r))) for k, r in enumerate(results)]
        give_tangents(cls, ctx, args, results)
        return tuple(results) if several else results[0]


class NoForwardMode(RuntimeError):
    """A function of the user's says nothing of forward mode."""


class Without:
    """No forward sweep: what the user's ``forward`` does has the tangents that its ``jvp`` says."""

    def __enter__(self) -> None:
        self._before = MODE.levels
        MODE.levels = 0

    def __exit__(self, *_: object) -> None:
        if self._before:
            MODE.levels = self._before
        else:
            del MODE.levels


def called(cls: type[Function], ctx: Context, given: list[Any]) -> Any:
    """The result of ``forward``, in the one form it can be written or the other."""
    if cls.setup_context is Function.setup_context:
        return cls.forward(ctx, *given)
    forward: Any = cls.forward
    result = forward(*given)
    cls.setup_context(ctx, tuple(given), result)
    return result


def give_tangents(cls: type[Function], ctx: Context, args: tuple[Any, ...], results: list[Any]) -> None:
    """Give the results the tangents that the user's ``jvp`` says."""
    if not MODE.levels:
        return
    for level in sorted(levels_in(args)):
        dots = [dot_of(arg, level) for arg in args]
        found = cls.jvp(ctx, *[None if dot is None or isinstance(dot, Tensor) else make(dot) for dot in dots])
        for result, dot in zip(results, found if isinstance(found, tuple) else (found,), strict=True):
            if dot is not None:
                result._dots = {**(result._dots or {}), level: plain(dot)}


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a ``backward`` that cannot be differentiated itself: to do so is an error.

    Parameters
    ----------
    backward : callable
        ``backward(ctx, *grads)``.

    Returns
    -------
    callable
        The same; what it gives refuses to be differentiated.
    """

    @functools.wraps(backward)
    def inner(ctx: Context, *grads: Any) -> Any:
        with GradMode(False):
            found = backward(ctx, *grads)
        if not MODE.on:
            return found
        parts = found if isinstance(found, tuple) else (found,)
        return tuple(None if part is None else make(plain(part), Once(ctx)) for part in parts)

    return inner


class Once(Node):
    """Stands before the graph of a ``backward`` that cannot be differentiated."""

    __slots__ = ()

    def __init__(self, ctx: Context) -> None:
        super().__init__(None, (), None, ctx.edges)

    @property
    def title(self) -> str:
        """What it is there for."""
        return "Error"

    def pull(self, bar: Any, graph: bool, keep: bool) -> Any:
        """Refuse."""
        raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")


def alias(arg: Tensor) -> Tensor:
    """The argument without its history, sharing its memory."""
    twin = make(arg._value)
    twin._store = store_of(arg)
    return twin


def original(saved: Any, args: tuple[Any, ...]) -> Any:
    """The argument itself, where an alias of it was saved: so that it can be differentiated once more."""
    for arg in args:
        if isinstance(saved, Tensor) and isinstance(arg, Tensor) and saved._value is arg._value:
            return arg
    return saved


def finished(ctx: Context, result: Tensor, place: Place | None, written: Tensor | None) -> Tensor:
    """A result with its node; an argument that was written is that argument."""
    if written is not None:
        return rewritten(ctx, written, place)
    if not ctx.edges or id(result) in ctx.skipped or not is_inexact(result._value):
        return result
    out = make(result._value, ctx if place is None else Pick(ctx, place))
    out._store = result._store
    if out._store is not None and out._node is not None:
        out._node.life = (out._store, out._store.version)
    return out


def rewritten(ctx: Context, arg: Tensor, place: Place | None) -> Tensor:
    """An argument that ``forward`` wrote, as the result."""
    refuse_leaf(arg, arg)
    if isinstance(arg, View):
        raise RuntimeError("mark_dirty: a view cannot be written by a Function; write to a clone() of it")
    store = store_of(arg)
    store.version += 1
    if ctx.edges:
        arg._node = ctx if place is None else Pick(ctx, place)
        arg._node.life = (store, store.version)
    return arg
