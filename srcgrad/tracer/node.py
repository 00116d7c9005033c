"""Nodes of the graph: which rule takes a cotangent on, what it needs for that, and to whom it goes."""

from __future__ import annotations

import functools
import inspect
import itertools
import math
import operator
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad.rules.core import Rule
from srcgrad.tracer.partials import names_read, part_of, product_of
from srcgrad.tracer.tensor import Store, Tensor

next_number = itertools.count().__next__
Place = tuple[Any, ...]  # the position or the name of an argument, then positions in lists

ROOTS = {np.sqrt, math.sqrt}
POWERS = {np.power, operator.pow, pow, math.pow}
SELECTORS = {np.where, np.maximum, np.minimum, np.fmax, np.fmin, np.clip}
NAMES = {"multiply": "Mul", "truediv": "Div", "true_divide": "Div", "divide": "Div", "subtract": "Sub",
         "negative": "Neg", "power": "Pow", "absolute": "Abs", "matmul": "Mm", "getitem": "Select",
         "concatenate": "Cat", "transpose": "T", "reshape": "View", "ravel": "View", "clip": "Clamp", "copy": "Clone",
         "as_type": "ToCopy", "expand_dims": "Unsqueeze", "broadcast_to": "Expand", "dot": "Dot", "conjugate": "Conj",
         "inv": "LinalgInvEx", "item_of": "Split"}  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """How one rule is applied where certain operands want a cotangent.

    Attributes
    ----------
    fn : the function that was called
    rule : its rule
    wanted : which operands want a cotangent
    call : the rule's function, or the part of it for the one operand that is wanted
    reads : parameters whose values it looks at, None for all of them
    keeps_out : does it look at the result?
    asks_out : may it look at the shape of the result?
    masks : does the function choose between its operands?
    roots : may it be a square root?
    product : the cotangents of an elementwise call: ``(bar, out, ...)``, what the rule gives times the cotangent
    plain : the same where nothing can be out of the ordinary: no root, no choice
    """

    fn: Any
    rule: Rule
    wanted: tuple[int, ...]
    call: Callable[..., Any]
    reads: frozenset[str] | None
    keeps_out: bool
    asks_out: bool
    masks: bool
    roots: bool
    product: Callable[..., Any] | None
    plain: Callable[..., Any] | None

    @property
    def name(self) -> str:
        """What the nodes are called."""
        return name_of(self.fn)

    def keeps(self, parameter: str) -> bool:
        """Does the value of this parameter have to be saved, and to stay as it is?"""
        if parameter in self.rule.shape_only:
            return False
        return self.reads is None or parameter in self.reads


def name_of(fn: Any) -> str:
    """The name of the nodes of a function, as PyTorch has it where that is the same function."""
    name = getattr(fn, "__name__", type(fn).__name__)
    return NAMES.get(name, "".join(part.capitalize() for part in name.split("_")))


@functools.lru_cache(maxsize=8192)
def plan_of(fn: Any, rule: Rule, wanted: tuple[int, ...]) -> Plan:
    """The plan for these operands of a function."""
    vjp = rule.vjp
    assert vjp is not None
    which = wanted[0] if len(wanted) == 1 else None
    call = vjp if which is None else part_of(rule, which)
    reads = names_read(vjp, which, len(rule.operands))
    lead = list(inspect.signature(vjp).parameters)[: rule.skip]
    has_out = rule.kind in ("elementwise", "custom")
    keeps_out = has_out and (reads is None or lead[-1] in reads)
    roots = fn in ROOTS or fn in POWERS
    product = product_of(rule, which) if rule.kind == "elementwise" and fn not in SELECTORS else None
    return Plan(
        fn,
        rule,
        wanted,
        call,
        reads,
        keeps_out,
        has_out and rule.kind == "custom",
        fn in SELECTORS,
        roots,
        product,
        None if roots else product,
    )


WATCHERS: list[Callable[[Node], None]] = []  # told of every node that is made


class More:
    """What few nodes have: keyword arguments, operands in unusual places, watched arguments, hooks."""

    __slots__ = ("after", "guards", "hooks", "kwargs", "places")

    def __init__(self) -> None:
        self.kwargs: Any = None
        self.places: Any = None
        self.guards: Any = None
        self.hooks: Any = None
        self.after: Any = None


def _rare(name: str) -> Any:
    """An attribute of a node that few nodes have."""

    def get(self: Node) -> Any:
        return None if self.more is None else getattr(self.more, name)

    def put(self: Node, value: Any) -> None:
        if self.more is None:
            if value is None:
                return
            self.more = More()
        setattr(self.more, name, value)

    return property(get, put)


def shown(node: Node) -> None:
    """Tell whoever watches of a node that is complete."""
    for watch in WATCHERS:
        watch(node)


