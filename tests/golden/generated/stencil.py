def f_grad(u, k, steps):
    # forward sweep
    u = u.copy()
    diffs = []
    for _ in range(steps):
        total = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]
        diff = total - 4 * u[1:-1, 1:-1]
        diffs.append(diff)
        u[1:-1, 1:-1] += k * diff
    # reverse sweep
    # return np.sum(u ** 2)
    u_bar, k_bar = 2 * u, np.zeros_like(k)
    for diff in reversed(diffs):
        # u[1:-1, 1:-1] += k * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1])
        u_bar_part = u_bar[1:-1, 1:-1]
        k_bar += u_bar_part * diff
        diff_bar = u_bar_part * k
        u_bar[1:-1, :-2] += diff_bar
        u_bar[1:-1, 2:] += diff_bar
        u_bar[:-2, 1:-1] += diff_bar
        u_bar[2:, 1:-1] += diff_bar
        u_bar[1:-1, 1:-1] -= 4 * diff_bar
    return u_bar, k_bar
