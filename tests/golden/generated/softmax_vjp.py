def f_forward(x):
    max_x = np.max(x)
    e = np.exp(x - max_x)
    sum_e = np.sum(e)
    ratio = e / sum_e
    return ratio, (sum_e, ratio.copy(), e, x.copy(), max_x)


def f_pullback(out_bar, arg1, arg2, e, x, arg5):
    with np.errstate(all='ignore'):
        e_bar = out_bar / arg1
        e_bar -= np.sum(out_bar * (arg2 / arg1))
        x_bar = e_bar * e
        found = x == arg5
        x_bar -= np.where(found, np.sum(x_bar) / np.sum(found), 0)
        return x_bar
