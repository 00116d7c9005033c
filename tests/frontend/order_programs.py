"""Programs in which it matters when an item is read, or which container is which."""

from __future__ import annotations

import copy

import numpy as np

PROGRAMS = []


def program(fn):
    """Take a program into the list."""
    PROGRAMS.append(fn)
    return fn


class Holder:
    """Something with an attribute."""

    def __init__(self, rows):
        self.rows = rows


def grown(xs):
    """Append, and give a number."""
    xs.append(xs[-1] * 2.0)
    return xs[-1][0]


def arrays(x, n):
    """A list whose length is known only at run time."""
    xs = []
    for k in range(n):
        xs.append(np.sin(x * (k + 1)))
    return xs


def numbers(x, n):
    """The same of numbers."""
    xs = []
    for k in range(n):
        xs.append(np.sin(x[0] * (k + 1)) + x[1])
    return xs


# --- when an item is read ---------------------------------------------------------------------------------------------


@program
def left_before_append(x, n):
    xs = arrays(x, n)
    return np.sum(xs[-1] * grown(xs))


@program
def left_before_store(x, n):
    def put(xs):
        xs[0] = x * 3.0
        return x[1]

    xs = arrays(x, n)
    return np.sum(xs[0] * put(xs)) + xs[0][0]


@program
def left_sees_in_place(x, n):
    def put(xs):
        xs[0][0] = x[0] * 3.0
        return x[1]

    xs = arrays(x, n)
    return np.sum(xs[0] * put(xs)) + xs[0][0]


@program
def name_before_store(x, n):
    xs = arrays(x, n)
    v = xs[0]
    xs[0] = x * 2.0
    return np.sum(v * xs[0])


@program
def tuple_before_store(x, n):
    xs = arrays(x, n)
    pair = (xs[0], xs[1])
    xs[0] = x * 2.0
    xs.append(x)
    return np.sum(pair[0] * xs[0] * pair[1])


@program
def dict_before_store(x, n):
    xs = arrays(x, n)
    d = {"first": xs[0], "last": xs[-1]}
    xs[0] = x * 2.0
    xs.append(x * 5.0)
    return np.sum(d["first"] * xs[0] * d["last"])


@program
def list_before_store(x, n):
    xs = arrays(x, n)
    d = [xs[0], xs[-1]]
    xs[-1] = x * 2.0
    xs.insert(0, x * 5.0)
    return np.sum(d[0] * xs[-1] * d[1] * xs[0])


@program
def popped_and_last(x, n):
    def f(a, b):
        return np.sum(a * b * b)

    xs = arrays(x, n)
    return f(xs.pop(), xs[-1])


@program
def last_and_popped(x, n):
    def f(a, b):
        return np.sum(a * b * b) + a[0]

    xs = arrays(x, n)
    return f(xs[-2], xs.pop()) + f(xs[-1], xs.pop(0))


@program
def swapped(x, n):
    xs = arrays(x, n)
    xs[0], xs[1] = xs[1], xs[0]
    return np.sum(xs[0] * xs[1] ** 2)


@program
def swapped_in_a_loop(x, n):
    xs = arrays(x, n)
    for k in range(n - 1):
        xs[k], xs[k + 1] = xs[k + 1], xs[k]
    return np.sum(xs[0] * xs[n - 1] ** 2)


@program
def rotated(x, n):
    xs = arrays(x, n)
    a, b, c = xs[0], xs[1], xs[2]
    xs[0], xs[1], xs[2] = b, c, a
    return np.sum(xs[0] * xs[1] ** 2 * xs[2] ** 3)


@program
def number_before_write(x, n):
    def h(a):
        a[0] = a[0] * 3.0
        return a[1]

    a = x * 1.0
    return a[0] + h(a) * a[0]


@program
def number_item_before_store(x, n):
    def h(xs):
        xs[0] = xs[0] * 3.0
        return xs[1]

    xs = numbers(x, n)
    return xs[0] * h(xs) + xs[0]


@program
def written_in_a_display(x, n):
    a = x * 1.0
    i = 1

    def put(a, i, v):
        a[i] = v
        return 0.0

    t = (a[i], put(a, i, x[0] * 5.0), a[i])
    return t[0] * t[2] + a[0]


