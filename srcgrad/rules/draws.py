"""Rules for random draws: read when a program has imported ``numpy.random``.

A draw is made once. Where it is a smooth function of its parameters and of noise that does not depend on them, its
derivative is that along the path of that noise; it follows from the parameters and from what was drawn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator, RandomState

from srcgrad.ir.types import Arr, Num, Opaque, Type
from srcgrad.rules.core import Fn, constant, custom, refused
from srcgrad.rules.results import ResultFn, broadcast_dims, dims_of, fresh_dim, type_of
from srcgrad.runtime import sum_to

CLASSES = (Generator, RandomState)
SHAPE = "its draws jump as this parameter changes. Draw with numbers, or use a location-scale family."


def draw_type(self: Any, *parameters: Any, size: Any = None) -> Type:
    """A Python float where there is neither a size nor an array among the parameters."""
    types = [type_of(p) for p in parameters]
    if size is None and all(isinstance(t, Num) for t in types):
        return Num("float")
    if size is None:
        dims = [dims_of(t) for t in types]
        return Arr(np.dtype(float), None if None in dims else broadcast_dims(*[d for d in dims if d is not None]))
    return Arr(np.dtype(float), sizes(size))


def sizes(size: Any) -> Any:
    """The dims of an array of this size."""
    items = size if isinstance(size, tuple) else getattr(type_of(size), "items", None) or (size,)
    if isinstance(size, Type) and not isinstance(size, Num) and not hasattr(size, "items"):
        return None
    return tuple(item if isinstance(item, int) else fresh_dim("n") for item in items)


def of_two(self: Any, first: Any = 0.0, second: Any = 1.0, size: Any = None, **named: Any) -> Type:
    """The draw of a family with two parameters, whatever they are called."""
    return draw_type(self, *(named.values() or (first, second)), size=size) if not named or len(named) == 2 else \
        draw_type(self, first, *named.values(), size=size)  # fmt: skip


def of_one(self: Any, first: Any = 1.0, size: Any = None, **named: Any) -> Type:
    """The draw of a family with one parameter."""
    return draw_type(self, *(named.values() or (first,)), size=size)


def over(part: Any, scale: Any) -> Any:
    """A ratio; 0 where the scale is 0, and nothing was drawn."""
    return np.where(np.equal(scale, 0), 0.0, part / np.where(np.equal(scale, 0), 1.0, scale))


# Location and scale


def location_scale(out_bar: Any, out: Any, self: Any, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
    """1, and the noise."""
    return sum_to(out_bar, np.shape(loc)), sum_to(out_bar * over(out - loc, scale), np.shape(scale))


def location_scale_jvp(out: Any, self: Any, loc: Any = 0.0, scale: Any = 1.0, size: Any = None, *, loc_dot: Any = None,
                       scale_dot: Any = None) -> Any:  # fmt: skip
    """The location's tangent, and the scale's times the noise."""
    zero = np.zeros_like(out)
    moved = zero if loc_dot is None else zero + loc_dot
    return moved if scale_dot is None else moved + scale_dot * over(out - loc, scale)


def only_scale(out_bar: Any, out: Any, self: Any, scale: Any = 1.0, size: Any = None) -> Any:
    """The noise."""
    return sum_to(out_bar * over(out, scale), np.shape(scale))


def only_scale_jvp(out: Any, self: Any, scale: Any = 1.0, size: Any = None, *, scale_dot: Any) -> Any:
    """The scale's tangent times the noise."""
    return scale_dot * over(out, scale)


