//! One run, from its spec to its result.

use std::ops::ControlFlow;

use folkmoot_methods::registry::Registry;
use folkmoot_snapshot::Snapshot;

use crate::error::EngineError;
use crate::spec::{Progress, RunResult, RunSpec};

/// Runs `spec` over `snapshot`. `progress` is called now and then and may stop the run.
///
/// # Errors
/// What [`EngineError`] lists.
pub fn run(
    _snapshot: &Snapshot,
    spec: &RunSpec,
    _progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<RunResult, EngineError> {
    let registry = Registry::builtin();
    registry.get(&spec.method).ok_or_else(|| EngineError::UnknownMethod(spec.method.clone()))?;
    Err(EngineError::Internal("no method folds yet".to_owned()))
}
