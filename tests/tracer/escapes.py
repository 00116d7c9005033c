"""Programs that try to get a value out of a trace unseen: each must be right, or be refused at the user's line."""

from __future__ import annotations

import array
import asyncio
import bisect
import collections
import contextlib
import contextvars
import copy
import csv
import ctypes
import dataclasses
import datetime
import functools
import heapq
import io
import itertools
import json
import logging
import math
import numbers
import operator
import pickle
import random
import re
import statistics
import struct
import threading
import time
import types
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

PROGRAMS: dict[str, tuple[Callable[[Any], Any], str]] = {}
BUFFER = np.zeros(4)
TABLE: dict[str, Any] = {}
TOTAL: Any = 0.0
VARIABLE: contextvars.ContextVar[Any] = contextvars.ContextVar("variable")
LOG = logging.getLogger("srcgrad.tests.escapes")


def right(fn):
    """The gradient must be right."""
    PROGRAMS[fn.__name__] = fn, "right"
    return fn


def refused(fn):
    """The call must be refused."""
    PROGRAMS[fn.__name__] = fn, "refused"
    return fn


# Text


@refused
def text_to_float(x):
    return float(f"{x[0]}") * x[1]


@refused
def text_by_str(x):
    return float(str(x[0])) * x[1]


@refused
def text_by_repr(x):
    return float(repr(float(x[0]))) + x[1]


@refused
def text_by_percent(x):
    return float("%.17g" % x[0]) * x[1]


@refused
def text_by_format(x):
    return float("{:.17f}".format(x[0])) * x[1]


@refused
def text_evaluated(x):
    return eval(f"{x[0]} * 2.0") + x[1]


@refused
def text_executed(x):
    scope = {}
    exec(f"y = {x[0]}", scope)
    return scope["y"] * x[1]


@refused
def text_array(x):
    return np.array(f"{x[0]} {x[1]}".split(), dtype=float).sum() + x[2]


@refused
def text_array_astype(x):
    return np.array([f"{v:.17g}" for v in x]).astype(float).sum() + x[2]


@refused
def text_fromstring(x):
    return np.fromstring(" ".join(f"{v:.17g}" for v in x), sep=" ").sum() + x[0]


@refused
def text_loadtxt(x):
    return np.loadtxt(io.StringIO(f"{x[0]} {x[1]}")).sum() + x[2]


@refused
def text_json(x):
    return json.loads(f"[{x[0]}, {x[1]}]")[0] * x[1]


@refused
def text_decimal(x):
    return float(Decimal(f"{x[0]:.17g}")) * x[1]


@refused
def text_fraction(x):
    return float(Fraction(str(x[0]))) * x[1]


@refused
def text_regex(x):
    return float(re.findall(r"[-\d.]+", str(x))[0]) * x[1]


@refused
def text_array2string(x):
    return float(np.array2string(x[:1])[1:-1]) * x[1]


@refused
def text_map_float(x):
    return sum(map(float, f"{x[0]},{x[1]}".split(","))) + x[2]


@refused
def text_int(x):
    return int(f"{x[0] * 1e6:.0f}") * 1e-6 * x[1]


@refused
def text_complex(x):
    return complex(f"{x[0]:.17g}").real * x[1]


@refused
def text_np_float64(x):
    return np.float64(f"{x[0]:.17g}") * x[1]


@refused
def text_hex(x):
    return float.fromhex(x[0].hex()) * x[1]


@right
def text_only_printed(x):
    with contextlib.redirect_stdout(io.StringIO()):
        print(f"{x[0]:.3f}", x, "%s" % x[1], str(x), repr(x))
    LOG.debug("x is %s", x)
    return np.sum(x**2)


@right
def text_then_constant(x):
    label = f"{x[0]:.2f}"
    return np.sum(x**2) * float("2.5") * len(label[:1])


# Plain numbers


@refused
def numbers_tolist(x):
    return sum(v * v for v in x.tolist())


@refused
def numbers_item(x):
    return x[0].item() * x[1]


