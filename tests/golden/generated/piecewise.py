def f_grad(x, y):
    # forward sweep
    above = x > 0
    sqrt_x = np.sqrt(x)
    root = np.where(above, sqrt_x, 0.0)
    diff = y - x
    # reverse sweep
    with np.errstate(all='ignore'):
        diff_bar = np.where(np.logical_and(diff >= -0.5, diff <= 0.5), 1.0, 0)
        x_bar = np.where(x >= y, np.where(x == y, 0.5 * root, root), 0) - diff_bar
        x_bar += np.where(above, np.maximum(x, y) * (0.5 / sqrt_x), 0)
        return x_bar
