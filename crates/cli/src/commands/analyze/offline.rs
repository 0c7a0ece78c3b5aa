//! An analysis of files, on this machine alone.

use std::ops::ControlFlow;
use std::path::Path;

use folkmoot_engine::{Progress, RunSpec};
use folkmoot_formats::{Policy, Source, Tally};
use folkmoot_methods::report::{Note, Severity};
use folkmoot_simulate::is_simulated;
use folkmoot_snapshot::{Meta, Participant};

use crate::commands::analyze::{Analyze, show};
use crate::failure::Failure;
use crate::input;
use crate::out::Session;

pub(crate) fn run(analyze: &Analyze, responses: &Path, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let spec = RunSpec {
        method: analyze.method.clone(),
        params: input::json_object("--params", analyze.params.as_deref())?,
        seed: analyze.seed,
        by: analyze.by.clone(),
        view: analyze.view.into(),
        items: analyze.item.clone(),
        replicates: analyze.replicates,
        ..Default::default()
    };
    let mut source = Source::detect(responses)?;
    add_files(&mut source, analyze)?;
    let import = folkmoot_formats::open(source)?;
    let mut noticed: Vec<Note> = import.notes.iter().map(|text| note(Severity::Info, "import", text)).collect();

    let folder = input::scratch()?;
    let policy = if analyze.keep_good { Policy::KeepGood } else { Policy::Strict };
    let made_up = |people: &[Participant]| !people.is_empty() && people.iter().all(|p| is_simulated(&p.id));
    let meta = Meta { simulated: made_up(&import.participants), ..Meta::default() };
    let (snapshot, tally) = folkmoot_formats::snapshot(import, folder.path(), policy, meta)?;
    if tally.refused > 0 {
        say_refused(&tally, session);
        let text = format!("{} of {} rows are left out: see stderr", tally.refused, tally.read);
        noticed.push(note(Severity::Warning, "rows_left_out", &text));
    }

    let bar = session.bar(&analyze.method);
    let mut progress = |progress: &Progress| {
        bar.set(progress.fraction, progress.phase.clone());
        ControlFlow::Continue(())
    };
    let result = folkmoot_engine::run(&snapshot, &spec, &mut progress)?;
    drop(bar);
    session.say(format!("result {} over snapshot {}", result.hash(), result.snapshot));
    show(&result, &noticed, analyze.table.as_deref(), session)
}

/// Puts the files beside tidy responses where they belong; other formats bring their own.
fn add_files(source: &mut Source, analyze: &Analyze) -> Result<(), Failure> {
    let Source::Tidy(files) = source else {
        let given = [("--participants", &analyze.participants), ("--items", &analyze.items)];
        return match given.into_iter().find(|(_, file)| file.is_some()) {
            Some((flag, _)) => Err(Failure::input(flag, "goes with tidy responses; this format brings its own")),
            None => Ok(()),
        };
    };
    files.participants = analyze.participants.clone().or(files.participants.take());
    files.items = analyze.items.clone().or(files.items.take());
    Ok(())
}

fn say_refused(tally: &Tally, session: &mut Session<'_, '_>) {
    session.say(tally.lines());
    session.say(format!("{} of {} rows are left out", tally.refused, tally.read));
}

fn note(severity: Severity, code: &str, text: &str) -> Note {
    Note { severity, code: code.to_owned(), text: text.to_owned() }
}
