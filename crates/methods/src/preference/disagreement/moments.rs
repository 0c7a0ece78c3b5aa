//! Exact sums of answers to one pair of candidates.

use std::ops::Add;

use crate::stats::effective;

/// Sums over participants who were shown both candidates; x is 1, 0 or -1. A participant has one answer
/// to an item, so that rows are participants.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Moments {
    pub(super) rows: i128,
    pub(super) weight: i128,
    pub(super) squares: i128,
    /// Sum of w x.
    pub(super) first: i128,
    /// Sum of w² x.
    pub(super) squares_first: i128,
    /// Sum of w² x².
    pub(super) squares_second: i128,
}

/// Integers of [`Moments`].
pub(super) const SLOTS: usize = 6;

impl Moments {
    pub(super) fn read(sums: &[i128]) -> Self {
        Self {
            rows: sums[0],
            weight: sums[1],
            squares: sums[2],
            first: sums[3],
            squares_first: sums[4],
            squares_second: sums[5],
        }
    }

    /// The same answers seen from the other candidate.
    pub(super) fn reversed(self) -> Self {
        Self { first: -self.first, squares_first: -self.squares_first, ..self }
    }

    /// Kish's effective number of participants.
    pub(super) fn effective(&self) -> f64 {
        effective(self.weight, self.squares)
    }
}

impl Add for Moments {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            weight: self.weight + other.weight,
            squares: self.squares + other.squares,
            first: self.first + other.first,
            squares_first: self.squares_first + other.squares_first,
            squares_second: self.squares_second + other.squares_second,
        }
    }
}
