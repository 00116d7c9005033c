"""The text of a module that stands alone: a derivative, with all it needs, and without srcgrad."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import textwrap
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcgrad.codegen import numpy as numpy_code
from srcgrad.codegen.globals import Globals
from srcgrad.codegen.kinds import (
    CHECK,
    CHECK_APART,
    KIND_OF,
    annotation,
    annotation_of_result,
    apart_text,
    checks,
    expression_of,
)
from srcgrad.codegen.wrap import COLUMNS, wrap
from srcgrad.frontend.signature import Spec
from srcgrad.ir.core import Func

__all__ = ["Entry", "Module", "module_of"]

RESERVED = ("_check", "_check_apart", "_kind_of", "_kinds", "_arrays")  # what the module itself defines
SAVEZ = ("file", "allow_pickle")  # names under which `np.savez` takes no array
Place = tuple[Any, ...]  # a parameter's position, then a path of keys and attributes


@dataclass(frozen=True)
class Entry:
    """The function that a module is for.

    Attributes
    ----------
    name : str
        What it is called.
    parameters : list of inspect.Parameter
        Its parameters, with defaults, as the caller sees them.
    specs : dict
        The signature the code was made for: one per parameter of the code, in order.
    captured : dict
        The values of the code's captured parameters.
    bound : dict
        The values of parameters of the code that the caller does not see.
    written : tuple of pairs of places
        Arrays that are written, each with another array that must not share its memory.
    summary, origin, primal_doc : str
        What it computes; what it was made from; what the primal says of itself.
    """

    name: str
    parameters: list[inspect.Parameter]
    specs: dict[str, Spec]
    captured: dict[str, Any] = field(default_factory=dict)
    bound: dict[str, Any] = field(default_factory=dict)
    written: tuple[tuple[Place, Place], ...] = ()
    summary: str = ""
    origin: str = ""
    primal_doc: str = ""


@dataclass(frozen=True)
class Module:
    """The text, and the arrays of the file that it loads."""

    text: str
    arrays: dict[str, np.ndarray]


def module_of(func: Func, entry: Entry) -> Module:
    """Write a module around a function.

    Parameters
    ----------
    func : Func
        The derivative.
    entry : Entry
        What the caller is to see.

    Raises
    ------
    UnsupportedError
        Something that the code needs can be neither written down nor imported nor pasted; the message names it.
    """
    return _Writer(func, entry).module()


class _Writer:
    """Writes one module."""

    def __init__(self, func: Func, entry: Entry) -> None:
        self.entry = entry
        self.func = dataclasses.replace(func, name=entry.name)  # another function, should it call itself
        namespace: dict[str, Any] = dict.fromkeys((*RESERVED, "NDArray"))
        self.text = numpy_code.emit(self.func, namespace)
        foreign = {key: value for key, value in namespace.items() if value is not None}
        self.defs = [node for node in ast.parse(self.text).body if isinstance(node, ast.FunctionDef)]
        taken = {*SAVEZ, entry.name, *(node.name for node in self.defs)}
        self.globals = Globals(taken, foreign, {parameter.name for parameter in entry.parameters})
        self.own = {name: self.globals.fresh(name) for name in RESERVED}
        self.hidden = {key: self.globals.constant(key, value) for key, value in entry.captured.items()}

    def module(self) -> Module:
        functions = [*self.check_functions(), *self.function()]
        self.globals.import_submodules(self.text)
        parts = [
            f'"""{self.entry.origin}"""',
            "\n".join(sorted(self.globals.imports, key=_import_order)),
            f'__all__ = ["{self.entry.name}"]',
            "\n".join([*self.globals.constants, *self.load_arrays()]),
        ]
        top = "\n\n".join(part for part in parts if part)
        texts = [top, *(text.rstrip() for text in (*self.globals.functions, *functions))]
        return Module("\n\n\n".join(texts) + "\n", dict(self.globals.arrays))

    def load_arrays(self) -> list[str]:
        """The lines that load what has no literal."""
        if not self.globals.arrays:
            return []
        load = f'{self.globals.numpy()}.load(__file__.removesuffix(".py") + ".npz", allow_pickle=False)'
        own = self.own["_arrays"]
        return [f"with {load} as {own}:", *(f'    {name} = {own}["{name}"]' for name in self.globals.arrays)]

    def check_functions(self) -> list[str]:
        names = {"np": self.globals.numpy(), **{name[1:]: own for name, own in self.own.items()}}
        texts = [KIND_OF, CHECK] * bool(self.entry.parameters) + [CHECK_APART] * bool(self.entry.written)
        return [text.format(**names) for text in texts]

    # The functions

    def function(self) -> list[str]:
        """The functions that are called, then the one the module is for."""
        others = [self.lines_of(node, node.lineno) for node in self.defs[:-1]]
        main = self.defs[-1]
        if self.is_direct(main):
            return [*others, "\n".join([*self.head(), self.lines_of(main, self.first_line(main))])]
        name = f"_{main.name}"
        inner = self.lines_of(main, main.lineno).replace(f"def {main.name}(", f"def {name}(", 1)
        return [*others, inner, "\n".join([*self.head(), *wrap(f"    return {name}({', '.join(self.passed(main))})")])]

    def is_direct(self, main: ast.FunctionDef) -> bool:
        """Can the code stand under the caller's own parameters, with the captured values as globals?"""
        names = [arg.arg for arg in main.args.args]
        assigned = {n.id for n in ast.walk(main) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        same = names == [parameter.name for parameter in self.entry.parameters]
        hidden = all(key == name and key not in assigned for key, name in self.hidden.items())
        return same and hidden and main.name == self.entry.name

    def passed(self, main: ast.FunctionDef) -> list[str]:
        """What the caller's function passes to the code."""
        bound = self.entry.bound
        given = [self.globals.text(key, bound[key]) if key in bound else key for key in self.entry.specs]
        count = len(given)
        positional = [arg.arg for arg in main.args.args][count:]
        return [*given, *(self.hidden[key] for key in positional),
                *(f"{arg.arg}={self.hidden[arg.arg]}" for arg in main.args.kwonlyargs)]  # fmt: skip

    def head(self) -> list[str]:
        """The line with ``def``, the docstring and the check."""
        result = annotation_of_result(self.func.block.yields[0] if self.func.block.yields else None, self.globals)
        arrow = f" -> {result}" if result else ""
        head = spread(f"def {self.entry.name}(", self.parameters(), f"){arrow}:")
        return [*head, *self.docstring(), *self.checks()]

    def checks(self) -> list[str]:
        """The statements that refuse arguments for which the code is not made."""
        seen = [parameter.name for parameter in self.entry.parameters]
        kinds = [double_quoted(str(each)) for key in seen for each in checks(key, self.entry.specs[key], self.globals)]
        apart = [double_quoted(apart_text(*(self.expression(place) for place in pair))) for pair in self.entry.written]
        return [*(spread(f"    {self.own['_check']}(", kinds, ")") if kinds else []),
                *(spread(f"    {self.own['_check_apart']}(", apart, ")") if apart else [])]  # fmt: skip

    def expression(self, place: Place) -> str:
        """How the caller's function spells a place in its arguments."""
        name = list(self.entry.specs)[place[0]]
        bound = self.entry.bound
        root = self.globals.text(name, bound[name]) if name in bound else name
        return expression_of(root, self.entry.specs[name], place[1:])

    def parameters(self) -> list[str]:
        """The parameters as they are written, with ``/`` and ``*`` where they belong."""
        found: list[str] = []
        kinds = [parameter.kind for parameter in self.entry.parameters]
        for k, parameter in enumerate(self.entry.parameters):
            star = parameter.kind is parameter.KEYWORD_ONLY and parameter.VAR_POSITIONAL not in kinds
            if star and (k == 0 or kinds[k - 1] is not parameter.KEYWORD_ONLY):
                found.append("*")
            found.append(self.parameter(parameter))
            last = k + 1 == len(kinds) or kinds[k + 1] is not parameter.POSITIONAL_ONLY
            if parameter.kind is parameter.POSITIONAL_ONLY and last:
                found.append("/")
        return found

    def parameter(self, parameter: inspect.Parameter) -> str:
        stars = "*" * (parameter.kind is parameter.VAR_POSITIONAL) + "**" * (parameter.kind is parameter.VAR_KEYWORD)
        kind = "" if stars else annotation(self.entry.specs[parameter.name], self.globals)
        text = f"{stars}{parameter.name}{f': {kind}' if kind else ''}"
        if parameter.default is parameter.empty:
            return text
        if parameter.default is None and kind not in ("", "None"):
            text += " | None"
        default = double_quoted(self.globals.text(f"_{parameter.name}", parameter.default))
        return f"{text} = {default}" if kind else f"{text}={default}"

    def docstring(self) -> list[str]:
        """What it computes, for which kinds of arguments, and what the primal says of itself."""
        seen = [parameter.name for parameter in self.entry.parameters]
        own = self.entry.primal_doc.strip().partition("\n\nParameters\n")[0].splitlines()
        lines = [self.entry.summary, *(["", *own] if own else [])]
        lines += ["", "Parameters", "----------"] if seen else []
        lines += [f"{key} : {_kind_text(self.entry.specs[key])}" for key in seen]
        text = "\n".join(lines).rstrip().replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
        return textwrap.indent(f'"""{text}\n"""', "    ").splitlines()

    # Pieces of the text

    def first_line(self, main: ast.FunctionDef) -> int:
        """The first line after the head, which ends where a line ends with a colon outside of brackets."""
        for number, line in enumerate(self.text.splitlines()[main.lineno - 1 :], main.lineno):
            if re.search(r"\):$", line):
                return number + 1
        raise AssertionError("a function without a head")

    def lines_of(self, node: ast.FunctionDef, first: int) -> str:
        return double_quoted("\n".join(self.text.splitlines()[first - 1 : node.end_lineno]))


def spread(head: str, items: list[str], tail: str) -> list[str]:
    """A bracket on one line, or its items on a line of their own, or each on one: as formatters do."""
    indent = " " * (len(head) - len(head.lstrip()))
    inside = f"{indent}    {', '.join(items)}"
    if len(head) + len(inside.lstrip()) + len(tail) <= COLUMNS:
        return [f"{head}{inside.lstrip()}{tail}"]
    lines = [inside] if len(inside) <= COLUMNS else [f"{indent}    {item}," for item in items]
    return [head, *lines, indent + tail]


def double_quoted(text: str) -> str:
    """Strings in double quotes, where nothing has to be escaped for that."""
    pattern = re.compile(r"""#.*|"(?:[^"\\\n]|\\.)*"|'((?:[^'"\\\n])*)'|'(?:[^'\\\n]|\\.)*'""")
    return pattern.sub(lambda found: found[0] if found[1] is None else f'"{found[1]}"', text)


def _kind_text(spec: Spec) -> str:
    return re.sub(r"<(function|class|ufunc) '?([\w.<>]+)'?[^>]*>", r"\2", str(spec))


def _import_order(line: str) -> tuple[bool, str]:
    """Plain imports first, then by name."""
    return line.startswith("from"), line
