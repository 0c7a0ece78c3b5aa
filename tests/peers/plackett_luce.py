"""Plackett-Luce: choix, iterative Luce spectral ranking."""

import numpy

from peer import load, main, measure


def with_choix():
    import choix

    orders = load("orders.u8", "u1").reshape(-1, 10)
    rankings = orders.tolist()
    measure(lambda: choix.ilsr_rankings(10, rankings, tol=1e-10), checks)


def checks(strengths):
    # The mean is 0, as ours is.
    strengths = numpy.asarray(strengths) - numpy.mean(strengths)
    return {"first": strengths[0], "last": strengths[-1]}


main(choix=with_choix)
