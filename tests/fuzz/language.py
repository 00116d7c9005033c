"""The statements of the second set of programs: containers, objects, aliases, exceptions, with their weights."""

from __future__ import annotations

from tests.fuzz import (
    aliases,
    captures,
    classes,
    comprehensions,
    contexts,
    dicts,
    exceptions,
    fancy,
    functional,
    generators,
    lazy,
    lists,
    matching,
    queues,
    records,
    tables,
)
from tests.fuzz.blocks import COMPOUND
from tests.fuzz.statements import SIMPLE
from tests.fuzz.writer import Statement, Writer

Weighted = list[tuple[float, Statement]]

# Each program has some of these families only, so that what it has occurs together often enough.
FAMILIES: tuple[Weighted, ...] = (
    [(4, lists.grow), (2, lists.pop), (1, lists.guarded_pop), (2, lists.item_write), (1, lists.item_loop)],
    [(1.5, lists.list_slice), (4, lists.join), (2, lists.read_list), (1, lists.grow), (1.5, functional.over_enumerate)],
    [(3, lists.collect), (3, tables.table), (1, lists.grow)],
    [(2, dicts.make_dict), (4, dicts.write_item), (2, dicts.get_item)],
    [(2, dicts.items_loop), (2, dicts.build), (2, dicts.mapped)],
    [(2, comprehensions.list_comprehension), (2, comprehensions.conditional), (2, comprehensions.nested),
     (1, comprehensions.of_arrays), (2, comprehensions.generator_expression)],
    [(2, functional.over_zip), (2, functional.over_map), (2, functional.over_filter), (2, functional.over_enumerate),
     (4, functional.in_order)],
    [(3, functional.folded), (3.5, functional.star), (2, functional.transposed)],
    [(2, records.nested_tuple), (3, records.named_tuple), (4, records.data_class)],
    [(2, classes.with_methods), (2, classes.with_property), (2, classes.with_call), (2, classes.with_static)],
    [(2, classes.with_operators), (2, classes.with_base), (2.5, classes.with_items)],
    [(3, captures.array_writer), (2, captures.factory), (2, captures.dispatch), (3.5, captures.nested_recursion)],
    [(2, aliases.row_swap), (2, aliases.array_swap), (2.5, aliases.two_views), (2, aliases.in_container),
     (4, aliases.row_loop)],
    [(2, fancy.fancy_read), (2, fancy.fancy_write), (3, fancy.masked_rows), (2, fancy.accumulated)],
    [(2, matching.walrus), (2, matching.match_sequence)],
    [(2, exceptions.own_value), (2, exceptions.natural), (2, exceptions.nested)],
    [(2, generators.of_generator), (2, lazy.over_lazy), (2, lazy.displayed)],
    [(2, queues.queue), (2, queues.with_defaults), (2, queues.sorted_in_place)],
)  # fmt: skip
BLOCKS: tuple[Weighted, ...] = (
    [(6, exceptions.attempt), (4, exceptions.clean_up)],
    [(6, contexts.with_errstate), (5, contexts.with_own)],
    [(5, matching.match_value), (4, generators.over_generator)],
)
ALWAYS: Weighted = [(3, captures.module_state), (4, matching.small_words), (3, records.write_attribute)]
SHARE = 0.8  # of the simple statements of a program
CHOSEN = 8  # families of a program


def equip(w: Writer) -> None:
    """Give a writer the statements of one program: all of the first set, and some families of the second."""
    chosen = [FAMILIES[int(k)] for k in w.rng.permutation(len(FAMILIES))[:CHOSEN]]
    w.simple = SIMPLE + [pair for family in chosen for pair in scaled(family, SIMPLE, SHARE / CHOSEN)]
    w.simple += scaled(ALWAYS, SIMPLE, 0.2)
    w.compound = COMPOUND + [pair for family in BLOCKS if w.chance(0.7) for pair in family]
    w.tries = 3


def scaled(mine: Weighted, others: Weighted, share: float) -> Weighted:
    """The same statements with weights that make them that share of the simple ones."""
    factor = share / (1 - SHARE) * sum(weight for weight, _ in others) / sum(weight for weight, _ in mine)
    return [(weight * factor, statement) for weight, statement in mine]