@program
def arguments_in_order(x, n):
    def f(a, b, c, *, d):
        return np.sum(a * b + c * d)

    xs = arrays(x, n)
    return f(xs[-1], grown(xs), xs[-1], d=grown(xs))


@program
def displays_in_order(x, n):
    xs = arrays(x, n)
    t = [xs[-1], grown(xs), xs[-1], grown(xs), xs[-1]]
    return np.sum(t[0] * t[1] + t[2] * t[3] * t[4])


@program
def compared_in_order(x, n):
    xs = arrays(x, n)
    return np.sum(np.where(xs[-1] < grown(xs), x, x**2))


@program
def subscript_in_order(x, n):
    def k(xs):
        xs.insert(0, x * 7.0)
        return 1

    xs = arrays(x, n)
    return xs[0][k(xs)] * xs[0][0]


@program
def store_in_order(x, n):
    def change(xs):
        xs.insert(0, x * 7.0)
        return 1

    xs = arrays(x, n)
    xs[0][change(xs)] = x[2]
    return np.sum(xs[0] * xs[1])


@program
def augmented_in_order(x, n):
    def change(xs):
        xs.append(x * 7.0)
        return x[1]

    xs = arrays(x, n)
    xs[-1][0] += change(xs)
    return np.sum(xs[-1] * xs[-2])


@program
def augmented_number(x, n):
    def change(xs):
        xs[0] = 10.0 * x[0]
        return x[1]

    xs = numbers(x, n)
    xs[0] += change(xs)
    return xs[0] * xs[1]


@program
def left_before_conditional_append(x, n):
    xs = arrays(x, n)
    return np.sum(xs[-1] * (grown(xs) if x[0] > 0.5 else 2.0) * xs[-1])


@program
def left_before_append_in_a_loop(x, n):
    xs = [x]
    s = 0.0
    for k in range(n):
        s = s + np.sum(xs[-1] * grown(xs))
    return s * 1e-2


@program
def kept_over_a_loop(x, n):
    xs = arrays(x, n)
    first, last = xs[0], xs[-1]
    for k in range(n):
        xs[k] = xs[k] * xs[-1]
        xs.append(x * k)
    return np.sum(first * last * xs[0])


@program
def pair_kept_over_a_loop(x, n):
    xs = arrays(x, n)
    pair = (xs[0], xs[-1])
    for k in range(n):
        xs[k] = xs[k] * 2.0
        xs.append(x * k)
    return np.sum(pair[0] * pair[1] * xs[0])


@program
def carried_item(x, n):
    xs = arrays(x, n)
    old = xs[0]
    for k in range(1, n):
        xs[k], old = old * xs[k], xs[k]
    return np.sum(old * xs[n - 1])


@program
def default_argument(x, n):
    xs = arrays(x, n)

    def f(y, first=xs[0], store=[x]):
        store.append(y)
        return np.sum(first * store[0]) * len(store)

    xs[0] = x * 9.0
    return f(x) + f(x * 2.0) * f(x)


@program
def partial_before_store(x, n):
    xs = arrays(x, n)

    def g(y, v=xs[0]):
        return np.sum(v * y)

    xs[0] = x * 9.0
    return g(x) * xs[0][0]


@program
def method_before_append(x, n):
    def k(xs):
        xs.append(x * 3.0)
        return 0

    xs = arrays(x, n)
    return xs[-1].sum(axis=k(xs)) * np.sum(xs[-1])


@program
def closure_reads_late(x, n):
    xs = arrays(x, n)

    def g(y):
        return np.sum(xs[0] * y)

    xs[0] = x * 9.0
    return g(x)


@program
def returned_item(x, n):
    def first(xs):
        return xs[0]

    xs = arrays(x, n)
    v = first(xs)
    xs[0] = x * 9.0
    return np.sum(v * first(xs))


@program
def attribute_before_store(x, n):
    xs = arrays(x, n)
    holder = Holder(xs[0])
    xs[0] = x * 9.0
    return np.sum(holder.rows * xs[0])


@program
def item_becomes_its_own_square(x, n):
    xs = arrays(x, n)
    for k in range(n):
        v = xs[k]
        xs[k] = v * v
        xs[k] = xs[k] + v
    return np.sum(xs[0] * xs[n - 1])


