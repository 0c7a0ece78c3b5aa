//! Whether worths exist: who stood above whom, over how many steps ever.

use super::choices::{Set, members};

/// The candidates of `among` in groups whose members each stood above or level with every other member,
/// at once or over others; `reached` says with whom at once. There is a finite estimate only where one
/// group holds all (Ford 1957; Hunter 2004, assumption 1).
pub(super) fn groups(reached: &[Set], among: Set) -> Vec<Set> {
    let mut reach = reached.to_vec();
    for via in members(among) {
        for from in members(among) {
            if reach[from] >> via & 1 == 1 {
                reach[from] |= reach[via];
            }
        }
    }
    let mut left = among;
    let mut groups = Vec::new();
    while let Some(first) = members(left).next() {
        let mutual = members(left).filter(|&other| reach[first] >> other & 1 == 1 && reach[other] >> first & 1 == 1);
        let group = mutual.fold(1 << first, |group, member| group | 1 << member);
        groups.push(group);
        left &= !group;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_those_that_beat_each_other_in_the_end() {
        let check = |reached: &[Set], want: &[Set]| {
            let among = (1 << reached.len()) - 1;
            assert_eq!(groups(reached, among), want, "{reached:?}");
        };
        check(&[0b010, 0b100, 0b001], &[0b111]);
        check(&[0b110, 0b100, 0b000], &[0b001, 0b010, 0b100]);
        check(&[0b010, 0b001, 0b011], &[0b011, 0b100]);
        check(&[0b010, 0b001, 0b1000, 0b0100], &[0b0011, 0b1100]);
    }
}
