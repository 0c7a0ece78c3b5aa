//! `folkmoot panel`: a lottery over panels of a pool, and a panel drawn from it, offline.

use std::collections::BTreeMap;
use std::path::PathBuf;

use folkmoot_core::{Code, Fault, Reason, Violation};
use folkmoot_fold::Report;
use folkmoot_formats::quotas::{self, Quota};
use folkmoot_formats::tidy;
use folkmoot_panel::{Bounds, Method, PanelError, Person, Quotas, Rule, select};
use folkmoot_report::terminal;
use serde_json::json;

use crate::Format;
use crate::failure::{End, Failure};
use crate::out::Session;

/// Tables too long for people; programs and spreadsheets get them.
const LONG: [&str; 3] = ["types", "people", "lottery"];

/// From whom to draw, and how.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  folkmoot panel --method leximin --pool pool.csv --quotas quotas.json --seats 40 --seed 'dice 3 1 4 6'
  folkmoot panel --method nash --pool pool.csv --quotas quotas.json --format csv --table people

Publish the lottery (--table lottery, --table people) before the seed is known; then anybody repeats the draw.
The exit code is 1 where no panel meets the quotas; the smallest relaxation is named.")]
pub struct Panel {
    /// What is made as large as can be.
    #[arg(long, value_enum, default_value_t = By::Leximin)]
    method: By,
    /// The people who can be drawn: a participants file.
    #[arg(long, value_name = "FILE")]
    pool: PathBuf,
    /// What every panel must look like: {"seats": 40, "quotas": [{"attribute": "gender", "levels":
    /// {"female": {"min": 19, "max": 21}}}]}.
    #[arg(long, value_name = "FILE")]
    quotas: PathBuf,
    /// Seats of the panel, in place of those of the quotas file.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    seats: Option<u32>,
    /// What the draw is made from: any words, best ones that nobody knew before.
    #[arg(long, value_name = "WORDS", default_value = "0")]
    seed: String,
    /// Which table of the report `--format csv` prints; the panel drawn where absent.
    #[arg(long, value_name = "ID", default_value = "panel")]
    table: String,
}

/// What is made as large as can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum By {
    /// The smallest probability, then the next, and so on.
    Leximin,
    /// The smallest probability.
    Maximin,
    /// The product of the probabilities.
    Nash,
}

impl From<By> for Method {
    fn from(by: By) -> Self {
        match by {
            By::Leximin => Self::Leximin,
            By::Maximin => Self::Maximin,
            By::Nash => Self::Nash,
        }
    }
}

pub(crate) fn run(panel: &Panel, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    let people = tidy::participants(&panel.pool)?;
    let pool: Vec<Person> =
        people.into_iter().map(|person| Person { id: person.id, attributes: person.attributes }).collect();
    let file = panel.quotas.display().to_string();
    let quotas = asked(quotas::read(&panel.quotas)?, panel.seats, &file)?;
    let method = Method::from(panel.method);
    let selection = select(&pool, &quotas, method).map_err(|error| fault(error, &file))?;
    let report = selection.report(&panel.seed, &selection.draw(&panel.seed));
    show(panel, method, report, session)?;
    Ok(End::Done)
}

fn show(panel: &Panel, method: Method, mut report: Report, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    match session.format() {
        Format::Json => session.json(&json!({"method": method.name(), "seed": panel.seed, "report": report})),
        Format::Csv => {
            let ids = report.tables.iter().map(|table| table.id.as_str()).collect::<Vec<_>>().join(", ");
            let message = || format!("the report has no table {:?}; it has {ids}", panel.table);
            let table = report.table(&panel.table).ok_or_else(|| Failure::input("--table", message()))?;
            session.csv(table)
        }
        Format::Table => {
            report.tables.retain(|table| !LONG.contains(&table.id.as_str()));
            let words = terminal::report(&report, session.width(), session.colour());
            session.print(&words)?;
            session.say(format!("--format csv --table {} has the rest", LONG.join("|")));
            Ok(())
        }
    }
}

/// The quotas of a file, with the seats of the flag before its own.
fn asked(read: quotas::Quotas, seats: Option<u32>, file: &str) -> Result<Quotas, Failure> {
    let Some(seats) = seats.or(read.seats) else {
        return Err(Failure::input(&format!("{file}: $.seats"), "say how many seats, here or with --seats"));
    };
    let bounds = |b: quotas::Bounds| Bounds { min: b.min, max: b.max.unwrap_or(seats.max(b.min)) };
    let quota = |(attribute, quota): (String, Quota)| {
        let rule = match quota {
            Quota::Levels(levels) => {
                Rule::Bounds(levels.into_iter().map(|(level, b)| (level, bounds(b))).collect::<BTreeMap<_, _>>())
            }
            Quota::Shares(shares) => Rule::Shares(shares),
        };
        folkmoot_panel::Quota { attribute, rule }
    };
    Ok(Quotas { seats, household: read.household, quotas: read.quotas.into_iter().map(quota).collect() })
}

fn fault(error: PanelError, file: &str) -> Fault {
    match error {
        PanelError::Input(problems) => {
            let place = |field: &str| if field == "pool" { field.to_owned() } else { format!("{file}: $.{field}") };
            let violation = |p: folkmoot_panel::Problem| Violation::new(place(&p.field), Reason::BadField, p.message);
            Fault::invalid(problems.into_iter().map(violation).collect())
        }
        PanelError::Infeasible(relaxation) => {
            Fault::new(Code::FailedPrecondition, Reason::QuotaInfeasible, format!("{file}: {relaxation}"))
        }
        PanelError::Solver(_) => Fault::internal(error),
    }
}
