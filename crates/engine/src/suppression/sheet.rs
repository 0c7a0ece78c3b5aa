//! A table as suppression reads it: what names its rows, what they rest on, and what of them is told.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use folkmoot_methods::report::{Cell, Table, Unit};

use super::says_the_count;
use crate::quality::WITHOUT_FLAGGED;

/// What always names a row.
const NAMES: [&str; 2] = ["segment", "item"];

/// What of a row is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hidden {
    Nothing,
    /// The count, and what says it otherwise.
    Count,
    /// All but the name.
    Row,
}

/// A table as suppression reads it.
pub(super) struct Sheet {
    /// Columns that tell the rows apart.
    pub(super) keys: Vec<usize>,
    /// Columns that stay where a row goes.
    pub(super) names: Vec<usize>,
    /// The column of bases.
    pub(super) base: Option<usize>,
    /// The column of counts.
    pub(super) count: Option<usize>,
    /// The answers behind each row, by its own base or that of another table.
    pub(super) of: Vec<Option<i64>>,
    /// The count of each row.
    pub(super) counts: Vec<Option<i64>>,
    /// What of each row is not told.
    pub(super) hidden: Vec<Hidden>,
    /// Rows of other sheets that take this row with them, for each row.
    pub(super) follows: Vec<Vec<(usize, usize)>>,
}

/// A cell as part of a name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Word<'a> {
    None,
    Bool(bool),
    Int(i64),
    Bits(u64),
    Text(&'a str),
}

/// The name of `row` in `columns`.
pub(super) fn name<'a>(row: &'a [Cell], columns: &[usize]) -> Vec<Word<'a>> {
    let word = |cell: &'a Cell| match cell {
        Cell::Null | Cell::Suppressed(_) => Word::None,
        Cell::Bool(flag) => Word::Bool(*flag),
        Cell::Int(n) => Word::Int(*n),
        Cell::Float(x) => Word::Bits(x.to_bits()),
        Cell::Text(text) => Word::Text(text),
    };
    columns.iter().map(|&column| word(&row[column])).collect()
}

/// The rows that have a name in `columns` in common, in the order in which names first appear.
pub(super) fn groups(table: &Table, columns: &[usize]) -> Vec<Vec<usize>> {
    let mut places = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (place, row) in table.rows.iter().enumerate() {
        let group = *places.entry(name(row, columns)).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(rows) => rows.push(place),
            None => groups.push(vec![place]),
        }
    }
    groups
}

/// All tables of a report.
pub(super) fn read(tables: &[Table]) -> Vec<Sheet> {
    let mut sheets: Vec<Sheet> = tables.iter().map(Sheet::of).collect();
    for to in 0..tables.len() {
        match sheets[to].base {
            Some(_) => follow_wider(tables, &mut sheets, to),
            None => follow_bases(tables, &mut sheets, to),
        }
    }
    sheets
}

impl Sheet {
    fn of(table: &Table) -> Self {
        let keys = keys(table);
        let numbers = |id: &str| {
            let place = table.column(id)?;
            (table.columns[place].unit == Unit::Count && !keys.contains(&place)).then_some(place)
        };
        let (base, count) = (numbers("n"), numbers("count"));
        let read = |column: Option<usize>| {
            let cell = |row: &Vec<Cell>| match row[column?] {
                Cell::Int(n) => Some(n),
                _ => None,
            };
            table.rows.iter().map(cell).collect()
        };
        Self {
            of: read(base),
            counts: read(count),
            base,
            count,
            names: keys.clone(),
            keys,
            hidden: vec![Hidden::Nothing; table.rows.len()],
            follows: vec![Vec::new(); table.rows.len()],
        }
    }

    /// The bases that this table states.
    pub(super) fn bases(&self) -> impl Iterator<Item = i64> {
        self.of.iter().filter(|_| self.base.is_some()).copied().flatten()
    }

    /// Hides what rests on fewer than `threshold` answers; how many rows that are.
    pub(super) fn hide_few(&mut self, threshold: i64) -> usize {
        for row in 0..self.hidden.len() {
            let small = |n: Option<i64>, from: i64| n.is_some_and(|n| (from..threshold).contains(&n));
            if small(self.of[row], 1) {
                self.hidden[row] = Hidden::Row;
            } else if self.of[row] != Some(0) && small(self.counts[row], 0) {
                self.hidden[row] = Hidden::Count;
            }
        }
        self.hidden_rows()
    }

    /// Rows of which something is not told.
    pub(super) fn hidden_rows(&self) -> usize {
        self.hidden.iter().filter(|hidden| **hidden > Hidden::Nothing).count()
    }

