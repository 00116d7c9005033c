def f_grad(x):
    with np.errstate(all='ignore'):
        x_bar = np.zeros_like(x)
        for i in reversed(range(x.size)):
            for j in reversed(range(i)):
                diff = x[i] - x[j]
                r2 = diff ** 2 + 0.1
                diff_bar = -1 / r2 / r2 * (2 * diff)
                x_bar[j] -= diff_bar
                x_bar[i] += diff_bar
        return x_bar
