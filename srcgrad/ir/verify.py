"""Checks that a function is well formed. Run after every stage in tests; an error shows the IR and marks the op."""

from __future__ import annotations

import keyword
import os
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

from srcgrad.ir.core import (
    BREAK,
    EXHAUSTED,
    GO,
    RETURN,
    Block,
    Call,
    Func,
    If,
    Items,
    Leaf,
    Loop,
    Op,
    Operand,
    Range,
    Value,
)
from srcgrad.ir.text import print_with_names
from srcgrad.ir.types import Type
from srcgrad.ir.walk import callees, defined_in

__all__ = ["VerificationError", "verify"]


class VerificationError(AssertionError):
    """A pass, or the frontend, made a function that is not well formed.

    Attributes
    ----------
    op : Op or Block or None
        What is wrong: an op, or a block for its parameters and yields.
    stage : str
        After which stage.
    """

    def __init__(self, message: str, op: Op | Block | None, stage: str) -> None:
        self.op = op
        self.stage = stage
        super().__init__(message)


def verify(func: Func, stage: str = "") -> None:
    """Check a function and all that it calls.

    Parameters
    ----------
    func : Func
        What to check.
    stage : str
        What was done last, for the message.

    Raises
    ------
    VerificationError
        Where a value is read that no definition dominates, a value has two definitions, the counts of parameters,
        yields and outs do not fit, or an operand is not one.
    """
    _Classes(func, stage).block(func.block)
    others = callees(func.block)
    for other in others:
        _Classes(other, stage).block(other.block)
    for each in {func: None, **others}:
        _Verifier(each, stage).func()


class _Classes:
    """Is everything of the class it should be? What is not cannot even be printed."""

    def __init__(self, func: Func, stage: str) -> None:
        self.root = func
        self.stage = stage

    def require(self, condition: bool, message: str) -> None:
        if not condition:
            raise VerificationError(f"{self.root.name}{after(self.stage)}: {message}", None, self.stage)

    def each(self, items: Any, classes: tuple[type, ...], what: str) -> None:
        self.require(isinstance(items, list), f"{items!r} is not a list")
        for item in items:
            self.require(isinstance(item, classes), f"{item!r} is not {what}")

    def block(self, block: Block) -> None:
        self.require(isinstance(block, Block), f"{block!r} is not a block")
        self.values(block.params)
        self.each(block.yields, (object,), "an operand")
        self.each(block.ops, (Call, If, Loop), "an op")
        for op in block.ops:
            self.values(op.outs)
            self.op(op)
            for inner in op.blocks:
                self.block(inner)

    def values(self, values: list[Value]) -> None:
        self.each(values, (Value,), "a value")
        self.each([value.type for value in values], (Type,), "a type")

    def op(self, op: Op) -> None:
        match op:
            case Call():
                self.require(isinstance(op.args, tuple), "the arguments of a call are not a tuple")
                self.require(isinstance(op.kwargs, dict), "the keywords of a call are not a dict")
            case Loop():
                self.each(op.sources, (Range, Items), "a source")
                self.each(op.inits, (object,), "an operand")


