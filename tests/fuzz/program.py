"""A random program: its text, its arguments, and the constructs of the language that occur in it."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

# Each construct of the language, under the group that `--only` names.
GROUPS: dict[str, tuple[str, ...]] = {
    "straight": (
        "assign", "rebind", "tuple assign", "swap", "chained assign", "augmented assign", "annotated assign",
        "arithmetic",
        "division", "power", "matmul", "floor or modulo", "unary minus", "comparison", "boolean", "ternary",
        "index read",
        "slice read", "method", "attribute", "math", "float()", "abs()", "max()", "len()", "list literal",
        "tuple literal", "where", "maximum or clip", "reduction", "concatenate", "outer", "zeros or full",
        "change kind",
    ),
    "if": ("if", "elif", "else", "static if"),
    "for": (
        "for range", "for array", "for rows", "for list", "for tuple", "for zip", "for enumerate", "for reversed",
        "loop variable after", "int then float",
    ),
    "while": ("while", "while on value", "while true"),
    "exits": ("break", "continue", "early return", "return in loop", "for else", "while else"),
    "writes": (
        "index write", "slice write", "row or column write", "augmented write", "overlapping write", "write argument",
    ),
    "views": ("alias", "row view", "slice view", "transpose view", "reshape view", "write through view"),
    "containers": ("item read", "attribute read", "unpack"),
    "calls": (
        "call", "keyword call", "default", "lambda", "lambdas in a list", "closure", "recursion", "callee writes",
    ),
    "effects": ("assert", "raise", "print"),
    "dtypes": ("float32", "complex"),
    "in place": ("out=", "ufunc.at", "in-place method", "nonlocal"),
    "masks": ("mask", "masked write", "singular off mask"),
}  # fmt: skip
# The second set: programs made of these beside all of the above.
LANGUAGE: dict[str, tuple[str, ...]] = {
    "lists": (
        "list append", "list insert", "list extend", "list pop", "list item write", "list slice", "list concatenation",
        "list repetition", "list of arrays", "array of list", "run-time list", "nested table", "list sort", "deque",
    ),
    "dicts": (
        "dict literal", "dict of arrays", "dict item write", "dict update", "dict get", "dict items", "dict build",
        "dict comprehension", "defaultdict",
    ),
    "comprehensions": (
        "list comprehension", "conditional comprehension", "nested comprehension", "generator expression",
    ),
    "functional": (
        "zip lists", "map", "filter", "enumerate list", "sorted", "reduce", "accumulate", "star unpacking",
        "star args", "zip star", "sort by key", "lazy iteration", "star display",
    ),
    "records": ("tuple of tuples", "namedtuple", "namedtuple replace", "dataclass", "dataclass replace"),
    "classes": (
        "class", "attribute write", "property", "call dunder", "operator dunder", "inheritance", "item dunder",
        "iteration protocol", "static or class method",
    ),
    "arguments": (
        "object argument", "object argument write", "namedtuple argument", "nested argument", "namespace write",
    ),
    "captures": (
        "captured array write", "closure factory", "dispatch dict", "nested recursion", "mutual recursion",
        "global buffer", "global counter", "global table", "log argument",
    ),
    "aliases": ("row swap", "array swap", "overlapping views", "alias in container", "row loop write"),
    "fancy": ("fancy read", "fancy write", "mask of rows", "ufunc methods", "one-argument where"),
    "exceptions": (
        "try except", "try else", "finally", "return in try", "raise in callee", "custom exception", "broad except",
        "operation raises", "nested try",
    ),
    "contexts": ("np.errstate", "context manager"),
    "syntax": (
        "match value", "match sequence", "walrus", "del", "f-string", "isinstance", "partial", "operator module",
        "getattr", "generator function", "generator argument",
    ),
}  # fmt: skip
SPINE = frozenset(name for names in GROUPS.values() for name in names)
WIDER = frozenset(name for names in LANGUAGE.values() for name in names)
# Not claimed as supported: in the programs of the weights "refused" only, which keep the rate of refusals in sight.
UNCLAIMED: frozenset[str] = frozenset()
WEIGHTS = {"spine": SPINE, "language": SPINE | WIDER - UNCLAIMED, "refused": SPINE | WIDER}
ALL_GROUPS = GROUPS | LANGUAGE
CONSTRUCTS = tuple(name for names in ALL_GROUPS.values() for name in names)

_counter = iter(range(10**9))


@dataclass(frozen=True)
class Program:
    """A module's text that defines ``f``, arguments for it, and which arguments have a derivative."""

    seed: int
    text: str
    args: tuple[Any, ...]
    argnums: tuple[int, ...]
    constructs: frozenset[str]

    @property
    def statements(self) -> int:
        """Lines of code; imports, headers of functions and classes not counted."""
        skipped = ("import", "from", "def", "class", "@", "#")
        return sum(bool(line.strip()) and not line.strip().startswith(skipped) for line in self.text.splitlines())

    def load(self) -> Callable[..., Any]:
        """Its ``f``, from a real file, as fresh code objects each time."""
        f: Callable[..., Any] = self.load_module().f
        return f

    def load_module(self) -> Any:
        """The module it is in, with its state."""
        return load_text(self.text, f"fuzz_{self.seed}")

    def load_wide(self) -> Any:
        """The same program in double precision throughout: what finite differences can be taken of."""
        return load_text(self.text.replace("float32", "float64").replace("complex64", "complex128"), "wide")


def load_text(text: str, name: str) -> ModuleType:
    """Import a text as a module of its own, from a file that stays until the process ends."""
    path = Path(_directory().name) / f"{name}_{next(_counter)}.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_directories: list[tempfile.TemporaryDirectory[str]] = []


def _directory() -> tempfile.TemporaryDirectory[str]:
    """One directory per process, removed when it ends."""
    if not _directories:
        _directories.append(tempfile.TemporaryDirectory(prefix="srcgrad_fuzz_"))
    return _directories[0]


def wanted_constructs(weights: str) -> frozenset[str]:
    """What has to occur often in the programs of these weights."""
    return SPINE if weights == "spine" else WEIGHTS[weights] - SPINE


def allowed_constructs(only: str | None, weights: str = "spine") -> frozenset[str]:
    """The constructs of the named groups (comma separated); a name may also be a construct. None: all."""
    if only is None:
        return WEIGHTS[weights]
    names = [name.strip() for name in only.split(",")]
    unknown = [name for name in names if name not in ALL_GROUPS and name not in CONSTRUCTS]
    if unknown:
        raise ValueError(f"unknown group or construct {unknown}; groups are {', '.join(ALL_GROUPS)}")
    return frozenset(construct for name in names for construct in ALL_GROUPS.get(name, (name,)))
