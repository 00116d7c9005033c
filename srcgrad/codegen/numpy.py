"""The default emitter: NumPy source as a good engineer writes it, in place where that is safe."""

from __future__ import annotations

from typing import Any

from srcgrad.analysis.memory import Memory
from srcgrad.codegen.expressions import Expressions
from srcgrad.codegen.lines import Lines
from srcgrad.codegen.names import name_variables
from srcgrad.codegen.nest import nest
from srcgrad.codegen.polish import polish
from srcgrad.codegen.quiet import quiet_part
from srcgrad.codegen.ranges import Ranges
from srcgrad.codegen.references import References
from srcgrad.codegen.scalars import surely_scalar
from srcgrad.codegen.statements import layout
from srcgrad.codegen.tapes import lower_tapes
from srcgrad.codegen.tied import Line
from srcgrad.codegen.walks import walk_items
from srcgrad.ir.core import Func
from srcgrad.ir.names import identifier
from srcgrad.ir.walk import callees, clone_func
from srcgrad.passes.buffers import own_buffers

__all__ = ["emit", "emit_lines", "text_of"]


def emit(func: Func, namespace: dict[str, Any]) -> str:
    """The text of a function and of those it calls: the lines that `emit_lines` gives."""
    return text_of(emit_lines(func, namespace))


def text_of(lines: list[Line]) -> str:
    """Lines as one text."""
    return "".join(line.text + "\n" for line in lines)


def emit_lines(func: Func, namespace: dict[str, Any]) -> list[Line]:
    """The lines of a function and of those it calls, each with its place in the primal.

    Parameters
    ----------
    func : Func
        A well-formed function; it is not changed. Its captured parameters are keyword-only, under the captured names,
        unless it calls itself. Arrays it is given are never written, and what it returns is its own.
    namespace : dict
        The globals the text needs; what has no literal is put there.
    """
    others = [other for other in callees(func.block) if other is not func]
    captured = {name for each in (func, *others) for name in each.captured}
    references = References(namespace, [func, *others], captured)
    blank = [Line(""), Line("")]
    lines = [line for each in others for line in (*_function(each, references, is_main=False), *blank)]
    lines += _function(func, references, is_main=True)
    name, label = identifier(func.name, "func"), references.funcs[func]
    return lines if label == name else [*lines, *blank, Line(f"{name} = {label}")]


def _function(func: Func, references: References, is_main: bool) -> list[Line]:
    label = references.funcs[func]
    copy = clone_func(func)
    references.funcs[copy] = label
    polish(copy)
    twins = lower_tapes(copy)
    walk_items(copy, twins)
    in_place = own_buffers(copy)
    memory = Memory(copy, in_place)
    statements = layout(copy, in_place)
    quiet = quiet_part(copy, statements) if is_main else set()
    inline = nest(copy, statements, memory, quiet)
    ranges = Ranges(copy, statements, inline)
    expressions = Expressions({}, inline, references)
    lines = Lines(expressions, ranges, surely_scalar(copy, statements, inline), quiet)
    lines.refer(statements)  # every foreign name is known before the function's own are chosen
    names = name_variables(copy, statements, inline, ranges, references.taken, twins)
    expressions.names = names
    lines.comment(statements)
    params = [names[param] for param in copy.params]
    if is_main and func.captured and func not in callees(func.block):
        params.insert(len(params) - len(copy.captured), "*")
    return [*lines.head(label, params, func.doc), *lines.body(statements)]