class Node:
    """One operation that was recorded.

    Attributes
    ----------
    plan : how its rule is applied
    args, kwargs : the values of the arguments
    out : the value of the result, None where it is not needed
    edges : the nodes that made the operands that want a cotangent
    places : where in the arguments these operands are
    fits : shape and dtype of each of them, None where they are those of the result
    number : its place in time
    life : the store that holds the result, and the version it had; None while it is not shared and not written
    guards : stores of arguments that want no cotangent, and their versions
    hooks : what is called with its cotangent
    """

    __slots__ = ("__weakref__", "args", "edges", "fits", "life", "more", "number", "out", "plan")

    plan: Any
    args: Any
    out: Any
    edges: tuple[Any, ...]
    fits: Any
    number: float
    life: tuple[Store, int] | None
    more: More | None

    def __init__(self, plan: Any, args: Any, out: Any, edges: tuple[Any, ...], fits: Any = None) -> None:
        self.plan = plan
        self.args = args
        self.out = out
        self.edges = edges
        self.fits = fits
        self.number = next_number()
        self.life = self.more = None
        if plan is None:
            shown(self)

    kwargs = _rare("kwargs")
    places = _rare("places")
    guards = _rare("guards")
    hooks = _rare("hooks")
    after = _rare("after")

    @property
    def title(self) -> str:
        """What the operation is called."""
        return str(self.plan.name)

    def name(self) -> str:
        """The name as PyTorch writes it."""
        return f"{self.title}Backward{1 if is_second(self) else 0}"

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The nodes of the operands, each with the number of the result that was used; None for a constant."""
        found = [(edge, 0) for edge in self.edges]
        if self.plan is None or len(self.plan.rule.operands) != 2 or len(found) != 1 or self.plan.fn in POWERS:
            return tuple(found)
        return tuple([*found, (None, 0)] if self.plan.wanted == (0,) else [(None, 0), *found])

    def register_prehook(self, hook: Callable[[tuple[Any, ...]], Any]) -> Handle:
        """Call `hook` with a tuple of the node's cotangent before it is applied; it may return another tuple."""
        return add_hook(self, functools.partial(first_of, hook))

    def register_hook(self, hook: Callable[[tuple[Any, ...], tuple[Any, ...]], Any]) -> Handle:
        """Call `hook` with the cotangents that the node gives and that it got; it may return others to be given."""
        if self.after is None:
            self.after = []
        self.after.append(hook)
        return Handle(self.after, hook)

    @property
    def _saved_self(self) -> Any:
        return kept_value(self, 0)

    @property
    def _saved_other(self) -> Any:
        return kept_value(self, 1)

    _saved_exponent = _saved_other

    @property
    def _saved_result(self) -> Any:
        return kept_value(self, None)

    def pull(self, bar: Any, graph: bool, keep: bool) -> Any:
        """The cotangents of the edges, where no rule says what they are."""
        raise TypeError(f"{self!r} is applied by its rule")

    def free(self) -> None:
        """Let go of what was saved."""
        self.args = FREED
        self.out = None
        if self.more is not None:
            self.more.kwargs = self.more.guards = None

    def __repr__(self) -> str:
        return f"<{self.name()}>"


FREED = ("freed",)


def first_of(hook: Callable[[tuple[Any, ...]], Any], bar: Any) -> Any:
    """Call a hook that takes and gives a tuple of one."""
    found = hook((bar,))
    return found[0] if found is not None else None


def kept_value(node: Node, which: int | None) -> Any:
    """What a node keeps of an argument, or of the result."""
    if node.args is FREED:
        raise RuntimeError("what this node saved is gone: specify retain_graph=True")
    value = node.out if which is None else node.args[which] if which < len(node.args) else None
    if value is None:
        raise AttributeError(f"{node!r} does not keep that")
    return Tensor(value) if isinstance(value, (np.ndarray, np.generic)) else value


def is_second(node: Node) -> bool:
    """Is it the second form that PyTorch has of an operation: a sum along an axis, a power of two tensors?"""
    plan = node.plan
    if plan is None or plan.fn not in (np.sum, np.mean, *POWERS):
        return False
    if plan.fn in POWERS:
        return len(plan.wanted) == 2
    return (node.args[1] if len(node.args) > 1 else (node.kwargs or {}).get("axis")) is not None


class Start(Node):
    """The first version of an argument of a traced function."""

    __slots__ = ("run",)

    def __init__(self, before: Node | None, run: Any) -> None:
        super().__init__(None, (), None, (before,) if before is not None else ())
        self.run = run

    def pull(self, bar: Any, graph: bool, keep: bool) -> tuple[Any, ...]:
        """The same, to whoever made the argument."""
        return (bar,) * len(self.edges)


class Read(Node):
    """``root<steps>[index]``, its cotangent goes where it was read."""

    __slots__ = ("dtype", "index", "shape", "steps", "strides")

    def __init__(self, parent: Node, like: Any, index: Any, steps: tuple[Any, ...]) -> None:
        super().__init__(None, (), None, (parent,))
        self.index, self.steps = index, steps
        self.shape, self.dtype, self.strides = like.shape, like.dtype, like.strides

    @property
    def title(self) -> str:
        """The last step names it."""
        fn, args = self.steps[-1] if self.steps and self.index is Ellipsis else (operator.getitem, (self.index,))
        return title_of_index(args[0]) if fn is operator.getitem else name_of(getattr(fn, "func", fn))


