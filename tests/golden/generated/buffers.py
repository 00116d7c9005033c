def f_grad(u, steps):
    # forward sweep
    now, after = u.copy(), np.zeros_like(u)
    for _ in range(steps):
        after[1:-1] = 0.5 * now[1:-1] + 0.25 * (now[2:] + now[:-2])
        now, after = after, now
    # reverse sweep
    # return np.sum(np.sin(now))
    now_bar, after_bar = np.cos(now), np.zeros_like(u)
    for _ in range(steps):
        # after[1:-1] = 0.5 * now[1:-1] + 0.25 * (now[2:] + now[:-2])
        total_bar = now_bar[1:-1].copy()
        now_bar[1:-1] = 0.0
        total_bar_2 = 0.25 * total_bar
        after_bar[:-2] += total_bar_2
        after_bar[2:] += total_bar_2
        after_bar[1:-1] += 0.5 * total_bar
        now_bar, after_bar = after_bar, now_bar
    return now_bar
