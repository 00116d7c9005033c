"""What Python's functions on iterables do, as plain Python: interpreted in place of the compiled ones."""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from srcgrad.runtime import order_of

Items = Iterable[Any]


def deep_copies(items: Items) -> Any:
    """``copy.deepcopy`` of a list."""
    return [copy.deepcopy(item) for item in items]


def any_(items: Items) -> Any:
    """``any``."""
    found = False
    for item in items:
        if item:
            found = True
            break
    return found


def all_(items: Items) -> Any:
    """``all``."""
    found = True
    for item in items:
        if not item:
            found = False
            break
    return found


def sum_(items: Items, start: Any = 0) -> Any:
    """``sum``."""
    total = start
    for item in items:
        total = total + item
    return total


def largest(items: Items, key: Any = None) -> Any:
    """``max`` of what there is at least one of."""
    first = True
    for item in items:
        rank = item if key is None else key(item)
        if first:
            best, best_rank, first = item, rank, False
        elif rank > best_rank:
            best, best_rank = item, rank
    return best


def smallest(items: Items, key: Any = None) -> Any:
    """``min`` of what there is at least one of."""
    first = True
    for item in items:
        rank = item if key is None else key(item)
        if first:
            best, best_rank, first = item, rank, False
        elif rank < best_rank:
            best, best_rank = item, rank
    return best


def largest_or(items: Items, default: Any) -> Any:
    """``max`` with a default."""
    best, first = default, True
    for item in items:
        if first or item > best:
            best, first = item, False
    return best


def smallest_or(items: Items, default: Any) -> Any:
    """``min`` with a default."""
    best, first = default, True
    for item in items:
        if first or item < best:
            best, first = item, False
    return best


def first_of(items: Items) -> Any:
    """``next`` of a fresh generator."""
    for item in items:
        return item
    raise StopIteration


def first_or(items: Items, default: Any) -> Any:
    """``next`` of a fresh generator, with a default."""
    for item in items:
        return item
    return default


def in_order(items: Any, backwards: bool) -> Any:
    """``sorted``."""
    return [items[k] for k in order_of(items, backwards)]


def in_order_of(items: Any, key: Callable[..., Any], backwards: bool) -> Any:
    """``sorted`` with a key."""
    ranks = [key(item) for item in items]
    return [items[k] for k in order_of(ranks, backwards)]


def map_(function: Callable[..., Any], items: Items) -> Iterator[Any]:
    """``map`` over one iterable."""
    for item in items:
        yield function(item)


def map_many(function: Callable[..., Any], *iterables: Items) -> Iterator[Any]:
    """``map`` over several iterables."""
    for items in zip(*iterables, strict=False):
        yield function(*items)


def starmap(function: Callable[..., Any], items: Iterable[Items]) -> Iterator[Any]:
    """``itertools.starmap``."""
    for item in items:
        yield function(*item)


def filter_(function: Any, items: Items) -> Iterator[Any]:
    """``filter``."""
    for item in items:
        if item if function is None else function(item):
            yield item


def filterfalse(function: Any, items: Items) -> Iterator[Any]:
    """``itertools.filterfalse``."""
    for item in items:
        if not (item if function is None else function(item)):
            yield item


def reduce(function: Callable[..., Any], items: Items) -> Any:
    """``functools.reduce`` without a start."""
    first = True
    for item in items:
        if first:
            total, first = item, False
        else:
            total = function(total, item)
    return total


def reduce_from(function: Callable[..., Any], items: Items, initial: Any) -> Any:
    """``functools.reduce`` with a start."""
    total = initial
    for item in items:
        total = function(total, item)
    return total


def accumulate(items: Items, function: Any = operator.add, *, initial: Any = None) -> Iterator[Any]:
    """``itertools.accumulate``."""
    first = initial is None
    total = initial
    if initial is not None:
        yield total
    for item in items:
        if first:
            total, first = item, False
        else:
            total = function(total, item)
        yield total


def chain(*iterables: Items) -> Iterator[Any]:
    """``itertools.chain``."""
    for items in iterables:
        yield from items


def chain_from(iterables: Iterable[Items]) -> Iterator[Any]:
    """``itertools.chain.from_iterable``."""
    for items in iterables:
        yield from items


def takewhile(function: Callable[..., Any], items: Items) -> Iterator[Any]:
    """``itertools.takewhile``."""
    for item in items:
        if not function(item):
            break
        yield item