@program
def item_written_and_put_back(x, n):
    xs = arrays(x, n)
    for k in range(n):
        v = xs[k]
        v[0] = x[1] * k
        xs[k] = v
        xs[k][1] = 2.0
    return np.sum(xs[0] * xs[n - 1])


@program
def rows_replaced(x, n):
    t = [[x[0] * i * j for j in range(n)] for i in range(n)]
    row = t[1]
    t[1] = [x[1]] * n
    row[0] = 5.0 * x[0]
    return row[0] * row[2] + t[1][0] * t[2][2]


@program
def rows_exchanged(x, n):
    t = [[np.sin(x[0] * (i + 2 * j)) for j in range(n)] for i in range(n)]
    t[0], t[2] = t[2], t[0]
    return t[0][1] * t[2][2] ** 2 + t[1][0]


@program
def walked_and_replaced(x, n):
    xs = arrays(x, n)
    s = 0.0
    for k, v in enumerate(xs):
        xs[k] = v * 2.0
        s = s + np.sum(v * xs[k])
    return s


@program
def unpacked_then_stored(x, n):
    xs = [(x * k, x[0] * k) for k in range(n)]
    a, b = xs[1]
    xs[1] = (a * 2.0, b * 3.0)
    return np.sum(a * xs[1][0]) + b * xs[1][1]


# --- which container is which -----------------------------------------------------------------------------------------


@program
def row_appended_then_changed(x, n):
    rows = []
    for k in range(n):
        row = [x[0] * k]
        rows.append(row)
        row.append(x[1] * k)
    return rows[1][0] * rows[2][1]


@program
def dict_of_lists(x, n):
    row = []
    d = {"a": row, "b": [row]}
    for k in range(n):
        d["a"].append(x[0] * k)
        d["b"][0].append(x[1] + k)
    return row[0] + row[-1] * d["b"][0][1] * d["a"][2]


@program
def tuple_of_lists(x, n):
    row = []
    t = (row, [row])
    for k in range(n):
        row.append(x[0] * k)
        t[0].append(x[1])
    return sum(t[1][0]) * len(row) * row[-1]


@program
def list_in_an_attribute(x, n):
    row = [x[0]]
    a, b = Holder(row), Holder([row])
    for k in range(n):
        a.rows.append(row[-1] * x[1])
        b.rows[0][0] = b.rows[0][0] * 2.0
    return sum(row) * b.rows[0][0]


@program
def list_in_a_closure(x, n):
    log = []

    def note(v):
        log.append(v)
        return len(log)

    for k in range(n):
        note(x[0] * k)
    return sum(log) * note(x[1]) * log[-1]


@program
def shared_rows(x, n):
    t = [[0.0] * 3] * 2
    t[0][1] = x[0]
    t[1][1] = t[1][1] * x[1]
    return t[0][1] * t[1][1] + t[0][0]


@program
def shared_rows_at_run_time(x, n):
    t = [[0.0] * n] * n
    t[0][1] = x[0]
    t[1][1] = t[1][1] * x[1]
    return t[0][1] * t[2][1]


@program
def shared_rows_in_a_loop(x, n):
    t = [[0.0] * 3] * 2
    for k in range(n):
        t[0][1] = t[1][1] + x[0]
        t[1][k % 3] = t[1][k % 3] + x[1]
    return t[0][1] * t[1][0] + t[0][2]


@program
def shared_rows_that_grow(x, n):
    t = [[]] * 2
    for k in range(n):
        t[0].append(x[0] * k)
    return t[1][-1] * len(t[1]) + x[1]


@program
def slice_is_shallow(x, n):
    t = [[x[0] * i * j for j in range(n)] for i in range(n)]
    part = t[1:]
    part[0][1] = x[1]
    part[1] = [x[2]] * n
    return t[1][1] * t[2][1] + part[1][0]


@program
def slice_is_shallow_known(x, n):
    t = [[x[0], x[1]], [x[1], x[2]]]
    part = t[1:]
    part[0][1] = x[1] * x[1]
    part[0] = [x[2]]
    return t[1][1] * t[0][1] + part[0][0]


@program
def list_call_is_shallow(x, n):
    t = [[x[0] * i * j for j in range(n)] for i in range(n)]
    other = list(t)
    other[1][1] = x[1]
    other[2] = [x[2]] * n
    return t[1][1] * t[2][1] + other[2][0]


