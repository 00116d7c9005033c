"""Newton's method for a root, with a stopping test on the residual."""

ARGNUMS = (0, 1)


def f(a, start):
    x = start
    while abs(x ** 3 - a) > 1e-2:
        x = x - (x ** 3 - a) / (3 * x ** 2)
    return x * x


def f_grad(a, start):
    x = start
    xs = []
    while abs(x ** 3 - a) > 1e-2:
        xs.append(x)
        x = x - (x ** 3 - a) / (3 * x ** 2)
    x_bar, a_bar = 2 * x, 0.0
    for x in reversed(xs):
        a_bar += x_bar / (3 * x ** 2)
        x_bar *= 2 / 3 - 2 * a / (3 * x ** 3)
    return a_bar, x_bar


def sample():
    return 1.7, 2.4
