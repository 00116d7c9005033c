"""Gives every variable its name: few names, the user's where there are some, never one for two needed values."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Callable, Collection, Mapping

from srcgrad.codegen.nest import Inline
from srcgrad.codegen.ranges import Ranges
from srcgrad.codegen.statements import Define, Repeat, Statement, Store, inner
from srcgrad.codegen.tidy import is_part
from srcgrad.ir.core import Call, Func, Operand, Value, values_in
from srcgrad.ir.names import identifier
from srcgrad.ir.types import ListOf

__all__ = ["name_variables"]

# Builtins that a function may well use as a name of its own.
FREE_BUILTINS = {
    "input", "iter", "next", "vars", "dir", "format", "filter", "hash", "id", "map", "object", "open", "bin", "hex",
    "oct", "ord", "chr", "compile", "exit", "quit", "license", "credits", "copyright", "help",
}  # fmt: skip

VERBS = {
    "add": "total", "sub": "diff", "mul": "product", "truediv": "ratio", "floordiv": "quotient", "mod": "rest",
    "pow": "power", "matmul": "product", "neg": "minus", "lt": "below", "le": "below", "gt": "above", "ge": "above",
    "eq": "same", "ne": "differs", "not_": "without", "and_": "both", "or_": "either", "getitem": "item",
    "get_item": "item", "ndarray.copy": "copy", "fresh": "copy",
    "sum_to": "summed", "where": "chosen", "expand_dims": "column", "broadcast_to": "spread", "logical_and": "both",
}  # fmt: skip


STEPS = {"add": "next", "sub": "before"}  # what is at `t + 1` and at `t - 1`
CREATORS = {"zeros", "zeros_like", "ones", "ones_like", "empty", "empty_like", "full", "full_like"}


def name_variables(func: Func, statements: list[Statement], inline: Inline, ranges: Ranges, taken: Collection[str],
                   twins: Mapping[Value, Value]) -> dict[Value, str]:  # fmt: skip
    """The name of each variable.

    Parameters
    ----------
    func : Func
        Its parameters keep their names.
    statements, inline, ranges
        The program, what is nested in it, and when its variables are alive.
    taken : collection of str
        Names that mean something else in the text.
    twins : mapping
        For what a loop takes from a list, the value that was put there: a nameless item is called like that.
    """
    classes = _Classes(func, ranges)
    classes.merge()
    namer = _Namer(classes, {*taken, *keyword.kwlist, *(set(dir(builtins)) - FREE_BUILTINS)}, inline, twins)
    namer.params(func)
    namer.look(statements)
    return namer.names()


class _Classes:
    """Variables that share a name because they are one thing, or because that saves an assignment."""

    def __init__(self, func: Func, ranges: Ranges) -> None:
        self.ranges = ranges
        self.parent = list(range(len(ranges.variables)))
        self.members = [1 << i for i in self.parent]
        self.clashes = list(ranges.clashes)
        self.fixed = {value: k for k, value in enumerate(func.params)}
        self.hints = [value.hint for value in ranges.variables]

    def find(self, i: int) -> int:
        """The number that stands for the class of variable `i`."""
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def number(self, value: Value) -> int:
        """The class of a variable."""
        return self.find(self.ranges.bits[value].bit_length() - 1)

    def merge(self) -> None:
        """Join what is one object, then what an assignment joins; equal names first."""
        for a, b in self.ranges.same:
            self.join(a, b)
        moves = self.ranges.moves
        for a, b in moves:
            if a.hint == b.hint:
                self.join(a, b)
        for a, b in moves:
            if _agree(self.hints[self.number(a)], self.hints[self.number(b)]):
                self.join(a, b)

    def join(self, a: Value, b: Value) -> None:
        """Make two classes one, where no two of their members are needed at once."""
        x, y = self.number(a), self.number(b)
        if x == y or self.clashes[x] & self.members[y] or (b in self.fixed and a in self.fixed):
            return
        if b in self.fixed and a.hint != b.hint:
            return
        self.parent[y] = x
        self.members[x] |= self.members[y]
        self.clashes[x] |= self.clashes[y]
        self.hints[x] = self.hints[x] or self.hints[y] or max(self.hints[x], self.hints[y], key=len)  # or a guess


def _agree(a: str, b: str) -> bool:
    """May one name stand for both? Not where the user gave two."""
    return a == b or not (a and b) or (a.endswith("_bar") and b.endswith("_bar"))


class _Namer:
    def __init__(self, classes: _Classes, taken: set[str], inline: Inline, twins: Mapping[Value, Value]) -> None:
        self.classes, self.taken, self.inline = classes, taken, inline
        self.twins = {classes.number(item): twin for item, twin in twins.items() if item in classes.ranges.bits}
        self.given: dict[int, str] = {}
        self.order: dict[int, Call | None] = {}

    def params(self, func: Func) -> None:
        """Parameters keep their names."""
        used: set[str] = set()
        for k, param in enumerate(func.params):
            count = len(func.params) - len(func.captured)
            hint = param.hint if param.hint else spelled_guess(param.hint)
            name = func.captured[k - count] if k >= count else identifier(hint, f"arg{k}")
            while name in used or (k < count and name in self.taken):
                name += "_"
            used.add(name)
            self.given[self.classes.number(param)] = name

    def look(self, statements: list[Statement]) -> None:
        """Take note of the classes in the order in which they are first assigned, and by which call."""
        for statement in statements:
            if isinstance(statement, (Define, Store)):
                number = self.classes.number(statement.call.out)
                if self.order.get(number) is None:
                    self.order[number] = statement.call
            elif isinstance(statement, Repeat):
                for target in values_in(statement.targets):
                    self.order.setdefault(self.classes.number(target), None)
            for inside in inner(statement):
                self.look(inside)

    def names(self) -> dict[Value, str]:
        """Every variable's name: hinted classes choose first."""
        classes = self.classes
        all_of_them = dict.fromkeys([*self.order, *map(classes.find, range(len(classes.parent)))])
        rest = [i for i in all_of_them if i not in self.given]
        for i in sorted(rest, key=self.rank):
            self.settle(i)
        return {value: self.given[classes.number(value)] for value in classes.ranges.variables}

    def settle(self, i: int) -> str:
        """The name of a class, chosen now where it has none yet."""
        if i not in self.given:
            self.given[i] = self.choose(i)
        return self.given[i]

    def rank(self, i: int) -> int:
        """First who has a name, then items of lists, which are called like what was put there; lists last."""
        if self.classes.hints[i]:
            return 0
        return 2 if i not in self.twins else 3 if isinstance(self.order.get(i), Call) else 1

    def choose(self, i: int) -> str:
        """The wished name where it is free, else the wished name and a number."""
        given = self.classes.hints[i]
        hint = identifier(given, "") if given else self.twin(i) or self.guessed(i, given) or self.describe(i)
        blocked = self.blocked(i)
        name, number = hint, 1
        while name in blocked or name in self.taken:
            number += 1
            name = f"{hint}_{number}"
        return name

    def guessed(self, i: int, guess: str) -> str:
        """The name of a cotangent, after what made the value that it belongs to; a read is called after itself."""
        call, is_bar = self.order.get(i), guess.endswith("_bar")
        if not str(guess) or (call is not None and (_is_read(call) if is_bar else not is_part(call))):
            return ""
        return spelled_guess(guess)

    def blocked(self, i: int) -> set[str]:
        """The names of the variables that are needed at the same time."""
        members, clashes = self.classes.members, self.classes.clashes[i]
        return {name for number, name in self.given.items() if members[number] & clashes}

    def twin(self, i: int) -> str:
        """The name of what was put into a list, for what is taken from it."""
        value = self.twins.get(i)
        if value is None:
            return ""
        name = self.spelled(value)
        if not name or not isinstance(self.order.get(i), Call):
            return name
        return f"{name}_values" if keyword.iskeyword(f"{name}s") else f"{name}s"

    def spelled(self, value: Value) -> str:
        """What a value is called, or would be."""
        if value in self.inline:
            return describe_call(self.inline[value], self.word)
        return self.settle(self.classes.number(value)) if value in self.classes.ranges.bits else ""

    def describe(self, i: int) -> str:
        """A name for a variable that has none, from what makes it."""
        call = self.order.get(i)
        if call is None:
            return "item" if i in self.order else "value"
        if getattr(call.fn, "__name__", "") in ("copy", "fresh") and call.args and call.args[0] in self.inline:
            call = self.inline[call.args[0]]
        if call.fn is list:
            return "items" if isinstance(call.out.type, ListOf) else "values"
        return describe_call(call, self.word)

    def word(self, operand: Operand) -> str:
        """What an operand is called."""
        if not isinstance(operand, Value):
            return ""
        if operand in self.inline:
            call = self.inline[operand]
            step = STEPS.get(getattr(call.fn, "__name__", ""))
            if step is not None and type(call.args[1]) is int:
                return step
            return self.word(call.args[0]) if call.args and _is_read(call) else ""
        number = self.classes.number(operand) if operand in self.classes.ranges.bits else None
        made = self.order.get(number) if number is not None else None
        if number is not None and made is not None and number not in self.given and _is_read(made) and not operand.hint:
            self.settle(number)
        name = self.given.get(number, operand.hint) if number is not None else operand.hint
        return name if len(name) <= 12 else ""


