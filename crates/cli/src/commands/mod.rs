//! A module for each noun of the command line.

pub(crate) mod analyze;
pub(crate) mod decision;
pub(crate) mod finding;
pub(crate) mod methods;
pub(crate) mod panel;
pub(crate) mod plugin;
pub(crate) mod proposal;
pub(crate) mod release;
pub(crate) mod round;
pub(crate) mod spec;
pub(crate) mod verify;
pub(crate) mod weight;
