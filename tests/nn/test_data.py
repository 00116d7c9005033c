"""Data sets and loaders."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad import nn
from srcgrad.nn.data import DataLoader, Subset, TensorDataset, random_split
from srcgrad.tracer import tensor


def numbers(loader):
    return [batch[0].tolist() for batch in loader]


DATA = TensorDataset(np.arange(7), tensor(np.arange(14.0).reshape(7, 2)))


def test_batches():
    loader = DataLoader(DATA, batch_size=3)
    assert len(loader) == 3
    assert numbers(loader) == [[0, 1, 2], [3, 4, 5], [6]]
    assert [y.shape for _, y in loader] == [(3, 2), (3, 2), (1, 2)]
    short = DataLoader(DATA, batch_size=3, drop_last=True)
    assert len(short) == len(numbers(short)) == 2


def test_shuffling_and_seeds():
    one, two = (DataLoader(DATA, 2, shuffle=True, seed=5) for _ in range(2))
    first, second = numbers(one), numbers(one)
    assert first != second
    assert (first, second) == (numbers(two), numbers(two))
    assert sorted(sum(first, [])) == list(range(7))
    given = DataLoader(DATA, 2, shuffle=True, generator=np.random.default_rng(5))
    assert numbers(given) == first
    nn.manual_seed(1)
    common = numbers(DataLoader(DATA, 7, shuffle=True))
    nn.manual_seed(1)
    assert numbers(DataLoader(DATA, 7, shuffle=True)) == common


def test_pairs_stay_together():
    for k, row in DataLoader(DATA, 2, shuffle=True, seed=0):
        np.testing.assert_array_equal(row.numpy()[:, 0], 2 * k.numpy())


def test_a_batch_is_a_copy():
    (batch,) = next(iter(DataLoader(TensorDataset(np.zeros(3)), 3)))
    batch[0] = 1.0
    assert next(iter(DataLoader(TensorDataset(np.zeros(3)), 3)))[0].tolist() == [0.0, 0.0, 0.0]


def test_parts():
    parts = random_split(DATA, [0.7, 0.3], np.random.default_rng(0))
    assert [len(p) for p in parts] == [5, 2]
    seen = sum((batch for part in parts for batch in numbers(DataLoader(part, 2))), [])
    assert sorted(seen) == list(range(7))
    assert [len(p) for p in random_split(DATA, [3, 4])] == [3, 4]
    with pytest.raises(ValueError, match="Sum of input lengths"):
        random_split(DATA, [3, 3])
    assert Subset(DATA, [4, 2])[0][0].tolist() == 4


def test_any_sequence():
    samples = [{"x": np.full(2, float(k)), "name": k} for k in range(3)]
    batches = list(DataLoader(samples, 2))
    assert batches[0]["x"].tolist() == [[0.0, 0.0], [1.0, 1.0]]
    assert batches[1]["name"].tolist() == [2]
    assert list(DataLoader(samples, 2, collate_fn=len)) == [2, 1]


def test_refusals():
    with pytest.raises(ValueError, match="Size mismatch"):
        TensorDataset(np.ones(2), np.ones(3))
    with pytest.raises(ValueError, match="positive integer"):
        DataLoader(DATA, 0)
