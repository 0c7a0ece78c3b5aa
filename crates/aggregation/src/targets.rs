//! Shares of the population on the wire.

use std::collections::BTreeMap;

use folkmoot_core::id::MAX_ID_BYTES;
use folkmoot_core::{Reason, Violation};
use folkmoot_engine::Targets;
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
