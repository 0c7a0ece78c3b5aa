//! `folkmoot round simulate`: nothing made here is evidence of what anybody thinks.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use folkmoot_client::wire;
use folkmoot_core::Fault;
use folkmoot_proto::response::SubmitResponsesRequest;
use folkmoot_report::terminal;
use folkmoot_simulate::{Effect, Plan, SimulatedParticipant, people, power};

use crate::Format;
use crate::commands::round::{get, items, submission};
use crate::failure::{End, Failure, violation_words};
use crate::input;
use crate::out::{Session, fields};
use crate::wire::connected;

/// Who is simulated, on what, and where it goes.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  folkmoot round simulate --items items.json --participants 1000 --dry-run
  folkmoot round simulate --items items.json --participants 1000 --effects effects.json --out simulated/
  folkmoot round simulate --round r1 --participants 1000

Simulated people say so: their ids start with sim-, their words with [simulated]. A round takes them
only where it was created with --simulated.")]
#[command(group(clap::ArgGroup::new("target").required(true).args(["out", "round", "dry_run"])))]
pub struct Simulate {
    /// The items file; with --round the round's own items where absent.
    #[arg(long, value_name = "FILE", required_unless_present = "round")]
    items: Option<PathBuf>,
    /// How many people.
    #[arg(long, value_name = "N")]
    participants: u32,
    /// Everything random follows from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Opinions to plant, by item: a JSON object of follows, polarised or indifferent.
    #[arg(long, value_name = "FILE")]
    effects: Option<PathBuf>,
    /// Fewest and most tasks of a person.
    #[arg(long, value_name = "LEAST..MOST", default_value = "5..20", value_parser = input::range)]
    tasks: RangeInclusive<u16>,
    /// Write tidy files into this folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Submit the answers to this open round.
    #[arg(long, value_name = "ID")]
    round: Option<String>,
    /// Make nobody: print how many answers to expect in each segment, and the power they give.
    #[arg(long, visible_alias = "power")]
    dry_run: bool,
    /// The attribute of a dry run's segments.
    #[arg(long, value_name = "ATTRIBUTE", default_value = "age", requires = "dry_run")]
    by: String,
    /// How much wider than among independent people of equal weights a dry run takes variances to be.
    #[arg(long, value_name = "DEFF", default_value_t = 1.0, requires = "dry_run")]
    design_effect: f64,
}

pub(crate) fn run(simulate: &Simulate, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    match (&simulate.out, &simulate.round) {
        (Some(folder), _) => write(&from_files(simulate)?, folder, session),
        (None, Some(round)) => submit(simulate, round, session),
        (None, None) => expect(simulate, &from_files(simulate)?, session),
    }
}

fn from_files(simulate: &Simulate) -> Result<Plan, Failure> {
    let file = simulate.items.as_deref().ok_or_else(|| Failure::input("--items", "an items file is needed"))?;
    plan(simulate, folkmoot_formats::items::read(file)?)
}

fn plan(simulate: &Simulate, items: Vec<folkmoot_core::Item>) -> Result<Plan, Failure> {
    let effects = match &simulate.effects {
        Some(file) => input::json_file::<BTreeMap<String, Effect>>(file)?,
        None => BTreeMap::new(),
    };
    let plan =
        Plan { tasks: simulate.tasks.clone(), effects, ..Plan::new(items, simulate.participants, simulate.seed) };
    plan.check()?;
    Ok(plan)
}

fn submit(simulate: &Simulate, round: &str, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    connected(session.global, async |mut folkmoot| {
        let round = get(&mut folkmoot, round).await?;
        if !round.simulated {
            let message = format!("{} was not created with --simulated; it takes people's answers only", round.name);
            return Err(Failure::input("--round", message));
        }
        let plan = match &simulate.items {
            Some(_) => from_files(simulate)?,
            None => plan(simulate, items(&mut folkmoot, &round.name).await?)?,
        };
        let everybody = plan.participants(0..plan.participants);
        let submissions = everybody.flat_map(|person| submissions(&plan, &round.name, person));
        let ingested = submission::send(&mut folkmoot, submissions, plan.participants.into(), session).await?;
        for rejection in &ingested.rejections {
            for violation in submission::why(rejection) {
                session.say(format!("submission {}: {}", rejection.sequence, violation_words(&violation)));
            }
        }
        let refused = ingested.rejections.len() as u64;
        let json = serde_json::json!({"submissions_accepted": ingested.accepted, "submissions_refused": refused});
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX).into();
        let facts = vec![("submissions accepted", count(ingested.accepted)), ("submissions refused", count(refused))];
        session.show(&fields("Simulated answers", facts), &json)?;
        Ok(if refused == 0 { End::Done } else { End::DataFails })
    })
}

