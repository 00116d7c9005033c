"""Planets as dataclasses: total energy after some leapfrog steps."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Body:
    mass: float
    position: np.ndarray
    velocity: np.ndarray


G = 1.0


def acceleration(bodies, i):
    total = np.zeros(2)
    for j, other in enumerate(bodies):
        if i == j:
            continue
        d = other.position - bodies[i].position
        total = total + G * other.mass * d / (np.sum(d**2) + 0.01) ** 1.5
    return total


def leap(bodies, dt):
    for i, body in enumerate(bodies):
        body.velocity = body.velocity + dt * acceleration(bodies, i)
    for body in bodies:
        body.position = body.position + dt * body.velocity


def f(positions, velocities, masses):
    bodies = [Body(m, p, v) for m, p, v in zip(masses, positions, velocities)]
    for _ in range(5):
        leap(bodies, 0.02)
    return sum(0.5 * b.mass * np.dot(b.velocity, b.velocity) for b in bodies) + bodies[0].position[0]


ARGNUMS = (0, 1)


def sample():
    positions = np.array([[0.0, 0.0], [1.0, 0.1], [-0.7, 0.8]])
    velocities = np.array([[0.0, 0.05], [0.1, 0.9], [-0.8, -0.4]])
    return positions, velocities, [1.0, 0.1, 0.2]
