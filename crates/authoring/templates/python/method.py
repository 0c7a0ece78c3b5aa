"""`{{name}}`: which candidates people put first. What the host calls; the arithmetic is in `firsts`."""

import json

from componentize_py_types import Err
from firsts import ForeignState, Item, merge, save
from wit_world.imports import types

TAG = b"{{name}}@0.1.0\0"
"""Who wrote a saved state: the method and its version."""

PARAMETERS = {
    "type": "object",
    "properties": {
        "alone": {
            "type": "boolean",
            "default": False,
            "description": "count only those who put the candidate first without a tie",
        },
    },
    "additionalProperties": False,
}


def describe() -> types.Descriptor:
    return types.Descriptor(
        id="{{name}}",
        version="0.1.0",
        title="First places",
        answers="How many put each candidate first?",
        assumes="The best place counts and no other. Tied for it is first; candidates not shown do not count.",
        avoid_when="Near-copies of a candidate stand against each other: they split first places.",
        source="Say where the definition comes from",
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
        alone = json.loads(config.parameters)["alone"]
        self.config = config
        self.items = [Item(len(item.candidates), alone) for item in config.items]

    @classmethod
    def open(cls, config: types.Config, pass_: int, model: bytes | None) -> "Accumulator":
        return cls(config)

    def update(self, batch: types.Batch) -> None:
        if not isinstance(batch.values, types.Values_Ranks):
            raise Err(types.Error_Internal("the method did not ask for other answers than ranks"))
        tiers, width = batch.values.value, batch.width
        ballots = (tiers[at : at + width] for at in range(0, batch.rows * width, width))
        self.items[batch.item].add(ballots, batch.weight)

    def save(self) -> bytes:
        return save(TAG, self.items)

    def merge(self, partial: bytes) -> None:
        try:
            merge(TAG, self.items, partial)
        except ForeignState as error:
            raise Err(types.Error_BadState(str(error))) from None

    def finish(self) -> types.Outcome:
        if not any(item.ballots for item in self.items):
            raise Err(types.Error_Undefined("there is no ranking of weight"))
        rows: list[list[types.Cell]] = []
        for info, item in zip(self.config.items, self.items):
            for name, share in zip(info.candidates, item.shares()):
                rows.append(
                    [
                        types.Cell_Text(info.id),
                        types.Cell_Text(name),
                        types.Cell_Null() if share is None else types.Cell_Number(share),
                        types.Cell_Integer(item.ballots),
                    ]
                )
        columns = [
            types.Column("item", "Item", types.Unit.NONE, estimate=False),
            types.Column("candidate", "Candidate", types.Unit.NONE, estimate=False),
            types.Column("share", "Share that put it first", types.Unit.SHARE, estimate=True),
            types.Column("n", "Answers", types.Unit.COUNT, estimate=False),
        ]
        table = types.Table("candidates", "First places", columns, rows)
        chart = types.Chart(
            id="candidates",
            title="Share that put it first",
            kind=types.ChartKind.DOT_INTERVAL,
            table="candidates",
            x="share",
            y="candidate",
            group="item",
            value=None,
        )
        return types.Outcome_Done(types.Report(scalars=[], tables=[table], charts=[chart], notes=[]))
