//! `folkmoot finding`: where the public and the spec differ.

use folkmoot_client::Folkmoot;
use folkmoot_methods::report::{Cell, Unit};
use folkmoot_proto::aggregation::{GetResultRequest, ListResultsRequest, Result as ResultMessage};
use folkmoot_proto::spec::{
    DeriveFindingsMetadata, DeriveFindingsRequest, DeriveFindingsResponse, Finding as FindingMessage, FindingClass,
    GetFindingRequest, ListFindingsRequest, SegmentFinding,
};

use crate::commands::round;
use crate::commands::spec::OfSpec;
use crate::failure::{End, Failure, from_status};
use crate::out::{Session, fields, table};
use crate::wire::{all_pages, connected, id, json, json_list, short, time};
use crate::{Format, names};

/// Findings: items on which the public and the spec were compared.
#[derive(clap::Subcommand)]
pub enum Finding {
    /// Turn results of the method `disagreement` into findings.
    #[command(
        after_help = "Examples:\n  folkmoot finding derive --round r1\n  folkmoot finding derive analyses/a1/results/HASH"
    )]
    Derive {
        /// The results, by name or hash.
        #[arg(required_unless_present = "round")]
        results: Vec<String>,
        /// The newest result of `disagreement` on this round's snapshot.
        #[arg(long, value_name = "ID", conflicts_with = "results")]
        round: Option<String>,
        #[command(flatten)]
        of: OfSpec,
        /// The revision whose positions were compared with; the round's where absent.
        #[arg(long, value_name = "ID")]
        revision: Option<String>,
    },
    /// List a spec's findings, newest first.
    List {
        #[command(flatten)]
        of: OfSpec,
        /// Only those of this class.
        #[arg(long, value_enum)]
        class: Option<Class>,
    },
    /// Show one finding with its segments.
    Show {
        /// Id of the finding.
        finding: String,
        #[command(flatten)]
        of: OfSpec,
    },
}

/// How the public stands to a position.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Class {
    /// Every eligible segment prefers otherwise.
    ConsensusAgainst,
    /// Most prefer otherwise; some segment is inconclusive.
    MajorityAgainst,
    /// Segments differ in opposite directions.
    Polarised,
    /// The public and the spec agree.
    Agrees,
    /// Nothing is shown either way.
    Insufficient,
}

impl From<Class> for FindingClass {
    fn from(class: Class) -> Self {
        match class {
            Class::ConsensusAgainst => Self::ConsensusAgainst,
            Class::MajorityAgainst => Self::MajorityAgainst,
            Class::Polarised => Self::Polarised,
            Class::Agrees => Self::Agrees,
            Class::Insufficient => Self::Insufficient,
        }
    }
}

pub(crate) fn run(verb: &Finding, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    connected(session.global, async |mut folkmoot| match verb {
        Finding::Derive { results, round, of, revision } => {
            let findings = derive(results, round.as_deref(), of, revision.as_deref(), &mut folkmoot, session).await?;
            list(&findings, session)
        }
        Finding::List { of, class } => {
            let request = ListFindingsRequest {
                parent: names::spec(&mut folkmoot, of.given()).await?,
                class: class.map_or(FindingClass::Unspecified, FindingClass::from).into(),
                ..Default::default()
            };
            list(&all_pages!(folkmoot.spec, list_findings, request, findings), session)
        }
        Finding::Show { finding, of } => {
            let name = names::of_spec(&mut folkmoot, of.given(), "findings", finding).await?;
            let request = GetFindingRequest { name };
            let finding = folkmoot.spec.get_finding(request).await.map_err(from_status)?.into_inner();
            show(&finding, session)
        }
    })?;
    Ok(End::Done)
}

