def f_grad(u, alpha, steps):
    # forward sweep
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += alpha * (u[2:] - 2 * u[1:-1] + u[:-2])
    # reverse sweep
    u_bar = 2 * u
    for _ in range(steps):
        total_bar = u_bar[1:-1] * alpha
        u_bar[:-2] += total_bar
        u_bar[2:] += total_bar
        u_bar[1:-1] -= 2 * total_bar
    return u_bar
