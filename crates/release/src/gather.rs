//! Asks the other services for everything a release holds.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use folkmoot_core::{Code, Fault, Reason, Sha256Hash, Timestamp};
use folkmoot_engine::PUBLIC_THRESHOLD;
use folkmoot_proto::aggregation::aggregation_service_client::AggregationServiceClient;
use folkmoot_proto::aggregation::{self, GetResultRequest, ListAnalysesRequest};
use folkmoot_proto::plugin::plugin_service_client::PluginServiceClient;
use folkmoot_proto::spec::spec_service_client::SpecServiceClient;
use folkmoot_proto::spec::{
    GetRevisionRequest, GetSpecRequest, ListDecisionsRequest, ListFindingsRequest, ListPositionsRequest,
    ListProposalsRequest, TraceClauseRequest,
};
use folkmoot_proto::survey::survey_service_client::SurveyServiceClient;
use folkmoot_proto::survey::{GetRoundRequest, GetSnapshotRequest, ReadSnapshotRequest};
use folkmoot_rpc::{fault, request};
use folkmoot_snapshot::Snapshot;
use tokio::io::AsyncWriteExt;
use tonic::Streaming;
use tonic::transport::Channel;

use crate::convert;
use crate::folder::io_fault;
use crate::material::{Decision, Finding, Material, Position, Proposal, ResultText, Revision, SpecMaterial, Trace};

mod plugins;

const MAX_MESSAGE_BYTES: usize = 64 << 20;
const PAGE: i32 = 1000;
/// The files a snapshot may have.
const SNAPSHOT_FILES: [&str; 5] =
    ["items.json", "participants.parquet", "responses.parquet", "words.parquet", "manifest.json"];

/// Collects every page of a list.
macro_rules! pages {
    ($client:expr, $tenant:expr, $method:ident, $entries:ident, $message:expr) => {{
        let (mut client, mut ask, mut all) = ($client.clone(), $message, Vec::new());
        ask.page_size = PAGE;
        loop {
            let answer = client.$method(request($tenant, ask.clone())).await.map_err(|s| fault(&s))?.into_inner();
            all.extend(answer.$entries);
            if answer.next_page_token.is_empty() {
                break all;
            }
            ask.page_token = answer.next_page_token;
        }
    }};
}

/// Folders of a release in the making.
pub(crate) struct Places {
    pub(crate) snapshot: PathBuf,
    pub(crate) plugins: PathBuf,
}

/// What a release is to be made of.
pub(crate) struct Wanted {
    pub(crate) name: String,
    pub(crate) create_time: Timestamp,
    /// `rounds/{round}/snapshots/{sha256}`, checked.
    pub(crate) snapshot: String,
    /// All over the snapshot where empty.
    pub(crate) results: Vec<String>,
    /// None where empty.
    pub(crate) new_revision: String,
    pub(crate) words_included: bool,
    pub(crate) publisher: String,
    pub(crate) license: String,
}

/// Clients of the other services.
#[derive(Clone)]
pub(crate) struct Gatherer {
    survey: SurveyServiceClient<Channel>,
    aggregation: AggregationServiceClient<Channel>,
    plugins: PluginServiceClient<Channel>,
    spec: SpecServiceClient<Channel>,
}

impl Gatherer {
    pub(crate) fn new(survey: Channel, aggregation: Channel, spec: Channel) -> Self {
        Self {
            survey: SurveyServiceClient::new(survey).max_decoding_message_size(MAX_MESSAGE_BYTES),
            plugins: PluginServiceClient::new(aggregation.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES),
            aggregation: AggregationServiceClient::new(aggregation).max_decoding_message_size(MAX_MESSAGE_BYTES),
            spec: SpecServiceClient::new(spec).max_decoding_message_size(MAX_MESSAGE_BYTES),
        }
    }

    /// All material of a release; its files go to `places`.
    ///
    /// # Errors
    /// `RESOURCE_NOT_FOUND` for what the tenant does not have, `DATA_CORRUPT` for what is not what its
    /// name says, and what the services answer else.
    pub(crate) async fn gather(&self, tenant: &str, wanted: &Wanted, places: &Places) -> Result<Material, Fault> {
        let round_name = wanted.snapshot.split("/snapshots/").next().unwrap_or_default().to_owned();
        let ask = GetRoundRequest { name: round_name.clone() };
        let round = self.survey.clone().get_round(request(tenant, ask)).await.map_err(|s| fault(&s))?.into_inner();
        let snapshot = self.snapshot(tenant, &wanted.snapshot, &places.snapshot).await?;
        let (results, withheld) = self.results(tenant, wanted).await?;
        let plugins = plugins::fetch(&self.plugins, tenant, &results, &places.plugins).await?;
        let spec = match (round.spec_revision.as_str(), wanted.new_revision.as_str()) {
            ("", "") => None,
            ("", _) => {
                let message = "the round is about no revision, so none came of it";
                return Err(Fault::field("new_revision", Reason::BadField, message));
            }
            (base, new) => Some(self.spec(tenant, &round_name, base, new, &results).await?),
        };
        Ok(Material {
            name: wanted.name.clone(),
            create_time: wanted.create_time,
            publisher: wanted.publisher.clone(),
            license: wanted.license.clone(),
            words_included: wanted.words_included,
            round: convert::round(round),
            snapshot_name: wanted.snapshot.clone(),
            snapshot,
            results,
            withheld,
            plugins,
            spec,
        })
    }

