"""A soft decision tree, walked by recursion over nested tuples."""

import numpy as np


def route(tree, x):
    if len(tree) == 1:
        return tree[0]
    w, b, left, right = tree
    gate = 1 / (1 + np.exp(-(np.dot(w, x) + b)))
    return gate * route(left, x) + (1 - gate) * route(right, x)


def f(tree, xs, ys):
    loss = 0.0
    for x, y in zip(xs, ys):
        loss += (route(tree, x) - y) ** 2
    return loss / len(ys)


def sample():
    rng = np.random.default_rng(9)
    leaf = lambda: (float(rng.normal()),)
    node = lambda left, right: (rng.normal(size=2), float(rng.normal()), left, right)
    tree = node(node(leaf(), leaf()), node(leaf(), node(leaf(), leaf())))
    return tree, rng.normal(size=(4, 2)), rng.normal(size=4)
