"""Files of states: what is written is read, by NumPy too; nothing is ever unpickled."""

from __future__ import annotations

import json

import numpy as np
import pytest

from srcgrad import nn, optim
from srcgrad.tracer import tensor


def network():
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 1))


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_a_model(tmp_path, ending):
    one, two = network().float(), network().float()
    one(tensor(np.ones((2, 3), np.float32)))
    nn.save(one.state_dict(), tmp_path / f"model.{ending}")
    state = nn.load(tmp_path / f"model.{ending}")
    assert list(state) == list(one.state_dict())
    assert [v.dtype for v in state.values()] == [v.dtype for v in one.state_dict().values()]
    two.load_state_dict(state)
    x = tensor(np.ones((2, 3), np.float32))
    np.testing.assert_array_equal(one.eval()(x).detach().numpy(), two.eval()(x).detach().numpy())


def test_numpy_reads_a_model(tmp_path):
    nn.save({"file": np.ones(2), "a.b": tensor(3.0)}, tmp_path / "model.npz")
    with np.load(tmp_path / "model.npz", allow_pickle=False) as arrays:
        assert sorted(arrays.files) == ["a.b", "file"]
        assert arrays["a.b"] == 3


def test_an_optimizer(tmp_path):
    net = network()
    optimizer = optim.AdamW(net.parameters(), lr=0.01, betas=(0.8, 0.9))
    net(tensor(np.eye(3))).sum().backward()
    optimizer.step()
    everything = {"model": net.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3, "note": "π", "best": None}
    nn.save(everything, tmp_path / "all.npz")
    found = nn.load(tmp_path / "all.npz")
    assert found["epoch"] == 3
    assert found["note"] == "π"
    assert found["best"] is None
    assert found["optimizer"]["param_groups"] == optimizer.state_dict()["param_groups"]
    np.testing.assert_array_equal(found["optimizer"]["state"][0]["exp_avg"].numpy(),
                                  optimizer.state[net[0].weight]["exp_avg"])  # fmt: skip
    other = optim.AdamW(net.parameters())
    other.load_state_dict(found["optimizer"])
    assert other.param_groups[0]["betas"] == (0.8, 0.9)


def test_safetensors_byte_by_byte(tmp_path):
    nn.save({"w": np.array([[1.0, 2.0]], "<f4").T, "n": np.array(5)}, tmp_path / "m.safetensors")
    content = (tmp_path / "m.safetensors").read_bytes()
    length = int.from_bytes(content[:8], "little")
    assert length % 8 == 0
    assert json.loads(content[8 : 8 + length]) == {
        "w": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]},
        "n": {"dtype": "I64", "shape": [], "data_offsets": [8, 16]},
    }
    assert content[8 + length :] == np.array([1, 2], "<f4").tobytes() + np.array(5, "<i8").tobytes()


def test_brain_floats(tmp_path):
    header = json.dumps(
        {"__metadata__": {"format": "pt"}, "w": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}
    )
    data = np.array([0x3F80, 0xC040], "<u2").tobytes()  # 1.0 and -3.0
    (tmp_path / "m.safetensors").write_bytes(len(header).to_bytes(8, "little") + header.encode() + data)
    assert nn.load(tmp_path / "m.safetensors")["w"].tolist() == [1.0, -3.0]


def test_what_could_only_be_pickled_is_refused(tmp_path):
    with pytest.raises(TypeError, match="cannot save 'a.f'"):
        nn.save({"a": {"f": print}}, tmp_path / "bad.npz")
    np.savez(tmp_path / "evil.npz", a=np.array([print], object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        nn.load(tmp_path / "evil.npz")


def test_other_refusals(tmp_path):
    with pytest.raises(ValueError, match=r"must end in \.npz"):
        nn.save({}, tmp_path / "model.pt")
    with pytest.raises(TypeError, match="cannot save 'c'"):
        nn.save({"c": np.array(1j)}, tmp_path / "c.safetensors")
    with pytest.raises(ValueError, match="have the name 'a.b'"):
        nn.save({"a.b": np.ones(1), "a": {"b": np.ones(1)}}, tmp_path / "c.npz")
    (tmp_path / "short.safetensors").write_bytes(b"\xff" * 12)
    with pytest.raises(ValueError, match="no .safetensors file"):
        nn.load(tmp_path / "short.safetensors")
