"""From a callable to its trusted source: the syntax tree of a function, accepted only if it compiles to what runs."""

from __future__ import annotations

import ast
import contextlib
import functools
import linecache
import sys
import threading
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

from srcgrad.errors import SourceError, Span
from srcgrad.frontend.bytecode import fingerprint, future_flags, nested, ranges
from srcgrad.frontend.unwrap import unwrap

__all__ = ["FunctionNode", "Source", "locate"]

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Spans: TypeAlias = dict[int, tuple[ast.AST, Span]]  # by the identity of the node, which is kept alive

# A line no file has, for a lambda that must be told from the others on its line.
FAR_LINE = 1_000_000_000
PYTEST_REWRITER = "_pytest.assertion.rewrite"
SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
# Where the loaders (or classes of loaders, or None) come from that run a file as it stands.
PLAIN_LOADERS = frozenset({"_frozen_importlib_external", "zipimport", "builtins"})


@dataclass(frozen=True, eq=False)
class Source:
    """A function, its syntax tree, and what its free names mean.

    Attributes
    ----------
    fn : FunctionType
        The plain Python function that runs.
    node : ast.FunctionDef, ast.AsyncFunctionDef or ast.Lambda
        Its syntax, with the lines and columns of `file`.
    file : str
        The file name it was compiled under.
    globals : dict
        The live globals of its module.
    cells : dict of str to cell
        The live cell of every free variable.
    bound_args, bound_kwargs
        What bound methods (``self`` first) and ``functools.partial`` pass before the caller's own arguments.
    """

    fn: types.FunctionType
    node: FunctionNode
    file: str
    globals: dict[str, Any]
    cells: dict[str, types.CellType]
    bound_args: tuple[Any, ...] = ()
    bound_kwargs: dict[str, Any] = field(default_factory=dict)
    spans: Spans = field(default_factory=dict, repr=False)  # those that were asked for

    @property
    def defaults(self) -> tuple[Any, ...]:
        """The defaults of the positional parameters, as they are now."""
        return self.fn.__defaults__ or ()

    @property
    def kwdefaults(self) -> dict[str, Any]:
        """The defaults of the keyword-only parameters, as they are now."""
        return self.fn.__kwdefaults__ or {}

    def span(self, node: ast.expr | ast.stmt | ast.excepthandler | ast.arg | ast.keyword) -> Span:
        """Where `node` stands in the file."""
        known = self.spans.get(id(node))
        if known is None:
            span = Span(self.file, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
            known = self.spans[id(node)] = node, span
        return known[1]


def locate(target: Callable[..., Any]) -> Source:
    """The source of the function that runs when `target` is called.

    Parameters
    ----------
    target : callable
        A function, lambda, method, partial, callable object, or a wrapper of a known kind around one.

    Returns
    -------
    Source
        Its syntax tree compiles to the bytecode that is running.

    Raises
    ------
    SourceError
        There is no Python source, or the text is not what is running.
    """
    fn, args, kwargs = unwrap(target)
    code = fn.__code__
    file = _file_of(fn)
    known = file.located.get(id(code))
    if known is None:
        known = file.located[id(code)] = code, _trusted_node(file, fn), {}
    cells = dict(zip(code.co_freevars, fn.__closure__ or (), strict=True))
    return Source(fn, known[1], file.name, fn.__globals__, cells, args, kwargs, known[2])


@dataclass(eq=False)
class _File:
    """One parsed text, and the functions found in it so far (by the identity of their code, which is kept alive)."""

    name: str
    lines: list[str]
    tree: ast.Module
    functions: dict[int, dict[int, list[FunctionNode]]] = field(default_factory=dict)
    compiled: dict[tuple[int, int], types.CodeType] = field(default_factory=dict)
    located: dict[int, tuple[types.CodeType, FunctionNode, Spans]] = field(default_factory=dict)

    def functions_at(self, code: types.CodeType) -> list[tuple[int, FunctionNode]]:
        """The functions that could be `code` by line and name, each after the index of its top-level statement."""
        line = code.co_firstlineno
        spans = [(_first_line(stmt), stmt.end_lineno or stmt.lineno) for stmt in self.tree.body]
        units = [unit for unit, (first, last) in enumerate(spans) if first <= line <= last]
        found = [(unit, node) for unit in units for node in self.functions_of(unit).get(line, ())]
        return [(unit, node) for unit, node in found if _code_name(node) == code.co_name]

    def functions_of(self, unit: int) -> dict[int, list[FunctionNode]]:
        """The functions of one top-level statement by their first line."""
        if unit not in self.functions:
            index = self.functions[unit] = {}
            for node in ast.walk(self.tree.body[unit]):
                if isinstance(node, FunctionNode):
                    index.setdefault(_first_line(node), []).append(node)
        return self.functions[unit]

    def compile(self, unit: int, flags: int) -> types.CodeType:
        """The bytecode of one top-level statement.

        That, and which names the module imports (CPython calls their attributes otherwise than methods), is all of a
        function's context that decides its bytecode.
        """
        key = unit, flags
        if key not in self.compiled:
            self.compiled[key] = self.build(self.tree.body[unit], flags)
        return self.compiled[key]

    def build(self, stmt: ast.stmt, flags: int) -> types.CodeType:
        """The bytecode of a statement after the imports of the module."""
        return _compile([*self.imports, stmt], self.name, flags)

    @functools.cached_property
    def imports(self) -> list[ast.stmt]:
        """The imports in the scope of the module."""
        return list(_imports(self.tree))

    def compile_rewritten(self, rewriter: types.ModuleType, config: object, flags: int) -> types.CodeType:
        """The bytecode of the whole text with its asserts rewritten by pytest."""
        key = -1, flags
        if key not in self.compiled:
            text = "".join(self.lines)
            tree = _read(text, self.name)
            with _quiet():
                rewriter.rewrite_asserts(tree, text.encode(), self.name, config)
            self.compiled[key] = _compile(tree.body, self.name, flags)
        return self.compiled[key]


_files: dict[str, _File] = {}
_filters = threading.Lock()


def _file_of(fn: types.FunctionType) -> _File:
    """The parsed text `fn` comes from, parsed again only where the text has changed."""
    name = fn.__code__.co_filename
    linecache.checkcache(name)
    lines = linecache.getlines(name, fn.__globals__)
    file = _files.get(name)
    # linecache keeps one list per (name, mtime, size): mostly this is a test of identity.
    if file is None or not (file.lines is lines or file.lines == lines):
        file = _files[name] = _File(name, lines, _parse(fn, lines))
    return file


def _parse(fn: types.FunctionType, lines: list[str]) -> ast.Module:
    if not lines:
        _refuse_missing(fn)
    try:
        return _read("".join(lines), fn.__code__.co_filename)
    except (SyntaxError, ValueError) as error:
        raise SourceError(
            f"the source of `{fn.__name__}` is not what is running",
            span=_span(fn),
            reason=f"its file does not parse: {error}",
            repair="mend the file and import it again",
        ) from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """No warnings: the user saw them when the file was imported. The filters belong to the process, hence the lock."""
    with _filters, warnings.catch_warnings(action="ignore"):
        yield


def _read(text: str, name: str) -> ast.Module:
    with _quiet():
        return ast.parse(text, name)


def _compile(body: list[ast.stmt], name: str, flags: int) -> types.CodeType:
    with _quiet():
        code: types.CodeType = compile(ast.Module(body, []), name, "exec", flags, dont_inherit=True)
    return code


def _imports(node: ast.AST) -> Iterator[ast.stmt]:
    """The imports in the scope of `node` itself, under ``if`` and ``try`` too; futures are flags, not imports."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import) or (isinstance(child, ast.ImportFrom) and child.module != "__future__"):
            yield child
        elif isinstance(child, ast.stmt | ast.excepthandler | ast.match_case) and not isinstance(child, SCOPES):
            yield from _imports(child)


def _trusted_node(file: _File, fn: types.FunctionType) -> FunctionNode:
    """The one node that compiles to the code of `fn`."""
    found = file.functions_at(fn.__code__)
    if len(found) > 1:  # a def has its line for itself, so these are lambdas
        return _trusted_lambda(file, fn, found)
    if not found or not (_matches(file, fn, found[0][0]) or _matches_rewritten(file, fn)):
        _refuse_changed(fn)
    return found[0][1]


def _trusted_lambda(file: _File, fn: types.FunctionType, found: list[tuple[int, FunctionNode]]) -> FunctionNode:
    """The one of several lambdas on a line that stands where `fn` does, if columns are known, and compiles to it."""
    code = fn.__code__
    places = ranges(code)
    found = [(unit, node) for unit, node in found if _body_range(node) in places] or found
    matching = [node for unit, node in found if _lambda_matches(file, unit, node, code)]
    if not matching:
        _refuse_changed(fn)
    if len({ast.dump(node) for node in matching}) > 1:
        _refuse_ambiguous(fn, len(matching))
    return matching[0]


def _matches(file: _File, fn: types.FunctionType, unit: int) -> bool:
    """Whether `fn` is what the compiler makes of the present text."""
    return _contains(file.compile(unit, future_flags(fn.__code__)), fn.__code__)


def _contains(whole: types.CodeType, code: types.CodeType) -> bool:
    """Whether one of the code objects in `whole` stands at the line of `code` and runs the same."""
    places = [part for part in nested(whole) if part.co_firstlineno == code.co_firstlineno]
    mark = fingerprint(code)
    return any(part.co_name == code.co_name and fingerprint(part) == mark for part in places)


def _lambda_matches(file: _File, unit: int, node: FunctionNode, code: types.CodeType) -> bool:
    """Whether this one of several lambdas on a line runs as `code`.

    Its code object is known among the others by its first line: the statement is parsed afresh, the lambda is moved
    to a line no file has, and the statement compiled. That works without column information too.
    """
    stmt = _read("".join(file.lines), file.name).body[unit]
    twin = next(n for n in ast.walk(stmt) if isinstance(n, ast.Lambda) and _range(n) == _range(node))
    twin.lineno = twin.end_lineno = FAR_LINE
    twin.col_offset = twin.end_col_offset = 0
    whole = file.build(stmt, future_flags(code))
    mark = fingerprint(code)
    return any(part.co_firstlineno == FAR_LINE and fingerprint(part) == mark for part in nested(whole))


def _matches_rewritten(file: _File, fn: types.FunctionType) -> bool:
    """Whether `fn` is what pytest's assertion rewriting makes of the present text.

    pytest replaces each ``assert`` by statements that raise the same error with a longer message, so the text is still
    what runs. Its own rewriting is repeated on the text and compared: an edited file is found out as anywhere else.
    Other import hooks may change what a function computes, and get no such second chance.
    """
    loader = _loader_of(fn)
    rewriter = sys.modules.get(PYTEST_REWRITER)
    if rewriter is None or type(loader).__module__ != PYTEST_REWRITER:
        return False
    flags = future_flags(fn.__code__)
    return _contains(file.compile_rewritten(rewriter, getattr(loader, "config", None), flags), fn.__code__)


def _loader_of(fn: types.FunctionType) -> object:
    spec = fn.__globals__.get("__spec__")
    return getattr(spec, "loader", None) or fn.__globals__.get("__loader__")


def _code_name(node: FunctionNode) -> str:
    return "<lambda>" if isinstance(node, ast.Lambda) else node.name


def _first_line(node: ast.stmt | FunctionNode) -> int:
    """The line CPython calls the first: that of the first decorator, if any."""
    if isinstance(node, SCOPES) and node.decorator_list:
        return node.decorator_list[0].lineno
    return node.lineno


def _range(node: ast.AST) -> tuple[Any, ...]:
    return tuple(getattr(node, name) for name in ("lineno", "col_offset", "end_lineno", "end_col_offset"))


def _body_range(node: FunctionNode) -> tuple[Any, ...]:
    """The range of a lambda's body, which its own return instruction has and no other code on the line."""
    return _range(node.body) if isinstance(node, ast.Lambda) else ()


def _span(fn: types.FunctionType) -> Span:
    return Span(fn.__code__.co_filename, fn.__code__.co_firstlineno)


def _refuse_missing(fn: types.FunctionType) -> NoReturn:
    name = fn.__code__.co_filename
    if name == "<stdin>":
        reason = "it was typed at a prompt that does not keep its text (<stdin>)"
    elif name.startswith("<"):
        reason = f"it was made by exec or eval from a string that was not kept ({name})"
    else:
        reason = f"the file {name} cannot be read"
    raise SourceError(
        f"the source of `{fn.__name__}` is missing",
        span=_span(fn),
        reason=reason,
        repair="put the function in a file, or its text in `linecache.cache` under the name it was compiled with",
    )


def _refuse_changed(fn: types.FunctionType) -> NoReturn:
    loader = type(_loader_of(fn))
    hook = "" if loader.__module__ in PLAIN_LOADERS else f", or the import hook {loader.__qualname__} rewrote it"
    raise SourceError(
        f"the source of `{fn.__name__}` is not what is running",
        span=_span(fn),
        reason=f"the text at this line compiles to other bytecode: the file was edited since its import{hook}",
        repair="import the module again (`importlib.reload`), or restart",
    )


def _refuse_ambiguous(fn: types.FunctionType, count: int) -> NoReturn:
    raise SourceError(
        "it cannot be told which lambda of this line is running",
        span=_span(fn),
        reason=f"{count} of them compile to the same bytecode, and the columns are not known",
        repair="give each lambda a line of its own, or write a def",
    )
