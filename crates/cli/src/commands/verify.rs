//! `folkmoot verify`: offline.

use std::path::PathBuf;

use folkmoot_methods::report::Unit;
use folkmoot_plugin_host::Host;
use folkmoot_release::{Verification, Verifier};

use crate::Format;
use crate::failure::{End, Failure};
use crate::out::{Session, table};
use crate::plugins::PluginLimits;

/// What to verify.
#[derive(clap::Args)]
#[command(after_help = "Example: folkmoot verify release/\n\nEvery line says PASS, FAIL or NOT CHECKED. \
    The exit code is 0 where all passed, 1 where anything failed, 2 where something could not be checked.")]
pub struct Verify {
    /// Folder of a release, or the file of one result.
    path: PathBuf,
    #[command(flatten)]
    limits: PluginLimits,
}

pub(crate) fn run(verify: &Verify, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    let options = verify.limits.options(session)?;
    let verification = Verifier::new(move || Host::new(options.clone())).verify(&verify.path)?;
    if session.format() == Format::Table {
        for check in &verification.checks {
            let line = format!("{:<11} {}  {}", check.outcome.to_string(), check.name, check.detail);
            session.print(&format!("{}\n", folkmoot_report::text::visible(line.trim_end())))?;
        }
    } else {
        let columns = [("Outcome", Unit::None), ("Check", Unit::None), ("Detail", Unit::None)];
        let rows = verification
            .checks
            .iter()
            .map(|c| vec![c.outcome.to_string().into(), c.name.as_str().into(), c.detail.as_str().into()])
            .collect();
        let json = verification
            .checks
            .iter()
            .map(|c| serde_json::json!({"outcome": c.outcome.to_string(), "name": c.name, "detail": c.detail}));
        session.show(&table("Checks", &columns, rows), &serde_json::json!({"checks": json.collect::<Vec<_>>()}))?;
    }
    Ok(end(&verification))
}

fn end(verification: &Verification) -> End {
    match verification.exit_code() {
        0 => End::Done,
        1 => End::DataFails,
        _ => End::Incomplete,
    }
}
