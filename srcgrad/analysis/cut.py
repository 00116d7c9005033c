"""The cheapest set of nodes that separates what is given from what is wanted."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable

__all__ = ["INFINITE", "Network"]

INFINITE = float("inf")


class Network:
    """A directed graph with capacities, and its minimum cut (augmenting paths, the shortest first)."""

    def __init__(self) -> None:
        self._free: dict[Hashable, dict[Hashable, float]] = {}

    def edge(self, a: Hashable, b: Hashable, capacity: float) -> None:
        """Add an edge; edges between the same nodes add up."""
        row = self._free.setdefault(a, {})
        row[b] = row.get(b, 0.0) + capacity
        self._free.setdefault(b, {}).setdefault(a, 0.0)

    def cut(self, source: Hashable, sink: Hashable) -> set[Hashable]:
        """The nodes on the side of the source of a minimum cut: those that are still reached from it."""
        while True:
            before = self._reached(source)
            if sink not in before:
                return set(before)
            path = [sink]
            while path[-1] != source:
                path.append(before[path[-1]])
            edges = list(zip(path[1:], path, strict=False))
            amount = min(self._free[a][b] for a, b in edges)
            assert amount < INFINITE, "the source cannot be separated from the sink"
            for a, b in edges:
                self._free[a][b] -= amount
                self._free[b][a] += amount

    def _reached(self, source: Hashable) -> dict[Hashable, Hashable]:
        """The nodes that more can flow to, each with the one before it."""
        before = {source: source}
        pending = deque([source])
        while pending:
            node = pending.popleft()
            for other, free in self._free.get(node, {}).items():
                if free > 0 and other not in before:
                    before[other] = node
                    pending.append(other)
        return before
