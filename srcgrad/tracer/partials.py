"""The part of a rule that one operand needs, cut out of the rule's own source.

A rule returns one partial (or cotangent) per operand. Where only one of them is wanted the others are not worth
computing, and may not even exist: the derivative of ``x**y`` by ``y`` for a negative ``x``. The source transform drops
them as dead code; here the rule's function is compiled again with a shorter ``return``.
"""

from __future__ import annotations

import ast
import functools
import types
from collections.abc import Callable
from typing import Any

from srcgrad.rules.core import Rule

OWN_RULES = "srcgrad.rules."  # their text is what is running; that of a user's rule may have been edited
SHAPE_ONLY = {"shape", "ndim", "size", "zeros_like", "ones_like", "iscomplexobj", "isrealobj"}

Fn = Callable[..., Any]


@functools.lru_cache(maxsize=4096)
def part_of(rule: Rule, which: int) -> Fn:
    """The rule's function, returning what operand number `which` gets, and nothing else."""
    vjp = rule.vjp
    assert vjp is not None
    if len(rule.operands) == 1:
        return vjp
    tree = _definition(vjp)
    if tree is None:
        return lambda *args, **kwargs: vjp(*args, **kwargs)[which]
    return _compiled(vjp, _pruned(_Chooser(which).shorten(tree)))


@functools.lru_cache(maxsize=4096)
def names_read(vjp: Fn, which: int | None, count: int) -> frozenset[str] | None:
    """The parameters whose values are looked at (their shapes may always be); None where that is not known."""
    tree = _definition(vjp)
    if tree is None:
        return None
    if which is not None and count > 1:
        tree = _pruned(_Chooser(which).shorten(tree))
    return frozenset(_values_read(tree))


@functools.lru_cache(maxsize=4096)
def product_of(rule: Rule, which: int | None) -> Fn:
    """``(bar, out, x, ...)``: the partials of an elementwise rule, or that of one operand, times the cotangent."""
    vjp = rule.vjp
    assert vjp is not None
    tree = _definition(vjp)
    if tree is None:
        return functools.partial(_product, vjp, which if len(rule.operands) > 1 else None)
    if which is not None and len(rule.operands) > 1:
        tree = _pruned(_Chooser(which).shorten(tree))
    tree.args.args.insert(0, ast.arg(BAR))
    tree.body = [_Scaler(len(rule.operands) if which is None else 1).visit(statement) for statement in tree.body]
    return _compiled(vjp, tree)


def _product(vjp: Fn, which: int | None, bar: Any, *args: Any) -> Any:
    """The same for a rule whose source is not at hand."""
    found = vjp(*args)
    if which is not None:
        return bar * found[which]
    return tuple([bar * partial for partial in found]) if isinstance(found, tuple) else bar * found


def _values_read(node: ast.AST) -> set[str]:
    """The names that are loaded, other than to ask for a shape or a kind."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SHAPE_ONLY:
        return set().union(*[_values_read(arg) for arg in node.args if not isinstance(arg, ast.Name)])
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    if isinstance(node, ast.FunctionDef):
        return set().union(*map(_values_read, node.body))
    return set().union(*map(_values_read, ast.iter_child_nodes(node)))


@functools.lru_cache(maxsize=256)
def _functions(file: str) -> dict[tuple[str, int], ast.FunctionDef]:
    """All functions of a file, by name and first line."""
    with open(file, encoding="utf-8") as stream:
        tree = ast.parse(stream.read())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {(node.name, node.decorator_list[0].lineno if node.decorator_list else node.lineno): node for node in found}


def _definition(vjp: Fn) -> ast.FunctionDef | None:
    """A copy of the function's syntax tree; None where its source cannot be had or trusted."""
    code = getattr(vjp, "__code__", None)
    if code is None or code.co_freevars or not vjp.__module__.startswith(OWN_RULES):
        return None
    try:
        found = _functions(code.co_filename).get((code.co_name, code.co_firstlineno))
    except OSError:
        return None
    if found is None:
        return None
    tree = ast.parse(ast.unparse(found)).body[0]
    assert isinstance(tree, ast.FunctionDef)
    tree.decorator_list = []
    return tree


class _Chooser(ast.NodeTransformer):
    """Makes every ``return`` give one item of what it gave."""

    def __init__(self, which: int) -> None:
        self.which = which

    def shorten(self, tree: ast.FunctionDef) -> ast.FunctionDef:
        """The function with its returns changed."""
        tree.body = [self.visit(statement) for statement in tree.body]
        return tree

    def visit_Return(self, node: ast.Return) -> ast.Return:
        """One item of the tuple, or an index into what is called."""
        value = node.value
        if isinstance(value, ast.Constant) or value is None:
            return node
        if isinstance(value, ast.Tuple):
            return ast.Return(value.elts[self.which])
        return ast.Return(ast.Subscript(value, ast.Constant(self.which), ast.Load()))


BAR = "_bar"


class _Scaler(ast.NodeTransformer):
    """Makes every ``return`` give products with the cotangent."""

    def __init__(self, count: int) -> None:
        self.count = count

    def visit_Return(self, node: ast.Return) -> ast.Return:
        """One product for each partial."""
        value = node.value
        assert value is not None
        if isinstance(value, ast.Tuple) and self.count > 1:
            return ast.Return(ast.Tuple([_times_bar(item) for item in value.elts], ast.Load()))
        if self.count > 1:  # not written as a tuple: an expression that gives one
            each = ast.comprehension(ast.Name("_part", ast.Store()), value, [], 0)
            product = ast.ListComp(_times_bar(ast.Name("_part", ast.Load())), [each])
            return ast.Return(product)
        return ast.Return(_times_bar(value))


def _times_bar(value: ast.expr) -> ast.expr:
    """The cotangent times an expression, without the factors 1 and -1."""
    bar = ast.Name(BAR, ast.Load())
    text = ast.unparse(value)
    if text in ("1", "1.0"):
        return bar
    if text in ("-1", "-1.0"):
        return ast.UnaryOp(ast.USub(), bar)
    return ast.BinOp(bar, ast.Mult(), value)


def _pruned(tree: ast.FunctionDef) -> ast.FunctionDef:
    """Without assignments to names that nobody reads: rules are pure."""
    while True:
        loaded = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        kept = [statement for statement in tree.body if not _is_dead(statement, loaded)]
        if len(kept) == len(tree.body):
            return tree
        tree.body = kept


def _is_dead(statement: ast.stmt, loaded: set[str]) -> bool:
    if not isinstance(statement, ast.Assign):
        return False
    targets = [n for target in statement.targets for n in ast.walk(target)]
    stored = {n.id for n in targets if isinstance(n, ast.Name)}
    return not stored & loaded and not any(isinstance(n, (ast.Subscript, ast.Attribute)) for n in targets)


def _compiled(vjp: Fn, tree: ast.FunctionDef) -> Fn:
    """The function of a changed tree, among the globals of the original."""
    tree.name = "partial"
    module = ast.fix_missing_locations(ast.Module([tree], []))
    made: dict[str, Any] = {}
    original: Any = vjp
    exec(compile(module, original.__code__.co_filename, "exec"), original.__globals__, made)
    fn: types.FunctionType = made["partial"]
    return fn
