// What people read of a fit.

import { ROUNDS, TOLERANCE } from "./model.js";

/** Below this the largest factor is none: the votes do not fall along one line. */
const NO_SIDES = 1e-3;

const number = (x) => (x === null ? { tag: "null" } : { tag: "number", val: x });
const integer = (n) => ({ tag: "integer", val: n });
const text = (words) => ({ tag: "text", val: words });
const note = (severity, code, words) => ({ severity, code, text: words });
const column = (id, label, unit, estimate = false) => ({ id, label, unit, estimate });

/** `ids` of the items, what `ballots` and what `fit` answered. */
export function report(ids, voted, model) {
  return {
    scalars: scalars(voted, model),
    tables: [
      {
        id: "statements",
        title: "Statements by bridging score",
        columns: [
          column("item", "Statement", "none"),
          column("score", "Bridging score", "score", true),
          column("factor", "Side", "score"),
          column("share", "Mean agreement", "share", true),
          column("n", "Votes", "count"),
        ],
        rows: rows(ids, voted, model),
      },
    ],
    charts: [
      chart("scores", "Agreement across sides", "dot-interval", "score", "item"),
      chart("sides", "Agreement across sides, and the side of each statement", "scatter", "factor", "score"),
    ],
    notes: notes(voted, model),
  };
}

/** Best first; equals and statements without votes in the round's order. */
function rows(ids, { ballots, n }, { intercept, factor }) {
  const shares = agreement(ids.length, ballots);
  const value = (item) => intercept[item] ?? -Infinity;
  const order = ids.map((_, item) => item).sort((a, b) => (value(a) === value(b) ? a - b : value(b) - value(a)));
  return order.map((item) => [
    text(ids[item]),
    number(intercept[item]),
    number(factor[item]),
    number(shares[item]),
    integer(n[item]),
  ]);
}

/** The weighted mean of the votes on each item. */
function agreement(items, ballots) {
  const sum = Array(items).fill(0);
  const most = Array(items).fill(0);
  for (const { weight, items, values } of ballots) {
    items.forEach((item, at) => {
      sum[item] += weight * values[at];
      most[item] += weight;
    });
  }
  return sum.map((agreed, item) => (most[item] > 0 ? agreed / most[item] : null));
}

function scalars({ ballots, people, left }, model) {
  const scalar = (id, label, unit, value) => ({ id, label, unit, value });
  return [
    scalar("people", "People whose votes count", "count", integer(people)),
    scalar("left_out", "People with too few votes", "count", integer(left)),
    scalar("ways", "Different ways to vote among them", "count", integer(ballots.length)),
    scalar("mean", "How agreeable votes are altogether", "score", number(model.mu)),
    scalar("explained", "Variance of the votes that the model explains", "share", number(model.explained)),
    scalar("rounds", "Rounds of the fit", "count", integer(model.rounds)),
    scalar("converged", "Whether the fit stood still", "none", { tag: "flag", val: model.converged }),
  ];
}

function chart(id, title, kind, x, y) {
  return { id, title, kind, table: "statements", x, y };
}

function notes({ n }, { factor, converged, rounds }) {
  const found = [
    note(
      "warning",
      "exploratory",
      "sides are read out of the same votes as the scores: they depend on which statements were put, and confirm " +
        "nothing about those votes. A score is no share of people",
    ),
    note(
      "info",
      "sides",
      "which side is called positive means nothing: the statement farthest from the middle is",
    ),
  ];
  const factors = factor.filter((x) => x !== null).map(Math.abs);
  if (Math.max(...factors) < NO_SIDES) {
    const words = "the votes do not fall along one line of sides: the scores are little more than mean agreement";
    found.push(note("warning", "no_sides", words));
  }
  if (!converged) {
    const words = `the numbers still moved by more than ${TOLERANCE} after ${rounds} of ${ROUNDS} rounds; the scores are approximate`;
    found.push(note("warning", "not_converged", words));
  }
  const unheard = n.filter((votes) => votes === 0).length;
  if (unheard > 0) found.push(note("info", "no_votes", `${unheard} statements have no vote that counts`));
  return found;
}
