"""Arguments to try the rules for shapes, items, creation, products and linear algebra with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from srcgrad.rules.core import Sample, Samples
from srcgrad.rules.samples import compl, layouts, real
from srcgrad.runtime import as_columns

Rng: TypeAlias = "np.random.Generator"
RANKS = ((), (3,), (0,), (1,), (2, 3), (0, 3), (1, 1), (2, 1, 3), (2, 3, 1, 2))


def arrays(rng: Rng, least: int = 0) -> Iterator[Any]:
    """Arrays of every rank, size, layout and dtype."""
    yield from (np.asarray(real(rng, shape)) for shape in RANKS if len(shape) >= least)
    yield from (x for x in layouts(rng) if x.ndim >= least)
    shape = (2, 3) if least < 3 else (2, 3, 2)
    yield real(rng, shape, dtype=np.float32)
    yield compl(rng, shape)


def over(least: int, *calls: tuple[Any, ...], **kwargs: Any) -> Samples:
    """Samples of a function of one array: all arrays of at least a rank, with each of the further arguments."""

    def make(rng: Rng) -> Iterator[Sample]:
        for args in calls or ((),):
            yield from (Sample((x, *args), kwargs) for x in arrays(rng, least))

    return make


def on(shape: tuple[int, ...], *calls: tuple[Any, ...], **kwargs: Any) -> Samples:
    """Samples of a function of one array of a given shape, real, single and complex."""

    def make(rng: Rng) -> Iterator[Sample]:
        for args in calls:
            yield Sample((np.asarray(real(rng, shape)), *args), kwargs)
        yield Sample((np.asfortranarray(real(rng, shape)), *calls[0]), kwargs)
        yield Sample((np.asarray(real(rng, shape, dtype=np.float32)), *calls[0]), kwargs)
        yield Sample((np.asarray(compl(rng, shape)), *calls[0]), kwargs)

    return make


def chained(*makes: Samples) -> Samples:
    """The samples of several generators."""

    def make(rng: Rng) -> Iterator[Sample]:
        for each in makes:
            yield from each(rng)

    return make


def fixed(*samples: Sample) -> Samples:
    """Samples without random numbers."""

    def make(rng: Rng) -> Iterator[Sample]:
        yield from samples

    return make


# Items

INDICES: tuple[Any, ...] = (
    0, -1, slice(None), slice(1, None), slice(None, -1), slice(None, None, -1), slice(0, 0), ..., None, (..., 1),
    (slice(None), 1), (slice(1, 3), slice(None, None, 2)), (None, 0, ..., None), [0, 0, 1], [], ([0, 1, 0], [1, 1, 1]),
    (slice(None), [1, 1]), (np.array([[0, 1], [1, 1]]), 1), (0, np.array([2, 2])), ([1, 0], None, [0, 0]),
)  # fmt: skip
MASK = np.array([[True, False, True], [False, True, True], [False, False, True], [True, True, True]])


def getitem(rng: Rng) -> Iterator[Sample]:
    """Basic and advanced indices, masks, and a scalar array."""
    for x in (real(rng, (4, 3)), compl(rng, (4, 3)), real(rng, (3, 4), dtype=np.float32).T):
        yield from (Sample((x, index)) for index in (*INDICES, MASK, (MASK[:, 0], 1)))
    yield Sample((np.asarray(1.5), ()))
    yield Sample((real(rng, (5,)), 2))
    yield Sample((real(rng, (2, 3, 1, 2)), (slice(None), [0, 2], 0, [1, 1])))
    yield Sample((real(rng, (2, 3, 1, 2)), ([0, 1], slice(None), 0, [1, 1])))


STEPS: tuple[Any, ...] = ((), ((np.transpose, ()),), ((np.reshape, ((2, 6),)), (np.transpose, ())))


def view_of(rng: Rng) -> Iterator[Sample]:
    """Views through transposes and reshapes."""
    yield from (Sample((real(rng, (4, 3)), steps)) for steps in STEPS)


def get_item(rng: Rng) -> Iterator[Sample]:
    """Items of views."""
    for steps in STEPS:
        yield from (Sample((real(rng, (4, 3)), index, steps)) for index in (0, (slice(None), 1), [0, 0, 1], ...))


def stored_item(rng: Rng) -> Iterator[Sample]:
    """Items read back after a store, repeated indices among them."""
    yield from get_item(rng)
    yield Sample((real(rng, (4, 3)), ([0, 0, 1], slice(None))))


def set_item(rng: Rng) -> Iterator[Sample]:
    """Stores of arrays of the full shape, broadcast, of numbers, with repeated indices and into views."""
    for index in (*INDICES, MASK):
        x = real(rng, (4, 3))
        yield Sample((x, index, real(rng, np.shape(x[index]))))
        yield Sample((x, index, real(rng, ())))
    for value in (real(rng, (3,)), real(rng, (1, 3)), real(rng, (2, 1)), real(rng, (1, 1, 3))):
        yield Sample((real(rng, (4, 3)), slice(0, 2), value))
        yield Sample((real(rng, (4, 3)), [1, 1], value))
    for steps in STEPS:
        yield from (Sample((real(rng, (4, 3)), index, 2.0, steps)) for index in (0, [1, 1], ...))
    yield Sample((compl(rng, (3,)), [0, 0], compl(rng, (2,))))
    yield Sample((real(rng, (3,), dtype=np.float32), 1, np.float32(2)))
    yield Sample((np.asarray(1.5), (), 2.0))


def add_item(rng: Rng) -> Iterator[Sample]:
    """As for stores; but ``x[i] += v`` refuses values of a higher rank."""
    yield from (sample for sample in set_item(rng) if np.shape(sample.args[2]) != (1, 1, 3))


def zeros_of(rng: Rng) -> Iterator[Sample]:
    """Numbers, arrays and containers of them."""
    yield from (Sample((x,)) for x in (1.0, 1j, real(rng, (2, 3)), [1.0, real(rng, (2,))], (np.float32(1), 2.0)))


def sum_to(rng: Rng) -> Iterator[Sample]:
    """All the ways to broadcast."""
    for shape, wanted in (((2, 3), (3,)), ((2, 3), (2, 1)), ((2, 3), ()), ((2, 3), (2, 3)), ((3,), (1, 1, 3)),
                          ((0, 3), (3,)), ((4, 2, 1, 3), (2, 1, 1)), ((), (1, 1))):  # fmt: skip
        yield Sample((real(rng, shape), wanted))
    yield Sample((compl(rng, (2, 3)), (3,)))


def fit_to(rng: Rng) -> Iterator[Sample]:
    """Axes summed and stretched."""
    for shape, wanted in (((2, 3), (1, 3)), ((2, 1), (2, 3)), ((2, 1), (1, 4)), ((2, 3), (2, 3)), ((0, 1), (1, 2))):
        yield Sample((real(rng, shape), wanted))


def add_bars(rng: Rng) -> Iterator[Sample]:
    """Arrays and numbers."""
    yield Sample((real(rng, (2, 3)), real(rng, (2, 3))))
    yield Sample((1.0, 2.0))


def sum_like(rng: Rng) -> Iterator[Sample]:
    """Two arrays."""
    yield Sample(((real(rng, (2, 3)), real(rng, (2, 3))), (real(rng, (3,)), real(rng, (2, 1)))))


def broadcast_like(rng: Rng) -> Iterator[Sample]:
    """Two arrays."""
    yield Sample(((real(rng, (3,)), real(rng, (2, 1))), (real(rng, (2, 3)), real(rng, (2, 3)))))


def broadcast_arrays(rng: Rng) -> Iterator[Sample]:
    """Two arrays."""
    yield Sample((real(rng, (3,)), real(rng, (2, 1))))


def join(rng: Rng) -> Iterator[Sample]:
    """Every way to lift."""
    yield Sample(([real(rng, (2, 3)), real(rng, (1, 3))], 0))
    yield Sample(((real(rng, (2,)), real(rng, (2, 3))), 1, as_columns))
    yield Sample(((real(rng, (2,)), real(rng, (2, 3))), 0, np.ravel))


def split_like(rng: Rng) -> Iterator[Sample]:
    """The pieces of a joined array."""
    yield Sample((real(rng, (3, 3)), [real(rng, (2, 3)), real(rng, (1, 3))], 0))
    yield Sample((real(rng, (2, 4)), (real(rng, (2,)), real(rng, (2, 3))), 1, as_columns))
    yield Sample((real(rng, (8,)), (real(rng, (2,)), real(rng, (2, 3))), 0, np.ravel))
    yield Sample((real(rng, (4, 3)), real(rng, (2, 2, 3)), 0))


def unstack_like(rng: Rng) -> Iterator[Sample]:
    """Flat and nested lists."""
    yield Sample((real(rng, (2, 3)), [real(rng, (3,)), real(rng, (3,))]))
    yield Sample((real(rng, (3, 2)), (real(rng, (3,)), real(rng, (3,))), 1))
    yield Sample((real(rng, (2, 2)), [[1.0, 2.0], (3.0, 4.0)]))


def spread(rng: Rng) -> Iterator[Sample]:
    """Diagonals and axes summed away."""
    yield Sample((real(rng, (3,)), "i", "ii", (3, 3)))
    yield Sample((real(rng, (3, 2)), "ji", "ijk", (2, 3, 4)))
    yield Sample((real(rng, ()), "", "iij", (2, 2, 3)))


def take(rng: Rng) -> Iterator[Sample]:
    """Repeated, negative, scalar and multidimensional indices."""
    x = real(rng, (4, 3))
    for indices, axis in (([0, 0, 5], None), (2, 0), ([1, 1], -1), (np.array([[0, 1], [3, 3]]), 0), (-1, None)):
        yield Sample((x, indices, axis))
    yield Sample((x, [0, 7, -9], 0), {"mode": "wrap"})
    yield Sample((x, [0, 7, -9], 1), {"mode": "clip"})
    yield Sample((compl(rng, (3,)), [0, 0]))


def take_along_axis(rng: Rng) -> Iterator[Sample]:
    """With repeats, along each axis, flat, and broadcast."""
    x = real(rng, (4, 3))
    yield Sample((x, np.array([[0, 0, 1], [3, 3, 3]]), 0))
    yield Sample((x, np.argsort(x, -1), -1))
    yield Sample((x, np.array([5, 5, 0]), None))
    yield Sample((x, np.array([[0, 0, 1]]), 1))


def delete(rng: Rng) -> Iterator[Sample]:
    """One, several and a slice."""
    x = real(rng, (4, 3))
    yield from (Sample((x, obj, axis)) for obj, axis in ((1, 0), ([0, 2], 1), (slice(1, 3), 0), (5, None), (-1, -1)))


def spaced(make: Samples) -> Samples:
    """The samples with their values moved well apart."""

    def changed(rng: Rng) -> Iterator[Sample]:
        for x, *args in (sample.args for sample in make(rng)):
            values = np.asarray(rng.permutation(np.size(x)).reshape(np.shape(x)), np.asarray(x).dtype)
            yield Sample((values * 0.25 - 1, *args))

    return changed


sort = spaced(chained(over(1), over(0, (None,)), over(2, (0,))))
partition = spaced(chained(on((7,), (3,), (0,)), on((5, 6), (2,), (2, 0), ([1, 3], -1)), on((2, 3), (4, None))))

# Shapes

whole_array, vectors, stacks = over(0), over(0), over(2)
reshape = chained(over(0, (-1,)), on((2, 6), ((3, 4),), ((4, -1),), ((3, 2, 2),), (12,), order="C"),
                  on((2, 6), ((3, 4),), order="F"), on((0, 3), ((3, 0),)), on((), ((),), ((1, 1),)))  # fmt: skip
ravel = chained(over(0), on((2, 3), ("F",)))
transpose = chained(over(0), on((2, 1, 3), ((1, 2, 0),), ((0, 2, 1),), ((-1, 0, 1),)))
swapaxes = on((2, 1, 3), (0, 2), (-1, 1), (1, 1))
moveaxis = on((2, 1, 3, 4), (0, -1), ((0, 1), (2, 0)), (-1, 1))
rollaxis = on((2, 1, 3, 4), (2,), (0, 4), (-1, 1), (1, 3), (2, -1))
expand_dims = chained(over(0, (0,), (-1,)), on((2, 3), (1,), ((0, 2),), ((-1, 0),)))
squeeze = chained(over(0), on((1, 3, 1), (0,), (-1,), ((0, 2),)))
broadcast_to = chained(on((3,), ((2, 3),), ((3,),), ((4, 1, 3),)), on((2, 1), ((2, 3),)), on((), ((2,),)),
                       on((1,), ((0,),)), on((1, 1), ((2, 3),)))  # fmt: skip


def joined(*cases: tuple[tuple[tuple[int, ...], ...], dict[str, Any]]) -> Samples:
    """Lists and tuples of arrays of the given shapes, each with its keywords."""

    def make(rng: Rng) -> Iterator[Sample]:
        for shapes, kwargs in cases:
            yield Sample(([np.asarray(real(rng, shape)) for shape in shapes],), kwargs)
            yield Sample((tuple(np.asarray(compl(rng, shape)) for shape in shapes),), kwargs)
            yield Sample(([np.asarray(real(rng, shape, dtype=np.float32)) for shape in shapes],), kwargs)
        shapes, kwargs = cases[0]
        if len(set(shapes)) == 1:
            yield Sample((real(rng, (2, *shapes[0])),), kwargs)

    return make


concatenate = joined((((2, 3), (2, 3)), {}), (((2, 3), (0, 3), (1, 3)), {}), (((2, 1), (2, 3)), {"axis": -1}),
                     (((2,), (2, 3)), {"axis": None}), (((3,),), {}))  # fmt: skip
stack = joined((((3,), (3,)), {}), (((2, 3), (2, 3)), {"axis": 1}), (((3,), (3,)), {"axis": -1}), (((), ()), {}))
vstack = joined((((3,), (3,)), {}), (((3,), (2, 3)), {}), (((), ()), {}))
hstack = joined((((3,), (2,)), {}), (((2, 1), (2, 3)), {}), (((), ()), {}))
dstack = joined((((3,), (3,)), {}), (((2, 3), (2, 3, 2)), {}))
column_stack = joined((((3,), (3,)), {}), (((2,), (2, 3)), {}))


def append(rng: Rng) -> Iterator[Sample]:
    """Flat and along an axis."""
    yield Sample((real(rng, (2, 3)), real(rng, (2,))))
    yield Sample((real(rng, (3,)), 2.5))
    yield Sample((real(rng, (2, 3)), real(rng, (1, 3)), 0))


split = chained(on((6, 4), (3,), ([1, 4],), (2, 1), ([1], -1)), on((3,), (3,)))
hsplit, vsplit, dsplit = on((4, 6), (2,), ([1, 4],)), on((4, 6), (2,)), on((2, 3, 4), (2,))
unstack = chained(on((2, 3), ()), on((2, 3), (), axis=-1))
tile = chained(over(0, (2,), ((2, 3),)), on((2, 3), ((2,),), ((1, 2, 3),), (1,), (0,)))
repeat = chained(
    over(0, (2,)), on((2, 3), (2, 0), (3, -1), ([1, 2], 0), ([0, 2, 1], 1), (0, 0)), on((3,), ([2, 0, 1],))
)
flip = chained(over(0), on((2, 3, 4), (0,), (-1,), ((0, 2),)))
rot90 = on((2, 3, 4), (), (2,), (-1, (1, 2)), (4,), (5, (2, 0)))
roll = chained(over(0, (1,)), on((2, 3), (1, 0), (-2, -1), ((1, 2), (0, 1)), ((1, 1), 0), (7,)))
pad = chained(
    over(0, (1,)), on((2, 3), ((1, 2),), (((1, 0), (0, 2)),), (((0, 0), (0, 0)),), constant_values=3.0),
    on((3, 4), (2, "edge"), (2, "reflect"), (2, "symmetric"), (5, "wrap"), (((1, 0), (4, 2)), "reflect")),
)  # fmt: skip
diff = chained(over(1), over(2, (1, 0)), on((6,), (2,), (3,), (0,), (9,)), on((4, 5), (2, 0)),
               on((2, 3), (), prepend=1.0), on((2, 3), (), append=np.ones((2, 2)), prepend=np.zeros((2, 1)), n=2),
               on((4,), (), append=np.array([1.0, 2.0])))  # fmt: skip
trace = chained(on((3, 3), (), (1,), (-2,)), on((2, 4), (), (2,)), on((2, 3, 4), (), (1, 0, 2), (0, -1, 1), (-1, 2, 1)))
diagonal = chained(on((3, 3), (), (1,), (-2,)), on((2, 4), (), (2,), (5,)), on((2, 3, 4), (), (1, 0, 2), (0, -1, 1)))
diag = chained(on((3,), (), (1,), (-2,)), on((3, 3), (), (1,)), on((2, 4), (), (-1,), (2,)), on((0,), ()))
diagflat = chained(on((3,), (), (1,)), on((2, 2), (), (-1,)))
triangle = chained(over(1), on((3, 4), (1,), (-1,)), on((2, 3, 3), (1,)))

# Creation

filled = fixed(Sample((3,)), Sample(((2, 3),)), Sample(((),), {"dtype": np.float32}))
filled_like = over(0)
eye, identity = fixed(Sample((3,)), Sample((2, 4)), Sample((3,), {"k": 1})), fixed(Sample((3,)))
full = fixed(Sample(((2, 3), 1.5)), Sample((3, np.float32(2))), Sample(((2, 3), np.array([1.0, 2.0, 3.0]))),
             Sample(((), 1.5)), Sample(((0, 2), 1.5)), Sample(((2,), 1 + 2j)))  # fmt: skip
full_like = fixed(Sample((np.ones((2, 3)), 1.5)), Sample((np.ones(3), np.array([1.0, 2.0, 3.0]))))
linspace = fixed(Sample((0.5, 2.0)), Sample((0.5, 2.0, 1)), Sample((0.5, 2.0, 5, False)), Sample((1.0, 2.0, 0)),
                 Sample((np.array([0.0, 1.0]), np.array([[3.0], [4.0]]), 3)),
                 Sample((np.array([0.0, 1.0]), 2.0, 3), {"axis": -1}))  # fmt: skip
arange = fixed(Sample((0.5, 3.1, 0.5)), Sample((1.5, 4.0)), Sample((2.5,)))
number = fixed(Sample((1.5,)), Sample((np.float64(2.5),)), Sample((np.asarray(1.5),)))
complex_number = fixed(Sample((1.5, 2.5)), Sample((1.5,)))
as_type = chained(over(0, (np.float64,), (np.complex128,)), on((2, 3), (int,), (np.float32,), (bool,)))


def array(rng: Rng) -> Iterator[Sample]:
    """Numbers, arrays, and nested lists of them."""
    yield from whole_array(rng)
    yield from (Sample((x,)) for x in (1.5, [1.5, 2.5], [[1.5, 2.0], (2.5, 3.0)], [1, 2.5], (1.0, 2j)))
    yield Sample(([real(rng, (3,)), real(rng, (3,))],))
    yield Sample(([[real(rng, (3,))], [real(rng, (3,))]],))
    yield Sample(([real(rng, ()), 1.5],))
    yield Sample((real(rng, (3,)),), {"dtype": np.float32})
    yield Sample((real(rng, (3,)),), {"dtype": complex})
    yield Sample((real(rng, (3,)),), {"dtype": int})


asarray = array

# Products


def paired(*shapes: tuple[tuple[int, ...], tuple[int, ...]], **kwargs: Any) -> Samples:
    """Two arrays of the given shapes: real, single, complex, mixed, and in Fortran order."""

    def make(rng: Rng) -> Iterator[Sample]:
        for a, b in shapes:
            yield Sample((np.asarray(real(rng, a)), np.asarray(real(rng, b))), kwargs)
            yield Sample((np.asarray(compl(rng, a)), np.asarray(compl(rng, b))), kwargs)
        for a, b in shapes[:4]:
            yield Sample((np.asarray(real(rng, a)), np.asarray(compl(rng, b))), kwargs)
            single = np.asarray(real(rng, a, dtype=np.float32)), np.asarray(real(rng, b, dtype=np.float32))
            yield Sample(single, kwargs)
            yield Sample((np.asfortranarray(real(rng, a)), np.asfortranarray(real(rng, b))), kwargs)

    return make


MATRIX_SHAPES: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
    ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((3,), (3,)), ((0,), (0,)), ((2, 0), (0, 3)), ((1, 1), (1,)),
)  # fmt: skip
matmul = paired(*MATRIX_SHAPES, ((5, 2, 3), (5, 3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((3,), (5, 3, 4)),
                ((5, 2, 3), (3,)), ((1, 2, 3), (5, 3, 4)), ((4, 1, 2, 3), (5, 3, 2)), ((2, 2, 2, 3), (3,)))  # fmt: skip
dot = paired(*MATRIX_SHAPES, ((), ()), ((), (3,)), ((2, 3), ()), ((5, 2, 3), (3,)), ((3,), (5, 3, 4)),
             ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((2, 2, 3), (2, 3, 2)))  # fmt: skip
inner = paired(((3,), (3,)), ((2, 3), (3,)), ((3,), (2, 3)), ((2, 3), (4, 3)), ((), ()), ((), (3,)), ((2, 3), ()),
               ((2, 2, 3), (4, 1, 3)))  # fmt: skip
vectors_outer = paired(((3,), (2,)), ((1,), (0,)))
outer = chained(vectors_outer, paired(((2, 2), (3,)), ((), (3,)), ((2, 1), (3, 2)), ((), ())))
vdot = paired(((3,), (3,)), ((2, 3), (2, 3)), ((2, 3), (6,)), ((), ()))
vecdot = chained(paired(((3,), (3,)), ((2, 3), (3,)), ((2, 1, 3), (4, 3))), paired(((3, 2), (3, 1)), axis=0))
tensordot = chained(
    paired(((2, 3, 4), (3, 4, 5))), paired(((2, 3), (3, 4)), ((3,), (3,)), axes=1), paired(((2,), (3,)), axes=0),
    paired(((2, 3, 4), (4, 5, 2)), axes=([2, 0], [0, 2])), paired(((2, 3, 4), (5, 3)), axes=(1, -1)),
    paired(((2, 3, 4), (3, 2, 5)), axes=([0, 1], [1, 0])), paired(((2, 3, 4), (4, 3, 2)), axes=((0, 1, 2), (2, 1, 0))),
)  # fmt: skip
kron = paired(((3,), (2,)), ((2, 3), (3, 2)), ((2,), (3, 2)), ((2, 1, 2), (3,)), ((2, 2), (1, 2, 3)))
cross = chained(paired(((3,), (3,)), ((2, 3), (3,)), ((4, 1, 3), (2, 3))), paired(((3, 2), (3, 2)), axis=0),
                paired(((3, 2), (2, 3)), axisa=0, axisc=0))  # fmt: skip
linalg_cross = chained(paired(((3,), (3,)), ((2, 3), (2, 3))), paired(((3, 2), (3, 2)), axis=0))

EINSUMS: tuple[tuple[Any, ...], ...] = (
    ("ij->ji", (2, 3)), ("ij->i", (2, 3)), ("ii->i", (3, 3)), ("ii", (3, 3)), ("ij->", (2, 3)), ("i", (3,)),
    ("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 4)), ("i,i->", (3,), (3,)), ("i,j->ij", (3,), (2,)),
    ("ij,j->", (2, 3), (3,)), ("ij,kl->k", (2, 3), (4, 2)), ("ii,ij->j", (3, 3), (3, 2)), ("ij,jk->ki", (2, 1), (5, 4)),
    ("...ij,...jk->...ik", (5, 2, 3), (3, 4)), ("...i,...i", (2, 3), (4, 2, 3)), ("b...,b->...", (2, 3, 4), (2,)),
    ("ij,jk,kl->il", (2, 3), (3, 4), (4, 2)), ("i,i,i->i", (3,), (3,), (3,)),
    ("ij,jk,kl,lm->im", (2, 3), (3, 2), (2, 3), (3, 2)),
    ("...i,...->...", (1, 3), (4,)),
)  # fmt: skip


def einsum(rng: Rng) -> Iterator[Sample]:
    """One to four operands, with sums, diagonals, ellipses and axes of length 1."""
    for subscripts, *shapes in EINSUMS:
        yield Sample((subscripts, *(real(rng, shape) for shape in shapes)))
    for subscripts, *shapes in EINSUMS[::4]:
        yield Sample((subscripts, *(compl(rng, shape) for shape in shapes)))


# Linear algebra


def matrices(*shapes: tuple[int, ...], shift: float = 3.0, **kwargs: Any) -> Samples:
    """Real and complex matrices, rising multiples of the unit vectors added: well apart from singular and tied ones."""

    def make(rng: Rng) -> Iterator[Sample]:
        for shape in shapes:
            eye = np.eye(shape[-2], shape[-1]) * (shift + 3.0 * np.arange(shape[-1]))
            yield Sample((real(rng, shape) + eye,), kwargs)
            yield Sample((compl(rng, shape) + eye,), kwargs)
            yield Sample((np.asfortranarray(real(rng, shape) + eye),), kwargs)
        eye = np.eye(shapes[0][-2], shapes[0][-1]) * (shift + 3.0 * np.arange(shapes[0][-1]))
        yield Sample(((real(rng, shapes[0]) + eye).astype(np.float32),), kwargs)

    return make


def symmetrised(make: Samples, only_real: bool = False) -> Samples:
    """Hermitian matrices."""

    def changed(rng: Rng) -> Iterator[Sample]:
        for sample in make(rng):
            a = sample.args[0]
            if not (only_real and np.iscomplexobj(a)):
                yield Sample((0.5 * (a + np.conj(np.swapaxes(a, -1, -2))), *sample.args[1:]), sample.kwargs)

    return changed


SQUARES = ((3, 3), (1, 1), (2, 3, 3), (2, 1, 2, 2))
regular = matrices(*SQUARES, (0, 2, 2), shift=4.0)
general = matrices((3, 3), (2, 3, 3), (1, 1))
positive = chained(symmetrised(matrices(*SQUARES, shift=8.0)), symmetrised(matrices((3, 3), shift=8.0, upper=True)))
symmetric = symmetrised(matrices(*SQUARES), only_real=True)


def det(rng: Rng) -> Iterator[Sample]:
    """Regular matrices, and of rank n-1, n-2 and 0."""
    yield from regular(rng)
    a = real(rng, (3, 3))
    yield Sample((np.stack([a, a * [1, 1, 0], a * [1, 0, 0], 0 * a]),))
    yield Sample((np.outer(compl(rng, (2,)), compl(rng, (2,))),))


def cofactor_step(rng: Rng) -> Iterator[Sample]:
    """Regular matrices and directions."""
    for sample in regular(rng):
        a = sample.args[0]
        yield Sample((a, (compl if np.iscomplexobj(a) else real)(rng, np.shape(a))))


def solve(rng: Rng) -> Iterator[Sample]:
    """Vectors, matrices, and stacks that broadcast."""
    for a, b in (((3, 3), (3,)), ((3, 3), (3, 2)), ((2, 3, 3), (2, 3, 1)), ((2, 3, 3), (3, 2)), ((3, 3), (2, 3, 2)),
                 ((2, 3, 3), (3,)), ((1, 1), (1,)), ((1, 2, 2), (4, 2, 1))):  # fmt: skip
        yield Sample((real(rng, a) + 4 * np.eye(a[-1]), real(rng, b)))
        yield Sample((compl(rng, a) + 4 * np.eye(a[-1]), compl(rng, b)))


def matrix_power(rng: Rng) -> Iterator[Sample]:
    """All signs of the exponent."""
    for n in (0, 1, 2, 3, 5, -1, -2):
        yield Sample((real(rng, (3, 3)) + 5 * np.eye(3), n))
    yield Sample((compl(rng, (2, 2, 2)), 3))


def untied(rng: Rng) -> Iterator[Sample]:
    """No ties but of each with itself."""
    yield Sample((real(rng, (3, 3)), np.ones((3, 3)), np.ones(3), np.eye(3, dtype=bool)))


def between_ties(rng: Rng) -> Iterator[Sample]:
    """No ties but of each with itself."""
    yield Sample((real(rng, (3, 3)), np.eye(3, dtype=bool)))


RECTANGLES = ((3, 3), (4, 2), (2, 4), (2, 3, 2), (1, 3))
rectangular = matrices(*RECTANGLES)


def only_real(make: Samples) -> Samples:
    """The samples without complex arrays: the phases of complex vectors are arbitrary."""

    def changed(rng: Rng) -> Iterator[Sample]:
        yield from (sample for sample in make(rng) if not np.iscomplexobj(sample.args[0]))

    return changed


svd = chained(only_real(matrices(*RECTANGLES, full_matrices=False)), only_real(matrices((3, 3), (3, 2), (2, 3))),
              matrices(*RECTANGLES, compute_uv=False))  # fmt: skip
qr = chained(matrices(*RECTANGLES), matrices((4, 2), (2, 4), mode="r"))

norm = chained(
    over(0), over(1, (None, -1)), over(2, (None, 0, True)),
    on((5,), (1,), (2,), (3,), (2.5,), (np.inf,), (-np.inf,), (0,), (-1,), (0.5,)),
    on((3, 4), (1, 0), (3, -1), (np.inf, 1, True)), on((3, 4), ("fro",), ("nuc",), (2,), (-2,), (1,), (-1,), (np.inf,),
                                                       (-np.inf,)),
    on((2, 3, 4), (None, (0, 2)), ("nuc", (1, 2)), (2, (2, 0)), (1, (-2, -1), True), (np.inf, (0, 1))),
    fixed(Sample((np.zeros(3),)), Sample((np.zeros(3), 3))),
)  # fmt: skip
vector_norm = chained(over(1), on((2, 3), (), ord=1), on((2, 3), (), axis=-1, ord=3),
                      on((2, 3), (), axis=0, keepdims=True))  # fmt: skip
matrix_norm = chained(over(2), on((2, 3, 4), (), ord="nuc"), on((2, 3), (), ord=1, keepdims=True))
