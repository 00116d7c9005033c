def f_grad(m, shift):
    # forward sweep
    m = m.copy()
    len_m = len(m)
    trips = []
    for row in range(len_m):
        m_row = m[row]
        total = 1 + np.sum(m_row ** 2)
        ratio = m_row / total
        trips.append((m_row.copy(), total, ratio))
        m[row] = ratio
        m[row] += shift
    # reverse sweep
    m_bar = 3 * m ** 2
    for row, (m_row, total, ratio) in zip(reversed(range(len_m)), reversed(trips)):
        m_bar_row = m_bar[row]
        total = m_bar_row / total + np.sum(m_bar_row * (-ratio / total)) * (2 * m_row)
        m_bar[row] = total
    return m_bar
