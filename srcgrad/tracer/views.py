"""Tensors that share the memory of another: reads follow the other's versions, writes go through to it."""

from __future__ import annotations

from typing import Any

from srcgrad.runtime import view_of
from srcgrad.tracer.modes import MODE
from srcgrad.tracer.node import Node, Read, current
from srcgrad.tracer.tensor import Store, Tensor, make, store_of

Steps = tuple[tuple[Any, tuple[Any, ...]], ...]


class View(Tensor):
    """What some steps (functions that return views) give of a root."""

    __slots__ = ("_held", "_origin", "_parent", "_read", "_root", "_steps")

    def __init__(self, root: Tensor, steps: Steps, held: Any) -> None:
        self._root, self._steps = root, steps
        self._held, self._origin = held, root._value
        self._read: Node | None = None
        self._parent: Node | None = None
        self._grad = None

    @property
    def _value(self) -> Any:
        """The view of what the root is now."""
        origin = self._root._value
        if self._origin is not origin or self._held is None:
            self._held, self._origin = view_of(origin, self._steps), origin
        return self._held

    @_value.setter
    def _value(self, value: Any) -> None:
        raise AttributeError("a view has the value of its root")

    @property
    def _node(self) -> Node | None:
        """The reading of the root's present version."""
        parent = self._root._node
        if parent is None:
            return None
        if parent.life is not None:
            parent = current(self._root)
        if self._parent is not parent:
            self._read = Read(parent, self._root._value, ..., self._steps)
            self._read.life = parent.life
            self._parent = parent
        return self._read

    @_node.setter
    def _node(self, node: Node | None) -> None:
        raise RuntimeError("a view requires a gradient where its root does")

    @property
    def _store(self) -> Store | None:
        return self._root._store

    @_store.setter
    def _store(self, store: Store | None) -> None:
        self._root._store = store

    @property
    def _dots(self) -> dict[int, Any] | None:
        """The same view of the root's tangents."""
        dots = self._root._dots
        return dots and {level: view_of(dot, self._steps) for level, dot in dots.items()}

    @_dots.setter
    def _dots(self, dots: dict[int, Any] | None) -> None:
        raise AttributeError("a view has the tangent of its root")


def root_of(tensor: Tensor) -> tuple[Tensor, Steps]:
    """The tensor that owns the memory, and the steps from there."""
    return (tensor._root, tensor._steps) if isinstance(tensor, View) else (tensor, ())


def view(tensor: Tensor, step: tuple[Any, tuple[Any, ...]], value: Any, *more: tuple[Any, tuple[Any, ...]]) -> Tensor:
    """The tensor for `value`, which shares memory with `tensor`."""
    root, steps = root_of(tensor)
    store = store_of(root)
    if MODE.on or MODE.levels:
        return View(root, (*steps, step, *more), value)
    alias = make(value)
    alias._store = store
    return alias
