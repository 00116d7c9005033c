"""The lattice of types: what is known of a value before the program runs.

Unknown stays unknown: correctness never rests on a type, only leaner code does.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

NUMBER_KINDS = ("bool", "int", "float", "complex")


@dataclass(frozen=True)
class Dim:
    """The symbolic length ``max(0, symbol - minus)`` of one axis.

    `one` is False where the length is known not to be 1, None where that is unknown; it does not take part in
    equality: two dims are equal when they are the same symbol less the same number.
    """

    symbol: str
    minus: int = 0
    one: bool | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{self.symbol}-{self.minus}" if self.minus else self.symbol


Axis = int | Dim | None


def is_one(dim: Axis) -> bool | None:
    """True, False or None (unknown): is this axis of length 1?"""
    if dim is None:
        return None
    if isinstance(dim, int):
        return dim == 1
    return dim.one


def same_dtype(a: np.dtype[Any] | None, b: np.dtype[Any] | None) -> bool:
    """Both unknown, or the same. NumPy itself holds that ``np.dtype("float64") == None``."""
    return a is b or (a is not None and b is not None and a == b)


@dataclass(frozen=True)
class Type:
    """Base of all types."""


@dataclass(frozen=True)
class AnyType(Type):
    """Nothing is known: an array or a number of any rank."""

    def __str__(self) -> str:
        return "any"


@dataclass(frozen=True)
class Num(Type):
    """A Python or NumPy scalar. `kind` None: a number of unknown kind. `dtype` None: a Python number."""

    kind: str | None = "float"
    dtype: np.dtype[Any] | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Num) and self.kind == other.kind and same_dtype(self.dtype, other.dtype)

    def __hash__(self) -> int:
        return hash((self.kind, self.dtype))

    def __str__(self) -> str:
        return f"np.{self.dtype}" if self.dtype is not None else (self.kind or "number")


@dataclass(frozen=True)
class Arr(Type):
    """An ndarray. `dtype` None and `dims` None: unknown."""

    dtype: np.dtype[Any] | None = None
    dims: tuple[Axis, ...] | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Arr) and self.dims == other.dims and same_dtype(self.dtype, other.dtype)

    def __hash__(self) -> int:
        return hash((self.dtype, self.dims))

    @property
    def ndim(self) -> int | None:
        """The rank, None where unknown."""
        return None if self.dims is None else len(self.dims)

    def __str__(self) -> str:
        dtype = "?" if self.dtype is None else str(self.dtype)
        if self.dims is None:
            return f"{dtype}[...]"
        return f"{dtype}[{', '.join('?' if d is None else str(d) for d in self.dims)}]"


@dataclass(frozen=True)
class ListOf(Type):
    """A run-time list, such as a tape."""

    item: Type

    def __str__(self) -> str:
        return f"list[{self.item}]"


@dataclass(frozen=True)
class Tup(Type):
    """A run-time tuple of known length; `form` says what it is the contents of: a named tuple, a dict, an object."""

    items: tuple[Type, ...]
    form: Any = None

    def __str__(self) -> str:
        return f"tuple[{', '.join(map(str, self.items))}]"


@dataclass(frozen=True)
class Opaque(Type):
    """A Python object that carries no derivative: a string, a shape of unknown rank, an iterator, ..."""

    name: str = "object"

    def __str__(self) -> str:
        return f"object<{self.name}>"


@dataclass(frozen=True)
class AbsentType(Type):
    """No value on this path."""

    def __str__(self) -> str:
        return "absent"


ANY = AnyType()
ABSENT_T = AbsentType()
PY_FLOAT, PY_INT, PY_BOOL, PY_COMPLEX = Num("float"), Num("int"), Num("bool"), Num("complex")
PYTHON_TYPES: dict[type, Type] = {float: PY_FLOAT, int: PY_INT, bool: PY_BOOL, complex: PY_COMPLEX,
                                  str: Opaque("str"), type(None): Opaque("NoneType")}  # fmt: skip


class _Absent:
    """The typed "no value on this path" that an arm of an ``If`` yields."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


def dtype_kind(dtype: np.dtype[Any]) -> str:
    """The number kind of a dtype: bool, int, float, complex, or object for anything else."""
    return {"b": "bool", "i": "int", "u": "int", "f": "float", "c": "complex"}.get(dtype.kind, "object")


def of_constant(value: Any) -> Type:
    """The type of a Python constant or an ndarray seen at compile time."""
    known = PYTHON_TYPES.get(type(value))
    if known is not None:
        return known
    if isinstance(value, np.ndarray):
        return Arr(value.dtype, tuple(value.shape))
    if isinstance(value, np.generic):
        return Num(dtype_kind(value.dtype), value.dtype)
    for cls, kind in ((bool, "bool"), (int, "int"), (float, "float"), (complex, "complex")):
        if isinstance(value, cls):
            return Num(kind)
    if isinstance(value, tuple):
        return Tup(tuple(of_constant(v) for v in value))
    if value is ABSENT:
        return ABSENT_T
    return Opaque(f"enum {type(value).__name__}" if isinstance(value, enum.Enum) else type(value).__name__)


def may_vary(type_: Type) -> bool:
    """May a value of this type carry a derivative?"""
    match type_:
        case AnyType():
            return True
        case Num(kind):
            return kind in (None, "float", "complex")
        case Arr(dtype):
            return dtype is None or dtype_kind(dtype) in ("float", "complex")
        case ListOf(item):
            return may_vary(item)
        case Tup(items):
            return any(map(may_vary, items))
    return False


def join_dims(a: tuple[Axis, ...] | None, b: tuple[Axis, ...] | None) -> tuple[Axis, ...] | None:
    """Axis by axis: what both know."""
    if a is None or b is None or len(a) != len(b):
        return None
    return tuple(x if x == y else None for x, y in zip(a, b, strict=True))


def join(a: Type, b: Type) -> Type:
    """The least type that holds both: used where paths meet and around loops."""
    if a is b or b == ABSENT_T:
        return a
    if a == ABSENT_T:
        return b
    match a, b:
        case Num(), Num():
            return _join_numbers(a, b)
        case Arr(), Arr():
            return Arr(join_dtypes(a.dtype, b.dtype), join_dims(a.dims, b.dims))
        case ListOf(x), ListOf(y):
            return ListOf(join(x, y))
        case Tup(xs), Tup(ys) if len(xs) == len(ys):
            form = a.form if isinstance(a, Tup) and isinstance(b, Tup) and a.form == b.form else None
            return Tup(tuple(join(x, y) for x, y in zip(xs, ys, strict=True)), form)
        case (Opaque(), Opaque()):
            return a if a == b else Opaque()
    return ANY


def _join_numbers(a: Num, b: Num) -> Num:
    if a.kind is None or b.kind is None:
        return Num(None)
    kind = max(a.kind, b.kind, key=NUMBER_KINDS.index)
    return Num(kind, join_dtypes(a.dtype, b.dtype))


def join_dtypes(a: np.dtype[Any] | None, b: np.dtype[Any] | None) -> np.dtype[Any] | None:
    """The dtype both have."""
    return a if same_dtype(a, b) else None


def join_all(types: Sequence[Type]) -> Type:
    """`join` over a non-empty sequence."""
    result = types[0]
    for type_ in types[1:]:
        result = join(result, type_)
    return result
