//! The report: a row for each item, domain and option, and how the figures were made.

use folkmoot_inference::interval::Kind;

use super::cells::Cells;
use super::estimate::Proportion;
use super::survey::{Domain, Survey};
use crate::ballot::note_unanswered;
use crate::contract::MethodError;
use crate::preference::shares::options;
use crate::report::{Cell, Chart, ChartKind, Column, Note, Report, Table, Unit};

/// What the notes tell of all rows.
#[derive(Default)]
struct Seen {
    /// Degrees of freedom of everybody's answers.
    freedom: Vec<f64>,
    /// Items with a stratum of a single cluster.
    lonely: usize,
    /// Rows without an interval.
    without: usize,
    /// Rows with an interval of another kind than was asked for.
    replaced: usize,
}

/// # Errors
/// [`MethodError::Undefined`] where nobody answered any item.
pub(super) fn report(cells: &Cells) -> Result<Report, MethodError> {
    let survey = &cells.survey;
    let mut report = Report::default();
    let unanswered = (0..survey.items.len()).filter(|&item| cells.is_unanswered(item));
    note_unanswered(&mut report, survey.items.len(), unanswered.map(|item| survey.items[item].id.as_str()))?;
    let mut seen = Seen::default();
    let mut rows = Vec::new();
    for (place, item) in survey.items.iter().enumerate() {
        let mut lonely = 0;
        for domain in survey.domains() {
            for (option, name) in options(item).into_iter().enumerate() {
                let found = cells.proportion(place, option, domain)?;
                lonely = lonely.max(found.lonely);
                seen.add(survey, domain, &found);
                rows.push(row(&item.id, survey.label(domain), name, &found));
            }
        }
        seen.lonely += usize::from(lonely > 0);
    }
    report.tables.push(table(rows));
    report.charts.push(Chart {
        id: "proportions".into(),
        title: "Share of each option".into(),
        kind: ChartKind::DotInterval,
        table: "proportions".into(),
        x: "share".into(),
        y: "option".into(),
        group: Some(if survey.domains().len() > 1 { "domain" } else { "item" }.into()),
        value: None,
    });
    report.notes.extend(seen.notes(survey));
    Ok(report)
}

fn row(item: &str, domain: String, option: &str, found: &Proportion) -> Vec<Cell> {
    vec![
        item.into(),
        domain.into(),
        option.into(),
        // The cast is exact: no snapshot has as many answers.
        (found.rows as i64).into(),
        found.effective.into(),
        found.design_effect.into(),
        found.share.into(),
        found.interval.map(|interval| interval.low).into(),
        found.interval.map(|interval| interval.high).into(),
    ]
}

fn table(rows: Vec<Vec<Cell>>) -> Table {
    Table {
        id: "proportions".into(),
        title: "Share of each option".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("domain", "Among", Unit::None),
            Column::new("option", "Option", Unit::None),
            Column::new("n", "Answers", Unit::Count),
            Column::new("n_eff", "Effective answers", Unit::Count),
            Column::new("deff", "Design effect", Unit::Score),
            Column::estimate("share", "Share", Unit::Share),
            Column::new("share_low", "Lower end", Unit::Share),
            Column::new("share_high", "Upper end", Unit::Share),
        ],
        rows,
    }
}

impl Seen {
    fn add(&mut self, survey: &Survey, domain: Domain, found: &Proportion) {
        if domain == Domain::All && found.rows > 0 {
            self.freedom.push(found.freedom);
        }
        match found.interval {
            None => self.without += 1,
            Some(interval) => self.replaced += usize::from(interval.kind != survey.interval),
        }
    }

    fn notes(&self, survey: &Survey) -> Vec<Note> {
        let mut notes = vec![self.variant(survey), self.degrees()];
        notes.extend(self.lonely_strata(survey));
        notes.extend(unknown_levels(survey));
        if self.replaced > 0 {
            let words = format!(
                "{} shares are 0 or 1, where the interval is that of Korn and Graubard ({})",
                self.replaced,
                Kind::KornGraubard.name()
            );
            notes.push(Note::info("intervals_at_the_ends", words));
        }
        if self.without > 0 {
            let words = format!("{} rows have no degree of freedom and so no error and no interval", self.without);
            notes.push(Note::warning("without_interval", words));
        }
        notes
    }

    fn variant(&self, survey: &Survey) -> Note {
        let strata = if survey.stratum.is_some() { "stratified" } else { "unstratified" };
        let clusters = if survey.cluster.is_some() { "clusters" } else { "participants" };
        let drawn = match survey.is_finite() {
            true => "drawn without replacement from as many as the fpc says",
            false => "drawn with replacement",
        };
        let margins = survey.margin_names();
        let weights = match margins.is_empty() {
            true => "weights are taken as given".to_owned(),
            false => format!("what weighting to {} explains is taken out of them", margins.join(", ")),
        };
        Note::info(
            "design",
            format!(
                "a {strata} sample of {clusters}, {drawn}; variances are linearised, {weights}, and intervals are {} at \
                 level {}; n_eff is the simple random sample that would be as sure",
                survey.interval.name(),
                survey.level
            ),
        )
    }

    fn degrees(&self) -> Note {
        let least = self.freedom.iter().copied().fold(f64::INFINITY, f64::min);
        let most = self.freedom.iter().copied().fold(0.0, f64::max);
        let range = if least < most { format!("from {least} to {most}") } else { most.to_string() };
        Note::info(
            "freedom",
            format!(
                "degrees of freedom are clusters less strata, {range} for all answers; in a domain those clusters and \
                 strata count that have answers in it, while all stay in the variance"
            ),
        )
    }

    fn lonely_strata(&self, survey: &Survey) -> Option<Note> {
        survey.stratum?;
        let rule = "adds the square of its distance from the mean of all strata (the rule called adjust)";
        if self.lonely == 0 {
            let words = format!("no stratum has a single cluster; one that had would: it {rule}");
            return Some(Note::info("lonely_strata", words));
        }
        let words = format!("{} items have a stratum with a single cluster, which {rule}", self.lonely);
        Some(Note::warning("lonely_strata", words))
    }
}

fn unknown_levels(survey: &Survey) -> Option<Note> {
    let named = [(survey.stratum, "stratum"), (survey.cluster, "cluster")];
    let named: Vec<&str> = named.into_iter().filter_map(|(place, name)| place.map(|_| name)).collect();
    let words = || format!("people of no known {0} count as one more {0}", named.join(" or "));
    (!named.is_empty()).then(|| Note::info("unknown_levels", words()))
}