def title_of_index(index: Any) -> str:
    """What PyTorch calls the reading of an item, a slice, or by an array."""
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(part, (np.ndarray, list)) for part in parts):
        return "Index"
    return "Select" if isinstance(parts[-1], (int, np.integer)) else "Slice"


class Write(Node):
    """``root<steps>[index] = value``: the next version of the root. Either edge may be None."""

    __slots__ = ("index", "shape", "steps", "strides", "value_like")

    def __init__(self, old: Node | None, new: Node | None, like: Any, index: Any, steps: Any, value: Any) -> None:
        super().__init__(None, (), None, (old, new))
        self.index, self.steps = index, steps
        self.shape, self.strides = like.shape, like.strides
        self.value_like = fit_of(value)

    @property
    def title(self) -> str:
        """The name of copies into slices."""
        return "CopySlices"


class Whole(Node):
    """A call whose result is a tuple or list."""

    __slots__ = ("likes",)
    likes: Any

    def gathered(self, bars: dict[Place, Any]) -> Any:
        """The cotangent of the result from those of its items."""
        return gathered(self.likes, bars, ())


def gathered(likes: Any, bars: dict[Place, Any], path: Place) -> Any:
    """Cotangents in the structure of a result, zeros where there is none."""
    if path in bars:
        return bars[path]
    if isinstance(likes, list):
        return [gathered(like, bars, (*path, k)) for k, like in enumerate(likes)]
    return np.zeros(likes[0], likes[1])


class Pick(Node):
    """One item of a result that is a tuple or list."""

    __slots__ = ("which",)

    def __init__(self, whole: Node, which: Place) -> None:
        super().__init__(None, (), None, (whole,))
        self.which = which

    @property
    def title(self) -> str:
        """That of the whole."""
        return self.edges[0].title if self.edges else "Pick"

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """Those of the whole: an item is no operation of its own."""
        return self.edges[0].next_functions if self.edges else ()


class AccumulateGrad(Node):
    """Where the cotangent of a leaf arrives."""

    __slots__ = ("family", "leaf", "when_added")

    def __init__(self, leaf: Tensor) -> None:
        super().__init__(None, (), None, ())
        self.leaf = weakref.ref(leaf)
        self.when_added: list[Callable[[Tensor], Any]] = []
        self.family = object()  # the same for all versions of the leaf

    def name(self) -> str:
        """It is no operation's adjoint."""
        return "AccumulateGrad"

    @property
    def variable(self) -> Tensor | None:
        """The leaf, None if it is gone."""
        return self.leaf()

    def successor(self, leaf: Tensor) -> AccumulateGrad:
        """The same for the leaf's next version."""
        node = AccumulateGrad(leaf)
        node.hooks, node.after, node.when_added = self.hooks, self.after, self.when_added
        node.family = self.family
        return node


class Same(Node):
    """The next version of a tensor that was written while nothing was recorded."""

    __slots__ = ()

    def __init__(self, old: Node) -> None:
        super().__init__(None, (), None, (old,))

    @property
    def title(self) -> str:
        """That of the operation that made the tensor."""
        return str(self.edges[0].title)

    def pull(self, bar: Any, graph: bool, keep: bool) -> tuple[Any, ...]:
        """The same."""
        return (bar,)


def current(tensor: Tensor) -> Any:
    """The node of a tensor's value as it is now: a new one where somebody without history wrote its memory."""
    node = tensor._node
    if node is not None and node.life is not None and node.life[0].version != node.life[1]:
        store = node.life[0]
        node = node.successor(tensor) if isinstance(node, AccumulateGrad) else Same(node)
        node.life = (store, store.version)
        if type(tensor) is Tensor:
            tensor._node = node
    return node


class Handle:
    """Takes a hook away again."""

    def __init__(self, hooks: list[Any], hook: Any) -> None:
        self._hooks, self._hook = hooks, hook

    def remove(self) -> None:
        """Do not call the hook any more."""
        if self._hook in self._hooks:
            self._hooks.remove(self._hook)

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class Last:
    """A hook that is called after the others."""

    def __call__(self, grad: Tensor) -> None:
        """See the gradient."""


def add_hook(node: Node, hook: Callable[[Any], Any]) -> Handle:
    """Call `hook` with the node's cotangent; what it returns replaces the cotangent."""
    if node.hooks is None:
        node.hooks = []
    node.hooks.append(hook)
    node.hooks.sort(key=lambda each: isinstance(each, Last))
    return Handle(node.hooks, hook)


def fit_of(value: Any) -> tuple[tuple[int, ...], Any]:
    """The shape and dtype that a cotangent must have; for a Python number its type stands for the dtype."""
    if isinstance(value, (float, complex, int)) and not hasattr(value, "dtype"):
        return (), type(value)
    return value.shape, value.dtype
