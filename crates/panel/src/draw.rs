//! The public draw: anybody with the seed, the lottery and SHA-256 repeats it.
//!
//! Every number is the SHA-256 of a text: `folkmoot panel 1`, the seed and a label, each on a line of
//! its own, and after the last line end a counter or an id.
//!
//! * **A number below n**, for the label `ticket` and the counter 0: the first 8 bytes of the hash as a
//!   number, the first byte the highest. Where it is among the last `2^64 mod n` of the `2^64` numbers it
//!   is thrown away and the counter is one more; otherwise its remainder by n is the number. So each
//!   number is as likely as any other.
//! * **The panel** is the one whose tickets have that number.
//! * **The people**: where a type has more people than seats, its people are put in the order of the
//!   hashes of the label `seat` and their ids, and the first are seated.

use sha2::{Digest, Sha256};

use crate::lottery::{Entry, TICKETS};

const PREFIX: &str = "folkmoot panel 1";

/// The ticket that the seed draws.
pub fn ticket(seed: &str) -> u64 {
    let surplus = (u64::MAX % TICKETS + 1) % TICKETS;
    (0_u64..)
        .map(|counter| first_bytes(&hash(seed, "ticket", &counter.to_string())))
        .find(|number| *number <= u64::MAX - surplus)
        .map_or(0, |number| number % TICKETS)
}

/// The place of the entry that has the ticket.
pub(crate) fn entry(lottery: &[Entry], ticket: u64) -> usize {
    let mut last = 0;
    let has = |entry: &Entry| {
        last += entry.tickets;
        ticket < last
    };
    lottery.iter().position(has).unwrap_or_default()
}

/// The people of a type whom the seed seats, in the order of `ids`.
pub(crate) fn seated(seed: &str, ids: &[&str], seats: u32) -> Vec<usize> {
    let mut order: Vec<usize> = (0..ids.len()).collect();
    if (seats as usize) < ids.len() {
        order.sort_by_cached_key(|&place| (hash(seed, "seat", ids[place]), ids[place]));
    }
    order.truncate(seats as usize);
    order.sort_unstable();
    order
}

fn hash(seed: &str, label: &str, last: &str) -> [u8; 32] {
    Sha256::digest(format!("{PREFIX}\n{seed}\n{label}\n{last}")).into()
}

fn first_bytes(hash: &[u8; 32]) -> u64 {
    hash[..8].iter().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ticket_is_what_sha256sum_says() {
        // printf 'folkmoot panel 1\n%s\nticket\n0' SEED | sha256sum | cut -c1-16, modulo 10^9.
        let check = |seed: &str, want: u64| assert_eq!(ticket(seed), want, "{seed}");
        check("0", 541_675_102);
        check("Lotto 2026-11-21: 4 8 15 16 23 42", 80_766_721);
    }

    #[test]
    fn the_ticket_is_in_its_entry() {
        let lottery = [3, 1, TICKETS - 4].map(|tickets| Entry { seats: Vec::new(), tickets });
        let check = |ticket: u64, want: usize| assert_eq!(entry(&lottery, ticket), want, "{ticket}");
        check(0, 0);
        check(2, 0);
        check(3, 1);
        check(4, 2);
        check(TICKETS - 1, 2);
    }

    #[test]
    fn every_person_of_a_type_is_seated_as_often() {
        let ids = ["a", "b", "c", "d", "e"];
        let mut times = [0_u32; 5];
        for seed in 0..5000 {
            let seated = seated(&seed.to_string(), &ids, 2);
            assert_eq!(seated.len(), 2);
            seated.into_iter().for_each(|place| times[place] += 1);
        }
        // 2,000 expected each, 35 their standard deviation.
        assert!(times.iter().all(|&times| times.abs_diff(2000) < 140), "{times:?}");
    }
}