@refused
def numbers_item_index(x):
    return x.item(0) * x[1]


@refused
def numbers_tobytes(x):
    return np.frombuffer(x.tobytes()).sum() + x[0]


@refused
def numbers_struct(x):
    return struct.unpack("d", struct.pack("d", x[0]))[0] * x[1]


@right
def numbers_float(x):
    return float(x[0]) * x[1]


@right
def numbers_map_float(x):
    return sum(map(float, x)) * x[1]


@right
def numbers_int_is_constant(x):
    return x[int(x[0] > 0.5)] * int(np.floor(x[2] * 10)) + x[1]


@right
def numbers_math(x):
    return math.sin(x[0]) + math.exp(x[1]) * math.sqrt(x[2]) + math.hypot(x[0], x[1]) + math.pow(x[0], 2)


@right
def numbers_fsum(x):
    return math.fsum(x) + math.fsum([x[0] * x[1], x[2]])


@right
def numbers_prod(x):
    return math.prod(x) + math.dist([x[0], x[1]], [x[2], 0.0])


@right
def numbers_sum_builtin(x):
    return sum(x) + sum(v * v for v in x) + max(x) + min(x[0], x[1]) + abs(x[2])


@right
def numbers_statistics(x):
    return statistics.fmean(x) * x[1]


@refused
def numbers_decimal(x):
    return float(Decimal(float(x[0]))) * x[1]


@refused
def numbers_fraction(x):
    return float(Fraction(x[0])) * x[1]


@right
def numbers_frexp(x):
    m, e = math.frexp(x[0])
    return m * x[1] * 2.0**e


@right
def numbers_modf(x):
    return math.modf(x[0])[0] * x[1]


@refused
def numbers_as_integer_ratio(x):
    a, b = x[0].as_integer_ratio()
    return a / b * x[1]


@right
def numbers_divmod(x):
    q, r = divmod(x[0] * 10, 3.0)
    return q * x[1] + r * x[2]


@right
def numbers_round(x):
    return round(x[0]) * x[1] + x[2]


@right
def numbers_floor(x):
    return math.floor(x[0] * 10) * x[1] + x[2] // 0.1


# Arrays by C code and by protocols


@refused
def array_object(x):
    return np.sum(np.array(x, dtype=object)) * x[1]


@refused
def array_object_list(x):
    return np.array([x[0], x[1]], dtype=object).sum()


@right
def array_of_items(x):
    return np.array([x[0], 1.0, x[1] * x[2]]) @ np.array([1.0, 2.0, 3.0])


@right
def array_asarray_list(x):
    return np.asarray([v * v for v in x]).sum() + np.asarray([[x[0], x[1]], [x[1], x[2]]])[0] @ x[:2]


@refused
def array_view_int(x):
    return x.view(np.int64).view(np.float64).sum() + x[0]


@right
def array_view_same(x):
    return (x.view(np.float64) ** 2).sum() + (x.view() ** 2).sum()


@refused
def array_fromiter(x):
    return np.fromiter((v * v for v in x), dtype=float).sum()


@refused
def array_memoryview(x):
    return memoryview(x)[0] * x[1]


@refused
def array_data_pointer(x):
    return np.array(x.data)[0] * x[1]


@refused
def array_ctypes(x):
    return x.ctypes.data * 0.0 + x[0]


@refused
def array_interface(x):
    return np.asarray(x.__array_interface__["shape"]).sum() + x[0]


@refused
def array_dlpack(x):
    return np.from_dlpack(x).sum() * x[1]


@refused
def array_nditer(x):
    total = 0.0
    for v in np.nditer(x):
        total = total + v * v
    return total


@refused
def array_ndenumerate(x):
    total = 0.0
    for (i,), v in np.ndenumerate(x):
        total = total + (i + 1) * v * v
    return total


@right
def array_flat(x):
    return sum(v * v for v in x.flat) + x.flat[1]


@refused
def array_vectorize(x):
    return np.sum(np.vectorize(lambda v: v * v if v > 0.3 else v)(x))


