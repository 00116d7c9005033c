def f_jvp(x, v, steps, x_dot, v_dot):
    x, x_dot = x.copy(), x_dot.copy()
    v, v_dot = v.copy(), v_dot.copy()
    for _ in range(steps):
        sum_2 = np.sum(x ** 2)
        r3 = sum_2 ** 1.5
        r3_dot = (x_dot * (2 * x)).sum() * (1.5 * np.power(sum_2, 0.5))
        ratio = 0.1 * x / r3
        v -= ratio
        v_dot -= 0.1 * x_dot / r3 - r3_dot * (ratio / r3)
        x += 0.1 * v
        x_dot += 0.1 * v_dot
    return x, x_dot
