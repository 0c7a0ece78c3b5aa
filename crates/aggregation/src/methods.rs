//! The methods there are, and what they say of a spec before anything is read.

use folkmoot_core::{Code, Fault, Reason, Violation};
use folkmoot_methods::contract::Descriptor;
use crate::model::Spec;

pub(crate) fn all() -> Vec<Descriptor> { Vec::new() }
pub(crate) fn describe(asked: &str) -> Result<Descriptor, Fault> { Err(Fault::new(Code::NotFound, Reason::UnknownMethod, asked)) }
pub(crate) fn problems(spec: &Spec) -> Result<Vec<Violation>, Fault> { describe(&spec.method)?; Ok(vec![]) }
