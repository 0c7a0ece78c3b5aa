//! What is refused, where and why; and that nobody is kept in part.

use std::path::{Path, PathBuf};

use folkmoot_formats::{FormatError, Policy, Source, TidyFiles, open, snapshot};
use folkmoot_snapshot::Meta;

const ITEMS: &str = r#"[
    {"id": "q", "kind": "rank", "prompt": "which", "candidates": [{"id": "A"}, {"id": "B"}, {"id": "C"}]},
    {"id": "s", "kind": "scale", "prompt": "how much", "scale": {"min": 0, "max": 10}}
]"#;

fn write(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn tidy(dir: &Path, name: &str, bytes: &[u8]) -> Source {
    let responses = write(dir, name, bytes);
    let items = Some(write(dir, "items.json", ITEMS.as_bytes()));
    Source::Tidy(TidyFiles { responses, participants: None, items })
}

/// The refusals of a file, without the folder in front.
fn refusals(name: &str, bytes: &[u8]) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let import = open(tidy(dir.path(), name, bytes)).unwrap();
    let front = format!("{}/", dir.path().display());
    import.rows.filter_map(Result::err).map(|refused| refused.to_string().replace(&front, "")).collect()
}

#[test]
fn a_refused_row_has_its_file_line_and_field() {
    let check = |name: &str, text: &[u8], want: &[&str]| assert_eq!(refusals(name, text), want, "{name}");
    check("r.csv", b"\xEF\xBB\xBFparticipant,item,answer\r\np1,q,A>B\r\np1,s,4\r\n", &[]);
    let crlf = b"participant,item,answer\r\np1,q,A>B\r\np1,s,NaN\r\n";
    check("r.csv", crlf, &["r.csv:3: answer: \"NaN\" is not a number"]);
    let header = "participant,item,answer,view,weight\n";
    let row = |row: &str| format!("{header}{row}\n").into_bytes();
    check("r.csv", &row("p1,q,A>D,,"), &["r.csv:2: answer: the item offers no candidate \"D\""]);
    check("r.csv", &row("p1,q,A>A,,"), &["r.csv:2: answer: the candidate \"A\" stands twice"]);
    check("r.csv", &row("p1,x,A,,"), &["r.csv:2: item: there is no item \"x\""]);
    check("r.csv", &row("p1,q,A,other,"), &["r.csv:2: view: \"other\" is not personal or world"]);
    check("r.csv", &row("p1,s,NaN,,"), &["r.csv:2: answer: \"NaN\" is not a number"]);
    check("r.csv", &row("p1,s,11,,"), &["r.csv:2: answer: 11 is not from 0 to 10"]);
    check("r.csv", &row("p1,s,1,,-1"), &["r.csv:2: weight: \"-1\" is not a number from 0 to 1000000"]);
    check("r.csv", &row("p1,s,1,,1000001"), &["r.csv:2: weight: \"1000001\" is not a number from 0 to 1000000"]);
    check("r.csv", &row("p1,s,1,,\n\n\n"), &[]);
    check("r.csv", &row("p1,s,1,,\np2,s,1,\"\","), &[]);
    check("r.csv", &row("p1,s,1,,\np2,s,1,,\"\np3,s,1,,"), &["r.csv:3: a quote is left open"]);
    let long = format!("p1,s,1,,\np2,s,1,,\"{}", "p3,s,1,,\n".repeat(400_000));
    check("r.csv", &row(&long), &["r.csv:3: the row has more than 1048576 bytes; is a quote left open?"]);
    check("r.csv", &row(",s,1,,"), &["r.csv:2: participant: a value is needed"]);
    check("r.csv", &row("p1,s,1,,\np2,q,A"), &["r.csv:3: the row has 3 cells, the header has 5"]);
    let mixed = [header.as_bytes(), b"p1,q,\xFF,,\n"].concat();
    check("r.csv", &mixed, &["r.csv:2: answer: the cell is not UTF-8"]);
    check("r.jsonl", b"{\"participant\":\"p1\",\"item\":\"s\",\"answer\":4}\n", &[]);
    check("r.jsonl", b"\n[1]\n", &["r.jsonl:2: the line is no JSON object"]);
    check(
        "r.jsonl",
        b"{\"participant\":\"p1\",\"item\":\"s\",\"answer\":[4]}",
        &["r.jsonl:1: answer: expected text or a number"],
    );
    check(
        "r.jsonl",
        b"{\"participant\":\"p1\",\"item\":\"s\",\"answer\":4,\"mood\":1}",
        &["r.jsonl:1: there is no column \"mood\""],
    );
    check("r.jsonl", b"{\"participant\":\"p\xFF\"}", &["r.jsonl:1: the line is not UTF-8"]);
    let truncated = refusals("r.jsonl", b"{\"participant\":\"p1\",\"it");
    assert_eq!(truncated.len(), 1);
    assert!(truncated[0].starts_with("r.jsonl:1: the line is no JSON: EOF"), "{truncated:?}");
}

