def f_grad(x, y):
    # forward sweep
    above = x > 0
    sqrt_x = np.sqrt(x)
    root = np.where(above, sqrt_x, 0.0)
    # reverse sweep
    with np.errstate(all='ignore'):
        chosen = np.where(x >= y, np.where(x == y, 0.5 * root, root), 0)
        chosen_2 = np.where(above, np.maximum(x, y) * (0.5 / sqrt_x), 0)
        return chosen - (abs(y - x) <= 0.5) + chosen_2
