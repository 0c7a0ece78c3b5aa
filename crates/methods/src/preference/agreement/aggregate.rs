//! The position against the public's order of an item as a whole: the symmetric Borda order of all answers.

use super::{FIGURES, Ties, figures};
use crate::ballot::{NOT_SHOWN, above, compare, order_text, places, sides};
use crate::contract::ItemInfo;
use crate::report::{Cell, Column, Table, Unit};

/// Integers a candidate: points won and points that could have been won, doubled so that half a point
/// is whole.
const SLOTS: usize = 2;

/// Integers an item with so many candidates.
pub(super) fn size(candidates: usize) -> usize {
    SLOTS * candidates
}

/// Adds the comparisons that an answer makes.
pub(super) fn add(sums: &mut [i128], given: &[u8], weight: i128) {
    for (a, points) in sums.chunks_exact_mut(SLOTS).enumerate() {
        for b in (0..given.len()).filter(|&b| b != a) {
            let Some(preferred) = compare(given, a, b) else { continue };
            points[0] += weight * i128::from(1 + preferred);
            points[1] += weight * 2;
        }
    }
}

/// The public's places of the candidates, from 1; none for a candidate that nobody compared.
fn public_places(sums: &[i128]) -> Vec<Option<i64>> {
    let points: Vec<(i128, i128)> = sums.chunks_exact(SLOTS).map(|points| (points[0], points[1])).collect();
    let order = places(points.len(), |i, j| match (points[i], points[j]) {
        ((_, 0), _) => false,
        (_, (_, 0)) => true,
        ((won, most), (other, other_most)) => above(won, most, other, other_most),
    });
    points.iter().zip(order).map(|(&(_, most), place)| (most > 0).then_some(place)).collect()
}

/// The item's row of [`table`]; none where nobody compared anything.
pub(super) fn row(item: &ItemInfo, position: &[u8], sums: &[i128], ties: Ties, n: [Cell; 2]) -> Option<Vec<Cell>> {
    let public = public_places(sums);
    let last = public.iter().flatten().max()?;
    // The casts are exact: an item has at most 100 candidates.
    let tiers: Vec<u8> = public.iter().map(|place| place.map_or(NOT_SHOWN, |place| place as u8 - 1)).collect();
    let names: Vec<String> = sides(item).into_iter().map(str::to_owned).collect();
    let wanted = places(position.len(), |i, j| position[i] < position[j]);
    let found: Vec<i64> = public.iter().map(|place| place.unwrap_or(last + 1)).collect();
    let mut row: Vec<Cell> = vec![item.id.as_str().into()];
    row.extend([order_text(&names, &wanted).into(), order_text(&names, &found).into()]);
    row.extend(figures(position, &tiers, ties).map(Cell::from));
    row.extend(n);
    Some(row)
}

/// The position against the public's order, item by item.
pub(super) fn table(rows: Vec<Vec<Cell>>) -> Table {
    let mut columns = vec![
        Column::new("item", "Item", Unit::None),
        Column::new("position", "Position", Unit::None),
        Column::new("public", "Public's order", Unit::None),
    ];
    columns.extend(FIGURES.iter().map(|(id, label, unit)| Column::new(id, label, *unit)));
    columns.push(Column::new("n", "Answers", Unit::Count));
    columns.push(Column::new("n_eff", "Effective answers", Unit::Count));
    Table { id: "aggregate".into(), title: "Position against the public's order".into(), columns, rows }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::item;

    #[test]
    fn the_order_of_all_against_the_position() {
        let check = |answers: &[(&[u8], i128)], want: &str, figures: [Option<f64>; 4]| {
            let item = item("i", "rank", "a b c", None);
            let mut sums = vec![0; size(3)];
            answers.iter().for_each(|(given, weight)| add(&mut sums, given, *weight));
            let row = row(&item, &[0, 1, 2], &sums, Ties::Half, [1_i64.into(), 1.0.into()]).unwrap();
            assert_eq!(row[1].as_str(), Some("a>b>c"));
            assert_eq!(row[2].as_str(), Some(want), "{answers:?}");
            assert_eq!(row[3..7], figures.map(Cell::from), "{want}");
        };
        check(&[(&[0, 1, 2], 1)], "a>b>c", [Some(1.0), Some(1.0), Some(1.0), Some(1.0)]);
        check(&[(&[0, 1, 2], 1), (&[2, 1, 0], 2)], "c>b>a", [Some(0.0), Some(0.0), Some(-1.0), Some(-1.0)]);
        check(&[(&[0, 1, 2], 1), (&[2, 1, 0], 1)], "a=b=c", [Some(0.5), Some(1.0 / 3.0), None, None]);
        // The third was shown to nobody: the position is compared on the other two.
        check(&[(&[1, 0, NOT_SHOWN], 3)], "b>a>c", [Some(0.0), Some(0.0), Some(-1.0), Some(-1.0)]);
        // One of each is not shown to half of the people: a share of the points that could be won counts.
        let halves: [(&[u8], i128); 2] = [(&[0, 1, NOT_SHOWN], 9), (&[NOT_SHOWN, 0, 1], 1)];
        check(&halves, "a>b>c", [Some(1.0), Some(1.0), Some(1.0), Some(1.0)]);
        assert!(
            row(&item("i", "rank", "a b", None), &[0, 1], &[0; 4], Ties::Half, [0_i64.into(), 0.0.into()]).is_none()
        );
    }
}
