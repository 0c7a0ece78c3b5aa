//! Collects everything wrong with a request before it is refused.

use folkmoot_core::id::check_id;
use folkmoot_core::{Fault, Reason, Violation, text};
use folkmoot_rpc::{idempotency, names};

/// Longest title, note or name of a person, in code points.
pub(crate) const MAX_TITLE_CHARS: usize = 500;

/// Most violations told at once: an error travels in HTTP headers, which have little room.
const MAX_VIOLATIONS: usize = 32;

/// The violations found so far, in the order of the request.
#[derive(Default)]
pub(crate) struct Check {
    found: Vec<Violation>,
}

impl Check {
    /// A check that starts with the request id.
    pub(crate) fn of_request(request_id: &str) -> Self {
        let mut check = Self::default();
        check.take(idempotency::check_request_id(request_id));
        check
    }

    /// Adds a violation.
    pub(crate) fn add(&mut self, field: impl Into<String>, reason: Reason, message: impl Into<String>) {
        self.found.push(Violation::new(field, reason, message));
    }

    /// The value, or its violations added.
    pub(crate) fn take<T>(&mut self, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.found.extend(fault.violations)).ok()
    }

    /// The ids in a resource name.
    pub(crate) fn name<'a, const N: usize>(
        &mut self,
        field: &str,
        pattern: &str,
        name: &'a str,
    ) -> Option<[&'a str; N]> {
        self.take(names::parse(field, pattern, name))
    }

    /// An id that a caller may choose; empty where it is left to the server.
    pub(crate) fn optional_id(&mut self, field: &str, id: &str) {
        if !id.is_empty() {
            self.take(check_id(field, id, false));
        }
    }

    /// The text in its stored form; may be empty.
    pub(crate) fn text(&mut self, field: &str, text: &str, max_chars: usize) -> String {
        let normal = text::normalise(field, text, max_chars);
        normal.map_err(|violation| self.found.push(violation)).unwrap_or_default()
    }

    /// The text in its stored form; it must say something.
    pub(crate) fn needed_text(&mut self, field: &str, text: &str, max_chars: usize, missing: Reason) -> String {
        if text.trim().is_empty() {
            self.add(field, missing, "is needed");
        }
        self.text(field, text, max_chars)
    }

    /// One of an enum's values: 0 is missing, and what is not known is refused.
    pub(crate) fn value<T>(&mut self, field: &str, number: i32, value: Option<T>) -> Option<T> {
        match (number, &value) {
            (_, Some(_)) => {}
            (0, None) => self.add(field, Reason::FieldRequired, "is needed"),
            (number, None) => self.add(field, Reason::BadField, format!("{number} is not one of its values")),
        }
        value
    }

    /// Goes on if nothing was wrong.
    pub(crate) fn done(mut self) -> Result<(), Fault> {
        if self.found.is_empty() {
            return Ok(());
        }
        let left_out = self.found.len().saturating_sub(MAX_VIOLATIONS);
        self.found.truncate(MAX_VIOLATIONS);
        let mut fault = Fault::invalid(self.found);
        if left_out > 0 {
            fault = fault.with("violations_left_out", left_out.to_string());
        }
        Err(fault)
    }
}
