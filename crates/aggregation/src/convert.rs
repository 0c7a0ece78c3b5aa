//! Between the wire and the model.

use folkmoot_core::id::{MAX_ID_BYTES, check_id};
use folkmoot_core::{Fault, Reason, Sha256Hash, View, Violation};
use folkmoot_engine::{Design, PUBLIC_THRESHOLD, Quality, Weighting};
use folkmoot_methods::contract::{Descriptor, Law, Problem, Segments};
use folkmoot_proto::aggregation as wire;
use folkmoot_rpc::{names, timestamp};
use serde_json::json;

use crate::compare::Difference;
use crate::model::{Analysis, Class, Found, Progress, SnapshotName, Spec, State};
use crate::parameters::{parameters, structure};
use crate::targets;

const MAX_REPLICATES: u32 = 10_000;
/// An id that stands for any, so that no resource may have it.
pub(crate) const ANY: &str = "-";

/// The spec of a request and everything wrong with its form. With violations the spec is only good
/// for finding more of them.
pub(crate) fn spec(given: Option<wire::AnalysisSpec>) -> Result<(Spec, Vec<Violation>), Fault> {
    let Some(given) = given else {
        return Err(Fault::field("spec", Reason::FieldRequired, "what to run is needed"));
    };
    let mut found = Vec::new();
    let snapshot = snapshot("spec.snapshot", &given.snapshot).unwrap_or_else(|fault| {
        found.extend(fault.violations);
        SnapshotName { round: String::new(), hash: Sha256Hash::of(b"") }
    });
    if given.method.is_empty() {
        found.push(Violation::new("spec.method", Reason::FieldRequired, "a method's id is needed"));
    }
    let view = View::from_name(&given.view).unwrap_or_else(|| {
        let message = format!("{:?} is not personal or world", given.view);
        found.push(Violation::new("spec.view", Reason::BadField, message));
        View::Personal
    });
    let parameters = match given.parameters.as_ref().map(|given| parameters("spec.parameters", given)) {
        None => json!({}),
        Some(Ok(parameters)) => parameters,
        Some(Err(violations)) => {
            found.extend(violations);
            json!({})
        }
    };
    let also_by = given.also_by.iter().enumerate().map(|(place, name)| (format!("spec.also_by[{place}]"), name));
    for (field, name) in std::iter::once(("spec.by".to_owned(), &given.by)).chain(also_by) {
        if name.len() > MAX_ID_BYTES {
            let message = format!("an attribute's name has at most {MAX_ID_BYTES} bytes");
            found.push(Violation::new(field, Reason::BadField, message));
        } else if name.is_empty() && field != "spec.by" {
            found.push(Violation::new(field, Reason::FieldRequired, "an attribute's name is needed"));
        }
    }
    if given.by.is_empty() && !given.also_by.is_empty() {
        found.push(Violation::new("spec.by", Reason::FieldRequired, "further attributes need a first one"));
    }
    found.extend(targets::problems(&given.targets));
    let cells = targets::cells(given.cells).unwrap_or_else(|violations| {
        found.extend(violations);
        Vec::new()
    });
    let weighting = given.weighting.as_ref().map(|given| rules("spec.weighting", given, Weighting::read));
    let quality = given.quality.as_ref().map(|given| rules("spec.quality", given, Quality::read));
    let design = given.design.as_ref().map(|given| rules("spec.design", given, Design::read));
    let mut sound = |problems| found.extend::<Vec<Violation>>(problems);
    let (weighting, quality, design) = (
        weighting.and_then(|read| read.map_err(&mut sound).ok()),
        quality.and_then(|read| read.map_err(&mut sound).ok()),
        design.and_then(|read| read.map_err(&mut sound).ok()),
    );
    for item in given.positions.keys() {
        found.extend(violations(check_id(&format!("spec.positions[{item:?}]"), item, true)));
    }
    if !given.positions_of.is_empty() {
        found.extend(violations(revision("spec.positions_of", &given.positions_of)));
    }
    for (place, item) in given.items.iter().enumerate() {
        found.extend(violations(check_id(&format!("spec.items[{place}]"), item, true)));
    }
    if given.replicates > MAX_REPLICATES {
        let message = format!("{} is more than {MAX_REPLICATES}", given.replicates);
        found.push(Violation::new("spec.replicates", Reason::BadField, message));
    }
    let spec = Spec {
        snapshot,
        method: given.method,
        resolved: None,
        parameters,
        seed: given.seed,
        by: some(given.by),
        also_by: given.also_by,
        targets: targets::model(given.targets),
        cells,
        weighting,
        quality,
        design,
        view,
        positions: given.positions,
        positions_of: some(given.positions_of),
        items: given.items,
        replicates: given.replicates,
        suppress_below: given.suppress_below.unwrap_or(PUBLIC_THRESHOLD),
    };
    Ok((spec, found))
}

