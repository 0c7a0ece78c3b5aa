"""Twenty weighted proportions with their errors and logit intervals: svy."""

import numpy

from peer import load, main, measure

QUESTIONS = 20


def with_svy():
    import polars
    import svy

    answers = load("answers.u8", "u1").reshape(QUESTIONS, -1)
    names = [f"q{question}" for question in range(QUESTIONS)]
    data = polars.DataFrame({**dict(zip(names, answers)), "w": load("weights.f64", "<f8")})

    def estimate():
        sample = svy.Sample(data, svy.Design(wgt="w"))
        return [sample.estimation.prop(name) for name in names]

    measure(estimate, checks)


def checks(found):
    numbers = {}
    for place in [0, QUESTIONS - 1]:
        yes = found[place].to_polars().row(1, named=True)
        numbers |= {f"{key}{place}": yes[key] for key in ["est", "se", "lci", "uci"]}
    return numbers


main(svy=with_svy)
