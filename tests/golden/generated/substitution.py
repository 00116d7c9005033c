def f_grad(l, b):
    # forward sweep
    x = np.zeros_like(b)
    for i in range(b.size):
        x[i] = (b[i] - l[i, :i] @ x[:i]) / l[i, i]
    # reverse sweep
    with np.errstate(all='ignore'):
        # return np.sum(x ** 2)
        x_bar, b_bar, l_bar = 2 * x, np.zeros_like(b), np.zeros_like(l)
        for i in reversed(range(b.size)):
            l_part = l[i, i]
            # x[i] = (b[i] - l[i, :i] @ x[:i]) / l[i, i]
            x_bar_i = x_bar[i]
            x_bar[i] = 0.0
            diff_bar = x_bar_i / l_part
            l_bar[i, i] -= x_bar_i * (x[i] / l_part)
            x_bar[:i] -= diff_bar * l[i, :i]
            l_bar[i, :i] -= diff_bar * x[:i]
            b_bar[i] += diff_bar
        return l_bar, b_bar
