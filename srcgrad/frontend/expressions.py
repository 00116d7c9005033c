"""Expressions."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from srcgrad import runtime
from srcgrad.frontend.activations import Frame, NeedStatic
from srcgrad.frontend.branches import branch, truth
from srcgrad.frontend.choices import for_each_option
from srcgrad.frontend.comprehensions import (
    dict_comprehension,
    generator_expression,
    list_comprehension,
    set_comprehension,
    walrus,
)
from srcgrad.frontend.containers import attribute, item_of, join_lists, new_list
from srcgrad.frontend.context import Context, is_text, operand_type
from srcgrad.frontend.generators import yield_value
from srcgrad.frontend.lists import is_known, join_keyed, new_dict, new_set, pairs, spread
from srcgrad.frontend.moving import Aside
from srcgrad.frontend.objects import is_object
from srcgrad.frontend.promotion import list_type
from srcgrad.frontend.spreading import has_spread, items_or_spread
from srcgrad.frontend.spreading import joined as joined_items
from srcgrad.frontend.statements import BINARY, closure
from srcgrad.frontend.tables import is_open_key, table_of
from srcgrad.frontend.values import (
    UNDEFINED,
    Abstract,
    Box,
    Chosen,
    Const,
    Iteration,
    Outside,
    RangeOf,
    Ref,
    Sym,
    TupleOf,
)
from srcgrad.ir.core import GO, Operand, values_in
from srcgrad.ir.types import AnyType, Num, Opaque

UNARY = {"USub": operator.neg, "UAdd": operator.pos, "Invert": operator.invert}
COMPARE = {"Eq": operator.eq, "NotEq": operator.ne, "Lt": operator.lt, "LtE": operator.le, "Gt": operator.gt,
           "GtE": operator.ge}  # fmt: skip


def constant(ctx: Context, node: Any) -> Abstract:
    """A literal."""
    return Const(node.value)


def name(ctx: Context, node: Any) -> Abstract:
    """A variable."""
    return ctx.settle(variable(ctx, node.id), node.id)


def variable(ctx: Context, name_: str) -> Abstract:
    """What a name stands for: local, of an enclosing function, cell, global or builtin."""
    frame: Frame | None = ctx.frame
    assert frame is not None
    outermost = frame
    while frame is not None:
        found = ctx.state.variables.get((frame.number, name_))
        if found is not None and found is not UNDEFINED:
            return found
        if found is UNDEFINED or name_ in ctx.locals_of(frame):
            raise ctx.unbound(name_)
        outermost = frame
        frame = frame.parent
    return ctx.outside(outermost, name_)


def binary(ctx: Context, node: Any) -> Abstract:
    """``a op b``."""
    aside = Aside(ctx, ctx.expr(node.left))
    right = ctx.expr(node.right)
    ctx.at(node)
    return arithmetic(ctx, BINARY[type(node.op).__name__], aside.next(), right)


def arithmetic(ctx: Context, fn: Callable[..., Any], left: Abstract, right: Abstract) -> Abstract:
    """An operator on any two things."""
    left, right = ctx.settle(left), ctx.settle(right)
    if fn in (operator.add, operator.mod) and is_text(left):
        return text(ctx, fn, left, right)
    joined = join_lists(ctx, fn, left, right) or join_keyed(ctx, fn, left, right)
    return joined if joined is not None else ctx.call(Const(fn), [left, right], {})


def text(ctx: Context, fn: Callable[..., Any], left: Abstract, right: Abstract) -> Abstract:
    """``"w" + str(k)`` and ``"w%d" % k``."""
    try:
        return Const(fn(ctx.static(left, ""), ctx.static(right, "")))
    except NeedStatic:
        return Sym(ctx.emit(fn, ctx.operand(left), ctx.operand(right), type_=Opaque("str")))


def unary(ctx: Context, node: Any) -> Abstract:
    """``-a``, ``+a``, ``~a``, ``not a``."""
    thing = ctx.settle(ctx.expr(node.operand))
    if type(node.op).__name__ == "Not":
        test = truth(ctx, thing)
        return Const(not test) if isinstance(test, bool) else ctx.wrap(ctx.emit(operator.not_, test, type_=Num("bool")))
    return ctx.call(Const(UNARY[type(node.op).__name__]), [thing], {})


def compare(ctx: Context, node: Any) -> Abstract:
    """``a < b < c``: each operand evaluated once, and only as far as needed."""
    return compare_rest(ctx, ctx.settle(ctx.expr(node.left)), list(zip(node.ops, node.comparators, strict=True)))


def compare_rest(ctx: Context, left: Abstract, rest: list[Any]) -> Abstract:
    """The comparisons that remain."""
    op, node = rest[0]
    aside = Aside(ctx, left)
    right = ctx.settle(ctx.expr(node))
    first = compared(ctx, op, aside.next(), right)
    if len(rest) == 1:
        return first
    return short_circuit(ctx, first, lambda: compare_rest(ctx, right, rest[1:]), stop_on=False)


def compared(ctx: Context, op: Any, left: Abstract, right: Abstract) -> Abstract:
    """One comparison."""
    kind = type(op).__name__
    if isinstance(left, Chosen) and kind not in ("Is", "IsNot"):
        return for_each_option(ctx, left, lambda option: compared(ctx, op, option, right))
    if isinstance(right, Chosen) and kind not in ("Is", "IsNot"):
        return for_each_option(ctx, right, lambda option: compared(ctx, op, left, option))
    if kind in ("Is", "IsNot"):
        return identity(ctx, left, right, negate=kind == "IsNot")
    if kind in ("In", "NotIn"):
        return membership(ctx, left, right, negate=kind == "NotIn")
    if isinstance(left, TupleOf) or isinstance(right, TupleOf):
        return equal_tuples(ctx, COMPARE[kind], left, right)
    return ctx.call(Const(COMPARE[kind]), [left, right], {})


def equal_tuples(ctx: Context, fn: Callable[..., Any], left: Abstract, right: Abstract) -> Abstract:
    """Tuples, shapes mostly, compare as one."""
    if is_known(left) and is_known(right):
        return Const(fn(ctx.static(left, "a tuple"), ctx.static(right, "a tuple")))
    return Sym(ctx.emit(fn, ctx.operand(left), ctx.operand(right), type_=Num("bool")))


def identity(ctx: Context, left: Abstract, right: Abstract, *, negate: bool) -> Abstract:
    """``is`` and ``is not``."""
    if isinstance(left, Chosen):
        return for_each_option(ctx, left, lambda option: identity(ctx, option, right, negate=negate))
    if isinstance(right, Chosen):
        return for_each_option(ctx, right, lambda option: identity(ctx, left, option, negate=negate))
    for one, other in ((left, right), (right, left)):
        if (
            isinstance(one, Box)
            and one.protected
            and (isinstance(other, Outside) or (isinstance(other, Box) and other.number != one.number))
        ):
            raise ctx.unsupported("cannot tell whether these are one object", "Compare what they hold.")
        if isinstance(other, Const):
            if isinstance(one, Const):
                same = one.value is other.value
                return Const(same is not negate)
            if isinstance(one, Sym) and not _optional(one):
                return Const(negate)
            if not isinstance(one, (Sym, Ref)) or (isinstance(one, Ref) and not _optional_ref(ctx, one)):
                return Const(negate)
            fn = operator.is_not if negate else operator.is_
            return Sym(ctx.emit(fn, ctx.operand(one), other.value, type_=Num("bool"), must=False))
    if isinstance(left, Ref) and isinstance(right, Ref):
        return Const((left.storage is right.storage and left.steps == right.steps) is not negate)
    if isinstance(left, Box) and isinstance(right, Box) and left.number != right.number:
        doubtful = ctx.borrowed.intersection((left.number, right.number))
        if doubtful or right.number in ctx.same_boxes.get(left.number, ()):
            raise ctx.unsupported("cannot tell whether these are one object", "Compare what they hold.")
        return Const(negate)
    return Const((left is right) is not negate)


def _optional(thing: Sym) -> bool:
    return isinstance(thing.value.type, (AnyType, Opaque))


def _optional_ref(ctx: Context, thing: Ref) -> bool:
    return isinstance(operand_type(ctx.contents(thing.storage)), AnyType)


def membership(ctx: Context, left: Abstract, right: Abstract, *, negate: bool) -> Abstract:
    """``in`` and ``not in``."""
    if is_object(right):
        test = truth(ctx, ctx.call(Const(operator.contains), [right, left], {}))
        if isinstance(test, bool):
            return Const(test is not negate)
        return Sym(ctx.emit(operator.not_, test, type_=Num("bool"))) if negate else ctx.wrap(test)
    table = table_of(ctx, right)
    if table is not None:
        return contained(ctx, left, table.keys, negate=negate)
    if isinstance(right, Box) and right.kind in ("dict", "set") and is_open_key(ctx, left):
        return contained(ctx, left, Const(tuple(ctx.items(right))), negate=negate)
    if isinstance(right, Box) and right.kind in ("dict", "set"):
        return Const((ctx.static(left, "a key") in ctx.items(right)) is not negate)
    if list_type(ctx, right) is not None:
        return contained(ctx, left, right, negate=negate)
    if isinstance(right, (Iteration, RangeOf)):
        return membership(ctx, left, TupleOf(tuple(spread(ctx, right))), negate=negate)
    try:
        held = ctx.static(right, "a container")
        return Const((ctx.static(left, "a member") in held) is not negate)
    except NeedStatic:
        return contained(ctx, left, right, negate=negate)


def contained(ctx: Context, left: Abstract, right: Abstract, *, negate: bool) -> Abstract:
    """``left in right``, found out at run time."""
    value = ctx.emit(operator.contains, ctx.operand(right), ctx.operand(left), type_=Num("bool"))
    return Sym(ctx.emit(operator.not_, value, type_=Num("bool"))) if negate else Sym(value)


def boolean(ctx: Context, node: Any) -> Abstract:
    """``a and b``, ``a or b``: the value of the operand that decides."""
    stop_on = type(node.op).__name__ == "Or"
    return boolean_rest(ctx, list(node.values), stop_on)


def boolean_rest(ctx: Context, nodes: list[Any], stop_on: bool) -> Abstract:
    """The operands that remain."""
    first = ctx.settle(ctx.expr(nodes[0]))
    if len(nodes) == 1:
        return first
    return short_circuit(ctx, first, lambda: boolean_rest(ctx, nodes[1:], stop_on), stop_on=stop_on)


def short_circuit(ctx: Context, first: Abstract, rest: Callable[[], Abstract], *, stop_on: bool) -> Abstract:
    """`first` if its truth is `stop_on`, else the rest."""
    test = truth(ctx, first)
    if isinstance(test, bool):
        return first if test is stop_on else rest()

    def stay() -> tuple[Operand, Abstract]:
        return GO, first

    def go_on() -> tuple[Operand, Abstract]:
        return GO, rest()

    arms = (stay, go_on) if stop_on else (go_on, stay)
    return result_of(ctx, branch(ctx, test, *arms)[1])


def result_of(ctx: Context, thing: Abstract | None) -> Abstract:
    """The value of an expression that has arms."""
    ctx.pass_on()
    assert thing is not None
    return ctx.settle(thing)


def ternary(ctx: Context, node: Any) -> Abstract:
    """``a if test else b``."""
    test = truth(ctx, ctx.expr(node.test))
    if isinstance(test, bool):
        return ctx.expr(node.body if test else node.orelse)
    _, result = branch(ctx, test, lambda: (GO, ctx.expr(node.body)), lambda: (GO, ctx.expr(node.orelse)))
    return result_of(ctx, result)


def tuple_(ctx: Context, node: Any) -> Abstract:
    """``(a, *b)``."""
    items = elements(ctx, node.elts)
    return joined_items(ctx, items) if has_spread(items) else TupleOf(tuple(items))


def elements(ctx: Context, nodes: list[Any]) -> list[Abstract]:
    """The items of a tuple or list display."""
    aside = Aside(ctx)
    set_aside(ctx, aside, nodes)
    return aside.take()


def set_aside(ctx: Context, aside: Aside, nodes: list[Any]) -> None:
    """Evaluate items, or the positional arguments of a call, one after the other."""
    for item in nodes:
        if type(item).__name__ == "Starred":
            for thing in items_or_spread(ctx, ctx.expr(item.value)):
                aside.add(thing)
        else:
            aside.add(ctx.settle(ctx.expr(item)))


def list_(ctx: Context, node: Any) -> Abstract:
    """``[a, b]``."""
    items = elements(ctx, node.elts)
    return joined_items(ctx, items) if has_spread(items) else new_list(ctx, tuple(items))


def dict_(ctx: Context, node: Any) -> Abstract:
    """``{key: value, **other}``."""
    keys: list[Any] = []
    aside = Aside(ctx)
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            given = pairs(ctx, ctx.expr(value))
        else:
            name_ = ctx.static(ctx.expr(key), "a key")
            given = {name_: ctx.settle(ctx.expr(value))}
        for name_, thing in given.items():
            keys.append(name_)
            aside.add(thing)
    return new_dict(ctx, dict(zip(keys, aside.take(), strict=True)))


def set_(ctx: Context, node: Any) -> Abstract:
    """``{a, b}``."""
    return new_set(ctx, tuple(ctx.static(item, "a member of a set") for item in elements(ctx, node.elts)))


def subscript(ctx: Context, node: Any) -> Abstract:
    """``a[index]``."""
    aside = Aside(ctx, ctx.settle(ctx.expr(node.value)))
    index = ctx.settle(ctx.expr(node.slice))
    ctx.at(node)
    return item_of(ctx, aside.next(), index)


def slice_(ctx: Context, node: Any) -> Abstract:
    """``start:stop:step`` in an index."""
    parts = [None if p is None else ctx.operand(ctx.settle(ctx.expr(p))) for p in (node.lower, node.upper, node.step)]
    return Const(slice(*parts))


def attribute_(ctx: Context, node: Any) -> Abstract:
    """``a.name``."""
    owner = ctx.settle(ctx.expr(node.value))
    ctx.at(node)
    return attribute(ctx, owner, node.attr)


def call(ctx: Context, node: Any) -> Abstract:
    """``f(a, key=b)``."""
    return ctx.call(*parts_of_call(ctx, node))


def parts_of_call(ctx: Context, node: Any) -> tuple[Abstract, list[Abstract], dict[str, Abstract]]:
    """What is called, and the arguments."""
    aside = Aside(ctx, ctx.settle(ctx.expr(node.func)))
    set_aside(ctx, aside, node.args)
    names = keywords(ctx, aside, node)
    ctx.at(node)
    fn, *things = aside.take()
    count = len(things) - len(names)
    return fn, things[:count], dict(zip(names, things[count:], strict=True))


def keywords(ctx: Context, aside: Aside, node: Any) -> list[str]:
    """The names of the keyword arguments of a call, ``**mapping`` spread out."""
    names: list[str] = []
    for keyword in node.keywords:
        thing = ctx.settle(ctx.expr(keyword.value))
        if keyword.arg is not None:
            names.append(keyword.arg)
            aside.add(thing)
            continue
        if not (isinstance(thing, Box) and thing.kind == "dict") and not isinstance(thing, Const):
            raise ctx.unsupported("cannot spread this into keywords", "Spread a dict of known keys.")
        for name_, held in pairs(ctx, thing).items():
            names.append(name_)
            aside.add(held)
    return names


def joined(ctx: Context, node: Any) -> Abstract:
    """An f-string."""
    parts = [_text_part(ctx, part) for part in node.values]
    if not any(True for _ in values_in(parts)):
        return Const(runtime.join_text(*parts))
    return Sym(ctx.emit(runtime.join_text, *parts, type_=Opaque("str")))


def _text_part(ctx: Context, part: Any) -> Operand:
    if type(part).__name__ == "Constant":
        return part.value
    spec = ""
    if part.format_spec is not None:
        spec = "".join(str(ctx.static(ctx.expr(v), "a format")) for v in part.format_spec.values)
    return (ctx.operand(ctx.expr(part.value)), part.conversion, spec)


EXPRESSIONS: dict[str, Callable[..., Any]] = {
    "<variable>": variable,
    "<attribute>": attribute,
    "<call>": parts_of_call,
    "Constant": constant,
    "Name": name,
    "BinOp": binary,
    "UnaryOp": unary,
    "Compare": compare,
    "BoolOp": boolean,
    "IfExp": ternary,
    "Tuple": tuple_,
    "List": list_,
    "Dict": dict_,
    "Set": set_,
    "ListComp": list_comprehension,
    "SetComp": set_comprehension,
    "DictComp": dict_comprehension,
    "GeneratorExp": generator_expression,
    "NamedExpr": walrus,
    "Yield": yield_value,
    "YieldFrom": yield_value,
    "Subscript": subscript,
    "Slice": slice_,
    "Attribute": attribute_,
    "Call": call,
    "Lambda": closure,
    "JoinedStr": joined,
}