class _Verifier:
    def __init__(self, func: Func, stage: str) -> None:
        self.root = func
        self.stage = stage
        self.defined: set[Value] = set()
        self.visible: set[Value] = set()
        self.seen: set[int] = set()
        self.everywhere = defined_in(func.block)

    def fail(self, message: str, at: Op | Block | None, value: Value | None = None) -> NoReturn:
        """Raise; the message is about a value, if one is given, under its name in the printed text."""
        text, names = print_with_names(self.root, mark=at)
        subject = "" if value is None else f"%{names[value]} " if value in names else f"{value!r} "
        span = getattr(at, "span", None)
        where = f" ({span})" if span is not None else ""
        head = f"{self.root.name}{after(self.stage)}: {subject}{message}{where}"
        raise VerificationError(f"{head}\n{text}", at, self.stage)

    def require(self, condition: bool, message: str, at: Op | Block | None) -> None:
        if not condition:
            self.fail(message, at)

    # definitions and reads

    def define(self, values: Sequence[Value], at: Op | Block) -> None:
        for value in values:
            if value in self.defined:
                self.fail("is defined twice", at, value)
            self.defined.add(value)
            self.visible.add(value)

    def read(self, operand: Operand, at: Op | Block) -> None:
        if isinstance(operand, Value):
            if operand not in self.visible:
                self.fail(self.why_invisible(operand), at, operand)
        elif isinstance(operand, (tuple, list)):
            for item in operand:
                self.read(item, at)
        elif isinstance(operand, slice):
            self.read((operand.start, operand.stop, operand.step), at)
        elif isinstance(operand, dict):
            self.require(not any(map(hides_value, operand)), f"the key of {operand!r} holds a value", at)
            self.read(tuple(operand.values()), at)
        else:
            self.require(not hides_value(operand), f"{operand!r} is not an operand", at)

    def why_invisible(self, value: Value) -> str:
        if value in self.defined:
            return "is read outside the block that defines it"
        return "is read before it is defined" if value in self.everywhere else "is read and nowhere defined"

    # functions and blocks

    def func(self) -> None:
        func = self.root
        self.require(isinstance(func.name, str) and func.name != "", "a function has no name", None)
        self.require(len(func.captured) <= len(func.params), "more captured names than parameters", None)
        self.require(len(set(func.captured)) == len(func.captured), "a name is captured twice", None)
        for name in func.captured:
            self.require(is_name(name), f"the captured name {name!r} is not an identifier", None)
        self.block(func.block)
        top = {*func.params, *(out for op in func.block.ops for out in op.outs)}
        for leaf in func.leaves:
            self.leaf(leaf, top)

    def leaf(self, leaf: Leaf, top: set[Value]) -> None:
        if leaf.value not in top:
            self.fail("is a leaf, and not defined in the top block", self.root.block, leaf.value)
        known = 0 <= leaf.param < len(self.root.params)
        self.require(known, f"there is no parameter {leaf.param} for the leaf {leaf.value!r}", self.root.block)

    def block(self, block: Block) -> None:
        """Check a block; what it defines is visible inside only."""
        outside = self.visible
        self.visible = set(outside)
        self.once(block)
        self.define(block.params, block)
        for op in block.ops:
            self.op(op)
        self.read(block.yields, block)
        self.visible = outside

    def once(self, part: Op | Block) -> None:
        self.require(id(part) not in self.seen, "an op or block stands in two places", part)
        self.seen.add(id(part))

    # ops

    def op(self, op: Op) -> None:
        self.once(op)
        match op:
            case Call():
                self.call(op)
            case If():
                self.branch(op)
            case Loop():
                self.loop(op)
        self.define(op.outs, op)

    def call(self, op: Call) -> None:
        for name in op.kwargs:
            self.require(is_name(name), f"the keyword {name!r} is not an identifier", op)
        self.read(op.args, op)
        self.read(op.kwargs, op)
        if isinstance(op.fn, Func):
            self.call_of_func(op, op.fn)
        else:
            self.require(callable(op.fn), f"{op.fn!r} is called, and is not callable", op)

    def call_of_func(self, op: Call, callee: Func) -> None:
        """Positional arguments fill the parameters from the left, keywords name captured ones."""
        count = len(op.args) + len(op.kwargs)
        wanted = len(callee.params)
        self.require(count == wanted, f"{callee.name} has {wanted} parameters and is given {count} arguments", op)
        by_name = callee.captured[len(callee.captured) - len(op.kwargs) :] if op.kwargs else []
        self.require(set(op.kwargs) == set(by_name), f"keywords of a call of {callee.name} are captured names", op)

    def branch(self, op: If) -> None:
        self.read(op.cond, op)
        for word, arm in (("then", op.then), ("else", op.orelse)):
            self.require(not arm.params, f"the {word} arm has parameters", arm)
            self.block(arm)
            message = f"the {word} arm yields {len(arm.yields)} operands for {len(op.outs)} outs"
            self.require(len(arm.yields) == len(op.outs), message, arm)

    def loop(self, op: Loop) -> None:
        for source in op.sources:
            parts = (source.start, source.stop, source.step) if isinstance(source, Range) else source.value
            self.read(parts, op)
        self.read(op.inits, op)
        params, yields, outs = len(op.body.params), len(op.body.yields), len(op.outs)
        wanted = len(op.sources) + len(op.inits)
        self.require(params == wanted, f"a loop's body has {params} parameters for {wanted} sources and inits", op)
        self.require(yields == outs, f"a loop's body yields {yields} operands for {outs} outs", op.body)
        least = 1 + len(op.inits)
        self.require(yields >= least, f"a loop's body yields {yields} operands, {least} at least are needed", op.body)
        self.block(op.body)
        stop = op.body.yields[0]
        good = isinstance(stop, Value) or (type(stop) is int and stop in (GO, BREAK, RETURN, EXHAUSTED))
        self.require(good, f"{stop!r} is not a stop kind", op.body)


def after(stage: str) -> str:
    """How a message says which stage it was."""
    return f" after {stage}" if stage else ""


def is_name(name: Any) -> bool:
    """Can this be the name of a parameter?"""
    return isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name)


def hides_value(constant: Any) -> bool:
    """Is this a piece of IR, or a container that operands do not look into, with a value inside?"""
    if isinstance(constant, (Value, Block, Call, If, Loop, Range, Items, Leaf)):
        return True
    if isinstance(constant, (set, frozenset, tuple)):
        return any(map(hides_value, constant))
    if isinstance(constant, np.ndarray) and constant.dtype.hasobject:
        return any(map(hides_value, constant.ravel().tolist()))
    return False


def verify_if_asked(func: Func, stage: str) -> None:
    """Verify where the environment says ``SRCGRAD_CHECK=1``, as the tests do."""
    if os.environ.get("SRCGRAD_CHECK") == "1":
        verify(func, stage)
