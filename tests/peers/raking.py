"""Raking: a fit of the collapsed table in numpy, and svy."""

import numpy

from peer import load, main, measure

MARGINS = 4
TOLERANCE = 1e-8


def inputs():
    levels = load("levels.u8", "u1").reshape(MARGINS, -1)
    sizes = load("sizes.u8", "u1").astype(int)
    shares = numpy.split(load("shares.f64", "<f8"), numpy.cumsum(sizes)[:-1])
    return levels, tuple(sizes), shares, load("base.f64", "<f8")


def with_numpy():
    levels, sizes, shares, base = inputs()
    rows = len(base)

    def fit():
        cell = numpy.ravel_multi_index(tuple(levels), sizes)
        start = numpy.bincount(cell, weights=base, minlength=numpy.prod(sizes)).reshape(sizes)
        factors = numpy.ones(sizes)
        off = 1.0
        while off > TOLERANCE:
            off = 0.0
            for axis, share in enumerate(shares):
                others = tuple(other for other in range(MARGINS) if other != axis)
                factor = share * rows / (start * factors).sum(axis=others)
                off = max(off, numpy.abs(factor - 1.0).max())
                factors *= factor.reshape([-1 if other == axis else 1 for other in range(MARGINS)])
        return base * factors.ravel()[cell]

    measure(fit, checks)


def with_svy():
    import polars
    import svy

    levels, _, shares, base = inputs()
    names = [f"m{axis}" for axis in range(MARGINS)]
    data = polars.DataFrame({**dict(zip(names, levels)), "base": base})
    controls = {
        name: {level: share * len(base) for level, share in enumerate(of_margin)}
        for name, of_margin in zip(names, shares)
    }

    def rake():
        sample = svy.Sample(data, svy.Design(wgt="base"))
        raked = sample.weighting.rake(controls=controls, wgt_name="raked", tol=TOLERANCE)
        return raked.data["raked"].to_numpy()

    measure(rake, checks)


def checks(weights):
    return {"first": weights[0], "last": weights[-1], "deff": len(weights) * (weights**2).sum() / weights.sum() ** 2}


main(numpy=with_numpy, svy=with_svy)
