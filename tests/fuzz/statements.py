"""Every kind of statement without a block, with its weight."""

from __future__ import annotations

from tests.fuzz.assignments import (
    assign,
    augmented_assign,
    buffer,
    chained_assign,
    change_kind,
    int_then_float,
    number_list,
    rebind,
    swap,
    tuple_assign,
)
from tests.fuzz.dtypes import complex_numbers, float32
from tests.fuzz.effects import effect
from tests.fuzz.functions import call_helper, make_closure, make_lambda
from tests.fuzz.inplace import at_write, make_counter, method_write, out_write
from tests.fuzz.views import view
from tests.fuzz.writer import Statement
from tests.fuzz.writes import (
    augmented_write,
    index_write,
    mask_read,
    masked_write,
    overlapping_write,
    row_write,
    slice_write,
)

SIMPLE: list[tuple[float, Statement]] = [
    (7, assign), (7, rebind), (3, change_kind), (1.5, tuple_assign), (1.5, swap), (1.5, chained_assign),
    (4, augmented_assign), (2, number_list), (1.5, buffer), (3, index_write), (3, slice_write), (2.5, row_write),
    (3, augmented_write), (1.5, overlapping_write), (1.2, masked_write), (0.8, mask_read), (6, view), (5, call_helper),
    (1.5, make_lambda), (1, make_closure), (2.6, effect), (1.5, float32), (2, complex_numbers), (1.1, int_then_float),
    (1.2, out_write), (1, at_write), (1.2, method_write), (0.8, make_counter),
]  # fmt: skip
