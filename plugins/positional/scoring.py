"""Points by place, exactly.

A positional rule gives each place of an order some points. Here they are whole numbers: the fractions of
`dowdall` and of ties are multiples of one over `scale`, so every sum is exact whatever its order.
"""

from functools import cache
from math import lcm

RULES = ("plurality", "dowdall", "veto")

UNRANKED = 0xFE
"""Shown but not ranked: below every tier, tied with all others of its kind."""
NOT_SHOWN = 0xFF
"""Not a candidate of this ballot."""


@cache
def scale(width: int) -> int:
    """What a point is in whole numbers, for ballots of up to `width` candidates.

    Once the least common multiple for the places' fractions, once for the sizes of ties.
    """
    return lcm(*range(1, width + 1)) ** 2


@cache
def of_place(rule: str, place: int, shown: int, unit: int) -> int:
    """The points of `place`, 1 the best of `shown`, in units of one over `unit`."""
    match rule:
        case "plurality":
            return unit if place == 1 else 0
        case "dowdall":
            return unit // place
        case "veto":
            return 0 if place == shown else unit
    raise ValueError(f"there is no rule {rule}")


def points(rule: str, ballot: bytes) -> list[int | None] | None:
    """The points of each candidate of `ballot`, in units of one over `scale(len(ballot))`.

    `None` for a candidate that was not shown, and for the whole of a ballot that compares nothing: it
    shows fewer than two. Tied candidates get the mean of the places that they share.
    """
    shown = [tier for tier in ballot if tier != NOT_SHOWN]
    if len(shown) < 2:
        return None
    unit = scale(len(ballot))
    of_tier: dict[int, int] = {}
    above = 0
    for tier in sorted(set(shown)):
        tied = shown.count(tier)
        places = range(above + 1, above + tied + 1)
        of_tier[tier] = sum(of_place(rule, place, len(shown), unit) for place in places) // tied
        above += tied
    return [of_tier.get(tier) for tier in ballot]
