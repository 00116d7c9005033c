def f_grad(q, p, dt, steps):
    # forward sweep
    product = 0.5 * dt
    trips = []
    for _ in range(steps):
        p -= product * np.sin(q)
        q_2 = q + dt * p
        trips.append((q, q_2))
        p -= product * np.sin(q_2)
        q = q_2
    p ** 2
    # reverse sweep
    q_bar, p_bar = 1.0, p
    for q, q_2 in reversed(trips):
        q_bar -= p_bar * product * np.cos(q_2)
        p_bar += q_bar * dt
        q_bar -= p_bar * product * np.cos(q)
    return q_bar, p_bar
