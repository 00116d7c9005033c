def f_grad(a, x):
    # forward sweep
    h = np.zeros(x.size + 1)
    trips = []
    for t in range(x.size):
        h_t = h[t]
        tanh = np.tanh(a * h_t + x[t])
        trips.append((h_t, tanh))
        h[t + 1] = tanh
    # reverse sweep
    # return np.sum(h ** 2)
    h_bar = 2 * h
    x_bar = np.zeros_like(x)
    a_bar = 0.0
    for t, (h_t, tanh) in zip(reversed(range(x.size)), reversed(trips)):
        # h[t + 1] = np.tanh(a * h[t] + x[t])
        h_bar_next = h_bar[t + 1]
        h_bar[t + 1] = 0.0
        product = h_bar_next * (1 - tanh * tanh)
        x_bar[t] += product
        a_bar += product * h_t
        h_bar[t] += product * a
    return a_bar, x_bar
