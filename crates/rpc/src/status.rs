use std::collections::HashMap;
use std::time::Duration;

use folkmoot_core::{Code, Fault, Reason, Violation};
use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt};

/// `ErrorInfo.domain` of every error.
pub const DOMAIN: &str = "folkmoot.dev";

const RETRY_AFTER: Duration = Duration::from_millis(500);

/// Errors travel in HTTP/2 headers, of which common clients take 8 KiB, encoded: what violations, the
/// message and a value of the metadata may use of it. Callers' own words may be in each of them.
const VIOLATION_BYTES: usize = 3000;
const MESSAGE_BYTES: usize = 600;
const METADATA_BYTES: usize = 800;

/// The fault as callers see it: `ErrorInfo` with the reason, `BadRequest` with every violation as
/// `REASON: words`, `RetryInfo` where waiting helps. The words of a defect stay in the log. Where the
/// violations do not all fit, the metadata `violations_left_out` counts the rest.
pub fn status(fault: Fault) -> Status {
    if matches!(fault.code, Code::Internal | Code::DataLoss) {
        tracing::error!(reason = %fault.reason, message = fault.message, "request failed");
    }
    let message = match fault.code {
        Code::Internal => "internal error; the server's log says more".to_owned(),
        _ => fitting(fault.message, MESSAGE_BYTES),
    };
    let mut details = ErrorDetails::new();
    let mut metadata: HashMap<String, String> =
        fault.metadata.into_iter().map(|(key, value)| (key.to_owned(), fitting(value, METADATA_BYTES))).collect();
    let mut room = VIOLATION_BYTES;
    let mut left_out = 0;
    for violation in fault.violations {
        let words = fitting(format!("{}: {}", violation.reason, violation.message), MESSAGE_BYTES);
        match room.checked_sub(violation.field.len() + words.len()) {
            Some(rest) if left_out == 0 => {
                room = rest;
                details.add_bad_request_violation(violation.field, words);
            }
            _ => left_out += 1,
        }
    }
    if left_out > 0 {
        metadata.insert("violations_left_out".to_owned(), left_out.to_string());
    }
    details.set_error_info(fault.reason.as_str(), DOMAIN, metadata);
    if fault.reason == Reason::Overloaded {
        details.set_retry_info(Some(RETRY_AFTER));
    }
    Status::with_error_details(wire_code(fault.code), message, details)
}

/// `text`, cut to at most `bytes` with `…` where it is longer.
fn fitting(mut text: String, bytes: usize) -> String {
    if text.len() > bytes {
        let cut = (0..=bytes).rev().find(|&place| text.is_char_boundary(place)).unwrap_or(0);
        text.truncate(cut);
        text.push('…');
    }
    text
}

/// A peer's answer as a fault of our own.
pub fn fault(status: &Status) -> Fault {
    let details = status.get_error_details();
    let stated = details.error_info().and_then(|info| Reason::from_wire(&info.reason));
    let code = our_code(status.code());
    let reason = stated.unwrap_or(match code {
        Code::NotFound => Reason::ResourceNotFound,
        Code::Unavailable => Reason::StorageUnavailable,
        Code::Cancelled => Reason::OperationCancelled,
        _ => Reason::InternalError,
    });
    let violations = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
    let violations = violations.iter().map(|violation| {
        let (reason, message) = match violation.description.split_once(": ") {
            Some((text, words)) if Reason::from_wire(text).is_some() => (Reason::from_wire(text), words),
            _ => (None, violation.description.as_str()),
        };
        Violation::new(&violation.field, reason.unwrap_or(Reason::BadField), message)
    });
    let violations = violations.collect();
    Fault { code, reason, message: status.message().to_owned(), violations, metadata: Vec::new() }
}

fn wire_code(code: Code) -> tonic::Code {
    match code {
        Code::InvalidArgument => tonic::Code::InvalidArgument,
        Code::NotFound => tonic::Code::NotFound,
        Code::AlreadyExists => tonic::Code::AlreadyExists,
        Code::FailedPrecondition => tonic::Code::FailedPrecondition,
        Code::Aborted => tonic::Code::Aborted,
        Code::ResourceExhausted => tonic::Code::ResourceExhausted,
        Code::Unavailable => tonic::Code::Unavailable,
        Code::DeadlineExceeded => tonic::Code::DeadlineExceeded,
        Code::Cancelled => tonic::Code::Cancelled,
        Code::DataLoss => tonic::Code::DataLoss,
        Code::Internal => tonic::Code::Internal,
    }
}

fn our_code(code: tonic::Code) -> Code {
    match code {
        tonic::Code::InvalidArgument | tonic::Code::OutOfRange => Code::InvalidArgument,
        tonic::Code::NotFound => Code::NotFound,
        tonic::Code::AlreadyExists => Code::AlreadyExists,
        tonic::Code::FailedPrecondition => Code::FailedPrecondition,
        tonic::Code::Aborted => Code::Aborted,
        tonic::Code::ResourceExhausted => Code::ResourceExhausted,
        tonic::Code::Unavailable => Code::Unavailable,
        tonic::Code::DeadlineExceeded => Code::DeadlineExceeded,
        tonic::Code::Cancelled => Code::Cancelled,
        tonic::Code::DataLoss => Code::DataLoss,
        _ => Code::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_survives_the_wire() {
        let sent = Fault::invalid(vec![
            Violation::new("answers[0].scale", Reason::BadNumber, "is not finite"),
            Violation::new("answers[1].text", Reason::BadText, "has NUL: U+0000"),
        ]);
        assert_eq!(fault(&status(sent.clone())), sent);
    }

    #[test]
    fn violations_that_do_not_fit_are_counted() {
        let many = (0..1000).map(|n| Violation::new(format!("answers[{n}]"), Reason::UnknownItem, "is not asked here"));
        let seen = status(Fault::invalid(many.collect()));
        assert!(seen.details().len() < 6000, "{} bytes", seen.details().len());
        let details = seen.get_error_details();
        let shown = details.bad_request().unwrap().field_violations.len();
        let left_out: usize = details.error_info().unwrap().metadata["violations_left_out"].parse().unwrap();
        assert!(shown > 50);
        assert_eq!(shown + left_out, 1000);
    }

    #[test]
    fn what_callers_wrote_does_not_burst_the_headers() {
        let long = "語".repeat(100_000);
        let sent = Fault::field("answers[0].ranking", Reason::BadRanking, &long).with("current_revision", &long);
        let seen = status(sent);
        let encoded = seen.details().len() * 4 / 3 + seen.message().len() * 3;
        assert!(encoded < 8192, "{encoded} bytes");
        assert_eq!(fault(&seen).reason, Reason::BadRanking);
    }

    #[test]
    fn the_words_of_a_defect_stay_at_home() {
        let seen = status(Fault::internal("password is hunter2"));
        assert!(!seen.message().contains("hunter2"));
        assert_eq!(fault(&seen).reason, Reason::InternalError);
    }
}
