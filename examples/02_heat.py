"""Recover how well each spot of a plate conducts heat from how it cools, by descent through an in-place stencil."""

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize

import srcgrad

SIZE, STEPS, EVERY, NOISE = 24, 60, 10, 1e-3


def heat_step(u, k):
    """Spread heat for one time step, in place; `k` is the conductivity at each point, the edge stays cold."""
    down = (k[1:, 1:-1] + k[:-1, 1:-1]) * (u[1:, 1:-1] - u[:-1, 1:-1])
    right = (k[1:-1, 1:] + k[1:-1, :-1]) * (u[1:-1, 1:] - u[1:-1, :-1])
    u[1:-1, 1:-1] += 0.1 * (down[1:] - down[:-1] + right[:, 1:] - right[:, :-1])


def misfit(log_k, start, seen):
    """How far the simulated plate is from the pictures `seen` of the real one, plus a little smoothness."""
    k = np.exp(log_k)
    u = start.copy()
    total = 0.0
    for step in range(STEPS):
        heat_step(u, k)
        if (step + 1) % EVERY == 0:
            total += np.sum((u - seen[step // EVERY]) ** 2)
    rough = np.sum((log_k[1:] - log_k[:-1]) ** 2) + np.sum((log_k[:, 1:] - log_k[:, :-1]) ** 2)
    return total + 1e-5 * rough


misfit_and_slope = srcgrad.value_and_grad(misfit)


def pictures(k, start):
    """The plate at every EVERY-th step."""
    u = start.copy()
    seen = []
    for step in range(STEPS):
        heat_step(u, k)
        if (step + 1) % EVERY == 0:
            seen.append(u.copy())
    return np.array(seen)


def true_field():
    """A plate that conducts well in a ring and badly in a corner."""
    y, x = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j]
    ring = np.exp(-(((np.hypot(x, y) - 0.5) / 0.2) ** 2))
    corner = np.exp(-((x - 0.7) ** 2 + (y - 0.7) ** 2) / 0.1)
    return 0.4 * np.exp(0.7 * ring - 0.8 * corner)


def hot_start(rng):
    """Random heat everywhere: it has to flow through every point."""
    start = np.zeros((SIZE, SIZE))
    start[1:-1, 1:-1] = rng.uniform(0, 5, size=(SIZE - 2, SIZE - 2))
    return start


def check_slope(start, seen, rng):
    """The derivative along a random direction against central differences."""
    at, direction = rng.normal(size=(2, SIZE, SIZE)) * 0.1
    _, gradient = misfit_and_slope(at, start, seen)
    step = 1e-4
    wanted = (misfit(at + step * direction, start, seen) - misfit(at - step * direction, start, seen)) / (2 * step)
    print(f"slope along a random direction: {np.sum(gradient * direction):.6f}, by differences: {wanted:.6f}")


def recover(start, seen):
    """Minimise the misfit over the logarithm of the field, so that the field stays positive."""

    def flat(log_k):
        value, gradient = misfit_and_slope(log_k.reshape(SIZE, SIZE), start, seen)
        return value, gradient.ravel()

    guess = np.full(SIZE * SIZE, np.log(0.4))
    found = minimize(flat, guess, jac=True, method="L-BFGS-B", options={"maxiter": 300})
    print(f"{found.nit} iterations, {found.nfev} gradients, misfit {flat(guess)[0]:.3g} -> {found.fun:.3g}")
    return np.exp(found.x.reshape(SIZE, SIZE))


def draw(start, seen, k, found, path):
    """Save the plate at the start and at the end, and the true and the recovered field."""
    shown = [("heat at the start", start), ("heat at the end", seen[-1]), ("true field", k), ("recovered field", found)]
    figure, axes = plt.subplots(1, 4, figsize=(13, 3.4), layout="constrained")
    for axis, (title, values) in zip(axes, shown, strict=True):
        limits = {"vmin": k.min(), "vmax": k.max()} if "field" in title else {}
        image = axis.imshow(values, cmap="inferno", **limits)
        axis.set_title(title)
        axis.set_axis_off()
        figure.colorbar(image, ax=axis, shrink=0.8)
    figure.savefig(path, dpi=110)


def main():
    rng = np.random.default_rng(1)
    k, start = true_field(), hot_start(rng)
    seen = pictures(k, start)
    seen += NOISE * rng.normal(size=seen.shape)
    check_slope(start, seen, rng)
    found = recover(start, seen)
    inside = np.s_[1:-1, 1:-1]
    print(f"mean error of the field: {np.mean(np.abs(found - k)[inside] / k[inside]):.4f}")
    draw(start, seen, k, found, "heat.png")
    print("picture: heat.png")


if __name__ == "__main__":
    main()
