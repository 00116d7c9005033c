def f_grad(p, anchor, rest):
    # forward sweep
    diff = p[0] - anchor
    sqrt = np.sqrt(np.sum(diff ** 2))
    diff_2 = p[0] - p[1]
    sqrt_2 = np.sqrt(np.sum(diff_2 ** 2))
    # reverse sweep
    with np.errstate(all='ignore'):
        diff_bar = (sqrt_2 - 2 * rest) / np.where(sqrt_2 == 0, 1, sqrt_2) * diff_2
        p_bar = np.zeros_like(p)
        p_bar[1] -= diff_bar
        p_bar[0] += diff_bar + (sqrt - rest) / np.where(sqrt == 0, 1, sqrt) * diff
        return p_bar
