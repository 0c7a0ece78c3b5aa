//! From the next revision to the public: release, verification, trace.

use std::path::{Path, PathBuf};

use anyhow::bail;
use folkmoot_client::{Folkmoot, download};
use folkmoot_core::text::ellipsis;
use folkmoot_plugin_host::{Host, Limits, Options};
use folkmoot_proto::release::{BuildReleaseMetadata, BuildReleaseRequest, DownloadReleaseRequest, Release};
use folkmoot_proto::spec::TraceClauseRequest;
use folkmoot_proto::survey::Snapshot;
use folkmoot_release::Verifier;

use super::decide::outcome_words;
use super::material::Material;
use super::say;
use super::walk::told;
use crate::compiler;

pub(super) async fn publish(
    material: &Material,
    snapshot: &Snapshot,
    revision: Option<&str>,
    folder: &Path,
    folkmoot: &mut Folkmoot,
) -> anyhow::Result<PathBuf> {
    say::step(
        9,
        "Release",
        "Dataset, figures, spec changes, decisions and checksums in one folder that needs no Folkmoot to be read.",
    );
    let build = BuildReleaseRequest {
        release_id: "demo".into(),
        snapshot: snapshot.name.clone(),
        new_revision: revision.unwrap_or_default().into(),
        include_words: material.words,
        publisher: material.publisher.clone(),
        ..BuildReleaseRequest::default()
    };
    let started = folkmoot.release.build_release(build).await.map_err(told)?.into_inner();
    let release: Release = folkmoot.finish(started, |_: &BuildReleaseMetadata| {}).await?;
    let request = DownloadReleaseRequest { name: release.name.clone() };
    let files = folkmoot.release.download_release(request).await.map_err(told)?.into_inner();
    let target = folder.join("release");
    let written = download(files, &target).await?;
    say::result("Files", &format!("{} files, {} kB", written.len(), release.size_bytes / 1000));
    Ok(target)
}

pub(super) fn verify(release: &Path) -> anyhow::Result<()> {
    say::step(
        10,
        "Verification",
        "Anybody can do this offline: every figure is computed again from the released answers.",
    );
    let options = Options { limits: Limits::default(), cache: None, compiler: compiler::itself()? };
    let verification = Verifier::new(move || Host::new(options.clone())).verify(release)?;
    for check in &verification.checks {
        let words = format!("{}: {}", ellipsis(&check.name, 34), ellipsis(&check.detail, 80));
        say::result(&check.outcome.to_string(), &words);
    }
    if !verification.passed() {
        bail!("the release does not verify");
    }
    Ok(())
}

pub(super) async fn trace(revision: &str, anchor: &str, folkmoot: &mut Folkmoot) -> anyhow::Result<()> {
    let why = format!("Why does the clause `{anchor}` read as it does? Back from the text to the people.");
    say::step(11, "Trace", &why);
    let request = TraceClauseRequest { name: format!("{revision}/clauses/{anchor}") };
    let trace = folkmoot.spec.trace_clause(request).await.map_err(told)?.into_inner();
    for step in trace.steps {
        let name = step.revision.map(|revision| revision.name).unwrap_or_default();
        say::result("revision", &name);
        if let Some(decision) = step.decision {
            say::result("decision", &format!("{}: {}", outcome_words(decision.outcome()), decision.reason));
        }
        if let Some(proposal) = step.proposal {
            say::result("proposal", &proposal.title);
        }
        for finding in step.findings {
            say::result("finding", &ellipsis(&finding.summary, 150));
            say::result("result", &finding.result);
            say::result("snapshot", &finding.snapshot);
        }
    }
    Ok(())
}
