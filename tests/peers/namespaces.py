"""Other packages in the place of NumPy: what they call differently, under NumPy's names."""

from __future__ import annotations

import functools
from types import SimpleNamespace
from typing import Any


class Renamed:
    """A namespace with some names replaced."""

    def __init__(self, base: Any, **own: Any) -> None:
        self._base = base
        self._own = own

    def __getattr__(self, name: str) -> Any:
        return self._own[name] if name in self._own else getattr(self._base, name)


def of_torch(torch: Any) -> Renamed:
    """torch, with the reductions that split ties, as `max` and `min`."""

    def tensor(x: Any) -> Any:
        return x if isinstance(x, torch.Tensor) else torch.as_tensor(x, dtype=torch.float64)

    def unary(name: str) -> Any:
        return lambda x: getattr(torch, name)(tensor(x))

    def reduction(name: str) -> Any:
        return lambda x, axis=None, keepdims=False: getattr(torch, name)(x, () if axis is None else axis, keepdims)

    def spread(name: str) -> Any:
        return lambda x, axis=None: getattr(torch, name)(x, axis, correction=0)

    names = ("sin", "cos", "exp", "log", "sqrt", "real")
    return Renamed(
        torch,
        **{name: unary(name) for name in names},
        array=tensor,
        max=reduction("amax"),
        min=reduction("amin"),
        var=spread("var"),
        std=spread("std"),
        sort=lambda x: torch.sort(x, stable=True)[0],
        cumsum=lambda x: torch.cumsum(x, 0),
        cumprod=lambda x: torch.cumprod(x, 0),
        transpose=lambda x: x.T,
    )


def of_casadi(casadi: Any) -> SimpleNamespace:
    """The part of casadi that has a counterpart in NumPy, on column vectors."""

    def sum_of(x: Any) -> Any:
        return casadi.sum1(casadi.sum2(x))

    same = ("sin cos tan exp log sqrt log10 tanh sinh cosh floor sign log1p expm1").split()
    arcs = {f"arc{name}": getattr(casadi, f"a{name}") for name in ("sin", "cos", "tan", "sinh", "tanh")}
    return SimpleNamespace(
        **{name: getattr(casadi, name) for name in same},
        **arcs,
        sum=sum_of,
        dot=casadi.dot,
        where=casadi.if_else,
        maximum=casadi.fmax,
        minimum=casadi.fmin,
        arctan2=casadi.atan2,
        abs=casadi.fabs,
        outer=lambda x, y: x @ y.T,
        concatenate=lambda xs: casadi.vertcat(*xs),
        linalg=SimpleNamespace(norm=casadi.norm_2, solve=casadi.solve, det=casadi.det, inv=casadi.inv),
        cumsum=casadi.cumsum,
        prod=lambda x: functools.reduce(lambda a, b: a * b, casadi.vertsplit(x)),
    )
