"""What people read of the tallies."""

from collections.abc import Sequence
from fractions import Fraction

from wit_world.imports import types
from wit_world.imports.types import Unit

from scoring import scale
from tally import Item

WORDS = {
    "plurality": "First places a ballot",
    "dowdall": "Points a ballot, one over the place",
    "veto": "Ballots that do not put it last",
}


class NothingToReport(Exception):
    """No ballot of weight compares anything."""


def report(rule: str, ids: Sequence[tuple[str, list[str]]], items: Sequence[Item]) -> types.Report:
    """Scores and places of the candidates of each item, and the orders they make."""
    if not any(item.ballots for item in items):
        raise NothingToReport("no ranking of weight shows two candidates or more")
    candidates: list[list[types.Cell]] = []
    orders: list[list[types.Cell]] = []
    for (item_id, names), item in zip(ids, items):
        if not item.ballots:
            continue
        unit = scale(item.candidates)
        scores = [Fraction(won, shown * unit) if shown else None for won, shown in zip(item.points, item.shown)]
        places = [place(scores, score) for score in scores]
        # True division of whole numbers rounds once, so all machines agree.
        effective = item.weight**2 / item.squares
        for name, score, at, won in zip(names, scores, places, item.shown):
            candidates.append(
                [
                    types.Cell_Text(item_id),
                    types.Cell_Text(name),
                    types.Cell_Integer(at),
                    types.Cell_Null() if score is None else types.Cell_Number(score.numerator / score.denominator),
                    types.Cell_Number(won / item.weight),
                    types.Cell_Integer(item.ballots),
                    types.Cell_Number(effective),
                ]
            )
        orders.append(
            [
                types.Cell_Text(item_id),
                types.Cell_Text(order(names, places)),
                types.Cell_Integer(item.ballots),
                types.Cell_Number(effective),
            ]
        )
    return types.Report([], tables(rule, candidates, orders), [chart(rule)], notes(ids, items))


def place(scores: Sequence[Fraction | None], score: Fraction | None) -> int:
    """One more than the candidates above; those that nobody was shown stand last."""
    if score is None:
        return 1 + sum(other is not None for other in scores)
    return 1 + sum(other is not None and other > score for other in scores)


def order(names: Sequence[str], places: Sequence[int]) -> str:
    """The candidates as `B>A=C`."""
    tiers: dict[int, list[str]] = {}
    for at, name in sorted(zip(places, names), key=lambda pair: pair[0]):
        tiers.setdefault(at, []).append(name)
    return ">".join("=".join(tier) for tier in tiers.values())


def tables(rule: str, candidates: list[list[types.Cell]], orders: list[list[types.Cell]]) -> list[types.Table]:
    item = types.Column("item", "Item", Unit.NONE, False)
    counts = [
        types.Column("n", "Answers", Unit.COUNT, False),
        types.Column("n_eff", "Effective answers", Unit.COUNT, False),
    ]
    of_candidates = [
        item,
        types.Column("candidate", "Candidate", Unit.NONE, False),
        types.Column("place", "Place", Unit.COUNT, False),
        types.Column("score", WORDS[rule], Unit.SCORE, True),
        types.Column("shown", "Share of ballots that show it", Unit.SHARE, False),
        *counts,
    ]
    of_orders = [item, types.Column("order", "Order, best first", Unit.NONE, False), *counts]
    return [
        types.Table("candidates", f"Scores by {rule}", of_candidates, candidates),
        types.Table("orders", f"Order by {rule}", of_orders, orders),
    ]


def chart(rule: str) -> types.Chart:
    return types.Chart(
        id="candidates",
        title=WORDS[rule],
        kind=types.ChartKind.DOT_INTERVAL,
        table="candidates",
        x="score",
        y="candidate",
        group="item",
        value=None,
    )


def notes(ids: Sequence[tuple[str, list[str]]], items: Sequence[Item]) -> list[types.Note]:
    found = []
    unanswered = [item_id for (item_id, _), item in zip(ids, items) if not item.ballots]
    if unanswered:
        words = f"no ranking compares candidates of: {', '.join(unanswered)}"
        found.append(types.Note(types.Severity.WARNING, "unanswered", words))
    idle = sum(item.idle for item in items)
    if idle:
        words = f"{idle} rankings show fewer than two candidates and do not count"
        found.append(types.Note(types.Severity.INFO, "nothing_compared", words))
    partly = any(shown < item.weight for item in items for shown in item.shown)
    if partly:
        words = "not all candidates were shown to all: a score is the mean over the ballots that show the candidate"
        found.append(types.Note(types.Severity.INFO, "partly_shown", words))
    return found
