"""The generator of random numbers that everything uses which is not given one: made when it is first asked for."""

from __future__ import annotations

import numpy as np

_CURRENT: list[np.random.Generator] = []


def manual_seed(seed: int) -> np.random.Generator:
    """Begin the random numbers of models, initialisations and loaders anew.

    Parameters
    ----------
    seed : int
        Where they begin: the same seed gives the same numbers.

    Returns
    -------
    numpy.random.Generator
        What is drawn from now on.

    Examples
    --------
    >>> from srcgrad.tracer.generator import manual_seed
    >>> bool(manual_seed(0).random() == manual_seed(0).random())
    True
    """
    _CURRENT[:] = [np.random.default_rng(seed)]
    return _CURRENT[0]


def default_generator() -> np.random.Generator:
    """What is drawn from where no generator is given."""
    if not _CURRENT:
        _CURRENT.append(np.random.default_rng())
    return _CURRENT[0]
