//! An analysis of a sealed snapshot, run and kept by the server.

use std::collections::BTreeMap;

use folkmoot_client::Folkmoot;
use folkmoot_core::Fault;
use folkmoot_engine::{Cells, RunResult};
use folkmoot_proto::aggregation::{
    Analysis, AnalysisSpec, CellTarget, CellTargets, GetResultRequest, RunAnalysisMetadata, RunAnalysisRequest, Targets,
};
use folkmoot_proto::survey::{GetRoundRequest, Round};

use super::Analyze;
use super::show::show;
use crate::failure::{Failure, from_status};
use crate::out::Session;
use crate::wire::connected;
use crate::{input, names};

pub(crate) fn run(analyze: &Analyze, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    connected(session.global, async |mut folkmoot| {
        let request = RunAnalysisRequest { spec: Some(spec(analyze, &mut folkmoot).await?), ..Default::default() };
        let started = folkmoot.aggregation.run_analysis(request).await.map_err(from_status)?.into_inner();
        let bar = session.bar(&analyze.method);
        let progress = |meta: &RunAnalysisMetadata| bar.set(meta.fraction, meta.phase.clone());
        let analysis: Analysis = folkmoot.finish(started, progress).await?;
        drop(bar);
        let get = GetResultRequest { name: analysis.result.clone() };
        let result = folkmoot.aggregation.get_result(get).await.map_err(from_status)?.into_inner();
        session.say(format!("{} over {}", result.name, result.snapshot));
        if !result.component.is_empty() {
            let (method, version, component) = (&result.method, &result.method_version, &result.component);
            session.say(format!("by the plugin {method}@{version}, component {component}"));
        }
        show(&read(&result.json)?, &[], analyze.how.table.as_deref(), session)
    })
}

async fn spec(analyze: &Analyze, folkmoot: &mut Folkmoot) -> Result<AnalysisSpec, Failure> {
    let (snapshot, round) = match (&analyze.snapshot, &analyze.round) {
        (Some(snapshot), _) => (snapshot.clone(), None),
        (None, round) => {
            let round = sealed(folkmoot, round.as_deref().unwrap_or_default()).await?;
            (round.snapshot.clone(), Some(round))
        }
    };
    let positions_of = match (&analyze.positions_of, round) {
        (Some(given), _) => names::revision(folkmoot, analyze.of.given(), given).await?.name,
        (None, Some(round)) => round.spec_revision,
        (None, None) => match snapshot.strip_prefix("rounds/-/") {
            Some(_) => String::new(),
            None => get_round(folkmoot, &names::round_of(&snapshot)).await?.spec_revision,
        },
    };
    let run = analyze.how.spec(&analyze.method)?;
    Ok(AnalysisSpec {
        snapshot,
        method: run.method,
        parameters: Some(input::to_struct(&run.params)),
        seed: run.seed,
        by: run.by.unwrap_or_default(),
        also_by: run.also_by,
        targets: run.targets.into_iter().map(|(attribute, shares)| (attribute, targets(shares))).collect(),
        cells: run.cells.into_iter().map(cells).collect(),
        weighting: run.weighting.as_ref().map(structure).transpose()?,
        quality: run.quality.as_ref().map(structure).transpose()?,
        design: run.design.as_ref().map(structure).transpose()?,
        view: run.view.name().to_owned(),
        positions_of,
        items: run.items,
        replicates: run.replicates,
        suppress_below: analyze.how.suppress_below,
        ..Default::default()
    })
}

fn targets(shares: BTreeMap<String, f64>) -> Targets {
    Targets { shares: shares.into_iter().collect() }
}

fn cells(cells: Cells) -> CellTargets {
    let cell = |(values, share)| CellTarget { values, share };
    CellTargets { attributes: cells.attributes, cells: cells.shares.into_iter().map(cell).collect() }
}

fn structure(rules: &impl serde::Serialize) -> Result<prost_types::Struct, Failure> {
    Ok(input::to_struct(&serde_json::to_value(rules).map_err(Fault::internal)?))
}

/// A round that has a snapshot.
pub(crate) async fn sealed(folkmoot: &mut Folkmoot, round: &str) -> Result<Round, Failure> {
    let found = get_round(folkmoot, &names::round(round)).await?;
    if found.snapshot.is_empty() {
        let message = format!("{} is not sealed; close it and then: folkmoot round seal {round}", found.name);
        return Err(Failure::input("--round", message));
    }
    Ok(found)
}

async fn get_round(folkmoot: &mut Folkmoot, name: &str) -> Result<Round, Failure> {
    let request = GetRoundRequest { name: name.to_owned() };
    Ok(folkmoot.survey.get_round(request).await.map_err(from_status)?.into_inner())
}

/// The result as it was stored.
fn read(json: &str) -> Result<RunResult, Fault> {
    let value: serde_json::Value = serde_json::from_str(json).map_err(Fault::internal)?;
    serde_json::from_value(value).map_err(Fault::internal)
}
