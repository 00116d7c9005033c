"""Two buffers that change places at each step."""

import numpy as np


def f(u, steps):
    now, after = u.copy(), np.zeros_like(u)
    for _ in range(steps):
        after[1:-1] = 0.5 * now[1:-1] + 0.25 * (now[2:] + now[:-2])
        now, after = after, now
    return np.sum(np.sin(now))


def f_grad(u, steps):
    now, after = u.copy(), np.zeros_like(u)
    for _ in range(steps):
        after[1:-1] = 0.5 * now[1:-1] + 0.25 * (now[2:] + now[:-2])
        now, after = after, now
    now_bar, after_bar = np.cos(now), np.zeros_like(u)
    for _ in range(steps):
        now_bar, after_bar = after_bar, now_bar
        inner_bar = after_bar[1:-1]
        now_bar[1:-1] += 0.5 * inner_bar
        now_bar[2:] += 0.25 * inner_bar
        now_bar[:-2] += 0.25 * inner_bar
        after_bar[1:-1] = 0
    return now_bar


def sample():
    return np.sin(3 * np.arange(7.0)), 4
