"""Files that ``torch.save`` wrote: read by a small interpreter that knows how to make containers and arrays, no more.

Such a file is a zip archive with a pickle, which is a program. Of its operations those are carried out that put
numbers, texts, lists, tuples, dicts and tensors together; nothing is imported or called, anything else is refused.
"""

from __future__ import annotations

import math
import pickletools
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

DTYPES = {"DoubleStorage": "<f8", "FloatStorage": "<f4", "HalfStorage": "<f2", "LongStorage": "<i8",
          "IntStorage": "<i4", "ShortStorage": "<i2", "CharStorage": "|i1", "ByteStorage": "|u1", "BoolStorage": "|b1",
          "ComplexFloatStorage": "<c8", "ComplexDoubleStorage": "<c16", "BFloat16Storage": "<u2"}  # fmt: skip
PUSHED = {"BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8",
          "BINBYTES", "SHORT_BINBYTES"}  # fmt: skip
CONSTANTS: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
STORED = {"BINPUT", "LONG_BINPUT"}
FETCHED = {"BINGET", "LONG_BINGET"}
TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
SKIPPED = {"PROTO", "FRAME"}


class Name(NamedTuple):
    """Something that the pickle names, which is not looked up."""

    path: str


class Mark:
    """Where the items of a container begin."""


def read_torch(path: Path) -> Any:
    """What was saved, with arrays for the tensors."""
    if not zipfile.is_zipfile(path):
        raise ValueError(f"'{path}' is no zip archive, as torch.save has written them since version 1.6")
    with zipfile.ZipFile(path) as archive:
        name = next((name for name in archive.namelist() if name.endswith("data.pkl")), None)
        if name is None:
            raise ValueError(f"'{path}' is not a file of torch.save")
        folder = name[: -len("data.pkl")]
        if f"{folder}byteorder" in archive.namelist() and archive.read(f"{folder}byteorder") != b"little":
            raise ValueError(f"'{path}' was written on a machine with another order of bytes")
        return Reader(lambda key: archive.read(f"{folder}data/{key}")).run(archive.read(name))


class Reader:
    """The interpreter: a stack, and what was put aside.

    Parameters
    ----------
    bytes_of : callable
        Gives the bytes of a storage by its key.
    """

    def __init__(self, bytes_of: Callable[[str], bytes]) -> None:
        self.bytes_of = bytes_of
        self.stack: list[Any] = []
        self.aside: dict[int, Any] = {}

    def run(self, program: bytes) -> Any:
        """Carry a program out, and give what it leaves."""
        for code, argument, _ in pickletools.genops(program):
            if code.name == "STOP":
                break
            if code.name not in SKIPPED:
                self.step(code.name, argument)
        return self.stack.pop()

    def step(self, code: str, argument: Any) -> None:
        """Carry one operation out."""
        stack = self.stack
        if code in PUSHED:
            stack.append(argument)
        elif code in CONSTANTS:
            stack.append(CONSTANTS[code])
        elif code in STORED:
            self.aside[argument] = stack[-1]
        elif code == "MEMOIZE":
            self.aside[len(self.aside)] = stack[-1]
        elif code in FETCHED:
            stack.append(self.aside[argument])
        elif code == "GLOBAL":
            stack.append(Name(argument.replace(" ", ".")))
        else:
            self.combine(code)

    def combine(self, code: str) -> None:
        """The operations that put things together."""
        stack = self.stack
        if code == "MARK":
            stack.append(Mark())
        elif code == "EMPTY_DICT":
            stack.append({})
        elif code == "EMPTY_LIST":
            stack.append([])
        elif code in TUPLES:
            count = TUPLES[code]
            stack[-count:] = [tuple(stack[-count:])]
        elif code == "TUPLE":
            stack.append(tuple(self.items()))
        elif code in ("APPEND", "APPENDS"):
            items = [stack.pop()] if code == "APPEND" else self.items()
            stack[-1].extend(items)
        elif code in ("SETITEM", "SETITEMS"):
            items = [stack.pop() for _ in range(2)][::-1] if code == "SETITEM" else self.items()
            stack[-1].update(zip(items[::2], items[1::2], strict=True))
        else:
            self.make(code)

    def make(self, code: str) -> None:
        """The operations that torch uses for its tensors; attributes of dicts are dropped."""
        stack = self.stack
        if code == "STACK_GLOBAL":
            name, module = stack.pop(), stack.pop()
            stack.append(Name(f"{module}.{name}"))
        elif code == "BINPERSID":
            stack.append(self.storage(*stack.pop()))
        elif code == "REDUCE":
            arguments, name = stack.pop(), stack.pop()
            stack.append(made(name, arguments))
        elif code == "BUILD" and isinstance(stack[-2], dict):
            stack.pop()
        else:
            raise TypeError(f"cannot read this file without unpickling it: it uses {code}")

    def items(self) -> list[Any]:
        """Everything down to the last mark."""
        place = max(k for k, thing in enumerate(self.stack) if isinstance(thing, Mark))
        items = self.stack[place + 1 :]
        del self.stack[place:]
        return items

    def storage(self, kind: str, name: Name, key: str, device: str, count: int) -> Any:
        """The numbers of a storage, all in a row."""
        dtype = DTYPES.get(name.path.rpartition(".")[2])
        if kind != "storage" or dtype is None:
            raise TypeError(f"cannot read this file without unpickling it: it holds a {name.path}")
        values = np.frombuffer(self.bytes_of(key), dtype)
        if name.path.endswith("BFloat16Storage"):  # the upper halves of 32-bit floats
            values = (values.astype("<u4") << 16).view("<f4")
        return values


def made(name: Any, arguments: tuple[Any, ...]) -> Any:
    """What a named function makes of its arguments, if it is one of torch's own for tensors."""
    path = name.path if isinstance(name, Name) else repr(name)
    if path == "collections.OrderedDict":
        return dict(*arguments)
    if path == "torch._utils._rebuild_tensor_v2":
        return tensor_of(*arguments[:4])
    if path == "torch._utils._rebuild_parameter":
        return arguments[0]
    raise TypeError(f"cannot read this file without unpickling it: it calls {path}")


def tensor_of(storage: Any, offset: int, shape: tuple[int, ...], steps: tuple[int, ...]) -> Any:
    """A copy of the part of a storage that a tensor is."""
    if math.prod(shape) == 0:
        return np.zeros(shape, storage.dtype)
    last = offset + sum((n - 1) * step for n, step in zip(shape, steps, strict=True))
    if offset < 0 or min((*shape, *steps), default=0) < 0 or last >= len(storage):
        raise ValueError("a tensor of this file lies outside of its storage")
    width = storage.itemsize
    return as_strided(storage[offset:], shape, [step * width for step in steps]).copy()
