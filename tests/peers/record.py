"""Record what other packages give: ``python -m tests.peers.record [autograd jax torch casadi]``, by hand.

Needs the extra `peers`. Writes a file per package into `tests/data`, which the tests read in its place; what a package
cannot do stands there with its reason.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import platform
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from tests.peers.functions import CASES, Case, wave
from tests.peers.namespaces import of_casadi, of_torch
from tests.peers.recorded import DATA, encoded

Arrays = tuple[Any, ...]
Result = dict[str, Any]


def in_namespace(f: Callable[..., Any], np_like: Any) -> Callable[..., Any]:
    """The same code with something else as `np`."""
    return FunctionType(f.__code__, f.__globals__ | {"np": np_like}, f.__name__)


def direction(args: Arrays) -> Arrays:
    """Along what the gradient is differentiated again."""
    return tuple(wave(*np.shape(x), phase=0.7 * k) if np.ndim(x) else 0.8 for k, x in enumerate(args))


def by_autograd(case: Case) -> Result:
    """HIPS autograd."""
    autograd = importlib.import_module("autograd")
    f = in_namespace(case.f, importlib.import_module("autograd.numpy"))
    places = tuple(range(len(case.args)))
    gradient = autograd.grad(f, places)
    result = {"value": f(*case.args), "gradient": gradient(*case.args)}
    if case.twice:
        way = direction(case.args)

        def along(*args: Any) -> Any:
            return sum((g * v).sum() for g, v in zip(gradient(*args), way, strict=True))

        result["second"] = autograd.grad(along, places)(*case.args)
    return result


def by_jax(case: Case) -> Result:
    """JAX, double precision, not compiled."""
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    f = in_namespace(case.f, jax.numpy)
    args = tuple(jax.numpy.asarray(x) for x in case.args)
    gradient = jax.grad(f, tuple(range(len(args))))
    result = {"value": f(*args), "gradient": gradient(*args)}
    if case.twice:
        result["second"] = jax.jvp(gradient, args, tuple(map(jax.numpy.asarray, direction(case.args))))[1]
    return result


def by_torch(case: Case) -> Result:
    """PyTorch, on the CPU."""
    torch = importlib.import_module("torch")
    namespace = of_torch(torch)
    f = in_namespace(case.f, namespace)
    fixed = {k: torch.as_tensor(v) for k, v in case.f.__globals__.items() if isinstance(v, np.ndarray)}
    f.__globals__.update(fixed)
    args = tuple(torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in case.args)
    value = f(*args)
    gradient = torch.autograd.grad(value, args, create_graph=case.twice)
    result = {"value": value.detach().numpy(), "gradient": [g.detach().numpy() for g in gradient]}
    if case.twice:
        pairs = zip(gradient, direction(case.args), strict=True)
        along = sum((g * torch.as_tensor(v, dtype=torch.float64)).sum() for g, v in pairs)
        second = torch.autograd.grad(along, args, allow_unused=True) if along.requires_grad else [None] * len(args)
        zeros = map(np.zeros_like, case.args)
        result["second"] = [z if s is None else s.numpy(force=True) for s, z in zip(second, zeros, strict=True)]
    return result


def by_casadi(case: Case) -> Result:
    """casadi: symbols of one or two dimensions."""
    casadi = importlib.import_module("casadi")
    if case.f.__name__ == "selected_by_mask":
        raise TypeError("a symbolic mask is read as positions")
    f = in_namespace(case.f, of_casadi(casadi))
    symbols = [casadi.MX.sym(f"x{k}", *np.shape(x)) for k, x in enumerate(case.args)]
    value = f(*symbols)
    gradient = [casadi.gradient(value, x) for x in symbols]
    outputs = [value, *gradient]
    if case.twice:
        along = sum(casadi.dot(g, casadi.DM(v)) for g, v in zip(gradient, direction(case.args), strict=True))
        outputs += [casadi.gradient(along, x) for x in symbols]
    numbers = [np.array(x) for x in casadi.Function("f", symbols, outputs).call(list(map(casadi.DM, case.args)))]
    found = [x.reshape(np.shape(like)) for x, like in zip(numbers, (0.0, *case.args, *case.args), strict=False)]
    n = len(symbols)
    return {"value": found[0], "gradient": found[1 : n + 1]} | ({"second": found[n + 1 :]} if case.twice else {})


PEERS: dict[str, Callable[[Case], Result]] = {
    "autograd": by_autograd,
    "jax": by_jax,
    "torch": by_torch,
    "casadi": by_casadi,
}


def attempt(peer: Callable[[Case], Result], case: Case) -> Result:
    """The result, or why there is none."""
    try:
        with np.errstate(all="ignore"):
            return encoded(peer(case))
    except (TypeError, ValueError, AttributeError, IndexError, RuntimeError) as error:
        return {"refused": f"{type(error).__name__}: {str(error).splitlines()[0][:100] if str(error) else ''}"}


def record(name: str) -> None:
    """Write the file of one package."""
    cases = {case.name: attempt(PEERS[name], case) for case in CASES}
    versions = {package: importlib.metadata.version(package) for package in (name, "numpy")}
    versions["python"] = platform.python_version()
    entries = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in cases.items())
    (DATA / f"peers_{name}.json").write_text(f'{{"versions": {json.dumps(versions)},\n "cases": {{\n{entries}\n}}}}\n')
    refused = [f"{key}: {value['refused']}" for key, value in cases.items() if "refused" in value]
    print(f"{name}: {len(cases) - len(refused)} of {len(cases)} recorded; refused:", *refused, sep="\n  ")


if __name__ == "__main__":
    for chosen in sys.argv[1:] or PEERS:
        record(chosen)
