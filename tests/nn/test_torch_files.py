"""Files of ``torch.save`` are read without running what is in them."""

from __future__ import annotations

import pickle
import zipfile

import numpy as np
import pytest

from srcgrad import nn, optim
from srcgrad.nn.torch_files import Reader, read_torch, tensor_of
from tests.nn.library import DATA, recorded

FILE = DATA / "torch_training.pt"


def test_a_checkpoint_in_training():
    found = nn.load(FILE)
    assert (found["epoch"], found["rate"], found["name"], found["best"]) == (7, 0.25, "net", None)
    for name, wanted in recorded("torch_training").items():
        kind, _, key = name.partition(".")
        value = found[kind][key].numpy()
        assert value.dtype == wanted.dtype, name
        np.testing.assert_array_equal(value, wanted, err_msg=name)


def test_training_goes_on():
    found = nn.load(FILE)
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2)).float()
    assert net.load_state_dict(found["model"]) == ([], [])
    optimizer = optim.Adam(net.parameters())
    optimizer.load_state_dict(found["optimizer"])
    state = optimizer.state[net[0].weight]
    assert state["step"] == 2
    assert state["exp_avg"].dtype == np.float32
    assert optimizer.param_groups[0]["betas"] == (0.8, 0.9)
    (net(np.eye(3, dtype=np.float32)) ** 2).sum().backward()
    optimizer.step()
    assert optimizer.state[net[0].weight]["step"] == 3


class Evil:
    def __reduce__(self):
        return print, ("run",)


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("thing", [Evil(), {"a": [Evil()]}, np.ones(2), pickle.PickleBuffer, {1, 2}])
def test_nothing_is_run(thing, protocol, tmp_path, capsys):
    with zipfile.ZipFile(tmp_path / "evil.pt", "w") as archive:
        archive.writestr("evil/data.pkl", pickle.dumps({"x": thing}, protocol))
    if thing is pickle.PickleBuffer:  # a name that nobody looks up is harmless
        assert "PickleBuffer" in str(nn.load(tmp_path / "evil.pt"))
    else:
        with pytest.raises(TypeError, match="without unpickling"):
            nn.load(tmp_path / "evil.pt")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_containers(protocol):
    things = {"a": [1, -(2**40), 2.5, "é", None, True, ()], 3: {"b": (1, 2, 3, 4)}, "c": [[1]]}
    assert Reader(lambda key: b"").run(pickle.dumps(things, protocol)) == things


@pytest.mark.parametrize(("offset", "shape", "steps"), [(0, (9,), (1,)), (7, (2,), (1,)), (-1, (2,), (1,)),
                                                         (0, (2, 3), (4, 2)), (3, (2,), (-1,))])  # fmt: skip
def test_a_tensor_does_not_leave_its_storage(offset, shape, steps):
    with pytest.raises(ValueError, match="outside of its storage"):
        tensor_of(np.arange(8.0), offset, shape, steps)


def test_other_files(tmp_path):
    (tmp_path / "old.pth").write_bytes(pickle.dumps({}))
    with pytest.raises(ValueError, match="no zip archive"):
        nn.load(tmp_path / "old.pth")
    with zipfile.ZipFile(tmp_path / "other.pt", "w") as archive:
        archive.writestr("a.txt", "")
    with pytest.raises(ValueError, match=r"not a file of torch\.save"):
        read_torch(tmp_path / "other.pt")
    with pytest.raises(ValueError, match=r"must end in \.npz or \.safetensors$"):
        nn.save({}, tmp_path / "model.pt")