#[test]
fn a_file_with_other_columns_or_of_no_format_is_refused_whole() {
    let check = |name: &str, bytes: &[u8], want: &str| {
        let dir = tempfile::tempdir().unwrap();
        let error = open(tidy(dir.path(), name, bytes)).err().expect("is refused");
        let text = error.to_string().replace(&format!("{}/", dir.path().display()), "");
        assert!(text.starts_with(want), "{text}");
    };
    let optional = "view,rationale,weight,submitted_at,duration_ms,unacceptable";
    let expected = format!("r.csv:1: columns: expected participant,item,answer and optionally {optional}; found ");
    check("r.csv", b"person,item,answer\n", &format!("{expected}person,item,answer"));
    check("r.csv", b"participant,item,answer,mood\n", &format!("{expected}participant,item,answer,mood"));
    check("r.csv", b"", &expected);
    check("r.parquet", b"PAR1 not really PAR1", "r.parquet:1: ");
}

#[test]
fn an_items_file_lists_every_violation_with_its_path() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(
        dir.path(),
        "items.json",
        br#"[{"id": "a b", "kind": "vote"}, {"id": "q", "kind": "rank"}, {"kind": 1}]"#,
    );
    let Err(FormatError::Items { violations, .. }) = folkmoot_formats::items::read(&file) else { panic!("is refused") };
    let fields: Vec<_> = violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["$[0].id", "$[1].candidates", "$[2]"]);
}

const MIXED: &[u8] = b"participant,item,answer\np1,q,A>B\np1,s,99\np2,q,B>A\np2,s,3\n";

#[test]
fn strict_lists_the_refusals_and_keeps_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let import = open(tidy(dir.path(), "r.csv", MIXED)).unwrap();
    let error = snapshot(import, &dir.path().join("out"), Policy::Strict, Meta::default()).expect_err("is refused");
    let text = error.to_string().replace(&format!("{}/", dir.path().display()), "");
    assert_eq!(text, "1 of 4 rows are refused\nr.csv:3: answer: 99 is not from 0 to 10");
    assert_eq!(std::fs::read_dir(dir.path().join("out")).unwrap().count(), 0);
}

#[test]
fn a_participant_is_kept_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let import = open(tidy(dir.path(), "r.csv", MIXED)).unwrap();
    let (sealed, tally) = snapshot(import, dir.path(), Policy::KeepGood, Meta::default()).unwrap();
    assert_eq!((tally.read, tally.kept, tally.refused), (4, 2, 2));
    assert_eq!(tally.first[0].message, "left out whole: line 3 of the same participant is refused");
    assert_eq!(sealed.participants.ids, ["p2"]);
    assert_eq!(sealed.manifest.parts.responses.rows, 2);
}

#[test]
fn an_answer_given_twice_is_refused_with_both_lines() {
    let text = b"participant,item,answer,view\np1,q,A>B,\np2,s,3,\np1,q,B>A,world\np1,q,B>A,\np2,q,A,\n";
    let dir = tempfile::tempdir().unwrap();
    let run = |policy| {
        let import = open(tidy(dir.path(), "r.csv", text)).unwrap();
        snapshot(import, &dir.path().join("out"), policy, Meta::default())
    };
    let want = "r.csv:5: p1 answered q on line 2 already";
    let found = run(Policy::Strict).expect_err("is refused").to_string();
    assert_eq!(found.replace(&format!("{}/", dir.path().display()), ""), format!("1 of 5 rows are refused\n{want}"));
    let (sealed, tally) = run(Policy::KeepGood).unwrap();
    assert_eq!((tally.read, tally.kept, tally.refused), (5, 4, 1));
    assert!(tally.lines().ends_with(want), "{}", tally.lines());
    assert_eq!(sealed.participants.ids, ["p1", "p2"]);
    assert_eq!(sealed.manifest.parts.responses.rows, 4);
}

