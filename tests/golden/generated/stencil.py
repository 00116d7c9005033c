def f_grad(u, k, steps):
    # forward sweep
    u = u.copy()
    trips = []
    for _ in range(steps):
        u_part = u[2:, 1:-1]
        total = u_part + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]
        diff = total - 4 * u[1:-1, 1:-1]
        trips.append((u_part.copy(), diff))
        u[1:-1, 1:-1] += k * diff
    # reverse sweep
    # return np.sum(u ** 2)
    u_bar = 2 * u
    k_bar = np.zeros_like(k)
    for u_part, diff in reversed(trips):
        # u[1:-1, 1:-1] += k * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1])
        u_bar_part = u_bar[1:-1, 1:-1]
        k_bar += u_bar_part * diff
        diff_bar = sum_to(u_bar_part * k, u_part.shape)
        u_bar[1:-1, :-2] += diff_bar
        u_bar[1:-1, 2:] += diff_bar
        u_bar[:-2, 1:-1] += diff_bar
        u_bar[2:, 1:-1] += diff_bar
        u_bar[1:-1, 1:-1] -= 4 * diff_bar
    return u_bar, k_bar
