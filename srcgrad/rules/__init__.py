"""What srcgrad knows about callables: importing this package registers every chapter."""

from srcgrad.rules import (
    constants,
    create,
    elementwise,
    fft,
    gammas,
    index,
    linalg,
    lists,
    medians,
    nans,
    norms,
    parts,
    pieces,
    piecewise,
    polynomials,
    products,
    quantiles,
    reduce,
    refusals,
    sampled,
    scimath,
    sets,
    shape,
    signals,
    solvers,
    statistics,
    windows,
)

CHAPTERS = (
    constants, create, elementwise, fft, gammas, index, linalg, lists, medians, nans, norms, parts, pieces,
    piecewise, polynomials, products, quantiles, reduce, refusals, sampled, scimath, sets, shape, signals, solvers,
    statistics, windows,
)  # fmt: skip