@program
def copy_method_is_shallow(x, n):
    t = [[x[0] * i * j for j in range(3)] for i in range(3)]
    other = t.copy()
    other[1][1] = x[1]
    other[2] = [x[2]] * 3
    return t[1][1] * t[2][1] + other[2][0]


@program
def copy_copy_is_shallow(x, n):
    t = [[x[0], x[1]], [x[1], x[2]]]
    other = copy.copy(t)
    other[1][1] = x[1] * x[0]
    other[0] = [x[2]] * 3
    return t[1][1] * t[0][1] + other[0][0]


@program
def deep_copy(x, n):
    t = [[x[0], x[1]], [x[1], x[2]]]
    other = copy.deepcopy(t)
    other[1][1] = x[1] * x[0]
    other[0].append(x[2])
    return t[1][1] * t[0][1] + other[0][2] * other[1][1]


@program
def deep_copy_at_run_time(x, n):
    t = [[x[0] * i * j for j in range(n)] for i in range(n)]
    other = copy.deepcopy(t)
    other[1][1] = x[1]
    return t[1][1] * t[2][1] + other[1][1]


@program
def deep_copy_keeps_sharing(x, n):
    row = [x[0], x[1]]
    other = copy.deepcopy({"a": row, "b": row, "c": x})
    other["a"][0] = x[2]
    other["c"][0] = 7.0
    return other["b"][0] * row[0] + np.sum(x * other["c"])


@program
def arrays_are_shared_by_copies(x, n):
    xs = arrays(x, n)
    ys = list(xs)
    ys[0] = x * 4.0
    zs = xs[1:]
    zs.append(x)
    return np.sum(xs[0] * ys[0] * zs[0] * zs[-1])


@program
def array_in_two_places(x, n):
    a = x * 1.0
    t = [a, a]
    t[0][0] = x[1] * 3.0
    return np.sum(t[1] * a)


@program
def array_in_two_places_at_run_time(x, n):
    xs = []
    a = x * 1.0
    for k in range(n):
        xs.append(a)
    xs[0][0] = x[1] * 3.0
    return np.sum(xs[1] * a)


@program
def array_times_n(x, n):
    xs = [x * 1.0] * n
    xs[0][0] = x[1] * 3.0
    return np.sum(xs[1] * xs[0])


@program
def row_of_a_table_is_a_name(x, n):
    t = [[0.0] * n for _ in range(n)]
    for i in range(n):
        row = t[i]
        for j in range(n):
            row[j] = x[0] * i + x[1] * j
    return t[1][2] * t[2][0]


@program
def same_row_twice(x, n):
    row = [x[0]] * n
    t = [row, row]
    for k in range(n):
        t[0][k] = t[0][k] * x[1]
        t[1][k] = t[1][k] + 1.0
    return sum(row)


@program
def extended_by_itself(x, n):
    xs = numbers(x, n)
    xs.extend(xs)
    xs += xs
    return sum(xs) * xs[-1]


@program
def added_to_itself(x, n):
    xs = [x * 1.0]
    ys = xs
    for k in range(n):
        xs += [xs[-1] * x]
    zs = xs + [x]
    zs[0] = x * 5.0
    return np.sum(ys[-1] * ys[0] * zs[0])


@program
def rebound_row(x, n):
    rows = [[x[0]], [x[1]]]
    row = rows[0]
    for k in range(n):
        row = [v * x[2] for v in row]
        row.append(x[0])
    return sum(row) + rows[0][0]


@program
def dict_rebuilt(x, n):
    theta = {"w": x * 1.0, "b": x[0] * 1.0}
    first = theta
    for k in range(n):
        theta = {name: theta[name] * 0.9 + x[1] for name in theta}
    return np.sum(theta["w"]) * theta["b"] * first["b"]


@program
def dict_rebuilt_then_written(x, n):
    theta = {"w": x * 1.0, "b": x[0] * 1.0}
    first = theta
    for k in range(n):
        theta = {name: theta[name] * 0.9 + x[1] for name in theta}
        theta["b"] = theta["b"] * x[2]
    return np.sum(theta["w"]) * theta["b"] * first["b"]
