def f_grad(m, shift):
    # forward sweep
    m = m.copy()
    trips = []
    for row in range(len(m)):
        m_row = m[row]
        total = 1 + np.sum(m_row ** 2)
        trips.append((row, m_row.copy(), total))
        m[row] = m_row / total
        m[row] += shift
    # reverse sweep
    with np.errstate(all='ignore'):
        m_bar = 3 * m ** 2
        for row, m_row, total in reversed(trips):
            value_bar = m_bar[row]
            diff = value_bar / total - (value_bar * (m_row / total / total)).sum() * (2 * m_row)
            m_bar[row] = diff
        return m_bar
