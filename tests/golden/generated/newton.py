def f_grad(a, start):
    # forward sweep
    trips = []
    x = start
    while True:
        diff = x ** 3 - a
        if not abs(diff) > 0.01:
            break
        product = 3 * x ** 2
        ratio = diff / product
        trips.append((x, product, ratio))
        x -= ratio
    # reverse sweep
    # return x * x
    x_bar = 2 * x
    a_bar = 0.0
    for x, product, ratio in reversed(trips):
        # x = x - (x ** 3 - a) / (3 * x ** 2)
        minus_x_bar = -x_bar
        ratio_2 = minus_x_bar / product
        x_bar -= 3 * (minus_x_bar * (ratio / product)) * (2 * x)
        a_bar -= ratio_2
        x_bar += ratio_2 * (3 * x ** 2)
    return a_bar, x_bar
