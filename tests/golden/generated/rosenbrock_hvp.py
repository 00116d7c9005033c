def f_hvp(x, x_dot):
    x_part = x[:-1]
    x_dot_part = x_dot[:-1]
    product = 2 * x_part
    product_2 = 200.0 * (x_dot[1:] - x_dot_part * product)
    x_bar_dot = np.zeros_like(x)
    x_bar_dot[1:] += product_2
    diff = 2 * x_dot_part * (1 - 200.0 * (x[1:] - x_part ** 2)) - product_2 * product
    x_bar_dot[:-1] += diff
    return x_bar_dot
