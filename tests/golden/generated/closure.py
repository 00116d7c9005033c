def f_grad(x, c):
    # forward sweep
    scale = np.mean(x)
    exp = np.exp(-scale * x)
    exp_2 = np.exp(-scale * scale)
    # reverse sweep
    product_bar = x * exp
    scale_bar = c * exp_2 - 2 * (c * scale * exp_2 * scale) - (product_bar * x).sum()
    return exp - product_bar * scale + scale_bar / x.size