/// Rules that stand at `field` as a JSON object, or everything wrong with them.
fn rules<T>(
    field: &str,
    given: &prost_types::Struct,
    read: fn(&serde_json::Value) -> Result<T, Vec<Problem>>,
) -> Result<T, Vec<Violation>> {
    let object = parameters(field, given)?;
    let violation = |p: Problem| Violation::new(format!("{field}{}", p.path), Reason::BadField, p.message);
    read(&object).map_err(|problems| problems.into_iter().map(violation).collect())
}

fn structure_of(rules: &impl serde::Serialize) -> Option<prost_types::Struct> {
    serde_json::to_value(rules).ok().as_ref().map(structure)
}

/// Takes `rounds/{round}/snapshots/{sha256}` apart.
pub(crate) fn snapshot(field: &str, name: &str) -> Result<SnapshotName, Fault> {
    let [round, hash] = names::parse(field, "rounds/*/snapshots/*", name)?;
    Ok(SnapshotName { round: round.to_owned(), hash: parse_hash(field, hash)? })
}

/// Checks `specs/{spec}/revisions/{revision}`.
fn revision(field: &str, name: &str) -> Result<(), Fault> {
    names::parse::<2>(field, "specs/*/revisions/*", name).map(|_| ())
}

/// Takes `analyses/{analysis}` apart.
pub(crate) fn analysis_id<'a>(field: &str, name: &'a str) -> Result<&'a str, Fault> {
    names::parse::<1>(field, "analyses/*", name).map(|[id]| id)
}

/// Takes `analyses/{analysis}/results/{sha256}` apart; `None` for any analysis.
pub(crate) fn result_id<'a>(field: &str, name: &'a str) -> Result<(Option<&'a str>, Sha256Hash), Fault> {
    let [analysis, hash] = names::parse(field, "analyses/*/results/*", name)?;
    Ok(((analysis != ANY).then_some(analysis), parse_hash(field, hash)?))
}

fn parse_hash(field: &str, text: &str) -> Result<Sha256Hash, Fault> {
    text.parse().map_err(|error| Fault::field(field, Reason::BadName, format!("{error}")))
}

