"""Rules stay in the small language that the frontend reads, and call only what has a rule or a source of its own."""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap

import pytest

from srcgrad.rules.core import Rule, lookup
from tests.rules import cases

RULES = cases.named_rules()
ALLOWED = (
    ast.FunctionDef, ast.arguments, ast.arg, ast.Assign, ast.If, ast.IfExp, ast.Return, ast.Expr, ast.Constant,
    ast.Name, ast.Attribute, ast.Call, ast.keyword, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Tuple,
    ast.List, ast.Subscript, ast.Slice, ast.Starred, ast.Load, ast.Store, ast.operator, ast.unaryop, ast.boolop,
    ast.cmpop,
)  # fmt: skip
PYTHON = (isinstance, min, max, slice)  # the frontend knows these itself


def functions_of(rule):
    """The bodies of a rule."""
    return [f for f in (rule.vjp, rule.jvp_fn) if f is not None]


def tree_of(fn):
    """The function definition in a function's source, without decorators, annotations and docstring."""
    node = ast.parse(textwrap.dedent(inspect.getsource(fn))).body[0]
    node.decorator_list, node.returns = [], None
    for arg in [*node.args.args, *node.args.kwonlyargs, *node.args.posonlyargs]:
        arg.annotation = None
    if ast.get_docstring(node) is not None:
        node.body = node.body[1:]
    return node


def outside(fn):
    """What of a body is not in the language."""
    node = tree_of(fn)
    stray = [n for n in ast.walk(node) if not isinstance(n, ALLOWED)]
    stray += [n for n in ast.walk(node) if isinstance(n, ast.Assign) and not all(map(is_name, n.targets))]
    return [f"{type(n).__name__} in line {getattr(n, 'lineno', '?')}" for n in stray]


def is_name(target):
    """Is it a plain name, or a tuple of names?"""
    return isinstance(target, ast.Name) or isinstance(target, ast.Tuple) and all(map(is_name, target.elts))


def callees(fn):
    """Every callable that a body names, with the text."""
    scope = {**vars(builtins), **fn.__globals__}
    scope |= dict(zip(fn.__code__.co_freevars, [c.cell_contents for c in fn.__closure__ or ()], strict=True))
    for node in ast.walk(tree_of(fn)):
        if isinstance(node, ast.Call):
            text = ast.unparse(node.func)
            root = text.split(".")[0]
            if root in scope:
                yield text, eval(text, scope)


def follow(fn, seen):
    """The callees of a body, through rules and functions with source; those that have neither."""
    bad = []
    for text, callee in callees(fn):
        callee = callee.vjp if isinstance(callee, Rule) else callee
        if lookup(callee) is not None or callee in PYTHON or callee in seen:
            continue
        seen.add(callee)
        if getattr(callee, "__module__", "").startswith("srcgrad.") and inspect.isfunction(callee):
            bad += outside(callee) + follow(callee, seen)
        else:
            bad.append(f"{text} has no rule")
    return bad


@pytest.mark.parametrize(
    "name", sorted(name for name, (_, rule) in RULES.items() if rule.kind not in ("constant", "defined"))
)
def test_rule_is_in_the_language(name):
    _, rule = RULES[name]
    problems = [text for fn in functions_of(rule) for text in outside(fn) + follow(fn, set())]
    assert problems == []


@pytest.mark.parametrize(
    "name", sorted(name for name, (_, rule) in RULES.items() if rule.kind not in ("constant", "defined"))
)
def test_rule_has_a_forward_mode(name):
    _, rule = RULES[name]
    assert rule.kind != "custom" or rule.jvp_fn is not None


def in_place(bar, x):
    bar[0] = x
    return [b for b in bar]


def test_what_is_outside_is_noticed():
    assert len(outside(in_place)) >= 2
    assert follow(lambda_free, set()) == ["dict has no rule"]


def lambda_free(bar, x):
    return dict(bar)
