"""Compiled versions: code made for one signature, with what it reads from outside and what it was built on."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.api.arguments import label_of, pick
from srcgrad.api.derive import Primal, prepare
from srcgrad.api.keys import key_of
from srcgrad.api.overlap import Place, written_places
from srcgrad.autodiff.activity import varied
from srcgrad.codegen import numpy as numpy_code
from srcgrad.codegen import plain as plain_code
from srcgrad.codegen.load import load
from srcgrad.errors import AliasError, ArgumentError, NonDifferentiableError, Span, UnsupportedError
from srcgrad.frontend.activations import NeedLayout
from srcgrad.frontend.lower import Lowered, StaticArgument, lower
from srcgrad.frontend.signature import ArraySpec, MappingSpec, SequenceSpec, Spec, StaticSpec, spec_of, with_layout
from srcgrad.frontend.surroundings import Captured, Guard
from srcgrad.ir.core import Block, Call, Func, Loop, Op, Operand, Range, Value, values_in
from srcgrad.ir.walk import walk

MAX_STATIC = 32
GONE = (AttributeError, LookupError, TypeError, ValueError)  # what a reader of something that is gone raises


@dataclass
class Lowering:
    """A primal for one signature."""

    primal: Primal
    lowered: Lowered
    specs: dict[str, Spec]
    written: dict[Place, Span | None] = field(default_factory=dict)
    statics: tuple[Place, ...] = ()
    layout: dict[Place, bool] = field(default_factory=dict)


@dataclass
class Version:
    """One compiled function; `parts` are further ones that belong to it, such as a pullback."""

    func: Func
    source: str
    run: Callable[..., Any]
    lowered: Lowered
    extra: dict[str, Any] = field(default_factory=dict)
    lowering: Lowering | None = None
    unused: tuple[Place, ...] = ()
    parts: dict[str, Any] = field(default_factory=dict)
    guards: tuple[tuple[Callable[[], Any], Any], ...] = ()
    outside: tuple[Outside, ...] = ()
    shared: bool = False  # was it made for another closure of the same code?

    def __post_init__(self) -> None:
        self.guards = distinct(self.lowered.guards)
        self.outside = tuple(Outside(c, key_of(c.read())) for c in self.lowered.captured)

    @property
    def valid(self) -> bool:
        """Is everything that was built in still what it was?"""
        try:
            return all(read() is value for read, value in self.guards)
        except GONE:
            return False

    def captured(self) -> dict[str, Any] | None:
        """The values of hidden parameters, read now; None where their signature has changed."""
        found = {}
        for each in self.outside:
            try:
                value = each.captured.read()
            except GONE:
                return None
            if key_of(value) != each.key and not each.accept(value):
                return None
            found[each.captured.value.hint] = value
        return found


@dataclass
class Outside:
    """A captured value, and the key it had when it was last looked at."""

    captured: Captured
    key: Any

    def accept(self, value: Any) -> bool:
        """Is the signature the same, though the sizes are not?"""
        if spec_of(value, self.captured.label) != self.captured.spec:
            return False
        self.key = key_of(value)
        return True


def distinct(guards: list[Guard]) -> tuple[tuple[Callable[[], Any], Any], ...]:
    """The guards, each thing that is read only once: readers of equal code over equal cells read the same."""
    found: dict[Any, tuple[Callable[[], Any], Any]] = {}
    for guard in guards:
        cells = getattr(guard.read, "__closure__", None) or ()
        code = getattr(guard.read, "__code__", None)
        contents = tuple(_cell_key(cell) for cell in cells)
        found.setdefault(
            (code, contents, getattr(guard.read, "__defaults__", None) and id(guard)), (guard.read, guard.value)
        )
    return tuple(found.values())


def _cell_key(cell: Any) -> Any:
    value = cell.cell_contents
    return value if isinstance(value, str) else id(value)


def emit(func: Func, backend: str = "numpy") -> tuple[str, Callable[..., Any]]:
    """Source text and compiled function."""
    namespace: dict[str, Any] = {}
    if backend == "plain":
        text = plain_code.emit(func, namespace)
        return text, load(text, func.name, namespace)
    lines = numpy_code.emit_lines(func, namespace)
    text = numpy_code.text_of(lines)
    return text, load(text, func.name, namespace, lines=lines)


def lower_for(
    fn: Callable[..., Any], specs: dict[str, Spec], values: dict[str, Any] | None, floated: tuple[Place, ...] = (),
    *, islands: bool = False,
) -> Lowering:  # fmt: skip
    """Lower a function, fixing the values of arguments that have to be known.

    `floated` are the places of Python ints that became floats because they are differentiated: those cannot be fixed.
    With `islands`, parts that cannot be read may be traced.
    """
    specs = dict(specs)
    statics: list[Place] = []
    for _ in range(MAX_STATIC):
        try:
            lowered = lower(fn, specs, islands=islands)
        except StaticArgument as need:
            refuse_static(need.leaf, list(specs), values, floated)
            assert values is not None
            fix(specs, values, need.leaf)
            statics.append(need.leaf)
            continue
        except NeedLayout:
            if values is None:
                raise AliasError(
                    f"{label_of(fn)} writes through what is a view for some layouts of its arguments only",
                    repair="Call it, or compile() it with arrays.",
                ) from None
            specs = {name: with_layout(spec, values[name]) for name, spec in specs.items()}
            continue
        refuse_counts(lowered.func, floated)
        written = written_places(lowered.func)
        return Lowering(
            prepare(lowered.func, list(specs.values())), lowered, specs, written, tuple(statics), layout_of(specs)
        )
    raise AssertionError("the signature does not settle")


def refuse_counts(func: Func, floated: tuple[Place, ...]) -> None:
    """Raise where an int that became a float is what a loop counts to, or an index."""
    for leaf in func.leaves:
        place = (leaf.param, *leaf.path)
        if place not in floated:
            continue
        found = first_count(func.block, [leaf.value], set())
        if found is not None:
            raise NonDifferentiableError(
                f"cannot differentiate with respect to `{leaf.value.hint}`: it is used as an index or a count",
                span=found.span,
                repair="Leave it out of argnums.",
            )


def first_count(block: Block, moving: list[Value], entered: set[tuple[Func, frozenset[int]]]) -> Op | None:
    """The first op that takes as an integer what depends on some values, also in the functions that are called."""
    moved = varied(block, moving)
    for op in walk(block):
        if any(value in moved for value in values_in(counts_of(op))):
            return op
        if not isinstance(op, Call) or not isinstance(op.fn, Func):
            continue
        places = frozenset(k for k, arg in enumerate(op.args) if any(value in moved for value in values_in(arg)))
        if places and (op.fn, places) not in entered:
            entered.add((op.fn, places))
            found = first_count(op.fn.block, [op.fn.params[k] for k in places], entered)
            if found is not None:
                return found
    return None


def counts_of(op: Op) -> tuple[Operand, ...]:
    """What an op takes as integers: bounds of a range, an index."""
    if isinstance(op, Loop):
        return tuple(
            part
            for source in op.sources
            if isinstance(source, Range)
            for part in (source.start, source.stop, source.step)
        )
    if isinstance(op, Call) and op.fn in (operator.getitem, runtime.set_item, runtime.add_item):
        return (op.args[1],)
    return ()


def layout_of(specs: dict[str, Spec]) -> dict[Place, bool]:
    """Of which arrays the code assumes that they are contiguous, or that they are not."""
    found: dict[Place, bool] = {}
    for k, spec in enumerate(specs.values()):
        _note_layout(spec, (k,), found)
    return found


def _note_layout(spec: Spec, place: Place, found: dict[Place, bool]) -> None:
    match spec:
        case ArraySpec(_, _, contiguous) if contiguous is not None:
            found[place] = contiguous
        case SequenceSpec(_, items):
            for k, item in enumerate(items):
                _note_layout(item, (*place, k), found)
        case MappingSpec(_, keys, items):
            for key, item in zip(keys, items, strict=True):
                _note_layout(item, (*place, key), found)


def refuse_static(leaf: Place, names: list[str], values: dict[str, Any] | None, floated: tuple[Place, ...]) -> None:
    """Raise where an argument's value has to be known, and cannot be."""
    label = names[leaf[0]] + "".join(f"[{key!r}]" for key in leaf[1:])
    if leaf in floated:
        raise NonDifferentiableError(
            f"cannot differentiate with respect to `{label}`: it is used as an index or a count",
            repair="Leave it out of argnums.",
        )
    if values is None:
        raise UnsupportedError(
            f"the code depends on the value of `{label}`", repair="Call it, or compile() it with an example."
        )
    value = pick(tuple(values.values()), leaf)
    if isinstance(value, (float, complex)) or getattr(value, "dtype", np.dtype(int)).kind in "fc":
        # It varies: fixed, its derivative would be lost.
        raise UnsupportedError(
            f"the code depends on the value of the {type(value).__name__} `{label}`",
            repair="Pass an int, or write the constant into the code.",
        )
    if isinstance(value, Spec):
        raise ArgumentError(
            f"the code depends on the value of `{label}`", repair="Give compile() the value, not a spec."
        )


def fix(specs: dict[str, Spec], values: dict[str, Any], leaf: tuple[Any, ...]) -> None:
    """Make an argument's value part of its signature."""
    name = list(specs)[leaf[0]]
    specs[name] = _with_static(specs[name], leaf[1:], pick(tuple(values.values()), leaf))


def _with_static(spec: Spec, path: tuple[Any, ...], value: Any) -> Spec:
    if not path:
        return StaticSpec(value)
    if isinstance(spec, SequenceSpec):
        items = list(spec.items)
        items[path[0]] = _with_static(items[path[0]], path[1:], value)
        return SequenceSpec(spec.cls, tuple(items))
    assert isinstance(spec, MappingSpec)
    items = list(spec.items)
    k = spec.keys.index(path[0])
    items[k] = _with_static(items[k], path[1:], value)
    return MappingSpec(spec.cls, spec.keys, tuple(items))


__all__ = ["Captured", "Guard", "Lowering", "Version", "emit", "lower_for"]
