"""Implied volatility by Newton's method, differentiated through the iteration."""

from math import erf, exp, log, pi, sqrt


def call(spot, strike, vol, expiry):
    d1 = log(spot / strike) / (vol * sqrt(expiry)) + 0.5 * vol * sqrt(expiry)
    d2 = d1 - vol * sqrt(expiry)
    cdf = lambda z: 0.5 * (1 + erf(z / sqrt(2)))
    value = spot * cdf(d1) - strike * cdf(d2)
    vega = spot * sqrt(expiry) * exp(-0.5 * d1 * d1) / sqrt(2 * pi)
    return value, vega


def f(price, spot, strike, expiry):
    vol, tries = 0.2, 0
    while True:
        value, vega = call(spot, strike, vol, expiry)
        gap = value - price
        if abs(gap) < 1e-13 or tries == 50:
            return vol
        vol -= gap / vega
        tries += 1


ARGNUMS = (0, 1)


def sample():
    return 9.3, 100.0, 102.0, 0.7
