def f_value_and_grad(w1, b1, w2, b2, x, y):
    # forward sweep
    h = np.tanh(x @ w1 + b1)
    out = h @ w2 + b2
    diff = out - y
    # reverse sweep
    out_bar = 2 * diff / out.size
    w2_bar = h.T @ out_bar
    total_bar = out_bar @ w2.T * (1 - h * h)
    return np.mean(diff ** 2), (x.T @ total_bar, total_bar.sum(axis=0), w2_bar, out_bar.sum(axis=0))
