"""`match`: the first case whose pattern fits, tested in order; what a pattern binds is bound before its guard."""

from __future__ import annotations

import builtins
import enum
import functools
import operator
from collections.abc import Callable
from typing import Any

from srcgrad.frontend.branches import branch, run_block, truth
from srcgrad.frontend.choices import for_each_option
from srcgrad.frontend.containers import attribute, new_list
from srcgrad.frontend.context import Context
from srcgrad.frontend.lists import new_dict
from srcgrad.frontend.values import Abstract, Box, Chosen, Const, Ref, Sym, TupleOf
from srcgrad.ir.core import GO, Operand, Value
from srcgrad.ir.types import Opaque

Test = bool | Operand


def match_statement(ctx: Context, node: Any) -> Operand:
    """``match subject: case ...``."""
    return first_fitting(ctx, node, ctx.settle(ctx.expr(node.subject)), node.cases)


def first_fitting(ctx: Context, node: Any, subject: Abstract, cases: list[Any]) -> Operand:
    """The cases that remain."""
    if not cases:
        return GO
    case, rest = cases[0], cases[1:]
    test = fits(ctx, case.pattern, subject)
    if case.guard is not None:
        test = guarded(ctx, test, case.guard)
    if test is True:
        return run_block(ctx, case.body)
    if test is False:
        return first_fitting(ctx, node, subject, rest)
    live = ctx.frame.liveness.after.get(id(node))
    return branch(ctx, test, lambda: (run_block(ctx, case.body), None),
                  lambda: (first_fitting(ctx, node, subject, rest), None), live)[0]  # fmt: skip


def guarded(ctx: Context, fitting: Test, guard: Any) -> Test:
    """A pattern with a guard, which is evaluated only where the pattern fits."""
    if isinstance(fitting, bool):
        return truth(ctx, ctx.expr(guard)) if fitting else False

    def look() -> tuple[Operand, Abstract]:
        found = truth(ctx, ctx.expr(guard))
        return GO, Sym(found) if isinstance(found, Value) else Const(found)

    _, result = branch(ctx, fitting, look, lambda: (GO, Const(value=False)))
    ctx.pass_on()
    assert result is not None
    return truth(ctx, ctx.settle(result))


def both(ctx: Context, first: Test, second: Callable[[], Test]) -> Test:
    """``first and second``."""
    if first is False:
        return False
    test = second()
    if first is True or test is False:
        return test
    return first if test is True else ctx.emit(operator.and_, first, test)


def either(ctx: Context, first: Test, second: Test) -> Test:
    """``first or second``."""
    if first is True or second is True:
        return True
    if first is False:
        return second
    return first if second is False else ctx.emit(operator.or_, first, second)


def fits(ctx: Context, pattern: Any, subject: Abstract) -> Test:
    """Does the pattern fit? Names in it are bound as far as it was looked at."""
    match type(pattern).__name__:
        case "MatchValue":
            return equals(ctx, subject, ctx.settle(ctx.expr(pattern.value)))
        case "MatchSingleton":
            return isinstance(subject, Const) and subject.value is pattern.value
        case "MatchAs":
            return fits_as(ctx, pattern, subject)
        case "MatchOr":
            found: Test = False
            for each in pattern.patterns:
                if found is not True:
                    found = either(ctx, found, fits(ctx, each, subject))
            return found
        case "MatchSequence":
            return fits_sequence(ctx, pattern.patterns, subject)
        case "MatchMapping":
            return fits_mapping(ctx, pattern, subject)
        case "MatchClass":
            return fits_class(ctx, pattern, subject)
    raise ctx.unsupported("cannot tell whether this pattern fits", "Write `if` and `elif`.")


def equals(ctx: Context, subject: Abstract, value: Abstract) -> Test:
    """``subject == value``."""
    if isinstance(subject, Chosen):
        return truth(ctx, for_each_option(ctx, subject, lambda option: as_thing(ctx, equals(ctx, option, value))))
    if isinstance(subject, (TupleOf, Box)) or (isinstance(subject, Const) and isinstance(value, Const)):
        return isinstance(subject, Const) and isinstance(value, Const) and bool(subject.value == value.value)
    opaque = isinstance(subject, Sym) and isinstance(subject.value.type, Opaque)
    if isinstance(value, Const) and isinstance(value.value, (str, type(None), enum.Enum)) and not opaque:
        return False
    return truth(ctx, ctx.call(Const(operator.eq), [subject, value], {}))


