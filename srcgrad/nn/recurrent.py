"""Recurrent networks: the same cell at every time, in one or two directions, in layers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import srcgrad.nn.functional as functional
import srcgrad.nn.init as init
from srcgrad.nn.linear import empty
from srcgrad.nn.module import Module

States = tuple[Any, ...]


class Recurrent(Module):
    """What the recurrent networks have in common.

    Parameters
    ----------
    input_size, hidden_size : int
        The lengths of the inputs and of the hidden states.
    num_layers : int
        How many networks there are, each reading the outputs of the one before it.
    bias : bool
        Are there biases?
    batch_first : bool
        Is the batch the first axis of inputs and outputs, rather than the second?
    dropout : float
        The probability of a zero between the layers.
    bidirectional : bool
        Is there a second network in each layer that reads from the end?
    dtype : dtype, optional
        Of the parameters.

    Attributes
    ----------
    weight_ih_l0, weight_ih_l0_reverse, weight_ih_l1, ... : Parameter
        ``(gates * hidden_size, inputs)``.
    weight_hh_l0, ... : Parameter
        ``(gates * hidden_size, hidden_size)``.
    bias_ih_l0, bias_hh_l0, ... : Parameter
        ``(gates * hidden_size,)``.
    """

    gates = 1
    held = 1  # how many states a cell has
    one_bias = True  # can both biases be added at once?

    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True,
                 batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, *,
                 dtype: Any = None) -> None:  # fmt: skip
        super().__init__()
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout, self.bidirectional = bias, batch_first, dropout, bidirectional
        tall = self.gates * hidden_size
        for layer in range(num_layers):
            width = input_size if layer == 0 else hidden_size * (1 + bidirectional)
            for end in self.ends(layer):
                setattr(self, f"weight_ih_{end}", empty(tall, width, dtype=dtype))
                setattr(self, f"weight_hh_{end}", empty(tall, hidden_size, dtype=dtype))
                if bias:
                    setattr(self, f"bias_ih_{end}", empty(tall, dtype=dtype))
                    setattr(self, f"bias_hh_{end}", empty(tall, dtype=dtype))
        self.reset_parameters()

    def ends(self, layer: int) -> list[str]:
        """What the names of a layer's parameters end in, one for each direction."""
        return [f"l{layer}", f"l{layer}_reverse"] if self.bidirectional else [f"l{layer}"]

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0.0
        for param in self.parameters():
            init.uniform_(param, -bound, bound)

    def run(self, input: Any, first: States | None) -> tuple[Any, States]:
        """The outputs at all times, and the last states, with a batch or without."""
        if np.ndim(input) not in (2, 3):
            raise ValueError(f"{type(self).__name__}: Expected input to be 2D or 3D, got {np.ndim(input)}D instead")
        batched = np.ndim(input) == 3
        xs = input if batched else np.expand_dims(input, 1)
        xs = np.swapaxes(xs, 0, 1) if batched and self.batch_first else xs
        if np.shape(xs)[2] != self.input_size:
            raise RuntimeError(f"input.size(-1) must be equal to input_size. Expected {self.input_size}, "
                               f"got {np.shape(xs)[2]}")  # fmt: skip
        out, last = self.layers(xs, self.begun(first, xs, batched))
        if not batched:
            return out[:, 0], tuple(state[:, 0] for state in last)
        return np.swapaxes(out, 0, 1) if self.batch_first else out, last

    def begun(self, first: States | None, xs: Any, batched: bool) -> States:
        """The first states, ``(layers * directions, batch, hidden_size)``; zeros if they are not given."""
        shape = (self.num_layers * (1 + self.bidirectional), np.shape(xs)[1], self.hidden_size)
        if first is None:
            return (np.zeros(shape, xs.dtype),) * self.held
        states = first if batched else tuple(np.expand_dims(state, 1) for state in first)
        for state in states:
            if np.shape(state) != shape:
                raise RuntimeError(f"Expected hidden size {shape}, got {list(np.shape(state))}")
        return states

    def layers(self, xs: Any, first: States) -> tuple[Any, States]:
        """One layer after the other."""
        last: list[States] = []
        for layer in range(self.num_layers):
            outs = []
            for end in self.ends(layer):
                out, states = self.sweep(xs, tuple(state[len(last)] for state in first), end)
                outs.append(out)
                last.append(states)
            xs = outs[0] if len(outs) == 1 else np.concatenate(outs, axis=2)
            if self.dropout and layer < self.num_layers - 1:
                xs = functional.dropout(xs, self.dropout, self.training)
        return xs, tuple(np.stack(list(states)) for states in zip(*last, strict=True))

    def sweep(self, xs: Any, states: States, end: str) -> tuple[Any, States]:
        """One layer in one direction: ``(time, batch, hidden_size)``, and the last states."""
        inputs, bias = xs @ getattr(self, f"weight_ih_{end}").T, None
        if self.bias:
            bias = getattr(self, f"bias_hh_{end}")
            inputs = inputs + (getattr(self, f"bias_ih_{end}") + bias if self.one_bias else
                               getattr(self, f"bias_ih_{end}"))  # fmt: skip
        weight = getattr(self, f"weight_hh_{end}").T
        times = range(len(xs))
        outs = []
        for t in reversed(times) if end.endswith("reverse") else times:
            states = self.cell(inputs[t], states, weight, bias)
            outs.append(states[0])
        return np.stack(outs[::-1] if end.endswith("reverse") else outs), states

    def cell(self, inputs: Any, states: States, weight: Any, bias: Any) -> States:
        """The next states."""
        raise TypeError("a recurrent network needs a cell")

    def extra_repr(self) -> str:
        """What differs from the defaults."""
        parts = [f"{self.input_size}, {self.hidden_size}"]
        parts += [f"num_layers={self.num_layers}"] if self.num_layers != 1 else []
        parts += [] if self.bias else ["bias=False"]
        parts += ["batch_first=True"] if self.batch_first else []
        parts += [f"dropout={self.dropout}"] if self.dropout else []
        return ", ".join([*parts, *(["bidirectional=True"] if self.bidirectional else [])])