    async fn snapshot(&self, tenant: &str, name: &str, folder: &Path) -> Result<Snapshot, Fault> {
        let mut survey = self.survey.clone();
        let ask = GetSnapshotRequest { name: name.to_owned() };
        survey.get_snapshot(request(tenant, ask)).await.map_err(|s| fault(&s))?;
        let ask = ReadSnapshotRequest { name: name.to_owned() };
        let pieces = survey.read_snapshot(request(tenant, ask)).await.map_err(|s| fault(&s))?.into_inner();
        download(pieces, folder).await?;
        let (folder, wanted) = (folder.to_owned(), name.rsplit('/').next().unwrap_or_default().to_owned());
        tokio::task::spawn_blocking(move || open(&folder, &wanted)).await.map_err(Fault::internal)?
    }

    /// The named results, or all over the snapshot, the oldest first; and the names of those that are not for
    /// everybody, which are left out.
    async fn results(&self, tenant: &str, wanted: &Wanted) -> Result<(Vec<ResultText>, Vec<String>), Fault> {
        let mut names = wanted.results.clone();
        if names.is_empty() {
            let hash = wanted.snapshot.rsplit('/').next().unwrap_or_default();
            // Some analyses were asked for without the round.
            for snapshot in [format!("rounds/-/snapshots/{hash}"), wanted.snapshot.clone()] {
                let ask = ListAnalysesRequest { snapshot, ..Default::default() };
                let analyses = pages!(self.aggregation, tenant, list_analyses, analyses, ask);
                names.extend(analyses.into_iter().rev().map(|analysis| analysis.result));
            }
            // An analysis that has not succeeded has no result.
            names.retain(|name| !name.is_empty());
        }
        let mut found: Vec<aggregation::Result> = Vec::with_capacity(names.len());
        for name in names {
            let ask = GetResultRequest { name };
            let answer = self.aggregation.clone().get_result(request(tenant, ask)).await;
            found.push(answer.map_err(|s| fault(&s))?.into_inner());
        }
        if let Some(other) = found.iter().find(|result| !same_hash(&result.snapshot, &wanted.snapshot)) {
            let message = format!("{} is over another snapshot, {}", other.name, other.snapshot);
            return Err(Fault::field("results", Reason::BadField, message));
        }
        let (public, others): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|result| result.class() == aggregation::ResultClass::Public);
        if let Some(other) = others.first().filter(|_| !wanted.results.is_empty()) {
            let message =
                format!("{} is not for everybody: it was run with suppress_below under {PUBLIC_THRESHOLD}", other.name);
            return Err(Fault::field("results", Reason::BadField, message));
        }
        let results = public.into_iter().map(|result| ResultText { name: result.name, json: result.json });
        Ok((results.collect(), others.into_iter().map(|result| result.name).collect()))
    }

    async fn revision(&self, tenant: &str, name: &str) -> Result<(Revision, String), Fault> {
        let ask = GetRevisionRequest { name: name.to_owned() };
        let answer = self.spec.clone().get_revision(request(tenant, ask)).await.map_err(|s| fault(&s))?;
        convert::revision(answer.into_inner())
    }

    async fn spec(
        &self,
        tenant: &str,
        round: &str,
        base_name: &str,
        new_name: &str,
        results: &[ResultText],
    ) -> Result<SpecMaterial, Fault> {
        let parent = base_name.split("/revisions/").next().unwrap_or_default().to_owned();
        if !new_name.is_empty() && new_name.split("/revisions/").next() != Some(parent.as_str()) {
            let message = format!("{new_name} is of another spec than the round's {base_name}");
            return Err(Fault::field("new_revision", Reason::BadField, message));
        }
        let ask = GetSpecRequest { name: parent.clone() };
        let title = self.spec.clone().get_spec(request(tenant, ask)).await.map_err(|s| fault(&s))?.into_inner().title;
        let base = self.revision(tenant, base_name).await?;
        let new = match new_name {
            "" => None,
            name => Some(self.revision(tenant, name).await?),
        };

        let ask = ListPositionsRequest { parent: base_name.to_owned(), round: round.to_owned(), ..Default::default() };
        let positions = pages!(self.spec, tenant, list_positions, positions, ask);
        let ask = ListFindingsRequest { parent: parent.clone(), ..Default::default() };
        let findings = pages!(self.spec, tenant, list_findings, findings, ask);
        let ask = ListProposalsRequest { parent: parent.clone(), ..Default::default() };
        let proposals = pages!(self.spec, tenant, list_proposals, proposals, ask);
        let ask = ListDecisionsRequest { parent, ..Default::default() };
        let decisions = pages!(self.spec, tenant, list_decisions, decisions, ask);

        let mut positions: Vec<Position> = positions.into_iter().map(convert::position).collect();
        positions.sort_by(|a, b| a.name.cmp(&b.name));
        // Lists come newest first; a release tells them in the order in which they came about.
        // A finding is published with the result it rests on, or not at all.
        let published = |finding: &&folkmoot_proto::spec::Finding| {
            results.iter().any(|result| same_hash(&result.name, &finding.result))
        };
        let ours = findings.iter().rev().filter(published).cloned();
        let findings: Vec<Finding> = ours.map(convert::finding).collect();
        let proposals = proposals.into_iter().rev().map(convert::proposal).collect();
        let proposals = relevant(proposals, &findings, new.as_ref().map(|(revision, _)| revision));
        let decided: BTreeSet<String> = proposals.iter().map(|proposal| proposal.decision.clone()).collect();
        let decisions = decisions.into_iter().rev().filter(|decision| decided.contains(&decision.name));
        let decisions: Vec<Decision> = decisions.map(convert::decision).collect();
        let traces = match &new {
            Some((revision, source)) => self.traces(tenant, &base.1, source, &revision.name).await?,
            None => Vec::new(),
        };
        Ok(SpecMaterial { title, base, new, positions, findings, proposals, decisions, traces })
    }

    /// What stands behind every clause that changed and still stands.
    async fn traces(&self, tenant: &str, base: &str, new: &str, revision: &str) -> Result<Vec<Trace>, Fault> {
        let read =
            |text: &str| folkmoot_spec_text::parse(text.as_bytes()).map_err(|e| crate::bundle::corrupt(revision, e));
        let diff = folkmoot_spec_text::diff(&read(base)?, &read(new)?);
        let mut traces = Vec::new();
        for change in diff.clauses.iter().filter(|change| change.after.is_some()) {
            let ask = TraceClauseRequest { name: format!("{revision}/clauses/{}", change.anchor) };
            let answer = self.spec.clone().trace_clause(request(tenant, ask)).await.map_err(|s| fault(&s))?;
            traces.push(convert::trace(&change.anchor, answer.into_inner()));
        }
        Ok(traces)
    }
}

