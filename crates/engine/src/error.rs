//! Why a run gives no result.

use folkmoot_core::{Code, Fault, Reason, Violation};
use folkmoot_methods::MethodError;
use folkmoot_methods::contract::Problem;
use folkmoot_weights::Failure;

/// Why a run gives no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// There is no method of that name.
    #[error("there is no method {0:?}")]
    UnknownMethod(String),
    /// Parameters that the method refuses; every problem is listed.
    #[error("bad parameters: {}", .0.iter().map(|p| format!("{}: {}", p.path, p.message)).collect::<Vec<_>>().join("; "))]
    BadParameters(Vec<Problem>),
    /// The method has no value on this data, and why.
    #[error("undefined on this data: {0}")]
    Undefined(String),
    /// The snapshot's participants have no such attribute.
    #[error("the participants have no attribute {name:?}; they have {}", known.join(", "))]
    UnknownAttribute {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// An attribute whose values cannot be segments.
    #[error("the attribute {name:?} {message}")]
    BadAttribute {
        /// What was asked for.
        name: String,
        /// Why its values cannot be segments.
        message: String,
    },
    /// Shares of the population that cannot be used.
    #[error("the targets of {attribute:?} {message}")]
    BadTarget {
        /// The attribute.
        attribute: String,
        /// What is wrong with them.
        message: String,
    },
    /// Rules of quality or weighting that cannot be; every problem is listed.
    #[error("bad {field}: {}", problems.iter().map(|p| format!("{}: {}", p.path, p.message)).collect::<Vec<_>>().join("; "))]
    BadRules {
        /// `quality` or `weighting`.
        field: &'static str,
        /// What is wrong, and where.
        problems: Vec<Problem>,
    },
    /// Targets that do not go with the participants; every mismatch.
    #[error("the targets do not go with the participants: {0}")]
    Mismatch(String),
    /// More replicates than there is room for.
    #[error("{0}")]
    TooMuch(String),
    /// The snapshot has no such item.
    #[error("the snapshot has no item {0:?}")]
    UnknownItem(String),
    /// A position that is no answer to its item.
    #[error("the position of {item:?} is no answer to it: {message}")]
    BadPosition {
        /// Id of the item.
        item: String,
        /// What is wrong with it.
        message: String,
    },
    /// Weights that cannot be used.
    #[error("the weights cannot be used: {0}")]
    Weighting(String),
    /// The snapshot is not what it was when written.
    #[error("the snapshot is corrupt: {0}")]
    Corrupt(String),
    /// A plugin reached a limit: which, where, and how to raise it.
    #[error("{0}")]
    OverBudget(String),
    /// A plugin broke off in the middle of a call, and where.
    #[error("{0}")]
    Trapped(String),
    /// The caller asked to stop.
    #[error("the run was cancelled")]
    Cancelled,
    /// A defect of the engine or the method.
    #[error("the run failed: {0}")]
    Internal(String),
}

impl From<MethodError> for EngineError {
    fn from(error: MethodError) -> Self {
        match error {
            MethodError::BadParameters(problems) => Self::BadParameters(problems),
            MethodError::Undefined(why) => Self::Undefined(why),
            MethodError::BadState(why) => Self::Internal(format!("bad state: {why}")),
            MethodError::Internal(why) => Self::Internal(why),
            MethodError::OverBudget(why) => Self::OverBudget(why),
            MethodError::Trapped(why) => Self::Trapped(why),
        }
    }
}

impl From<Failure> for EngineError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Parameters(problems) => Self::BadRules { field: "weighting", problems },
            Failure::Mismatch(_) => Self::Mismatch(failure.to_string()),
            _ => Self::Weighting(failure.to_string()),
        }
    }
}

impl From<EngineError> for Fault {
    fn from(error: EngineError) -> Self {
        let message = error.to_string();
        match error {
            EngineError::UnknownMethod(_) => Fault::new(Code::NotFound, Reason::UnknownMethod, message),
            EngineError::BadParameters(problems) => {
                let violation =
                    |p: Problem| Violation::new(format!("params{}", p.path), Reason::BadParameter, p.message);
                Fault::invalid(problems.into_iter().map(violation).collect())
            }
            EngineError::Undefined(_) => Fault::precondition(Reason::MethodUndefined, message),
            EngineError::UnknownAttribute { .. } | EngineError::BadAttribute { .. } => {
                Fault::field("by", Reason::BadField, message)
            }
            EngineError::BadRules { field, problems } => {
                let violation = |p: Problem| Violation::new(format!("{field}{}", p.path), Reason::BadField, p.message);
                Fault::invalid(problems.into_iter().map(violation).collect())
            }
            EngineError::Mismatch(_) => Fault::field("targets", Reason::WeightingFailed, message),
            EngineError::TooMuch(_) => Fault::field("replicates", Reason::BadField, message),
            EngineError::UnknownItem(item) => Fault::field("items", Reason::UnknownItem, message).with("item", item),
            EngineError::BadPosition { item, .. } => {
                Fault::field(format!("positions/{item}"), Reason::BadField, message)
            }
            EngineError::Weighting(_) => Fault::precondition(Reason::WeightingFailed, message),
            EngineError::Corrupt(_) => Fault::new(Code::DataLoss, Reason::DataCorrupt, message),
            EngineError::OverBudget(_) => Fault::new(Code::ResourceExhausted, Reason::PluginBudget, message),
            EngineError::Trapped(_) => Fault::precondition(Reason::PluginTrap, message),
            EngineError::BadTarget { attribute, .. } => {
                Fault::field(format!("targets/{attribute}"), Reason::BadField, message)
            }
            EngineError::Cancelled => Fault::new(Code::Cancelled, Reason::OperationCancelled, message),
            EngineError::Internal(_) => Fault::internal(message),
        }
    }
}
