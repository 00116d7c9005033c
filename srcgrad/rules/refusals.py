"""Callables that have no derivative by what they are given: they run on constants, and are refused otherwise."""

from __future__ import annotations

import numpy as np
from numpy.lib import stride_tricks

from srcgrad.rules.core import Fn, refused

TEXT: tuple[Fn, ...] = (np.array2string, np.array_repr, np.array_str, np.format_float_positional,
                        np.format_float_scientific, np.base_repr, np.binary_repr)  # fmt: skip
FILES: tuple[Fn, ...] = (np.save, np.savez, np.savez_compressed, np.savetxt, np.load, np.loadtxt, np.genfromtxt,
                         np.fromfile, np.fromregex, np.fromstring)  # fmt: skip
MATRICES: tuple[Fn, ...] = (np.asmatrix, np.bmat)
BYTES: tuple[Fn, ...] = (np.frombuffer, np.from_dlpack)
BINS: tuple[Fn, ...] = (np.histogramdd,)

refused(*TEXT, why="text has no derivative. Print after the derivative, or with print().")
refused(*FILES, why="files have no derivative. Read before, write after.", effect="io")
refused(*MATRICES, why="np.matrix is not supported. Use arrays, with @ for products.")
refused(*BYTES, why="the bytes of a number have no derivative. Use np.asarray.")
refused(stride_tricks.as_strided, why="which memory it reads is not known from its shape. Use sliding_window_view, "
        "np.broadcast_to or an index.")  # fmt: skip
refused(*BINS, why="counts jump as points move. For sums of weights use np.bincount of the numbers of the bins.")
refused(np.fromiter, np.frompyfunc, why="arrays of objects are not supported. Use np.array of a list, or a loop.")
refused(np.nested_iters, why="its items are views that cannot be followed. Use a loop over indices.")
