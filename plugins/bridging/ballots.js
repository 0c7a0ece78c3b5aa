// Votes as what the model is fitted to: people who voted alike are one ballot of their common weight.
//
// The model cannot tell such people apart, so nothing is lost. Sums then run over ballots, in an order
// that no participant's number has a part in.

/** Weight of one person, in the units of `batch.weight`. */
export const WEIGHT_ONE = 2 ** 20;

const AGREE = 65;
const PASS = 80;

/** What a vote counts as: 1 agree, 0 disagree; a pass half of it or nothing. */
function value(vote, passes) {
  if (vote === PASS) return passes === "half" ? 0.5 : null;
  return vote === AGREE ? 1 : 0;
}

/**
 * The ballots of everybody who voted on at least `least` items: `{ weight, items, values }`, items
 * ascending, the weight 1 for one person. `people` are the participants in them, `left` those with too
 * few votes; `n` counts the votes kept on each of `items` items.
 */
export function ballots(votes, items, least, passes) {
  const { participant, item, vote, weight } = votes;
  const order = votes.order();
  const like = new Map();
  const n = Array(items).fill(0);
  let people = 0;
  let left = 0;
  for (let from = 0, to; from < order.length; from = to) {
    for (to = from; to < order.length && participant[order[to]] === participant[order[from]]; ) to++;
    const rows = order.slice(from, to).filter((at) => value(vote[at], passes) !== null);
    if (rows.length < least) {
      left++;
      continue;
    }
    people++;
    // Whole numbers: exact in any order.
    let sum = 0;
    for (const at of rows) {
      n[item[at]]++;
      sum += weight[at];
    }
    const name = rows.map((at) => `${item[at]}${String.fromCharCode(vote[at])}`).join("");
    const known = like.get(name);
    if (known) known.sum += BigInt(sum);
    else like.set(name, { rows, sum: BigInt(sum) });
  }
  const names = [...like.keys()].sort();
  const list = names.map((name) => {
    const { rows, sum } = like.get(name);
    return {
      // The mean over their votes, whose weights may differ.
      weight: Number(sum) / rows.length / WEIGHT_ONE,
      items: rows.map((at) => item[at]),
      values: rows.map((at) => value(vote[at], passes)),
    };
  });
  return { ballots: list, people, left, n };
}
