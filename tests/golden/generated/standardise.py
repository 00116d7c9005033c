def f_grad(x, w):
    # forward sweep
    centred = x - np.mean(x, axis=0)
    sqrt = np.sqrt(np.mean(centred ** 2, axis=0) + 0.001)
    z = centred / sqrt
    # reverse sweep
    z_bar = w * (3 * z ** 2)
    centred_bar = z_bar / sqrt
    centred_bar -= (z_bar * (z / sqrt)).sum(axis=0) / sqrt / x.shape[0] * centred
    return centred_bar - centred_bar.sum(axis=0) / x.shape[0]
