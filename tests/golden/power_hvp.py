"""Second order of a scalar loop."""

MODE = "hvp"


def f(x, n):
    p = 1.0
    for _ in range(n):
        p = p * x + p * p * 0.1
    return p


def f_hvp(x, v, n):
    p, dp, p_dot, dp_dot = 1.0, 0.0, 0.0, 0.0
    for _ in range(n):
        slope, slope_dot = x + 0.2 * p, v + 0.2 * p_dot
        dp_dot = dp_dot * slope + dp * slope_dot + p_dot
        dp = dp * slope + p
        p_dot = p_dot * slope + p * v
        p = p * x + p * p * 0.1
    return dp_dot


def sample():
    return 0.9, 4
