//! A lottery that was published, and the draw from it: no pool, no quotas, no solver.

use std::collections::BTreeMap;

use folkmoot_fold::Report;
use folkmoot_fold::report::{Cell, Column, Note, Scalar, Table, Unit};
use sha2::{Digest, Sha256};

use crate::draw;
use crate::lottery::{Entry, TICKETS};
use crate::report::type_id;

/// The lottery of a report: the people of each type, and the panels with their tickets.
pub struct Published {
    types: Vec<Vec<String>>,
    lottery: Vec<Entry>,
}

impl Published {
    /// Reads the tables `people` and `lottery` of a [`crate::Selection::report`].
    ///
    /// # Errors
    /// The first thing that is not as such a report has it, in words.
    pub fn read(report: &Report) -> Result<Self, String> {
        let people = rows(report, "people", ["participant", "type"])?;
        let mut types: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for [participant, name] in people {
            let words = || format!("people: {participant:?} has no type of the form t1");
            let (id, name) = participant.as_str().zip(name.as_str()).ok_or_else(words)?;
            types.entry(place_of(name).ok_or_else(words)?).or_default().push(id.to_owned());
        }
        let count = types.len();
        if !types.keys().copied().eq(0..count) {
            return Err(format!("people: the types are not t1 to t{count}"));
        }
        let types: Vec<Vec<String>> = types.into_values().collect();
        let panels = rows(report, "lottery", ["tickets", "seats"])?;
        let entry = |(place, [tickets, seats]): (usize, [&Cell; 2])| {
            let tickets = if let Cell::Int(tickets) = tickets { u64::try_from(*tickets).ok() } else { None };
            let seats = seats.as_str().and_then(|seats| read_seats(seats, &types));
            let words = || format!("lottery: panel {} has no tickets, or seats for nobody of the people", place + 1);
            tickets.zip(seats).map(|(tickets, seats)| Entry { seats, tickets }).ok_or_else(words)
        };
        let lottery = panels.into_iter().enumerate().map(entry).collect::<Result<Vec<_>, _>>()?;
        let sum: u128 = lottery.iter().map(|entry| u128::from(entry.tickets)).sum();
        if sum != u128::from(TICKETS) {
            return Err(format!("lottery: there are {sum} tickets, not {TICKETS}"));
        }
        Ok(Self { types, lottery })
    }

    /// The panel that the seed draws, as [`crate::Selection::draw`] does, with the SHA-256 of the lottery.
    pub fn draw(&self, seed: &str) -> Report {
        let ticket = draw::ticket(seed);
        let entry = draw::entry(&self.lottery, ticket);
        let mut drawn: Vec<(&str, usize)> = Vec::new();
        for (place, (ids, &seats)) in self.types.iter().zip(&self.lottery[entry].seats).enumerate() {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            drawn.extend(draw::seated(seed, &ids, seats).into_iter().map(|at| (ids[at], place)));
        }
        drawn.sort_unstable();
        let rows = drawn.into_iter().map(|(id, place)| vec![id.into(), type_id(place).into()]);
        let all = self.types.iter().enumerate();
        let people = all.flat_map(|(place, ids)| ids.iter().map(move |id| (id.as_str(), place)));
        let count = |id: &str, label: &str, n: u64| Scalar {
            id: id.to_owned(),
            label: label.to_owned(),
            unit: Unit::Count,
            value: (n as i64).into(),
        };
        Report {
            scalars: vec![count("ticket", "Ticket drawn", ticket), count("drawn", "Panel drawn", entry as u64 + 1)],
            tables: vec![Table {
                id: "panel".to_owned(),
                title: "The panel drawn".to_owned(),
                columns: vec![
                    Column::new("participant", "Participant", Unit::None),
                    Column::new("type", "Type", Unit::None),
                ],
                rows: rows.collect(),
            }],
            notes: vec![Note::info(
                "lottery",
                format!(
                    "the lottery has the SHA-256 {}: compare the published one",
                    digest(people.collect(), &self.lottery)
                ),
            )],
            ..Report::default()
        }
    }
}

/// The SHA-256 of everybody's type, ascending by id, and the panels' tickets, one a line.
pub(crate) fn digest(mut people: Vec<(&str, usize)>, lottery: &[Entry]) -> String {
    let mut hash = Sha256::new();
    people.sort_unstable();
    people.iter().for_each(|(id, place)| hash.update(format!("{id} {}\n", type_id(*place))));
    for entry in lottery {
        hash.update(format!("{} {:?}\n", entry.tickets, entry.seats));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Two columns of a table, row by row.
fn rows<'a>(report: &'a Report, id: &str, columns: [&str; 2]) -> Result<Vec<[&'a Cell; 2]>, String> {
    let table = report.table(id).ok_or_else(|| format!("there is no table {id}"))?;
    let place = |column: &str| table.column(column).ok_or_else(|| format!("{id}: there is no column {column}"));
    let [first, second] = [place(columns[0])?, place(columns[1])?];
    let short = || format!("{id}: a row is too short");
    table.rows.iter().map(|row| Ok([row.get(first).ok_or_else(short)?, row.get(second).ok_or_else(short)?])).collect()
}

fn place_of(name: &str) -> Option<usize> {
    name.strip_prefix('t')?.parse::<usize>().ok()?.checked_sub(1)
}

/// Seats of each type out of `t1:3 t4:1`; none where there are not the people for them.
fn read_seats(text: &str, types: &[Vec<String>]) -> Option<Vec<u32>> {
    let mut seats = vec![0; types.len()];
    for part in text.split_whitespace() {
        let (name, number) = part.split_once(':')?;
        let place = place_of(name)?;
        *seats.get_mut(place)? = number.parse().ok().filter(|&seats| seats as usize <= types[place].len())?;
    }
    Some(seats)
}
