def f_grad(m, shift):
    # forward sweep
    m = m.copy()
    len_m = len(m)
    trips = []
    for row in range(len_m):
        m_row = m[row]
        total = 1 + np.sum(m_row ** 2)
        trips.append((m_row.copy(), total))
        m[row] = m_row / total
        m[row] += shift
    # reverse sweep
    with np.errstate(all='ignore'):
        m_bar = 3 * m ** 2
        for row, (m_row, total) in zip(reversed(range(len_m)), reversed(trips)):
            m_bar_row = m_bar[row]
            diff = m_bar_row / total - (m_bar_row * (m_row / total / total)).sum() * (2 * m_row)
            m_bar[row] = diff
        return m_bar
