//! What a method answers: scalars, tables, charts over those tables, and notes. The same report
//! feeds the terminal, the page, the JSON and the dataset.

use serde::{Deserialize, Serialize};

/// One value of a table or scalar. Never NaN or infinite: what is unknown is [`Cell::Null`], with a note.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// Nothing known.
    Null,
    /// Known and not told, since it rests on few answers: the word `suppressed`. Methods never give it, the
    /// host puts it where a run asks for that.
    Suppressed(Suppressed),
    /// Yes or no.
    Bool(bool),
    /// A count.
    Int(i64),
    /// A finite number.
    Float(f64),
    /// Words or an id.
    Text(String),
}

/// The word that stands for a figure which is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Suppressed {
    /// `suppressed`, in every format.
    #[serde(rename = "suppressed")]
    Word,
}

impl From<bool> for Cell {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}
impl From<i64> for Cell {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}
impl From<&str> for Cell {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}
impl From<String> for Cell {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}
impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Cell {
    /// What stands where a figure is not told.
    pub const SUPPRESSED: Self = Self::Suppressed(Suppressed::Word);

    /// The number, for charts and comparisons.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(n) => Some(*n as f64),
            Self::Float(x) => Some(*x),
            _ => None,
        }
    }

    /// The words.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// What the numbers of a column count or measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Words or ids.
    None,
    /// Whole answers or people.
    Count,
    /// Weighted answers, 1 the weight of one.
    Weight,
    /// From 0 to 1.
    Share,
    /// From -1 to 1.
    Correlation,
    /// A mean place in an order, 1 the best.
    Rank,
    /// Points of the method's own scale.
    Score,
    /// A probability under the null hypothesis.
    PValue,
}

/// A column of a table.
///
/// Two ids of [`Unit::Count`] are kept for what a host must know to suppress small cells: `n` is the base of
/// a row, the answers or people its figures are made of, never weighted; `count` is how many of these
/// gave the answer that the row is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Id within its table, such as `share`.
    pub id: String,
    /// What people read.
    pub label: String,
    /// What its numbers are.
    pub unit: Unit,
    /// Whether it is an estimate with uncertainty; the host may add its bootstrap interval as the
    /// columns `<id>_low` and `<id>_high`, unless the method gives them itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub estimate: bool,
}

impl Column {
    /// A column of ids, counts or plain figures.
    pub fn new(id: &str, label: &str, unit: Unit) -> Self {
        Self { id: id.to_owned(), label: label.to_owned(), unit, estimate: false }
    }

    /// A column of estimates.
    pub fn estimate(id: &str, label: &str, unit: Unit) -> Self {
        Self { estimate: true, ..Self::new(id, label, unit) }
    }
}

/// Rows of typed columns. Those that name a row come first; `segment` and `item` always name it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Id within the report, such as `shares`.
    pub id: String,
    /// What people read.
    pub title: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// One cell a column.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Place of the column `id`.
    pub fn column(&self, id: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.id == id)
    }

    /// The cell of `row` in the column `id`.
    pub fn cell<'a>(&'a self, row: &'a [Cell], id: &str) -> Option<&'a Cell> {
        self.column(id).and_then(|index| row.get(index))
    }
}

/// A single figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scalar {
    /// Id within the report.
    pub id: String,
    /// What people read.
    pub label: String,
    /// What the number is.
    pub unit: Unit,
    /// The figure.
    pub value: Cell,
}

/// How a table is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// One bar a row, from zero.
    Bar,
    /// A dot with its interval for each row.
    DotInterval,
    /// Bars to both sides of a middle.
    DivergingBar,
    /// A colour for each pair of row and column.
    HeatMap,
    /// A point a row.
    Scatter,
    /// Bands between columns of nodes: each row is the weight (`value`) that goes from the node `y` of the
    /// step `x` to the node `group` of the next step.
    Flow,
}

/// A declared picture of a table: ids of columns, no drawing.
///
/// In a [`ChartKind::Flow`] a row is a band as wide as `value`. It goes from the node `y` in the column of
/// nodes `x` to the node `group` in the next column, so that what stays has the same node at both ends. A
/// node is as high as the bands that leave it, in the last column as those that reach it. Bands of one
/// item make one picture, where the table has a column `item`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// Id within the report.
    pub id: String,
    /// What people read.
    pub title: String,
    /// How to draw it.
    pub kind: ChartKind,
    /// Id of the table.
    pub table: String,
    /// Column of the horizontal place (the value of bars and dots).
    pub x: String,
    /// Column of the vertical place (the label of bars and dots).
    pub y: String,
    /// Column that colours or facets, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Column of the colour of a heat map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// How much a note matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Changes how the figures should be read.
    Warning,
}

/// What happened on the way, in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// How much it matters.
    pub severity: Severity,
    /// Stable code, such as `small_groups_dropped`.
    pub code: String,
    /// The words.
    pub text: String,
}

impl Note {
    /// Good to know.
    pub fn info(code: &str, text: impl Into<String>) -> Self {
        Self { severity: Severity::Info, code: code.to_owned(), text: text.into() }
    }

    /// Changes how the figures should be read.
    pub fn warning(code: &str, text: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::info(code, text) }
    }
}

/// What a method answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Single figures.
    pub scalars: Vec<Scalar>,
    /// Tables.
    pub tables: Vec<Table>,
    /// Pictures of the tables.
    pub charts: Vec<Chart>,
    /// What happened on the way.
    pub notes: Vec<Note>,
}

impl Report {
    /// The table of that id.
    pub fn table(&self, id: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.id == id)
    }

    /// Puts all that another report says behind what this one does.
    pub fn append(&mut self, mut other: Self) {
        self.scalars.append(&mut other.scalars);
        self.tables.append(&mut other.tables);
        self.charts.append(&mut other.charts);
        self.notes.append(&mut other.notes);
    }

    /// Where the report breaks its own rules: a number that is not finite, a row of another length
    /// than its columns, a chart of a table or column that is not there. Empty for a sound report.
    pub fn defects(&self) -> Vec<String> {
        let bad = |cell: &Cell| matches!(cell, Cell::Float(x) if !x.is_finite());
        let mut found = Vec::new();
        found.extend(self.scalars.iter().filter(|s| bad(&s.value)).map(|s| format!("scalar {} is not finite", s.id)));
        for table in &self.tables {
            for (index, row) in table.rows.iter().enumerate() {
                if row.len() != table.columns.len() {
                    found.push(format!("table {} row {index} has {} cells", table.id, row.len()));
                }
                found.extend(
                    row.iter()
                        .position(bad)
                        .map(|c| format!("table {} row {index} column {c} is not finite", table.id)),
                );
            }
        }
        for chart in &self.charts {
            let wanted = [Some(&chart.x), Some(&chart.y), chart.group.as_ref(), chart.value.as_ref()];
            match self.table(&chart.table) {
                None => found.push(format!("chart {} draws no table", chart.id)),
                Some(table) => found.extend(
                    wanted
                        .into_iter()
                        .flatten()
                        .filter(|id| table.column(id).is_none())
                        .map(|id| format!("chart {} draws no column {id}", chart.id)),
                ),
            }
        }
        found
    }
}
