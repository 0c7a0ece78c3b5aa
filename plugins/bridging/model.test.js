import assert from "node:assert/strict";
import { test } from "node:test";
import { fit, scatter } from "./model.js";

const COST = { lambdaIntercept: 0.15, lambdaFactor: 0.03 };
const ballot = (weight, values) => {
  const items = [...values.keys()].filter((n) => values[n] !== null);
  return { weight, items, values: items.map((n) => values[n]) };
};

/** Eight people of different weights on five statements, with gaps. */
const SMALL = [
  ballot(1, [1, 1, 0, 1, null]),
  ballot(2, [1, 1, 0, null, 0]),
  ballot(1, [1, 1, 0.5, 0, 0]),
  ballot(1, [1, null, 0, 1, 1]),
  ballot(1.5, [1, 0, 1, 1, null]),
  ballot(1, [0, 0, 1, null, 0]),
  ballot(3, [1, 0, 1, 0, 0]),
  ballot(1, [null, 0, 1, 1, 1]),
];

/** What is minimised, written down as the paper does, of all parameters in one list. */
function loss(ballots, items, p, { lambdaIntercept, lambdaFactor }) {
  const people = ballots.length;
  const [mu, iu, fu, iN, fN] = [p[0], 1, 1 + people, 1 + 2 * people, 1 + 2 * people + items];
  let error = 0;
  let votes = 0;
  let weights = 0;
  let costIntercept = 0;
  let costFactor = 0;
  ballots.forEach(({ weight, items: of, values }, u) => {
    of.forEach((n, at) => {
      const guess = mu + p[iu + u] + p[iN + n] + p[fu + u] * p[fN + n];
      error += weight * (values[at] - guess) ** 2;
      votes += weight;
    });
    weights += weight;
    costIntercept += weight * p[iu + u] ** 2;
    costFactor += weight * p[fu + u] ** 2;
  });
  const mean = (first) => p.slice(first, first + items).reduce((sum, x) => sum + x * x, 0) / items;
  const intercepts = mu * mu + costIntercept / weights + mean(iN);
  const factors = costFactor / weights + mean(fN);
  return error / votes + lambdaIntercept * intercepts + lambdaFactor * factors;
}

/** Steepest descent with numeric slopes and halved steps: slow, dense, and nothing like the fit. */
function descend(ballots, items, cost) {
  let p = Array.from({ length: 1 + 2 * ballots.length + 2 * items }, (_, at) => 0.3 * scatter(7, at));
  let best = loss(ballots, items, p, cost);
  let step = 0.1;
  for (let round = 0; round < 20000 && step > 1e-14; round++) {
    const slope = p.map((_, at) => {
      const moved = (by) => loss(ballots, items, p.with(at, p[at] + by), cost);
      return (moved(1e-5) - moved(-1e-5)) / 2e-5;
    });
    const next = p.map((x, at) => x - step * slope[at]);
    const found = loss(ballots, items, next, cost);
    if (found < best) {
      [p, best, step] = [next, found, step * 1.2];
    } else {
      step /= 2;
    }
  }
  return { best, mu: p[0], intercept: p.slice(1 + 2 * ballots.length, 1 + 2 * ballots.length + items) };
}

const near = (got, want, within, what) =>
  assert.ok(Math.abs(got - want) <= within, `${what}: ${got} is not within ${within} of ${want}`);

test("the fit is where steepest descent on the dense loss ends", () => {
  const model = fit(SMALL, 5, { ...COST, seed: 1 });
  const dense = descend(SMALL, 5, COST);
  assert.ok(model.converged);
  near(model.mu, dense.mu, 1e-4, "mu");
  model.intercept.forEach((x, n) => near(x, dense.intercept[n], 1e-4, `statement ${n}`));
});

test("without sides to explain anything the scores are those of an additive model", () => {
  // Everybody votes 1 and 0 alike. By hand: half the difference d of the two intercepts minimises
  // (1/2 - d)^2 + li d^2, and their mean m shares the votes' mean of 1/2 with mu and i_u in equal parts:
  // (1/2 - 3m)^2 + 3 li m^2.
  const [d, m] = [0.5 / 1.15, 0.5 / 3.15];
  const model = fit([ballot(3, [1, 0]), ballot(1, [1, 0])], 2, { lambdaIntercept: 0.15, lambdaFactor: 10, seed: 1 });
  near(model.intercept[0], m + d, 1e-6, "agreed");
  near(model.intercept[1], m - d, 1e-6, "refused");
});

test("what both sides agree with a little stands above what one side agrees with a lot", () => {
  // Ten people, seven of one side: statement 0 has 6 of 10 on both sides alike, statement 1 has all of
  // the larger side and none of the other, the rest tell the sides apart.
  const side = (large, zero) => ballot(1, large ? [zero, 1, 1, 0, 1] : [zero, 0, 0, 1, 0]);
  const people = [1, 1, 1, 1, 0, 0, 0].map((y) => side(true, y)).concat([1, 1, 0].map((y) => side(false, y)));
  const { intercept, factor } = fit(people, 5, { ...COST, seed: 1 });
  assert.ok(intercept[0] > intercept[1], `${intercept}`);
  near(factor[1], factor[2], 1e-6, "statements of one side have one factor");
  assert.ok(factor[1] * factor[3] < 0, "statements of two sides have factors of two signs");
  assert.ok(Math.abs(factor[0]) < 0.3 * Math.abs(factor[1]), `${factor}`);
});

test("another seed starts elsewhere and ends at the same place", () => {
  const [one, other] = [1, 99].map((seed) => fit(SMALL, 5, { ...COST, seed }));
  one.intercept.forEach((x, n) => near(x, other.intercept[n], 1e-5, `score of ${n}`));
  one.factor.forEach((x, n) => near(x, other.factor[n], 1e-5, `side of ${n}`));
});

test("the farthest statement's side is the positive one", () => {
  const { factor } = fit(SMALL, 5, { ...COST, seed: 3 });
  const farthest = factor.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
  assert.ok(farthest > 0, `${factor}`);
});

test("a statement nobody voted on has no score", () => {
  const model = fit([ballot(1, [1, 0, null]), ballot(1, [0, 1, null])], 3, { ...COST, seed: 1 });
  assert.deepEqual([model.intercept[2], model.factor[2]], [null, null]);
});
