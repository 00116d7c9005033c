def f_grad(w, x, y):
    # forward sweep
    exp = np.exp(-(x @ w))
    total = 1 + exp
    p = 1 / total
    # reverse sweep
    with np.errstate(all='ignore'):
        p_bar = ((1 - y) / (1 - p) - y / p) / y.size
        return x.T @ (p_bar * (p / total) * exp)
