//! Identity, made from a clock and randomness that are passed in.

use crate::clock::Clock;
use crate::fault::{Fault, Reason};

/// Where randomness comes from. The server passes the system's, tests pass a seeded one.
pub trait Entropy: Send + Sync + 'static {
    /// Fills `bytes` with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// A new UUIDv7 in its usual text form: sortable by the time it was made.
pub fn new_id(clock: &dyn Clock, entropy: &dyn Entropy) -> String {
    let mut random = [0u8; 10];
    entropy.fill(&mut random);
    let millis = u64::try_from(clock.now().as_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
}

/// Longest resource id and participant pseudonym, in bytes.
pub const MAX_ID_BYTES: usize = 128;

/// Checks an id that a caller chose: 1 to 128 of `A-Z a-z 0-9 . _ ~ -`, with `/` only where
/// `slashes` says so (item ids such as `prompt-7/importance`), no empty part, none that starts with `.`, and no `-` in front.
///
/// # Errors
/// `BAD_NAME` at `field`.
pub fn check_id(field: &str, id: &str, slashes: bool) -> Result<(), Fault> {
    let refuse = |why: &str| Err(Fault::field(field, Reason::BadName, format!("the id {id:?} {why}")));
    if id.is_empty() {
        return Err(Fault::field(field, Reason::FieldRequired, "an id is needed"));
    }
    if id.len() > MAX_ID_BYTES {
        return Err(Fault::field(
            field,
            Reason::BadName,
            format!("the id has {} bytes, at most {MAX_ID_BYTES} are allowed", id.len()),
        ));
    }
    if slashes && id.split('/').any(str::is_empty) {
        return refuse("has an empty part");
    }
    // Ids become names of folders.
    if id.split('/').any(|part| part.starts_with('.')) {
        return refuse("starts with '.'");
    }
    // In front of a candidate it says "not shown", and a spreadsheet takes it for a formula.
    if id.starts_with('-') {
        return refuse("starts with '-'");
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._~-".contains(c) || (slashes && c == '/');
    match id.chars().find(|&c| !allowed(c)) {
        Some(c) => refuse(&format!("has {c:?}; letters, digits, '.', '_', '~' and '-' are allowed")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    struct Fixed;
    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(1_763_884_800_000)
        }
    }
    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0xAB);
        }
    }

    #[test]
    fn ids_are_uuid_v7_of_the_given_time() {
        assert_eq!(new_id(&Fixed, &Fixed), "019aafba-1800-7bab-abab-abababababab");
    }

    #[test]
    fn callers_ids_are_checked() {
        let check = |id: &str, slashes, ok| assert_eq!(check_id("id", id, slashes).is_ok(), ok, "{id:?}");
        check("round-1", false, true);
        check("a/b", true, true);
        check("a/b", false, false);
        check("a//b", true, false);
        check("", false, false);
        check("..", false, false);
        check("a/../b", true, false);
        check("v1.2", false, true);
        check("-a", false, false);
        check("a-", false, true);
        check("a b", false, false);
        check("é", false, false);
        check(&"x".repeat(129), false, false);
    }
}