def gate(x: Any) -> Any:
    """The logistic function in three fast operations; where it is nearly 0, exact to the last digit of 1."""
    return 0.5 * np.tanh(0.5 * x) + 0.5


class RNN(Recurrent):
    """The hidden state is ``tanh(W_ih x + b_ih + W_hh h + b_hh)``; see `Recurrent` for parameters and attributes.

    Parameters
    ----------
    input_size, hidden_size, num_layers
        As for `Recurrent`.
    nonlinearity : str
        ``"tanh"`` or ``"relu"``.
    *args, **kwargs
        As for `Recurrent`, from `bias` on.

    Examples
    --------
    >>> import numpy as np
    >>> from srcgrad import nn, tensor
    >>> out, last = nn.RNN(3, 5)(tensor(np.ones((7, 2, 3))))
    >>> out.shape, last.shape
    ((7, 2, 5), (1, 2, 5))
    """

    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh",
                 *args: Any, **kwargs: Any) -> None:  # fmt: skip
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(input_size, hidden_size, num_layers, *args, **kwargs)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        """From ``(time, batch, input_size)`` to ``(time, batch, directions * hidden_size)``, and the last state."""
        out, last = self.run(input, None if hx is None else (hx,))
        return out, last[0]

    def cell(self, inputs: Any, states: States, weight: Any, bias: Any) -> States:
        """The next state."""
        scores = inputs + states[0] @ weight
        return (np.tanh(scores) if self.nonlinearity == "tanh" else functional.relu(scores),)


class LSTM(Recurrent):
    """Long short-term memory: gates say what a cell forgets, takes and shows; see `Recurrent` for the parameters.

    Examples
    --------
    >>> import numpy as np
    >>> from srcgrad import nn, tensor
    >>> out, (hidden, cell) = nn.LSTM(3, 5, num_layers=2)(tensor(np.ones((7, 2, 3))))
    >>> out.shape, hidden.shape, cell.shape
    ((7, 2, 5), (2, 2, 5), (2, 2, 5))
    """

    gates = 4
    held = 2

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, tuple[Any, Any]]:
        """From ``(time, batch, input_size)`` to ``(time, batch, directions * hidden_size)``, and the last states."""
        out, last = self.run(input, None if hx is None else tuple(hx))
        return out, (last[0], last[1])

    def cell(self, inputs: Any, states: States, weight: Any, bias: Any) -> States:
        """The next hidden state and cell; the rows of the weights are for: taking, forgetting, values, showing."""
        hidden, cell = states
        scores, n = inputs + hidden @ weight, self.hidden_size
        opened = gate(scores)
        value = np.tanh(scores[:, 2 * n : 3 * n])
        cell = opened[:, n : 2 * n] * cell + opened[:, :n] * value
        return opened[:, 3 * n :] * np.tanh(cell), cell


class GRU(Recurrent):
    """Gated recurrent units: gates say what of the state is read and what is replaced; see `Recurrent`.

    Examples
    --------
    >>> import numpy as np
    >>> from srcgrad import nn, tensor
    >>> nn.GRU(3, 5, bidirectional=True)(tensor(np.ones((7, 2, 3))))[0].shape
    (7, 2, 10)
    """

    gates = 3
    one_bias = False

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        """From ``(time, batch, input_size)`` to ``(time, batch, directions * hidden_size)``, and the last state."""
        out, last = self.run(input, None if hx is None else (hx,))
        return out, last[0]

    def cell(self, inputs: Any, states: States, weight: Any, bias: Any) -> States:
        """The next state; the rows of the weights are for: reading, keeping, values."""
        (hidden,), n = states, self.hidden_size
        scores = hidden @ weight if bias is None else hidden @ weight + bias
        opened = gate(inputs[:, : 2 * n] + scores[:, : 2 * n])
        value = np.tanh(inputs[:, 2 * n :] + opened[:, :n] * scores[:, 2 * n :])
        return (value + opened[:, n:] * (hidden - value),)
