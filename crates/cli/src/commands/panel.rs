//! `folkmoot panel`: a lottery over panels of a pool, and a panel drawn from it, offline.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use folkmoot_core::{Code, Fault, Reason, Violation};
use folkmoot_fold::Report;
use folkmoot_fold::report::Note;
use folkmoot_formats::quotas::{self, Quota};
use folkmoot_formats::tidy;
use folkmoot_panel::{Bounds, Method, PanelError, Person, Published, Quotas, Rule, select};
use folkmoot_report::terminal;
use serde_json::json;

use crate::Format;
use crate::failure::{End, Failure};
use crate::input;
use crate::out::Session;

/// Tables too long for people; programs and spreadsheets get them.
const LONG: [&str; 3] = ["types", "people", "lottery"];

/// From whom to draw, and how.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  folkmoot panel --method leximin --pool pool.csv --quotas quotas.json --seats 40 --seed 'dice 3 1 4 6'
  folkmoot panel --method nash --pool pool.csv --quotas quotas.json --format csv --table people
  folkmoot panel --pool pool.csv --quotas quotas.json --format json > lottery.json
  folkmoot panel --lottery lottery.json --seed 'dice 3 1 4 6'

Publish the lottery before the seed is known; then anybody repeats the draw from it, on any machine and without the pool.
The exit code is 1 where no panel meets the quotas; the smallest relaxation is named.")]
pub struct Panel {
    /// What is made as large as can be.
    #[arg(long, value_enum, default_value_t = By::Leximin)]
    method: By,
    /// The people who can be drawn: a participants file.
    #[arg(long, value_name = "FILE", required_unless_present = "lottery")]
    pool: Option<PathBuf>,
    /// What every panel must look like: {"seats": 40, "quotas": [{"attribute": "gender", "levels":
    /// {"female": {"min": 19, "max": 21}}}]}.
    #[arg(long, value_name = "FILE", required_unless_present = "lottery")]
    quotas: Option<PathBuf>,
    /// A lottery to draw from, as --format json printed it; in place of a pool and quotas.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["method", "pool", "quotas", "seats"])]
    lottery: Option<PathBuf>,
    /// Seats of the panel, in place of those of the quotas file.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    seats: Option<u32>,
    /// What the draw is made from: any words. For a public draw say beforehand where they will come from, such as
    /// dice thrown in public; without words the draw is a trial, from the seed 0.
    #[arg(long, value_name = "WORDS")]
    seed: Option<String>,
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

/// The seed of a trial.
const TRIAL: &str = "0";

pub(crate) fn run(panel: &Panel, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    let seed = panel.seed.as_deref().unwrap_or(TRIAL);
    let (method, mut report) = match (&panel.lottery, &panel.pool, &panel.quotas) {
        (Some(lottery), ..) => (None, published(lottery)?.draw(seed)),
        (None, Some(pool), Some(quotas)) => (Some(Method::from(panel.method)), chosen(panel, pool, quotas, seed)?),
        _ => return Err(Failure::input("--pool", "a pool and quotas are needed, or a lottery")),
    };
    report.notes.push(match panel.seed {
        Some(_) => Note::info("seed", format!("the draw is from the seed {seed:?}")),
        None => Note::warning(
            "no_seed",
            format!(
                "no seed was given: this is a trial, from the seed {TRIAL:?} that everybody knows; a public draw needs one \
                 whose source is announced in advance and that nobody knows before the lottery is published"
            ),
        ),
    });
    show(panel, method, seed, report, session)?;
    Ok(End::Done)
}

/// The lottery in what `--format json` printed.
fn published(file: &Path) -> Result<Published, Failure> {
    #[derive(serde::Deserialize)]
    struct Printed {
        report: Report,
    }
    let name = file.display().to_string();
    let printed: Printed =
        serde_json::from_slice(&input::bytes(file)?).map_err(|error| Failure::input(&name, error.to_string()))?;
    Published::read(&printed.report).map_err(|message| Failure::input(&name, message))
}

/// A lottery over the panels of a pool, and a panel drawn from it.
fn chosen(panel: &Panel, pool: &Path, quotas: &Path, seed: &str) -> Result<Report, Failure> {
    let people = tidy::participants(pool)?;
    let pool: Vec<Person> =
        people.into_iter().map(|person| Person { id: person.id, attributes: person.attributes }).collect();
    let file = quotas.display().to_string();
    let quotas = asked(quotas::read(quotas)?, panel.seats, &file)?;
    let selection = select(&pool, &quotas, panel.method.into()).map_err(|error| fault(error, &file))?;
    Ok(selection.report(seed, &selection.draw(seed)))
}

fn show(
    panel: &Panel,
    method: Option<Method>,
    seed: &str,
    mut report: Report,
    session: &mut Session<'_, '_>,
) -> Result<(), Failure> {
    match session.format() {
        Format::Json => session.json(&json!({"method": method.map(Method::name), "seed": seed, "report": report})),
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
            if method.is_some() {
                session.say(format!("--format csv --table {} has the rest", LONG.join("|")));
            }
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
