//! People collapsed to the distinct combinations of their levels: a million people are a thousand cells.

/// Largest table of places that is filled for a number of combinations; beyond it, those that occur are
/// sorted.
const TABLE: u64 = 1 << 22;

/// A column of codes below `radix`; whatever is not below the last one counts as the last one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column<'a> {
    pub(crate) codes: &'a [u16],
    pub(crate) radix: u16,
}

impl Column<'_> {
    fn last(&self) -> u16 {
        self.radix - 1
    }
}

/// The combinations that occur, in the order of their codes.
#[derive(Clone, Debug)]
pub(crate) struct Collapsed {
    /// The cell of each row.
    pub(crate) of_row: Vec<u32>,
    /// How many rows a cell has.
    pub(crate) people: Vec<u32>,
    /// The code of each cell, by column.
    pub(crate) codes: Vec<Vec<u16>>,
}

impl Collapsed {
    /// Collapses `rows` rows, less than 2^32.
    pub(crate) fn of(columns: &[Column<'_>], rows: usize) -> Self {
        let mut cells = Self { of_row: vec![0; rows], people: vec![rows as u32], codes: Vec::new() };
        let mut rest = columns;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(fitting(rest, cells.people.len()));
            cells.split(now);
            rest = later;
        }
        cells
    }

    pub(crate) fn len(&self) -> usize {
        self.people.len()
    }

    /// Tells cells apart by more columns.
    fn split(&mut self, columns: &[Column<'_>]) {
        let combinations: u64 = columns.iter().map(|column| u64::from(column.radix)).product();
        let keys = match self.people.len() as u64 * combinations <= TABLE {
            true => self.places(columns),
            false => self.sorted(columns),
        };
        let part = |mut key: u64| -> (usize, Vec<u16>) {
            let mut codes = vec![0; columns.len()];
            for (code, column) in codes.iter_mut().zip(columns).rev() {
                // The cast is exact: the remainder is below a u16.
                *code = (key % u64::from(column.radix)) as u16;
                key /= u64::from(column.radix);
            }
            (key as usize, codes)
        };
        let parts: Vec<(usize, Vec<u16>)> = keys.into_iter().map(part).collect();
        self.codes = self.codes.iter().map(|codes| parts.iter().map(|(before, _)| codes[*before]).collect()).collect();
        for place in 0..columns.len() {
            self.codes.push(parts.iter().map(|(_, codes)| codes[place]).collect());
        }
    }

    /// Numbers the cells by counting in a table of all combinations; returns the key of each.
    fn places(&mut self, columns: &[Column<'_>]) -> Vec<u64> {
        for column in columns {
            let (radix, last) = (u32::from(column.radix), column.last());
            for (key, &code) in self.of_row.iter_mut().zip(column.codes) {
                *key = *key * radix + u32::from(code.min(last));
            }
        }
        let combinations: usize = columns.iter().map(|column| usize::from(column.radix)).product();
        let mut counts = vec![0_u32; self.people.len() * combinations];
        self.of_row.iter().for_each(|&key| counts[key as usize] += 1);
        self.people.clear();
        let mut keys = Vec::new();
        for (key, count) in counts.iter_mut().enumerate().filter(|(_, count)| **count > 0) {
            keys.push(key as u64);
            self.people.push(*count);
            *count = self.people.len() as u32 - 1;
        }
        self.of_row.iter_mut().for_each(|key| *key = counts[*key as usize]);
        keys
    }

    /// Numbers the cells by sorting the combinations that occur; returns the key of each.
    fn sorted(&mut self, columns: &[Column<'_>]) -> Vec<u64> {
        let key = |(row, &before): (usize, &u32)| {
            columns.iter().fold(u64::from(before), |key, column| {
                key * u64::from(column.radix) + u64::from(column.codes[row].min(column.last()))
            })
        };
        let of_row: Vec<u64> = self.of_row.iter().enumerate().map(key).collect();
        let mut keys = of_row.clone();
        keys.sort_unstable();
        self.people = keys.chunk_by(|a, b| a == b).map(|same| same.len() as u32).collect();
        keys.dedup();
        let place = |key: &u64| keys.partition_point(|other| other < key) as u32;
        self.of_row = of_row.iter().map(place).collect();
        keys
    }
}

/// How many of the columns can be taken at once: as many as fit into the table, and one at least.
fn fitting(columns: &[Column<'_>], cells: usize) -> usize {
    let mut combinations = cells as u64;
    let fit = |column: &&Column<'_>| {
        combinations = combinations.saturating_mul(u64::from(column.radix));
        combinations <= TABLE
    };
    columns.iter().take_while(fit).count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_the_combinations_that_occur_in_the_order_of_their_codes() {
        let (a, b) = ([1, 0, 1, 0, 1], [2, 1, 0, 1, u16::MAX]);
        let columns = [Column { codes: &a, radix: 2 }, Column { codes: &b, radix: 4 }];
        let cells = Collapsed::of(&columns, 5);
        assert_eq!(cells.of_row, [2, 0, 1, 0, 3]);
        assert_eq!(cells.people, [2, 1, 1, 1]);
        assert_eq!(cells.codes, [vec![0, 1, 1, 1], vec![1, 0, 2, 3]]);
    }

    #[test]
    fn many_combinations_are_sorted_to_the_same_cells() {
        let codes: Vec<u16> = (0..3000_u32).map(|row| (row * 7919 % 60_000) as u16).collect();
        let few: Vec<u16> = (0..3000).map(|row| row % 3).collect();
        let wide = |radix| [&codes, &few, &codes].map(|codes| Column { codes, radix });
        let (tight, loose) = (Collapsed::of(&wide(60_000), 3000), Collapsed::of(&wide(65_000), 3000));
        assert_eq!((&tight.of_row, &tight.people), (&loose.of_row, &loose.people));
        let codes_again: Vec<u16> = tight.of_row.iter().map(|&cell| tight.codes[0][cell as usize]).collect();
        assert_eq!(codes_again, codes);
    }
}
