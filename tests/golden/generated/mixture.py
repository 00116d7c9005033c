def f_grad(weights, means, scales, x):
    # forward sweep
    product_2 = x.shape[1] * scales
    exp = np.exp(-2 * scales)
    trips = []
    for i in range(x.shape[0]):
        diff = x[i] - means
        d2 = np.sum(diff ** 2, axis=1)
        product = 0.5 * d2
        log_p = weights - product_2 - product * exp
        exp_log_p = np.exp(log_p)
        trips.append((diff, product, exp_log_p, np.sum(exp_log_p)))
    exp_weights = np.exp(weights)
    # reverse sweep
    # return total + x.shape[0] * np.log(np.sum(np.exp(weights)))
    weights_bar = x.shape[0] / np.sum(exp_weights) * exp_weights
    means_bar = np.zeros_like(means)
    scales_sum = np.zeros_like(scales)
    scales_sum_2 = np.zeros_like(scales)
    for diff, product, exp_log_p, sum_exp_log_p in reversed(trips):
        # total -= np.log(np.sum(np.exp(log_p)))
        log_p_bar = -(1 / sum_exp_log_p) * exp_log_p
        # log_p = weights - x.shape[1] * scales - 0.5 * d2 * np.exp(-2 * scales)
        minus_log_p_bar = -log_p_bar
        scales_sum += minus_log_p_bar * product
        weights_bar += log_p_bar
        scales_sum_2 -= log_p_bar
        # d2 = np.sum((x[i] - means) ** 2, axis=1)
        means_bar -= (0.5 * (minus_log_p_bar * exp))[:, None] * (2 * diff)
    # log_p = weights - x.shape[1] * scales - 0.5 * d2 * np.exp(-2 * scales)
    scales_bar = -2 * (scales_sum * exp)
    scales_bar += scales_sum_2 * x.shape[1]
    return weights_bar, means_bar, scales_bar
