"""Weighted pairwise counts: a tally in numpy, and pref_voting from orders to its matrix."""

import numpy

from peer import load, main, measure


def inputs():
    weights = load("weights.i64", "<i8")
    return load("tiers.u8", "u1").reshape(len(weights), -1), weights


def with_numpy():
    tiers, weights = inputs()
    tiers = numpy.asfortranarray(tiers)
    width = tiers.shape[1]

    def tally():
        support = numpy.zeros((width, width), dtype=numpy.int64)
        for a in range(width):
            for b in range(a):
                support[a, b] = weights[tiers[:, a] < tiers[:, b]].sum()
                support[b, a] = weights[tiers[:, b] < tiers[:, a]].sum()
        return support

    measure(tally, lambda support: checks(support, width))


def with_pref_voting():
    from pref_voting.profiles import Profile

    tiers, weights = inputs()
    width = tiers.shape[1]

    def profile():
        orders = numpy.argsort(tiers, axis=1, kind="stable").astype("u1")
        if width > 4:
            # Hardly any order is there twice.
            return Profile(orders.tolist(), rcounts=weights.tolist())
        distinct, place = numpy.unique(orders.view("<u4").ravel(), return_inverse=True)
        counts = numpy.bincount(place, weights=weights).astype(int)
        return Profile(distinct.view("u1").reshape(-1, width).tolist(), rcounts=counts.tolist())

    def support(profile):
        return [[profile.support(a, b) for b in range(width)] for a in range(width)]

    measure(lambda: support(profile()), lambda support: checks(numpy.array(support), width))


def checks(support, width):
    return {"0>1": support[0, 1], "last>last-1": support[width - 1, width - 2]}


main(numpy=with_numpy, pref_voting=with_pref_voting)
