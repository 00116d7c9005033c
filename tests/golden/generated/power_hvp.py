def f_hvp(x, n, x_dot):
    trips = []
    p, p_dot = 1.0, 0.0
    for _ in range(n):
        trips.append((p, p_dot))
        p_dot = p_dot * x + x_dot * p + 0.1 * (2 * (p_dot * p))
        p = p * x + p * p * 0.1
    p_bar, p_bar_dot_2, x_bar_dot = 1.0, 0.0, 0.0
    for p, p_dot in reversed(trips):
        product_bar = 0.1 * p_bar
        p_bar_dot = 0.1 * p_bar_dot_2 * p + p_dot * product_bar
        p_bar_dot = 2 * p_bar_dot + (p_bar_dot_2 * x + x_dot * p_bar)
        x_bar_dot += p_bar_dot_2 * p + p_dot * p_bar
        p_bar = 2 * (product_bar * p) + p_bar * x
        p_bar_dot_2 = p_bar_dot
    return x_bar_dot
