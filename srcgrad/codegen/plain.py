"""The plain emitter: every value its own name, nothing nested, nothing in place. The oracle of the other emitters."""

from __future__ import annotations

import builtins
import keyword
import math
from collections.abc import Iterable
from typing import Any

from srcgrad.ir.core import Block, Call, Func, If, Loop, Op, Operand, Range, Source, Value
from srcgrad.ir.names import Names, identifier
from srcgrad.ir.types import ABSENT
from srcgrad.ir.walk import callees, free_values

__all__ = ["emit"]

MAX_DEPTH = 12  # Python allows twenty nested loops: what is deeper becomes a function of its own
LITERALS = (type(None), bool, int, str, bytes)


def emit(func: Func, namespace: dict[str, Any]) -> str:
    """The text of a function and of those it calls.

    Parameters
    ----------
    func : Func
        Its captured parameters are keyword-only, under the captured names; unless it calls itself.
    namespace : dict
        The globals the text needs. Constants without a literal are put there: callables, dtypes, arrays, ... Each
        function wants a namespace of its own.
    """
    others = [other for other in callees(func.block) if other is not func]
    emitter = _Emitter([func, *others], namespace)
    for each in others:
        emitter.function(each, star=False)
    emitter.function(func, star=len(func.captured) > 0 and func not in callees(func.block))
    name = identifier(func.name, "func")
    label = emitter.funcs[func]
    return "\n\n\n".join(emitter.texts) + "\n" + (f"\n\n{name} = {label}\n" if label != name else "")


def indented(lines: Iterable[str]) -> list[str]:
    """The lines, one level deeper."""
    return ["    " + line for line in lines]


