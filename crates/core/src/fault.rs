//! The one shape of an error: a code for machines' control flow, a reason for their logic, words for
//! people, and every violation with its place.

use std::fmt;

/// What kind of failure this is. Mapped once to a gRPC status and once to an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The request itself is wrong; sending it again cannot help.
    InvalidArgument,
    /// The named thing does not exist, or not for this tenant.
    NotFound,
    /// The thing exists already, in another form.
    AlreadyExists,
    /// The request is sound but the state of the system forbids it.
    FailedPrecondition,
    /// Somebody else changed the thing meanwhile; read again and retry.
    Aborted,
    /// A limit was reached.
    ResourceExhausted,
    /// A needed part does not answer; retry later.
    Unavailable,
    /// The caller's time ran out before the work was done.
    DeadlineExceeded,
    /// The operation was cancelled.
    Cancelled,
    /// Stored data is not what it was when written.
    DataLoss,
    /// A defect of Folkmoot.
    Internal,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Why a request failed, as `ErrorInfo.reason`. The list is `folkmoot.error.v1.ErrorReason`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason { $($(#[$doc])* $name,)* }

        impl Reason {
            /// Every reason there is.
            pub const ALL: &'static [Reason] = &[$(Reason::$name,)*];

            /// The reason of that text, if there is one.
            pub fn from_wire(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|reason| reason.as_str() == text)
            }

            /// The reason as it stands on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Reason::$name => $text,)* }
            }
        }
    };
}

reasons! {
    /// Bytes that are no message of the expected type.
    MalformedMessage = "MALFORMED_MESSAGE",
    /// A message over the size limit.
    MessageTooLarge = "MESSAGE_TOO_LARGE",
    /// A required field is empty.
    FieldRequired = "FIELD_REQUIRED",
    /// A field whose value is out of its range or form.
    BadField = "BAD_FIELD",
    /// A resource name or id that is not well formed.
    BadName = "BAD_NAME",
    /// A page token that this service did not make for this list and tenant.
    BadPageToken = "BAD_PAGE_TOKEN",
    /// The resource does not exist for this tenant.
    ResourceNotFound = "RESOURCE_NOT_FOUND",
    /// A resource of that id exists already.
    ResourceExists = "RESOURCE_EXISTS",
    /// The resource's etag is not the one the caller read.
    EtagMismatch = "ETAG_MISMATCH",
    /// The request id was used before with another body.
    IdempotencyConflict = "IDEMPOTENCY_CONFLICT",
    /// The round has no item of that id.
    UnknownItem = "UNKNOWN_ITEM",
    /// The answer names a candidate that the item does not offer.
    CandidateNotOffered = "CANDIDATE_NOT_OFFERED",
    /// The answer is of another kind than its item.
    AnswerKind = "ANSWER_KIND",
    /// A required item has no answer.
    AnswerMissing = "ANSWER_MISSING",
    /// One submission answers an item twice for one view.
    DuplicateAnswer = "DUPLICATE_ANSWER",
    /// The participant answered this item before and the round does not let answers be replaced.
    AnswerExists = "ANSWER_EXISTS",
    /// A ranking that does not follow the grammar, or names a candidate twice.
    BadRanking = "BAD_RANKING",
    /// A number that is not finite or outside the item's scale.
    BadNumber = "BAD_NUMBER",
    /// A text with NUL or another forbidden control character.
    BadText = "BAD_TEXT",
    /// A text over its limit.
    TextTooLong = "TEXT_TOO_LONG",
    /// An item that cannot be asked: too few candidates, duplicate ids and the like.
    BadItem = "BAD_ITEM",
    /// A clause that the bound revision does not have.
    UnknownClause = "UNKNOWN_CLAUSE",
    /// The answer was given on another revision than the round's.
    SpecSuperseded = "SPEC_SUPERSEDED",
    /// The round does not take answers yet.
    RoundNotOpen = "ROUND_NOT_OPEN",
    /// The round takes no more answers.
    RoundClosed = "ROUND_CLOSED",
    /// The round is open, so what was fixed at opening cannot change.
    RoundOpen = "ROUND_OPEN",
    /// The round is in another state than the request needs.
    RoundState = "ROUND_STATE",
    /// There is no method of that id and version.
    UnknownMethod = "UNKNOWN_METHOD",
    /// A parameter that the method's schema refuses.
    BadParameter = "BAD_PARAMETER",
    /// The method has no value on this data.
    MethodUndefined = "METHOD_UNDEFINED",
    /// Weights could not be made or used.
    WeightingFailed = "WEIGHTING_FAILED",
    /// Quotas that no panel of the pool meets.
    QuotaInfeasible = "QUOTA_INFEASIBLE",
    /// Bytes that are no component a plugin can be.
    BadPlugin = "BAD_PLUGIN",
    /// Another component has this plugin's id and version.
    PluginConflict = "PLUGIN_CONFLICT",
    /// The plugin was disabled and starts no new analyses.
    PluginDisabled = "PLUGIN_DISABLED",
    /// A plugin reached one of the host's limits.
    PluginBudget = "PLUGIN_BUDGET",
    /// A plugin broke off in the middle of a call.
    PluginTrap = "PLUGIN_TRAP",
    /// A signature that its key did not make over these bytes.
    BadSignature = "BAD_SIGNATURE",
    /// A document that cannot be imported as a spec.
    BadDocument = "BAD_DOCUMENT",
    /// The clause changed since the proposal was written.
    ClauseChanged = "CLAUSE_CHANGED",
    /// A decision without its reason.
    ReasonRequired = "REASON_REQUIRED",
    /// The proposal, decision or finding is in another state than the request needs.
    ProposalState = "PROPOSAL_STATE",
    /// A snapshot or file whose bytes are not what its hash says.
    DataCorrupt = "DATA_CORRUPT",
    /// A file row that cannot be read.
    BadRow = "BAD_ROW",
    /// A queue is full; retry after the given delay.
    Overloaded = "OVERLOADED",
    /// The store has no room.
    StorageFull = "STORAGE_FULL",
    /// The store does not answer.
    StorageUnavailable = "STORAGE_UNAVAILABLE",
    /// The watch cursor is older than what is kept.
    CursorExpired = "CURSOR_EXPIRED",
    /// The operation was cancelled by a caller.
    OperationCancelled = "OPERATION_CANCELLED",
    /// A defect of Folkmoot.
    InternalError = "INTERNAL_ERROR",
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing wrong with a request, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field, such as `answers[3].rank.tiers`.
    pub field: String,
    /// Why it is refused.
    pub reason: Reason,
    /// The same in words, lower case and without a full stop.
    pub message: String,
}

