"""Random programs that fill arrays in loops and read them again, at indices that sometimes collide."""

from __future__ import annotations

import linecache
import random
from collections.abc import Callable
from typing import Any

import numpy as np

SIZE = 7

INDICES = ("i", "i", "i + 1", "i - 1", "i + 2", "i - 2", "0", "1", "-1", "-2", "2 * i", "n - 1 - i", "n - i", "-i",
           "i % 3", "k")  # fmt: skip
PARTS = (":i", "i:", ":i + 1", "i + 1:", "i - 1:i", "i - 1:i + 1", "1:-1", ":-1", "-2:", "::2", "i::2", ":", ":-i")
RANGES = ("range(n)", "range(1, n)", "range(n - 1)", "range(1, n - 1)", "range(0, n, 2)", "range(1, n, 2)",
          "range(1, n - 1, 3)", "range(n - 1, -1, -1)", "range(n - 2, 0, -1)", "range(n - 1, 0, -2)",
          "reversed(range(n))", "range(n, n)", "range(-2, 3)", "range(2, -3, -1)")  # fmt: skip


def one_dimension(rng: random.Random) -> str:
    """One loop over a vector."""
    at, part, value = rng.choice(INDICES), rng.choice(PARTS), rng.choice(("a", "b", "a * b", "np.sin(a)", "a + b * b"))
    lines = ["def f(x, y):", "    n = y.size", f"    h = {rng.choice(('x.copy()', 'np.zeros(n)', '1 * x'))}",
             "    b = y[1]", "    k = 0"]  # fmt: skip
    if rng.random() < 0.3:
        lines.append(f"    h[{rng.choice(('0', '1', '-1', ':3'))}] = y[2]")
    lines.append(f"    for i in {rng.choice(RANGES)}:")
    body = [f"a = h[{rng.choice(INDICES)}] * x[i]"]
    if rng.random() < 0.4:
        body.append(f"b = np.sum(h[{part}] * h[{part}]) * y[i]")
    if rng.random() < 0.3:
        body.append(f"h[{rng.choice(INDICES)}] = np.cos(a) * y[i]")
    if rng.random() < 0.2:
        body.append(f"h[{rng.choice(PARTS)}] *= 0.5 + b * b / 9")
    if rng.random() < 0.3:
        body.append(f"if y[i] > {rng.choice(('0', '-0.5', '0.5'))}:\n            {rng.choice(('continue', 'break'))}")
    body.append(f"h[{at}] = {value} + np.tanh(h[{rng.choice(INDICES)}] * y[i])")
    if rng.random() < 0.3:
        body.append(f"a = h[{at}] * h[{at}]\n        h[{rng.choice(INDICES)}] = a * a")
    if rng.random() < 0.2:
        body.append("k = (k + 2) % n")
    lines += [f"        {line}" for line in body]
    if rng.random() < 0.4:
        last = rng.choice(("0", "-1", "2", "1:3", "::2", "n - 1"))
        lines.append(f"    h[{last}] = {rng.choice(('b', 'y[0]', '2.0'))}")
    if rng.random() < 0.3:
        again = rng.choice(("i", "i - 1", "0"))
        lines += [f"    for i in {rng.choice(RANGES[:6])}:", f"        h[{again}] *= h[i] * y[i]"]
    return "\n".join([*lines, "    return np.sum(h * h * y) + b"]) + "\n"


def two_dimensions(rng: random.Random) -> str:
    """Loops in a loop over a matrix."""
    rows = ("i", "i", "i - 1", "i + 1", "0", "-1", "j")
    columns = ("j", "j", "j - 1", "j + 1", "0", "-1", "i", ":j", "i:")

    def place(sliced: bool = False) -> str:
        row, column = rng.choice(rows), rng.choice(columns if sliced else columns[:-2])
        return f"h[{row}, {column}]" if rng.random() < 0.8 else f"h[{row}][{column}]"

    outer = rng.choice(("range(n)", "range(1, n)", "range(n - 1)", "range(n - 2, -1, -1)", "range(0, n - 1, 2)"))
    inner = rng.choice(("range(n)", "range(1, n)", "range(n - 1)", "range(i)", "range(i, n)", "range(n - 2, 0, -1)"))
    lines = ["def f(x, y):", "    n = y.size - 3", "    h = np.outer(x[:n], y[:n])", f"    for i in {outer}:"]
    if rng.random() < 0.3:
        lines.append("        h = h + 0.0" if rng.random() < 0.3 else f"        h[{rng.choice(rows[:-1])}, 0] *= y[i]")
    if rng.random() < 0.3:
        lines.append("        row = h[i]")
    lines += [f"        for j in {inner}:", f"            a = {place()} * {place()}"]
    if rng.random() < 0.3:
        lines.append(f"            a += np.sum({place(True)} * {place(True)})")
    if lines[-3].strip() == "row = h[i]" and rng.random() < 0.7:
        lines.append("            row[j] = np.sin(a) * y[j]")
    lines.append(f"            {place()} = np.sin(a * x[j]) + {place()}")
    if rng.random() < 0.3:
        lines.append(f"        h[{rng.choice(rows[:-1])}] *= np.tanh(h[{rng.choice(rows[:-1])}])")
    if rng.random() < 0.3:
        lines.append(f"    h[{rng.choice(('0', '-1', '1, 1', ':, 0', '1:'))}] *= x[0]")
    return "\n".join([*lines, "    return np.sum(h * h)"]) + "\n"


def program(seed: int) -> str:
    """The text of a program."""
    rng = random.Random(seed)
    return two_dimensions(rng) if seed % 3 == 0 else one_dimension(rng)


def loaded(text: str, name: str) -> Callable[..., Any]:
    """The function of a program, with its source where Python looks for it."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space: dict[str, Any] = {"np": np}
    exec(compile(text, name, "exec"), space)
    found: Callable[..., Any] = space["f"]
    return found


def arguments(seed: int) -> tuple[Any, Any]:
    """Two vectors."""
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, SIZE), rng.uniform(-1, 1, SIZE)
