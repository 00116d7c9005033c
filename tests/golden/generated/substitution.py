def f_grad(l, b):
    # forward sweep
    x = np.zeros_like(b)
    trips = []
    for i in range(b.size):
        x_part = x[:i]
        ratio = (b[i] - l[i, :i] @ x_part) / l[i, i]
        trips.append((x_part.copy(), ratio))
        x[i] = ratio
    # reverse sweep
    # return np.sum(x ** 2)
    x_bar = 2 * x
    l_bar = np.zeros_like(l)
    b_bar = np.zeros_like(b)
    for i, (x_part, ratio) in zip(reversed(range(b.size)), reversed(trips)):
        l_part = l[i, i]
        # x[i] = (b[i] - l[i, :i] @ x[:i]) / l[i, i]
        x_bar_i = x_bar[i]
        x_bar[i] = 0.0
        ratio_2 = x_bar_i / l_part
        l_bar[i, i] -= x_bar_i * (ratio / l_part)
        minus_ratio_2 = -ratio_2
        x_bar[:i] += minus_ratio_2 * l[i, :i]
        l_bar[i, :i] += minus_ratio_2 * x_part
        b_bar[i] += ratio_2
    return l_bar, b_bar
