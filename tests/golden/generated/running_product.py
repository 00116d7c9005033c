def f_grad(x, c):
    # forward sweep
    p = np.empty_like(x)
    p[0] = x[0]
    for i in range(1, x.size):
        p[i] = p[i - 1] * x[i]
    np.broadcast(c, p)
    # reverse sweep
    # return np.sum(c * p)
    x_bar, p_bar = np.zeros_like(x), c.copy()
    for i in reversed(range(1, x.size)):
        # p[i] = p[i - 1] * x[i]
        p_bar_i = p_bar[i]
        p_bar[i] = 0.0
        x_bar[i] += p_bar_i * p[i - 1]
        p_bar[i - 1] += p_bar_i * x[i]
    # p[0] = x[0]
    x_bar[0] += p_bar[0]
    return x_bar
