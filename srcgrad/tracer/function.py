"""Functions whose derivative the user writes."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.tracer.engine import outside
from srcgrad.tracer.modes import MODE, GradMode
from srcgrad.tracer.node import Node, Pick, Place, fit_of
from srcgrad.tracer.record import rebuilt, wrapped
from srcgrad.tracer.tensor import Tensor, make, plain, store_of


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
        self.saved = tuple((t, store_of(t).version if isinstance(t, Tensor) else 0) for t in tensors)

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What was kept."""
        if self.args == ("freed",):
            raise RuntimeError("Trying to backward through the graph a second time. Specify retain_graph=True.")
        for t, version in self.saved:
            if isinstance(t, Tensor) and store_of(t).version != version:
                raise RuntimeError("one of the variables needed for gradient computation has been modified by an "
                                   f"inplace operation: saved by {self.name()}")  # fmt: skip
        return tuple(t for t, _ in self.saved)

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

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Call the function."""
        ctx = Context(cls, args)
        with GradMode(False):
            result = cls.forward(ctx, *[alias(arg) if isinstance(arg, Tensor) else arg for arg in args])
        several = isinstance(result, tuple)
        results = [r if isinstance(r, Tensor) else wrapped(r) for r in (result if several else (result,))]
        ctx.saved = tuple((original(t, args), version) for t, version in ctx.saved)
        if not ctx.edges:
            return tuple(results) if several else results[0]
        ctx.likes = [fit_of(plain(r)) for r in results]
        outs = [finished(ctx, r, (k,) if several else None) for k, r in enumerate(results)]
        return rebuilt(tuple(outs), outs) if several else outs[0]


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


def finished(ctx: Context, result: Tensor, place: Place | None) -> Tensor:
    """A result with its node."""
    if any(result is t for t in ctx.skipped):
        return result
    out = make(result._value, ctx if place is None else Pick(ctx, place))
    out._store = result._store
    if out._store is not None and out._node is not None:
        out._node.life = (out._store, out._store.version)
    return out
