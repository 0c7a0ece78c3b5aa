"""Bootstrap of an agreement table, whole participants drawn by Poisson weights: numpy."""

import numpy

from peer import load, main, measure

REPLICATES = 2000
SEED = 1


def with_numpy():
    people = load("participants.u32", "<u4")
    items = load("items.u32", "<u4")
    figures = load("figures.f64", "<f8").reshape(len(people), -1).T.copy()
    everybody, count = people.max() + 1, items.max() + 1

    def replicate(generator):
        weights = generator.poisson(1.0, everybody)[people]
        total = numpy.bincount(items, weights=weights, minlength=count)
        sums = [numpy.bincount(items, weights=weights * figure, minlength=count) for figure in figures]
        return numpy.divide(sums, total, out=numpy.full((len(sums), count), numpy.nan), where=total > 0)

    def intervals():
        generator = numpy.random.default_rng(SEED)
        replicates = numpy.array([replicate(generator) for _ in range(REPLICATES)])
        return numpy.nanquantile(replicates, [0.025, 0.975], axis=0)

    measure(intervals, lambda bounds: {"width": (bounds[1] - bounds[0])[0].mean()})


main(numpy=with_numpy)
