"""Every file: says its purpose, documents what is public, has no leftovers and no paths of somebody's machine."""

from __future__ import annotations

import ast
import re
import statistics

import pytest

from tests.house.tree import ROOT, functions, modules

# Written in pieces, so that this file does not find itself.
LEFTOVERS = [
    "TO" + "DO",
    "FIX" + "ME",
    "XX" + "X",
    r"type:\s*" + "ignore",
    "no" + "qa",
    "raise NotImplemented" + "Error",
]
MACHINE = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/", r"[A-Z]:\\\\", r"\.\./sha" + "red"]
TEXTS = (".py", ".md", ".toml", ".yaml", ".rst", ".json", "")
MODULES = sorted(modules())


def texts():
    """Every text file that belongs to the project."""
    for folder in ("srcgrad", "tests", "examples", "docs", "benchmarks", ".ci"):
        for path in sorted((ROOT / folder).rglob("*")):
            generated = {"__pycache__", "_build", "generated"} & set(path.parts)
            if path.is_file() and path.suffix in TEXTS and not generated:
                yield path
    yield from sorted(p for p in ROOT.glob("*") if p.suffix in (".md", ".toml"))


def matches(path, patterns):
    """The lines of a file in which a pattern occurs."""
    text = path.read_text(encoding="utf-8")
    pattern = re.compile("|".join(patterns))
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_machine_paths():
    assert [hit for path in texts() for hit in matches(path, MACHINE)] == []


def test_no_leftovers():
    wanted = [rf"\b{word}\b" if word.isupper() else word for word in LEFTOVERS]
    paths = [p for p in texts() if p.suffix == ".py" and "srcgrad" in p.relative_to(ROOT).parts[0]]
    assert [hit for path in paths for hit in matches(path, wanted)] == []


@pytest.mark.parametrize("name", MODULES)
def test_first_line_says_the_purpose(name):
    module = modules()[name]
    if module.text.strip():
        doc = ast.get_docstring(module.tree)
        assert doc
        assert module.text.startswith('"""')


@pytest.mark.parametrize("name", MODULES)
def test_public_functions_are_documented(name):
    tree = modules()[name].tree
    missing = [
        n
        for n, node in functions(tree)
        if not any(p.startswith("_") for p in n.split(".")) and not ast.get_docstring(node)
    ]
    assert missing == []


@pytest.mark.parametrize("name", MODULES)
def test_no_blanket_excepts(name):
    blanket = [
        node.lineno
        for node in ast.walk(modules()[name].tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
        and not any(isinstance(inner, ast.Raise) and inner.exc is None for inner in ast.walk(node))
    ]
    assert blanket == [], "an except that swallows everything"


def test_no_vague_file_names():
    vague = {"utils", "helpers", "misc", "common", "manager"}
    assert {name.split(".")[-1] for name in MODULES} & vague == set()


def body_lines(node):
    """Lines of a function without its docstring."""
    doc = ast.get_docstring(node)
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    return lines - (len(doc.splitlines()) + 1 if doc else 0)


def test_functions_are_short():
    lengths = sorted(body_lines(node) for module in modules().values() for _, node in functions(module.tree))
    assert statistics.median(lengths) <= 9
    assert lengths[int(0.9 * (len(lengths) - 1))] <= 36
