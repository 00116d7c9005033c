def f_grad(x, y, limit):
    # forward sweep
    trips = []
    total = x
    for i in range(y.size):
        y_i = y[i]
        if y_i < 0:
            continue
        sin_y_i = np.sin(y_i)
        trips.append((i, total, sin_y_i))
        total = total * sin_y_i + x
        if total > limit:
            break
    # reverse sweep
    total_bar, y_bar, x_bar = 2 * total, np.zeros_like(y), 0.0
    for i, total, sin_y_i in reversed(trips):
        x_bar += total_bar
        y_bar[i] += total_bar * total * np.cos(y[i])
        total_bar *= sin_y_i
    return x_bar + total_bar, y_bar
