"""Raking: a fit of the collapsed table in numpy, and svy."""

import numpy

from peer import load, main, measure

MARGINS = 4
TOLERANCE = 1e-8


def inputs():
    levels = load("levels.u8", "u1").reshape(MARGINS, -1)
    sizes = load("sizes.u8", "u1")
    shares = numpy.split(load("shares.f64", "<f8"), numpy.cumsum(sizes)[:-1])
    return levels, sizes, shares


def with_numpy():
    levels, sizes, shares = inputs()
    rows = levels.shape[1]

    def fit():
        cell = numpy.zeros(rows, dtype=numpy.int32)
        for margin, size in zip(levels, sizes):
            cell = cell * size + margin
        table = numpy.bincount(cell, minlength=numpy.prod(sizes)).reshape(sizes).astype(float)
        start = table.copy()
        while True:
            off = 0.0
            for axis, share in enumerate(shares):
                others = tuple(other for other in range(MARGINS) if other != axis)
                factor = share * rows / table.sum(axis=others)
                off = max(off, numpy.abs(factor - 1.0).max())
                table *= factor.reshape([-1 if other == axis else 1 for other in range(MARGINS)])
            if off < TOLERANCE:
                break
        factors = numpy.divide(table, start, out=numpy.zeros_like(table), where=start > 0)
        return factors.ravel()[cell]

    measure(fit, checks)


def with_svy():
    import polars
    import svy

    levels, _, shares = inputs()
    columns = {f"m{axis}": margin for axis, margin in enumerate(levels)}
    data = polars.DataFrame({**columns, "w": numpy.ones(levels.shape[1])})
    controls = {
        f"m{axis}": {level: share * levels.shape[1] for level, share in enumerate(of_margin)}
        for axis, of_margin in enumerate(shares)
    }

    def rake():
        sample = svy.Sample(data, svy.Design(wgt="w"))
        raked = sample.weighting.rake(controls=controls, wgt_name="raked", tol=TOLERANCE)
        return raked.data["raked"].to_numpy()

    measure(rake, checks)


def checks(weights):
    return {"first": weights[0], "last": weights[-1], "deff": len(weights) * (weights**2).sum() / weights.sum() ** 2}


main(numpy=with_numpy, svy=with_svy)