@refused
def array_frompyfunc(x):
    return np.sum(np.frompyfunc(lambda v: v * v, 1, 1)(x).astype(float))


@refused
def array_apply_along(x):
    return np.sum(np.apply_along_axis(lambda r: r * r[0], 0, np.outer(x, x)))


@refused
def array_apply_over(x):
    return np.sum(np.apply_over_axes(np.sum, np.outer(x, x), [0]) ** 2)


@refused
def array_piecewise(x):
    return np.sum(np.piecewise(x, [x < 0.4, x >= 0.4], [lambda v: v * v, lambda v: 3 * v]))


@right
def array_select(x):
    return np.sum(np.select([x < 0.4, x < 0.8], [x * x, x**3], default=0.0))


@right
def array_where_einsum(x):
    return np.sum(np.where(x > 0.4, x * x, x)) + np.einsum("i,j->", x, x) + np.einsum("i,i", x, x)


@right
def array_ufunc_methods(x):
    y = np.zeros(3)
    np.add.at(y, [0, 0, 1], x)
    return (np.add.reduce(y * y) + np.multiply.reduce(x) + np.add.accumulate(x)[1] + np.multiply.outer(x, x).sum()
            + np.maximum.reduce(x) + np.multiply.accumulate(x).sum())  # fmt: skip


@right
def array_out(x):
    y = np.empty(3)
    np.multiply(x, x, out=y)
    np.add(y, x, y)
    return y.sum()


@right
def array_out_listed(x):
    y = np.empty(3)
    np.sin(x, out=(y,))
    np.cumsum(x, out=x)
    return y.sum() + x[1]


@refused
def array_reduceat(x):
    return np.sum(np.add.reduceat(x, [0, 1]) ** 2)


@refused
def array_block(x):
    return np.sum(np.block([[x, x], [x, 2 * x]]) ** 2) + np.sum(np.r_[x, 1.0, x[0]] ** 2) + np.sum(np.c_[x, x] ** 2)


@right
def array_matrix(x):
    return np.linalg.det(np.outer(x, x) + np.diag(x)) + np.linalg.norm(x) + np.linalg.inv(np.diag(x))[0, 0]


@right
def array_like_types(x):
    return np.full(3, x[0]).sum() + np.full_like(x, x[1]).sum() + np.tile(x, 2).sum() + np.repeat(x, 2).sum()


@right
def array_linspace(x):
    return np.sum(np.linspace(x[0], x[1], 5) ** 2) + np.sum(np.arange(3) * x)


@right
def array_meshgrid(x):
    a, b = np.meshgrid(x, x)
    return np.sum(a * b**2) + np.sum(np.ix_([0, 1], [1])[0] * x[0])


@right
def array_iadd_plain(x):
    y = np.ones(3)
    y += x * x
    y *= x
    return y.sum()


@right
def array_setitem_plain(x):
    y = np.zeros((2, 3))
    y[0] = x
    y[1, 1:] = x[:2] ** 2
    row = y[0]
    row[0] = x[2]
    return np.sum(y * y)


@refused
def array_integers(x):
    y = np.zeros(3, int)
    y[0] = x[0] * 10
    return y.sum() * x[1]


@refused
def array_random_choice(x):
    return np.random.default_rng(0).permutation(x)[0] * x[1]


@right
def array_random_shape(x):
    return np.sum(np.random.default_rng(0).normal(size=x.shape) * x)


@refused
def array_random_scale(x):
    return np.random.default_rng(0).normal(x[0], 1.0) * x[1]


@right
def array_histogram(x):
    return np.histogram(x, weights=x)[0].sum() + x[0]


@right
def array_masked_by_value(x):
    return x[x > 0.3].sum() + np.count_nonzero(x > 0.3) * x[0] + x[np.argsort(x)][0] * 2 + x[np.argmax(x)]


@refused
def array_masked_module(x):
    return np.ma.masked_array(x, mask=[True, False, False]).sum() + x[0]


