"""What srcgrad knows about callables: importing this package registers every chapter."""

from srcgrad.rules import (
    constants,
    create,
    elementwise,
    fft,
    index,
    linalg,
    lists,
    medians,
    norms,
    piecewise,
    products,
    reduce,
    sampled,
    shape,
    statistics,
)

CHAPTERS = (
    constants, create, elementwise, fft, index, linalg, lists, medians, norms, piecewise, products, reduce, sampled,
    shape, statistics,
)  # fmt: skip
