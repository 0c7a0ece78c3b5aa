"""Opinion groups: red-dwarf, from the list of votes that it takes."""

import numpy

from peer import load, main, measure


def with_red_dwarf():
    from reddwarf.implementations.polis import run_pipeline

    counts = load("counts.u32", "<u4")
    people = load("participants.u32", "<u4").tolist()
    statements = numpy.repeat(numpy.arange(len(counts)), counts).tolist()
    number = {ord("A"): 1, ord("D"): -1, ord("P"): 0}
    votes = [
        {"participant_id": person, "statement_id": statement, "vote": number[vote], "modified": 0}
        for person, statement, vote in zip(people, statements, load("votes.u8", "u1").tolist())
    ]
    measure(lambda: run_pipeline(votes=votes), checks)


def checks(result):
    first, second = result.reducer.explained_variance_ratio_[:2]
    return {"first": first, "second": second}


main(**{"red-dwarf": with_red_dwarf})
