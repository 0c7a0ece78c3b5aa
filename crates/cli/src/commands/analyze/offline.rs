//! An analysis of files, on this machine alone.

use std::ops::ControlFlow;

use folkmoot_engine::{Progress, Runnable, run_method, worth_while};
use folkmoot_formats::{Policy, Source, Tally};
use folkmoot_methods::report::{Note, Severity};
use folkmoot_simulate::is_simulated;
use folkmoot_snapshot::{Meta, Participant, Snapshot};
use tempfile::TempDir;

use super::options::{Files, How};
use super::show::show;
use crate::failure::Failure;
use crate::out::Session;
use crate::{input, plugins};

/// Files as a snapshot, which is gone with its folder.
pub(crate) struct Frozen {
    pub(crate) snapshot: Snapshot,
    /// What was assumed.
    notes: Vec<Note>,
    tally: Tally,
    _folder: TempDir,
}

/// Runs a method over files and shows the result.
pub(crate) fn over_files(
    runnable: Runnable<'_>,
    files: &Files,
    how: &How,
    session: &mut Session<'_, '_>,
) -> Result<(), Failure> {
    let name = plugins::name(&runnable.method.describe());
    let spec = how.spec(&name)?;
    let policy = if files.keep_good { Policy::KeepGood } else { Policy::Strict };
    let Frozen { snapshot, notes: mut noticed, tally, _folder } = freeze(source(files)?, policy)?;
    if tally.refused > 0 {
        say_refused(&tally, session);
        let text = format!("{} of {} rows are left out: see stderr", tally.refused, tally.read);
        noticed.push(note(Severity::Warning, "rows_left_out", &text));
    }

    let bar = session.bar(&name);
    let mut progress = |progress: &Progress| {
        bar.set(progress.fraction, progress.phase.clone());
        ControlFlow::Continue(())
    };
    let threads = files.threads.map_or_else(|| worth_while(&snapshot), usize::from);
    let result = run_method(runnable, &snapshot, &spec, threads, &mut progress).inspect_err(|_| {
        noticed.iter().for_each(|note| session.say(&note.text));
    })?;
    drop(bar);
    session.say(format!("result {} over snapshot {}", result.hash(), result.snapshot));
    if let Some(component) = result.method.component {
        session.say(format!("by the plugin {name}, component {component}"));
    }
    show(&result, &noticed, how.table.as_deref(), session)
}

/// Freezes files into a snapshot in a folder of its own.
pub(crate) fn freeze(source: Source, policy: Policy) -> Result<Frozen, Failure> {
    let import = folkmoot_formats::open(source)?;
    let notes = import.notes.iter().map(|text| note(Severity::Info, "import", text)).collect();
    let folder = input::scratch()?;
    let made_up = |people: &[Participant]| !people.is_empty() && people.iter().all(|p| is_simulated(&p.id));
    let meta = Meta { simulated: made_up(&import.participants), ..Meta::default() };
    let (snapshot, tally) = folkmoot_formats::snapshot(import, folder.path(), policy, meta)?;
    Ok(Frozen { snapshot, notes, tally, _folder: folder })
}

/// The responses with the files beside them; other formats than tidy ones bring their own.
fn source(files: &Files) -> Result<Source, Failure> {
    let Some(responses) = &files.responses else {
        return Err(Failure::input("--responses", "a file is needed"));
    };
    let mut source = Source::detect(responses)?;
    let Source::Tidy(tidy) = &mut source else {
        let given = [("--participants", &files.participants), ("--items", &files.items)];
        return match given.into_iter().find(|(_, file)| file.is_some()) {
            Some((flag, _)) => Err(Failure::input(flag, "goes with tidy responses; this format brings its own")),
            None => Ok(source),
        };
    };
    tidy.participants = files.participants.clone().or(tidy.participants.take());
    tidy.items = files.items.clone().or(tidy.items.take());
    Ok(source)
}

fn say_refused(tally: &Tally, session: &mut Session<'_, '_>) {
    session.say(tally.lines());
    session.say(format!("{} of {} rows are left out", tally.refused, tally.read));
}

fn note(severity: Severity, code: &str, text: &str) -> Note {
    Note { severity, code: code.to_owned(), text: text.to_owned() }
}
