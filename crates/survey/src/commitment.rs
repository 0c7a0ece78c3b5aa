//! What a receipt commits to, exactly, so that whoever holds a submission and its salt can check it.
//!
//! ```text
//! commitment = SHA-256("folkmoot/commit/v1\0" ‖ salt ‖ nonce ‖ spec ‖ body)
//!
//! salt   32 bytes of the server
//! nonce  one byte, the number n of the client's bytes (0 to 16); those n bytes; zeros up to 16
//! spec   the 32 bytes of the SHA-256 of the revision's source; zeros where the round has no spec
//! body   field(participant) ‖ number(participant weight)
//!        ‖ count(attributes) ‖ for each, by name:           field(name) ‖ field(value)
//!        ‖ count(answers)    ‖ for each, by item then view: field(item) ‖ field(view) ‖ field(answer)
//!                              ‖ field(rationale) ‖ number(weight) ‖ duration
//!
//! count     8 bytes, little endian
//! field     count of bytes, then the bytes; text is UTF-8 in NFC, a view `personal` or `world`, an
//!           answer its canonical bytes (`folkmoot_core::answer`), an absent rationale the empty text
//! number    field of an IEEE 754 double, little endian, never -0; the empty field where absent
//! duration  field of the milliseconds in 4 bytes, little endian; the empty field where absent
//! ```

use std::collections::BTreeMap;

use folkmoot_core::Sha256Hash;

use crate::model::NewAnswer;

const DOMAIN: &[u8] = b"folkmoot/commit/v1\0";

/// Most bytes of the client's own randomness.
pub const MAX_NONCE: usize = 16;

/// What is committed to.
#[derive(Clone, Copy, Debug)]
pub struct Body<'a> {
    /// The pseudonym.
    pub participant: &'a str,
    /// The participant's weight as submitted.
    pub weight: Option<f64>,
    /// Attributes as submitted.
    pub attributes: &'a BTreeMap<String, String>,
    /// Answers with the ids of their items, in any order.
    pub answers: &'a [(&'a str, &'a NewAnswer)],
}

/// The commitment. `nonce` has at most [`MAX_NONCE`] bytes; more are cut off.
pub fn commitment(salt: &[u8; 32], nonce: &[u8], spec: &[u8; 32], body: Body<'_>) -> Sha256Hash {
    let nonce = &nonce[..nonce.len().min(MAX_NONCE)];
    let mut padded = [0; MAX_NONCE + 1];
    padded[0] = nonce.len() as u8;
    padded[1..=nonce.len()].copy_from_slice(nonce);
    let mut bytes = [DOMAIN, salt, &padded, spec].concat();
    write_body(&mut bytes, body);
    Sha256Hash::of(&bytes)
}

fn write_body(out: &mut Vec<u8>, body: Body<'_>) {
    field(out, body.participant.as_bytes());
    number(out, body.weight);
    count(out, body.attributes.len());
    for (name, value) in body.attributes {
        field(out, name.as_bytes());
        field(out, value.as_bytes());
    }
    let mut answers = body.answers.to_vec();
    answers.sort_by_key(|(item, answer)| (*item, answer.view));
    count(out, answers.len());
    for (item, answer) in answers {
        field(out, item.as_bytes());
        field(out, answer.view.name().as_bytes());
        field(out, &answer.answer);
        field(out, answer.rationale.as_deref().unwrap_or_default().as_bytes());
        number(out, answer.weight);
        match answer.duration_ms {
            Some(millis) => field(out, &millis.to_le_bytes()),
            None => field(out, &[]),
        }
    }
}

fn count(out: &mut Vec<u8>, count: usize) {
    out.extend((count as u64).to_le_bytes());
}

fn field(out: &mut Vec<u8>, bytes: &[u8]) {
    count(out, bytes.len());
    out.extend(bytes);
}

fn number(out: &mut Vec<u8>, number: Option<f64>) {
    match number {
        Some(number) => field(out, &number.to_le_bytes()),
        None => field(out, &[]),
    }
}

#[cfg(test)]
mod tests {
    use folkmoot_core::View;

    use super::*;

    fn answer(view: View, bytes: &[u8]) -> NewAnswer {
        NewAnswer { item: 0, view, answer: bytes.to_vec(), rationale: None, weight: None, duration_ms: None }
    }

    #[test]
    fn the_order_of_answers_does_not_matter_and_everything_else_does() {
        let (a, b) = (answer(View::Personal, b"A"), answer(View::World, b"D"));
        let attributes = BTreeMap::from([("region".to_owned(), "north".to_owned())]);
        let none = BTreeMap::new();
        let hash = |salt: u8, nonce: &[u8], spec: u8, attributes, answers: &[(&str, &NewAnswer)]| {
            let body = Body { participant: "p", weight: None, attributes, answers };
            commitment(&[salt; 32], nonce, &[spec; 32], body)
        };
        let first = hash(1, b"n", 2, &attributes, &[("i", &a), ("j", &b)]);
        assert_eq!(first, hash(1, b"n", 2, &attributes, &[("j", &b), ("i", &a)]));
        assert_ne!(first, hash(9, b"n", 2, &attributes, &[("i", &a), ("j", &b)]));
        assert_ne!(first, hash(1, b"n\0", 2, &attributes, &[("i", &a), ("j", &b)]));
        assert_ne!(first, hash(1, b"n", 9, &attributes, &[("i", &a), ("j", &b)]));
        assert_ne!(first, hash(1, b"n", 2, &none, &[("i", &a), ("j", &b)]));
        assert_ne!(first, hash(1, b"n", 2, &attributes, &[("i", &b), ("j", &a)]));
    }

    #[test]
    fn the_bytes_are_those_of_the_page_above() {
        let mut bytes = Vec::new();
        let vote = NewAnswer { rationale: Some("é".into()), duration_ms: Some(7), ..answer(View::World, b"A") };
        let attributes = BTreeMap::new();
        write_body(
            &mut bytes,
            Body { participant: "p", weight: Some(1.0), attributes: &attributes, answers: &[("i", &vote)] },
        );
        let length = |n: u8| [n, 0, 0, 0, 0, 0, 0, 0];
        let want: Vec<u8> = [
            &length(1)[..],
            b"p",
            &length(8),
            &1.0f64.to_le_bytes(),
            &length(0),
            &length(1),
            &length(1),
            b"i",
            &length(5),
            b"world",
            &length(1),
            b"A",
            &length(2),
            "é".as_bytes(),
            &length(0),
            &length(4),
            &[7, 0, 0, 0],
        ]
        .concat();
        assert_eq!(bytes, want);
    }
}