@refused
def array_np_matrix(x):
    return np.asmatrix(x).sum() + x[0]


@refused
def array_char(x):
    return x.astype(str).astype(float).sum() + x[0]


@refused
def array_structured(x):
    y = np.zeros(3, dtype=[("a", float)])
    y["a"] = x
    return y["a"].sum() + x[0]


@right
def array_astype_int_is_constant(x):
    return np.sum((x * 10).astype(int) * x)


@refused
def array_bufferprotocol(x):
    return np.frombuffer(bytearray(x)).sum() + x[0]


@refused
def array_save(x):
    file = io.BytesIO()
    np.save(file, x)
    file.seek(0)
    return np.load(file).sum() + x[0]


# Where values stay behind


def _squared(v):
    return v * v


CACHED = functools.lru_cache(maxsize=None)(_squared)
MEMO: dict[Any, Any] = {}


@right
def stays_lru_cache(x):
    return CACHED(x[0]) * x[1]


@refused
def stays_memo(x):
    key = float(x[0])
    if key not in MEMO:
        MEMO[key] = x[0] * x[0]
    return MEMO[key] * x[1]


@right
def stays_dict_by_value(x):
    d = {}
    for v in (0.25, 0.25, 0.5):
        d[v * 1.0] = d.get(v, 0.0) + x[0]
    return sum(v * v for v in d.values()) + x[1]


@refused
def stays_set_of_values(x):
    y = x * 0 + 0.5
    return len({float(v) for v in y}) * x[0]


@refused
def stays_module_buffer(x):
    BUFFER[:3] = x * x
    return BUFFER.sum() * x[0]


@refused
def stays_module_buffer_out(x):
    np.multiply(x, x, out=BUFFER[:3])
    return BUFFER[:3].sum() * x[0]


@refused
def stays_module_buffer_added(x):
    BUFFER[:] = 0.0
    for i in range(3):
        BUFFER[i] += x[i] ** 2
    return BUFFER[:3].sum() * x[0]


@right
def stays_global(x):
    global TOTAL
    TOTAL = 0.0
    for v in x:
        TOTAL += v * v
    return TOTAL * x[0]


@right
def stays_table(x):
    TABLE["y"] = x * x
    return TABLE["y"].sum() * x[0]


class Store:
    last: Any = None
    seen = np.zeros(3)

    def __init__(self):
        self.kept = []


@right
def stays_class_attribute(x):
    Store.last = x * x
    return Store.last.sum() * x[0]


@refused
def stays_class_array(x):
    Store.seen[:] = x * x
    return Store.seen.sum() * x[0]


@right
def stays_function_attribute(x):
    stays_function_attribute.memo = x * x
    return stays_function_attribute.memo.sum() * x[0]


def _default(v, memo=[]):
    memo.append(v)
    return memo[-1] * v


@right
def stays_default_argument(x):
    return _default(x[0]) * x[1]


DEQUE: collections.deque[Any] = collections.deque(maxlen=3)


@right
def stays_deque(x):
    for v in x:
        DEQUE.append(v * v)
    return sum(DEQUE)


@right
def stays_nowhere_after(x):
    TABLE["z"] = x * x
    return np.sum(x)


# Python


@right
def python_sorted(x):
    s = sorted(x, reverse=True)
    return s[0] * 3 + s[1] * x[0] + sorted([x[2], x[0]], key=lambda v: -v)[0]


@right
def python_heapq(x):
    h = [v * v for v in x]
    heapq.heapify(h)
    return heapq.heappop(h) * x[0]


@right
def python_operator(x):
    total = operator.add(x[0], x[1]) + operator.mul(x[1], x[2]) + operator.pow(x[0], 3) + operator.neg(x[0])
    return total + functools.reduce(operator.mul, x) + operator.itemgetter(1)(x) + operator.matmul(x, x)


@right
def python_itertools(x):
    return sum(a * b for a, b in itertools.combinations(x, 2)) + list(itertools.accumulate(x, operator.mul))[-1]


