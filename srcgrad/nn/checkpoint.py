"""States in files that hold numbers and names only, so that reading one never runs code."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from srcgrad.nn.state import array_of
from srcgrad.nn.torch_files import read_torch
from srcgrad.tracer.tensor import Tensor

CODES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1", "U8": "|u1",
         "U16": "<u2", "U32": "<u4", "U64": "<u8", "BOOL": "|b1"}  # fmt: skip
NAMES = {np.dtype(code): name for name, code in CODES.items()}
Arrays = dict[str, Any]


def save(state: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Write a state to a file.

    Parameters
    ----------
    state : mapping of str to array_like
        What a module's or an optimizer's `state_dict` gives; dicts and lists in it may hold numbers, texts, None.
    path : path
        The file: ``.npz`` for NumPy's format, ``.safetensors`` for that one, which holds flat states only.

    Examples
    --------
    >>> import os, tempfile
    >>> from srcgrad import nn
    >>> folder = tempfile.mkdtemp()
    >>> nn.save(nn.Linear(2, 1).state_dict(), os.path.join(folder, "model.npz"))
    >>> sorted(nn.load(os.path.join(folder, "model.npz")))
    ['bias', 'weight']
    """
    if kind_of(path) == ".safetensors":
        write_safetensors({name: array_of(value) for name, value in state.items()}, Path(path))
        return
    arrays: Arrays = {}
    outline = json.dumps(outlined(dict(state), arrays))
    if any(value != name for name, value in json.loads(outline).items()):
        arrays[OUTLINE] = np.array(outline)
    write_npz(arrays, Path(path))


def load(path: str | os.PathLike[str]) -> Any:
    """Read a state from a file; nothing in the file is ever run.

    Parameters
    ----------
    path : path
        A file of `save`, or one of arrays that another program wrote as ``.npz`` or ``.safetensors``; or a file of
        ``torch.save``, ``.pt`` or ``.pth``, with tensors in dicts and lists.

    Returns
    -------
    dict
        The state, with tensors for the arrays.
    """
    ending = kind_of(path, (".pt", ".pth"))
    if ending in (".pt", ".pth"):
        return tensors_in(read_torch(Path(path)))
    if ending == ".safetensors":
        return {name: tensor_of(value) for name, value in read_safetensors(Path(path)).items()}
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    if OUTLINE not in arrays:
        return {name: tensor_of(value) for name, value in arrays.items()}
    return rebuilt(json.loads(str(arrays.pop(OUTLINE))), arrays)


OUTLINE = "__outline__"


def kind_of(path: str | os.PathLike[str], more: tuple[str, ...] = ()) -> str:
    """The ending of a file's name, one of those that are known."""
    ending, known = Path(path).suffix, (".npz", ".safetensors", *more)
    if ending not in known:
        raise ValueError(f"cannot tell the format of '{path}': the name must end in {' or '.join(known)}")
    return ending


def tensors_in(thing: Any) -> Any:
    """The same with tensors for the arrays."""
    if isinstance(thing, dict):
        return {key: tensors_in(value) for key, value in thing.items()}
    if isinstance(thing, (list, tuple)):
        return type(thing)([tensors_in(value) for value in thing])
    return tensor_of(thing) if isinstance(thing, np.ndarray) else thing


def tensor_of(array: Any) -> Tensor:
    """A tensor with an array that nobody else has."""
    return Tensor(array)


# NumPy's format: the arrays by name, and where there is more than that, an outline in JSON


def outlined(thing: Any, arrays: Arrays, name: str = "") -> Any:
    """The structure of a state, in which names stand for the arrays; those are put into `arrays`."""
    if isinstance(thing, Mapping):
        items = [(key, outlined(value, arrays, f"{name}.{key}" if name else str(key))) for key, value in thing.items()]
        return dict(items) if all(isinstance(key, str) for key in thing) else {ENTRIES: items}
    if isinstance(thing, (list, tuple)):
        parts = [outlined(value, arrays, f"{name}.{k}") for k, value in enumerate(thing)]
        return parts if isinstance(thing, list) else {TUPLE: parts}
    if thing is None or (isinstance(thing, (bool, int, float, str)) and not isinstance(thing, np.generic)):
        return {PLAIN: thing}
    if name in arrays:
        raise ValueError(f"two arrays of the state have the name '{name}'")
    arrays[name] = checked(array_of(thing), name)
    return name


def write_npz(arrays: Arrays, path: Path) -> None:
    """What ``np.savez`` writes, for any names."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asanyarray(array), allow_pickle=False)


ENTRIES, TUPLE, PLAIN = "__entries__", "__tuple__", "__plain__"


def rebuilt(outline: Any, arrays: Arrays) -> Any:
    """A state from its outline."""
    if isinstance(outline, str):
        return tensor_of(arrays[outline])
    if isinstance(outline, list):
        return [rebuilt(part, arrays) for part in outline]
    if PLAIN in outline:
        return outline[PLAIN]
    if TUPLE in outline:
        return tuple(rebuilt(part, arrays) for part in outline[TUPLE])
    if ENTRIES in outline:
        return {key: rebuilt(part, arrays) for key, part in outline[ENTRIES]}
    return {key: rebuilt(part, arrays) for key, part in outline.items()}


def checked(array: Any, name: str) -> Any:
    """The array, if it holds numbers: anything else could only be pickled."""
    if array.dtype.hasobject:
        raise TypeError(f"cannot save '{name}': it is no array of numbers")
    return array


# The format of Hugging Face: the length of a header, the header in JSON, the bytes


def write_safetensors(arrays: Arrays, path: Path) -> None:
    """Write arrays, each in C order."""
    header: dict[str, Any] = {}
    end = 0
    parts = []
    for name, array in arrays.items():
        if array.dtype not in NAMES:
            raise TypeError(f"cannot save '{name}' of dtype {array.dtype} as .safetensors")
        parts.append(array.tobytes())
        header[name] = {"dtype": NAMES[array.dtype], "shape": list(array.shape),
                        "data_offsets": [end, end + array.nbytes]}  # fmt: skip
        end += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(parts))


def read_safetensors(path: Path) -> Arrays:
    """Read arrays."""
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    if start > len(content):
        raise ValueError(f"'{path}' is no .safetensors file, or a part of one")
    header = json.loads(content[8:start])
    header.pop("__metadata__", None)
    return {name: read_array(content[start:], entry, name) for name, entry in header.items()}


def read_array(data: bytes, entry: dict[str, Any], name: str) -> Any:
    """One array of the file; brain floats are read as the 32-bit floats they are the upper halves of."""
    first, last = entry["data_offsets"]
    part = data[first:last]
    if entry["dtype"] == "BF16":
        halves = np.frombuffer(part, "<u2").astype("<u4") << 16
        return halves.view("<f4").reshape(entry["shape"])
    if entry["dtype"] not in CODES:
        raise TypeError(f"cannot read '{name}' of dtype {entry['dtype']}")
    return np.frombuffer(part, CODES[entry["dtype"]]).reshape(entry["shape"])
