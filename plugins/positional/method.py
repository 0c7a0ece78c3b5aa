"""`positional`: points by place. What the host calls."""

import json

from componentize_py_types import Err
from wit_world.imports import types

from report import NothingToReport, report
from scoring import RULES
from tally import ForeignState, Item, merge, save

PARAMETERS = {
    "type": "object",
    "properties": {
        "rule": {
            "type": "string",
            "enum": list(RULES),
            "default": "plurality",
            "description": "points of a place: 1 for the first (plurality), one over the place (dowdall), "
            "or 1 for all but the last (veto)",
        },
    },
    "additionalProperties": False,
}


def describe() -> types.Descriptor:
    return types.Descriptor(
        id="positional",
        version="1.0.0",
        title="Points by place",
        answers="Which candidates come first, early or never last in people's orders, by a rule of points?",
        assumes="Points stand for what a place is worth, the same for everybody. Tied candidates share the points "
        "of the places they take up; candidates shown but not ranked tie at the end; candidates not shown do not "
        "count in that ballot.",
        avoid_when="Near-copies of a candidate stand against each other (they split first places), or one candidate "
        "must beat every other head to head: take schulze. For equal steps from place to place take borda.",
        source="Young 1975 for the family; dowdall as in Fraenkel and Grofman 2014",
        kinds=["rank"],
        parameters=json.dumps(PARAMETERS),
        max_passes=1,
        segments=types.Segments.HOST,
        bootstrap=True,
        participants=False,
        laws=[types.Law.ANONYMITY, types.Law.NEUTRALITY, types.Law.WEIGHT_SCALE, types.Law.DUPLICATION],
    )


def check(config: types.Config) -> None:
    if not config.items:
        raise Err(types.Error_Undefined("there is no item of kind rank"))


class Accumulator:
    def __init__(self, config: types.Config) -> None:
        self.rule: str = json.loads(config.parameters)["rule"]
        self.ids = [(item.id, item.candidates) for item in config.items]
        self.items = [Item(len(item.candidates)) for item in config.items]

    @classmethod
    def open(cls, config: types.Config, pass_: int, model: bytes | None) -> "Accumulator":
        return cls(config)

    def update(self, batch: types.Batch) -> None:
        if not isinstance(batch.values, types.Values_Ranks):
            raise Err(types.Error_Internal("the method did not ask for other answers than ranks"))
        tiers, width = batch.values.value, batch.width
        ballots = (tiers[at : at + width] for at in range(0, batch.rows * width, width))
        self.items[batch.item].add(self.rule, ballots, batch.weight)

    def save(self) -> bytes:
        return save(self.items)

    def merge(self, partial: bytes) -> None:
        try:
            merge(self.items, partial)
        except ForeignState as error:
            raise Err(types.Error_BadState(str(error))) from None

    def finish(self) -> types.Outcome:
        try:
            return types.Outcome_Done(report(self.rule, self.ids, self.items))
        except NothingToReport as error:
            raise Err(types.Error_Undefined(str(error))) from None
