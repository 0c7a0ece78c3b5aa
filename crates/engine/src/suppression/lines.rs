//! Rows that add up to something that is told: one of them that is not told could be had by subtraction.
//!
//! Which rows add up is read off the numbers, not off the ids of tables:
//! * bases, where the rows that differ in one key have with them a row `all`, or where another table or a
//!   single figure states their sum;
//! * counts, where they have with them a row `all`;
//! * counts of the answers to one item, where the first of them add up to their base. What stands beside
//!   those is made of the same answers (agreement among those who voted) and goes as a whole with any.

use std::collections::HashMap;

use folkmoot_methods::report::{Cell, Scalar, Table, Unit};

use super::sheet::{Hidden, Sheet, Word, groups, is_without, name};
use crate::quality::WITHOUT_FLAGGED;
use crate::segments::ALL;

/// All sums of a report.
pub(super) struct Lines {
    lines: Vec<Line>,
    twins: Vec<Twin>,
}

/// Rows of a sheet that add up, with others that have no row, to a total.
struct Line {
    sheet: usize,
    parts: Vec<usize>,
    total: i64,
    /// The row that tells the total; none where it is told anyway.
    told_by: Option<(usize, usize)>,
    /// What goes of a part: [`Hidden::Row`] where bases add up, [`Hidden::Count`] where counts do.
    what: Hidden,
    /// Rows that are made of the same answers as the parts.
    beside: Vec<usize>,
}

/// A row over everybody, and the same without those flagged as careless: the difference is of those.
struct Twin {
    whole: (usize, usize),
    without: (usize, usize),
}

impl Lines {
    pub(super) fn of(tables: &[Table], scalars: &[Scalar], sheets: &[Sheet]) -> Self {
        let report = Report { tables, scalars, sheets };
        let mut lines = Vec::new();
        for (sheet, of) in sheets.iter().enumerate() {
            for at in 0..of.keys.len() {
                lines.extend(report.bases(sheet, at));
                lines.extend(report.counts(sheet, at));
            }
            lines.extend(report.answers(sheet));
        }
        Self { lines, twins: report.twins() }
    }

    /// Hides until nothing hidden can be had by a subtraction.
    pub(super) fn settle(&self, sheets: &mut [Sheet], threshold: i64) {
        let mut is_settled = false;
        while !is_settled {
            is_settled = !follow(sheets);
            for twin in &self.twins {
                is_settled &= !twin.protect(sheets, threshold);
            }
            for line in &self.lines {
                is_settled &= !line.protect(sheets, threshold);
            }
        }
    }
}

/// Hides the rows whose sources are hidden; whether there were any.
fn follow(sheets: &mut [Sheet]) -> bool {
    let mut found = Vec::new();
    for (place, sheet) in sheets.iter().enumerate() {
        for (row, sources) in sheet.follows.iter().enumerate() {
            if sources.iter().any(|&(from, source)| sheets[from].hidden[source] == Hidden::Row) {
                found.push((place, row));
            }
        }
    }
    found.into_iter().fold(false, |changed, (sheet, row)| sheets[sheet].hide(row, Hidden::Row) | changed)
}

impl Line {
    /// Hides the smallest parts that are told until those that are not are two or more, the unnamed rest
    /// counted as one, and reach the threshold together; whether there were any.
    fn protect(&self, sheets: &mut [Sheet], threshold: i64) -> bool {
        if self.told_by.is_some_and(|(sheet, row)| sheets[sheet].hidden[row] >= self.what) {
            return false;
        }
        let sheet = &mut sheets[self.sheet];
        let mut changed = false;
        loop {
            let values = if self.what == Hidden::Row { &sheet.of } else { &sheet.counts };
            let value = |row: usize| values[row].unwrap_or(0);
            let (told, untold): (Vec<usize>, Vec<usize>) =
                self.parts.iter().partition(|&&row| sheet.hidden[row] < self.what);
            let rest = self.total - told.iter().map(|&row| value(row)).sum::<i64>();
            let has_others = rest > untold.iter().map(|&row| value(row)).sum();
            let unknown = untold.len() + usize::from(has_others);
            if unknown == 0 || (rest >= threshold && (untold.is_empty() || unknown > 1)) {
                break;
            }
            let Some(next) = told.into_iter().filter(|&row| value(row) > 0).min_by_key(|&row| value(row)) else {
                break;
            };
            changed |= sheet.hide(next, self.what);
        }
        if self.parts.iter().any(|&row| sheet.hidden[row] > Hidden::Nothing) {
            for &row in &self.beside {
                changed |= sheet.hide(row, Hidden::Row);
            }
        }
        changed
    }
}