def as_thing(ctx: Context, test: Test) -> Abstract:
    """A test as a thing."""
    return Const(test) if isinstance(test, bool) else ctx.wrap(test)


def fits_as(ctx: Context, pattern: Any, subject: Abstract) -> Test:
    """``case name``, ``case pattern as name``, ``case _``."""
    test = True if pattern.pattern is None else fits(ctx, pattern.pattern, subject)
    if pattern.name is not None and test is not False:
        bind_name(ctx, pattern.name, subject)
    return test


def bind_name(ctx: Context, name: str, thing: Abstract) -> None:
    """Bind a captured name."""
    ctx.state.variables[(ctx.frame.number, name)] = thing


def fits_sequence(ctx: Context, patterns: list[Any], subject: Abstract) -> Test:
    """``case a, b`` and ``case first, *rest``."""
    items = sequence(ctx, subject)
    if items is None:
        return False
    stars = [k for k, each in enumerate(patterns) if type(each).__name__ == "MatchStar"]
    if not stars:
        return every(ctx, patterns, items) if len(items) == len(patterns) else False
    at, after = stars[0], len(patterns) - stars[0] - 1
    if len(items) < at + after:
        return False
    end = len(items) - after
    if patterns[at].name is not None:
        bind_name(ctx, patterns[at].name, new_list(ctx, tuple(items[at:end])))
    return every(ctx, [*patterns[:at], *patterns[at + 1 :]], [*items[:at], *items[end:]])


def sequence(ctx: Context, subject: Abstract) -> list[Abstract] | None:
    """The items of a tuple or list; None of what is no sequence to `match`: strings, dicts, arrays, numbers."""
    match subject:
        case TupleOf(items):
            return list(items)
        case Box(kind="list"):
            return list(ctx.items(subject))
        case Const(value) if isinstance(value, (tuple, list)):
            return [Const(item) for item in value]
    return None


def every(ctx: Context, patterns: list[Any], items: list[Abstract]) -> Test:
    """Do all of them fit?"""
    found: Test = True
    for each, item in zip(patterns, items, strict=True):
        found = both(ctx, found, functools.partial(fits, ctx, each, ctx.settle(item)))
    return found


def fits_mapping(ctx: Context, pattern: Any, subject: Abstract) -> Test:
    """``case {"key": pattern, **rest}``."""
    if not isinstance(subject, Box) or subject.kind != "dict":
        return False
    content = dict(ctx.items(subject))
    keys = [ctx.static(ctx.expr(key), "a key") for key in pattern.keys]
    if any(key not in content for key in keys):
        return False
    test = every(ctx, pattern.patterns, [content.pop(key) for key in keys])
    if pattern.rest is not None:
        bind_name(ctx, pattern.rest, new_dict(ctx, content))
    return test


def fits_class(ctx: Context, pattern: Any, subject: Abstract) -> Test:
    """``case Point(x=a)``, ``case float()``, ``case int(n)``."""
    cls = ctx.settle(ctx.expr(pattern.cls))
    test = truth(ctx, ctx.call(Const(builtins.isinstance), [subject, cls], {}))
    if test is False or not isinstance(cls, Const):
        return False
    names = list(getattr(cls.value, "__match_args__", ()))
    if pattern.patterns and not names and isinstance(subject, (Const, Sym, Ref)) and len(pattern.patterns) == 1:
        return both(ctx, test, lambda: fits(ctx, pattern.patterns[0], subject))
    pairs = [*zip(names, pattern.patterns, strict=False), *zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True)]
    for name, each in pairs:
        test = both(ctx, test, functools.partial(fits_attribute, ctx, each, subject, name))
    return test


def fits_attribute(ctx: Context, pattern: Any, subject: Abstract, name: str) -> Test:
    """Does an attribute fit?"""
    return fits(ctx, pattern, attribute(ctx, subject, name))
