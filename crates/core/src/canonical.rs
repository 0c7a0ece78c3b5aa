//! Bytes that are the same on every machine, and their hashes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A SHA-256 hash, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256Hash([u8; 32]);

impl Sha256Hash {
    /// The hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Sha256Hash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Sha256Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Sha256Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no hash.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not 64 lower-case hexadecimal digits")]
pub struct NotAHash(String);

impl FromStr for Sha256Hash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let refuse = || NotAHash(text.to_owned());
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(refuse());
        }
        let bytes = hex::decode(text).map_err(|_| refuse())?;
        Ok(Self(bytes.try_into().map_err(|_| refuse())?))
    }
}

impl TryFrom<String> for Sha256Hash {
    type Error = NotAHash;

    fn try_from(text: String) -> Result<Self, NotAHash> {
        text.parse()
    }
}

impl From<Sha256Hash> for String {
    fn from(hash: Sha256Hash) -> String {
        hash.to_string()
    }
}

/// Hashes a sequence of fields without ambiguity: a domain first, then every field with its length
/// in front (8 bytes, little endian), so that no two sequences share bytes.
#[derive(Clone)]
pub struct Hasher(Sha256);

impl Hasher {
    /// A hasher for one purpose, such as `folkmoot/answers/v1`.
    pub fn new(domain: &str) -> Self {
        Self(Sha256::new()).field(domain.as_bytes())
    }

    /// Adds a field, for chains.
    #[must_use]
    pub fn field(mut self, bytes: &[u8]) -> Self {
        self.add(bytes);
        self
    }

    /// Adds a field, for loops.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// The hash of all fields.
    pub fn finish(self) -> Sha256Hash {
        Sha256Hash(self.0.finalize().into())
    }
}

/// `value` as canonical JSON: object keys sorted, no white space, numbers in their shortest form that
/// reads back to the same bits.
///
/// # Panics
/// When `value` does not serialise to JSON, such as a map with keys that are no text: a defect of the
/// caller's type.
pub fn json<T: Serialize + ?Sized>(value: &T) -> String {
    // `serde_json::Value` keeps its maps sorted by key as long as the feature `preserve_order` is off.
    serde_json::to_value(value).expect("the value serialises to JSON").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_read_what_they_write() {
        let hash = Sha256Hash::of(b"");
        assert_eq!(hash.to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert!("E3".parse::<Sha256Hash>().is_err());
    }

    #[test]
    fn fields_are_told_apart() {
        let hash = |fields: &[&str]| {
            let mut hasher = Hasher::new("test");
            fields.iter().for_each(|f| hasher.add(f.as_bytes()));
            hasher.finish()
        };
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_ne!(hash(&["ab", ""]), hash(&["ab"]));
    }

    #[test]
    fn json_is_sorted_and_exact() {
        let value = serde_json::json!({"b": 0.1, "a": [1, null], "c": 1e300});
        assert_eq!(json(&value), r#"{"a":[1,null],"b":0.1,"c":1e+300}"#);
    }
}
