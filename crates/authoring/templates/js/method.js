// `{{name}}`: which candidates people put first.

/** Who wrote a saved state: the method and its version. */
const TAG = "{{name}}@0.1.0\0";

/** Shown but not ranked; this tier and those above it are no places. */
const UNRANKED = 0xfe;
/** Not a candidate of this ballot. */
const NOT_SHOWN = 0xff;

/** Bytes of a saved number. */
const BYTES = 8;

const PARAMETERS = {
  type: "object",
  properties: {
    alone: {
      type: "boolean",
      default: false,
      description: "count only those who put the candidate first without a tie",
    },
  },
  additionalProperties: false,
};

export function describe() {
  return {
    id: "{{name}}",
    version: "0.1.0",
    title: "First places",
    answers: "How many put each candidate first?",
    assumes: "The best place counts and no other. Tied for it is first; candidates not shown do not count.",
    avoidWhen: "Near-copies of a candidate stand against each other: they split first places.",
    source: "Say where the definition comes from",
    kinds: ["rank"],
    parameters: JSON.stringify(PARAMETERS),
    maxPasses: 1,
    segments: "host",
    bootstrap: true,
    participants: false,
    laws: ["anonymity", "neutrality", "weight-scale", "duplication"],
  };
}

export function check(config) {
  if (config.items.length === 0) throw { tag: "undefined", val: "there is no item of kind rank" };
}

/**
 * Sums of whole numbers: for each item the ballots, then for each candidate the weight of the ballots that
 * put it first and of those that show it.
 */
export class Accumulator {
  constructor(config) {
    this.config = config;
    this.alone = JSON.parse(config.parameters).alone;
    this.sums = config.items.map((item) => Array(1 + 2 * item.candidates.length).fill(0));
  }

  static open(config, pass, model) {
    return new Accumulator(config);
  }

  update(batch) {
    if (batch.values.tag !== "ranks") throw new Error("the method did not ask for other answers than ranks");
    const tiers = batch.values.val;
    const sums = this.sums[batch.item];
    const { rows, width, weight } = batch;
    for (let row = 0, from = 0; row < rows; row++, from += width) {
      if (weight[row] === 0) continue;
      let best = UNRANKED;
      let tied = 0;
      for (let at = from; at < from + width; at++) {
        if (tiers[at] > best) continue;
        tied = tiers[at] === best ? tied + 1 : 1;
        best = tiers[at];
      }
      const counts = best < UNRANKED && (tied === 1 || !this.alone);
      sums[0] += 1;
      for (let at = from, sum = 1; at < from + width; at++, sum += 2) {
        if (counts && tiers[at] === best) sums[sum] += weight[row];
        if (tiers[at] !== NOT_SHOWN) sums[sum + 1] += weight[row];
      }
    }
  }

  save() {
    const numbers = this.sums.flat();
    const bytes = new Uint8Array(TAG.length + BYTES * numbers.length);
    bytes.set([...TAG].map((letter) => letter.charCodeAt(0)));
    const view = new DataView(bytes.buffer, TAG.length);
    numbers.forEach((number, at) => view.setBigUint64(BYTES * at, BigInt(number), true));
    return bytes;
  }

  merge(partial) {
    const ours = [...TAG].every((letter, at) => partial[at] === letter.charCodeAt(0));
    const length = TAG.length + BYTES * this.sums.flat().length;
    if (!ours || partial.length !== length) throw { tag: "bad-state", val: "the state was not written by this method" };
    const view = new DataView(partial.buffer, partial.byteOffset + TAG.length);
    let at = 0;
    this.sums = this.sums.map((sums) => sums.map((sum) => sum + Number(view.getBigUint64(BYTES * at++, true))));
  }

  finish() {
    if (this.sums.every(([ballots]) => ballots === 0)) throw { tag: "undefined", val: "there is no ranking of weight" };
    const rows = this.config.items.flatMap((item, place) =>
      item.candidates.map((candidate, at) => {
        const [ballots, first, shown] = [0, 1 + 2 * at, 2 + 2 * at].map((sum) => this.sums[place][sum]);
        return [
          { tag: "text", val: item.id },
          { tag: "text", val: candidate },
          shown > 0 ? { tag: "number", val: first / shown } : { tag: "null" },
          { tag: "integer", val: ballots },
        ];
      }),
    );
    const column = (id, label, unit, estimate = false) => ({ id, label, unit, estimate });
    const table = {
      id: "candidates",
      title: "First places",
      columns: [
        column("item", "Item", "none"),
        column("candidate", "Candidate", "none"),
        column("share", "Share that put it first", "share", true),
        column("n", "Answers", "count"),
      ],
      rows,
    };
    const chart = {
      id: "candidates",
      title: "Share that put it first",
      kind: "dot-interval",
      table: "candidates",
      x: "share",
      y: "candidate",
      group: "item",
    };
    return { tag: "done", val: { scalars: [], tables: [table], charts: [chart], notes: [] } };
  }
}
