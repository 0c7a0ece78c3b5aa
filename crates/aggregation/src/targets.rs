//! Shares of the population on the wire.

use std::collections::BTreeMap;

use folkmoot_core::id::MAX_ID_BYTES;
use folkmoot_core::{Reason, Violation};
use folkmoot_engine::{Cells, Targets};
use folkmoot_proto::aggregation as wire;

/// Everything wrong with the shares' form; whether they fit the participants is for the run to tell.
pub(crate) fn problems(given: &BTreeMap<String, wire::Targets>) -> Vec<Violation> {
    let mut found = Vec::new();
    for (attribute, targets) in given {
        let field = format!("spec.targets[{attribute:?}]");
        if attribute.is_empty() || attribute.len() > MAX_ID_BYTES {
            let message = format!("an attribute's name has from 1 to {MAX_ID_BYTES} bytes");
            found.push(Violation::new(&field, Reason::BadField, message));
        }
        if targets.shares.is_empty() {
            found.push(Violation::new(format!("{field}.shares"), Reason::FieldRequired, "there is no share"));
        }
        for (level, share) in targets.shares.iter().filter(|(_, share)| !(0.0..=1.0).contains(*share)) {
            let message = format!("{share} is not from 0 to 1");
            found.push(Violation::new(format!("{field}.shares[{level:?}]"), Reason::BadNumber, message));
        }
    }
    found
}

pub(crate) fn model(given: BTreeMap<String, wire::Targets>) -> Targets {
    given.into_iter().map(|(attribute, targets)| (attribute, targets.shares)).collect()
}

pub(crate) fn wire(targets: &Targets) -> BTreeMap<String, wire::Targets> {
    targets.iter().map(|(attribute, shares)| (attribute.clone(), wire::Targets { shares: shares.clone() })).collect()
}

/// Shares of combinations of levels, or everything wrong with their form.
pub(crate) fn cells(given: Vec<wire::CellTargets>) -> Result<Vec<Cells>, Vec<Violation>> {
    let mut found = Vec::new();
    for (place, cells) in given.iter().enumerate() {
        let field = format!("spec.cells[{place}]");
        if cells.attributes.is_empty() {
            let message = "the attributes whose levels are combined are needed";
            found.push(Violation::new(format!("{field}.attributes"), Reason::FieldRequired, message));
        }
        for (cell, target) in cells.cells.iter().enumerate() {
            let field = format!("{field}.cells[{cell}]");
            if target.values.len() != cells.attributes.len() {
                let message = format!("{} levels of {} attributes", target.values.len(), cells.attributes.len());
                found.push(Violation::new(format!("{field}.values"), Reason::BadField, message));
            }
            if !(0.0..=1.0).contains(&target.share) {
                let message = format!("{} is not from 0 to 1", target.share);
                found.push(Violation::new(format!("{field}.share"), Reason::BadNumber, message));
            }
        }
    }
    if !found.is_empty() {
        return Err(found);
    }
    let model = |cells: wire::CellTargets| Cells {
        attributes: cells.attributes,
        shares: cells.cells.into_iter().map(|cell| (cell.values, cell.share)).collect(),
    };
    Ok(given.into_iter().map(model).collect())
}

pub(crate) fn wire_cells(cells: &[Cells]) -> Vec<wire::CellTargets> {
    let cell = |(values, share): &(Vec<String>, f64)| wire::CellTarget { values: values.clone(), share: *share };
    let wire = |cells: &Cells| wire::CellTargets {
        attributes: cells.attributes.clone(),
        cells: cells.shares.iter().map(cell).collect(),
    };
    cells.iter().map(wire).collect()
}
