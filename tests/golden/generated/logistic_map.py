def f_grad(x, r, n):
    # forward sweep
    xs = []
    for _ in range(n):
        xs.append(x)
        x = r * x * (1 - x)
    # reverse sweep
    x_bar, r_bar = 1.0, 0.0
    for x in reversed(xs):
        product_bar = x_bar * (1 - x)
        r_bar += product_bar * x
        x_bar = product_bar * r - x_bar * (r * x)
    return x_bar, r_bar