def _squares(x):
    for v in x:
        yield v * v


@right
def python_generator(x):
    made = _squares(x)
    return next(made) * 2 + sum(made)


async def _awaited(v):
    await asyncio.sleep(0)
    return v * v


@right
def python_async(x):
    return asyncio.run(_awaited(x[0])) * x[1]


@refused
def python_exec(x):
    scope = {"np": np, "x": x}
    exec("y = np.sum(np.sin(x)) + float(x[0])", scope)
    return scope["y"] * x[1]


@refused
def python_exec_float(x):
    scope = {}
    exec("import math\ndef f(v):\n    return math.sin(v) * float(v)", scope)
    return scope["f"](x[0]) * x[1]


@right
def python_lambda_eval(x):
    return eval("lambda v: v * v")(x[0]) * x[1]


@right
def python_thread(x):
    found = []
    thread = threading.Thread(target=lambda: found.append(np.sum(x * x)))
    thread.start()
    thread.join()
    return found[0] * x[0]


@right
def python_thread_pool(x):
    with ThreadPoolExecutor(2) as pool:
        return sum(pool.map(lambda v: np.sin(v) * v, list(x))) * x[0]


@refused
def python_thread_item(x):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: x.tolist()[0]).result() * x[1]


@refused
def python_pickle(x):
    return pickle.loads(pickle.dumps(x)).sum() * x[0]


@right
def python_copy(x):
    return (copy.copy(x) * x).sum()


@right
def python_deepcopy(x):
    return (copy.deepcopy(x * 2) * x).sum() + copy.deepcopy([x, {"a": x}])[1]["a"][0]


@right
def python_copy_is_copy(x):
    y = copy.copy(x)
    y[0] = 5.0
    return np.sum(x * x) + y[1]


@dataclasses.dataclass
class Point:
    a: Any
    b: Any


@right
def python_dataclass(x):
    p = Point(x[0], x[1])
    q = dataclasses.replace(p, a=p.a * 2)
    return q.a * q.b + sum(dataclasses.astuple(q)) + dataclasses.asdict(q)["a"]


@right
def python_match(x):
    match x[0]:
        case float():
            return x[1] * 2
        case _:
            return x[2] * 3


@right
def python_isinstance(x):
    if isinstance(x, np.ndarray) and isinstance(x[0], (float, np.floating)):
        return np.sum(x * x)
    return np.sum(x) * 0.0


@right
def python_type_is(x):
    return np.sum(x * x) if type(x) is np.ndarray else np.sum(x) * 0.0


@right
def python_type_name(x):
    return np.sum(x * x) if type(x).__name__ == "ndarray" else np.sum(x) * 0.0


@right
def python_singledispatch(x):
    return _dispatched(x) * x[0]


@functools.singledispatch
def _dispatched(x):
    return 0.0


@_dispatched.register
def _of_array(x: np.ndarray):
    return np.sum(x * x)


@right
def python_hasattr(x):
    return np.sum(x * x) if hasattr(x, "__array_interface__") else np.sum(x)


@right
def python_try_float(x):
    try:
        return float(x[0]) ** 2 * x[1]
    except TypeError:
        return x[1]


@refused
def python_swallowed(x):
    try:
        y = x.tolist()[0]
    except TypeError:
        y = 1.0
    return y * x[1]


@refused
def python_swallowed_all(x):
    y = 1.0
    with contextlib.suppress(Exception):
        y = x[0].item()
    return y * x[1]


@refused
def python_suppressed(x):
    y = 0.0
    with contextlib.suppress(TypeError):
        y = pickle.loads(pickle.dumps(x[0]))
    return y + x[1]


@refused
def python_hash(x):
    d = {x[0]: x[1]}
    return d[x[0]] * x[2] if x[0] in d else x[2] * 100.0


@right
def python_in(x):
    return x[0] * (2.0 if 0.25 in x else 1.0) * (3.0 if x[0] in list(x) else 1.0) * (list(x).index(x[1]) + 1)


