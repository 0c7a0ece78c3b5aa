//! The methods there are, and what they say of a spec before anything is read.

use folkmoot_core::{Code, Fault, Reason, Violation};
use folkmoot_engine::EngineError;
use folkmoot_methods::contract::{Config, Descriptor, MethodError, Problem};
use folkmoot_methods::{Method, Registry, schema};
use serde_json::Value;

use crate::model::Spec;

/// Every method, by id, the oldest version first.
pub(crate) fn all() -> Vec<Descriptor> {
    let mut methods = Registry::builtin().list();
    methods.sort_by(|a, b| a.id.cmp(&b.id));
    methods
}

/// The method named `id`, its newest version, or `id@version`.
///
/// # Errors
/// `UNKNOWN_METHOD`.
pub(crate) fn describe(asked: &str) -> Result<Descriptor, Fault> {
    Registry::builtin().get(asked).map(Method::describe).ok_or_else(|| unknown(asked))
}

fn unknown(asked: &str) -> Fault {
    Fault::new(Code::NotFound, Reason::UnknownMethod, format!("there is no method {asked:?}"))
}

/// Everything wrong with the parameters that can be told without the snapshot, at
/// `spec.parameters/<JSON pointer>`.
///
/// # Errors
/// `UNKNOWN_METHOD`.
pub(crate) fn problems(spec: &Spec) -> Result<Vec<Violation>, Fault> {
    let registry = Registry::builtin();
    let method = registry.get(&spec.method).ok_or_else(|| unknown(&spec.method))?;
    let checked = schema::check(&method.describe().parameters, &spec.parameters);
    let problems = match checked {
        Err(problems) => problems,
        Ok(parameters) => refused_by(method, spec, parameters),
    };
    if problems.is_empty() {
        return Ok(Vec::new());
    }
    Ok(in_spec(EngineError::BadParameters(problems).into()).violations)
}

/// The parameters the method itself refuses. It has no items yet, so what it says of anything but a
/// parameter waits for the run.
fn refused_by(method: &dyn Method, spec: &Spec, parameters: Value) -> Vec<Problem> {
    let config = Config {
        parameters,
        items: Vec::new(),
        dimension: spec.by.clone(),
        categories: Vec::new(),
        participants: 0,
        seed: spec.seed,
    };
    match method.check(&config) {
        Err(MethodError::BadParameters(problems)) => problems.into_iter().filter(|p| !p.path.is_empty()).collect(),
        Ok(()) | Err(_) => Vec::new(),
    }
}

/// The engine's fault with its fields as they stand in the request.
pub(crate) fn in_spec(fault: Fault) -> Fault {
    if fault.violations.is_empty() {
        return fault;
    }
    let moved = |mut violation: Violation| {
        if let Some(pointer) = violation.field.strip_prefix("params") {
            violation.field = format!("parameters{pointer}");
        }
        violation.within("spec")
    };
    let metadata = fault.metadata;
    Fault { metadata, ..Fault::invalid(fault.violations.into_iter().map(moved).collect()) }
}
