def f_jvp(x, x_dot):
    # forward sweep
    x_part = x[:-1]
    x_dot_part = x_dot[:-1]
    product = 2 * x_part
    product_2 = 2 * x_dot_part
    # reverse sweep
    diff_bar = 200.0 * (x[1:] - x_part ** 2)
    product_3 = 200.0 * (x_dot[1:] - x_dot_part * product)
    x_bar = np.zeros_like(x)
    x_bar[1:] += diff_bar
    x_bar_dot = np.zeros_like(x)
    x_bar_dot[1:] += product_3
    x_bar[:-1] += -(2 * (1 - x_part)) - diff_bar * product
    x_bar_dot[:-1] += product_2 - (product_3 * product + product_2 * diff_bar)
    return x_bar, x_bar_dot
