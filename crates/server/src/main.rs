//! `folkmoot`: the one binary.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod compiler;
mod databases;
mod demo;
mod serve;

/// Public-input rounds on a written policy: from a spec, over people's answers, to a decided change.
#[derive(Parser)]
#[command(name = "folkmoot", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    global: folkmoot_cli::Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a whole round on the embedded database, explain every step, then serve it.
    Demo(demo::Arguments),
    /// Serve all services, or only the named ones.
    Serve(serve::Arguments),
    /// Bring the databases up to date, so that the next start finds them so.
    Migrate(databases::Migrate),
    /// Move everything from SQLite to another place, and prove that it arrived.
    Copy(databases::Copy),
    /// Compile a component from stdin to stdout: the server starts itself with it.
    #[command(hide = true, name = compiler::VERB)]
    CompilePlugin,
    #[command(flatten)]
    Client(folkmoot_cli::Command),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::Demo(arguments) => demo::run(arguments),
        Command::Serve(arguments) => serve::run(arguments),
        Command::Migrate(arguments) => databases::migrate(&arguments),
        Command::Copy(arguments) => databases::copy(&arguments),
        Command::CompilePlugin => compiler::run(),
        Command::Client(command) => match compiler::itself().map(folkmoot_cli::Machine::of_user) {
            Ok(machine) => return folkmoot_cli::run(cli.global, command, &machine),
            Err(error) => Err(error),
        },
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("folkmoot: {error:#}");
            ExitCode::from(2)
        }
    }
}
