"""The sweep back: nodes by time of their making, the latest first; nothing recursive."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

import numpy as np

from srcgrad.tracer.adjoints import Mask, fitted, is_norm, is_stale, masks_after, pull
from srcgrad.tracer.anomaly import check
from srcgrad.tracer.memory import read_into, read_recorded, write_back, write_recorded
from srcgrad.tracer.modes import MODE, GradMode
from srcgrad.tracer.node import FREED, AccumulateGrad, Node, Pick, Place, Read, Whole, Write
from srcgrad.tracer.record import lifted
from srcgrad.tracer.tensor import Tensor, make

by_number = attrgetter("number")
Bars = dict[Node, Any]


class Sweep:
    """One sweep back.

    Parameters
    ----------
    captures : nodes whose cotangents are asked for; empty where they shall arrive in the leaves
    keep : does what was saved stay?
    graph : are the cotangents recorded, so that they can be differentiated?
    """

    def __init__(self, captures: Iterable[Node] = (), keep: bool = False, graph: bool = False) -> None:
        self.captures = frozenset(captures)
        self.graph = graph or MODE.levels > 0
        self.keep = keep or self.graph
        self.bars: Bars = {}
        self.own: set[Node] = set()  # nodes whose cotangent is a buffer that nobody else has
        self.masks: dict[Node, list[Mask]] = {}
        self.found: Bars = {}
        self.versions: dict[Node, Node] = {}  # earlier nodes of leaves that are asked for, and the present ones

    def run(self, roots: list[tuple[Node, Any]]) -> Bars:
        """Sweep from some nodes and their cotangents; what `captures` asked for."""
        for node, bar in roots:
            self.add(node, bar)
        order = self.order([node for node, _ in roots])
        with GradMode(self.graph), np.errstate(all="ignore"):
            step = self.stepping()
            if self.graph or MODE.check_nan or MODE.profile is not None:
                for node in order:
                    if (bar := self.bars.pop(node, None)) is not None:
                        step(node, bar)
            else:
                self.walk(order)
        return self.found

    def walk(self, order: list[Node]) -> None:
        """All steps, those of operators of one shape and dtype without a call of their own."""
        bars, own, keep, masks, captures = self.bars, self.own, self.keep, self.masks, self.captures
        pop = bars.pop
        for node in order:
            bar = pop(node, None)
            if bar is None:
                continue
            plan, args, edges = node.plan, node.args, node.edges
            if plan is None or node.more is not None or masks or node.fits is not None or node.life is not None:
                self.slow(node, bar)
                continue
            if plan.plain is None or args is FREED or edges[0].life is not None or edges[-1].life is not None:
                self.slow(node, bar)
                continue
            if captures and node in captures:
                self.step(node, bar)
                continue
            part = plan.plain(bar, node.out, *args)
            if not keep:
                node.args, node.out = FREED, None
            if len(edges) == 2:
                edge, (part, more) = edges[1], part
                before = bars.get(edge)
                if before is None:
                    bars[edge] = more
                elif edge in own:
                    before += more
                else:
                    self.add(edge, more)
            edge = edges[0]
            before = bars.get(edge)
            if before is None:
                bars[edge] = part
            elif edge in own:
                before += part
            else:
                self.add(edge, part)

    def slow(self, node: Node, bar: Any) -> None:
        """One step of a kind that is looked at closely."""
        if node.more is None and not self.masks and node.plan is not None and self.is_plain(node):
            self.quick(node, bar)
        else:
            self.step(node, bar)

    def stepping(self) -> Callable[[Node, Any], None]:
        """What takes one step: told to whoever measures the time."""
        profile = MODE.profile
        if profile is None:
            return self.step
        return lambda node, bar: profile.timed_back(node, self.step, node, bar)

    def is_plain(self, node: Node) -> bool:
        """Is it an operator of which nothing is out of the ordinary: nothing overwritten, no choice, no norm?"""
        plan = node.plan
        if plan.product is None or node.args is FREED or (self.captures and node in self.captures):
            return False
        for edge in node.edges:
            if edge.life is not None and is_stale(edge):
                return False
        return (node.life is None or not is_stale(node)) and not (plan.roots and is_norm(node))

    def quick(self, node: Node, bar: Any) -> None:
        """The same for such an operator."""
        edges, fits, bars = node.edges, node.fits, self.bars
        parts = node.plan.product(bar, node.out, *node.args)
        if len(edges) == 1:
            parts = (parts,)
        if fits is not None:
            parts = [fitted(part, fit, False) for part, fit in zip(parts, fits, strict=True)]
        if self.own:
            self.own.discard(node)
        for edge, part in zip(edges, parts, strict=True):
            if edge in bars:
                self.add(edge, part)
            elif part is not None:
                bars[edge] = part
        if not self.keep:
            node.args, node.out = FREED, None

    def order(self, roots: list[Node]) -> list[Node]:
        """All nodes that take part, the latest first."""
        seen, stack = set(roots), list(dict.fromkeys(roots))
        order = []
        while stack:
            node = stack.pop()
            order.append(node)
            for edge in node.edges:
                if edge is not None and edge not in seen:
                    seen.add(edge)
                    stack.append(edge)
        order.sort(key=by_number)
        if self.captures:
            self.earlier(order)
            order = self.leading(order)
        order.reverse()
        return order

    def earlier(self, order: list[Node]) -> None:
        """Ask for earlier versions of the leaves too: of those that were written since, by a step for instance."""
        targets = {node.family: node for node in self.captures if isinstance(node, AccumulateGrad)}
        leaves = [node for node in order if isinstance(node, AccumulateGrad) and node.family in targets]
        self.versions = {node: targets[node.family] for node in leaves if node not in self.captures}
        self.captures |= self.versions.keys()

    def leading(self, order: list[Node]) -> list[Node]:
        """Those that lead to what is asked for."""
        needed = set(self.captures)
        for node in order:
            if node not in needed and not needed.isdisjoint(node.edges):
                needed.add(node)
        return [node for node in order if node in needed]

    def step(self, node: Node, bar: Any) -> None:
        """Hand the cotangent of one node on."""
        own = node in self.own
        self.own.discard(node)
        if node.hooks:
            hooked = call_hooks(node, bar, self.graph)
            own, bar = own and hooked is bar, hooked
        if node in self.captures:
            target = self.versions.get(node, node)
            self.found[target] = bar if target not in self.found else self.found[target] + bar
            own = False
        if isinstance(node, AccumulateGrad):
            if not self.captures:
                deposit(node, bar, own, self.graph)
        elif node.plan is not None:
            self.call(node, bar)
        else:
            self.move(node, bar, own)

    def call(self, node: Node, bar: Any) -> None:
        """A call of a function with a rule."""
        if isinstance(node, Whole):
            bar = node.gathered(bar.items)
        masks = self.masks.pop(node, None) if self.masks else None
        mask = both(masks) if masks else None
        bars = pull(node, bar, self.graph, mask)
        if MODE.check_nan:
            check(node, bars)
        if mask is not None or node.plan.masks:
            after = masks_after(node, bar, mask)
        else:
            after = None
        if not self.keep:
            node.free()
        if node.more is not None and node.more.after:
            bars = call_after(node, bars, bar, self.graph)
        for k, edge in enumerate(node.edges):
            if bars[k] is not None:
                self.give(edge, bars[k], after[k] if after is not None else None)

    def give(self, edge: Node, bar: Any, mask: Mask | None) -> None:
        """Add a cotangent, with its mask if it has one."""
        if mask is not None:
            if edge not in self.bars:
                self.masks[edge] = [mask]
            elif edge in self.masks:
                self.masks[edge].append(mask)
        elif self.masks:
            self.masks.pop(edge, None)
        self.add(edge, bar)

    def add(self, edge: Node, bar: Any) -> None:
        """Add a cotangent to what an edge has; in place from the third on."""
        if bar is None:
            return
        before = self.bars.get(edge)
        if before is None:
            self.bars[edge] = bar
        elif edge in self.own:
            before += bar._value if isinstance(bar, Tensor) else bar  # a value that had a tangent when it was saved
        else:
            total = before + bar
            self.bars[edge] = total
            if type(total) is np.ndarray and not self.graph:  # what is recorded is never changed
                self.own.add(edge)

    def move(self, node: Node, bar: Any, own: bool) -> None:
        """A node that moves cotangents."""
        if isinstance(node, Read):
            self.read(node, bar)
        elif isinstance(node, Write):
            self.write(node, bar, own)
        elif isinstance(node, Pick):
            self.pick(node, bar)
        else:
            parts = node.pull(bar, self.graph, self.keep)
            if MODE.check_nan:
                check(node, parts)
            if node.more is not None and node.more.after:
                parts = call_after(node, parts, bar, self.graph)
            for edge, part in zip(node.edges, parts, strict=True):
                if edge is not None and part is not None:
                    self.give(edge, part, None)

    def read(self, node: Read, bar: Any) -> None:
        """Add to the part that was read."""
        (edge,) = node.edges
        if self.graph:
            self.add(edge, read_recorded(node, bar))
            return
        mask = read_mask(node, bar) if edge.edges else None
        before = self.bars.get(edge)
        if before is None or edge in self.own:
            total = read_into(node, bar, before)
        else:
            total = read_into(node, bar, np.array(before))
        if mask is None or (before is not None and edge not in self.masks):
            self.masks.pop(edge, None)
        else:
            self.masks.setdefault(edge, []).append(mask)
        self.bars[edge] = total
        self.own.add(edge)

    def write(self, node: Write, bar: Any, own: bool) -> None:
        """Divide between what was there and what was written."""
        old, new = node.edges
        self.masks.pop(node, None)
        old_bar, new_bar = write_recorded(node, bar) if self.graph else write_back(node, bar, own)
        if old is not None:
            first = old not in self.bars
            self.give(old, old_bar, None)
            if first and not self.graph:
                self.own.add(old)
        if new is not None:
            self.give(new, new_bar, None)

    def pick(self, node: Pick, bar: Any) -> None:
        """Gather the cotangents of the items of a whole."""
        (whole,) = node.edges
        parts = self.bars.get(whole)
        if parts is None:
            parts = self.bars[whole] = Parts()
        parts.add(node.which, bar)


class Parts:
    """The cotangents of some items of a result."""

    def __init__(self) -> None:
        self.items: dict[Place, Any] = {}

    def add(self, which: Place, bar: Any) -> None:
        """Add to one item."""
        self.items[which] = self.items[which] + bar if which in self.items else bar


def both(masks: list[Mask]) -> Mask:
    """Let through by one or another."""
    if len(masks) == 1:
        return masks[0]

    def find() -> Any:
        found = masks[0].find()
        for mask in masks[1:]:
            found = np.logical_or(found, mask.find())
        return found

    return Mask(find, max(mask.depth for mask in masks) + 1)


def read_mask(node: Read, bar: Any) -> Mask:
    """Where the part that was read lies in the whole."""
    shape = np.shape(bar)
    return Mask(lambda: np.not_equal(read_into(node, np.ones(shape), None), 0))


def call_hooks(node: Node, bar: Any, graph: bool) -> Any:
    """The cotangent after all hooks; they see its conjugate where it is complex, as in PyTorch."""
    for hook in list(node.hooks or ()):
        found = hook(shown(bar))
        if found is not None:
            bar = outside(found if graph or not isinstance(found, Tensor) else found._value)
    return bar


def call_after(node: Node, parts: Any, bar: Any, graph: bool) -> Any:
    """The cotangents of the operands after the hooks that see what the node made of its own."""
    for hook in list(node.after):
        found = hook(tuple(map(shown, parts)), (shown(bar),))
        if found is not None:
            parts = [outside(x if graph or not isinstance(x, Tensor) else x._value) for x in found]
    return parts


def shown(bar: Any) -> Any:
    """A cotangent as hooks see it."""
    if bar is None:
        return None
    given = outside(bar)
    return given if isinstance(given, Tensor) else make(given)


def outside(bar: Any) -> Any:
    """A cotangent as users see it: PyTorch's is the conjugate of NumPy's gradient."""
    if isinstance(bar, (float, int)):
        return bar
    return lifted(np.conjugate)(bar) if np.iscomplexobj(bar) else bar


def deposit(node: AccumulateGrad, bar: Any, own: bool, graph: bool) -> None:
    """Add the cotangent to the leaf's `grad`."""
    leaf = node.variable
    if leaf is None:
        return
    bar = outside(bar)
    if leaf._grad is None:
        leaf._grad = fresh_tensor(bar, own, graph)
    elif graph or isinstance(bar, Tensor) or leaf._grad._node is not None:
        leaf._grad = leaf._grad + bar
    else:
        add_to(leaf._grad, bar)
    for hook in list(node.when_added):
        hook(leaf)


def fresh_tensor(bar: Any, own: bool, graph: bool) -> Tensor:
    """A gradient with memory of its own."""
    if isinstance(bar, Tensor):
        return bar
    return make(bar if own and bar.flags.c_contiguous else np.array(bar, order="C"))


def add_to(grad: Tensor, bar: Any) -> None:
    """Accumulate in place."""
    if isinstance(grad._value, np.ndarray):
        grad._value += bar
    else:
        grad._value = np.asarray(grad._value + bar)
