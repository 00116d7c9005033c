def f_grad(weights, means, scales, x):
    # forward sweep
    product = x.shape[1] * scales
    exp = np.exp(-2 * scales)
    exp_weights = np.exp(weights)
    # reverse sweep
    with np.errstate(all='ignore'):
        # return total + x.shape[0] * np.log(np.sum(np.exp(weights)))
        weights_bar = x.shape[0] / np.sum(exp_weights) * exp_weights
        means_bar, product_bar = np.zeros_like(means), np.zeros_like(scales)
        exp_bar = np.zeros_like(scales)
        for i in reversed(range(x.shape[0])):
            diff = x[i] - means
            product_2 = 0.5 * np.sum(diff ** 2, axis=1)
            exp_2 = np.exp(weights - product - product_2 * exp)
            # total -= np.log(np.sum(np.exp(log_p)))
            log_p_bar = -1 / np.sum(exp_2) * exp_2
            # log_p = weights - x.shape[1] * scales - 0.5 * d2 * np.exp(-2 * scales)
            exp_bar -= log_p_bar * product_2
            weights_bar += log_p_bar
            product_bar -= log_p_bar
            # d2 = np.sum((x[i] - means) ** 2, axis=1)
            means_bar += (0.5 * (log_p_bar * exp))[:, None] * (2 * diff)
        return weights_bar, means_bar, -2 * (exp_bar * exp) + product_bar * x.shape[1]
