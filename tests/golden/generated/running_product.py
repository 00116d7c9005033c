def f_grad(x, c):
    # forward sweep
    p = np.empty_like(x)
    p[0] = x[0]
    p_befores = []
    for i in range(1, x.size):
        p_before = p[i - 1]
        p_befores.append(p_before)
        p[i] = p_before * x[i]
    np.broadcast(c, p)
    # reverse sweep
    # return np.sum(c * p)
    x_bar = np.zeros_like(x)
    p_bar = c.copy()
    for i, p_before in zip(reversed(range(1, x.size)), reversed(p_befores)):
        # p[i] = p[i - 1] * x[i]
        p_bar_i = p_bar[i]
        p_bar[i] = 0.0
        x_bar[i] += p_bar_i * p_before
        p_bar[i - 1] += p_bar_i * x[i]
    # p[0] = x[0]
    x_bar[0] += p_bar[0]
    return x_bar