async fn derive(
    results: &[String],
    round: Option<&str>,
    of: &OfSpec,
    revision: Option<&str>,
    folkmoot: &mut Folkmoot,
    session: &mut Session<'_, '_>,
) -> Result<Vec<FindingMessage>, Failure> {
    let results: Vec<ResultMessage> = match round {
        Some(round) => vec![newest_disagreement(round, folkmoot).await?],
        None => {
            let mut found = Vec::new();
            for result in results {
                let request = GetResultRequest { name: names::result(result) };
                found.push(folkmoot.aggregation.get_result(request).await.map_err(from_status)?.into_inner());
            }
            found
        }
    };
    let revision = match revision {
        Some(given) => names::revision(folkmoot, of.given(), given).await?.name,
        // All results are about one round, or their positions are not those of one revision.
        None => round::get(folkmoot, &names::round_of(&results[0].snapshot)).await?.spec_revision,
    };
    let request = DeriveFindingsRequest {
        parent: names::spec_of(&revision),
        revision,
        results: results.into_iter().map(|result| result.name).collect(),
        request_id: String::new(),
    };
    let started = folkmoot.spec.derive_findings(request).await.map_err(from_status)?.into_inner();
    let bar = session.bar("deriving");
    let progress = |meta: &DeriveFindingsMetadata| bar.set(meta.fraction, "");
    let answer: DeriveFindingsResponse = folkmoot.finish(started, progress).await?;
    Ok(answer.findings)
}

async fn newest_disagreement(round: &str, folkmoot: &mut Folkmoot) -> Result<ResultMessage, Failure> {
    let snapshot = round::get(folkmoot, round).await?.snapshot;
    let request = ListResultsRequest { parent: "analyses/-".to_owned(), ..Default::default() };
    let results = all_pages!(folkmoot.aggregation, list_results, request, results);
    let wanted = |result: &ResultMessage| result.method == "disagreement" && result.snapshot == snapshot;
    results.into_iter().find(wanted).ok_or_else(|| {
        let run = format!("folkmoot analyze --method disagreement --round {round}");
        Failure::input("--round", format!("no result of disagreement on its snapshot; make one with: {run}"))
    })
}

fn class(finding: &FindingMessage) -> String {
    short(finding.class().as_str_name(), "FINDING_CLASS").replace('_', " ")
}

fn item(finding: &FindingMessage) -> &str {
    finding.item.split_once("/items/").map_or(finding.item.as_str(), |(_, item)| item)
}

fn list(findings: &[FindingMessage], session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let columns = [
        ("Item", Unit::None),
        ("Class", Unit::None),
        ("Delta", Unit::Correlation),
        ("Low", Unit::Correlation),
        ("High", Unit::Correlation),
        ("P", Unit::PValue),
        ("Clauses", Unit::None),
        ("Finding", Unit::None),
    ];
    let row = |f: &FindingMessage| -> Vec<Cell> {
        vec![
            item(f).into(),
            class(f).into(),
            f.delta.into(),
            f.delta_low.into(),
            f.delta_high.into(),
            f.adjusted_p.into(),
            f.clauses.join(", ").into(),
            id(&f.name).into(),
        ]
    };
    session.show(&table("Findings", &columns, findings.iter().map(row).collect()), &json_list(findings)?)
}

fn show(finding: &FindingMessage, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let facts = vec![
        ("name", finding.name.as_str().into()),
        ("item", item(finding).into()),
        ("class", class(finding).into()),
        ("summary", finding.summary.as_str().into()),
        ("position", finding.position.as_str().into()),
        ("clauses", finding.clauses.join(", ").into()),
        ("revision", finding.revision.as_str().into()),
        ("result", finding.result.as_str().into()),
        ("snapshot", finding.snapshot.as_str().into()),
        ("simulated", finding.simulated.into()),
        ("derived", time(finding.create_time.as_ref())),
    ];
    session.show(&fields("Finding", facts), &json(finding)?)?;
    if session.format() != Format::Table || finding.segments.is_empty() {
        return Ok(());
    }
    let columns = [
        ("Segment", Unit::None),
        ("Delta", Unit::Correlation),
        ("Low", Unit::Correlation),
        ("High", Unit::Correlation),
        ("Effective n", Unit::Weight),
        ("Eligible", Unit::None),
    ];
    let row = |s: &SegmentFinding| -> Vec<Cell> {
        vec![
            s.segment.as_str().into(),
            s.delta.into(),
            s.delta_low.into(),
            s.delta_high.into(),
            s.effective_n.into(),
            s.eligible.into(),
        ]
    };
    let segments = table("Segments", &columns, finding.segments.iter().map(row).collect());
    session.show(&segments, &serde_json::Value::Null)
}
