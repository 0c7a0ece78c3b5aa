//! The command line: verbs over gRPC, and the offline ones over files.
//!
//! [`Command`] names the nouns, and `commands` has a module for each: it declares the verbs with their
//! help and runs them. Beside them, `out` prints (data to stdout as a table, JSON or CSV, talk to
//! stderr), `failure` turns a fault into words and an exit code, `names` fills in what people leave
//! out, `wire` knows how messages read, and `plugins` makes methods of components.
//!
//! To add a verb: a variant in its noun's module with its help and an example, a function that does it,
//! and a line in the tables of `tests/`.
//!
//! # Invariants
//! It speaks gRPC, and reads and writes files that the user names and the user's cache; it never sees a
//! service's store. The offline verbs open no connection. What the machine has to offer beside comes in as
//! [`Machine`]. Only `failure` knows exit codes: 0 done, 1 the data or a verification fails, 2 bad usage or
//! input, 3 the method is undefined on this data.

mod commands;
mod failure;
mod input;
mod machine;
mod names;
mod out;
mod plugins;
mod wire;

use std::io;
use std::process::ExitCode;

use commands::{analyze, decision, finding, methods, panel, plugin, proposal, release, round, spec, verify, weight};
use failure::{End, Failure};
use out::Session;

pub use commands::round::submission::submissions;
pub use machine::Machine;
pub use out::Out;

/// What every verb takes.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Every verb takes")]
pub struct Global {
    /// Address of the server.
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "FOLKMOOT_SERVER",
        hide_env_values = true,
        default_value = "http://127.0.0.1:7878"
    )]
    pub server: String,
    /// Whose rounds and specs.
    #[arg(
        long,
        global = true,
        value_name = "ID",
        env = "FOLKMOOT_TENANT",
        hide_env_values = true,
        default_value = "default"
    )]
    pub tenant: String,
    /// How data is printed: table for people, json for programs, csv for spreadsheets.
    #[arg(long, global = true, value_name = "FORMAT", value_enum, hide_possible_values = true, default_value_t = Format::Table)]
    pub format: Format,
    /// Show no progress.
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

/// How data is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}

/// The verbs, except those of the server.
#[derive(clap::Subcommand)]
pub enum Command {
    /// A spec, its revisions and what they say.
    #[command(subcommand)]
    Spec(spec::Spec),
    /// Rounds: one consultation each, from a draft to a sealed snapshot.
    #[command(subcommand)]
    Round(round::Round),
    /// Run a method over responses.
    Analyze(Box<analyze::Analyze>),
    /// Weight participants to the shares of a population, offline.
    Weight(weight::Weight),
    /// Draw a panel from a pool under quotas, each person's chance as fair as can be.
    Panel(Box<panel::Panel>),
    /// The methods that analyses can use.
    #[command(subcommand)]
    Methods(methods::Methods),
    /// Plugins: methods as WebAssembly components.
    #[command(subcommand)]
    Plugin(plugin::Plugin),
    /// Findings: items on which the public and the spec were compared.
    #[command(subcommand)]
    Finding(finding::Finding),
    /// Proposals: suggested changes to named clauses, with evidence.
    #[command(subcommand)]
    Proposal(proposal::Proposal),
    /// Decisions on proposals, always with a reason.
    #[command(subcommand)]
    Decision(decision::Decision),
    /// Releases: what a round publishes, which anybody can verify.
    #[command(subcommand)]
    Release(release::Release),
    /// Check a release, offline: every hash, and every figure by computing it again.
    Verify(verify::Verify),
}

/// Runs one verb on the process's own streams.
pub fn run(global: Global, command: Command, machine: &Machine) -> ExitCode {
    let (mut stdout, mut stderr) = (io::stdout().lock(), io::stderr());
    let mut out = Out::of_process(&mut stdout, &mut stderr);
    ExitCode::from(run_on(&global, &command, machine, &mut out))
}

/// Runs one verb on the given writers; returns its exit code.
pub fn run_on(global: &Global, command: &Command, machine: &Machine, out: &mut Out<'_>) -> u8 {
    let mut session = Session::new(global, machine, out);
    match dispatch(command, &mut session).and_then(|end| session.flush().map(|()| end)) {
        Ok(End::Done) | Err(Failure::ReaderGone) => 0,
        Ok(End::DataFails) => 1,
        Ok(End::Incomplete) => 2,
        Err(Failure::Fault(fault)) => {
            for line in failure::words(&fault, &global.server) {
                session.say(line);
            }
            failure::exit_code(&fault)
        }
    }
}

fn dispatch(command: &Command, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    match command {
        Command::Spec(verb) => spec::run(verb, session),
        Command::Round(verb) => round::run(verb, session),
        Command::Analyze(analyze) => analyze::run(analyze, session),
        Command::Weight(weight) => weight::run(weight, session),
        Command::Panel(panel) => panel::run(panel, session),
        Command::Methods(verb) => methods::run(verb, session),
        Command::Plugin(verb) => plugin::run(verb, session),
        Command::Finding(verb) => finding::run(verb, session),
        Command::Proposal(verb) => proposal::run(verb, session),
        Command::Decision(verb) => decision::run(verb, session),
        Command::Release(verb) => release::run(verb, session),
        Command::Verify(options) => verify::run(options, session),
    }
}
