//! The demo on one's own data: a spec in Markdown and answers in any format that can be imported.

use std::path::Path;

use anyhow::Context as _;
use folkmoot_core::View;
use folkmoot_formats::{Census, Import, Source};
use folkmoot_proto::response::{self, SubmitResponsesRequest};
use folkmoot_proto::spec::{Outcome, ProposalKind};
use folkmoot_simulate::is_simulated;

use super::material::{Draft, Material};
use super::say;

/// Attribute that a Polis export stores its opinion groups under.
const STORED_GROUPS: &str = "group";

pub(super) fn material(spec: &Path, responses: &Path, by: Option<String>) -> anyhow::Result<Material> {
    let source = std::fs::read(spec).with_context(|| format!("cannot read {}", spec.display()))?;
    let document = folkmoot_spec_text::parse(&source).with_context(|| format!("{} is no spec", spec.display()))?;
    let import = folkmoot_formats::open(Source::detect(responses)?)?;
    for note in &import.notes {
        say::result("Note", note);
    }
    let items = import.items.clone();
    let by = by.or_else(|| {
        let stored = import.participants.iter().any(|person| person.attributes.contains_key(STORED_GROUPS));
        stored.then(|| STORED_GROUPS.to_owned())
    });
    let simulated = !import.participants.is_empty() && import.participants.iter().all(|p| is_simulated(&p.id));
    let (submissions, ranking_view) = submissions(import)?;
    let drafts = document.clauses.iter().map(|clause| (clause.anchor.clone(), draft(&clause.body)));
    Ok(Material {
        title: document.title.clone().or_else(|| document.clauses.first().map(|c| c.title.clone())).unwrap_or_default(),
        publisher: "whoever ran this demo".into(),
        source,
        items,
        expected: Some(submissions.len() as u64),
        submissions: Box::new(submissions.into_iter()),
        simulated,
        words: false,
        by,
        ranking_view,
        drafts: drafts.collect(),
    })
}

/// One submission a participant, and the view that most answers take. Whoever has a row that cannot be
/// kept, or too many, is left out whole, and it is said.
fn submissions(import: Import) -> anyhow::Result<(Vec<SubmitResponsesRequest>, &'static str)> {
    let census = Census::take(import.rows, |refusal| say::result("Refused", &refusal.to_string()));
    census.check()?;
    let too_many = |who: String, answers: usize| {
        say::result("Refused", &format!("participant {who}: {answers} answers are too many for one submission"));
    };
    let again = folkmoot_formats::open(import.source)?;
    // The walk names the round.
    let submissions: Vec<_> = folkmoot_cli::submissions(again, &census, "", too_many).collect();
    let (mut personal, mut world) = (0, 0);
    for answer in submissions.iter().flat_map(|submission| &submission.answers) {
        match answer.view() {
            response::View::World => world += 1,
            _ => personal += 1,
        }
    }
    let view = if world > personal { View::World } else { View::Personal };
    Ok((submissions, view.name()))
}

/// The demo cannot know what an organisation would write, so it drafts the one change that is always
/// true: a commentary that a finding stands against the clause.
fn draft(body: &str) -> Draft {
    let note = "!!! meta \"Commentary\"\n    A public-input round found people to differ from this clause; it is under review.\n";
    Draft {
        title: "Record that the public differs".into(),
        kind: ProposalKind::Clarification,
        body: format!("{}\n\n{note}", body.trim_end()),
        rationale: "The finding should be seen where the clause is read.".into(),
        outcome: Outcome::Adopted,
        reason: "The demo adopts it to show the path; it is nobody's decision.".into(),
        dissents: Vec::new(),
    }
}