@right
def python_is(x):
    y = x
    y += 1
    return np.sum(x * y) if y is x else np.sum(x)


@right
def python_bool(x):
    return (x[0] if x[1] and not x[1] < 0 else x[2]) * (x[0] or x[1])


@right
def python_del(x):
    y = [x[0], x[1] * x[2]]
    del y[0]
    z = y.pop()
    del y
    return z


@right
def python_star(x):
    a, *rest = x
    return a * sum(rest) + max(*x)


@right
def python_zip(x):
    return sum(a * b for a, b in zip(x, reversed(x), strict=True)) + sum(i * v for i, v in enumerate(x[::-1]))


@right
def python_getattr(x):
    return getattr(np, "sin")(x[0]) + getattr(x, "sum")() + vars(np)["cos"](x[1])


@right
def python_partial(x):
    return functools.partial(math.pow, x[0])(2) + list(map(math.sin, x))[1]


@right
def python_table_of_functions(x):
    return {"s": math.sin, "f": float}["s"](x[0]) + [math.exp][0](x[1])


class Held:
    fn = staticmethod(math.sin)

    def __init__(self, x):
        self.x = x

    def __float__(self):
        return float(self.x)

    @property
    def twice(self):
        return np.float64(self.x) * 2 + math.cos(self.x)


@refused
def python_methods(x):
    h = Held(x[0])
    return h.twice * x[1] + Held.fn(x[2])


@right
def python_numpy_scalars(x):
    return np.float64(x[0]) * np.float64(2.0) + np.asarray(x[1]).sum() + np.float64(x[2]) + x[0].real


@right
def python_complex(x):
    z = complex(x[0], x[1]) ** 2
    return z.real + z.imag + abs(z) + (x[0] + 1j * x[1]).conjugate().real


@refused
def python_scipy_quad(x):
    from scipy import integrate

    return integrate.quad(lambda t: t * x[0], 0.0, 1.0)[0] * x[1]


@refused
def python_scipy_root(x):
    from scipy import optimize

    return optimize.brentq(lambda t: t * t - x[0], 0.0, 2.0) * x[1]


@right
def python_import_inside(x):
    import math as m

    return m.sin(x[0]) * x[1]


@right
def python_import_from_inside(x):
    from math import exp

    from numpy import array

    return exp(x[0]) * array([x[1], x[2]]).sum()


@right
def python_nested_class(x):
    class Local:
        scale = x[0] * 2

        def __call__(self, v):
            return math.sin(v) * self.scale + np.array([v, v]).sum()

    return Local()(x[1])


@right
def python_nested_def(x):
    buffer = np.zeros(2)

    def put(k, v):
        buffer[k] = float(v) * math.cos(v)

    put(0, x[0])
    put(1, x[1])
    return buffer.sum()


# More ways out


class Parsing:
    """Its methods are not lifted."""

    def __init__(self, x):
        self.x = x

    def rounded(self):
        return float(f"{self.x[0]:.17g}")

    def printed(self):
        return float(str(self.x[0]))

    def listed(self):
        return [float(v) for v in self.x]


@refused
def method_text(x):
    return Parsing(x).rounded() * x[1]


@refused
def method_str(x):
    return Parsing(x).printed() * x[1]


@right
def method_float(x):
    return sum(Parsing(x).listed()) * x[1]


@refused
def plain_copyto(x):
    y = BUFFER[:3]
    np.copyto(y, x)
    return y.sum() * x[0]


@refused
def plain_fill(x):
    BUFFER.fill(x[0])
    return BUFFER.sum()


@refused
def plain_put(x):
    BUFFER.put([0, 1, 2], x)
    return BUFFER[:3].sum()


@refused
def plain_np_put(x):
    np.put(BUFFER, [0, 1, 2], x)
    return BUFFER[:3].sum()


@refused
def plain_flat(x):
    BUFFER.flat[0] = x[0]
    return BUFFER[0] * x[1]


@refused
def plain_flat_all(x):
    BUFFER[:3].flat = x
    return BUFFER[0] * x[1]


