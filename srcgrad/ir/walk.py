"""Going through the IR: which ops and values a block holds, and copies of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from srcgrad.ir.core import (
    PLAIN,
    Block,
    Call,
    Func,
    If,
    Items,
    Leaf,
    Loop,
    Op,
    Operand,
    Range,
    Source,
    Value,
    collect_values,
    map_operand,
    operands_of,
)

__all__ = ["blocks_of", "callees", "clone_block", "clone_func", "clone_op", "defined_in", "definitions", "free_values",
           "reads", "replace_operands", "replace_values", "uses", "walk"]  # fmt: skip


def walk(block: Block) -> Iterator[Op]:
    """Every op of a block, each before the ops of the blocks it owns."""
    for op in block.ops:
        yield op
        if type(op) is not Call:
            for inner in op.blocks:
                yield from walk(inner)


def blocks_of(block: Block) -> Iterator[Block]:
    """The block itself, then every block nested in it."""
    yield block
    yield from _nested(block)


def _nested(block: Block) -> Iterator[Block]:
    for op in block.ops:
        if type(op) is not Call:
            yield from op.blocks
            for inner in op.blocks:
                yield from _nested(inner)


def reads(block: Block) -> Iterator[Value]:
    """Every occurrence of a value as an operand, in order: of an op, or in what a block yields; nested ones too."""
    found: list[Value] = []
    _collect_reads(block, found)
    return iter(found)


def _collect_reads(block: Block, found: list[Value]) -> None:
    for op in block.ops:
        collect_values(operands_of(op), found)
        if type(op) is not Call:
            for inner in op.blocks:
                _collect_reads(inner, found)
    collect_values(block.yields, found)


def uses(block: Block) -> Counter[Value]:
    """How often each value is read in a block: by ops and by yields, nested ones too."""
    return Counter(reads(block))


def defined_in(block: Block) -> set[Value]:
    """The values that a block defines: its parameters, what its ops give, and those of the blocks nested in it."""
    values = {param for inner in blocks_of(block) for param in inner.params}
    return values.union(*(op.outs for op in walk(block)))


def free_values(block: Block) -> dict[Value, None]:
    """The values that a block reads and does not define, in the order of their first read."""
    inner = defined_in(block)
    return {value: None for value in reads(block) if value not in inner}


def definitions(block: Block) -> dict[Value, Op | Block]:
    """The op that defines each value, or the block whose parameter it is."""
    found: dict[Value, Op | Block] = {param: inner for inner in blocks_of(block) for param in inner.params}
    found.update((out, op) for op in walk(block) for out in op.outs)
    return found


def callees(block: Block) -> dict[Func, None]:
    """The functions that a block calls or passes on, and those that they do, each once, in the order they are met."""
    found: dict[Func, None] = {}
    pending = [block]
    while pending:
        read: list[Func] = []
        _collect_funcs(pending.pop(), read)
        new = [func for func in read if func not in found]
        found.update(dict.fromkeys(new))
        pending += [func.block for func in dict.fromkeys(new)]
    return found


def _collect_funcs(block: Block, found: list[Func]) -> None:
    for op in walk(block):
        if isinstance(op, Call) and isinstance(op.fn, Func):
            found.append(op.fn)
        _collect_funcs_in(operands_of(op), found)
    for inner in blocks_of(block):
        _collect_funcs_in(inner.yields, found)


def _collect_funcs_in(operands: Iterable[Operand], found: list[Func]) -> None:
    for operand in operands:
        if type(operand) is Value or type(operand) in PLAIN:  # most operands
            continue
        if isinstance(operand, Func):
            found.append(operand)
        elif isinstance(operand, (tuple, list)):
            _collect_funcs_in(operand, found)
        elif isinstance(operand, dict):
            _collect_funcs_in(operand.values(), found)


def replace_operands(op: Op, change: Callable[[Value], Operand]) -> None:
    """Replace, in place, the values that the op itself reads; its blocks are left alone."""
    match op:
        case Call():
            op.args = tuple([map_operand(change, arg) for arg in op.args])
            if op.kwargs:
                op.kwargs = {name: map_operand(change, arg) for name, arg in op.kwargs.items()}
        case If():
            op.cond = map_operand(change, op.cond)
        case Loop():
            op.sources = [_map_source(change, source) for source in op.sources]
            op.inits = [map_operand(change, init) for init in op.inits]


def replace_values(block: Block, mapping: Mapping[Value, Operand]) -> None:
    """Replace, in place, every read of a value in `mapping`, in nested blocks and yields too."""

    def change(value: Value) -> Operand:
        return mapping.get(value, value)

    for op in walk(block):
        replace_operands(op, change)
    for inner in blocks_of(block):
        inner.yields = [map_operand(change, item) for item in inner.yields]


def clone_block(block: Block, mapping: dict[Value, Operand]) -> Block:
    """A deep copy of a block, with fresh values.

    Parameters
    ----------
    block : Block
        What to copy. Its spans are kept, and its callees are shared.
    mapping : dict
        What stands in the copy for a value from outside; others are kept. Extended, in place, by the fresh value of
        each value that the block defines.
    """
    params = [_fresh(param, mapping) for param in block.params]
    ops = [clone_op(op, mapping) for op in block.ops]
    return Block(params, ops, [_mapped(item, mapping) for item in block.yields])


def clone_op(op: Op, mapping: dict[Value, Operand]) -> Op:
    """A deep copy of an op with fresh outs; `mapping` as in `clone_block`."""
    match op:
        case Call():
            args = tuple(_mapped(arg, mapping) for arg in op.args)
            kwargs = {name: _mapped(arg, mapping) for name, arg in op.kwargs.items()}
            return Call(op.fn, args, kwargs, _fresh(op.out, mapping), op.span, op.style, op.must, op.sweep)
        case If():
            cond = _mapped(op.cond, mapping)
            then, orelse = clone_block(op.then, mapping), clone_block(op.orelse, mapping)
            return If(cond, then, orelse, [_fresh(out, mapping) for out in op.outs], op.span)
        case Loop():
            sources = [_map_source(lambda value: mapping.get(value, value), source) for source in op.sources]
            inits = [_mapped(init, mapping) for init in op.inits]
            body = clone_block(op.body, mapping)
            return Loop(sources, inits, body, [_fresh(out, mapping) for out in op.outs], op.reverse, op.span)


def clone_func(func: Func, mapping: dict[Value, Operand] | None = None) -> Func:
    """A deep copy of a function; where it calls itself, the copy calls the copy. Other callees are shared.

    Parameters
    ----------
    func : Func
        What to copy.
    mapping : dict, optional
        Filled with the fresh value of each value of `func`.
    """
    mapping = {} if mapping is None else mapping
    block = clone_block(func.block, mapping)
    leaves = [Leaf(leaf.param, leaf.path, mapping[leaf.value]) for leaf in func.leaves]
    copy = Func(func.name, block, list(func.captured), leaves, func.doc, func.span)
    copy.optional = {new for value in func.optional if isinstance(new := mapping.get(value), Value)}
    for op in walk(block):
        if isinstance(op, Call) and op.fn is func:
            op.fn = copy
    return copy


def _fresh(value: Value, mapping: dict[Value, Operand]) -> Value:
    copy = Value(value.type, value.hint, value.span)
    mapping[value] = copy
    return copy


def _mapped(operand: Operand, mapping: Mapping[Value, Operand]) -> Operand:
    return map_operand(lambda value: mapping.get(value, value), operand)


def _map_source(change: Callable[[Value], Operand], source: Source) -> Source:
    if isinstance(source, Range):
        return Range(*(map_operand(change, part) for part in (source.start, source.stop, source.step)))
    return Items(map_operand(change, source.value))
