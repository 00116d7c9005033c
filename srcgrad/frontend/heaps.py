"""What `heapq` does, as plain Python: interpreted in place of the compiled functions, item by item the same."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

from srcgrad.frontend.context import Context
from srcgrad.frontend.values import Abstract, Const

Heap = list[Any]


def heappush(heap: Heap, item: Any) -> None:
    """Enter an item."""
    heap.append(item)
    sift_down(heap, 0, len(heap) - 1)


def heappop(heap: Heap) -> Any:
    """Take the smallest item out."""
    last = heap.pop()
    if len(heap) > 0:
        smallest = heap[0]
        heap[0] = last
        sift_up(heap, 0)
        return smallest
    return last


def heapify(heap: Heap) -> None:
    """Make a heap of a list."""
    for back in range(len(heap) // 2):
        sift_up(heap, len(heap) // 2 - 1 - back)


def heapreplace(heap: Heap, item: Any) -> Any:
    """Take the smallest item out, and enter another."""
    smallest = heap[0]
    heap[0] = item
    sift_up(heap, 0)
    return smallest


def heappushpop(heap: Heap, item: Any) -> Any:
    """Enter an item, and take the smallest out."""
    if len(heap) > 0 and heap[0] < item:
        smallest = heap[0]
        heap[0] = item
        sift_up(heap, 0)
        return smallest
    return item


def sift_down(heap: Heap, start: int, place: int) -> None:
    """Move an item towards the root, to where its parent is no larger."""
    item = heap[place]
    while place > start:
        above = (place - 1) >> 1
        parent = heap[above]
        if not item < parent:
            break
        heap[place] = parent
        place = above
    heap[place] = item


def sift_up(heap: Heap, place: int) -> None:
    """Move the smaller child up until a leaf is reached, and the item from there to its place."""
    end, start, item = len(heap), place, heap[place]
    child = 2 * place + 1
    while child < end:
        if child + 1 < end and not heap[child] < heap[child + 1]:
            child = child + 1
        heap[place] = heap[child]
        place = child
        child = 2 * place + 1
    heap[place] = item
    sift_down(heap, start, place)


def spelled(fn: Callable[..., Any]) -> Callable[[Context, list[Abstract], dict[str, Abstract]], Abstract]:
    """Read a function of this file in the place of the call."""
    return lambda ctx, args, kwargs: ctx.call(Const(fn), args, kwargs)


HEAPS: dict[Any, Callable[[Context, list[Abstract], dict[str, Abstract]], Any]] = {
    heapq.heappush: spelled(heappush), heapq.heappop: spelled(heappop), heapq.heapify: spelled(heapify),
    heapq.heapreplace: spelled(heapreplace), heapq.heappushpop: spelled(heappushpop),
}  # fmt: skip
