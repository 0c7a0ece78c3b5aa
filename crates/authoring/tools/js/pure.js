// Runs before the method: takes away what would make a figure differ from run to run, and gives the
// console to whoever tests the method.
import diagnostics from "folkmoot:method/diagnostics@0.1.0";

const absent = (name) => () => {
  throw new Error(`${name} is not there: a method has no clock, and no randomness but config.seed`);
};
Math.random = absent("Math.random");
globalThis.Date = new Proxy(Date, { apply: absent("Date"), construct: absent("Date"), get: absent("Date") });

const say = (severity) => (...words) => diagnostics.log(severity, words.map(String).join(" "));
const told = { log: say("info"), info: say("info"), debug: say("info"), warn: say("warning"), error: say("warning") };
globalThis.console = told;