def dropwhile(function: Callable[..., Any], items: Items) -> Iterator[Any]:
    """``itertools.dropwhile``."""
    started = False
    for item in items:
        if not started and not function(item):
            started = True
        if started:
            yield item


def compress(items: Items, selectors: Items) -> Iterator[Any]:
    """``itertools.compress``."""
    for item, selected in zip(items, selectors, strict=False):
        if selected:
            yield item


def count(start: Any = 0, step: Any = 1) -> Iterator[Any]:
    """``itertools.count``."""
    number = start
    while True:
        yield number
        number = number + step


def repeat(item: Any, times: int) -> Iterator[Any]:
    """``itertools.repeat`` of a known number of times."""
    for _ in range(times):
        yield item


def repeat_forever(item: Any) -> Iterator[Any]:
    """``itertools.repeat``."""
    while True:
        yield item


def islice(items: Items, stop: int) -> Iterator[Any]:
    """``itertools.islice`` of the first items."""
    taken = 0
    if stop > 0:
        for item in items:
            yield item
            taken = taken + 1
            if taken >= stop:
                break


def islice_from(items: Items, start: int, stop: Any = None, step: int = 1) -> Iterator[Any]:
    """``itertools.islice``."""
    place = 0
    for item in items:
        if stop is not None and place >= stop:
            break
        if place >= start and (place - start) % step == 0:
            yield item
        place = place + 1


def pairwise(items: Items) -> Iterator[Any]:
    """``itertools.pairwise``."""
    first, before = True, None
    for item in items:
        if not first:
            yield before, item
        before, first = item, False


def product_of_two(first: Items, second: Items) -> Iterator[Any]:
    """``itertools.product`` of two."""
    for a in first:
        for b in second:
            yield a, b


def product_of_three(first: Items, second: Items, third: Items) -> Iterator[Any]:
    """``itertools.product`` of three."""
    for a in first:
        for b in second:
            for c in third:
                yield a, b, c


def pairs_in_range(start: int, stop: int) -> Iterator[Any]:
    """``itertools.combinations(range(start, stop), 2)``."""
    for i in range(start, stop):
        for j in range(i + 1, stop):
            yield i, j


def pairs_of(items: Any) -> Iterator[Any]:
    """``itertools.combinations(items, 2)``."""
    for i in range(len(items)):
        for j in range(i + 1, len(items)):
            yield items[i], items[j]


def check_zip(first: Any, other: Any, place: int) -> None:
    """The error of ``zip(..., strict=True)``."""
    if len(other) < len(first):
        raise ValueError(f"zip() argument {place} is shorter than argument 1")
    if len(other) > len(first):
        raise ValueError(f"zip() argument {place} is longer than argument 1")


def zip_longest_two(first: Any, second: Any, fillvalue: Any = None) -> Iterator[Any]:
    """``itertools.zip_longest`` of two."""
    for k in range(max(len(first), len(second))):
        yield (first[k] if k < len(first) else fillvalue, second[k] if k < len(second) else fillvalue)


def indices_1(n: int) -> Iterator[Any]:
    """``np.ndindex`` of one axis."""
    for i in range(n):
        yield (i,)


def indices_2(n: int, m: int) -> Iterator[Any]:
    """``np.ndindex`` of two axes."""
    for i in range(n):
        for j in range(m):
            yield i, j


def indices_3(n: int, m: int, p: int) -> Iterator[Any]:
    """``np.ndindex`` of three axes."""
    for i in range(n):
        for j in range(m):
            for k in range(p):
                yield i, j, k


def indices_4(n: int, m: int, p: int, q: int) -> Iterator[Any]:
    """``np.ndindex`` of four axes."""
    for i in range(n):
        for j in range(m):
            for k in range(p):
                for r in range(q):
                    yield i, j, k, r


def enumerate_items(places: Items, array: Any) -> Iterator[Any]:
    """``np.ndenumerate``."""
    for place in places:
        yield place, array[place]


def has_member(items: Items, wanted: Any) -> bool:
    """``wanted in items`` where only the items can be walked."""
    found = False
    for item in items:
        if item is wanted or item == wanted:
            found = True
            break
    return found


def count_into(counts: Any, items: Items) -> None:
    """``counts.update(items)`` of a ``collections.Counter``."""
    for item in items:
        counts[item] += 1
