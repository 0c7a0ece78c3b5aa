//! The real files, where they are at hand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use folkmoot_core::ItemKind;
use folkmoot_formats::{Policy, PolisVotes, Source, open, snapshot};
use folkmoot_snapshot::Meta;

fn data(path: &str) -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: real data not found");
    None
}

#[test]
fn polis_folders_have_the_voters_that_their_summaries_say() {
    // Statements with `moderated` -1 and the others in comments.csv; groups as stored in the exports: README
    // of the data.
    let check = |name: &str, [moderated_out, items]: [usize; 2], groups: Option<[usize; 3]>| {
        let Some(dir) = data(&format!("polis/{name}")) else { return };
        let summary = std::fs::read_to_string(dir.join("summary.csv")).unwrap();
        let voters: usize = summary.lines().find_map(|line| line.strip_prefix("voters,")).unwrap().parse().unwrap();
        let source = Source::detect(&dir).unwrap();
        assert_eq!(source, Source::Polis { dir, votes: PolisVotes::Matrix });
        let import = open(source).unwrap();
        assert_eq!(import.participants.len(), voters, "{name}");
        assert!(import.items.iter().all(|item| item.kind == ItemKind::Vote));
        assert_eq!(import.items.len(), items, "{name}");
        let note = format!("{moderated_out} statements that the moderators took out are left out with their votes");
        assert_eq!(import.notes.contains(&note), moderated_out > 0, "{name}: {:?}", import.notes);
        let mut counts: BTreeMap<Option<&str>, usize> = BTreeMap::new();
        for person in &import.participants {
            *counts.entry(person.attributes.get("group").map(String::as_str)).or_default() += 1;
        }
        if let Some([first, second, none]) = groups {
            let want = BTreeMap::from([(Some("0"), first), (Some("1"), second), (None, none)]);
            assert_eq!(counts, want, "{name}");
        }
        let out = tempfile::tempdir().unwrap();
        let (sealed, tally) = snapshot(import, out.path(), Policy::Strict, Meta::default()).unwrap();
        assert_eq!(sealed.manifest.parts.responses.rows, tally.kept);
        assert!(tally.kept > 2000, "{name}: {}", tally.kept);
        assert!(sealed.verify().unwrap().is_sound());
    };
    check("15-per-hour-seattle", [23, 31], None);
    check("brexit-consensus", [0, 50], Some([106, 91, 7]));
    check("scoop-hivemind.taxes", [57, 91], None);
    check("vtaiwan.uberx", [78, 119], Some([330, 889, 702]));
}

#[test]
fn the_last_event_of_the_vote_log_is_what_the_matrix_shows() {
    let Some(dir) = data("polis/brexit-consensus") else { return };
    let votes = |votes| {
        let import = open(Source::Polis { dir: dir.clone(), votes }).unwrap();
        let rows = import.rows.map(Result::unwrap).map(|row| ((row.participant, row.item), row.answer.encode()));
        rows.collect::<BTreeMap<_, _>>()
    };
    let (matrix, events) = (votes(PolisVotes::Matrix), votes(PolisVotes::Events));
    let same = matrix.iter().filter(|(key, vote)| events.get(*key) == Some(vote)).count();
    assert!(same as f64 > 0.99 * matrix.len() as f64, "{same} of {}", matrix.len());
}

#[test]
fn the_sample_prompts_are_items_of_four_candidates() {
    let Some(file) = data("collective-alignment/sample_prompts.jsonl") else { return };
    let import = open(Source::detect(&file).unwrap()).unwrap();
    assert_eq!(import.items.len(), 6);
    for item in &import.items {
        assert_eq!(item.candidates.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["A", "B", "C", "D"]);
    }
}
