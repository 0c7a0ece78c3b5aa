// What the world asks for, made of what an author exports: `describe`, `check` and `Accumulator`. An
// exception that is none of the world's errors becomes `internal`, with its place.
import "./pure.js";
import * as author from "{{method}}";

for (const name of ["describe", "check", "Accumulator"]) {
  if (typeof author[name] !== "function") throw new Error(`the module does not export ${name}`);
}

const told = (call) => {
  try {
    return call();
  } catch (error) {
    if (error?.tag) throw error;
    throw { tag: "internal", val: `${error}\n${error?.stack ?? ""}`.trimEnd() };
  }
};

class Accumulator {
  constructor(inner) {
    this.inner = inner;
  }
  static open(config, pass, model) {
    return told(() => new Accumulator(author.Accumulator.open(config, pass, model)));
  }
  update(batch) {
    return told(() => this.inner.update(batch));
  }
  save() {
    return told(() => this.inner.save());
  }
  merge(partial) {
    return told(() => this.inner.merge(partial));
  }
  finish() {
    return told(() => this.inner.finish());
  }
}

export const method = {
  describe: () => author.describe(),
  check: (config) => told(() => author.check(config)),
  Accumulator,
};
