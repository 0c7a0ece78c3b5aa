import assert from "node:assert/strict";
import { test } from "node:test";
import { Accumulator } from "./method.js";

const [UNRANKED, NOT_SHOWN, ONE] = [0xfe, 0xff, 2 ** 20];
const BALLOTS = [
  [0, 1, 2],
  [0, 0, 1],
  [UNRANKED, 0, NOT_SHOWN],
  [UNRANKED, UNRANKED, UNRANKED],
];

function fold(ballots, alone = false) {
  const item = { id: "q", kind: "rank", candidates: ["A", "B", "C"], position: null };
  const config = { parameters: JSON.stringify({ alone }), items: [item], dimensions: [], participants: 10, seed: 0 };
  const accumulator = Accumulator.open(config, 0, null);
  accumulator.update({
    item: 0,
    width: 3,
    rows: ballots.length,
    participant: [],
    weight: ballots.map(() => ONE),
    strata: [],
    values: { tag: "ranks", val: Uint8Array.from(ballots.flat()) },
  });
  return accumulator;
}

test("first is first, alone or tied", () => {
  const shares = (alone) => fold(BALLOTS, alone).finish().val.tables[0].rows.map((row) => row[2].val);
  assert.deepEqual(shares(false), [0.5, 0.5, 0]);
  assert.deepEqual(shares(true), [0.25, 0.25, 0]);
});

test("parts in any order leave the same bytes", () => {
  const merged = fold([]);
  for (const ballot of BALLOTS.toReversed()) merged.merge(fold([ballot]).save());
  assert.deepEqual(merged.save(), fold(BALLOTS).save());
});

test("a state it did not write is refused", () => {
  const saved = fold(BALLOTS).save();
  for (const state of [new Uint8Array(0), saved.slice(1), saved.slice(0, -1)]) {
    assert.throws(() => fold([]).merge(state), { tag: "bad-state" });
  }
});
