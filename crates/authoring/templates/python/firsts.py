"""First places, in whole numbers: neither batches, shards nor merges can change a figure."""

from collections import Counter
from collections.abc import Iterable, Sequence

UNRANKED = 0xFE
"""Shown but not ranked; this tier and those above it are no places."""
NOT_SHOWN = 0xFF
"""Not a candidate of this ballot."""

BYTES = 16
"""Of a saved number."""


class ForeignState(Exception):
    """A state that this method did not write."""


class Item:
    """What the ballots on one item add up to."""

    def __init__(self, candidates: int, alone: bool) -> None:
        self.alone = alone
        self.ballots = 0
        self.first = [0] * candidates
        """Weight of the ballots that put each candidate first."""
        self.shown = [0] * candidates
        """Weight of the ballots that show each candidate."""

    def add(self, ballots: Iterable[bytes], weights: Iterable[int]) -> None:
        """Folds in ballots; people repeat each other, so each way to answer is looked at once."""
        for (ballot, weight), times in Counter(zip(ballots, weights)).items():
            if weight > 0:
                self.add_alike(ballot, weight, times)

    def add_alike(self, ballot: bytes, weight: int, times: int) -> None:
        best = min(ballot)
        counts = best < UNRANKED and (ballot.count(best) == 1 or not self.alone)
        self.ballots += times
        for candidate, tier in enumerate(ballot):
            if counts and tier == best:
                self.first[candidate] += times * weight
            if tier != NOT_SHOWN:
                self.shown[candidate] += times * weight

    def shares(self) -> list[float | None]:
        """The share of each candidate; `None` where nobody was shown it."""
        return [first / shown if shown else None for first, shown in zip(self.first, self.shown)]

    def numbers(self) -> list[int]:
        return [self.ballots, *self.first, *self.shown]

    def plus(self, numbers: Sequence[int]) -> None:
        candidates = len(self.first)
        self.ballots += numbers[0]
        self.first = [mine + other for mine, other in zip(self.first, numbers[1:])]
        self.shown = [mine + other for mine, other in zip(self.shown, numbers[1 + candidates :])]


def save(tag: bytes, items: Iterable[Item]) -> bytes:
    """Equal sums, equal bytes."""
    return tag + b"".join(number.to_bytes(BYTES, "little") for item in items for number in item.numbers())


def merge(tag: bytes, items: Sequence[Item], state: bytes) -> None:
    """Folds a saved state in, or raises `ForeignState` and changes nothing."""
    if not state.startswith(tag):
        raise ForeignState("another method wrote the state")
    body = state[len(tag) :]
    if len(body) != BYTES * sum(len(item.numbers()) for item in items):
        raise ForeignState("the state has another number of sums")
    numbers = (int.from_bytes(body[at : at + BYTES], "little") for at in range(0, len(body), BYTES))
    for item in items:
        item.plus([next(numbers) for _ in item.numbers()])
