def f_grad(x, r, n):
    # forward sweep
    trips = []
    for _ in range(n):
        product = r * x
        diff = 1 - x
        trips.append((x, product, diff))
        x = product * diff
    # reverse sweep
    x_bar = 1.0
    r_bar = 0.0
    for x, product, diff in reversed(trips):
        product_2 = x_bar * diff
        r_bar += product_2 * x
        x_bar = product_2 * r - x_bar * product
    return x_bar, r_bar
