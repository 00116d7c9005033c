"""A while loop that a test in its middle ends."""

import numpy as np

ARGNUMS = (0, 1)


def f(x, drag):
    height, speed, t = x, 0.0, 0
    while t < 100:
        speed = speed * (1 - drag) - 0.1
        if height + speed < 0:
            break
        height = height + speed
        t += 1
    return height * np.sqrt(speed * speed)


def f_grad(x, drag):
    height, speed, t = x, 0.0, 0
    speeds = []
    while t < 100:
        speeds.append(speed)
        speed = speed * (1 - drag) - 0.1
        if height + speed < 0:
            break
        height = height + speed
        t += 1
    height_bar = np.sqrt(speed * speed)
    speed_bar = height * np.sign(speed)
    drag_bar = 0.0
    for trip, before in reversed(list(enumerate(speeds))):
        if trip < t:
            speed_bar += height_bar
        drag_bar -= speed_bar * before
        speed_bar *= 1 - drag
    return height_bar, drag_bar


def sample():
    return 2.3, 0.07
