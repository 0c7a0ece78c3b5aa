import assert from "node:assert/strict";
import { test } from "node:test";
import { Accumulator, check, describe } from "./method.js";

const PARAMETERS = { min_votes: 3, pass: "out", lambda_intercept: 0.15, lambda_factor: 0.03 };
const ONE = 2 ** 20;

function config(items, parameters = {}) {
  const item = (_, n) => ({ id: `s${n}`, kind: "vote", candidates: [], position: null });
  return {
    parameters: JSON.stringify({ ...PARAMETERS, ...parameters }),
    items: Array.from({ length: items }, item),
    dimensions: [],
    participants: 100,
    seed: 5,
  };
}

/** `people` as words of A, D, P and `-`, one letter an item; answers rows. */
function rows(people, weight = () => ONE) {
  return people.flatMap((votes, participant) =>
    [...votes].flatMap((vote, item) => (vote === "-" ? [] : [{ participant, item, vote, weight: weight(participant) }])),
  );
}

function feed(accumulator, list) {
  for (const { participant, item, vote, weight } of list) {
    const values = { tag: "votes", val: Uint8Array.of(vote.charCodeAt(0)) };
    accumulator.update({ item, width: 0, rows: 1, participant: [participant], weight: [weight], strata: [], values });
  }
  return accumulator;
}

const PEOPLE = ["AADD", "AADP", "ADAA", "DDAA", "AAD-", "ADAD", "AADD", "-DAA"];
const of = (list, parameters) => feed(Accumulator.open(config(4, parameters), 0, null), list).finish().val;
const thrown = (call) => {
  try {
    call();
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was thrown");
};

test("rows in any order and any shards leave the same bytes", () => {
  const list = rows(PEOPLE);
  const whole = feed(Accumulator.open(config(4)), list).save();
  assert.deepEqual(feed(Accumulator.open(config(4)), list.toReversed()).save(), whole);
  const sum = Accumulator.open(config(4));
  for (const odd of [1, 0]) {
    sum.merge(feed(Accumulator.open(config(4)), list.filter(({ item }) => item % 2 === odd)).save());
  }
  assert.deepEqual(sum.save(), whole);
});

test("a state it did not write is refused and changes nothing", () => {
  const accumulator = feed(Accumulator.open(config(4)), rows(PEOPLE));
  const saved = accumulator.save();
  const longer = new Uint8Array(saved.length + 1);
  longer.set(saved);
  const stranger = saved.slice();
  stranger[15 + 4] = 200;
  for (const state of [new Uint8Array(0), saved.slice(0, -1), longer, stranger]) {
    assert.equal(thrown(() => accumulator.merge(state)).tag, "bad-state");
    assert.deepEqual(accumulator.save(), saved);
  }
});

test("who is who changes no bit, and two alike are one of twice the weight", () => {
  const report = of(rows(PEOPLE));
  assert.deepEqual(of(rows(PEOPLE.toReversed())), report);
  const figures = ({ tables }) => tables[0].rows.map((row) => row.slice(0, 4));
  const twice = of(rows([...PEOPLE, ...PEOPLE]));
  assert.deepEqual(figures(of(rows(PEOPLE, () => 2 * ONE))), figures(twice));
  assert.deepEqual(figures(twice), figures(report));
});

test("a pass is left out, or counts half", () => {
  const share = (report) => report.tables[0].rows.find((row) => row[0].val === "s3")[3].val;
  assert.equal(share(of(rows(PEOPLE), { min_votes: 1 })), 3 / 6);
  assert.equal(share(of(rows(PEOPLE), { min_votes: 1, pass: "half" })), 3.5 / 7);
});

test("too little to tell says so", () => {
  const cases = [
    ["nobody", []],
    ["two ways to vote", ["AADD", "DDAA", "AADD"]],
    ["nothing but passes", ["PPPP", "PPPP", "PPPP"]],
    ["too few votes each", ["A---", "-D--", "--A-", "AD--"]],
  ];
  for (const [what, people] of cases) {
    const error = thrown(() => of(rows(people)));
    assert.equal(error.tag, "undefined", what);
    assert.match(error.val, /those who voted/, what);
  }
  assert.equal(thrown(() => of(rows(PEOPLE, () => 0))).tag, "undefined");
  assert.equal(thrown(() => check(config(1))).tag, "undefined");
});

test("costs the wrong way round are refused with their place", () => {
  const error = thrown(() => check(config(4, { lambda_intercept: 0.01 })));
  assert.deepEqual([error.tag, error.val[0].path], ["bad-parameters", "/lambda_intercept"]);
});

test("the description's defaults are those of the source", () => {
  const { properties } = JSON.parse(describe().parameters);
  assert.deepEqual([properties.lambda_intercept.default, properties.lambda_factor.default], [0.15, 0.03]);
});
