//! Speed and memory as ratios to packages that people use today, each from PyPI, in one run on one
//! machine. Our side writes the inputs, both compute from them, and what they find must agree.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::run::root;
use crate::setup;

/// A computation of a crate's benchmark `peers`, and whom it is measured against.
struct Case {
    name: &'static str,
    package: &'static str,
    /// The Python side, `tests/peers/<script>.py`.
    script: &'static str,
    /// None where no package has finished in minutes.
    peers: &'static [Peer],
    /// How far both sides' numbers may be apart, as a part of the larger.
    tolerance: f64,
}

struct Peer {
    name: &'static str,
    /// How many times faster we must be.
    faster: Option<f64>,
    /// How many times less memory we must take.
    smaller: Option<f64>,
}

const fn peer(name: &'static str, faster: f64) -> Peer {
    Peer { name, faster: Some(faster), smaller: None }
}

/// A peer that nothing is demanded against.
const fn orientation(name: &'static str) -> Peer {
    Peer { name, faster: None, smaller: None }
}

const RED_DWARF: Peer = Peer { name: "red-dwarf", faster: Some(8.0), smaller: Some(7.0) };

const CASES: [Case; 10] = [
    Case {
        name: "pairwise-4",
        package: "folkmoot-methods",
        script: "pairwise",
        peers: &[peer("numpy", 1.0), peer("pref_voting", 20.0)],
        tolerance: 0.0,
    },
    Case {
        name: "pairwise-20",
        package: "folkmoot-methods",
        script: "pairwise",
        peers: &[peer("numpy", 6.0), orientation("pref_voting")],
        tolerance: 0.0,
    },
    Case {
        name: "plackett-luce",
        package: "folkmoot-methods",
        script: "plackett_luce",
        peers: &[peer("choix", 20.0)],
        tolerance: 1e-6,
    },
    Case {
        name: "opinion-groups-10k",
        package: "folkmoot-methods",
        script: "opinion_groups",
        peers: &[RED_DWARF],
        tolerance: 1e-9,
    },
    Case {
        name: "opinion-groups-30k",
        package: "folkmoot-methods",
        script: "opinion_groups",
        peers: &[RED_DWARF],
        tolerance: 1e-9,
    },
    Case {
        name: "raking",
        package: "folkmoot-weights",
        script: "raking",
        peers: &[peer("numpy", 1.0), orientation("numpy-table"), peer("svy", 6.0)],
        tolerance: 1e-6,
    },
    Case {
        name: "proportions",
        package: "folkmoot-methods",
        script: "proportions",
        peers: &[peer("svy", 8.0)],
        tolerance: 1e-6,
    },
    Case {
        name: "leximin-200",
        package: "folkmoot-panel",
        script: "leximin",
        peers: &[peer("sortition-algorithms", 2.0)],
        tolerance: 1e-6,
    },
    Case { name: "leximin-2000", package: "folkmoot-panel", script: "leximin", peers: &[], tolerance: 1e-6 },
    Case {
        name: "bootstrap",
        package: "folkmoot-methods",
        script: "bootstrap",
        peers: &[peer("numpy", 50.0)],
        tolerance: 0.02,
    },
];

