//! The attributes a run tells apart: their levels, their targets, and where each participant stands.

use folkmoot_methods::contract::{Category, Descriptor, Dimension, Segments};
use folkmoot_snapshot::Snapshot;

use crate::error::EngineError;
use crate::segments::ALL;
use crate::spec::RunSpec;

/// Most values of an attribute that make segments.
const MAX_SEGMENTS: usize = 200;
/// Most attributes told apart at once.
const MAX_DIMENSIONS: usize = 4;
/// How far the shares of an attribute may be from 1 together.
const TOLERANCE: f64 = 1e-6;

/// An attribute with a category for each of its levels, and for each level that only its targets name.
pub(crate) struct Attribute<'a> {
    pub(crate) dimension: Dimension,
    /// A category for each participant.
    pub(crate) codes: &'a [u16],
}

/// The attributes that `spec` tells apart, in its order. Targets that are weighted to need not be among
/// them.
///
/// # Errors
/// Attributes that are not there or cannot be told apart, targets that are no shares, and what the
/// method does not take.
pub(crate) fn attributes<'a>(
    snapshot: &'a Snapshot,
    spec: &RunSpec,
    descriptor: &Descriptor,
    is_weighted: bool,
) -> Result<Vec<Attribute<'a>>, EngineError> {
    let names: Vec<&String> = spec.by.iter().chain(&spec.also_by).collect();
    check_names(&names, spec, descriptor, is_weighted)?;
    names.into_iter().map(|name| attribute(snapshot, spec, name)).collect()
}

fn check_names(
    names: &[&String],
    spec: &RunSpec,
    descriptor: &Descriptor,
    is_weighted: bool,
) -> Result<(), EngineError> {
    let refuse = |name: &str, message: String| Err(EngineError::BadAttribute { name: name.to_owned(), message });
    if let Some(second) = names.get(1)
        && descriptor.segments == Segments::Host
    {
        return refuse(second, format!("is one too many: {} takes one attribute", descriptor.id));
    }
    if let Some(last) = names.get(MAX_DIMENSIONS) {
        return refuse(last, format!("is one too many: at most {MAX_DIMENSIONS} are told apart"));
    }
    for (place, name) in names.iter().enumerate() {
        if names[..place].contains(name) {
            return refuse(name, "is given twice".to_owned());
        }
    }
    if is_weighted {
        return Ok(());
    }
    if let Some(cells) = spec.cells.first() {
        let message = format!("as cells are of no use to {}: say how to weight to them", descriptor.id);
        return Err(EngineError::BadTarget { attribute: cells.attributes.join(" and "), message });
    }
    match spec.targets.keys().find(|attribute| !names.contains(attribute)) {
        None => Ok(()),
        Some(attribute) => {
            let message =
                format!("are of no use: tell it apart too (it is not among {names:?}), or say how to weight to them");
            Err(EngineError::BadTarget { attribute: attribute.clone(), message })
        }
    }
}

fn attribute<'a>(snapshot: &'a Snapshot, spec: &RunSpec, name: &str) -> Result<Attribute<'a>, EngineError> {
    let refuse = |message| EngineError::BadAttribute { name: name.to_owned(), message };
    let attribute = snapshot.participants.attribute(name).ok_or_else(|| EngineError::UnknownAttribute {
        name: name.to_owned(),
        known: snapshot.participants.attributes.iter().map(|attribute| attribute.name.clone()).collect(),
    })?;
    if attribute.levels.iter().any(|level| level == ALL) {
        return Err(refuse(format!("has the value {ALL:?}, which is the label of everybody together")));
    }
    if attribute.levels.len() > MAX_SEGMENTS {
        let levels = attribute.levels.len();
        return Err(refuse(format!("has {levels} values, at most {MAX_SEGMENTS} make segments")));
    }
    // A snapshot gives no levels to an attribute with more values than it can count.
    if attribute.levels.is_empty() {
        return Err(refuse(format!("has too many values, at most {MAX_SEGMENTS} make segments")));
    }
    let dimension = Dimension { name: name.to_owned(), categories: categories(&attribute.levels, spec, name)? };
    // The snapshot's NO_LEVEL is the methods' NO_STRATUM.
    Ok(Attribute { dimension, codes: &attribute.codes })
}

fn categories(levels: &[String], spec: &RunSpec, name: &str) -> Result<Vec<Category>, EngineError> {
    let Some(targets) = spec.targets.get(name) else {
        return Ok(levels.iter().map(|label| Category { label: label.clone(), target: None }).collect());
    };
    let refuse = |message| EngineError::BadTarget { attribute: name.to_owned(), message };
    if let Some((level, share)) = targets.iter().find(|(_, share)| !(0.0..=1.0).contains(*share)) {
        return Err(refuse(format!("give {level:?} the share {share}, which is not from 0 to 1")));
    }
    let sum: f64 = targets.values().sum();
    if (sum - 1.0).abs() > TOLERANCE {
        return Err(refuse(format!("add up to {sum}, not to 1")));
    }
    if let Some(level) = levels.iter().find(|level| !targets.contains_key(*level)) {
        return Err(refuse(format!("have no share for {level:?}, which participants have")));
    }
    let nobody = targets.keys().filter(|level| !levels.contains(level));
    let all = levels.iter().chain(nobody);
    let categories: Vec<Category> =
        all.map(|label| Category { label: label.clone(), target: targets.get(label).copied() }).collect();
    match categories.len() > MAX_SEGMENTS {
        true => Err(refuse(format!("have {} levels, at most {MAX_SEGMENTS} make segments", categories.len()))),
        false => Ok(categories),
    }
}
