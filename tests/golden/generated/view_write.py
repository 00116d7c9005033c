def f_grad(x):
    # forward sweep
    a = x.copy()
    a_part = a[:, 0].copy()
    exp_a_part = np.exp(a_part)
    a[:, 0] = a_part * exp_a_part
    a[1:, :] += a[:-1, :]
    # reverse sweep
    a_bar = 2 * a
    a_bar[:-1, :] += a_bar[1:, :]
    a_bar_part = a_bar[:, 0]
    a_bar[:, 0] = a_bar_part * exp_a_part + a_bar_part * a_part * exp_a_part
    return a_bar
