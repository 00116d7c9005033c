"""The module: a function with parameters, made of modules; parameters are its attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import numpy as np

from srcgrad.nn.hooks import Hook
from srcgrad.nn.names import indented, is_buffer, is_parameter, is_persistent, joined, mistaken
from srcgrad.nn.parameter import Parameter
from srcgrad.nn.state import IncompatibleKeys, StateDict, clear, convert, load
from srcgrad.tracer.tensor import Tensor

M = TypeVar("M", bound="Module")
Named = Iterator[tuple[str, Any]]


class Module:
    """Base of all models: define ``forward``, assign parameters and modules to attributes.

    Attributes
    ----------
    training : bool
        Whether the module learns at the moment, which dropout and batch normalization ask.

    Examples
    --------
    >>> from srcgrad import nn
    >>> class Net(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.hidden = nn.Linear(4, 8)
    ...         self.out = nn.Linear(8, 1)
    ...
    ...     def forward(self, x):
    ...         return self.out(self.hidden(x).tanh())
    >>> [name for name, _ in Net().named_parameters()]
    ['hidden.weight', 'hidden.bias', 'out.weight', 'out.bias']
    """

    training: bool = True
    _persistent: Mapping[str, bool] = {}  # the names of the buffers; do they belong to the state?
    _absent: tuple[str, ...] = ()  # the names of parameters that are None
    _before: tuple[Callable[..., Any], ...] = ()
    _after: tuple[Callable[..., Any], ...] = ()

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; a module of one's own defines it."""
        raise TypeError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call ``forward``, and the hooks around it."""
        if self._before or self._after:
            return self._hooked(args, kwargs)
        return self.forward(*args, **kwargs)

    def _hooked(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        for before in self._before:
            changed = before(self, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
        out = self.forward(*args, **kwargs)
        for after in self._after:
            changed = after(self, args, out)
            out = out if changed is None else changed
        return out

    def register_forward_pre_hook(self, hook: Callable[..., Any]) -> Hook:
        """Call ``hook(module, args)`` before each call; what it returns replaces the arguments."""
        return Hook(self, "_before", hook)

    def register_forward_hook(self, hook: Callable[..., Any]) -> Hook:
        """Call ``hook(module, args, output)`` after each call; what it returns replaces the output."""
        return Hook(self, "_after", hook)

    # Parts

    def __setattr__(self, name: str, value: Any) -> None:
        old = self.__dict__.get(name)
        known = isinstance(old, Parameter) or name in self._absent
        if known and not isinstance(value, Parameter) and value is not None:
            raise mistaken(value, "parameter", name)
        if name in self._persistent and not isinstance(value, Tensor) and value is not None:
            raise mistaken(value, "buffer", name)
        if isinstance(old, Parameter) and value is None:
            self.__dict__["_absent"] = (*self._absent, name)
        self.__dict__[name] = value

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter, or None where there could be one."""
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(f"cannot assign '{type(param).__name__}' object to parameter '{name}'")
        self._check_new(name)
        if param is None:
            self.__dict__["_absent"] = (*self._absent, name)
        setattr(self, name, param)

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Add a tensor that is not learned; it is part of the state if it is `persistent`."""
        self._check_new(name)
        self.__dict__["_persistent"] = {**self._persistent, name: persistent}
        setattr(self, name, tensor if tensor is None or isinstance(tensor, Tensor) else Tensor(tensor))

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a module under a name."""
        self._check_new(name)
        self.__dict__[name] = module

    register_module = add_module

    def _check_new(self, name: str) -> None:
        if not name or "." in name:
            raise KeyError(f"the name of a part must be neither empty nor contain a dot: {name!r}")
        if hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules that this one is made of, with their names."""
        seen = set()
        for name, part in self.__dict__.items():
            if isinstance(part, Module) and id(part) not in seen:
                seen.add(id(part))
                yield name, part

    def children(self) -> Iterator[Module]:
        """The modules that this one is made of."""
        return (module for _, module in self.named_children())

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and all those below it, each once, with their names."""
        seen = set()
        for name, module in self._below(prefix):
            if id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def _below(self, prefix: str) -> Iterator[tuple[str, Module]]:
        yield prefix, self
        for name, part in list(self.__dict__.items()):
            if isinstance(part, Module):
                yield from part._below(joined(prefix, name))

    def modules(self) -> Iterator[Module]:
        """This module and all those below it."""
        return (module for _, module in self.named_modules())

    def _named(self, wanted: Callable[[Module, str, Any], bool], prefix: str, recurse: bool, once: bool) -> Named:
        """The tensors among the attributes that are wanted, of this module and those below it."""
        seen = set()
        for path, module in self._below(prefix) if recurse else [(prefix, self)]:
            for name, value in list(module.__dict__.items()):
                if isinstance(value, Tensor) and wanted(module, name, value) and not (once and id(value) in seen):
                    seen.add(id(value))
                    yield joined(path, name), value

    def named_parameters(self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True) -> Named:
        """All parameters with their names; one that occurs several times is given once."""
        return self._named(is_parameter, prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """All parameters."""
        return (param for _, param in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True) -> Named:
        """All buffers with their names."""
        return self._named(is_buffer, prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """All buffers."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def get_submodule(self, target: str) -> Module:
        """The module of a name like ``"encoder.0"``."""
        found = dict(self._below("")).get(target)
        if found is None:
            raise AttributeError(f"{type(self).__name__} has no module '{target}'")
        return found

    # State

    def state_dict(self, prefix: str = "", keep_vars: bool = False) -> StateDict:
        """Parameters and persistent buffers by name, in the memory of the module.

        Parameters
        ----------
        prefix : str
            What the names begin with.
        keep_vars : bool
            Give the parameters themselves, not detached tensors.

        Returns
        -------
        dict of str to Tensor
            For `load_state_dict`, and `srcgrad.nn.save`.
        """
        own = [*self._named(is_parameter, prefix, False, False), *self._named(is_persistent, prefix, False, False)]
        state = {name: value if keep_vars else value.detach() for name, value in own}
        for name, part in self.__dict__.items():
            if isinstance(part, Module):
                state.update(part.state_dict(joined(prefix, name), keep_vars))
        return state

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> IncompatibleKeys:
        """Copy values into parameters and buffers; nothing is changed where something does not fit.

        Parameters
        ----------
        state_dict : mapping of str to array_like
            Tensors of this package or of others, or arrays, as `state_dict` names them.
        strict : bool
            Whether the names have to be exactly those of the module.

        Returns
        -------
        missing_keys, unexpected_keys : list of str
            Names that only one side has.
        """
        return load(type(self).__name__, self.state_dict(keep_vars=True), state_dict, strict)

    # Changes

    def apply(self: M, fn: Callable[[Module], Any]) -> M:
        """Call a function with every module, the innermost first."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def train(self: M, mode: bool = True) -> M:
        """Learn from now on, or not."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self: M) -> M:
        """Do not learn from now on."""
        return self.train(False)

    def requires_grad_(self: M, requires_grad: bool = True) -> M:
        """Freeze all parameters, or let them be learned."""
        for param in self.parameters():
            param.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or make them zeros."""
        for param in self.parameters():
            clear(param, set_to_none)

    def to(self: M, dtype: Any) -> M:
        """Convert all parameters and buffers of floating or complex dtype; the tensors stay the same objects."""
        for module in self.modules():
            for value in list(module.__dict__.values()):
                if isinstance(value, Tensor) and value.dtype.kind in "fc":
                    convert(value, dtype)
        return self

    def float(self: M) -> M:
        """Convert to 32 bits."""
        return self.to(np.float32)

    def double(self: M) -> M:
        """Convert to 64 bits."""
        return self.to(np.float64)

    def half(self: M) -> M:
        """Convert to 16 bits."""
        return self.to(np.float16)

    # Text

    def extra_repr(self) -> str:
        """What stands in the brackets of the text of a module without parts."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        parts = [f"({name}): {indented(repr(m))}" for name, m in self.__dict__.items() if isinstance(m, Module)]
        if not parts:
            return f"{type(self).__name__}({extra})"
        lines = [*([extra] if extra else []), *parts]
        return f"{type(self).__name__}(\n" + "".join(f"  {line}\n" for line in lines) + ")"
