def f_grad(w, x, y):
    # forward sweep
    exp = np.exp(-(x @ w))
    total = 1 + exp
    p = 1 / total
    # reverse sweep
    share = np.divide(-1.0, y.size)
    p_bar = share * y / p - share * (1 - y) / (1 - p)
    return x.T @ (p_bar * (p / total) * exp)
