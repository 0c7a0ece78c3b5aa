//! What is written is read back as the same snapshot.

use std::path::Path;

use folkmoot_core::Answer;
use folkmoot_formats::{Policy, Source, TidyFiles, export, export_alignment, open, snapshot};
use folkmoot_snapshot::{Meta, Snapshot};

const COMPARISON: &str = r#"{"prompt_id":"p-1","prompt":{"messages":[{"role":"user","content":"Say it."}]},
"responses":[{"response_index":"A","messages":[{"role":"assistant","content":"yes"}]},{"response_index":"B","messages":[{"role":"assistant","content":"no"}]}],
"metadata":{"assessments":[
{"annotator_id":"n1","importance":"Not important (no meaningful harm if wrong)","representativeness":"It is 𝗻𝗼𝘁 𝗮𝘁 𝗮𝗹𝗹 likely that I would ask","subjectivity":"",
"ranking_blocks":{"world":[{"ranking":"A > B","rationale":"'=1+1"}],"personal":[{"ranking":"B>A","rationale":""}],"unacceptable":[{"rating":["B no"],"rationale":"harmful"}]}},
{"annotator_id":"n2","importance":"Very important (serious impact if wrong)","representativeness":"It is 𝘃𝗲𝗿𝘆 likely that I would ask","subjectivity":"",
"ranking_blocks":{"world":[{"ranking":"A=B","rationale":"same"}],"personal":[],"unacceptable":[]}}]}}"#;
const ANNOTATORS: &str = r#"{"annotator_id":"n1","demographics":{"age":"18-24","ideal-model-behavior":"be kind"},"assessments":[]}
{"annotator_id":"n2","demographics":{"age":"65+"},"assessments":[]}
"#;

fn alignment(dir: &Path) -> Snapshot {
    std::fs::write(dir.join("comparisons.jsonl"), COMPARISON.replace('\n', "")).unwrap();
    std::fs::write(dir.join("annotators.jsonl"), ANNOTATORS).unwrap();
    read(Source::detect(dir).unwrap(), &dir.join("sealed"))
}

fn read(source: Source, out: &Path) -> Snapshot {
    snapshot(open(source).unwrap(), out, Policy::Strict, Meta::default()).unwrap().0
}

#[test]
fn a_collective_alignment_folder_is_read_as_rankings_and_questions() {
    let dir = tempfile::tempdir().unwrap();
    let sealed = alignment(dir.path());
    let mut lines = Vec::new();
    sealed
        .for_each_row(|row| {
            let flags = row.answer.unacceptable_text(row.item).unwrap_or_default();
            let answer = row.answer.text(row.item);
            lines.push(format!("{} {} {} {answer} [{flags}]", row.item.id, row.participant, row.view.name()));
            Ok(())
        })
        .unwrap();
    assert_eq!(
        lines,
        [
            "p-1 n1 personal B>A [B]",
            "p-1 n1 world A>B [B]",
            "p-1 n2 world A=B [NA]",
            "p-1/importance n1 personal not-important-no-meaningful-harm-if-wrong []",
            "p-1/importance n2 personal very-important-serious-impact-if-wrong []",
            "p-1/representativeness n1 personal it-is-not-at-all-likely-that-i-would-ask []",
            "p-1/representativeness n2 personal it-is-very-likely-that-i-would-ask []",
            "p-1/unacceptable-why n1 personal harmful []",
            "ideal-model-behavior n1 personal be kind []",
        ]
    );
    assert_eq!(sealed.participants.attribute("age").unwrap().levels, ["18-24", "65+"]);
}

#[test]
fn the_collective_alignment_layout_reads_back_as_the_same_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    let sealed = alignment(dir.path());
    let out = tempfile::tempdir().unwrap();
    assert!(export_alignment::write(&sealed, out.path()).unwrap().is_empty());
    let again = read(Source::detect(out.path()).unwrap(), &out.path().join("sealed"));
    assert_eq!(again.hash(), sealed.hash());
}

#[test]
fn tidy_files_read_back_as_the_same_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    let sealed = alignment(dir.path());
    for extension in ["csv", "jsonl", "parquet"] {
        let out = tempfile::tempdir().unwrap();
        let at = |name: &str| out.path().join(name);
        export::items(&sealed, &at("items.json")).unwrap();
        export::responses(&sealed, &at(&format!("responses.{extension}"))).unwrap();
        export::participants(&sealed, &at(&format!("participants.{extension}"))).unwrap();
        let again = read(Source::detect(out.path()).unwrap(), &at("sealed"));
        assert_eq!(again.hash(), sealed.hash(), "{extension}");
    }
}

#[test]
fn words_that_look_like_formulas_are_neutralised_in_csv() {
    for (words, want) in [
        ("=1+1", "'=1+1"),
        ("'=1", "''=1"),
        ("'a'", "'a'"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("-x", "'-x"),
        ("a=b", "a=b"),
        ("", ""),
    ] {
        assert_eq!(export::neutralised(words), want);
    }
}

#[test]
fn preflib_counts_are_voters() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("00001-1.toi");
    let text = "# TITLE: lunch\n# NUMBER ALTERNATIVES: 3\n# ALTERNATIVE NAME 1: soup\n# ALTERNATIVE NAME 2: bread\n\
                # ALTERNATIVE NAME 3: rice\n2: 1,{2,3}\n1: 3\n";
    std::fs::write(&file, text).unwrap();
    let import = open(Source::detect(&file).unwrap()).unwrap();
    let item = import.items[0].clone();
    assert_eq!((item.id.as_str(), item.prompt.as_str(), import.participants.len()), ("00001-1", "lunch", 3));
    let text = |answer: &Answer| answer.text(&item);
    let rows: Vec<_> = import.rows.map(|row| row.unwrap()).map(|row| (row.participant, text(&row.answer))).collect();
    let want = [("voter-1", "1>2=3"), ("voter-2", "1>2=3"), ("voter-3", "3")];
    assert_eq!(rows, want.map(|(who, answer)| (who.to_owned(), answer.to_owned())));
}

#[test]
fn a_preflib_line_that_is_no_order_is_refused_with_its_place() {
    let check = |line: &str, want: &str| {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x.soc");
        std::fs::write(&file, format!("# ALTERNATIVE NAME 1: a\n# ALTERNATIVE NAME 2: b\n{line}\n")).unwrap();
        let found = match open(Source::PrefLib(file)) {
            Err(error) => error.to_string(),
            Ok(mut import) => import.rows.next().unwrap().unwrap_err().to_string(),
        };
        assert_eq!(found.replace(&format!("{}/", dir.path().display()), ""), want);
    };
    check("1,2", "x.soc:3: expected count: order");
    check("x: 1,2", "x.soc:3: the count is not a whole number");
    check("1: 1,9", "x.soc:3: order: the item offers no candidate \"9\"");
}

#[test]
fn a_folder_of_tidy_files_is_found_by_their_names() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("responses.csv"), "participant,item,answer\n").unwrap();
    let responses = dir.path().join("responses.csv");
    assert_eq!(Source::detect(dir.path()).unwrap(), Source::Tidy(TidyFiles { responses, ..Default::default() }));
    assert!(Source::detect(&dir.path().join("x.pdf")).is_err());
}
