"""Where each variable is still needed, and which two may therefore not share a name."""

from __future__ import annotations

from collections.abc import Iterable

from srcgrad.codegen.effects import ACTS, weight
from srcgrad.codegen.nest import Inline
from srcgrad.codegen.statements import Branch, Define, Give, Leave, Move, Repeat, Statement, Store, inner, operands
from srcgrad.ir.core import Call, Func, Operand, Value, values_in

__all__ = ["Ranges"]


class Ranges:
    """The variables of a program, numbered, and who is alive when whom is assigned.

    Attributes
    ----------
    bits : dict
        The bit of each variable.
    clashes : list of int
        For each variable, those that hold something still needed when it is assigned.
    dead : set
        Definitions and writes whose value nobody needs.
    """

    def __init__(self, func: Func, statements: list[Statement], inline: Inline) -> None:
        self.inline = inline
        self.bits: dict[Value, int] = {}
        self.variables: list[Value] = []
        self.clashes: list[int] = []
        self.same: list[tuple[Value, Value]] = []  # a write in place: one object under two names
        self.moves: list[tuple[Value, Value]] = []  # better one name
        self.dead: set[Define | Store] = set()
        self.live_pairs: dict[Move, list[tuple[Value, Operand]]] = {}
        self._needed = 0
        self._heads: dict[Repeat, int] = {}
        self._reads: dict[Statement, int] = {}
        self._nested: dict[Value, int] = {}  # what is read through a value that is printed where it is used
        for param in func.params:
            self._number(param)
        self._survey(statements)
        live = self._flow(statements, 0, 0, 0, True) | self._mask(func.params)
        for param in func.params:
            self._clash(param, live)
        self._make_symmetric()

    # Preparation

    def _number(self, value: Value) -> None:
        if value not in self.bits:
            self.bits[value] = 1 << len(self.variables)
            self.variables.append(value)
            self.clashes.append(0)

    def _survey(self, statements: list[Statement]) -> None:
        for statement in statements:
            match statement:
                case Define(call) | Store(call):
                    self._number(call.out)
                case Move(pairs):
                    for target, _ in pairs:
                        self._number(target)
                case Repeat():
                    for target in values_in(statement.targets):
                        self._number(target)
            for inside in inner(statement):
                self._survey(inside)
            self._reads[statement] = self.reads(operands(statement))

    def reads(self, operand: Operand) -> int:
        """The variables that an expression reads, through what is nested in it."""
        mask = 0
        for value in values_in(operand):
            call = self.inline.get(value)
            mask |= self.bits[value] if call is None else self._reads_nested(value, call)
        return mask

    def _reads_nested(self, value: Value, call: Call) -> int:
        mask = self._nested.get(value)
        if mask is None:
            mask = self._nested[value] = self.reads((*call.args, *call.kwargs.values()))
        return mask

    def _mask(self, values: Iterable[Value]) -> int:
        mask = 0
        for value in values:
            mask |= self.bits[value]
        return mask

    # Backwards through the program

    def _flow(self, statements: list[Statement], live: int, at_break: int, at_continue: int, final: bool) -> int:
        """What is alive before the statements, given what is after them; `final`: take note of clashes."""
        for statement in reversed(statements):
            match statement:
                case Define():
                    live = self._define(statement, live, final)
                case Store():
                    live = self._store(statement, live, final)
                case Move():
                    live = self._move(statement, live, final)
                case Branch():
                    then = self._flow(statement.then, live, at_break, at_continue, final)
                    orelse = self._flow(statement.orelse, live, at_break, at_continue, final)
                    live = then | orelse | self._reads[statement]
                case Repeat():
                    live = self._repeat(statement, live, final)
                case Leave():
                    live = at_break if statement.word == "break" else at_continue
                case Give():
                    live = self._reads[statement]
        return live

    def _define(self, statement: Define, live: int, final: bool) -> int:
        bit = self.bits[statement.call.out]
        if not live & bit:
            if final:
                self.dead.add(statement)
            if self._is_removable(statement.call):
                return live
        elif final:
            self._clash(statement.call.out, live)
            if statement.call.sweep == "reverse":
                self._prefer(statement.call.out, statement.call.args)
        return live & ~bit | self._reads[statement]

    def _is_removable(self, call: Call) -> bool:
        """Has the call, with what is nested in it, no other use than its value?"""
        if call.must or weight(call) >= ACTS:
            return False
        return all(self._is_removable(self.inline[v]) for v in values_in((call.args, call.kwargs)) if v in self.inline)

    def _store(self, statement: Store, live: int, final: bool) -> int:
        out, target = statement.call.out, statement.call.args[0]
        bit = self.bits[out]
        if live & bit and final and isinstance(target, Value):
            self._clash(out, live & ~self.bits[target])
            self.same.append((target, out))
        elif not live & bit:
            if final:
                self.dead.add(statement)
            if self._is_removable(statement.call) and statement.call.fn is not list.append:
                return live
        return live & ~bit | self._reads[statement]

    def _move(self, statement: Move, live: int, final: bool) -> int:
        pairs = [(target, source) for target, source in statement.pairs if live & self.bits[target]]
        after = live
        for target, _ in pairs:
            live &= ~self.bits[target]
        targets = after & ~live
        for target, source in pairs:
            plain = isinstance(source, Value) and source not in self.inline
            if final:
                own = self.bits[source] if plain and not self.bits[source] & targets else 0
                self._clash(target, after & ~own)
                self._prefer(target, source)
            live |= self.reads(source)
        if final:
            self.live_pairs[statement] = pairs
        return live

    def _repeat(self, statement: Repeat, after: int, final: bool) -> int:
        targets = self._mask(values_in(statement.targets))
        known = self._heads.get(statement, 0) | (after if statement.sources else 0)
        while True:
            start = self._flow(statement.body, known, after, known, False)
            head = start & ~targets | (after if statement.sources else 0)
            if head | known == known:
                break
            known |= head
        self._heads[statement] = known
        if final:
            start = self._flow(statement.body, known, after, known, True)
            self._needed |= start & targets
            start |= targets
            for target in values_in(statement.targets):
                self._clash(target, start | known)
        return known | self._reads[statement]

    # Answers

    def is_needed(self, target: Value) -> bool:
        """Does anything in the loop need the item that this variable takes?"""
        return bool(self._needed & self.bits[target])

    def is_needless(self, statement: Define | Store) -> bool:
        """Is it a definition or write that nobody needs, and that does nothing else?"""
        call = statement.call
        return statement in self.dead and self._is_removable(call) and call.fn is not list.append

    def members(self, mask: int) -> list[Value]:
        """The variables of a mask."""
        found = []
        while mask:
            low = mask & -mask
            found.append(self.variables[low.bit_length() - 1])
            mask ^= low
        return found

    def _prefer(self, target: Value, source: Operand) -> None:
        """One name is better for what is moved, and for a cotangent before and after an update."""
        if isinstance(source, Value) and source not in self.inline:
            self.moves.append((target, source))
        elif target.hint.endswith("_bar"):
            before = [value for value in self.members(self.reads(source)) if value.hint and value.hint == target.hint]
            self.moves.extend((target, value) for value in before)

    # Clashes

    def _clash(self, value: Value, live: int) -> None:
        bit = self.bits[value]
        self.clashes[bit.bit_length() - 1] |= live & ~bit

    def _make_symmetric(self) -> None:
        for i, mask in enumerate(self.clashes):
            while mask:
                low = mask & -mask
                self.clashes[low.bit_length() - 1] |= 1 << i
                mask ^= low
