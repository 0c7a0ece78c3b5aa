// `bridging`: agreement that holds across people who usually disagree. What the host calls.

import { ballots } from "./ballots.js";
import { fit } from "./model.js";
import { report } from "./report.js";
import { Votes } from "./votes.js";

const PARAMETERS = {
  type: "object",
  properties: {
    min_votes: {
      type: "integer",
      minimum: 1,
      maximum: 1000,
      default: 7,
      description: "statements a participant must have voted on to count; all of them where there are fewer",
    },
    pass: {
      type: "string",
      enum: ["out", "half"],
      default: "out",
      description: "what a pass is: no vote (out), or halfway between agree and disagree (half)",
    },
    lambda_intercept: {
      type: "number",
      minimum: 0.001,
      maximum: 10,
      default: 0.15,
      description: "cost of intercepts; the larger, the more of the agreement is put down to sides",
    },
    lambda_factor: {
      type: "number",
      minimum: 0.001,
      maximum: 10,
      default: 0.03,
      description: "cost of sides",
    },
  },
  additionalProperties: false,
};

export function describe() {
  return {
    id: "bridging",
    version: "1.0.0",
    title: "Bridging score",
    answers: "Which statements do people agree with who otherwise stand on different sides?",
    assumes:
      "One line of sides tells the main difference between people, and a vote is the sum of how agreeable the " +
      "person is, how agreeable the statement is, and whether it is of the person's side. The sides are read out " +
      "of the votes: a way to look, not a fact about people.",
    avoidWhen:
      "There are few statements, people differ in more than one way, or a share of the population is wanted: a " +
      "bridging score is no share. Take shares for how many agree, and group-consensus for groups that are named.",
    source: "Wojcik et al. 2022, as Community Notes publishes it: one factor, intercepts 0.15, factors 0.03",
    kinds: ["vote"],
    parameters: JSON.stringify(PARAMETERS),
    maxPasses: 1,
    segments: "host",
    bootstrap: false,
    participants: true,
    laws: ["anonymity", "weight-scale", "duplication"],
  };
}

/** Without two statements there is nothing that one could hold across. */
const LEAST_STATEMENTS = 2;
/** Ways to vote that differ: below this, sides and statements cannot be told apart. */
const LEAST_WAYS = 3;

export function check(config) {
  if (config.items.length < LEAST_STATEMENTS) {
    throw undefinedOn(`there are ${config.items.length} statements to vote on, and ${LEAST_STATEMENTS} are needed`);
  }
  const { lambda_intercept, lambda_factor } = JSON.parse(config.parameters);
  if (lambda_intercept < lambda_factor) {
    const message = "must be no less than lambda_factor, or sides explain nothing and the score is plain agreement";
    throw { tag: "bad-parameters", val: [{ path: "/lambda_intercept", message }] };
  }
}

function undefinedOn(words) {
  return { tag: "undefined", val: words };
}

export class Accumulator {
  constructor(config) {
    this.config = config;
    this.votes = new Votes();
  }

  static open(config) {
    return new Accumulator(config);
  }

  update({ item, rows, participant, weight, values }) {
    if (values.tag !== "votes") throw new Error(`the method folds votes, not ${values.tag}`);
    for (let row = 0; row < rows; row++) this.votes.add(participant[row], item, values.val[row], weight[row]);
  }

  save() {
    return this.votes.save();
  }

  merge(partial) {
    this.votes.merge(partial, this.config.items.length);
  }

  finish() {
    const parameters = JSON.parse(this.config.parameters);
    const ids = this.config.items.map((item) => item.id);
    const least = Math.min(parameters.min_votes, ids.length);
    const voted = ballots(this.votes, ids.length, least, parameters.pass);
    const answered = voted.n.filter((votes) => votes > 0).length;
    if (voted.ballots.length < LEAST_WAYS || answered < LEAST_STATEMENTS) {
      throw undefinedOn(
        `those who voted on ${least} statements or more did so in ${voted.ballots.length} different ways on ` +
          `${answered} statements; ${LEAST_WAYS} ways and ${LEAST_STATEMENTS} statements are needed`,
      );
    }
    const model = fit(voted.ballots, ids.length, {
      lambdaIntercept: parameters.lambda_intercept,
      lambdaFactor: parameters.lambda_factor,
      // The host's seeds are larger than what JavaScript's numbers hold exactly; the lower bits will do.
      seed: this.config.seed % 2 ** 32,
    });
    return { tag: "done", val: report(ids, voted, model) };
  }
}