/// Whether two names end in the same hash, whatever round or analysis they go through.
fn same_hash(a: &str, b: &str) -> bool {
    a.rsplit('/').next() == b.rsplit('/').next()
}

/// The proposals that rest on this round, or that made the new revision.
fn relevant(proposals: Vec<Proposal>, findings: &[Finding], new: Option<&Revision>) -> Vec<Proposal> {
    let ours: BTreeSet<&str> = findings.iter().map(|finding| finding.name.as_str()).collect();
    let belongs = |proposal: &Proposal| {
        let rests = proposal.findings.iter().any(|finding| ours.contains(finding.as_str()));
        rests || new.is_some_and(|new| new.proposals.contains(&proposal.name))
    };
    proposals.into_iter().filter(belongs).collect()
}

async fn download(
    mut pieces: Streaming<folkmoot_proto::survey::ReadSnapshotResponse>,
    folder: &Path,
) -> Result<(), Fault> {
    tokio::fs::create_dir_all(folder).await.map_err(|e| io_fault(folder, &e))?;
    let mut open: Option<(String, tokio::fs::File)> = None;
    while let Some(piece) = pieces.message().await.map_err(|status| fault(&status))? {
        let path = folder.join(&piece.file);
        if open.as_ref().is_none_or(|(file, _)| *file != piece.file) {
            if !SNAPSHOT_FILES.contains(&piece.file.as_str()) {
                return Err(corrupt(format!("a snapshot has no file {:?}", piece.file)));
            }
            close(open.take(), folder).await?;
            let file = tokio::fs::File::create_new(&path).await.map_err(|e| io_fault(&path, &e))?;
            open = Some((piece.file, file));
        }
        if let Some((_, file)) = &mut open {
            file.write_all(&piece.data).await.map_err(|e| io_fault(&path, &e))?;
        }
    }
    close(open, folder).await
}

async fn close(open: Option<(String, tokio::fs::File)>, folder: &Path) -> Result<(), Fault> {
    match open {
        Some((_, mut file)) => file.flush().await.map_err(|e| io_fault(folder, &e)),
        None => Ok(()),
    }
}

fn corrupt(message: String) -> Fault {
    Fault::new(Code::DataLoss, Reason::DataCorrupt, message)
}

/// The snapshot in `folder`, if it is the one wanted, whole and unchanged.
fn open(folder: &Path, wanted: &str) -> Result<Snapshot, Fault> {
    let snapshot = Snapshot::open(folder).map_err(|error| corrupt(error.to_string()))?;
    let checked = snapshot.verify().map_err(|error| corrupt(error.to_string()))?;
    let hash = wanted.parse::<Sha256Hash>().ok();
    if !checked.is_sound() || Some(checked.recomputed) != hash {
        return Err(corrupt(format!("the files sent for {wanted} hash to {}", checked.recomputed)));
    }
    Ok(snapshot)
}
