"""Reads the text that `srcgrad.ir.text` prints."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from srcgrad.errors import ArgumentError
from srcgrad.ir.core import Block, Call, Func, If, Items, Leaf, Loop, Op, Operand, Range, Source, Value
from srcgrad.ir.names import resolve
from srcgrad.ir.parse_types import TypeSyntaxError, parse_type
from srcgrad.ir.types import ABSENT, ANY, Type

__all__ = ["parse"]

T = TypeVar("T")

SPACE = re.compile(r"\s*")
NAME = re.compile(r"[^\W\d]\w*")
LABEL = re.compile(r"\w+")
DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+")
NUMBER = re.compile(r"-?(inf\b|nan\b|(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?)")
STRING = re.compile(r"b?('([^'\\\n]|\\.)*'|\"([^\"\\\n]|\\.)*\")")
INTEGER = re.compile(r"-?\d+")
WORDS = {"None": None, "True": True, "False": False, "Ellipsis": ..., "ABSENT": ABSENT}


def parse(text: str) -> Func:
    """The function that a text describes: the last one in it.

    Parameters
    ----------
    text : str
        What ``str(func)`` gave. Modules that it names are imported.

    Raises
    ------
    ArgumentError
        Where the text is not that of a function, or holds an object that has no text.
    """
    return _Parser(text).program()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.funcs: dict[str, Func] = {}
        self.defined: set[str] = set()
        self.values: dict[str, Value] = {}

    # reading

    def error(self, message: str, ahead: bool = False) -> ArgumentError:
        """An error about what was read last, or about what is ahead."""
        self.at = self.ahead() if ahead else self.at
        line = self.text.count("\n", 0, self.at) + 1
        return ArgumentError(f"IR text, line {line}: {message}", reason=self.text.split("\n")[line - 1].strip())

    def ahead(self) -> int:
        """Where the next token begins."""
        found = SPACE.match(self.text, self.at)
        return found.end() if found else self.at

    def accept(self, literal: str) -> bool:
        """Read a literal if it is next; a word only as a whole."""
        start = self.ahead()
        end = start + len(literal)
        whole = not (literal[-1].isalnum() and re.match(r"[\w.]", self.text[end : end + 1]))
        if self.text.startswith(literal, start) and whole:
            self.at = end
            return True
        return False

    def expect(self, literal: str) -> None:
        if not self.accept(literal):
            raise self.error(f"expected {literal!r}", ahead=True)

    def take(self, pattern: re.Pattern[str]) -> str | None:
        found = pattern.match(self.text, self.ahead())
        if found is None:
            return None
        self.at = found.end()
        return found.group()

    def need(self, pattern: re.Pattern[str], what: str) -> str:
        found = self.take(pattern)
        if found is None:
            raise self.error(f"expected {what}", ahead=True)
        return found

    def listed(self, read: Callable[[], T], end: str) -> list[T]:
        """Items with commas between, up to and with `end`; a comma may follow the last."""
        items: list[T] = []
        while not self.accept(end):
            items.append(read())
            if not self.accept(","):
                self.expect(end)
                break
        return items

    def several(self, read: Callable[[], T]) -> list[T]:
        items = [read()]
        while self.accept(","):
            items.append(read())
        return items

    def peek(self, characters: str) -> bool:
        start = self.ahead()
        return self.text[start : start + 1] in tuple(characters)

    # functions

    def program(self) -> Func:
        if not self.accept("func"):
            raise self.error("expected 'func'", ahead=True) if self.text.strip() else ArgumentError("IR text: empty")
        func = self.func()
        while self.accept("func"):
            func = self.func()
        if self.ahead() < len(self.text):
            raise self.error("expected 'func' or the end", ahead=True)
        missing = self.funcs.keys() - self.defined
        if missing:
            raise ArgumentError(f"IR text: no function @{', @'.join(sorted(missing))}")
        return func

    def reference(self, label: str) -> Func:
        return self.funcs.setdefault(label, Func(label, Block()))

    def func(self) -> Func:
        label = self.need(LABEL, "the name of a function")
        if label in self.defined:
            raise self.error(f"a second function {label!r}")
        self.defined.add(label)
        self.values = {}
        func = self.reference(label)
        if self.accept("named"):
            func.name = self.string()
        self.expect("(")
        func.block.params = self.listed(lambda: self.param(func), ")")
        self.expect("{")
        if self.accept("doc"):
            func.doc = self.string()
        func.block.ops = self.ops()
        while self.accept("leaf"):
            func.leaves.append(self.leaf())
        func.block.yields = self.last("return")
        return func

    def param(self, func: Func) -> Value:
        value = self.define()
        if self.accept("captured"):
            func.captured.append(self.string())
        return value

    def leaf(self) -> Leaf:
        return Leaf(int(self.need(INTEGER, "the number of a parameter")), self.operand(), self.value())

    # blocks and ops

    def ops(self) -> list[Op]:
        ops: list[Op] = []
        while self.peek("%") or self.text.startswith(("if ", "loop "), self.ahead()):
            ops.append(self.op())
        return ops

    def last(self, word: str) -> list[Operand]:
        self.expect(word)
        return self.listed(self.operand, "}")

    def body(self, params: list[Value]) -> Block:
        self.expect("{")
        return Block(params, self.ops(), self.last("yield"))

    def op(self) -> Op:
        # The names of the outs are read first and defined last: they are not visible inside.
        outs = self.several(self.typed_name) if self.peek("%") else []
        if outs:
            self.expect("=")
        if self.accept("if"):
            cond = self.operand()
            then = self.body([])
            self.expect("else")
            return If(cond, then, self.body([]), self.new(outs))
        if self.accept("loop"):
            return self.loop(outs)
        return self.call(outs)

    def call(self, outs: list[tuple[str, Type]]) -> Call:
        fn = self.callee()
        self.expect("(")
        args: list[Operand] = []
        kwargs: dict[str, Operand] = {}
        self.listed(lambda: self.argument(args, kwargs), ")")
        style = self.need(LABEL, "a style") if self.accept("style") else ""
        must = self.accept("must")
        if len(outs) != 1:
            raise self.error("a call gives one value")
        return Call(fn, tuple(args), kwargs, self.new(outs)[0], style=style, must=must)

    def callee(self) -> Any:
        if self.accept("@"):
            return self.reference(self.need(LABEL, "the name of a function"))
        self.refuse_object()
        return self.resolved(self.need(DOTTED, "a dotted name"))

    def argument(self, args: list[Operand], kwargs: dict[str, Operand]) -> None:
        start, name = self.at, self.take(NAME)
        if name is not None and self.accept("="):
            kwargs[name] = self.operand()
        else:
            self.at = start
            args.append(self.operand())

    def loop(self, outs: list[tuple[str, Type]]) -> Loop:
        reverse = self.accept("reverse")
        sources = self.several(self.source) if self.peek("%") else []
        carry = self.several(self.carry) if self.accept("carry") else []
        # An init is read before any carried value is defined: it does not see them.
        params = self.new([name for name, _ in sources] + [name for name, _ in carry])
        body = self.body(params)
        return Loop([source for _, source in sources], [init for _, init in carry], body, self.new(outs), reverse)

    def source(self) -> tuple[tuple[str, Type], Source]:
        name = self.typed_name()
        self.expect("in")
        if self.accept("range"):
            self.expect("(")
            parts = self.listed(self.operand, ")")
            if len(parts) != 3:
                raise self.error("a range has a start, a stop and a step")
            return name, Range(*parts)
        self.expect("items")
        self.expect("(")
        value = self.operand()
        self.expect(")")
        return name, Items(value)

    def carry(self) -> tuple[tuple[str, Type], Operand]:
        name = self.typed_name()
        self.expect("=")
        return name, self.operand()

    # values

    def typed_name(self) -> tuple[str, Type]:
        self.expect("%")
        name = self.need(LABEL, "the name of a value")
        return name, self.type() if self.accept(":") else ANY

    def type(self) -> Type:
        try:
            found, self.at = parse_type(self.text, self.ahead())
        except TypeSyntaxError as error:
            raise self.error(str(error)) from None
        return found

    def define(self) -> Value:
        return self.new([self.typed_name()])[0]

    def new(self, names: list[tuple[str, Type]]) -> list[Value]:
        values = []
        for name, type_ in names:
            if name in self.values:
                raise self.error(f"%{name} is defined twice")
            self.values[name] = Value(type_, "" if name.isdigit() else name)
            values.append(self.values[name])
        return values

    def value(self) -> Value:
        self.expect("%")
        name = self.need(LABEL, "the name of a value")
        if name not in self.values:
            raise self.error(f"%{name} is not defined before it is read")
        return self.values[name]

    # operands

    def operand(self) -> Operand:
        if self.peek("%"):
            return self.value()
        if self.accept("@"):
            return self.reference(self.need(LABEL, "the name of a function"))
        self.refuse_object()
        if self.accept("["):
            return self.listed(self.operand, "]")
        if self.accept("("):
            return self.parenthesis()
        if self.accept("{"):
            return dict(self.listed(self.pair, "}"))
        return self.literal()

    def refuse_object(self) -> None:
        if self.peek("<"):
            raise self.error("this object has no text form, it cannot be read back", ahead=True)

    def parenthesis(self) -> tuple[Operand, ...]:
        return tuple(self.listed(self.operand, ")"))

    def pair(self) -> tuple[Any, Operand]:
        key = self.operand()
        self.expect(":")
        return key, self.operand()

    def string(self) -> str:
        return str(ast.literal_eval(self.need(STRING, "a string")))

    def literal(self) -> Any:
        text = self.take(STRING)
        if text is not None:
            return ast.literal_eval(text)
        text = self.take(NUMBER)
        if text is not None:
            return float(text) if re.search("[.en]", text) else int(text)
        dotted = self.take(DOTTED)
        if dotted is not None:
            return self.named(self.resolved(dotted))
        word = self.need(NAME, "a value or a constant")
        if word in WORDS:
            return WORDS[word]
        if word not in MAKERS:
            raise self.error(f"unknown word {word!r}")
        self.expect("(")
        return MAKERS[word](*self.parenthesis())

    def resolved(self, name: str) -> Any:
        try:
            return resolve(name)
        except LookupError as error:
            raise self.error(str(error.args[0])) from None

    def named(self, found: Any) -> Any:
        """A callable, or a named tuple: its class and its items."""
        return found(*self.parenthesis()) if self.accept("(") else found


def _array(dtype: str, shape: tuple[int, ...], items: list[Any]) -> np.ndarray:
    return np.array(items, dtype=dtype).reshape(shape)


def _scalar(dtype: str, item: Any) -> np.generic:
    made: np.generic = np.dtype(dtype).type(item)
    return made


MAKERS: dict[str, Callable[..., Any]] = {
    "slice": slice, "range": range, "complex": complex, "dtype": np.dtype, "array": _array, "scalar": _scalar,
}  # fmt: skip
