//! Panels with whole numbers of tickets.

use std::cmp::Reverse;

use crate::instance::Panel;

/// Tickets of a lottery.
pub const TICKETS: u64 = 1_000_000_000;

/// A panel that can be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Seats of each type.
    pub seats: Vec<u32>,
    /// Tickets of [`TICKETS`] that draw it.
    pub tickets: u64,
}

/// Chances as tickets that add up to [`TICKETS`], by largest remainder; ascending by panel, those
/// without a ticket left out.
pub(crate) fn tickets(mut chances: Vec<(Panel, f64)>) -> Vec<Entry> {
    chances.sort_by(|a, b| a.0.cmp(&b.0));
    let exact = |chance: f64| chance * TICKETS as f64;
    let mut entries: Vec<Entry> = Vec::with_capacity(chances.len());
    let mut remainders: Vec<(f64, usize)> = Vec::with_capacity(chances.len());
    for (place, (seats, chance)) in chances.into_iter().enumerate() {
        let tickets = exact(chance) as u64;
        remainders.push((exact(chance) - tickets as f64, place));
        entries.push(Entry { seats, tickets });
    }
    remainders.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let given: u64 = entries.iter().map(|entry| entry.tickets).sum();
    let left = TICKETS.saturating_sub(given) as usize;
    remainders.iter().cycle().take(left).for_each(|&(_, place)| entries[place].tickets += 1);
    // Chances are doubles, so their sum may pass 1 by less than a ticket for each panel.
    let mut surplus = given.saturating_sub(TICKETS);
    let mut largest: Vec<usize> = (0..entries.len()).collect();
    largest.sort_by_key(|&place| (Reverse(entries[place].tickets), place));
    for place in largest {
        let taken = surplus.min(entries[place].tickets);
        entries[place].tickets -= taken;
        surplus -= taken;
    }
    entries.retain(|entry| entry.tickets > 0);
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickets_add_up_and_go_to_the_largest_remainders() {
        let check = |chances: &[f64], want: &[u64]| {
            let chances = chances.iter().enumerate().map(|(place, &chance)| (vec![place as u32], chance)).collect();
            let tickets: Vec<u64> = tickets(chances).iter().map(|entry| entry.tickets).collect();
            assert_eq!(tickets, want);
            assert_eq!(tickets.iter().sum::<u64>(), TICKETS);
        };
        check(&[1.0], &[TICKETS]);
        check(&[0.25, 0.75], &[TICKETS / 4, 3 * (TICKETS / 4)]);
        check(&[1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0], &[333_333_334, 333_333_333, 333_333_333]);
        check(&[1e-11, 1.0 - 1e-11], &[TICKETS]);
        check(&[0.5 + 4e-9, 0.5 + 4e-9], &[TICKETS / 2 - 4, TICKETS / 2 + 4]);
    }
}
