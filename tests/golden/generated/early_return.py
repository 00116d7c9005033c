def f_grad(r, delta):
    size = np.sqrt(r @ r)
    if size < delta:
        size_bar = size
    elif size > 100 * delta:
        size_bar = 0.0
    else:
        size_bar = delta
    with np.errstate(all='ignore'):
        return size_bar / np.where(size == 0, 1, size) * r
