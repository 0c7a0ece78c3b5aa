//! Methods over votes of many statements: who votes alike, and what all groups share.

mod clusters;
mod components;
mod consensus;
mod groups;
mod hull;
mod item_votes;
mod projection;
mod voters;
mod votes;

use crate::contract::Method;

/// The methods of this folder, in the order people read them.
pub(crate) fn methods() -> Vec<Box<dyn Method>> {
    vec![Box::new(groups::OpinionGroups), Box::new(consensus::GroupConsensus)]
}

/// The method `group-consensus`.
pub(crate) fn group_consensus() -> Box<dyn Method> {
    Box::new(consensus::GroupConsensus)
}