    /// Hides at least so much of a row; whether that is new.
    pub(super) fn hide(&mut self, row: usize, hidden: Hidden) -> bool {
        let is_new = self.hidden[row] < hidden;
        self.hidden[row] = self.hidden[row].max(hidden);
        is_new
    }

    /// Writes into `table` what is not told, rows that then look alike but once where their number may
    /// tell something; how many cells that are.
    pub(super) fn blank(&self, table: &mut Table) -> usize {
        let mut cells = 0;
        for row in 0..table.rows.len() {
            for column in 0..table.columns.len() {
                let goes = match self.hidden[row] {
                    Hidden::Nothing => false,
                    Hidden::Count => {
                        let is_named = self.keys.contains(&column) || self.base == Some(column);
                        !is_named && (self.count == Some(column) || says_the_count(table, column))
                    }
                    Hidden::Row => !self.names.contains(&column),
                };
                if goes {
                    table.rows[row][column] = Cell::SUPPRESSED;
                    cells += 1;
                }
            }
        }
        if self.base.is_none() {
            let (mut place, mut seen) = (0, HashSet::new());
            table.rows.retain(|row| {
                place += 1;
                self.hidden[place - 1] < Hidden::Row || seen.insert(format!("{row:?}"))
            });
        }
        cells
    }
}

/// The leading columns, as few as tell all rows apart, and those that always name a row.
fn keys(table: &Table) -> Vec<usize> {
    let columns = table.columns.len();
    let tells_apart = |many: &usize| {
        let keys: Vec<usize> = (0..*many).collect();
        groups(table, &keys).len() == table.rows.len()
    };
    let leading = (1..=columns).find(tells_apart).unwrap_or(columns.min(1));
    let named = NAMES.iter().filter_map(|id| table.column(id)).filter(|place| *place >= leading);
    (0..leading).chain(named).collect()
}

/// The columns of `table` that are called as `names` of `other`, each with its place there.
fn shared(table: &Table, other: &Table, names: &[usize]) -> (Vec<usize>, Vec<usize>) {
    names.iter().filter_map(|&place| Some((table.column(&other.columns[place].id)?, place))).unzip()
}

/// Rows without a base rest on those of the table with bases that names them best.
fn follow_bases(tables: &[Table], sheets: &mut [Sheet], to: usize) {
    let is_source =
        |from: &usize| sheets[*from].base.is_some() && is_without(&tables[*from]) == is_without(&tables[to]);
    let best = (0..tables.len())
        .filter(is_source)
        .map(|from| (from, shared(&tables[to], &tables[from], &sheets[from].keys)))
        .filter(|(_, (here, _))| !here.is_empty())
        .min_by_key(|(_, (here, _))| Reverse(here.len()));
    let Some((from, (here, there))) = best else { return };
    link(tables, sheets, (from, &there), (to, &here));
    for row in 0..tables[to].rows.len() {
        let bases = sheets[to].follows[row].iter().filter_map(|&(_, source)| sheets[from].of[source]);
        sheets[to].of[row] = bases.min();
    }
    sheets[to].names = here;
}

/// Rows with a base go where a table tells of the same in fewer words and does not tell it.
fn follow_wider(tables: &[Table], sheets: &mut [Sheet], to: usize) {
    let may_tell = |from: &usize| *from != to && (is_without(&tables[to]) || !is_without(&tables[*from]));
    for from in (0..tables.len()).filter(may_tell) {
        let (here, there) = shared(&tables[to], &tables[from], &sheets[from].keys);
        let is_wider = there.len() == sheets[from].keys.len() && here.iter().all(|key| sheets[to].keys.contains(key));
        if sheets[from].base.is_some() && is_wider {
            link(tables, sheets, (from, &there), (to, &here));
        }
    }
}

/// Whether a table is without those flagged as careless.
pub(super) fn is_without(table: &Table) -> bool {
    table.id.ends_with(WITHOUT_FLAGGED)
}

fn link(tables: &[Table], sheets: &mut [Sheet], (from, there): (usize, &[usize]), (to, here): (usize, &[usize])) {
    let mut sources: HashMap<_, Vec<usize>> = HashMap::new();
    for (place, row) in tables[from].rows.iter().enumerate() {
        sources.entry(name(row, there)).or_default().push(place);
    }
    for (place, row) in tables[to].rows.iter().enumerate() {
        let found = sources.get(&name(row, here)).into_iter().flatten();
        sheets[to].follows[place].extend(found.map(|&source| (from, source)));
    }
}
