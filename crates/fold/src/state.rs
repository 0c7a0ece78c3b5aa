//! The bytes of a partial state that is a fixed list of exact integers: who wrote it, then the numbers.
//!
//! Addition of integers has no order, so neither have batches, shards and merges.

use crate::contract::MethodError;

/// The first bytes of a saved state: who wrote it, as `id@version`.
pub fn header(tag: &str) -> Vec<u8> {
    let mut bytes = tag.as_bytes().to_vec();
    bytes.push(0);
    bytes
}

/// A saved state without its header.
///
/// # Errors
/// [`MethodError::BadState`] when another method wrote it.
pub fn body<'a>(tag: &str, state: &'a [u8]) -> Result<&'a [u8], MethodError> {
    state
        .strip_prefix(header(tag).as_slice())
        .ok_or_else(|| MethodError::BadState(format!("the state was not written by {tag}")))
}

/// The state of `sums`: the header, then sixteen bytes each, little endian.
pub fn save(tag: &str, sums: &[i128]) -> Vec<u8> {
    let mut bytes = header(tag);
    sums.iter().for_each(|sum| bytes.extend(sum.to_le_bytes()));
    bytes
}

/// Adds a saved state to `sums`.
///
/// # Errors
/// [`MethodError::BadState`] for another method's state, another number of sums, or one that overflows.
pub fn merge(tag: &str, sums: &mut [i128], state: &[u8]) -> Result<(), MethodError> {
    let (numbers, rest) = body(tag, state)?.as_chunks::<16>();
    if numbers.len() != sums.len() || !rest.is_empty() {
        return Err(MethodError::BadState("the state has another number of sums".to_owned()));
    }
    for (sum, number) in sums.iter_mut().zip(numbers) {
        let added = sum.checked_add(i128::from_le_bytes(*number));
        *sum = added.ok_or_else(|| MethodError::BadState("a sum overflows".to_owned()))?;
    }
    Ok(())
}