/// Runs the cases whose names begin with one of `wanted`, all where none is.
pub(crate) fn compare(wanted: &[String]) -> Result<()> {
    let is_wanted = |case: &&Case| wanted.is_empty() || wanted.iter().any(|name| case.name.starts_with(name.as_str()));
    let cases: Vec<&Case> = CASES.iter().filter(is_wanted).collect();
    if cases.is_empty() {
        bail!("there is no such case; there are {}", CASES.map(|case| case.name).join(", "));
    }
    let python = setup::peers()?;
    let mut missed = Vec::new();
    println!(
        "{:<20}{:<22}{:>9}{:>9}{:>8}{:>8}{:>9}{:>9}",
        "case", "peer", "ours s", "peer s", "ratio", "wanted", "MiB", "peer"
    );
    for case in cases {
        let folder = root().join("target/peers").join(case.name);
        let ours = match ours(case, &folder) {
            Ok(ours) => ours,
            Err(error) => {
                println!("{:<20}our side failed: {error:#}", case.name);
                missed.push(format!("{} failed", case.name));
                continue;
            }
        };
        if case.peers.is_empty() {
            println!("{:<20}{:<22}{:>9.4}{:>34}{:>9.0}", case.name, "none", ours.seconds, "", ours.memory);
        }
        for peer in case.peers {
            match theirs(&python, case, peer, &folder) {
                Ok(theirs) => missed.extend(line(case, peer, &ours, &theirs)),
                Err(error) => println!("{:<20}{:<22}no comparison: {error:#}", case.name, peer.name),
            }
        }
    }
    match missed.is_empty() {
        true => Ok(()),
        false => bail!("{}", missed.join("; ")),
    }
}

/// Prints a comparison; what is not as it should be.
fn line(case: &Case, peer: &Peer, ours: &Figures, theirs: &Figures) -> Vec<String> {
    let ratio = theirs.seconds / ours.seconds;
    let wanted = peer.faster.map_or_else(String::new, |times| format!("{times:.0}"));
    println!(
        "{:<20}{:<22}{:>9.4}{:>9.3}{ratio:>8.1}{wanted:>8}{:>9.0}{:>9.0}",
        case.name, peer.name, ours.seconds, theirs.seconds, ours.memory, theirs.memory
    );
    let mut missed = Vec::new();
    let mut miss = |words: String| missed.push(format!("{} against {}: {words}", case.name, peer.name));
    if peer.faster.is_some_and(|times| ratio < times) {
        miss(format!("{ratio:.1} times faster, not {wanted}"));
    }
    if peer.smaller.is_some_and(|times| theirs.memory < times * ours.memory) {
        miss(format!("{:.0} MiB are too many against {:.0}", ours.memory, theirs.memory));
    }
    let agreed = ours.checks.iter().filter_map(|(name, ours)| Some((name, ours, theirs.checks.get(name)?)));
    let mut compared = 0;
    for (name, ours, theirs) in agreed {
        compared += 1;
        if (ours - theirs).abs() > case.tolerance * ours.abs().max(theirs.abs()) {
            miss(format!("{name} is {ours} here and {theirs} there"));
        }
    }
    if compared == 0 {
        miss("the two sides have no number in common".to_owned());
    }
    missed
}

/// What one side printed.
struct Figures {
    seconds: f64,
    /// Mebibytes.
    memory: f64,
    checks: BTreeMap<String, f64>,
}

fn ours(case: &Case, folder: &Path) -> Result<Figures> {
    let mut command = Command::new("cargo");
    command.args(["bench", "--quiet", "--package", case.package, "--bench", "peers", "--", case.name]).arg(folder);
    figures(command)
}

fn theirs(python: &Path, case: &Case, peer: &Peer, folder: &Path) -> Result<Figures> {
    let mut command = Command::new(python);
    command.arg(format!("tests/peers/{}.py", case.script)).arg(peer.name).arg(folder);
    figures(command)
}

fn figures(mut command: Command) -> Result<Figures> {
    let output = command.current_dir(root()).output().with_context(|| format!("cannot run {command:?}"))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!("{}", words.lines().last().unwrap_or("it failed without a word"));
    }
    let printed = String::from_utf8(output.stdout).context("what it printed is no UTF-8")?;
    let mut numbers = BTreeMap::new();
    for (name, number) in printed.lines().filter_map(|line| line.rsplit_once(' ')) {
        numbers.extend(number.parse::<f64>().ok().map(|number| (name.to_owned(), number)));
    }
    let mut take = |name: &str| numbers.remove(name).with_context(|| format!("it printed no {name}"));
    let (seconds, memory) = (take("seconds")?, take("memory")?);
    Ok(Figures { seconds, memory, checks: numbers })
}
