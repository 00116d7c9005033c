def f_grad(x, drag):
    # forward sweep
    trips = []
    height = x
    speed_2 = 0.0
    t = 0
    while t < 100:
        diff = 1 - drag
        speed = speed_2 * diff - 0.1
        total = height + speed
        below = total < 0
        trips.append((speed_2, below, diff))
        if below:
            speed_2 = speed
            break
        t += 1
        height = total
        speed_2 = speed
    height_bar = np.sqrt(speed_2 * speed_2)
    # reverse sweep
    speed_bar = height / height_bar * speed_2
    drag_bar = 0.0
    for speed, below, diff in reversed(trips):
        if below:
            value = 0.0
        else:
            value = height_bar
            height_bar = 0.0
        height_bar += value
        speed_bar_2 = speed_bar + value
        speed_bar = speed_bar_2 * diff
        drag_bar -= speed_bar_2 * speed
    return height_bar, drag_bar
