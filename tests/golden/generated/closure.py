def f_grad(x, c):
    # forward sweep
    scale = np.mean(x)
    minus_scale = -scale
    exp = np.exp(minus_scale * x)
    exp_2 = np.exp(minus_scale * scale)
    # reverse sweep
    product_bar = x * exp
    x_bar = exp - product_bar * scale
    scale_bar = c * exp_2 - 2 * (c * scale * exp_2 * scale) - (product_bar * x).sum()
    x_bar += scale_bar / x.size
    return x_bar
