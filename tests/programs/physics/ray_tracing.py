"""Light through a stack of lenses: Snell's law surface by surface, lost rays left out."""

import numpy as np

ARGNUMS = (0, 1)


def refract(y, angle, curvature, ratio):
    normal = curvature * y
    s = ratio * np.sin(angle + normal)
    if abs(s) >= 1:
        return None
    return np.arcsin(s) - normal


def f(curvatures, gaps, indices, heights):
    total, hits = 0.0, 0
    for y in heights:
        angle = 0.0
        lost = False
        for k in range(len(curvatures)):
            out = refract(y, angle, curvatures[k], indices[k] / indices[k + 1])
            if out is None:
                lost = True
                break
            angle = out
            y = y + gaps[k] * np.tan(angle)
        if not lost:
            total = total + y**2
            hits += 1
    return total / max(hits, 1)


def sample():
    return (
        np.array([0.2, -0.3, 0.15]),
        np.array([0.5, 0.7, 2.0]),
        [1.0, 1.5, 1.6, 1.0],
        np.array([-0.8, -0.2, 0.4, 0.9]),
    )
