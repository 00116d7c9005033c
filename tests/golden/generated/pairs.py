def f_grad(x):
    # forward sweep
    trips = []
    for i in range(x.size):
        diffs = []
        r2s = []
        ratios = []
        for j in range(i):
            diff = x[i] - x[j]
            diffs.append(diff)
            r2 = diff ** 2 + 0.1
            r2s.append(r2)
            ratios.append(1 / r2)
        trips.append((ratios, r2s, diffs))
    # reverse sweep
    x_bar = np.zeros_like(x)
    for i, (ratios, r2s, diffs) in zip(reversed(range(x.size)), reversed(trips)):
        for ratio, r2, diff, j in zip(
            reversed(ratios), reversed(r2s), reversed(diffs), reversed(range(i))
        ):
            product = -ratio / r2 * (2 * diff)
            x_bar[j] -= product
            x_bar[i] += product
    return x_bar
