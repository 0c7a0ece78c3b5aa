// The model: y = mu + i_u + i_n + f_u f_n, fitted by alternating least squares.
//
// A vote y of person u on statement n is explained by how agreeable votes are (mu), how agreeable the
// person is (i_u), how much the statement agrees with the person's side (f_u f_n), and what is left: how
// agreeable the statement is to people of all sides, its bridging score (i_n). What is minimised is
//
//   mean (y - mu - i_u - i_n - f_u f_n)^2 + li (mu^2 + mean i_u^2 + mean i_n^2) + lf (mean f_u^2 + mean f_n^2)
//
// with means over votes and people by weight and over statements alike. Intercepts cost more than
// factors (li > lf), so that agreement which sides can explain is explained by sides.
//
// Only + - * / occur, in a fixed order: every machine gets the same bits.

/** Largest step of any number of a statement at which the fit has converged. */
export const TOLERANCE = 1e-7;
/** Most rounds of the fit. */
export const ROUNDS = 1000;

/**
 * Fits the model to `ballots` on `items` items. Answers `{ mu, intercept, factor, rounds, converged,
 * explained }`: an intercept and a factor for each item, null where nobody voted, and the share of the
 * variance of the votes that the model explains, null where they do not vary.
 */
export function fit(ballots, items, { lambdaIntercept, lambdaFactor, seed }) {
  const data = columns(ballots, items);
  const model = start(data, seed);
  const perPerson = data.votes / data.people;
  const perItem = data.votes / data.present;
  let rounds = 0;
  let step = Infinity;
  while (rounds < ROUNDS && step > TOLERANCE) {
    fitPeople(data, model, lambdaIntercept * perPerson, lambdaFactor * perPerson);
    step = fitItems(data, model, lambdaIntercept * perItem, lambdaFactor * perItem);
    step = Math.max(step, fitMean(data, model, lambdaIntercept));
    rounds++;
  }
  const sign = direction(model.factor);
  const seen = (numbers, scale) => Array.from(numbers, (x, n) => (data.weightOf[n] > 0 ? scale * x : null));
  return {
    mu: model.mu,
    intercept: seen(model.intercept, 1),
    factor: seen(model.factor, sign),
    rounds,
    converged: step <= TOLERANCE,
    explained: explained(data, model),
  };
}

/** The ballots, one after another in flat columns. */
function columns(ballots, items) {
  const ends = Uint32Array.from(ballots, ((end) => (ballot) => (end += ballot.items.length))(0));
  const votes = ends.at(-1) ?? 0;
  const data = {
    items,
    ends,
    weight: Float64Array.from(ballots, (ballot) => ballot.weight),
    item: new Uint32Array(votes),
    y: new Float64Array(votes),
    weightOf: new Float64Array(items),
    people: 0,
    votes: 0,
    present: 0,
  };
  let at = 0;
  for (const { weight, items, values } of ballots) {
    data.people += weight;
    for (let k = 0; k < items.length; k++, at++) {
      data.item[at] = items[k];
      data.y[at] = values[k];
      data.weightOf[items[k]] += weight;
    }
  }
  for (const weight of data.weightOf) {
    data.votes += weight;
    data.present += weight > 0 ? 1 : 0;
  }
  return data;
}

/** Everything 0 but the statements' factors, which have to start on some side: a small one by the seed. */
function start(data, seed) {
  const factor = Float64Array.from({ length: data.items }, (_, n) => 0.1 * scatter(seed, n));
  const zeros = (length) => new Float64Array(length);
  return {
    mu: 0,
    intercept: zeros(data.items),
    factor,
    personIntercept: zeros(data.weight.length),
    personFactor: zeros(data.weight.length),
  };
}

/** A number from -1 to 1 that looks random (Wang's integer hash). */
export function scatter(seed, n) {
  let x = (seed ^ Math.imul(n + 1, 0x9e3779b1)) >>> 0;
  x = (x ^ 61 ^ (x >>> 16)) >>> 0;
  x = Math.imul(x, 9) >>> 0;
  x = (x ^ (x >>> 4)) >>> 0;
  x = Math.imul(x, 0x27d4eb2d) >>> 0;
  x = (x ^ (x >>> 15)) >>> 0;
  return x / 2147483648 - 1;
}

