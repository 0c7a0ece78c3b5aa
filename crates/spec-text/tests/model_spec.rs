//! Six published revisions of a real spec give the numbers that were counted by hand and by a second
//! program (see the README of the data folder).

use folkmoot_spec_text::{Document, Edit, Summary, apply, diff, parse};

const REVISIONS: [&str; 6] =
    ["2025-02-12", "2025-04-11", "2025-09-12", "2025-10-27", "2025-12-18-rev1", "2025-12-18-rev2"];

fn sources() -> Option<Vec<String>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/model_spec");
    let read = |revision| std::fs::read_to_string(format!("{folder}/{revision}.md")).ok();
    let sources = REVISIONS.into_iter().map(read).collect();
    if Option::is_none(&sources) {
        println!("skipped: real data not found");
    }
    sources
}

fn documents() -> Option<Vec<Document>> {
    Some(sources()?.iter().map(|source| parse(source.as_bytes()).expect("a revision can be read")).collect())
}

#[test]
fn every_revision_has_its_clauses() {
    let Some(documents) = documents() else { return };
    let count = |what: fn(&Document) -> usize| documents.iter().map(what).collect::<Vec<_>>();
    assert_eq!(count(|d| d.clauses.iter().filter(|c| !c.generated_anchor).count()), [71, 71, 77, 78, 80, 80]);
    assert_eq!(count(|d| d.clauses.len()), [71, 71, 77, 78, 80, 80]);
    assert_eq!(count(|d| d.clauses.iter().filter(|c| c.authority.is_some()).count()), [51, 51, 57, 58, 59, 59]);
    // `grep -c '^!!! meta'`, `grep -c '^\*\*Example\*\*:'`.
    assert_eq!(count(|d| d.clauses.iter().map(|c| c.commentary.len()).sum()), [20, 20, 27, 28, 28, 28]);
    assert_eq!(count(|d| d.clauses.iter().map(|c| c.examples.len()).sum()), [154, 154, 173, 181, 183, 183]);
    for document in &documents {
        assert_eq!(document.warnings, [], "a published revision is clean");
    }
}

#[test]
fn every_step_has_its_changes() {
    let Some(documents) = documents() else { return };
    let steps: Vec<Summary> = documents.windows(2).map(|pair| diff(&pair[0], &pair[1]).summary).collect();
    let counts: Vec<_> = steps.iter().map(|s| (s.added, s.removed, s.changed, s.authority_changed)).collect();
    assert_eq!(counts, [(0, 0, 5, 0), (11, 5, 41, 19), (1, 0, 10, 0), (2, 0, 5, 0), (0, 0, 1, 0)]);
    // Counted with a second program: headings whose words differ.
    assert_eq!(steps.iter().map(|s| s.retitled).collect::<Vec<_>>(), [0, 2, 1, 0, 0]);
    // Read by eye: one section goes up within its parent, three go to another parent.
    assert_eq!(steps[1].moved, 4);
    for document in &documents {
        assert!(diff(document, document).is_empty());
    }
}

#[test]
fn a_clause_is_read_whole() {
    let Some(documents) = documents() else { return };
    let clause = documents[2].clause("letter_and_spirit").expect("the clause is there");
    assert_eq!((clause.title.as_str(), clause.level), ("Respect the letter and spirit of instructions", 2));
    assert_eq!((clause.authority.as_deref(), clause.parent.as_deref()), (Some("root"), Some("chain_of_command")));
    assert_eq!(clause.line, 283);
    assert!(clause.references.iter().any(|anchor| anchor == "control_side_effects"));
    assert!(clause.examples.iter().all(|example| example.language == "xml" && example.text.starts_with('<')));
}

#[test]
fn every_body_of_a_revision_can_become_that_of_the_next() {
    let (Some(sources), Some(documents)) = (sources(), documents()) else { return };
    let next = &documents[3];
    let edits: Vec<Edit> = documents[2]
        .clauses
        .iter()
        .filter_map(|clause| next.clause(&clause.anchor))
        .map(|clause| Edit::ReplaceBody { anchor: clause.anchor.clone(), body: clause.body.clone() })
        .collect();
    let adopted = apply(&sources[2], &edits).expect("the edits can be made");
    let left = diff(&parse(adopted.as_bytes()).expect("the result can be read"), next).summary;
    assert_eq!((left.changed, left.added, left.removed, left.retitled), (0, 1, 0, 1));
}