fn violations(checked: Result<(), Fault>) -> Vec<Violation> {
    checked.err().map(|fault| fault.violations).unwrap_or_default()
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// The analysis as callers see it.
pub(crate) fn analysis(analysis: &Analysis) -> wire::Analysis {
    let (state, result, failure) = match &analysis.state {
        State::Running => (wire::AnalysisState::Running, None, None),
        State::Succeeded(hash) => (wire::AnalysisState::Succeeded, Some(hash), None),
        State::Failed(failure) => (wire::AnalysisState::Failed, None, Some(failure)),
        State::Cancelled(failure) => (wire::AnalysisState::Cancelled, None, Some(failure)),
    };
    let name = analysis_name(&analysis.id);
    wire::Analysis {
        result: result.map(|hash| format!("{name}/results/{hash}")).unwrap_or_default(),
        name,
        spec: Some(wire_spec(&analysis.spec)),
        state: state.into(),
        error: failure.map(|failure| failure.message.clone()).unwrap_or_default(),
        error_reason: failure.map(|failure| failure.reason.to_string()).unwrap_or_default(),
        create_time: Some(timestamp(analysis.created)),
        end_time: analysis.ended.map(timestamp),
    }
}

/// `analyses/{analysis}`.
pub(crate) fn analysis_name(id: &str) -> String {
    format!("analyses/{id}")
}

fn wire_spec(spec: &Spec) -> wire::AnalysisSpec {
    wire::AnalysisSpec {
        snapshot: spec.snapshot.to_string(),
        method: spec.method.clone(),
        parameters: Some(structure(&spec.parameters)),
        seed: spec.seed,
        by: spec.by.clone().unwrap_or_default(),
        also_by: spec.also_by.clone(),
        targets: targets::wire(&spec.targets),
        cells: targets::wire_cells(&spec.cells),
        weighting: spec.weighting.as_ref().and_then(structure_of),
        quality: spec.quality.as_ref().and_then(structure_of),
        design: spec.design.as_ref().and_then(structure_of),
        resolved_method: spec.resolved.as_ref().map(|m| format!("{}@{}", m.id, m.version)).unwrap_or_default(),
        component: hash_text(spec.resolved.as_ref().and_then(|method| method.component)),
        view: spec.view.name().to_owned(),
        positions: spec.positions.clone(),
        positions_of: spec.positions_of.clone().unwrap_or_default(),
        items: spec.items.clone(),
        replicates: spec.replicates,
        suppress_below: Some(spec.suppress_below),
    }
}

/// The result as callers see it.
pub(crate) fn result(found: Found) -> wire::Result {
    let class = match found.class {
        Class::Public => wire::ResultClass::Public,
        Class::Auditor => wire::ResultClass::Auditor,
        Class::Suppressed => wire::ResultClass::Suppressed,
    };
    wire::Result {
        name: found.name(),
        snapshot: found.snapshot.to_string(),
        method: found.method,
        method_version: found.method_version,
        engine_version: found.engine_version,
        json: found.json,
        class: class.into(),
        component: hash_text(found.component),
        create_time: Some(timestamp(found.created)),
    }
}

/// Progress as callers see it.
pub(crate) fn progress(id: &str, progress: Progress) -> wire::RunAnalysisMetadata {
    wire::RunAnalysisMetadata {
        analysis: analysis_name(id),
        phase: progress.phase.to_owned(),
        fraction: progress.fraction,
        rows: i64::try_from(progress.rows).unwrap_or(i64::MAX),
    }
}

/// A difference as callers see it.
pub(crate) fn difference(difference: Difference) -> wire::Difference {
    wire::Difference {
        path: difference.path,
        left: difference.left.unwrap_or_default(),
        right: difference.right.unwrap_or_default(),
    }
}

fn hash_text(hash: Option<Sha256Hash>) -> String {
    hash.map(|hash| hash.to_string()).unwrap_or_default()
}

/// A method as callers see it; with the hash of its component, where it is a plugin.
pub(crate) fn method(descriptor: Descriptor, component: Option<Sha256Hash>) -> wire::Method {
    wire::Method {
        name: match component {
            Some(component) => format!("plugins/{component}"),
            None => format!("methods/{}/versions/{}", descriptor.id, descriptor.version),
        },
        id: descriptor.id,
        version: descriptor.version,
        title: descriptor.title,
        answers: descriptor.answers,
        assumes: descriptor.assumes,
        avoid_when: descriptor.avoid_when,
        source: descriptor.source,
        kinds: descriptor.kinds,
        parameters_schema: descriptor.parameters.to_string(),
        component: hash_text(component),
        max_passes: descriptor.max_passes,
        segments: match descriptor.segments {
            Segments::Host => "host".to_owned(),
            Segments::Method => "method".to_owned(),
        },
        bootstrap: descriptor.bootstrap,
        participants: descriptor.participants,
        laws: descriptor.laws.into_iter().map(|law| law_name(law).to_owned()).collect(),
    }
}

fn law_name(law: Law) -> &'static str {
    match law {
        Law::Anonymity => "anonymity",
        Law::Neutrality => "neutrality",
        Law::WeightScale => "weight-scale",
        Law::Duplication => "duplication",
    }
}