impl Twin {
    /// Hides what tells of the flagged alone, where they are few; whether that is new.
    fn protect(&self, sheets: &mut [Sheet], threshold: i64) -> bool {
        let [(whole, row), (without, twin)] = [self.whole, self.without];
        let difference =
            |of: fn(&Sheet) -> &Vec<Option<i64>>| Some(of(&sheets[whole])[row]? - of(&sheets[without])[twin]?);
        let (people, counted) = (difference(|sheet| &sheet.of), difference(|sheet| &sheet.counts));
        if people.is_none_or(|people| people == 0) {
            return false;
        }
        if people < Some(threshold) {
            return sheets[without].hide(twin, Hidden::Row);
        }
        counted.is_some_and(|counted| counted < threshold) && sheets[without].hide(twin, Hidden::Count)
    }
}

/// What sums are looked for in.
struct Report<'a> {
    tables: &'a [Table],
    scalars: &'a [Scalar],
    sheets: &'a [Sheet],
}

/// A total, and the row that tells it.
type Told = (i64, Option<(usize, usize)>);

impl Report<'_> {
    /// Sums of the bases of rows that differ in the key number `at` alone.
    fn bases(&self, sheet: usize, at: usize) -> Vec<Line> {
        let (table, of) = (&self.tables[sheet], &self.sheets[sheet]);
        if of.base.is_none() {
            return Vec::new();
        }
        let others = without(&of.keys, at);
        let sources = self.sources(sheet, of.keys[at], &others);
        let mut lines = Vec::new();
        for rows in groups(table, &others) {
            let (all, parts) = self.apart(sheet, of.keys[at], rows);
            let Some(sum) = sum(&of.of, &parts) else { continue };
            let told = match all {
                Some(row) => of.of[row].filter(|total| *total >= sum).map(|total| (total, Some((sheet, row)))),
                None => sources
                    .iter()
                    .find_map(|source| source.total(name(&table.rows[parts[0]], &source.here), sum))
                    .or_else(|| self.single_figure(sum)),
            };
            lines.extend(told.map(|(total, told_by)| Line {
                sheet,
                parts,
                total,
                told_by,
                what: Hidden::Row,
                beside: Vec::new(),
            }));
        }
        lines
    }

    /// Sums of the counts of rows that differ in the key number `at` alone, where `all` is among them.
    fn counts(&self, sheet: usize, at: usize) -> Vec<Line> {
        let (table, of) = (&self.tables[sheet], &self.sheets[sheet]);
        if of.count.is_none() {
            return Vec::new();
        }
        let line = |rows| {
            let (all, parts) = self.apart(sheet, of.keys[at], rows);
            let (all, sum) = (all?, sum(&of.counts, &parts)?);
            let total = of.counts[all].filter(|total| *total >= sum)?;
            Some(Line { sheet, parts, total, told_by: Some((sheet, all)), what: Hidden::Count, beside: Vec::new() })
        };
        groups(table, &without(&of.keys, at)).into_iter().filter_map(line).collect()
    }

    /// Sums of the counts of an item's answers.
    fn answers(&self, sheet: usize) -> Vec<Line> {
        let (table, of) = (&self.tables[sheet], &self.sheets[sheet]);
        let (Some(_), Some(last)) = (of.count, of.keys.len().checked_sub(1)) else { return Vec::new() };
        let line = |mut rows: Vec<usize>| {
            let total = of.of[rows[0]].filter(|base| *base > 0)?;
            let mut added = 0;
            let adds_up = |row: &usize| {
                added += of.counts[*row]?;
                Some(of.of[*row] == Some(total) && added == total)
            };
            let many = 1 + rows.iter().map_while(adds_up).collect::<Vec<_>>().iter().rposition(|whole| *whole)?;
            let beside = rows.split_off(many);
            Some(Line { sheet, parts: rows, total, told_by: None, what: Hidden::Count, beside })
        };
        groups(table, &without(&of.keys, last)).into_iter().filter_map(line).collect()
    }

    /// The row `all` among rows that differ in the column `key`, and the others.
    fn apart(&self, sheet: usize, key: usize, mut rows: Vec<usize>) -> (Option<usize>, Vec<usize>) {
        let table = &self.tables[sheet];
        let is_all = |row: &usize| table.rows[*row][key].as_str() == Some(ALL);
        let all = rows.iter().position(is_all).filter(|_| table.columns[key].id != "item").map(|at| rows.remove(at));
        (all, rows)
    }

    /// The tables with bases that do not tell `key` apart, by what they have in common with `others`.
    fn sources(&self, sheet: usize, key: usize, others: &[usize]) -> Vec<Source<'_>> {
        let here = &self.tables[sheet];
        let is_source = |from: &usize| {
            let (table, of) = (&self.tables[*from], &self.sheets[*from]);
            let tells_key = of.keys.iter().any(|&place| table.columns[place].id == here.columns[key].id);
            let same = is_without(here) == is_without(table);
            *from != sheet && of.base.is_some() && !tells_key && same
        };
        (0..self.tables.len()).filter(is_source).map(|from| self.source(from, here, others)).collect()
    }

    fn source(&self, from: usize, here: &Table, others: &[usize]) -> Source<'_> {
        let (table, of) = (&self.tables[from], &self.sheets[from]);
        let place = |&key: &usize| of.keys.iter().copied().find(|&k| table.columns[k].id == here.columns[key].id);
        let (shared, there): (Vec<usize>, Vec<usize>) =
            others.iter().filter_map(|key| Some((*key, place(key)?))).unzip();
        let mut rows: HashMap<_, Vec<(i64, usize)>> = HashMap::new();
        for (row, n) in of.of.iter().enumerate() {
            rows.entry(name(&table.rows[row], &there)).or_default().extend(n.map(|n| (n, row)));
        }
        let is_same = there.len() == of.keys.len() && shared.len() == others.len();
        Source { sheet: from, here: shared, rows, is_same }
    }

    /// A single figure that is the sum.
    fn single_figure(&self, sum: i64) -> Option<Told> {
        let is_sum = |scalar: &&Scalar| scalar.unit == Unit::Count && scalar.value == Cell::Int(sum);
        self.scalars.iter().find(is_sum).map(|_| (sum, None))
    }

    fn twins(&self) -> Vec<Twin> {
        let mut twins = Vec::new();
        for (whole, table) in self.tables.iter().enumerate() {
            let is_twin = |other: &Table| other.id.strip_suffix(WITHOUT_FLAGGED) == Some(&table.id);
            let Some(without) = self.tables.iter().position(is_twin) else { continue };
            let keys = &self.sheets[whole].keys;
            let rows: HashMap<_, usize> =
                table.rows.iter().enumerate().map(|(at, row)| (name(row, keys), at)).collect();
            let other = &self.tables[without].rows;
            twins.extend(other.iter().enumerate().filter_map(|(at, row)| {
                Some(Twin { whole: (whole, *rows.get(&name(row, keys))?), without: (without, at) })
            }));
        }
        twins
    }
}

/// A table that may state sums of another.
struct Source<'a> {
    sheet: usize,
    /// The other's columns that both have.
    here: Vec<usize>,
    /// Bases and their rows by the name in these columns.
    rows: HashMap<Vec<Word<'a>>, Vec<(i64, usize)>>,
    /// Whether its rows are of just what the other's have in common.
    is_same: bool,
}

impl Source<'_> {
    /// The total of rows of that name that have this sum. It may be more, for people whom no row is of,
    /// where the table has one row for them all.
    fn total(&self, name: Vec<Word<'_>>, sum: i64) -> Option<Told> {
        let fits = |n: i64| n == sum || (self.is_same && n > sum);
        let &(total, row) = self.rows.get(&name)?.iter().find(|(n, _)| fits(*n))?;
        Some((total, Some((self.sheet, row))))
    }
}

fn without(keys: &[usize], at: usize) -> Vec<usize> {
    keys.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, key)| *key).collect()
}

/// The sum, where all rows have a number and it is more than nothing.
fn sum(values: &[Option<i64>], rows: &[usize]) -> Option<i64> {
    let sum: i64 = rows.iter().map(|&row| values[row]).sum::<Option<i64>>()?;
    (sum > 0).then_some(sum)
}