def spelled_guess(guess: str) -> str:
    """What a value is called after the function that made it, a cotangent after that which made its primal."""
    made = guess.removesuffix("_bar").strip("_")
    return f"{_plain(VERBS.get(made, made))}{'_bar' * guess.endswith('_bar')}" if made else ""


def _is_read(call: Call) -> bool:
    return getattr(call.fn, "__name__", "") in ("getitem", "get_item", "transpose", "reshape")


def describe_call(call: Call, word: Callable[[Operand], str]) -> str:
    """``exp_u`` for ``np.exp(u)``, ``x_i`` for ``x[i]``, ``ratio`` for a quotient."""
    name = str(getattr(call.fn, "__name__", "") or "value").strip("_")
    first = word(call.args[0]) if call.args else ""
    if name in ("getitem", "get_item") and first:
        index = call.args[1]
        return f"{first}_{_index_word(index, word)}"
    if name in ("copy", "fresh") and call.args:
        return f"{first}_copy" if first else "copy"
    if name in CREATORS:
        return f"{first}_sum" if first else "sums"
    name = VERBS.get(name, name)
    if name == "minus" and first:
        return f"minus_{first}"
    spelled = _plain(name)
    return f"{spelled}_{first}" if first and name not in VERBS.values() else spelled


def _index_word(index: Operand, word: Callable[[Operand], str]) -> str:
    if isinstance(index, Value):
        return word(index) or "item"
    return str(index) if type(index) is int and index >= 0 else "part"


def _plain(name: str) -> str:
    return re.sub(r"\W+", "_", name).strip("_") or "value"
