def f_grad(x, drag):
    # forward sweep
    trips = []
    height, speed_2, t = x, 0.0, 0
    while t < 100:
        speed = speed_2 * (1 - drag) - 0.1
        total = height + speed
        below = total < 0
        trips.append((speed_2, below))
        if below:
            speed_2 = speed
            break
        t += 1
        height = total
        speed_2 = speed
    height_bar = np.sqrt(speed_2 * speed_2)
    # reverse sweep
    with np.errstate(all='ignore'):
        speed_bar = height / np.where(height_bar == 0, 1, height_bar) * speed_2
        drag_bar = 0.0
        for speed, below in reversed(trips):
            if not below:
                speed_bar += height_bar
            drag_bar -= speed_bar * speed
            speed_bar *= 1 - drag
        return height_bar, drag_bar
