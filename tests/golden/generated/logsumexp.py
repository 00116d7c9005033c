def f_grad(x, c):
    # forward sweep
    top = np.max(x, axis=1, keepdims=True)
    exp = np.exp(x - top)
    np.broadcast(c, top[:, 0])
    # reverse sweep
    # return np.sum(c * (np.log(np.sum(np.exp(x - top), axis=1)) + top[:, 0]))
    top_bar = np.zeros_like(top)
    top_bar[:, 0] += c
    x_bar = (c / np.sum(exp, axis=1))[:, None] * exp
    top_bar += np.sum(-x_bar, axis=(1,), keepdims=True)
    # top = np.max(x, axis=1, keepdims=True)
    found = x == top
    share = top_bar / np.sum(found, axis=1, dtype=np.result_type(top_bar), keepdims=True)
    return x_bar + np.where(found, share, 0)
