//! The project's own chores. `cargo xtask` lists them.

mod peers;
mod plugins;
mod run;
mod setup;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use run::{cargo, command};

const HELP: &str = "\
cargo xtask test     everything that must pass: format, contracts, lints, plugins, tests, documentation
cargo xtask lint     the quick part of it: format, contracts, lints
cargo xtask plugins  builds the plugins that are shipped and tests them as an author does
cargo xtask bench    the benchmarks, each as a ratio to a peer in the same run
cargo xtask bench-peers [case ...]
                     speed and memory as ratios to packages from PyPI
cargo xtask calibrate  how often disagreement is found where there is none; writes docs/calibration.md
cargo xtask deny     licences, sources and doubled versions of the dependencies
cargo xtask demo     the demo, after installing what builds it; takes the arguments of folkmoot demo
cargo xtask setup    only install what the others need";

fn main() -> ExitCode {
    let chore = std::env::args().nth(1).unwrap_or_default();
    let outcome = match chore.as_str() {
        "demo" => return demo(),
        "test" => test(),
        "lint" => steps(&LINT),
        "plugins" => steps(&PLUGINS),
        "bench" => steps(&[("plugins' builds", plugins::builds), ("benchmarks", bench)]),
        "bench-peers" => peers::compare(&std::env::args().skip(2).collect::<Vec<_>>()),
        "calibrate" => steps(&[("calibration", calibrate)]),
        "deny" => steps(&[("dependencies", deny)]),
        "setup" => steps(&[("set-up", setup::everything)]),
        _ => {
            println!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The demo, with the arguments behind the chore's name; its exit code is this one's.
fn demo() -> ExitCode {
    let run = || {
        setup::compilers()?;
        let mut arguments: Vec<String> = ["run", "--bin", "folkmoot", "--", "demo"].map(str::to_owned).into();
        arguments.extend(std::env::args().skip(2));
        run::code("cargo", &arguments)
    };
    run().unwrap_or_else(|error: anyhow::Error| {
        eprintln!("xtask: {error:#}");
        ExitCode::FAILURE
    })
}

/// A name for the totals, and what it does.
type Step = (&'static str, fn() -> Result<()>);

const LINT: [Step; 3] = [("format", format), ("contracts", contracts), ("lints", lints)];

const PLUGINS: [Step; 3] =
    [("plugins' lints", plugins::lints), ("plugins' builds", plugins::builds), ("plugins' tests", plugins::tests)];

fn test() -> Result<()> {
    let mut all: Vec<Step> = vec![("set-up", setup::everything)];
    all.extend(LINT);
    all.extend(PLUGINS);
    all.extend([("tests", tests as fn() -> Result<()>), ("documentation", documentation)]);
    steps(&all)
}

/// Runs every step, even behind a failed one, and prints the totals.
#[expect(clippy::disallowed_methods, reason = "people want to know how long a step took")]
fn steps(steps: &[Step]) -> Result<()> {
    let mut totals = Vec::new();
    for (name, step) in steps {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = step();
        if let Err(error) = &outcome {
            println!("{name}: {error:#}");
        }
        totals.push((name, outcome.is_ok(), start.elapsed().as_secs()));
    }
    println!("\n== totals");
    for (name, passed, seconds) in &totals {
        println!("{name:<16} {} {seconds:>5} s", if *passed { "passed" } else { "FAILED" });
    }
    match totals.iter().filter(|(_, passed, _)| !passed).count() {
        0 => Ok(()),
        failed => bail!("{failed} of {} steps failed", totals.len()),
    }
}

fn format() -> Result<()> {
    cargo(&["fmt", "--all", "--check"])?;
    cargo(&["fmt", "--all", "--check", "--manifest-path", plugins::MANIFEST])
}

fn lints() -> Result<()> {
    cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])
}

fn contracts() -> Result<()> {
    setup::buf()?;
    command(setup::tools().join("node_modules/.bin/buf"), &["lint"])
}

fn tests() -> Result<()> {
    let python = setup::python()?;
    // One server for all tests: each would have to start its own.
    let server = folkmoot_test_postgres::Cluster::start();
    let address = server.address();
    let environment =
        [("FOLKMOOT_PYTHON", python.as_path()), (folkmoot_test_postgres::SHARED, Path::new(address.as_str()))];
    run::cargo_with(&["nextest", "run", "--workspace", "--no-fail-fast"], &environment)
}

fn documentation() -> Result<()> {
    run::cargo_with(&["doc", "--workspace", "--no-deps", "--quiet"], &[("RUSTDOCFLAGS", "-D warnings".as_ref())])
}

fn bench() -> Result<()> {
    cargo(&[
        "bench",
        "--package",
        "folkmoot-methods",
        "--package",
        "folkmoot-panel",
        "--package",
        "folkmoot-plugin-host",
        "--package",
        "folkmoot-survey",
        "--package",
        "folkmoot-tests",
        "--benches",
    ])
}

fn calibrate() -> Result<()> {
    let example = ["run", "--release", "--package", "folkmoot-simulate", "--example", "calibrate"];
    cargo(&[&example[..], &["--", "1000", "docs/calibration.md"]].concat())
}

fn deny() -> Result<()> {
    setup::cargo_tool("deny", "cargo-deny")?;
    cargo(&["deny", "check", "bans", "licenses", "sources"])
}
