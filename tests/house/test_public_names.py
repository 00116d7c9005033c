"""The public names are these and no others, and each is documented."""

from __future__ import annotations

import inspect
import types

import pytest

import srcgrad

PUBLIC = [
    "grad", "value_and_grad", "vjp", "jvp", "jacobian", "jacfwd", "jacrev", "hessian", "hvp", "stop_gradient",
    "explain", "spec", "check_grads",
    "SrcgradError", "UnsupportedError", "AliasError", "SourceError", "NonScalarError", "NonDifferentiableError",
    "ArgumentError", "TracedValueError", "FallbackWarning", "UnusedArgumentWarning",
    "errors", "ir", "rule", "nn", "optim", "autograd", "profiler", "compile",
    "tensor", "Tensor", "as_tensor", "from_numpy", "from_dlpack", "zeros", "ones", "empty", "full", "zeros_like",
    "ones_like", "empty_like", "full_like", "eye", "arange", "linspace", "rand", "randn", "rand_like", "randn_like",
    "randint", "randperm", "manual_seed", "stack", "cat", "no_grad", "enable_grad", "set_grad_enabled",
    "inference_mode", "is_grad_enabled", "autocast", "GradScaler", "checkpoint",
]  # fmt: skip


def test_names_are_pinned():
    assert srcgrad.__all__ == PUBLIC


def test_dir_lists_them():
    assert set(PUBLIC) <= set(dir(srcgrad))


def test_unknown_name():
    with pytest.raises(AttributeError, match="module 'srcgrad' has no attribute 'gard'"):
        getattr(srcgrad, "gard")


@pytest.mark.parametrize("name", PUBLIC)
def test_name_resolves_and_is_documented(name):
    value = getattr(srcgrad, name)
    assert isinstance(value, types.ModuleType) or inspect.getdoc(value)
    assert value is getattr(srcgrad, name)


NO_FUNCTIONS = ("errors", "ir", "rule", "nn", "optim", "autograd", "profiler", "autocast")
NO_PARAMETERS = ("is_grad_enabled",)


@pytest.mark.parametrize("name", [n for n in PUBLIC if n.islower() and n not in NO_FUNCTIONS + NO_PARAMETERS])
def test_functions_have_numpydoc_sections(name):
    doc = inspect.getdoc(getattr(srcgrad, name))
    assert doc is not None
    assert "Parameters\n----------" in doc
    assert "Returns\n-------" in doc or name == "check_grads"
