"""Random sequences of operations with views and writes in place, under PyTorch's names: run on torch and on srcgrad.

Each operation is a line of text about the pool `p` of tensors made so far, so that a sequence that fails can be read:
``python -m tests.tracer.sequences SEED``.
"""

from __future__ import annotations

import math
import random
import re
import sys

from tests.tracer.rows import OURS, numbers

RECORDED = range(150)
STEPS = 14
UNARY = ("sin", "tanh", "neg", "abs", "cos", "square", "exp", "sigmoid", "clone")
BINARY_IN_PLACE = ("add_", "sub_", "mul_", "copy_")


def leaf(t, rng, shape, shift=None):
    items = [[round(rng.uniform(0.2, 1.5), 3) for _ in range(2)] for _ in range(2)]
    if shift is not None:
        items[shift[0] // 2][shift[0] % 2] += shift[1]
    return t.tensor(items if shape == (2, 2) else items[0] + items[1], requires_grad=True)


def mate(pool, x, rng):
    """The number of another of the same shape, or of one number."""
    return rng.choice([k for k, y in enumerate(pool) if tuple(y.shape) == tuple(x.shape) or math.prod(y.shape) == 1])


def viewed(x, rng):
    """A view, or a copy where the layout has none."""
    item = f"[{rng.randrange(x.shape[0])}]{'.clone()' if x.ndim == 1 else ''}" if x.ndim else ""  # NumPy's are no views
    ways = [item, "[:1]", "[::2]", ".detach()"] if x.ndim else [".clone()"]
    if math.prod(x.shape) == 4:
        ways += [".reshape(2, 2)", ".reshape(4)", ".unsqueeze(0)[0]"]
    if x.ndim == 2:
        ways += [".t()", f"[:, {rng.randrange(x.shape[1])}]", ".swapaxes(0, 1)"]
    return rng.choice(ways)


def written(pool, k, rng):
    """A write to number k in place."""
    x, kind = pool[k], rng.randrange(6)
    if kind == 0:
        return f"p[{k}].{rng.choice([name for name in UNARY if name != 'clone'])}_()"
    if kind == 1:
        return f"p[{k}].{rng.choice(BINARY_IN_PLACE)}(p[{mate(pool, x, rng)}])"
    if kind == 3 and x.ndim:
        single = [f"p[{j}]" for j, y in enumerate(pool) if not y.ndim]
        return f"p[{k}][{rng.randrange(x.shape[0])}] = {rng.choice(['0.5', *single])}"
    if kind == 4 and x.ndim:
        return f"p[{k}][:1] = {rng.choice([f'p[{k}][-1:]', '0.25'])}"
    if kind == 5:
        return f"with t.no_grad(): p[{k}].add_(0.125)"
    return f"p[{k}].mul_({round(rng.uniform(0.5, 1.5), 2)})"


def line(pool, rng):
    """One operation as text; what it makes joins the pool."""
    k, kind = rng.randrange(len(pool)), rng.random()
    if kind < 0.2:
        return f"p.append(p[{k}].{rng.choice(UNARY)}())"
    if kind < 0.42:
        return f"p.append(p[{k}] {rng.choice('+*-')} p[{mate(pool, pool[k], rng)}] * {rng.choice([1, 0.5])})"
    if kind < 0.68:
        return f"p.append(p[{k}]{viewed(pool[k], rng)})"
    return f"p.append(p[{k}].sum())" if kind < 0.72 else written(pool, k, rng)


def run(t, seed, say=None, shift=None):
    """What a sequence gives: values, flags and gradients, and the steps that raise; perhaps with one number moved."""
    rng = random.Random(seed)
    place, step = shift or (0, 0.0)
    first, second = ((place, step), None) if place < 4 else (None, (place - 4, step))
    leaves = [leaf(t, rng, (4,), first), leaf(t, rng, (2, 2), second)]
    pool = [*leaves, t.tensor([0.5, 1.0, 1.5, 2.0]), *[x * 1 for x in leaves]]
    raised, lines = [], []
    for k in range(STEPS):
        text = line(pool, rng)
        lines.append(text)
        error = attempt(text, t, pool)
        if error is not None:
            raised.append(k)
        if say:
            say(text if error is None else f"{text}  # {error}")
    return {"raised": raised, "lines": lines, **finished(pool, leaves)}


def attempt(text, t, pool):
    """Run a line; what it raises. An operand that overlaps what is written is copied first, as NumPy does."""
    try:
        exec(text, {"p": pool, "t": t})
    except RuntimeError as error:
        if "single memory location" not in str(error):
            return error
        exec(re.sub(r"\((p\[\d+\])\)", r"(\1.clone())", text), {"p": pool, "t": t})
    return None


def finished(pool, leaves):
    """The sum of the pool, differentiated."""
    total = sum(((k % 3 + 1) * x).sum() for k, x in enumerate(pool[3:]))
    found = {"value": numbers(total), "pool": [numbers(x) for x in pool],
             "flags": [[bool(x.requires_grad), bool(x.is_leaf)] for x in pool],
             "versions": [x._version for x in pool]}  # fmt: skip
    try:
        total.backward()
    except RuntimeError as error:
        return {**found, "refused": True, "why": str(error)[:60]}
    return {**found, "refused": False, "gradients": [numbers(x.grad) for x in leaves]}


if __name__ == "__main__":
    print({k: v for k, v in run(OURS, int(sys.argv[1]), print).items() if k not in ("pool", "flags")})
