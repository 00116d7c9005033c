"""The fastest way to the code of the call before: one function that compares everything that code was built on.

It is written out per signature, with all objects bound, so that a call does nothing that can be done once.
"""

from __future__ import annotations

import builtins
import functools
import keyword
from collections.abc import Callable, Collection
from types import CodeType
from typing import Any

import numpy as np

from srcgrad.api.arguments import pick
from srcgrad.api.derive import Target
from srcgrad.api.keys import NUMBERS, key_of, static_key
from srcgrad.api.versions import GONE, Version
from srcgrad.frontend import objects, surroundings
from srcgrad.frontend.values import Outside

Admit = Callable[[tuple[Any, ...]], "dict[str, Any] | None"]
TEXTS = 512  # functions whose code is kept
MAX_ITEMS = 24  # of a container whose items are written out; longer ones are compared by their key


class Writer:
    """The conditions under which a call is admitted, as text, and the objects they name."""

    def __init__(self) -> None:
        self.bound: dict[str, Any] = {}
        self.names: dict[int, str] = {}
        self.fresh = 0

    def bind(self, value: Any) -> str:
        """The name of an object."""
        known = self.names.get(id(value))
        if known is None:
            known = self.names[id(value)] = f"k{len(self.names)}"
            self.bound[known] = value
        return known

    # --- arguments: the same questions as `key_of` asks ------------------------------------------------------------

    def same_kind(self, read: str, value: Any) -> list[str]:
        """Conditions for an argument to have the key that a value has; `read` is evaluated in the first of them."""
        cls = type(value)
        if cls is np.ndarray:
            name, first = self.held(read)
            return [f"type({first}) is ndarray", f"{name}.dtype is {self.bind(value.dtype)}",
                    f"{name}.shape == {self.bind(value.shape)}"]  # fmt: skip
        if cls in NUMBERS:
            return [f"type({read}) is {self.bind(cls)}"]
        if value is None or cls is bool:
            return [f"{read} is {value!r}"]
        if cls is list or cls is tuple:
            return self.same_items(read, value, range(len(value)), "len({}) == " + str(len(value)))
        if cls is dict:
            return self.same_items(read, value, value, "tuple({}) == " + self.bind(tuple(value)))
        return [self.same_key(read, value)]

    def same_key(self, read: str, value: Any) -> str:
        """The condition for what is not written out."""
        return f"key_of({read}) == {self.bind(key_of(value))}"

    def same_items(self, read: str, value: Any, keys: Collection[Any], structure: str) -> list[str]:
        """Conditions for a container: its class, its structure, and what it holds."""
        if len(keys) > MAX_ITEMS:
            return [self.same_key(read, value)]
        name, first = self.held(read)
        found = [f"type({first}) is {self.bind(type(value))}", structure.format(name)]
        for key in keys:
            item = f"{name}[{key!r}]" if type(key) in (int, str) else f"{name}[{self.bind(key)}]"
            found += self.same_kind(item, value[key])
        return found

    def held(self, read: str) -> tuple[str, str]:
        """A name for what is read, and how it is read for the first time."""
        if read.isidentifier():
            return read, read
        self.fresh += 1
        return f"v{self.fresh}", f"v{self.fresh} := {read}"

    def same_value(self, place: Target, value: Any) -> str:
        """The condition for an argument that is built in, of a class that has been compared."""
        if len(place) == 1 and type(value) in (int, bool, str):
            return f"a{place[0]} == {value!r}"
        return f"static_key(pick(args, {self.bind(place)})) == {self.bind(static_key(value))}"

    # --- the surrounding program -----------------------------------------------------------------------------------

    def reading(self, read: Callable[[], Any]) -> str:
        """What a reader reads, without a call where it is one of those that say no more than a name."""
        code = getattr(read, "__code__", None)
        written = READERS.get(code) if code is not None else None
        if written is None:
            return f"{self.bind(read)}()"
        cells = dict(zip(read.__code__.co_freevars, read.__closure__ or (), strict=True))
        return written(self, **{name: cell.cell_contents for name, cell in cells.items()})

    def attribute(self, owner: str, name: str) -> str:
        """An attribute."""
        plain = name.isidentifier() and not keyword.iskeyword(name)
        return f"{owner}.{name}" if plain else f"getattr({owner}, {name!r})"


def _global(writer: Writer, scope: dict[str, Any], name: str) -> str:
    return f"{writer.bind(scope)}[{name!r}]" if name in scope else f"{writer.bind(scope)}.get({name!r})"


