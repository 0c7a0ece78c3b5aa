"""The partial aggregate: for each item what its ballots add up to, in whole numbers of any size."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scoring import points

TAG = b"positional@1.0.0\0"
WIDTH = 2
"""Bytes of a saved number's length."""


class ForeignState(Exception):
    """A state that this method did not write."""


@dataclass
class Item:
    """What the ballots on one item add up to."""

    candidates: int

    def __post_init__(self) -> None:
        self.ballots = 0
        """Ballots that compare anything."""
        self.weight = 0
        """Their weight."""
        self.squares = 0
        """The sum of their squared weights."""
        self.idle = 0
        """Ballots that show fewer than two candidates."""
        self.points = [0] * self.candidates
        """Weighted points of each candidate, in units of one over `scale(candidates)`."""
        self.shown = [0] * self.candidates
        """Weight of the ballots that show each candidate."""

    def add(self, rule: str, ballots: Iterable[bytes], weights: Iterable[int]) -> None:
        """Folds in ballots; those of weight 0 leave no trace."""
        alike: Counter[tuple[bytes, int]] = Counter(zip(ballots, weights))
        for (ballot, weight), times in alike.items():
            if weight > 0:
                self.add_alike(rule, ballot, weight, times)

    def add_alike(self, rule: str, ballot: bytes, weight: int, times: int) -> None:
        """Folds in `times` ballots of the same order and the same weight."""
        given = points(rule, ballot)
        if given is None:
            self.idle += times
            return
        self.ballots += times
        self.weight += times * weight
        self.squares += times * weight * weight
        for candidate, won in enumerate(given):
            if won is not None:
                self.points[candidate] += times * weight * won
                self.shown[candidate] += times * weight

    def numbers(self) -> list[int]:
        """All of it in the order in which it is saved."""
        return [self.ballots, self.weight, self.squares, self.idle, *self.points, *self.shown]

    def plus(self, numbers: Sequence[int]) -> None:
        """Folds in what `numbers` of another part answered."""
        ballots, weight, squares, idle, *rest = numbers
        self.ballots += ballots
        self.weight += weight
        self.squares += squares
        self.idle += idle
        self.points = [mine + other for mine, other in zip(self.points, rest[: self.candidates])]
        self.shown = [mine + other for mine, other in zip(self.shown, rest[self.candidates :])]


def save(items: Iterable[Item]) -> bytes:
    """Equal sums, equal bytes: each number by its length and as few bytes as it takes, little endian."""
    saved = bytearray(TAG)
    for item in items:
        for number in item.numbers():
            length = (number.bit_length() + 7) // 8
            saved += length.to_bytes(WIDTH, "little") + number.to_bytes(length, "little")
    return bytes(saved)


def merge(items: Sequence[Item], state: bytes) -> None:
    """Folds a saved state into `items`, or raises `ForeignState` and leaves them as they are."""
    if not state.startswith(TAG):
        raise ForeignState("the state was not written by positional@1.0.0")
    numbers = list(read(state[len(TAG) :]))
    if len(numbers) != sum(len(item.numbers()) for item in items):
        raise ForeignState("the state has another number of sums")
    rest = iter(numbers)
    for item in items:
        item.plus([next(rest) for _ in item.numbers()])


def read(saved: bytes) -> Iterator[int]:
    """The numbers of a saved state."""
    at = 0
    while at < len(saved):
        start = at + WIDTH
        end = start + int.from_bytes(saved[at:start], "little")
        if len(saved) < max(start, end):
            raise ForeignState("the state ends within a number")
        yield int.from_bytes(saved[start:end], "little")
        at = end
