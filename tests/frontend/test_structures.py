"""Lists, dicts, sets, comprehensions and the functions on iterables, where the structure is known."""

import functools
import itertools
import operator

import numpy as np
import pytest

from tests.frontend.agree import agree, refused

V = np.array([1.0, 2.0, 3.0])


def list_methods(x):
    ys = [v * v for v in (x[0], x[1], x[2])]
    ys.append(ys[0] * ys[1])
    ys.insert(1, x[1])
    ys.extend([x[0], 2.0])
    last = ys.pop()
    first = ys.pop(0)
    return sum(ys) * first + last * sum(y for y in ys)


def dict_methods(x):
    d = {k: x[i] for i, k in enumerate(["a", "b", "c"])}
    d["z"] = d["a"] * d.get("b", 1.0) + d.get("nothing", 2.0)
    d.update(w=d.pop("c"))
    e = {**d, "y": 3.0} | {"q": x[0]}
    e.setdefault("r", x[1] * 5)
    del e["a"]
    return sum(v**2 for v in e.values()) + sum(len(k) * e[k] for k in e) + len(e) * ("b" in e) * x[2]


def functional(x):
    f = functools.partial(operator.mul, x[0])
    ys = list(map(f, (x[1], x[2])))
    zs = [y for y in filter(lambda v: v > 0, ys)]
    return functools.reduce(lambda p, q: p * q + 1, zs) + functools.reduce(operator.add, ys, x[0])


def iterators(x):
    s = 0.0
    for i, j in itertools.combinations(range(len(x)), 2):
        s += x[i] * x[j]
    for p, q in itertools.product([1.0, 2.0], (x[0], x[1])):
        s += p * q * q
    for p in itertools.accumulate([x[0], x[1], x[2]], operator.mul):
        s += p
    for a, b in itertools.pairwise([x[0], x[1], x[2]]):
        s += a * b
    for v in itertools.islice(x, 2):
        s += v * v
    for v in itertools.chain([x[0]], (x[1],)):
        s *= v
    for k, v in zip(itertools.count(1), [x[0], x[2]]):
        s += k * v
    return s


def layers(x, w):
    params = {f"W{i}": w[i] for i in range(3)}
    h = x
    for i in range(3):
        h = np.tanh(h * params[f"W{i}"])
    return np.sum(h)


def pairs(x):
    rows = [(x[0], 1.0), (x[1], 2.0), (x[2], -1.0)]
    a, b = zip(*rows)
    first, *rest = a
    rows.sort(key=lambda p: p[1])
    return sum(p * q for p, q in zip(a, b)) * rows[0][0] + rest[-1] * first + max(a) + min(abs(v) for v in b)


def bookkeeping(x):
    index = {n: k for k, n in enumerate(sorted(["b", "a"]))}
    seen = set()
    total = 0.0
    for n, k in index.items():
        seen.add(n)
        total += x[k] * (2 if n in {"a"} else 3)
    assert all(k < 3 for k in index.values())
    if any(v > 100 for v in x):
        return total
    m = max([x[0], x[1]], key=lambda v: -v)
    return total * m + next(v for v in (x[0], x[2]) if v > 1.5) + len(seen)


def tables(x):
    grid = [[x[i] * x[j] for j in range(3)] for i in range(3)]
    grid[1][2] = x[0]
    t = [[0.0] * 3 for _ in range(2)]
    t[0][1] += x[1]
    return sum(sum(r) for r in grid) + sum(map(sum, t)) + sum(v for row in grid for v in row) * x[2]


def walrus(x):
    if (y := np.sum(x * x)) > 1:
        return y * 2
    return y + [z := x[0] * 3, z * z][1]


PROGRAMS = [list_methods, dict_methods, functional, iterators, pairs, bookkeeping, tables, walrus]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_programs(program):
    agree(program, V, order=1)


def test_parameters_by_text_keys():
    agree(layers, 0.5, V, argnums=(0, 1))


def test_sums_over_a_range_are_loops():
    def f(x, n):
        return sum(np.sin(x * k) for k in range(n)) + sum(k * x for k in range(3))

    agree(f, 0.7, 4)


def test_a_container_of_the_caller_is_not_walked_and_changed():
    def f(x):
        ys = [x, x * 2]
        for y in ys:
            ys.append(y)
        return sum(ys)

    assert refused(f, 1.0) == "cannot change the length of a container while a loop walks it"


def test_a_generator_that_came_to_its_end_gives_nothing_more():
    def f(x):
        ys = (x * k for k in (1, 2))
        return sum(ys) + 100 * sum(ys)

    agree(f, 1.0)


def test_a_generator_is_not_walked_in_parts():
    def f(x):
        ys = (x * k for k in (1, 2))
        return next(ys) + sum(ys)

    assert refused(f, 1.0) == "cannot walk a generator that may have been walked before"
