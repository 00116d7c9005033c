"""Modules that hold modules: in a row, in a list, in a dict; and lists and dicts of parameters."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from srcgrad.nn.module import Module
from srcgrad.nn.parameter import Parameter


class Ordered(Module):
    """A module whose parts are kept in the order in which they were added.

    Their names are kept, not they themselves a second time, so that each part is one attribute only.
    """

    _order: tuple[str, ...] = ()

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        self.__dict__["_order"] = tuple(self._names())

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        self.__dict__["_order"] = tuple(self._names())

    def _parts(self) -> list[Module]:
        return [getattr(self, name) for name in self._order]

    def __len__(self) -> int:
        return len(self._order)

    def _fill(self, parts: Iterable[Module]) -> None:
        """Put these in the place of all parts, named by their numbers."""
        given = list(parts)
        for name in self._names():
            del self.__dict__[name]
        self.__dict__["_order"] = ()
        self._extend(given)

    def _extend(self, parts: Iterable[Module]) -> None:
        for number, part in enumerate(list(parts), len(self)):
            if not isinstance(part, Module):
                raise TypeError(f"{type(part).__name__} is not a Module")
            setattr(self, str(number), part)

    def _names(self) -> list[str]:
        return [name for name, part in self.__dict__.items() if isinstance(part, Module)]

    def __getitem__(self, index: Any) -> Any:
        return self._parts()[operator.index(index)]

    def __setitem__(self, index: int, part: Module) -> None:
        setattr(self, self._names()[index], part)

    def __delitem__(self, index: int) -> None:
        delattr(self, self._names()[index])
        self._renumber()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._parts())

    def _renumber(self) -> None:
        if all(name.isdigit() for name in self._names()):
            self._fill(self._parts())

    def append(self, module: Module) -> Any:
        """Add a module at the end."""
        self._extend([module])
        return self

    def extend(self, modules: Iterable[Module]) -> Any:
        """Add modules at the end."""
        self._extend(modules)
        return self

    def insert(self, index: int, module: Module) -> Any:
        """Add a module before another."""
        parts = self._parts()
        parts.insert(index, module)
        self._fill(parts)
        return self


class Sequential(Ordered):
    """Modules one after the other: each is given what the one before it returned.

    Parameters
    ----------
    *modules : Module, or one dict of str to Module
        The modules; their names are their numbers, or the keys.

    Examples
    --------
    >>> from srcgrad import nn
    >>> nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
    )
    """

    def __init__(self, *modules: Any) -> None:
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            for name, module in modules[0].items():
                self.add_module(name, module)
        else:
            self._extend(modules)

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a module at the end, under a name."""
        self._check_new(name)
        setattr(self, name, module)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return Sequential(dict(list(zip(self._order, self._parts(), strict=True))[index]))
        return super().__getitem__(index)

    def forward(self, input: Any) -> Any:
        """Call the modules in order."""
        for name in self._order:
            input = getattr(self, name)(input)
        return input


class ModuleList(Ordered):
    """A list of modules, whose parameters are those of the module that the list is assigned to.

    Parameters
    ----------
    modules : iterable of Module
        What is in the list.
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        self._extend(modules)

    def __getitem__(self, index: Any) -> Any:
        return ModuleList(self._parts()[index]) if isinstance(index, slice) else super().__getitem__(index)


class ModuleDict(Module):
    """A dict of modules, whose parameters are those of the module that the dict is assigned to.

    Parameters
    ----------
    modules : mapping of str to Module
        What is in the dict.
    """

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] = ()) -> None:
        self.update(modules)

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Add modules, or replace those of the same names."""
        for name, module in dict(modules).items():
            self[name] = module

    def _parts(self) -> dict[str, Module]:
        return {name: part for name, part in self.__dict__.items() if isinstance(part, Module)}

    def __getitem__(self, key: str) -> Module:
        return self._parts()[key]

    def __setitem__(self, key: str, module: Module) -> None:
        if key not in self.__dict__:
            self._check_new(key)
        setattr(self, key, module)

    def __delitem__(self, key: str) -> None:
        del self.__dict__[key]

    def __contains__(self, key: str) -> bool:
        return key in self._parts()

    def __len__(self) -> int:
        return len(self._parts())

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts())

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._parts().keys()

    def values(self) -> Iterable[Module]:
        """The modules."""
        return self._parts().values()

    def items(self) -> Iterable[tuple[str, Module]]:
        """The names with their modules."""
        return self._parts().items()


class ParameterList(Module):
    """A list of parameters.

    Parameters
    ----------
    values : iterable of Parameter or array_like
        What is in the list.
    """

    def __init__(self, values: Iterable[Any] = ()) -> None:
        for value in values:
            self.append(value)

    def append(self, value: Any) -> ParameterList:
        """Add a parameter at the end."""
        setattr(self, str(len(self)), value if isinstance(value, Parameter) else Parameter(value))
        return self

    def __len__(self) -> int:
        return sum(isinstance(value, Parameter) for value in self.__dict__.values())

    def __getitem__(self, index: int) -> Parameter:
        return list(self)[index]

    def __iter__(self) -> Iterator[Parameter]:
        return (value for value in self.__dict__.values() if isinstance(value, Parameter))