@refused
def plain_iadd(x):
    BUFFER[:3] += x
    return BUFFER[:3].sum()


@refused
def plain_at(x):
    np.add.at(BUFFER, [0, 1, 2], x)
    return BUFFER[:3].sum()


@refused
def plain_array_array(x):
    return array.array("d", x)[0] * x[1]


@refused
def plain_array_append(x):
    a = array.array("d")
    a.append(x[0])
    return a[0] * x[1]


@refused
def plain_ctypes(x):
    return ctypes.c_double(x[0]).value * x[1]


@refused
def plain_fromlist(x):
    return np.fromiter(x, float, 3).sum() * x[0]


@refused
def plain_unbound(x):
    return float.__mul__(x[0], 2.0) + x[1]


@refused
def plain_unbound_numpy(x):
    return np.ndarray.sum(x) + x[1]


@refused
def plain_dunder(x):
    return x[0].__float__() * x[1]


@refused
def plain_dunder_array(x):
    return x.__array__().sum() * x[1]


@refused
def plain_object_fill(x):
    y = np.empty(3, dtype=object)
    for i in range(3):
        y[i] = x[i]
    return np.array(y.tolist(), dtype=float).sum() * float(str(x[0]))


@refused
def plain_poly1d(x):
    return np.poly1d(x)(2.0) + np.asarray(np.poly1d(x).coeffs, dtype=object)[0]


@refused
def plain_counter(x):
    return len(collections.Counter(list(x))) * x[0]


@refused
def plain_matrix_setitem(x):
    return np.asarray(np.matrix(np.outer(x, x))).sum()


@refused
def plain_sparse(x):
    from scipy import sparse

    return sparse.csr_matrix(np.outer(x, x)).sum()


@refused
def plain_interp1d(x):
    from scipy import interpolate

    return interpolate.interp1d([0.0, 1.0, 2.0], x)(0.5) * x[1]


@refused
def plain_exception_text(x):
    try:
        raise ValueError(f"{x[0]:.17g}")
    except ValueError as error:
        return float(error.args[0]) * x[1]


@refused
def plain_stream(x):
    stream = io.StringIO()
    print(x[0], file=stream)
    return float(stream.getvalue()) * x[1]


@refused
def plain_csv(x):
    return float(next(csv.reader([f"{x[0]},1"]))[0]) * x[1]


@refused
def plain_datetime(x):
    return datetime.timedelta(seconds=x[0]).total_seconds() * x[1]


@refused
def plain_sleep(x):
    return time.localtime(x[0] * 1e9).tm_sec * x[1]


@refused
def plain_bytes_join(x):
    return np.frombuffer(b"".join(struct.pack("d", v) for v in x)).sum() * x[0]


@refused
def plain_ord(x):
    return (ord(f"{x[0]:.17g}"[2]) - 48) * x[1]


@refused
def plain_swallowed_deep(x):
    def tried(v):
        with contextlib.suppress(Exception):
            return memoryview(v.tobytes())[0]
        return 1.0

    return tried(x) * x[1]


@refused
def plain_thread_swallowed(x):
    found = []

    def work():
        with contextlib.suppress(Exception):
            found.append(x[0].item())
        found.append(1.0)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return found[0] * x[1]


@refused
def plain_shuffle(x):
    y = list(x)
    np.random.default_rng(0).shuffle(np.asarray(x))
    return y[0] * x.astype("S8").astype(float)[1]


@right
def works_namespace(x):
    s = types.SimpleNamespace(a=x[0], b=[x[1]])
    s.a = s.a * 2
    return s.a * s.b[0]


@right
def works_slots(x):
    class Slots:
        __slots__ = ("v",)

    s = Slots()
    s.v = x * x
    return s.v.sum()


@right
def works_namedtuple(x):
    pair = collections.namedtuple("pair", "a b")(x[0], x[1])
    return pair._replace(a=x[2]).a * pair.b


@right
def works_count(x):
    return sum(itertools.islice(itertools.count(x[0], x[1]), 4)) * x[2]


