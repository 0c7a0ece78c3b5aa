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


def collapse_distinct(levels, sizes, base):
    """The combinations that there are."""
    distinct, cell = numpy.unique(numpy.ravel_multi_index(tuple(levels), sizes), return_inverse=True)
    table = numpy.zeros(numpy.prod(sizes))
    table[distinct] = numpy.bincount(cell, weights=base)
    return distinct[cell], table.reshape(sizes)


def collapse_all(levels, sizes, base):
    """A table of all combinations, where they are few."""
    cell = numpy.ravel_multi_index(tuple(levels), sizes)
    return cell, numpy.bincount(cell, weights=base, minlength=numpy.prod(sizes)).reshape(sizes)


def with_numpy(collapse):
    levels, sizes, shares, base = inputs()
    rows = len(base)

    def fit():
        cell, start = collapse(levels, sizes, base)
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


main(
    **{
        "numpy": lambda: with_numpy(collapse_distinct),
        "numpy-table": lambda: with_numpy(collapse_all),
        "svy": with_svy,
    }
)
