//! The report of the method `disagreement`, as far as findings are made of it.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::Value;

use crate::model::{FindingClass, Net, Segment};

/// What stands in a result for a figure that rests on too few answers to be told.
const SUPPRESSED: &str = "suppressed";

/// The method whose results become findings.
pub(crate) const METHOD: &str = "disagreement";

/// A result's canonical JSON.
#[derive(Deserialize)]
struct Stored {
    #[serde(default)]
    positions: BTreeMap<String, String>,
    report: Report,
}

#[derive(Deserialize)]
struct Report {
    tables: Vec<Table>,
}

#[derive(Deserialize)]
struct Table {
    id: String,
    columns: Vec<Column>,
    rows: Vec<Vec<Value>>,
}

#[derive(Deserialize)]
struct Column {
    id: String,
}

/// How the public stands to the position on one item.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Compared {
    /// The item's id in its round.
    pub(crate) item: String,
    /// The position compared with.
    pub(crate) position: String,
    pub(crate) class: FindingClass,
    /// The preference against the position that is clearest, such as `B>A` where the spec says A over
    /// B; empty where there is none.
    pub(crate) pair: String,
    /// What is not known is 0 between -1 and 1.
    pub(crate) net: Net,
    /// What is not known is 1.
    pub(crate) adjusted_p: f64,
    pub(crate) segments: Vec<Segment>,
}

/// A result that is not what findings are made of.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReportError {
    #[error("the result's JSON cannot be read: {0}")]
    Json(String),
    #[error("the report has no table {0:?}")]
    NoTable(&'static str),
    #[error("the table {table:?} has no column {column:?}")]
    NoColumn { table: &'static str, column: &'static str },
    #[error("row {row} of the table {table:?}: {column:?} cannot be {value}")]
    BadCell { table: &'static str, row: usize, column: &'static str, value: String },
    #[error("the result records no position on the item {0:?}")]
    NoPosition(String),
}

/// Reads the comparisons out of a result's JSON, in the order of the table `items`.
pub(crate) fn read(json: &str) -> Result<Vec<Compared>, ReportError> {
    let stored: Stored = serde_json::from_str(json).map_err(|error| ReportError::Json(error.to_string()))?;
    let mut segments = read_segments(&stored.report)?;
    let items = Reader::new(&stored.report, "items")?;
    let [item, class, pair] = items.columns(["item", "class", "pair"])?;
    let [delta, low, high, p] = items.columns(["delta", "delta_low", "delta_high", "p"])?;
    let mut compared = Vec::with_capacity(items.table.rows.len());
    for row in 0..items.table.rows.len() {
        let name = items.text(row, item)?;
        let position = stored.positions.get(&name).cloned().ok_or_else(|| ReportError::NoPosition(name.clone()))?;
        let class = match items.figure(row, class) {
            Value::Null => FindingClass::Insufficient,
            _ => FindingClass::from_name(&items.text(row, class)?.replace([' ', '-'], "_"))
                .ok_or_else(|| items.bad_cell(row, class))?,
        };
        compared.push(Compared {
            segments: segments.remove(&name).unwrap_or_default(),
            item: name,
            position,
            class,
            pair: items.words(row, pair)?,
            net: items.net(row, [delta, low, high])?,
            adjusted_p: items.number(row, p)?.unwrap_or(1.0),
        });
    }
    Ok(compared)
}

fn read_segments(report: &Report) -> Result<HashMap<String, Vec<Segment>>, ReportError> {
    let table = Reader::new(report, "segments")?;
    let [item, segment, effective_n, eligible] = table.columns(["item", "segment", "n_eff", "eligible"])?;
    let net = table.columns(["delta", "delta_low", "delta_high"])?;
    let mut segments: HashMap<String, Vec<Segment>> = HashMap::new();
    for row in 0..table.table.rows.len() {
        let read = Segment {
            segment: table.text(row, segment)?,
            net: table.net(row, net)?,
            effective_n: table.number(row, effective_n)?.unwrap_or(0.0),
            eligible: match table.figure(row, eligible) {
                Value::Null => false,
                cell => cell.as_bool().ok_or_else(|| table.bad_cell(row, eligible))?,
            },
        };
        segments.entry(table.text(row, item)?).or_default().push(read);
    }
    Ok(segments)
}

/// A table by the ids of its columns.
struct Reader<'a> {
    name: &'static str,
    table: &'a Table,
}

