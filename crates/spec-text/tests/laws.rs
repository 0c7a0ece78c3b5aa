//! What holds for every document.

use folkmoot_spec_text::{ChangeKind, Edit, SpanKind, apply, diff, normalise, parse, redline};
use proptest::prelude::*;

/// Documents made of the pieces that reading is about.
fn markdown() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "(#|##|###|#{7}) [A-Ca-c]{0,2}( \\{#[a-z]{1,3}( authority=(user|root))?\\})?\n",
        "( {0,5}|\t)(```|~~~|~~~~)(xml|`)?\n",
        "(!!! meta \"Commentary\"\n(    [a-z# ]{0,6}\n){0,3})",
        "\\*\\*Example\\*\\*: [a-z]{0,3}\n",
        "[a-z ]{0,5}(\\[\\?\\]\\(#[a-z]{1,2}\\)|\\[\\^[a-z]\\]|`|\\[\\^a\\]: b)\r?\n",
        "(<!--|-->|---|\\{|\\}|\u{feff}|\u{301})\n?",
        "[ \n]{0,3}",
        "\\PC{0,8}\n",
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

/// Documents with a known number of clauses and harmless bodies.
fn plain_document() -> impl Strategy<Value = String> {
    let body = "([a-z]{1,5}[ \n]){0,6}";
    prop::collection::vec((1usize..4, body), 1..8).prop_map(|clauses| {
        let clause = |(index, (level, body)): (usize, (usize, String))| {
            format!("{} Clause {index} {{#c{index}}}\n{body}\n", "#".repeat(level))
        };
        clauses.into_iter().enumerate().map(clause).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn nothing_of_the_source_is_lost(source in markdown()) {
        let Ok(document) = parse(source.as_bytes()) else { return Ok(()) };
        let lines: Vec<&str> = source.split_inclusive('\n').collect();
        let mut again = String::from(if source.starts_with('\u{feff}') { "\u{feff}" } else { "" });
        again.push_str(&document.preamble);
        for clause in &document.clauses {
            let heading = lines[clause.line - 1];
            again.push_str(if clause.line == 1 { heading.trim_start_matches('\u{feff}') } else { heading });
            again.push_str(&clause.body);
        }
        prop_assert_eq!(again, source);
    }

    #[test]
    fn a_document_does_not_differ_from_itself(source in markdown()) {
        let Ok(document) = parse(source.as_bytes()) else { return Ok(()) };
        prop_assert!(diff(&document, &document).is_empty());
        let anchors: std::collections::HashSet<_> = document.clauses.iter().map(|clause| &clause.anchor).collect();
        prop_assert_eq!(anchors.len(), document.clauses.len());
    }

    #[test]
    fn a_body_put_back_leaves_every_byte(source in markdown()) {
        // Mixed line ends become those of the first line.
        let source = source.replace('\r', "");
        let Ok(document) = parse(source.as_bytes()) else { return Ok(()) };
        for clause in document.clauses {
            let edit = Edit::ReplaceBody { anchor: clause.anchor, body: clause.body };
            prop_assert_eq!(apply(&source, &[edit]), Ok(source.clone()));
        }
    }

    #[test]
    fn a_replaced_body_is_the_only_change(source in plain_document(), pick in any::<prop::sample::Index>()) {
        let before = parse(source.as_bytes()).unwrap();
        let clause = &before.clauses[pick.index(before.clauses.len())];
        let edit = Edit::ReplaceBody { anchor: clause.anchor.clone(), body: "ANOTHER TEXT".into() };
        let after = parse(apply(&source, &[edit]).unwrap().as_bytes()).unwrap();
        let diff = diff(&before, &after);
        let changes: Vec<_> = diff.clauses.iter().map(|c| (c.anchor.as_str(), c.kinds.as_slice())).collect();
        prop_assert_eq!(changes, [(clause.anchor.as_str(), &[ChangeKind::Changed][..])]);
        prop_assert_eq!(after.clause(&clause.anchor).unwrap().body.trim(), "ANOTHER TEXT");
    }

    #[test]
    fn any_accepted_edits_leave_a_readable_document(source in markdown(), body in markdown(), pick in any::<prop::sample::Index>()) {
        let Ok(before) = parse(source.as_bytes()) else { return Ok(()) };
        if before.clauses.is_empty() {
            return Ok(());
        }
        let anchor = before.clauses[pick.index(before.clauses.len())].anchor.clone();
        let edits = [
            Edit::ReplaceBody { anchor: anchor.clone(), body: body.clone() },
            Edit::InsertAfter { anchor: anchor.clone(), markdown: body.clone() },
            Edit::SetTitle { anchor: anchor.clone(), title: "New title".into() },
            Edit::SetAuthority { anchor: anchor.clone(), authority: Some("user".into()) },
            Edit::SetAuthority { anchor: anchor.clone(), authority: None },
            Edit::Remove { anchor: anchor.clone() },
        ];
        for edit in edits {
            let Ok(edited) = apply(&source, std::slice::from_ref(&edit)) else { continue };
            let after = parse(edited.as_bytes()).expect("what is accepted can be read");
            for change in diff(&before, &after).clauses {
                let is_named = change.anchor == anchor || change.is(ChangeKind::Added);
                prop_assert!(is_named, "{edit:?} changed {change:?}");
            }
        }
    }

    #[test]
    fn a_redline_holds_both_texts(before in "([a-d]{1,2}[ \n]{1,2}){0,20}", after in "([a-d]{1,2}[ \n]{1,2}){0,20}") {
        let spans = redline(&before, &after);
        let without = |kind| spans.iter().filter(|s| s.kind != kind).map(|s| s.text.as_str()).collect::<String>();
        prop_assert_eq!(without(SpanKind::Added), before);
        prop_assert_eq!(without(SpanKind::Removed), after);
    }

    #[test]
    fn normalising_twice_is_normalising_once(text in "\\PC{0,30}") {
        let once = normalise(&text);
        prop_assert_eq!(normalise(&once), once);
    }
}
