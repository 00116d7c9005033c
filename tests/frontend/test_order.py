"""When an item is read, and which container is which: right, or refused by name."""

import numpy as np
import pytest

import srcgrad
from srcgrad.errors import AliasError
from tests.frontend.agree import agree
from tests.frontend.order_programs import PROGRAMS

X = np.array([0.7, 0.4, 1.3])

# Items that are reached by two names, one of which a list has moved, and are then written.
REFUSED = {
    "store_in_order", "augmented_in_order", "slice_is_shallow", "list_call_is_shallow",
    "copy_method_is_shallow", "array_in_two_places_at_run_time",
}  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_program(program):
    if program.__name__ in REFUSED:
        with pytest.raises(AliasError):
            srcgrad.grad(program, fallback="error")(X, 4)
    else:
        agree(program, X, 4, order=1)