class _Emitter:
    """Emits functions into `texts`; a name is given once in the whole text."""

    def __init__(self, funcs: list[Func], namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.texts: list[str] = []
        self.values: dict[Value, str] = {}
        self.constants: dict[int, str] = {}
        # A captured parameter keeps its name whatever else has it, so nothing else may.
        captured = {name for func in funcs for name in func.captured}
        self.shadowed = {*namespace, *captured, identifier(funcs[0].name, "func")}
        self.names = Names({*namespace, *captured, *dir(builtins), *keyword.kwlist})
        self.funcs = {func: self.names.fresh(identifier(func.name, "func")) for func in funcs}

    def function(self, func: Func, star: bool) -> None:
        count = len(func.params) - len(func.captured)
        self.values.update(zip(func.params[count:], func.captured, strict=True))
        params = [self.name(param) for param in func.params]
        if star:
            params.insert(count, "*")
        lines = self.ops(func.block, 0)
        yields = tuple(func.block.yields)
        result = self.operand(yields[0] if len(yields) == 1 else yields or None)
        self.define(self.funcs[func], params, [*lines, f"return {result}"])

    def define(self, name: str, params: list[str], lines: list[str]) -> None:
        self.texts.append("\n".join([f"def {name}({', '.join(params)}):", *indented(lines)]))

    # ops

    def ops(self, block: Block, depth: int) -> list[str]:
        return [line for op in block.ops for line in self.op(op, depth)]

    def op(self, op: Op, depth: int) -> list[str]:
        match op:
            case Call():
                args = [self.operand(arg) for arg in op.args]
                args += [f"{name}={self.operand(arg)}" for name, arg in op.kwargs.items()]
                return [f"{self.name(op.out)} = {self.operand(op.fn)}({', '.join(args)})"]
            case _ if depth == MAX_DEPTH:
                return self.outlined(op)
            case If():
                then, orelse = self.arm(op.then, op.outs, depth), self.arm(op.orelse, op.outs, depth)
                return [f"if {self.operand(op.cond)}:", *indented(then), "else:", *indented(orelse)]
            case Loop():
                return self.loop(op, depth)

    def outlined(self, op: Op) -> list[str]:
        """The op as a function of what it reads."""
        params = [self.name(value) for value in free_values(Block(ops=[op]))]
        outs = self.operand(tuple(op.outs))
        name = self.names.fresh("region")
        self.define(name, params, [*self.op(op, 0), f"return {outs}"])
        call = f"{name}({', '.join(params)})"
        return [f"{outs} = {call}" if op.outs else call]

    def arm(self, block: Block, outs: list[Value], depth: int) -> list[str]:
        lines = self.ops(block, depth + 1)
        lines += [f"{self.name(out)} = {self.operand(item)}" for out, item in zip(outs, block.yields, strict=True)]
        return lines or ["pass"]

    def loop(self, op: Loop, depth: int) -> list[str]:
        stop, laps = self.name(op.outs[0]), [self.name(out) for out in op.collected_outs]
        carried = [self.name(param) for param in op.carried]
        body = self.ops(op.body, depth + 1)
        body += [f"{lap}.append({self.operand(item)})" for lap, item in zip(laps, op.collected_yields, strict=True)]
        # In parallel: a new value may be computed from the old one of another name, as in a swap.
        targets, values = [stop, *carried], op.body.yields[: 1 + len(carried)]
        body.append(f"{', '.join(targets)} = {', '.join(map(self.operand, values))}")
        body.append(f"if {stop} != 0: break")
        return [
            f"{stop} = 0",
            *(f"{name} = {self.operand(init)}" for name, init in zip(carried, op.inits, strict=True)),
            *(f"{lap} = []" for lap in laps),
            self.head(op),
            *indented(body),
            *(f"{self.name(out)} = {name}" for out, name in zip(op.carried_outs, carried, strict=True)),
        ]

    def head(self, op: Loop) -> str:
        if not op.sources:
            return "while True:"
        items = ", ".join(map(self.name, op.items))
        sources = [self.source(source, op.reverse) for source in op.sources]
        if len(sources) == 1:
            return f"for {items} in {sources[0]}:"
        return f"for {items} in {self.constant(zip)}({', '.join(sources)}):"

    def source(self, source: Source, reverse: bool) -> str:
        if isinstance(source, Range):
            parts = ", ".join(map(self.operand, (source.start, source.stop, source.step)))
            text = f"{self.constant(range)}({parts})"
        else:
            text = self.operand(source.value)
        return f"{self.constant(reversed)}({text})" if reverse else text

    # names and operands

    def name(self, value: Value) -> str:
        if value not in self.values:
            self.values[value] = self.names.fresh(identifier(value.hint))
        return self.values[value]

    def operand(self, operand: Operand) -> str:
        match operand:
            case Value():
                return self.name(operand)
            case Func():
                return self.funcs[operand]
            case slice():
                return f"{self.constant(slice)}({self.items((operand.start, operand.stop, operand.step))})"
            case dict():
                return "{" + ", ".join(f"{self.operand(k)}: {self.operand(v)}" for k, v in operand.items()) + "}"
            case list():
                return f"[{self.items(operand)}]"
            case tuple() if hasattr(operand, "_fields"):
                return f"{self.constant(type(operand))}({self.items(operand)})"
            case tuple():
                return f"({self.items(operand)}{',' * (len(operand) == 1)})"
        literal = type(operand) in LITERALS or (type(operand) is float and math.isfinite(operand))
        return repr(operand) if literal else self.constant(operand)

    def items(self, operands: Iterable[Operand]) -> str:
        return ", ".join(map(self.operand, operands))

    def constant(self, value: Any) -> str:
        """The global name of a constant; the namespace keeps it alive, so its id is its own."""
        if id(value) not in self.constants:
            hint = constant_hint(value)
            builtin = getattr(builtins, hint, None) is value and hint not in self.shadowed
            self.constants[id(value)] = hint if builtin else self.bind(hint, value)
        return self.constants[id(value)]

    def bind(self, hint: str, value: Any) -> str:
        name = self.names.fresh(hint)
        self.namespace[name] = value
        return name


def constant_hint(value: Any) -> str:
    """What to call a constant: its own name, or that of its type."""
    own = "ABSENT" if value is ABSENT else getattr(value, "__name__", None)
    return identifier(own if isinstance(own, str) else type(value).__name__, "constant")