@right
def works_cmath(x):
    return abs(np.exp(1j * x[0]) * x[1]) + (x[0] + 2j * x[1]).imag


@right
def works_isclose(x):
    return x[0] * 2 if math.isclose(x[0], 0.5) or math.isnan(x[1]) else x[1] * 3


@right
def works_contiguous(x):
    return (np.ascontiguousarray(x) * np.asanyarray(x) * np.atleast_1d(x)).sum() + np.array(x, copy=True).sum()


@right
def works_array_writes_do_not_alias(x):
    y = np.array(x)
    y[0] = 7.0
    z = np.asarray(x)
    z[1] = x[0]
    return np.sum(x * y * z)


@right
def works_weakref(x):
    class Box:
        v = None

    box = Box()
    box.v = x * x
    return weakref.ref(box)().v.sum()


@right
def works_contextvar(x):
    VARIABLE.set(x * x)
    return VARIABLE.get().sum() * x[0]


@right
def works_cached_property(x):
    class Cached:
        def __init__(self, v):
            self.v = v

        @functools.cached_property
        def square(self):
            return np.sum(self.v * self.v)

    c = Cached(x)
    return c.square * c.square


@right
def works_globals_get(x):
    return (
        globals().get("SCALE", 1.0) * x[0] + globals()["SCALE"] * x[1] + (3.0 if "SCALE" in globals() else 4.0) * x[2]
    )


SCALE = 5.0


def read_scale():
    return SCALE


class ReadsScale:
    def read(self):
        return SCALE


READER = ReadsScale()


@right
def works_global_seen_elsewhere(x):
    global SCALE
    SCALE = x[0] * 2
    found = read_scale() * READER.read() * x[1]
    SCALE = 5.0
    return found


@right
def works_random(x):
    rng = random.Random(3)
    return rng.uniform(x[0], x[1]) * x[2] + rng.gauss(x[0], x[1])


@right
def works_window(x):
    return np.sum(np.lib.stride_tricks.sliding_window_view(x, 2) ** 2) + np.sum(np.fft.rfft(x).real)


@right
def works_median(x):
    return statistics.median(list(x)) * np.median(x) + np.percentile(x, 30)


@right
def works_bisect(x):
    return x[bisect.bisect_left([0.1, 0.3, 0.9], x[1]) - 1] * x[0]


@right
def works_string_keys(x):
    params = {f"w{i}": v for i, v in enumerate(x)}
    return params["w0"] * params["w1"] + sum(params.values())


@right
def works_label_with_value(x):
    log = {}
    log[f"loss {np.sum(x):.3f}"] = np.sum(x * x)
    best = float("inf")
    for value in log.values():
        best = min(best, value)
    return best + int("3") * x[0]


@right
def works_assert(x):
    assert x[0] > 0, f"x is {x}"
    assert x.shape == (3,)
    assert x.dtype == np.float64
    assert x.flags.c_contiguous
    return np.sum(x * x)


@right
def works_next(x):
    return next(v for v in x if v > 0.5) * next(iter(x)) + any(v > 0.5 for v in x) * x[2]


@right
def works_nested_lists(x):
    rows = [[v * w for w in x] for v in x]
    rows[0][1] = x[2]
    return sum(sum(r) for r in zip(*rows, strict=True)) + np.array(rows)[1, 2]


@right
def works_class_pattern(x):
    match (x, {"a": x[0]}):
        case (np.ndarray() as y, {"a": float(v)}):
            return y[1] * v
    return 0.0 * x[0]


@right
def works_numbers_abc(x):
    return x[0] * 2 if isinstance(x[0], numbers.Real) else x[0] * 3


@right
def works_isscalar(x):
    return x[0] * (2 if np.isscalar(x[0]) else 3) + (x[1] if isinstance(x[1], float) else x[2])


@right
def works_try_finally(x):
    total = 0.0
    for v in x:
        try:
            if v > 0.7:
                continue
            total += v * v
        finally:
            total += v
    return total
