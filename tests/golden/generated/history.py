def f_grad(a, x):
    # forward sweep
    h = np.zeros(x.size + 1)
    for t in range(x.size):
        h[t + 1] = np.tanh(a * h[t] + x[t])
    # reverse sweep
    # return np.sum(h ** 2)
    h_bar, x_bar, a_bar = 2 * h, np.zeros_like(x), 0.0
    for t in reversed(range(x.size)):
        h_next = h[t + 1]
        # h[t + 1] = np.tanh(a * h[t] + x[t])
        h_bar_next = h_bar[t + 1]
        h_bar[t + 1] = 0.0
        total_bar = h_bar_next * (1 - h_next * h_next)
        x_bar[t] += total_bar
        a_bar += total_bar * h[t]
        h_bar[t] += total_bar * a
    return a_bar, x_bar
