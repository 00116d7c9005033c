"""The programs of this folder: found, loaded, and held against directional differences."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import srcgrad
from tests import finite, trees

FOLDER = Path(__file__).parent
STEPS = (2e-3, 3e-4, 5e-5)
NAMES = sorted(str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.glob("*/*.py"))


@dataclass(frozen=True)
class Program:
    """One realistic program: its scalar function, its arguments, and those it is differentiated by."""

    name: str
    f: Callable[..., Any]
    args: tuple[Any, ...]
    argnums: int | tuple[int, ...]

    @property
    def positions(self) -> tuple[int, ...]:
        """The differentiated arguments, as a tuple also of one."""
        return self.argnums if isinstance(self.argnums, tuple) else (self.argnums,)

    def fresh(self) -> tuple[Any, ...]:
        """Arguments that a program may write into."""
        copies: tuple[Any, ...] = trees.copied(self.args)
        return copies


def load(name: str) -> Program:
    """Import one program."""
    title = "program_" + name.replace("/", "_")
    spec = importlib.util.spec_from_file_location(title, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    sys.modules[title] = module
    spec.loader.exec_module(module)
    return Program(name, module.f, module.sample(), getattr(module, "ARGNUMS", 0))


def directions(program: Program, count: int = 3) -> list[dict[trees.Path, Any]]:
    """Random directions over the differentiated arguments."""
    rng = np.random.default_rng(17)
    return [_direction(rng, program) for _ in range(count)]


def _direction(rng: np.random.Generator, program: Program) -> dict[trees.Path, Any]:
    ways = trees.random_direction(rng, program.args)
    return {path: dot for path, dot in ways.items() if path[0] in program.positions}


def slopes(program: Program) -> list[float]:
    """The truth: the slope along each direction by Richardson's extrapolation, each sure to 1e-7 of its size."""
    return [_slope(program, way) for way in directions(program)]


def _slope(program: Program, way: dict[trees.Path, Any]) -> float:
    """The surest of several steps: a long one may cross a kink."""
    tries = (finite.directional(_writes_copies(program.f), program.args, way, step) for step in STEPS)
    return _sure(min(tries, key=lambda estimate: estimate.error))


def _writes_copies(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: f(*trees.copied(args))


def _sure(estimate: finite.Estimate) -> float:
    assert estimate.error <= 1e-7 * max(1.0, abs(float(estimate.value))), "the difference itself is not sure"
    return float(estimate.value)


def paired(program: Program, bars: Any) -> list[float]:
    """A gradient, paired with each direction."""
    bars = bars if isinstance(program.argnums, tuple) else (bars,)
    by_position = dict(zip(program.positions, bars, strict=True))
    return [trees.pairing(by_position, way)[0] for way in directions(program)]


def tangents(program: Program) -> list[float]:
    """The tangent along each direction."""
    return [_tangent(program, way) for way in directions(program)]


def _tangent(program: Program, way: dict[trees.Path, Any]) -> float:
    tree = trees.as_tangents(program.args, way)
    dots = tuple(tree[i] if i in program.positions else None for i in range(len(program.args)))
    return float(srcgrad.jvp(program.f, program.fresh(), dots)[1])
