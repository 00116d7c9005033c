def f_grad(a, start):
    # forward sweep
    xs = []
    x = start
    while abs(diff := x ** 3 - a) > 0.01:
        xs.append(x)
        x -= diff / (3 * x ** 2)
    # reverse sweep
    x_bar, a_bar = 2 * x, 0.0
    for x in reversed(xs):
        product = 3 * x ** 2
        ratio = -x_bar / product
        x_bar += 3 * (x_bar * ((x ** 3 - a) / product / product)) * (2 * x)
        a_bar -= ratio
        x_bar += ratio * (3 * x ** 2)
    return a_bar, x_bar