impl Violation {
    /// A violation at `field`.
    pub fn new(field: impl Into<String>, reason: Reason, message: impl Into<String>) -> Self {
        Self { field: field.into(), reason, message: message.into() }
    }

    /// The same violation seen from outside `parent`: `x` becomes `parent.x`.
    pub fn within(mut self, parent: &str) -> Self {
        self.field = match self.field.as_str() {
            "" => parent.to_owned(),
            field => format!("{parent}.{field}"),
        };
        self
    }
}

/// A failure on its way to a caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// What kind of failure.
    pub code: Code,
    /// Why, for programs.
    pub reason: Reason,
    /// Why, for people: lower case, no full stop.
    pub message: String,
    /// Every violation found, in the order of the request.
    pub violations: Vec<Violation>,
    /// Facts a program may want, such as `current_revision`.
    pub metadata: Vec<(&'static str, String)>,
}

impl Fault {
    /// A fault without violations.
    pub fn new(code: Code, reason: Reason, message: impl Into<String>) -> Self {
        Self { code, reason, message: message.into(), violations: Vec::new(), metadata: Vec::new() }
    }

    /// A request refused for `violations`, which must not be empty; the first gives the reason.
    pub fn invalid(violations: Vec<Violation>) -> Self {
        let reason = violations.first().map_or(Reason::BadField, |v| v.reason);
        let message = match violations.as_slice() {
            [one] => format!("{}: {}", one.field, one.message),
            many => format!("{} violations; the first is {}: {}", many.len(), many[0].field, many[0].message),
        };
        Self { code: Code::InvalidArgument, reason, message, violations, metadata: Vec::new() }
    }

    /// A request refused for one field.
    pub fn field(field: impl Into<String>, reason: Reason, message: impl Into<String>) -> Self {
        Self::invalid(vec![Violation::new(field, reason, message)])
    }

    /// The resource `name` does not exist for this tenant.
    pub fn not_found(name: impl fmt::Display) -> Self {
        Self::new(Code::NotFound, Reason::ResourceNotFound, format!("{name} does not exist"))
    }

    /// The state of the system forbids the request.
    pub fn precondition(reason: Reason, message: impl Into<String>) -> Self {
        Self::new(Code::FailedPrecondition, reason, message)
    }

    /// A defect: the words go to the log, not to the caller's logic.
    pub fn internal(message: impl fmt::Display) -> Self {
        Self::new(Code::Internal, Reason::InternalError, message.to_string())
    }

    /// The same fault with a fact for programs.
    pub fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.metadata.push((key, value.into()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_violation_gives_the_message_and_many_give_the_count() {
        let one = Fault::field("a", Reason::BadNumber, "is not finite");
        assert_eq!(one.to_string(), "a: is not finite");
        assert_eq!(one.reason, Reason::BadNumber);
        let two = Fault::invalid(vec![one.violations[0].clone(), Violation::new("b", Reason::BadText, "has NUL")]);
        assert_eq!(two.to_string(), "2 violations; the first is a: is not finite");
    }
}