def _builtin(writer: Writer, scope: dict[str, Any], name: str) -> str:
    given = writer.bind(scope)
    return f"({given}[{name!r}] if {name!r} in {given} else getattr({writer.bind(builtins)}, {name!r}, None))"


def _attribute(writer: Writer, owner: Outside, name: str) -> str:
    return writer.attribute(writer.reading(owner.read), name)


def _item(writer: Writer, owner: Outside, key: Any) -> str:
    return f"{writer.reading(owner.read)}[{writer.bind(key)}]"


def _own(writer: Writer, value: Any, name: str) -> str:
    found = f"{writer.bind(value)}.__dict__" if hasattr(value, "__dict__") else "()"
    return f"({name!r} in {found})"


def code_in(factory: Callable[..., Any]) -> CodeType:
    """The code of the function that a function makes."""
    return next(item for item in factory.__code__.co_consts if isinstance(item, CodeType))


READERS: dict[CodeType, Callable[..., str]] = {
    code_in(surroundings.global_of): _global,
    code_in(surroundings.builtin_of): _builtin,
    code_in(surroundings.attribute_of): _attribute,
    code_in(surroundings.item_of): _item,
    code_in(surroundings.code_of): lambda writer, fn: f"{writer.bind(fn)}.__code__",
    code_in(surroundings.cell_of): lambda writer, cell: f"{writer.bind(cell)}.cell_contents",
    code_in(surroundings.part_of): lambda writer, read, name: f"getattr({writer.reading(read)}, {name!r}, None)",
    code_in(surroundings.value_attribute): lambda writer, value, name: writer.attribute(writer.bind(value), name),
    code_in(objects.type_of_object): lambda writer, value: f"type({writer.bind(value)})",
    code_in(objects.in_class): lambda writer, cls, name: f"{writer.bind(cls)}.__dict__.get({name!r})",
    code_in(objects.own_attribute): _own,
}


def admission(version: Version, args: tuple[Any, ...], captured: dict[str, Any]) -> Admit:
    """What tells of later arguments whether the version is right for them as it is for these.

    It returns what the code captures, read now; None where anything is not what it was, or a reader finds nothing.
    """
    writer = Writer()
    names = [f"a{k}" for k in range(len(args))]
    conditions = [found for name, arg in zip(names, args, strict=True) for found in writer.same_kind(name, arg)]
    conditions += [writer.same_value(place, pick(args, place)) for place in version.extra["statics"]]
    layout = version.lowering.layout if version.lowering is not None else {}
    conditions += [f"pick(args, {writer.bind(place)}).flags.c_contiguous is {known}" for place, known in layout.items()]
    conditions += [f"{writer.reading(read)} is {writer.bind(value)}" for read, value in version.guards]
    pairs = []
    for k, each in enumerate(version.outside):
        hint = each.captured.value.hint
        conditions += writer.same_kind(f"(c{k} := {writer.reading(each.captured.read)})", captured[hint])
        pairs.append(f"{hint!r}: c{k}")
    text = _text(names, list(dict.fromkeys(conditions)), pairs, tuple(writer.bound))
    admit: Admit = _made(text)(*writer.bound.values())
    return admit


def _text(params: list[str], conditions: list[str], captured: list[str], bound: tuple[str, ...]) -> str:
    """The text of a function that makes the one wanted, given the objects that it names."""
    unpacked = f"{', '.join(params)}, = args" if params else "pass"
    result = "{" + ", ".join(captured) + "}" if captured else "nothing"
    return "\n".join([
        f"def make({', '.join(bound)}):",
        "    def admit(args):",
        f"        if len(args) != {len(params)}:",
        "            return None",
        f"        {unpacked}",
        "        try:",
        f"            if {' and '.join(conditions) or 'True'}:",
        f"                return {result}",
        "        except gone:",
        "            pass",
        "        return None",
        "    return admit",
    ])  # fmt: skip


@functools.lru_cache(TEXTS)
def _made(text: str) -> Callable[..., Admit]:
    """The function that a text defines."""
    namespace: dict[str, Any] = {
        "ndarray": np.ndarray,
        "key_of": key_of,
        "static_key": static_key,
        "pick": pick,
        "gone": GONE,
        "nothing": {},
    }
    exec(compile(text, "<srcgrad admission>", "exec", dont_inherit=True), namespace)
    made: Callable[..., Admit] = namespace["make"]
    return made


__all__ = ["Admit", "admission"]