fn submissions(plan: &Plan, round: &str, person: SimulatedParticipant) -> Vec<SubmitResponsesRequest> {
    let answer = |said: &folkmoot_simulate::SimulatedAnswer| {
        let (item, rationale) = (&plan.items[said.item], said.rationale.as_deref());
        wire::answer(item, said.view, &said.answer, rationale, Some(said.duration_ms), None)
    };
    let parts = person.answers.chunks(submission::MAX_ANSWERS);
    parts
        .map(|part| {
            let answers = part.iter().map(answer).collect();
            submission::submission(round, &person.id, person.attributes.clone(), None, answers)
        })
        .collect()
}

fn write(plan: &Plan, folder: &Path, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    fs::create_dir_all(folder).map_err(|error| Failure::file(folder, error))?;
    let items = serde_json::to_string_pretty(&plan.items).map_err(Fault::internal)?;
    let readme = readme(plan);
    for (name, text) in [("items.json", items), ("README.md", readme)] {
        let file = folder.join(name);
        fs::write(&file, text).map_err(|error| Failure::file(&file, error))?;
    }
    let answers = write_tables(plan, folder, session)?;
    session.say(format!("{} simulated participants, {answers} answers in {}", plan.participants, folder.display()));
    Ok(End::Done)
}

fn write_tables(plan: &Plan, folder: &Path, session: &Session<'_, '_>) -> Result<u64, Failure> {
    let create = |name: &str| {
        let file = folder.join(name);
        File::create(&file).map(csv::Writer::from_writer).map_err(|error| Failure::file(&file, error))
    };
    let broken = |error: csv::Error| Failure::file(folder, error);
    let mut participants = create("participants.csv")?;
    let attributes = people::ATTRIBUTES.iter().map(|attribute| attribute.name);
    participants.write_record(["participant"].into_iter().chain(attributes.clone())).map_err(broken)?;
    let mut responses = create("responses.csv")?;
    let columns = ["participant", "item", "view", "answer", "unacceptable", "rationale", "duration_ms"];
    responses.write_record(columns).map_err(broken)?;

    let bar = session.bar("simulating");
    let mut answers = 0;
    for person in plan.participants(0..plan.participants) {
        let levels = attributes.clone().map(|name| person.attributes.get(name).map_or("", String::as_str));
        participants.write_record([person.id.as_str()].into_iter().chain(levels)).map_err(broken)?;
        for said in &person.answers {
            let item = &plan.items[said.item];
            let row = [
                &person.id,
                &item.id,
                said.view.name(),
                &said.answer.text(item),
                &said.answer.unacceptable_text(item).unwrap_or_default(),
                said.rationale.as_deref().unwrap_or_default(),
                &said.duration_ms.to_string(),
            ];
            responses.write_record(row).map_err(broken)?;
            answers += 1;
        }
        bar.set(f64::from(person.index) / f64::from(plan.participants), "");
    }
    for table in [&mut participants, &mut responses] {
        table.flush().map_err(|error| Failure::file(folder, error))?;
    }
    Ok(answers)
}

fn readme(plan: &Plan) -> String {
    format!(
        "# Simulated answers\n\n\
        Nobody is behind these files: all {} participants were made by `folkmoot round simulate` from the seed {}, \
        on {} items. They are no evidence of what anybody thinks. The same seed, items and effects give the same \
        files.\n",
        plan.participants,
        plan.seed,
        plan.items.len(),
    )
}

/// What an organiser can know before asking anybody.
fn expect(simulate: &Simulate, plan: &Plan, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    let report = power::report(plan, &simulate.by, simulate.design_effect)?;
    match session.format() {
        Format::Json => session.json(&serde_json::to_value(&report).map_err(Fault::internal)?)?,
        Format::Table => session.print(&terminal::report(&report, session.width(), session.colour()))?,
        Format::Csv => {
            report.notes.iter().for_each(|note| session.say(&note.text));
            match report.table("segments") {
                Some(table) => session.csv(table)?,
                None => session.say("there is no table to print"),
            }
        }
    }
    Ok(End::Done)
}
