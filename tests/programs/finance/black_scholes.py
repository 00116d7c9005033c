"""A book of European options priced by Black and Scholes' formula, calls and puts by a flag."""

import math


def norm_cdf(x):
    return 0.5 * (1.0 + math.erf(x / math.sqrt(2.0)))


def price(spot, strike, vol, rate, expiry, kind):
    if expiry <= 0:
        return max(spot - strike, 0.0) if kind == "call" else max(strike - spot, 0.0)
    s = vol * math.sqrt(expiry)
    d1 = (math.log(spot / strike) + (rate + 0.5 * vol**2) * expiry) / s
    d2 = d1 - s
    if kind == "call":
        return spot * norm_cdf(d1) - strike * math.exp(-rate * expiry) * norm_cdf(d2)
    return strike * math.exp(-rate * expiry) * norm_cdf(-d2) - spot * norm_cdf(-d1)


def f(spot, vol, rate, book):
    value = 0.0
    for strike, expiry, kind, amount in book:
        value += amount * price(spot, strike, vol, rate, expiry, kind)
    return value


ARGNUMS = (0, 1, 2)


def sample():
    book = [(95.0, 0.5, "call", 2.0), (105.0, 1.0, "put", -1.0), (100.0, 0.0, "call", 3.0), (110.0, 2.0, "call", 1.0)]
    return 101.0, 0.25, 0.03, book
