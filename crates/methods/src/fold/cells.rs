//! Exact sums of which only those cells are kept that somebody answered: of each item, by a key of the method.

use std::collections::BTreeMap;

use folkmoot_fold::state;

use crate::contract::MethodError;

/// The sums of an item's cells.
pub(crate) type Cells<K> = BTreeMap<K, Vec<i128>>;

/// The state of `of_item`: of each cell its item, the `N` numbers that `key` makes of its key, and its sums.
pub(crate) fn save_cells<K, const N: usize>(tag: &str, of_item: &[Cells<K>], key: impl Fn(&K) -> [i128; N]) -> Vec<u8> {
    let mut numbers = Vec::new();
    for (item, cells) in of_item.iter().enumerate() {
        for (of, sums) in cells {
            numbers.push(item as i128);
            numbers.extend(key(of));
            numbers.extend(sums);
        }
    }
    state::save(tag, &numbers)
}

/// Adds a saved state to `of_item`; `key` is the way back from numbers, and `size` says how many sums a cell of
/// an item has.
///
/// # Errors
/// [`MethodError::BadState`] for another method's state, one that names what is not there, is cut or overflows.
pub(crate) fn merge_cells<K: Ord, const N: usize>(
    tag: &str,
    of_item: &mut [Cells<K>],
    partial: &[u8],
    key: impl Fn([i128; N]) -> Option<K>,
    size: impl Fn(usize) -> usize,
) -> Result<(), MethodError> {
    let (chunks, rest) = state::body(tag, partial)?.as_chunks::<16>();
    let numbers: Vec<i128> = chunks.iter().map(|chunk| i128::from_le_bytes(*chunk)).collect();
    let mut left = &numbers[..];
    while let Some((item, behind)) = left.split_first() {
        let item = usize::try_from(*item).ok().filter(|item| *item < of_item.len());
        let item = item.ok_or_else(|| bad("the state names an item that is not there"))?;
        let (of, behind) = behind.split_first_chunk::<N>().ok_or_else(|| bad("the state is cut"))?;
        let of = key(*of).ok_or_else(|| bad("the state names no group of people"))?;
        let (more, behind) = behind.split_at_checked(size(item)).ok_or_else(|| bad("the state is cut"))?;
        let sums = of_item[item].entry(of).or_insert_with(|| vec![0; more.len()]);
        for (sum, more) in sums.iter_mut().zip(more) {
            *sum = sum.checked_add(*more).ok_or_else(|| bad("a sum overflows"))?;
        }
        left = behind;
    }
    if rest.is_empty() { Ok(()) } else { Err(bad("the state is cut")) }
}

fn bad(words: &str) -> MethodError {
    MethodError::BadState(words.to_owned())
}