/// A column and its place.
#[derive(Clone, Copy)]
struct At(&'static str, usize);

impl<'a> Reader<'a> {
    fn new(report: &'a Report, name: &'static str) -> Result<Self, ReportError> {
        let table = report.tables.iter().find(|table| table.id == name).ok_or(ReportError::NoTable(name))?;
        Ok(Self { name, table })
    }

    fn columns<const N: usize>(&self, ids: [&'static str; N]) -> Result<[At; N], ReportError> {
        let mut places = ids.map(|id| At(id, 0));
        for At(id, place) in &mut places {
            let found = self.table.columns.iter().position(|column| column.id == *id);
            *place = found.ok_or(ReportError::NoColumn { table: self.name, column: id })?;
        }
        Ok(places)
    }

    fn cell(&self, row: usize, column: At) -> &Value {
        self.table.rows[row].get(column.1).unwrap_or(&Value::Null)
    }

    /// The cell, nothing where it is suppressed.
    fn figure(&self, row: usize, column: At) -> &Value {
        match self.cell(row, column) {
            Value::String(text) if text == SUPPRESSED => &Value::Null,
            cell => cell,
        }
    }

    fn bad_cell(&self, row: usize, column: At) -> ReportError {
        let value = self.cell(row, column).to_string();
        ReportError::BadCell { table: self.name, row: row + 1, column: column.0, value }
    }

    fn text(&self, row: usize, column: At) -> Result<String, ReportError> {
        match self.cell(row, column) {
            Value::String(text) => Ok(text.clone()),
            _ => Err(self.bad_cell(row, column)),
        }
    }

    /// Words that may be missing.
    fn words(&self, row: usize, column: At) -> Result<String, ReportError> {
        match self.figure(row, column) {
            Value::Null => Ok(String::new()),
            _ => self.text(row, column),
        }
    }

    fn number(&self, row: usize, column: At) -> Result<Option<f64>, ReportError> {
        match self.figure(row, column) {
            Value::Null => Ok(None),
            cell => cell.as_f64().map(Some).ok_or_else(|| self.bad_cell(row, column)),
        }
    }

    fn net(&self, row: usize, [delta, low, high]: [At; 3]) -> Result<Net, ReportError> {
        Ok(Net {
            delta: self.number(row, delta)?.unwrap_or(0.0),
            low: self.number(row, low)?.unwrap_or(-1.0),
            high: self.number(row, high)?.unwrap_or(1.0),
        })
    }
}

/// The comparison in one sentence with its numbers, in points from -100 to 100.
pub(crate) fn summary(compared: &Compared) -> String {
    let Compared { class, pair, net, .. } = compared;
    let eligible = compared.segments.iter().filter(|segment| segment.eligible).count();
    let against = compared.segments.iter().filter(|segment| segment.eligible && segment.net.low > 0.0).count();
    let range = format!("({} to {})", points(net.low), points(net.high));
    let (preferred, spec) = match pair.split_once('>') {
        Some((first, second)) => (preference(first, second, net), format!("the spec's {second} over {first}")),
        None => (
            format!("people differ by {} points {range}", points(net.delta)),
            format!("the spec's {}", compared.position),
        ),
    };
    match class {
        FindingClass::ConsensusAgainst if eligible > 1 => {
            format!("{preferred} against {spec}; holds in all {eligible} segments")
        }
        FindingClass::ConsensusAgainst => format!("{preferred} against {spec}"),
        FindingClass::MajorityAgainst if eligible > 0 => {
            format!("{preferred} against {spec}; shown in {against} of {eligible} segments")
        }
        FindingClass::MajorityAgainst => format!("{preferred} against {spec}"),
        FindingClass::Polarised => format!("segments stand on opposite sides of {spec}; over all, {preferred}"),
        FindingClass::Agrees => {
            format!("people agree with {spec}: the net preference against it is {} points {range}", points(net.delta))
        }
        FindingClass::Insufficient => {
            format!(
                "nothing is shown for or against {spec}: the net preference against it is {} points {range}",
                points(net.delta)
            )
        }
    }
}

/// Who is preferred, by how much, the larger side named first.
fn preference(first: &str, second: &str, net: &Net) -> String {
    let (first, second, [delta, low, high]) = match net.delta < 0.0 {
        false => (first, second, [net.delta, net.low, net.high]),
        true => (second, first, [-net.delta, -net.high, -net.low]),
    };
    let [delta, low, high] = [delta, low, high].map(points);
    format!("people prefer {first} over {second} by {delta} points ({low} to {high})")
}

fn points(share: f64) -> i64 {
    (share * 100.0).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_suppressed_is_insufficient_and_else_not_known() {
        let read = |row: &str, segments: &str| {
            super::read(&format!(
                r#"{{"positions": {{"i": "A>B"}}, "report": {{"tables": [
                {{"id": "items", "columns": [{{"id": "item"}}, {{"id": "class"}}, {{"id": "pair"}}, {{"id": "delta"}},
                  {{"id": "delta_low"}}, {{"id": "delta_high"}}, {{"id": "p"}}], "rows": [{row}]}},
                {{"id": "segments", "columns": [{{"id": "item"}}, {{"id": "segment"}}, {{"id": "delta"}},
                  {{"id": "delta_low"}}, {{"id": "delta_high"}}, {{"id": "n_eff"}}, {{"id": "eligible"}}],
                  "rows": [{segments}]}}]}}}}"#
            ))
        };
        let nothing = Net { delta: 0.0, low: -1.0, high: 1.0 };
        let suppressed = |count: usize| vec![r#""suppressed""#; count].join(",");
        let told = r#"["i", "agrees", "B>A", -0.4, -0.6, -0.2, 1.0]"#;
        let segments = format!(r#"["i", "north", -0.4, -0.6, -0.2, 60, true], ["i", "west", {}]"#, suppressed(5));
        let found = &read(told, &segments).unwrap()[0];
        assert_eq!((found.class, found.net.delta), (FindingClass::Agrees, -0.4));
        let segment = |place: usize| (found.segments[place].eligible, found.segments[place].effective_n);
        assert_eq!([segment(0), segment(1)], [(true, 60.0), (false, 0.0)]);
        assert_eq!(found.segments[1].net, nothing);
        let found = &read(&format!(r#"["i", {}]"#, suppressed(6)), "").unwrap()[0];
        assert_eq!((found.class, &found.net, found.pair.as_str()), (FindingClass::Insufficient, &nothing, ""));
        assert_eq!(found.adjusted_p, 1.0);
        assert!(read(r#"["i", "agrees", "B>A", "none", -0.6, -0.2, 1.0]"#, "").is_err(), "no other word is a number");
    }

    #[test]
    fn every_class_has_its_sentence() {
        let segment = |low: f64, eligible| Segment {
            segment: "s".into(),
            net: Net { delta: low + 0.1, low, high: low + 0.2 },
            effective_n: 60.0,
            eligible,
        };
        let check = |class, segments: Vec<Segment>, want: &str| {
            let net = Net { delta: 0.24, low: 0.12, high: 0.36 };
            let (item, position, pair) = ("i".to_owned(), "A>B".to_owned(), "B>A".to_owned());
            let compared = Compared { item, position, class, pair, net, adjusted_p: 0.01, segments };
            assert_eq!(summary(&compared), want);
        };
        let people = "people prefer B over A by 24 points (12 to 36)";
        let spec = "the spec's A over B";
        let two = || vec![segment(0.1, true), segment(-0.1, true), segment(0.3, false)];
        check(FindingClass::ConsensusAgainst, two(), &format!("{people} against {spec}; holds in all 2 segments"));
        check(FindingClass::ConsensusAgainst, vec![segment(0.1, true)], &format!("{people} against {spec}"));
        check(FindingClass::MajorityAgainst, two(), &format!("{people} against {spec}; shown in 1 of 2 segments"));
        check(FindingClass::MajorityAgainst, vec![], &format!("{people} against {spec}"));
        check(
            FindingClass::Polarised,
            two(),
            &format!("segments stand on opposite sides of {spec}; over all, {people}"),
        );
        check(
            FindingClass::Agrees,
            two(),
            &format!("people agree with {spec}: the net preference against it is 24 points (12 to 36)"),
        );
        check(
            FindingClass::Insufficient,
            two(),
            &format!("nothing is shown for or against {spec}: the net preference against it is 24 points (12 to 36)"),
        );
        let with = preference("B", "A", &Net { delta: -0.24, low: -0.36, high: -0.12 });
        assert_eq!(with, "people prefer A over B by 24 points (12 to 36)", "the larger side is named first");
    }
}
