def f_grad(a, end, n):
    # forward sweep
    linspace = np.linspace(0.0, 1.0, n)
    x = linspace * end
    power = x ** 2
    y = np.exp(-a * power)
    # reverse sweep
    # return np.sum(y[1:] + y[:-1]) * end / (2 * (n - 1))
    product_bar = np.divide(1, 2 * (n - 1))
    sum_bar = product_bar * end
    y_bar = np.zeros_like(linspace)
    y_bar[:-1] += sum_bar
    y_bar[1:] += sum_bar
    # y = np.exp(-a * x ** 2)
    product_bar_2 = y_bar * y
    # x = np.linspace(0.0, 1.0, n) * end
    end_bar = product_bar * np.sum(y[1:] + y[:-1]) - (product_bar_2 * a * (2 * x) * linspace).sum()
    return -(product_bar_2 * power).sum(), end_bar
