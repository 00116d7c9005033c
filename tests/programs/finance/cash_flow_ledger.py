"""Loans in namedtuples, a ledger as a dict of lists, net present value and default-weighted losses."""

from collections import namedtuple

import numpy as np

Loan = namedtuple("Loan", "principal rate months hazard")


def payment(loan):
    r = loan.rate / 12
    return loan.principal * r / (1 - (1 + r) ** -loan.months)


def schedule(loan):
    balance, due = loan.principal, payment(loan)
    for month in range(1, loan.months + 1):
        interest = balance * loan.rate / 12
        balance = balance + interest - due
        yield month, interest, due - interest


def f(loans, discount):
    ledger = {"interest": [], "capital": [], "loss": []}
    for loan in loans:
        survive = 1.0
        for month, interest, capital in schedule(loan):
            survive *= np.exp(-loan.hazard / 12)
            factor = (1 + discount) ** (-month / 12)
            ledger["interest"].append(survive * factor * interest)
            ledger["capital"].append(survive * factor * capital)
        ledger["loss"].append((1 - survive) * loan.principal * 0.4)
    return sum(ledger["interest"]) + sum(ledger["capital"]) - sum(ledger["loss"])


ARGNUMS = (0, 1)


def sample():
    return [Loan(1000.0, 0.06, 12, 0.02), Loan(500.0, 0.09, 6, 0.05)], 0.03
