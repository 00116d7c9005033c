"""Bilinear resampling of an image under an affine map, compared with a target."""

import numpy as np

ARGNUMS = (0, 1)


def bilinear(image, ys, xs):
    h, w = image.shape
    y0 = np.clip(np.floor(ys).astype(int), 0, h - 2)
    x0 = np.clip(np.floor(xs).astype(int), 0, w - 2)
    dy, dx = ys - y0, xs - x0
    top = image[y0, x0] * (1 - dx) + image[y0, x0 + 1] * dx
    bottom = image[y0 + 1, x0] * (1 - dx) + image[y0 + 1, x0 + 1] * dx
    return top * (1 - dy) + bottom * dy


def f(matrix, shift, image, target):
    h, w = target.shape
    grid_y, grid_x = np.meshgrid(np.arange(h), np.arange(w), indexing="ij")
    ys = matrix[0, 0] * grid_y + matrix[0, 1] * grid_x + shift[0]
    xs = matrix[1, 0] * grid_y + matrix[1, 1] * grid_x + shift[1]
    inside = (ys >= 0) & (ys <= image.shape[0] - 1) & (xs >= 0) & (xs <= image.shape[1] - 1)
    error = np.where(inside, bilinear(image, ys, xs) - target, 0.0)
    return np.sum(error**2) / inside.sum()


def sample():
    rng = np.random.default_rng(4)
    return (
        np.array([[0.9, 0.11], [-0.07, 1.05]]),
        np.array([0.33, 0.41]),
        rng.normal(size=(6, 7)),
        rng.normal(size=(5, 5)),
    )