/** The best intercept and factor of each ballot, given the statements': a least squares of two unknowns. */
function fitPeople(data, model, penaltyIntercept, penaltyFactor) {
  const { ends, item, y } = data;
  const { mu, intercept, factor, personIntercept, personFactor } = model;
  let at = 0;
  for (let u = 0; u < ends.length; u++) {
    const end = ends[u];
    const count = end - at;
    let f = 0;
    let ff = 0;
    let r = 0;
    let rf = 0;
    for (; at < end; at++) {
      const n = item[at];
      const side = factor[n];
      const rest = y[at] - mu - intercept[n];
      f += side;
      ff += side * side;
      r += rest;
      rf += rest * side;
    }
    const a = count + penaltyIntercept;
    const c = ff + penaltyFactor;
    const determinant = a * c - f * f;
    personIntercept[u] = (r * c - rf * f) / determinant;
    personFactor[u] = (rf * a - r * f) / determinant;
  }
}

/** The same for the statements, given the ballots'. Answers the largest step. */
function fitItems(data, model, penaltyIntercept, penaltyFactor) {
  const { ends, weight, item, y, items, weightOf } = data;
  const { mu, intercept, factor, personIntercept, personFactor } = model;
  const [f, ff, r, rf] = [1, 2, 3, 4].map(() => new Float64Array(items));
  let at = 0;
  for (let u = 0; u < ends.length; u++) {
    const w = weight[u];
    const wf = w * personFactor[u];
    const wff = wf * personFactor[u];
    const known = mu + personIntercept[u];
    for (const end = ends[u]; at < end; at++) {
      const n = item[at];
      const rest = y[at] - known;
      f[n] += wf;
      ff[n] += wff;
      r[n] += w * rest;
      rf[n] += wf * rest;
    }
  }
  let step = 0;
  for (let n = 0; n < items; n++) {
    if (weightOf[n] === 0) continue;
    const a = weightOf[n] + penaltyIntercept;
    const c = ff[n] + penaltyFactor;
    const determinant = a * c - f[n] * f[n];
    const nextIntercept = (r[n] * c - rf[n] * f[n]) / determinant;
    const nextFactor = (rf[n] * a - r[n] * f[n]) / determinant;
    step = Math.max(step, Math.abs(nextIntercept - intercept[n]), Math.abs(nextFactor - factor[n]));
    intercept[n] = nextIntercept;
    factor[n] = nextFactor;
  }
  return step;
}

/** The best mu, given the rest. Answers its step. */
function fitMean(data, model, penalty) {
  let rest = 0;
  eachResidual(data, model, (w, residual) => (rest += w * (residual + model.mu)));
  const next = rest / (data.votes * (1 + penalty));
  const step = Math.abs(next - model.mu);
  model.mu = next;
  return step;
}

function explained(data, model) {
  let sum = 0;
  let left = 0;
  eachResidual(data, model, (w, residual, y) => {
    sum += w * y;
    left += w * residual * residual;
  });
  const mean = sum / data.votes;
  let total = 0;
  eachResidual(data, model, (w, _, y) => (total += w * (y - mean) * (y - mean)));
  return total > 0 ? 1 - left / total : null;
}

function eachResidual(data, model, visit) {
  const { ends, weight, item, y } = data;
  const { mu, intercept, factor, personIntercept, personFactor } = model;
  let at = 0;
  for (let u = 0; u < ends.length; u++) {
    for (const end = ends[u]; at < end; at++) {
      const n = item[at];
      const guess = mu + personIntercept[u] + intercept[n] + personFactor[u] * factor[n];
      visit(weight[u], y[at] - guess, y[at]);
    }
  }
}

/** Which side is called positive means nothing: the statement farthest from the middle, the first of equals, is. */
function direction(factor) {
  let farthest = 0;
  for (const x of factor) if (Math.abs(x) > Math.abs(farthest)) farthest = x;
  return farthest < 0 ? -1 : 1;
}
