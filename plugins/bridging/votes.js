// The partial aggregate: every vote of weight as it came, in an order of its own only where it is read.

const TAG = "bridging@1.0.0\0";
/** Participant, item, vote and weight. */
const BYTES = 17;
const WORD = 2 ** 32;

const refused = (words) => ({ tag: "bad-state", val: words });

export class Votes {
  constructor() {
    this.count = 0;
    this.room(1024);
  }

  room(rows) {
    const grown = (Column, old) => {
      const column = new Column(rows);
      if (old) column.set(old.subarray(0, this.count));
      return column;
    };
    this.participant = grown(Uint32Array, this.participant);
    this.item = grown(Uint32Array, this.item);
    this.vote = grown(Uint8Array, this.vote);
    this.weight = grown(Float64Array, this.weight);
  }

  /** Weights are whole numbers; those of 0 leave no trace. */
  add(participant, item, vote, weight) {
    if (weight <= 0) return;
    if (this.count === this.vote.length) this.room(2 * this.count);
    const at = this.count++;
    this.participant[at] = participant;
    this.item[at] = item;
    this.vote[at] = vote;
    this.weight[at] = weight;
  }

  /** Places of the rows, by participant, then item: the one order in which anything is written or added up. */
  order() {
    const { count, participant, item, vote, weight } = this;
    const before = (a, b) =>
      participant[a] - participant[b] || item[a] - item[b] || vote[a] - vote[b] || weight[a] - weight[b] || a - b;
    let most = 0;
    let items = 1;
    for (let at = 0; at < count; at++) {
      most = Math.max(most, participant[at]);
      items = Math.max(items, item[at] + 1);
    }
    const rows = Array.from({ length: count }, (_, at) => at);
    if ((most + 1) * items * count > Number.MAX_SAFE_INTEGER) return rows.sort(before);
    // One number holds the row's place in the order and, last, the row: numbers sort without a call each.
    const keys = Float64Array.from(rows, (at) => (participant[at] * items + item[at]) * count + at).sort();
    for (let at = 0; at < count; at++) rows[at] = keys[at] % count;
    // Votes on one item by one participant are unique in a snapshot; elsewhere they get an order too.
    const twice = (a, b) => participant[a] === participant[b] && item[a] === item[b];
    return rows.some((at, next) => next > 0 && twice(rows[next - 1], at)) ? rows.sort(before) : rows;
  }

  save() {
    const bytes = new Uint8Array(TAG.length + BYTES * this.count);
    for (let at = 0; at < TAG.length; at++) bytes[at] = TAG.charCodeAt(at);
    const view = new DataView(bytes.buffer);
    let to = TAG.length;
    for (const at of this.order()) {
      view.setUint32(to, this.participant[at], true);
      view.setUint32(to + 4, this.item[at], true);
      view.setUint8(to + 8, this.vote[at]);
      view.setUint32(to + 9, this.weight[at] % WORD, true);
      view.setUint32(to + 13, Math.floor(this.weight[at] / WORD), true);
      to += BYTES;
    }
    return bytes;
  }

  /** `items` is how many there are: a row of another item was not written here. */
  merge(partial, items) {
    const rows = (partial.length - TAG.length) / BYTES;
    const ours = [...TAG].every((letter, at) => partial[at] === letter.charCodeAt(0));
    if (!ours) throw refused("the state was not written by bridging@1.0.0");
    if (!Number.isInteger(rows)) throw refused("the state ends within a vote");
    const view = new DataView(partial.buffer, partial.byteOffset + TAG.length, rows * BYTES);
    for (let from = 0; from < rows * BYTES; from += BYTES) {
      if (view.getUint32(from + 4, true) >= items) throw refused("a vote is on no item of this round");
      if (!"ADP".includes(String.fromCharCode(view.getUint8(from + 8)))) throw refused("a vote is none");
    }
    for (let from = 0; from < rows * BYTES; from += BYTES) {
      const weight = view.getUint32(from + 9, true) + WORD * view.getUint32(from + 13, true);
      this.add(view.getUint32(from, true), view.getUint32(from + 4, true), view.getUint8(from + 8), weight);
    }
  }
}
