"""Hit a target beyond a star: the gradient of a flight with adaptive steps with respect to how it was launched."""

import numpy as np
from scipy.optimize import minimize

import srcgrad

TOLERANCE, SURFACE = 1e-8, 0.05
TARGET, DURATION = np.array([-1.2, 0.9]), 3.0


def slope(state):
    """Time derivative of (x, y, vx, vy) near a star at the origin."""
    squared = state[0] * state[0] + state[1] * state[1]
    return np.concatenate((state[2:], -state[:2] / squared**1.5))


def fly(launch, duration):
    """Where a probe is after `duration`: Bogacki-Shampine steps, as long as the tolerance allows."""
    state = launch
    time = 0.0
    step = 0.01
    while True:
        last = step >= duration - time
        if last:
            step = duration - time
        k1 = slope(state)
        k2 = slope(state + 0.5 * step * k1)
        k3 = slope(state + 0.75 * step * k2)
        new = state + step * (2 * k1 + 3 * k2 + 4 * k3) / 9
        k4 = slope(new)
        error = np.sqrt(np.sum((step * (-5 * k1 + 6 * k2 + 8 * k3 - 9 * k4) / 72) ** 2))
        if error <= TOLERANCE:
            state = new
            time = time + step
            if last:
                break
            if state[0] * state[0] + state[1] * state[1] < SURFACE * SURFACE:
                break  # it fell into the star
        step = step * min(4.0, max(0.25, 0.9 * (TOLERANCE / error) ** (1 / 3)))
    return state


def miss(launch, target, duration):
    """Squared distance from the target at the end of the flight."""
    end = fly(launch, duration)
    return np.sum((end[:2] - target) ** 2)


miss_and_slope = srcgrad.value_and_grad(miss)


def by_differences(launch, step=1e-4):
    """The gradient by central differences of order four, one launch coordinate at a time."""
    gradient = np.zeros(4)
    for i in range(4):
        e = step * np.eye(4)[i]
        near = miss(launch + e, TARGET, DURATION) - miss(launch - e, TARGET, DURATION)
        far = miss(launch + 2 * e, TARGET, DURATION) - miss(launch - 2 * e, TARGET, DURATION)
        gradient[i] = (8 * near - far) / (12 * step)
    return gradient


def aim(place, velocity):
    """The launch velocity that hits the target, by BFGS on the squared miss."""

    def from_velocity(velocity):
        value, gradient = miss_and_slope(np.concatenate((place, velocity)), TARGET, DURATION)
        return value, gradient[2:]

    return minimize(from_velocity, velocity, jac=True, method="BFGS", options={"gtol": 1e-9})


def main():
    place, velocity = np.array([1.0, 0.0]), np.array([0.0, 1.1])
    launch = np.concatenate((place, velocity))
    value, gradient = miss_and_slope(launch, TARGET, DURATION)
    wanted = by_differences(launch)
    print("gradient with respect to the launch state:", np.array2string(gradient, precision=6))
    print(f"largest difference from finite differences: {np.max(np.abs(gradient - wanted)):.1e}")
    print(f"first shot misses by {np.sqrt(value):.3f}")
    shot = aim(place, velocity)
    print(f"launch with velocity {np.array2string(shot.x, precision=6)}, found in {shot.nfev} flights")
    print(f"missed by: {np.sqrt(shot.fun):.1e}")


if __name__ == "__main__":
    main()
