"""The optimizer: groups of parameters with options, a state for each parameter, and how both are saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from srcgrad.tracer.modes import GradMode
from srcgrad.tracer.tensor import Tensor

Group = dict[str, Any]
State = dict[str, Any]


class Optimizer:
    """Base of the optimizers: one of one's own defines `update`.

    Parameters
    ----------
    params : iterable of Tensor, of pairs (name, Tensor), or of dict
        What is learned; each dict is a group with options of its own beside its ``"params"``.
    defaults : dict
        The options of groups that do not say otherwise.

    Attributes
    ----------
    param_groups : list of dict
        The groups: ``"params"`` and the options, which may be changed between steps.
    state : dict
        For each parameter, what the optimizer remembers.
    """

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeError("params argument given to the optimizer should be an iterable of Tensors or dicts")
        self.defaults = defaults
        self.state: dict[Any, State] = {}
        self.param_groups: list[Group] = []
        given = list(params)
        if not given:
            raise ValueError("optimizer got an empty parameter list")
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: Group) -> None:
        """Add parameters with options of their own.

        Parameters
        ----------
        param_group : dict
            ``"params"``, and the options that differ from the defaults.
        """
        params = param_group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        params = [param[1] if isinstance(param, tuple) else param for param in params]
        known = {id(param) for group in self.param_groups for param in group["params"]}
        for param in params:
            if not isinstance(param, Tensor):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type(param).__name__}")
            if not param.is_leaf:
                raise ValueError("can't optimize a non-leaf Tensor")
            if id(param) in known:
                raise ValueError("some parameters appear in more than one parameter group")
            known.add(id(param))
        group = {**self.defaults, **param_group, "params": params}
        self.check(group)
        self.param_groups.append(group)

    def check(self, group: Group) -> None:
        """Raise where an option makes no sense."""
        for name in ("lr", "eps", "weight_decay", "momentum"):
            if not group.get(name, 0) >= 0:
                raise ValueError(f"Invalid {name} value: {group[name]}")
        for k, beta in enumerate(group.get("betas", ())):
            if not 0 <= beta < 1:
                raise ValueError(f"Invalid beta parameter at index {k}: {beta}")

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or make them zeros.

        Parameters
        ----------
        set_to_none : bool
            Forget them.
        """
        for group in self.param_groups:
            for param in group["params"]:
                if param.grad is not None:
                    param.grad = None if set_to_none else Tensor(np.zeros(param.shape, param.grad.dtype))

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change all parameters that have a gradient.

        Parameters
        ----------
        closure : callable, optional
            Computes the loss and its gradients before that.

        Returns
        -------
        Tensor or None
            The closure's loss.
        """
        loss = None
        if closure is not None:
            with GradMode(True):
                loss = closure()
        with GradMode(False), np.errstate(under="ignore"):
            for group in self.param_groups:
                for param in group["params"]:
                    if param.grad is not None:
                        self.apply(param, group)
        return loss

    def apply(self, param: Any, group: Group) -> None:
        """Change one parameter, in place."""
        grad = param.grad.detach().numpy()
        if group.get("maximize"):
            grad = -grad
        state = self.state.setdefault(param, {})
        param.copy_(self.update(param.detach().numpy(), grad, state, group))

    def update(self, value: Any, grad: Any, state: State, group: Group) -> Any:
        """The next value of a parameter; `value` and `grad` are arrays that must not be written.

        Parameters
        ----------
        value, grad : ndarray
            The parameter and its gradient.
        state : dict
            What is remembered of the parameter, empty at first.
        group : dict
            The options.

        Returns
        -------
        ndarray
            The next value.
        """
        raise TypeError("an optimizer needs an update")

    def state_dict(self) -> dict[str, Any]:
        """The options, and what is remembered, with numbers for the parameters.

        Returns
        -------
        dict
            ``"state"``: for the number of each parameter its state; ``"param_groups"``: the groups.
        """
        numbers = {id(param): k for k, param in enumerate(self._params())}
        groups = [{**group, "params": [numbers[id(param)] for param in group["params"]]} for group in self.param_groups]
        return {"state": {numbers[id(param)]: dict(state) for param, state in self.state.items()},
                "param_groups": groups}  # fmt: skip

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over options and what is remembered, from an optimizer with groups of equal lengths.

        Parameters
        ----------
        state_dict : dict
            What `state_dict` gave.
        """
        groups = state_dict["param_groups"]
        if [len(g["params"]) for g in groups] != [len(g["params"]) for g in self.param_groups]:
            raise ValueError("loaded state dict contains a parameter group that doesn't match the size of "
                             "optimizer's group")  # fmt: skip
        numbers = [number for group in groups for number in group["params"]]
        params = dict(zip(numbers, self._params(), strict=True))
        state = {params[number]: loaded(entry, params[number]) for number, entry in state_dict["state"].items()}
        for own, group in zip(self.param_groups, groups, strict=True):
            own.update({name: value for name, value in group.items() if name != "params"})
        self.state = state

    def _params(self) -> list[Any]:
        return [param for group in self.param_groups for param in group["params"]]

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for k, group in enumerate(self.param_groups):
            options = sorted((name, value) for name, value in group.items() if name != "params")
            lines += [f"Parameter Group {k}", *(f"    {name}: {value}" for name, value in options)]
        return "\n".join([*lines, ")"])


def loaded(entry: Mapping[str, Any], param: Any) -> State:
    """A copy of what was remembered of a parameter, arrays in the parameter's dtype."""
    state: State = {}
    for name, value in entry.items():
        array = np.asarray(value.detach().numpy() if hasattr(value, "detach") else value)
        if name == "step":
            state[name] = int(array)
        elif value is None:
            state[name] = None
        elif array.shape != param.shape:
            raise ValueError(f"the state '{name}' has shape {array.shape}, its parameter {param.shape}")
        else:
            state[name] = array.astype(param.dtype)
    return state
