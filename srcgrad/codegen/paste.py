"""The text of a Python function, ready to stand in another module: without decorators and annotations."""

from __future__ import annotations

import ast
import dis
import linecache
import textwrap
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from srcgrad.errors import UnsupportedError
from srcgrad.frontend.bytecode import nested
from srcgrad.frontend.source import Source, locate

__all__ = ["Resolve", "paste"]

# Told a free name of a function and what it means; answers with the name it goes by in the new module.
Resolve = Callable[[str, object], str]


@dataclass(frozen=True, order=True)
class _Edit:
    """A stretch of text, by line and column in bytes, and what replaces it."""

    start: tuple[int, int]
    end: tuple[int, int]
    new: str


def paste(fn: types.FunctionType, name: str, resolve: Resolve) -> str:
    """The text of a function under a new name.

    Parameters
    ----------
    fn : function
        A plain Python function whose source can be found.
    name : str
        What it is called in the new module.
    resolve : callable
        Is told each free name with its value, and says what to write instead.

    Raises
    ------
    SourceError, UnsupportedError
        It has no source, or is not the function its ``def`` makes.
    """
    source = locate(fn)
    node = source.node
    if not isinstance(node, ast.FunctionDef) or source.fn is not fn:
        raise UnsupportedError(f"`{name}` cannot be pasted into a module", span=source.span(node),
                               reason="only a plain function that is written with `def` can",
                               repair="Write it with `def`, without a wrapper around it.")  # fmt: skip
    renamed = {key: resolve(key, value) for key, value in _free_names(source)}
    lines = [line.encode() for line in linecache.getlines(source.file, source.globals)]
    return _edited(lines, node, [*_renamings(node, renamed), *_bare(node, lines), _own_name(node, lines, name)])


def _free_names(source: Source) -> Iterator[tuple[str, object]]:
    """The globals and cells that the function, and what is defined in it, reads."""
    code = source.fn.__code__
    loads = {load for part in (code, *nested(code)) for load in _loads(part)}
    defaults = [n for d in _defaults(source.node.args) for n in ast.walk(d)]
    loads |= {("LOAD_GLOBAL", n.id) for n in defaults if isinstance(n, ast.Name)}
    for opname, key in sorted(loads):
        if opname == "LOAD_DEREF" and key in source.cells:
            yield key, source.cells[key].cell_contents
        elif opname == "LOAD_GLOBAL" and key in source.globals:
            yield key, source.globals[key]


def _loads(code: types.CodeType) -> Iterator[tuple[str, str]]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_DEREF"):
            yield instruction.opname, str(instruction.argval)


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]


def _renamings(node: ast.FunctionDef, renamed: dict[str, str]) -> Iterator[_Edit]:
    for part in (*node.body, *_defaults(node.args)):
        for name in ast.walk(part):
            if isinstance(name, ast.Name) and renamed.get(name.id, name.id) != name.id:
                yield _Edit((name.lineno, name.col_offset), _end(name), renamed[name.id])


def _bare(node: ast.FunctionDef, lines: list[bytes]) -> Iterator[_Edit]:
    """Take the annotations out: what they name is not imported in the new module."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.FunctionDef):
            defaults = _defaults_of(inner.args)
            for arg in ast.walk(inner.args):
                if isinstance(arg, ast.arg) and arg.annotation is not None:
                    yield _without(arg, arg.annotation, defaults.get(arg))
            if inner.returns is not None:
                yield _Edit(_arrow(inner.returns, lines), _end(inner.returns), "")


def _defaults_of(arguments: ast.arguments) -> dict[ast.arg, ast.expr]:
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = list(zip(reversed(positional), reversed(arguments.defaults), strict=False))
    pairs += [(arg, d) for arg, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None]
    return dict(pairs)


def _without(arg: ast.arg, annotation: ast.expr, default: ast.expr | None) -> _Edit:
    """``x: float`` becomes ``x``, and ``x: float = 1.0`` becomes ``x=1.0``."""
    start = arg.lineno, arg.col_offset + len(arg.arg.encode())
    if default is None:
        return _Edit(start, _end(annotation), "")
    return _Edit(start, (default.lineno, default.col_offset), "=")


def _arrow(returns: ast.expr, lines: list[bytes]) -> tuple[int, int]:
    """Where the arrow before a return annotation starts, with the space before it."""
    before = lines[returns.lineno - 1][: returns.col_offset]
    return returns.lineno, len(before.rpartition(b"->")[0].rstrip())


def _end(node: ast.expr) -> tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or node.col_offset


def _own_name(node: ast.FunctionDef, lines: list[bytes], name: str) -> _Edit:
    old = node.name.encode()
    start = lines[node.lineno - 1].index(old, node.col_offset + len(b"def"))
    return _Edit((node.lineno, start), (node.lineno, start + len(old)), name)


def _edited(lines: list[bytes], node: ast.FunctionDef, edits: list[_Edit]) -> str:
    """The lines of a node with its edits applied, from the last to the first."""
    text = list(lines)
    for edit in sorted(edits, reverse=True):
        (first, start), (last, end) = edit.start, edit.end
        joined = text[first - 1][:start] + edit.new.encode() + text[last - 1][end:]
        text[first - 1 : last] = [joined, *[b""] * (last - first)]
    whole = b"".join(text[node.lineno - 1 : node.end_lineno]).decode()
    return textwrap.dedent(whole).replace("  # fmt: skip\n", "\n").rstrip() + "\n"
