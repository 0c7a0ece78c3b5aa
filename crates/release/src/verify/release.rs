//! A whole release, check by check.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use folkmoot_core::{Code, Fault};

use super::{Outcome, SIGNATURE, Verification, Verifier, figures, files, plugins, spec};
use crate::bundle::{self, Content};

const UNSIGNED: &str = "releases are not signed yet";

/// Checks the release in `dir`.
///
/// # Errors
/// A disk that fails.
pub(super) fn check(verifier: &Verifier, dir: &Path, to: &mut Verification) -> Result<(), Fault> {
    let present = match bundle::files(dir) {
        Ok(present) => present,
        Err(fault) if fault.code == Code::DataLoss => {
            // Nothing is read from a folder that may lead elsewhere.
            to.add("files", Outcome::Fail, fault.message);
            to.add("content", Outcome::NotChecked, "the folder is not read any further");
            return Ok(());
        }
        Err(fault) => return Err(fault),
    };
    files::sums(dir, &present, to)?;
    let mut content = None;
    guarded("content", to, |to| {
        match Content::read(dir) {
            Ok(read) => content = Some(read),
            Err(fault) => to.add("content", Outcome::Fail, fault.message),
        }
        Ok(())
    })?;
    let Some(content) = content else {
        to.add("figures", Outcome::NotChecked, "the release cannot be read");
        return Ok(());
    };
    guarded("manifest", to, |to| {
        manifest(&content, to);
        Ok(())
    })?;
    guarded("snapshot", to, |to| {
        figures::snapshot(&content, to);
        Ok(())
    })?;
    guarded("plugins", to, |to| {
        plugins::check(&content, to);
        Ok(())
    })?;
    guarded("figures", to, |to| {
        figures::figures(verifier, &content, to);
        Ok(())
    })?;
    guarded("small cells", to, |to| {
        figures::small_cells(&content, to);
        Ok(())
    })?;
    guarded("derived files", to, |to| files::derived(&content, &present, to))?;
    if let Some(spec) = &content.spec {
        spec::revisions(&content, spec, to);
        spec::decisions(&content, spec, to);
        spec::evidence(&content, spec, to);
    }
    to.add(SIGNATURE, Outcome::NotChecked, UNSIGNED);
    Ok(())
}

/// What hostile content may make panic is a failed check.
fn guarded(
    name: &str,
    to: &mut Verification,
    check: impl FnOnce(&mut Verification) -> Result<(), Fault>,
) -> Result<(), Fault> {
    catch_unwind(AssertUnwindSafe(|| check(to))).unwrap_or_else(|_| {
        to.add(name, Outcome::Fail, "the release holds what cannot be computed with");
        Ok(())
    })
}

/// What the manifest says agrees with what is there.
fn manifest(content: &Content, to: &mut Verification) {
    let manifest = &content.manifest;
    let mut complaints = Vec::new();
    let (stated, found) = (manifest.counts, content.counts());
    if stated != found {
        complaints.push(format!("{}: counts {stated:?}, but there are {found:?}", bundle::MANIFEST));
    }
    if manifest.simulated != content.snapshot.manifest.simulated {
        complaints.push(format!("{}: the snapshot says otherwise of `simulated`", bundle::MANIFEST));
    }
    if !manifest.snapshot.name.ends_with(&format!("/{}", manifest.snapshot.hash)) {
        complaints.push(format!("{}: the snapshot's name does not end in its hash", bundle::MANIFEST));
    }
    if manifest.new_revision.is_some() && manifest.base_revision.is_none() {
        complaints.push(format!("{}: a new revision without a base", bundle::MANIFEST));
    }
    let passed =
        format!("{} participants, {} responses, {} results", found.participants, found.responses, found.results);
    to.settle("counts", passed, complaints);
}
