//! The record, as a page of the documentation.

use folkmoot_fold::stats::wilson;

use crate::null::{Count, Null};
use crate::power::Power;

const HEAD: &str = "\
# Calibration of `disagreement`

How often the method finds something where there is nothing, and how often it finds what there is. This
page is written by `cargo xtask calibrate`, which fails where more than 10 % of rounds without any
disagreement have a finding.

## Rounds without disagreement

Share of rounds with any finding (`consensus_against`, `majority_against` or `polarised`). A round has
100 rankings of four candidates with about 200 answers each from 1,000 people in four segments; those
with communities 40 rankings with about 400 answers each from 800 people. At the margin's edge every
pair of every item has a net preference of 0.10 against the position, the largest that still counts as
agreement; at indifference it is 0. Communities differ by a standard deviation of 0.20 around it, and are
clusters of the test. Weights are log-normal with a standard deviation of 0.8, a design effect of 1.9.
Naive errors take answers to be independent and of one weight, under the method's corrections for many
pairs and items; the last column leaves these away too.
";

const POWER: &str = "\
## Rounds with disagreement

Share of differing items that are found, without segments: of a round of one pair, and where 20 of 100
rankings of four differ by the split on every pair. The formula is that of `folkmoot_simulate::power`,
which for many items takes the worst case that no other differs. False findings are those on the 80 items
at indifference, of all findings.
";

pub(crate) fn page(rounds: usize, nulls: &[Null], powers: &[Power]) -> String {
    let mut page = format!(
        "{HEAD}\n{rounds} rounds each; in brackets the interval of 95 % by Wilson.\n\n\
        | rounds | as designed | naive errors | naive, uncorrected |\n|---|---|---|---|\n"
    );
    for null in nulls {
        let naive = [null.naive, null.uncorrected].map(percent);
        page += &format!("| {} | {} | {} | {} |\n", null.name, with_interval(null.found), naive[0], naive[1]);
    }
    page += &format!(
        "\n{POWER}\n| split | answers | one pair alone | formula | 20 of 100 rankings | formula, 1 of 100 | false findings |\n\
        |---|---|---|---|---|---|---|\n"
    );
    for power in powers {
        page += &format!(
            "| {} | {} | {} | {:.1} % | {} | {:.1} % | {} |\n",
            power.split,
            power.answers,
            percent(power.alone),
            100.0 * power.alone_said,
            percent(power.together),
            100.0 * power.together_said,
            percent(power.false_ones),
        );
    }
    page
}

fn percent(count: Count) -> String {
    if count.of == 0 { "none".to_owned() } else { format!("{:.1} %", 100.0 * count.share()) }
}

fn with_interval(count: Count) -> String {
    let (low, high) = wilson(count.share(), count.of as f64, 0.95).unwrap_or((0.0, 1.0));
    format!("{} ({:.1} to {:.1})", percent(count), 100.0 * low, 100.0 * high)
}