def uniform(out_bar: Any, out: Any, self: Any, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
    """The parts of the way from the one bound to the other."""
    share = over(out - low, high - low)
    return sum_to(out_bar * (1.0 - share), np.shape(low)), sum_to(out_bar * share, np.shape(high))


def uniform_jvp(out: Any, self: Any, low: Any = 0.0, high: Any = 1.0, size: Any = None, *, low_dot: Any = None,
                high_dot: Any = None) -> Any:  # fmt: skip
    """The bounds' tangents by the parts of the way."""
    share = over(out - low, high - low)
    moved = np.zeros_like(out) if low_dot is None else low_dot * (1.0 - share)
    return moved if high_dot is None else moved + high_dot * share


def lognormal(out_bar: Any, out: Any, self: Any, mean: Any = 0.0, sigma: Any = 1.0, size: Any = None) -> Any:
    """The draw times 1, and times the noise."""
    noise = over(np.log(out) - mean, sigma)
    return sum_to(out_bar * out, np.shape(mean)), sum_to(out_bar * out * noise, np.shape(sigma))


def lognormal_jvp(out: Any, self: Any, mean: Any = 0.0, sigma: Any = 1.0, size: Any = None, *, mean_dot: Any = None,
                  sigma_dot: Any = None) -> Any:  # fmt: skip
    """The draw times the tangent of its logarithm."""
    moved = np.zeros_like(out) if mean_dot is None else out * mean_dot
    return moved if sigma_dot is None else moved + out * sigma_dot * over(np.log(out) - mean, sigma)


# Exponents


def root(out_bar: Any, out: Any, self: Any, a: Any, size: Any = None) -> Any:
    """Of ``noise ** (1/a)``: ``-out log(out) / a``."""
    return sum_to(-out_bar * out * np.log(out) / a, np.shape(a))


def root_jvp(out: Any, self: Any, a: Any, size: Any = None, *, a_dot: Any) -> Any:
    """Of ``noise ** (1/a)``: ``-out log(out) / a``."""
    return -a_dot * out * np.log(out) / a


def pareto(out_bar: Any, out: Any, self: Any, a: Any, size: Any = None) -> Any:
    """Of ``exp(noise/a) - 1``: ``-(1 + out) log(1 + out) / a``."""
    return sum_to(-out_bar * (1.0 + out) * np.log1p(out) / a, np.shape(a))


def pareto_jvp(out: Any, self: Any, a: Any, size: Any = None, *, a_dot: Any) -> Any:
    """Of ``exp(noise/a) - 1``: ``-(1 + out) log(1 + out) / a``."""
    return -a_dot * (1.0 + out) * np.log1p(out) / a


# Corners


def slopes(out: Any, left: Any, mode: Any, right: Any) -> Any:
    """How a triangular draw moves with each corner: the share of its side that lies below it stays what it was."""
    below = np.less(out, mode)
    half = np.where(below, out - left, out - right) / 2
    base, side = over(half, right - left), over(half, np.where(below, mode - left, mode - right))
    by_mode = side
    by_left = np.where(below, 1 - base - side, -base)
    by_right = np.where(below, base, 1 + base - side)
    return by_left, by_mode, by_right


def triangular(out_bar: Any, out: Any, self: Any, left: Any, mode: Any, right: Any, size: Any = None) -> Any:
    """Products with the three slopes."""
    by_left, by_mode, by_right = slopes(out, left, mode, right)
    return (sum_to(out_bar * by_left, np.shape(left)), sum_to(out_bar * by_mode, np.shape(mode)),
            sum_to(out_bar * by_right, np.shape(right)))  # fmt: skip


def triangular_jvp(out: Any, self: Any, left: Any, mode: Any, right: Any, size: Any = None, *, left_dot: Any = None,
                   mode_dot: Any = None, right_dot: Any = None) -> Any:  # fmt: skip
    """Products with the three slopes."""
    by_left, by_mode, by_right = slopes(out, left, mode, right)
    moved = np.zeros_like(out) if left_dot is None else left_dot * by_left
    moved = moved if mode_dot is None else moved + mode_dot * by_mode
    return moved if right_dot is None else moved + right_dot * by_right


def of_three(self: Any, left: Any, mode: Any, right: Any, size: Any = None) -> Type:
    """The draw of a family with three parameters."""
    return draw_type(self, left, mode, right, size=size)


FAMILIES: tuple[tuple[tuple[str, ...], tuple[str, ...], Fn, Fn, ResultFn], ...] = (
    (("normal", "laplace", "logistic", "gumbel"), ("loc", "scale"), location_scale, location_scale_jvp, of_two),
    (("exponential", "rayleigh"), ("scale",), only_scale, only_scale_jvp, of_one),
    (("uniform",), ("low", "high"), uniform, uniform_jvp, of_two),
    (("lognormal",), ("mean", "sigma"), lognormal, lognormal_jvp, of_two),
    (("weibull", "power"), ("a",), root, root_jvp, of_one),
    (("pareto",), ("a",), pareto, pareto_jvp, of_one),
    (("triangular",), ("left", "mode", "right"), triangular, triangular_jvp, of_three),
)
for _cls in CLASSES:
    for _names, _operands, _vjp, _jvp, _result in FAMILIES:
        for _name in _names:
            custom(getattr(_cls, _name), operands=_operands, result=_result, effect="random")(_vjp).jvp(_jvp)


# Several at once


def normal_vectors(out_bar: Any, out: Any, self: Any, mean: Any, cov: Any, size: Any = None, check_valid: Any = "warn",
                   tol: Any = 1e-8, *, method: Any = "svd") -> Any:  # fmt: skip
    """1 by the mean."""
    return (sum_to(out_bar, np.shape(mean)),)


def normal_vectors_jvp(out: Any, self: Any, mean: Any, cov: Any, size: Any = None, check_valid: Any = "warn",
                       tol: Any = 1e-8, *, method: Any = "svd", mean_dot: Any) -> Any:  # fmt: skip
    """1 by the mean."""
    return np.zeros_like(out) + mean_dot


FACTOR = "they depend on how the matrix is factorised. Use mean + rng.normal(size=...) @ np.linalg.cholesky(cov).T."
for _cls in CLASSES:
    custom(_cls.multivariate_normal, operands=("mean",), effect="random", refuses=(("cov", FACTOR),))(
        normal_vectors).jvp(normal_vectors_jvp)  # fmt: skip


# Draws whose parameters have no path


def plain_type(self: Any, size: Any = None) -> Type:
    """A Python float, or an array."""
    return draw_type(self, size=size)


def listed_type(self: Any, *lengths: Any) -> Type:
    """A Python float, or an array of these lengths."""
    return draw_type(self, size=lengths or None)


for _cls in CLASSES:
    for _name in ("random", "standard_normal", "standard_exponential", "standard_cauchy", "random_sample"):
        if hasattr(_cls, _name):
            constant(getattr(_cls, _name), result=plain_type, effect="random")
    for _name in ("rand", "randn"):
        if hasattr(_cls, _name):
            constant(getattr(_cls, _name), result=listed_type, effect="random")
    for _name in ("integers", "randint", "random_integers", "bytes", "seed", "beta", "binomial", "chisquare",
                  "dirichlet", "f", "gamma",
                  "geometric", "hypergeometric", "logseries", "multinomial", "multivariate_hypergeometric",
                  "negative_binomial", "noncentral_chisquare", "noncentral_f", "poisson",
                  "standard_gamma", "standard_t", "vonmises", "wald", "zipf"):  # fmt: skip
        if hasattr(_cls, _name):
            refused(getattr(_cls, _name), why=SHAPE, effect="random")
    refused(_cls.choice, why="draw positions, rng.choice(len(x)), and index the array with them.", effect="random")
    refused(_cls.permutation, why="draw an order, rng.permutation(len(x)), and index the array with it.",
            effect="random")  # fmt: skip
    if hasattr(_cls, "permuted"):
        refused(_cls.permuted, why="draw an order, rng.permutation(len(x)), and index the array with it.",
                effect="random")  # fmt: skip


def generator_type(seed: Any = None) -> Type:
    """A generator."""
    return Opaque("Generator")


constant(np.random.ranf, np.random.sample, result=lambda size=None: draw_type(None, size=size), effect="random")
constant(np.random.default_rng, result=generator_type, effect="random")
