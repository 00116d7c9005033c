def f_grad(u, alpha, steps):
    # forward sweep
    u = u.copy()
    totals = []
    for _ in range(steps):
        total = u[2:] - 2 * u[1:-1] + u[:-2]
        totals.append(total)
        u[1:-1] += alpha * total
    # reverse sweep
    # return np.sum(u ** 2)
    u_bar, alpha_bar = 2 * u, 0.0
    for total in reversed(totals):
        # u[1:-1] += alpha * (u[2:] - 2 * u[1:-1] + u[:-2])
        u_bar_part = u_bar[1:-1]
        alpha_bar += (u_bar_part * total).sum()
        total_bar = u_bar_part * alpha
        u_bar[:-2] += total_bar
        u_bar[2:] += total_bar
        u_bar[1:-1] -= 2 * total_bar
    return u_bar, alpha_bar
