"""The peers of benches/rake.rs: a million people raked to 4 margins, by numpy (collapse and fit) and by svy.

    pip install numpy svy polars
    python crates/weights/benches/peer.py
"""
import time

import numpy as np

ROWS, LEVELS, TOLERANCE = 1_000_000, (5, 4, 6, 10), 1e-8
ROUNDS = 7


def people():
    draw = np.random.default_rng(1).integers
    return [np.minimum(draw(0, n, ROWS), draw(0, n, ROWS)).astype(np.uint16) for n in LEVELS]


def table_of_all(columns, base):
    cell = np.ravel_multi_index(columns, LEVELS)
    return cell, np.bincount(cell, base, int(np.prod(LEVELS))).reshape(LEVELS)


def table_of_unique(columns, base):
    """Without knowing that the combinations are few enough for a table."""
    rows, inverse = np.unique(np.ravel_multi_index(columns, LEVELS), return_inverse=True)
    table = np.zeros(int(np.prod(LEVELS)))
    table[rows] = np.bincount(inverse, base)
    return rows[inverse], table.reshape(LEVELS)


def numpy_rake(collapse, columns, base):
    cell, table = collapse(columns, base)
    table /= table.sum()
    ratio = np.ones(LEVELS)
    gap = 1.0
    while gap > TOLERANCE:
        gap = 0.0
        for axis, n in enumerate(LEVELS):
            others = tuple(i for i in range(len(LEVELS)) if i != axis)
            shares = (table * ratio).sum(axis=others)
            gap = max(gap, np.abs(shares - 1 / n).max())
            ratio *= (1 / n / shares).reshape([-1 if i == axis else 1 for i in range(len(LEVELS))])
    weights = base * ratio.ravel()[cell]
    return weights * ROWS / weights.sum()


def svy_rake(frame):
    import svy

    sample = svy.Sample(data=frame, design=svy.Design(wgt="base"))
    controls = {name: {str(level): ROWS / n for level in range(n)} for name, n in zip("abcd", LEVELS)}
    return sample.weighting.rake(controls=controls, tol=TOLERANCE, max_iter=1000)


def fastest(name, work, rounds=ROUNDS):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    print(f"{name}: {min(times) * 1000:.0f} ms")


if __name__ == "__main__":
    columns = people()
    base = 0.5 + np.arange(ROWS) * 7919 % 1000 / 1000
    fastest("numpy, table of all combinations", lambda: numpy_rake(table_of_all, columns, base))
    fastest("numpy, unique", lambda: numpy_rake(table_of_unique, columns, base))
    try:
        import polars

        frame = polars.DataFrame({**{name: column.astype(str) for name, column in zip("abcd", columns)}, "base": base})
        fastest("svy", lambda: svy_rake(frame), 3)
    except ImportError:
        print("svy: not installed")
