def f_grad(x, c):
    # forward sweep
    scale = np.mean(x)
    minus_scale = -scale
    exp = np.exp(minus_scale * x)
    exp_2 = np.exp(minus_scale * scale)
    # reverse sweep
    product = c * scale * exp_2
    product_2 = x * exp
    x_bar = exp + product_2 * minus_scale
    scale_bar = c * exp_2 + product * minus_scale - (product * scale + np.sum(product_2 * x))
    x_bar += scale_bar / x.size
    return x_bar
