def f_grad(weights, means, scales, x):
    # forward sweep
    product = x.shape[1] * scales
    exp = np.exp(-2 * scales)
    exp_weights = np.exp(weights)
    sum_exp_weights = np.sum(exp_weights)
    # reverse sweep
    with np.errstate(all='ignore'):
        # return total + x.shape[0] * np.log(np.sum(np.exp(weights)))
        weights_bar = x.shape[0] / sum_exp_weights * exp_weights
        means_bar = np.zeros_like(means)
        exp_bar = np.zeros_like(scales)
        product_bar = np.zeros_like(scales)
        for i in reversed(range(x.shape[0])):
            diff = x[i] - means
            d2 = np.sum(diff ** 2, axis=1)
            product_2 = 0.5 * d2
            log_p = weights - product - product_2 * exp
            exp_log_p = np.exp(log_p)
            # total -= np.log(np.sum(np.exp(log_p)))
            log_p_bar = -1 / np.sum(exp_log_p) * exp_log_p
            # log_p = weights - x.shape[1] * scales - 0.5 * d2 * np.exp(-2 * scales)
            exp_bar -= log_p_bar * product_2
            weights_bar += log_p_bar
            product_bar -= log_p_bar
            # d2 = np.sum((x[i] - means) ** 2, axis=1)
            means_bar += (0.5 * (log_p_bar * exp))[:, None] * (2 * diff)
        # log_p = weights - x.shape[1] * scales - 0.5 * d2 * np.exp(-2 * scales)
        scales_bar = -2 * (exp_bar * exp)
        scales_bar += product_bar * x.shape[1]
        return weights_bar, means_bar, scales_bar
