"""Bootstrapped discount factors and the value of a swap: a curve object with interpolation by bisection."""

import bisect

import numpy as np


class Curve:
    def __init__(self, times, rates):
        self.times = times
        self.rates = rates

    def rate(self, t):
        k = bisect.bisect_left(self.times, t)
        if k == 0:
            return self.rates[0]
        if k == len(self.times):
            return self.rates[-1]
        t0, t1 = self.times[k - 1], self.times[k]
        w = (t - t0) / (t1 - t0)
        return (1 - w) * self.rates[k - 1] + w * self.rates[k]

    def discount(self, t):
        return np.exp(-self.rate(t) * t)

    def forward(self, start, end):
        return (self.discount(start) / self.discount(end) - 1) / (end - start)


def f(rates, times, fixed, dates):
    curve = Curve(times, rates)
    floating, coupons = 0.0, 0.0
    for start, end in zip(dates[:-1], dates[1:]):
        coupons += (end - start) * fixed * curve.discount(end)
        floating += (end - start) * curve.forward(start, end) * curve.discount(end)
    return (floating - coupons) ** 2


def sample():
    return (
        np.array([0.01, 0.013, 0.018, 0.022, 0.025]),
        [0.5, 1.0, 2.0, 5.0, 10.0],
        0.02,
        [0.25, 0.75, 1.5, 3.0, 6.0, 12.0],
    )
