//! `folkmoot plugin`: methods as WebAssembly components, from the first line to the server.
//!
//! The author's verbs work on files alone; the last four speak to a server.

mod bench;
mod build;
mod inspect;
mod keygen;
mod new;
mod register;
mod registered;
mod run;
mod test;

use crate::failure::{End, Failure};
use crate::out::Session;

/// Plugins: methods as WebAssembly components.
#[derive(clap::Subcommand)]
pub enum Plugin {
    /// Start a plugin that builds and passes its tests.
    New(new::New),
    /// Build a plugin's folder into a component.
    Build(build::Build),
    /// Say what a component is, or why it is no plugin.
    Inspect(inspect::Inspect),
    /// Run a plugin over files.
    Run(Box<run::Run>),
    /// Test a plugin on its cases, and try the laws of the fold on it.
    Test(test::Test),
    /// Measure how fast a plugin folds, within its limits.
    Bench(bench::Bench),
    /// Make a key to sign plugins with.
    Keygen(keygen::Keygen),
    /// Upload a plugin to the server.
    Register(register::Register),
    /// List the server's plugins, newest first.
    List,
    /// Show one of the server's plugins.
    #[command(after_help = "Example: folkmoot plugin show turnout@1.0.0")]
    Show(registered::Named),
    /// Let one of the server's plugins start no more analyses.
    Disable(registered::Disable),
}

pub(crate) fn run(verb: &Plugin, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    match verb {
        Plugin::New(new) => new::run(new, session)?,
        Plugin::Build(build) => build::run(build, session)?,
        Plugin::Inspect(inspect) => return inspect::run(inspect, session),
        Plugin::Run(run) => run::run(run, session)?,
        Plugin::Test(test) => return test::run(test, session),
        Plugin::Bench(bench) => bench::run(bench, session)?,
        Plugin::Keygen(keygen) => keygen::run(keygen, session)?,
        Plugin::Register(register) => register::run(register, session)?,
        Plugin::List => registered::list(session)?,
        Plugin::Show(named) => registered::show(named, session)?,
        Plugin::Disable(disable) => registered::disable(disable, session)?,
    }
    Ok(End::Done)
}