#[test]
fn a_row_that_may_be_anybodys_lets_nobody_be_kept() {
    let check = |name: &str, bytes: &[u8], want: &str| {
        let dir = tempfile::tempdir().unwrap();
        let import = open(tidy(dir.path(), name, bytes)).unwrap();
        let error =
            snapshot(import, &dir.path().join("out"), Policy::KeepGood, Meta::default()).expect_err("is refused");
        let text = error.to_string().replace(&format!("{}/", dir.path().display()), "");
        assert!(text.starts_with(want) && text.ends_with("so nobody can be kept"), "{text}");
    };
    let row = "{\"participant\":\"p1\",\"item\":\"s\",\"answer\":4}\n";
    check("r.jsonl", format!("{row}{{\"participant\":\"p1\",\"it").as_bytes(), "r.jsonl:2: the line is no JSON");
    check("r.jsonl", &[row.as_bytes(), b"{\"participant\":\"p\xFF\"}"].concat(), "r.jsonl:2: the line is not UTF-8");
    check("r.csv", b"participant,item,answer\np1,s,4\np1,q,\"A\n", "r.csv:3: a quote is left open");
}

#[test]
fn a_duration_of_zero_is_not_measured() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = b"participant,item,answer,duration_ms\np1,s,4,0\np2,s,4,7\n";
    let rows = open(tidy(dir.path(), "r.csv", bytes)).unwrap().rows;
    assert_eq!(rows.map(|row| row.unwrap().duration_ms).collect::<Vec<_>>(), [None, Some(7)]);
}

#[test]
fn a_single_stray_cell_turns_no_item_into_text() {
    let check = |answers: &[&str], kind: &str, want: &[&str]| {
        let rows = answers.iter().enumerate().map(|(n, answer)| format!("p{n},i,{answer}\n"));
        let dir = tempfile::tempdir().unwrap();
        let text = format!("participant,item,answer\n{}", rows.collect::<String>());
        let responses = write(dir.path(), "r.csv", text.as_bytes());
        let import = open(Source::Tidy(TidyFiles { responses, ..Default::default() })).unwrap();
        assert_eq!(import.items[0].kind.name(), kind, "{answers:?}");
        let front = format!("{}/", dir.path().display());
        let refused = import.rows.filter_map(Result::err).map(|refused| refused.to_string().replace(&front, ""));
        assert_eq!(refused.collect::<Vec<_>>(), want, "{answers:?}");
    };
    check(&["1", "2", "x", "3"], "scale", &["r.csv:4: answer: \"x\" is not a number"]);
    check(&["1", "2", "x", "y", "3"], "text", &[]);
    check(&["1", "x", "3"], "text", &[]);
}

#[test]
fn kinds_are_inferred_and_said() {
    let check = |answers: &[&str], want: &str| {
        let dir = tempfile::tempdir().unwrap();
        let rows = answers.iter().enumerate().map(|(n, answer)| format!("p{n},i,\"{answer}\"\n"));
        let text = format!("participant,item,answer\n{}", rows.collect::<String>());
        let responses = write(dir.path(), "r.csv", text.as_bytes());
        let import = open(Source::Tidy(TidyFiles { responses, ..Default::default() })).unwrap();
        assert_eq!(import.notes, [format!("the kind of item i is inferred: {want}")]);
        assert_eq!(import.participants.len(), answers.len());
        let refused: Vec<_> = import.rows.filter_map(Result::err).collect();
        assert!(refused.is_empty(), "{refused:?}");
    };
    check(&["B>A=C", "A", "C>B -A"], "rank of A, B, C");
    check(&["A>B", "B=A"], "pair of A, B");
    check(&["agree", "pass"], "vote");
    check(&["1", "2.5"], "scale");
    check(&["A;B", "C", ""], "text");
    check(&["A;B", "C", "A"], "approve of A, B, C");
    check(&["yes", "no", "yes"], "choose of no, yes");
    check(&["kind:3;short:-2", "kind:1"], "rubric of kind, short");
    check(&["because I say so", "no"], "text");
}
