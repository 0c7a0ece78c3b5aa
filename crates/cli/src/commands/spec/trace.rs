//! `folkmoot spec trace`: why a clause reads as it does, in words.

use std::fmt::Write as _;

use folkmoot_client::Folkmoot;
use folkmoot_methods::report::{Cell, Unit};
use folkmoot_proto::spec::{ClauseChange, Finding, TraceClauseRequest, TraceClauseResponse, TraceStep};
use folkmoot_report::text::visible;

use crate::commands::spec::{OfSpec, redline_words};
use crate::failure::{Failure, from_status};
use crate::out::{Session, table};
use crate::wire::{id, json, short, time};
use crate::{Format, names};

pub(crate) async fn run(
    folkmoot: &mut Folkmoot,
    clause: &str,
    of: &OfSpec,
    revision: &str,
    session: &mut Session<'_, '_>,
) -> Result<(), Failure> {
    let name = match clause.starts_with("specs/") {
        true => clause.to_owned(),
        false => format!("{}/clauses/{clause}", names::revision(folkmoot, of.given(), revision).await?.name),
    };
    let trace = folkmoot.spec.trace_clause(TraceClauseRequest { name }).await.map_err(from_status)?.into_inner();
    match session.format() {
        Format::Json => session.json(&json(&trace)?),
        Format::Csv => session.csv(&steps(&trace)),
        Format::Table => {
            let words = words(&trace, session.colour());
            session.print(&words)
        }
    }
}

fn steps(trace: &TraceClauseResponse) -> folkmoot_methods::report::Table {
    let columns = [
        ("Revision", Unit::None),
        ("Kinds", Unit::None),
        ("Proposal", Unit::None),
        ("Decision", Unit::None),
        ("Findings", Unit::None),
        ("Snapshots", Unit::None),
    ];
    let row = |step: &TraceStep| -> Vec<Cell> {
        let joined = |of: fn(&Finding) -> &str| step.findings.iter().map(of).collect::<Vec<_>>().join(" ");
        vec![
            step.revision.as_ref().map(|r| id(&r.name)).into(),
            step.change.as_ref().map(|c| c.kinds.join(" ")).into(),
            step.proposal.as_ref().map(|p| id(&p.name)).into(),
            step.decision.as_ref().map(|d| id(&d.name)).into(),
            joined(|f| id(&f.name)).into(),
            joined(|f| &f.snapshot).into(),
        ]
    };
    table("Changes", &columns, trace.steps.iter().map(row).collect())
}

fn words(trace: &TraceClauseResponse, colour: bool) -> String {
    let mut words = String::new();
    if let Some(clause) = &trace.clause {
        let _ = writeln!(words, "{} {{#{}}}", visible(&clause.title), visible(&clause.anchor));
        let _ = writeln!(words, "{}\n", visible(clause.body.trim()));
    }
    if trace.steps.is_empty() {
        words.push_str("It reads as it was first imported: nothing has changed it.\n");
    }
    for step in &trace.steps {
        step_words(step, colour, &mut words);
    }
    words
}

fn step_words(step: &TraceStep, colour: bool, words: &mut String) {
    if let Some(revision) = &step.revision {
        let when = match time(revision.create_time.as_ref()) {
            Cell::Text(when) => format!(" of {when}"),
            _ => String::new(),
        };
        let kinds = step.change.as_ref().map(|change| change.kinds.join(", ").replace('_', " ")).unwrap_or_default();
        let how = if step.proposal.is_some() { "" } else { ", an import" };
        let _ = writeln!(words, "In revision {}{when}{how}: {kinds}", id(&revision.name));
    }
    if let Some(change) = &step.change {
        for line in change_words(change, colour).lines() {
            let _ = writeln!(words, "{}", format!("    {line}").trim_end());
        }
    }
    if let Some(proposal) = &step.proposal {
        let kind = short(proposal.kind().as_str_name(), "PROPOSAL_KIND").replace('_', " ");
        let _ = writeln!(
            words,
            "  by the proposal “{}” ({kind}) of {}",
            visible(&proposal.title),
            visible(&proposal.author)
        );
        line("because", &proposal.rationale, words);
    }
    if let Some(decision) = &step.decision {
        let outcome = short(decision.outcome().as_str_name(), "OUTCOME").replace('_', " ");
        let _ = writeln!(words, "  {outcome} by {}", visible(&decision.deciders.join(", ")));
        line("because", &decision.reason, words);
        decision.dissents.iter().for_each(|dissent| line("dissent:", dissent, words));
    }
    for finding in &step.findings {
        let class = short(finding.class().as_str_name(), "FINDING_CLASS").replace('_', " ");
        let simulated = if finding.simulated { " (simulated answers)" } else { "" };
        let _ = writeln!(words, "  on the finding {class} for {}{simulated}", id(&finding.item));
        line("", &finding.summary, words);
        line("result", &finding.result, words);
        line("snapshot", &finding.snapshot, words);
    }
    words.push('\n');
}

fn line(before: &str, text: &str, words: &mut String) {
    if text.is_empty() {
        return;
    }
    let space = if before.is_empty() { "" } else { " " };
    let _ = writeln!(words, "    {before}{space}{}", visible(text));
}

/// What changed, as a redline of what differs.
fn change_words(change: &ClauseChange, colour: bool) -> String {
    let (Some(before), Some(after)) = (&change.before, &change.after) else {
        return String::new();
    };
    let pairs = [(&before.title, &after.title), (&before.authority, &after.authority), (&before.body, &after.body)];
    let changed = pairs.into_iter().filter(|(before, after)| before.trim() != after.trim());
    changed.map(|(before, after)| redline_words(before.trim(), after.trim(), colour) + "\n").collect()
}
