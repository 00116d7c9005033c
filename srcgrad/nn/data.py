"""Data sets of arrays, and a loader that gives them in batches."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from srcgrad.tracer.generator import default_generator
from srcgrad.tracer.tensor import Tensor, make, plain

__all__ = ["DataLoader", "Subset", "TensorDataset", "random_split"]


class TensorDataset:
    """Samples from arrays of equal length.

    Parameters
    ----------
    *tensors : Tensor or array_like
        Sample number `k` is the `k`-th item of each.

    Examples
    --------
    >>> import numpy as np
    >>> from srcgrad import nn
    >>> data = nn.data.TensorDataset(np.arange(6.0).reshape(3, 2), np.array([0, 1, 0]))
    >>> len(data), data[1]
    (3, (tensor([2., 3.]), tensor(1)))
    """

    def __init__(self, *tensors: Any) -> None:
        self.tensors = tuple(t if isinstance(t, Tensor) else make(np.asarray(t)) for t in tensors)
        if len({len(t) for t in self.tensors}) > 1:
            raise ValueError(f"Size mismatch between tensors: {[len(t) for t in self.tensors]}")

    def __len__(self) -> int:
        return len(self.tensors[0])

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(make(np.asarray(plain(t)[plain(index)])) for t in self.tensors)


class Subset:
    """Some samples of a data set.

    Parameters
    ----------
    dataset : sequence
        The data set.
    indices : sequence of int
        Which.
    """

    def __init__(self, dataset: Any, indices: Any) -> None:
        self.dataset, self.indices = dataset, indices

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: Any) -> Any:
        return self.dataset[np.asarray(self.indices)[index]]


def random_split(dataset: Any, lengths: Sequence[float], generator: np.random.Generator | None = None) -> list[Subset]:
    """Divide a data set at random.

    Parameters
    ----------
    dataset : sequence
        The data set.
    lengths : sequence of int or of float
        How many samples each part has; or fractions, whose sum is 1.
    generator : numpy.random.Generator, optional
        What is drawn from; that of `manual_seed` if not given.

    Returns
    -------
    list of Subset
        The parts.
    """
    counts = [int(length) for length in lengths]
    if any(isinstance(length, float) for length in lengths) and math.isclose(sum(lengths), 1):
        counts = [math.floor(len(dataset) * length) for length in lengths]
        for k in range(len(dataset) - sum(counts)):
            counts[k % len(counts)] += 1
    if sum(counts) != len(dataset):
        raise ValueError("Sum of input lengths does not equal the length of the input dataset!")
    order = (generator or default_generator()).permutation(len(dataset))
    return [Subset(dataset, part) for part in np.split(order, np.cumsum(counts)[:-1])]


class DataLoader:
    """Walks over a data set in batches.

    Parameters
    ----------
    dataset : sequence
        ``len(dataset)``, and ``dataset[k]`` for a sample.
    batch_size : int
        How many samples a batch has.
    shuffle : bool
        Is the order a new one each time?
    drop_last : bool
        Is the last batch left out if it is smaller?
    generator : numpy.random.Generator, optional
        What the order is drawn from; that of `manual_seed` if neither this nor `seed` is given.
    seed : int, optional
        Where a generator of the loader's own begins.
    collate_fn : callable, optional
        Makes a batch from a list of samples; if not given, the samples' parts are stacked.

    Examples
    --------
    >>> import numpy as np
    >>> from srcgrad import nn
    >>> loader = nn.data.DataLoader(nn.data.TensorDataset(np.arange(5.0)), batch_size=2)
    >>> [batch for (batch,) in loader]
    [tensor([0., 1.]), tensor([2., 3.]), tensor([4.])]
    """

    def __init__(self, dataset: Any, batch_size: int = 1, shuffle: bool = False, *, drop_last: bool = False,
                 generator: np.random.Generator | None = None, seed: int | None = None,
                 collate_fn: Callable[[list[Any]], Any] | None = None) -> None:  # fmt: skip
        if batch_size < 1:
            raise ValueError(f"batch_size should be a positive integer value, but got batch_size={batch_size}")
        self.dataset, self.batch_size, self.shuffle, self.drop_last = dataset, batch_size, shuffle, drop_last
        self.generator = np.random.default_rng(seed) if generator is None and seed is not None else generator
        self.collate_fn = collate_fn

    def __len__(self) -> int:
        count = len(self.dataset)
        return count // self.batch_size if self.drop_last else math.ceil(count / self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        count = len(self.dataset)
        order = (self.generator or default_generator()).permutation(count) if self.shuffle else np.arange(count)
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            yield self.batch(order[start : start + self.batch_size])

    def batch(self, indices: Any) -> Any:
        """The batch of some samples; those of arrays are read at once."""
        if self.collate_fn is None and isinstance(self.dataset, TensorDataset):
            return self.dataset[indices]
        return (self.collate_fn or stacked)([self.dataset[int(k)] for k in indices])


def stacked(samples: list[Any]) -> Any:
    """The samples as one, each part with an axis more."""
    first = samples[0]
    if isinstance(first, (tuple, list)):
        return tuple(stacked(list(parts)) for parts in zip(*samples, strict=True))
    if isinstance(first, dict):
        return {key: stacked([sample[key] for sample in samples]) for key in first}
    return make(np.stack([np.asarray(plain(sample)) for sample in samples]))
