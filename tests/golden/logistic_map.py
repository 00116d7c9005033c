"""A scalar loop of many trips."""

ARGNUMS = (0, 1)


def f(x, r, n):
    for _ in range(n):
        x = r * x * (1 - x)
    return x


def f_grad(x, r, n):
    xs = []
    for _ in range(n):
        xs.append(x)
        x = r * x * (1 - x)
    x_bar, r_bar = 1.0, 0.0
    for x in reversed(xs):
        r_bar += x_bar * x * (1 - x)
        x_bar *= r * (1 - 2 * x)
    return x_bar, r_bar


def sample():
    return 0.31, 2.7, 12
