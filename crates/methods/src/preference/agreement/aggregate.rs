//! The position against the order of the public as a whole: Borda's symmetric form, as `borda` has it.

use super::{FIGURES, Parameters, figures};
use crate::ballot::{NOT_SHOWN, above, compare, order_text, places, sides};
use crate::contract::ItemInfo;
use crate::report::{Cell, Column, Note, Report, Table, Unit};

/// Integers of an item: for each of its sides the points won against the others, and the most there were,
/// both doubled so that half a point is whole, in units of [`crate::WEIGHT_ONE`].
pub(super) fn size(item: &ItemInfo) -> usize {
    2 * sides(item).len()
}

/// Adds an answer of `weight` to an item's points.
pub(super) fn add(points: &mut [i128], given: &[u8], weight: i64) {
    for (a, sums) in points.chunks_exact_mut(2).enumerate() {
        for order in (0..given.len()).filter(|&b| b != a).filter_map(|b| compare(given, a, b)) {
            sums[0] += i128::from(1 + order) * i128::from(weight);
            sums[1] += 2 * i128::from(weight);
        }
    }
}

/// The public's place for each side, 1 the best; what nobody compared stands last. Fractions are compared
/// exactly.
fn public(points: &[i128]) -> Vec<i64> {
    let of = |side: usize| (points[2 * side], points[2 * side + 1]);
    places(points.len() / 2, |i, j| match (of(i), of(j)) {
        ((_, 0), _) => false,
        (_, (_, 0)) => true,
        ((won_i, most_i), (won_j, most_j)) => above(won_i, most_i, won_j, most_j),
    })
}

/// A row of the table `aggregate`, without its last two cells.
pub(super) fn row(item: &ItemInfo, position: &[u8], points: &[i128], parameters: Parameters) -> Vec<Cell> {
    let places = public(points);
    let is_compared = points.chunks_exact(2).any(|sums| sums[1] > 0);
    let tier = |(side, place): (usize, &i64)| match points[2 * side + 1] {
        0 => NOT_SHOWN,
        // Places are fewer than the tiers that an answer has.
        _ => u8::try_from(*place).unwrap_or(NOT_SHOWN),
    };
    let tiers: Vec<u8> = places.iter().enumerate().map(tier).collect();
    let names: Vec<String> = sides(item).into_iter().map(str::to_owned).collect();
    let mut row: Vec<Cell> = vec![item.id.as_str().into()];
    row.push(is_compared.then(|| order_text(&names, &places)).into());
    row.extend(figures(position, &tiers, parameters.ties).map(Cell::from));
    row
}

/// Adds the table `aggregate` and says what order it is.
pub(super) fn add_table(report: &mut Report, rows: Vec<Vec<Cell>>) {
    let mut columns =
        vec![Column::new("item", "Item", Unit::None), Column::new("order", "Order of the public", Unit::None)];
    columns.extend(FIGURES.iter().map(|(id, label, unit)| Column::new(id, label, *unit)));
    columns.push(Column::new("n", "Answers", Unit::Count));
    columns.push(Column::new("n_eff", "Effective answers", Unit::Count));
    let title = "The position against the order of the public as a whole".into();
    report.tables.push(Table { id: "aggregate".into(), title, columns, rows });
    let words = "the order of the public is Borda's in its symmetric form: share of the points in the comparisons \
                 that people were shown, a tie half; equal shares are ties";
    report.notes.push(Note::info("aggregate_variant", words));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Orders with their weights, and the places of the public.
    #[test]
    fn order_of_the_public() {
        let check = |answers: &[(&[u8], i64)], want: &[i64]| {
            let mut points = vec![0; 2 * want.len()];
            answers.iter().for_each(|(given, weight)| add(&mut points, given, *weight));
            assert_eq!(public(&points), want, "{answers:?}");
        };
        check(&[(&[0, 1, 2], 1)], &[1, 2, 3]);
        // Condorcet's cycle, every candidate once in each place.
        check(&[(&[0, 1, 2], 1), (&[2, 0, 1], 1), (&[1, 2, 0], 1)], &[1, 1, 1]);
        // Saari 1995: a > b > c by 3, b > c > a by 2: 6 points each of a and b by place less 2 of c; b leads.
        check(&[(&[0, 1, 2], 3), (&[2, 0, 1], 2)], &[2, 1, 3]);
        // Weights alone decide between two opposite orders.
        check(&[(&[0, 1, 2], 2), (&[2, 1, 0], 3)], &[3, 2, 1]);
        // The third was never shown: it stands last.
        check(&[(&[1, 0, NOT_SHOWN], 1)], &[2, 1, 3]);
    }
}
