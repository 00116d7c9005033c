def f_grad(coefficients, x):
    # forward sweep
    values = []
    value = 0.0
    for c in coefficients:
        values.append(value)
        value = value * x + c
    # reverse sweep
    coefficients_bar = np.zeros_like(coefficients)
    value_bar, x_bar = 1.0, 0.0
    for value, i in zip(reversed(values), reversed(range(len(coefficients)))):
        x_bar += value_bar * value
        coefficients_bar[i] += value_bar
        value_bar *= x
    return coefficients_bar, x_bar
