"""An American put on a binomial tree, the values rolled back in one array."""

import numpy as np

ARGNUMS = (0, 1, 2)


def f(spot, vol, rate, strike, expiry, steps):
    dt = expiry / steps
    up = np.exp(vol * np.sqrt(dt))
    down = 1 / up
    p = (np.exp(rate * dt) - down) / (up - down)
    discount = np.exp(-rate * dt)
    prices = spot * up ** np.arange(steps, -1, -1) * down ** np.arange(0, steps + 1)
    values = np.maximum(strike - prices, 0)
    for n in range(steps - 1, -1, -1):
        values = discount * (p * values[:-1] + (1 - p) * values[1:])
        prices = prices[:-1] / up
        values = np.maximum(values, strike - prices)
    return values[0]


def sample():
    return 98.3, 0.3, 0.05, 101.7, 1.0, 12
