def fraction_forward(x, i):
    if i == x.size - 1:
        return x[i], (ABSENT, ABSENT, ABSENT)
    value_x_0, pack = fraction_forward(x, i + 1)
    ratio = 1 / value_x_0
    return x[i] + ratio, (ratio, value_x_0, pack)


def fraction_pullback(x, i, pack, out_bar):
    ratio, item, pack = pack
    if i == x.size - 1:
        # return x[i]
        x_bar = np.zeros_like(x)
    else:
        # return x[i] + 1 / fraction(x, i + 1)
        x_bar = fraction_pullback(x, i + 1, pack, out_bar * (-ratio / item))
    # return x[i]
    x_bar[i] += out_bar
    return x_bar


def f_grad(x):
    pack = fraction_forward(x, 0)[1]
    with np.errstate(all='ignore'):
        return fraction_pullback(x, 0, pack, 1.0)
